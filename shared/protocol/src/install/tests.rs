//! Stories of one device and its updates.

mod rig;
mod table;

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::id::DeviceId;
use crate::time::Timestamp;
use rig::{Device, OLD, Shell, nonce, target, witness};

#[test]
fn a_good_release_is_committed_and_says_every_step() {
    let mut device = Device::new();
    device.order(1);
    device.settle();
    assert_eq!(device.state(), &State::Committed);
    assert_eq!(device.runs(), target(2));
    assert_eq!(device.install.floor(), Counter(2));
    let words: Vec<_> = device.said.iter().map(|step| step.state.word()).collect();
    let steps = [
        "announced",
        "trusted",
        "fetched",
        "installed",
        "probation",
        "committed",
    ];
    assert_eq!(words, steps);
    assert!(device.said.iter().all(|step| step.nonce == nonce(1)));
}

#[test]
fn the_floor_rises_only_when_the_slot_has_committed() {
    let mut device = Device::new();
    device.shell.commit = Shell::Never;
    device.order(1);
    device.run_for(Duration::from_secs(3600));
    assert_eq!(device.state(), &State::Committed);
    assert_eq!(device.install.floor(), OLD, "the slot has not committed");
    device.slots.fall_back();
    device.restart();
    device.settle();
    let reason = device.state().reason().expect("it has fallen back");
    assert_eq!(reason, &Reason::FellBack);
    assert_eq!(device.install.floor(), OLD);
}

#[test]
fn a_release_below_the_floor_is_refused_and_one_at_the_floor_is_not() {
    let mut device = Device::new();
    device.offer(3);
    device.order(1);
    device.settle();
    device.offer(2);
    device.order(2);
    device.settle();
    assert_eq!(device.state(), &State::Refused(Reason::BelowFloor));
    device.offer(9);
    device.release.counter = Counter(3);
    device.order(3);
    device.settle();
    assert_eq!(device.state(), &State::Committed);
    assert_eq!(device.runs(), target(9));
}

#[test]
fn metadata_that_names_another_target_is_not_followed() {
    let mut device = Device::new();
    device.order(1);
    device.shell.verified = Some(target(7));
    device.settle();
    assert_eq!(device.state(), &State::Refused(Reason::Untrusted));
}

#[test]
fn what_is_made_for_another_product_or_other_hardware_is_refused() {
    let mut device = Device::new();
    device.release.product = "door-lock".parse().unwrap();
    device.order(1);
    device.settle();
    assert_eq!(device.state(), &State::Refused(Reason::OtherProduct));
    device.offer(2);
    device.release.hardware = BTreeSet::from(["ipc-9".parse().unwrap()]);
    device.order(2);
    device.settle();
    assert_eq!(device.state(), &State::Refused(Reason::OtherHardware));
}

#[test]
fn an_order_that_is_repeated_is_not_obeyed_also_after_a_restart() {
    let mut device = Device::new();
    device.shell.healthy = false;
    device.order(1);
    device.settle();
    assert_eq!(device.state(), &State::RolledBack(Reason::Unhealthy));
    device.restart();
    let said = device.said.len();
    device.order(1);
    assert_eq!(device.declined, [Decline::Replayed]);
    device.shell.healthy = true;
    device.order(2);
    device.order(3);
    assert_eq!(device.declined, [Decline::Replayed, Decline::Busy]);
    device.settle();
    assert_eq!(device.state(), &State::Committed);
    assert_eq!(device.said.len(), said + 6);
}

#[test]
fn a_step_counts_once_and_for_its_own_order() {
    let mut device = Device::new();
    device.order(1);
    device.settle();
    let order = device
        .install
        .attempt()
        .expect("it was ordered")
        .order()
        .clone();
    let mut course = Course::new(order.clone());
    for step in &device.said {
        assert_eq!(course.take(step), Ok(()));
        assert_eq!(course.take(step), Err(Misstep::Replayed));
    }
    let early = course.take(&device.said[0]);
    assert_eq!(early, Err(Misstep::Replayed));
    let another = Order {
        nonce: nonce(2),
        ..order.clone()
    };
    let old = Course::new(another).take(&device.said[5]);
    assert_eq!(old, Err(Misstep::OtherOrder));
    let elsewhere = Order {
        target: target(5),
        ..order
    };
    let swapped = Course::new(elsewhere).take(&device.said[5]);
    assert_eq!(swapped, Err(Misstep::OtherTarget));
}

#[test]
fn two_witnesses_who_see_a_new_port_end_it_and_are_named() {
    let mut device = Device::on_probation();
    let worry = Worry::Port(23);
    device.views(1, Sight::Worries(worry));
    device.views(1, Sight::Worries(worry));
    assert_eq!(device.state(), &State::Probation, "one witness may lie");
    device.views(2, Sight::Answers);
    device.views(2, Sight::Worries(worry));
    device.settle();
    let by = vec![witness(1), witness(2)];
    let seen = State::RolledBack(Reason::Seen(worry, by));
    assert_eq!(device.state(), &seen);
    assert_eq!(device.said.last().map(|step| &step.state), Some(&seen));
    assert_ne!(device.runs(), target(2));
}

#[test]
fn who_answers_again_was_only_silent_for_a_while() {
    let mut device = Device::on_probation();
    device.views(1, Sight::Worries(Worry::Silent));
    device.views(1, Sight::Answers);
    device.views(2, Sight::Worries(Worry::Silent));
    device.views(2, Sight::Answers);
    device.settle();
    assert_eq!(device.state(), &State::Committed);
}

#[test]
fn a_port_that_the_device_itself_did_not_know_ends_it_at_once() {
    let mut device = Device::new();
    device.listen(&[22, 8080]);
    device.order(1);
    device.run_until(&State::Probation);
    device.listen(&[22, 8080]);
    assert_eq!(device.state(), &State::Probation);
    device.listen(&[22, 23, 8080]);
    device.settle();
    let seen = Reason::Seen(Worry::Port(23), Vec::new());
    assert_eq!(device.state(), &State::RolledBack(seen));
}

#[test]
fn what_listened_before_the_switch_is_known_also_after_a_restart() {
    let mut device = Device::new();
    device.listen(&[22]);
    device.order(1);
    device.run_until(&State::Installed);
    device.restart();
    device.run_until(&State::Probation);
    device.restart();
    device.settle();
    assert_eq!(device.state(), &State::Committed);
}

#[test]
fn a_port_that_policy_allows_may_begin_to_listen() {
    let mut device = Device::new();
    device.terms.ports = vec![8443];
    device.restart();
    device.order(1);
    device.run_until(&State::Probation);
    device.listen(&[8443]);
    device.settle();
    assert_eq!(device.state(), &State::Committed);
}

#[test]
fn without_witnesses_who_say_that_it_answers_it_goes_back() {
    let mut device = Device::new();
    device.shell.affirmed = false;
    device.order(1);
    device.settle();
    assert_eq!(device.state(), &State::RolledBack(Reason::Unwitnessed));
}

#[test]
fn the_verdict_waits_for_a_health_command_that_is_running() {
    let mut device = Device::on_probation();
    device.views(1, Sight::Answers);
    device.views(2, Sight::Answers);
    device.shell.check = Shell::Never;
    device.settle();
    assert_eq!(device.state(), &State::RolledBack(Reason::Hung(Act::Check)));
}

#[test]
fn a_halt_refuses_before_the_switch_and_takes_back_after_it() {
    let mut device = Device::new();
    device.order(1);
    device.run_until(&State::Fetched);
    device.hear(Input::Halted);
    assert_eq!(device.state(), &State::Refused(Reason::Halted));
    assert_eq!(device.discarded, [target(2)]);

    let mut device = Device::on_probation();
    device.hear(Input::Halted);
    device.settle();
    assert_eq!(device.state(), &State::RolledBack(Reason::Halted));

    let mut device = Device::new();
    device.order(1);
    device.settle();
    device.hear(Input::Halted);
    assert_eq!(device.state(), &State::Committed, "too late");
}

#[test]
fn a_closed_window_delays_the_switch_alone() {
    let mut device = Device::new();
    device.terms.window = Window::Daily {
        from_min: 60,
        until_min: 120,
        ahead_min: 0,
    };
    device.restart();
    device.order(1);
    device.run_for(Duration::from_secs(59 * 60));
    assert_eq!(device.state(), &State::Installed);
    device.settle();
    assert_eq!(device.state(), &State::Committed);
    assert!(device.now().wall >= Timestamp::from_millis(3_600_000));
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut device = Device::new();
    device.offer(0);
    for number in 0..=255 {
        device.order(number);
        device.settle();
        assert_eq!(device.state(), &State::Refused(Reason::BelowFloor));
    }
    let mut device = Device::new();
    device.listen(&(1..=2000).collect::<Vec<u16>>());
    for number in 0..=255 {
        device.order(number);
        device.settle();
    }
    assert!(device.saved.len() <= limits::INSTALL_BYTES);
    Memory::decode(&device.saved).expect("it reads back");
}

#[test]
fn every_end_fits_into_one_statement() {
    let by = (0..8).map(|number| DeviceId::from_bytes([number; 8]));
    let step = Step {
        target: target(2),
        nonce: nonce(1),
        version: Some("v".repeat(64).parse().unwrap()),
        state: State::RolledBack(Reason::Seen(Worry::Port(u16::MAX), by.collect())),
    };
    assert!(crate::cbor::length(&step) < limits::BODY_BYTES - 16);
    let ports: BTreeSet<u16> = (0..=u16::MAX).collect();
    let mut device = Device::new();
    device.hear(Input::Listening(ports));
    let listening = device.install.listening.as_ref().expect("it was told");
    assert!(listening.len() <= limits::LISTENING);
}
