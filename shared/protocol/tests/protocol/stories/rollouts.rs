//! Rollouts: who is ordered when, what their words lead to, and that a coordinator which starts anew goes on.

use std::collections::BTreeMap;

use protocol::coordinator::{self, Command, RolloutError};
use protocol::install::{Order, Reason, State, Step, Worry};
use protocol::message::Message;
use protocol::release::Counter;
use protocol::rollout::{
    Approval, Cause, Exclusion, Fault, Image, Plan, Progress, Reach, Ring, Rollout, RolloutId,
    Stage, Word,
};
use protocol::statement::Statement;

use crate::rig::{Member, Mesh};
use crate::samples as sample;
use crate::samples::repository::{Firmware, published};

const FIRST: RolloutId = RolloutId(1);

fn plan() -> Plan {
    let ring = |reach| Ring {
        soak_s: 60,
        ..Ring::usual(reach)
    };
    Plan {
        image: Image {
            path: sample::path("firmware/camera/2.img"),
            target: sample::digest(0x31),
            product: sample::name("camera"),
            version: sample::name("2"),
            counter: Counter(2),
            hardware: vec![sample::start().model.expect("it has one")],
        },
        rings: vec![ring(Reach::Count(2)), ring(Reach::Share(100))],
        patience_s: 3600,
        approval: Approval::None,
        by: sample::name("anna"),
    }
}

/// A mesh in which everybody has said what it is, with a rollout that has started and whose orders are lost on the way.
fn started() -> Mesh {
    let mut mesh = Mesh::of(6);
    let hub = mesh.hub.peer();
    let peers: Vec<_> = mesh.members.iter().map(Member::peer).collect();
    let losing = peers.into_iter().map(|peer| (hub, peer, "install"));
    mesh.losing.extend(losing);
    mesh.run(60);
    begin(&mut mesh, plan());
    mesh
}

fn begin(mesh: &mut Mesh, plan: Plan) {
    let plan = Command::PlanRollout(Box::new(plan));
    mesh.tell_hub(coordinator::Input::Command(plan));
    say(mesh, Word::Start);
}

fn say(mesh: &mut Mesh, word: Word) {
    mesh.tell_hub(coordinator::Input::Command(Command::TellRollout {
        id: FIRST,
        word,
        by: sample::name("anna"),
    }));
    mesh.run(1);
}

fn rollout(mesh: &Mesh) -> Rollout {
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    let rollout = hub.rollout(FIRST).expect("it was planned");
    Rollout::clone(rollout)
}

/// Members that were ordered, by their places.
fn ordered(mesh: &Mesh) -> Vec<usize> {
    let rollout = rollout(mesh);
    let due = |index: &usize| rollout.due(&mesh.members[*index].device).is_some();
    (0..mesh.members.len()).filter(due).collect()
}

fn order(mesh: &Mesh, index: usize) -> Order {
    let due = rollout(mesh).due(&mesh.members[index].device);
    due.expect("it was ordered")
}

/// A member says a step, and then nothing more.
fn step(mesh: &mut Mesh, index: usize, order: &Order, state: State) {
    let statement = Statement::Install(Step {
        target: order.target,
        nonce: order.nonce,
        version: None,
        state,
    });
    let (head, body) = mesh.forge(index, &statement);
    let record = mesh.sign(index, head, body);
    mesh.hand_in(index, record);
    // Its own node would sign something else for that place.
    mesh.stop(index);
}

#[test]
fn the_canary_is_ordered_over_its_links_and_nobody_else() {
    let mesh = started();
    let canary = ordered(&mesh);
    assert_eq!(canary.len(), 2);
    let hub = mesh.hub.peer();
    for index in 0..6 {
        let told = mesh.count(hub, mesh.members[index].peer(), "install");
        assert_eq!(told, usize::from(canary.contains(&index)), "{index}");
    }
}

#[test]
fn an_order_that_nobody_answered_is_told_again_to_who_comes_back() {
    let mut mesh = started();
    let index = ordered(&mesh)[0];
    let (hub, peer) = (mesh.hub.peer(), mesh.members[index].peer());
    mesh.stop(index);
    mesh.start(index);
    mesh.run(20);
    assert!(mesh.count(hub, peer, "install") > 1);
    say(&mut mesh, Word::Abort);
    let told = mesh.count(hub, peer, "install");
    mesh.stop(index);
    mesh.start(index);
    mesh.run(90);
    assert_eq!(mesh.count(hub, peer, "install"), told);
}

#[test]
fn a_bad_image_is_halted_at_the_canary_for_everybody_and_its_witnesses_are_named() {
    let mut mesh = started();
    let bad = ordered(&mesh)[0];
    let order = order(&mesh, bad);
    let witness = mesh.members[5].device;
    let seen = Reason::Seen(Worry::Port(23), vec![witness]);
    step(&mut mesh, bad, &order, State::RolledBack(seen.clone()));
    mesh.run(5);
    let rollout = rollout(&mesh);
    assert_eq!(*rollout.stage(), Stage::Halted(Cause::Errors(0)));
    let faults: Vec<_> = rollout.failures().collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let machines = mesh.members.iter().filter_map(|one| one.machine.as_ref());
    let halted = machines.filter(|machine| machine.halted(&order.target));
    assert_eq!(halted.count(), 5, "all that run");
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    assert_eq!(hub.judge_plan(&plan()), Err(RolloutError::Halted(FIRST)));
}

#[test]
fn a_coordinator_that_starts_anew_goes_on_where_it_was() {
    let mut mesh = started();
    let before = rollout(&mesh);
    mesh.stop_hub();
    mesh.start_hub();
    assert_eq!(rollout(&mesh), before);
    mesh.run(30);
    let canary = ordered(&mesh);
    for index in canary {
        let order = order(&mesh, index);
        step(&mut mesh, index, &order, State::Committed);
    }
    mesh.stop_hub();
    mesh.run(10);
    mesh.start_hub();
    mesh.run(120);
    assert_eq!(rollout(&mesh).course().ring, 1);
    assert_eq!(ordered(&mesh).len(), 4);
}

#[test]
fn two_rollouts_of_one_product_do_not_run_at_once() {
    let mut mesh = started();
    let other = Plan {
        image: Image {
            target: sample::digest(0x32),
            ..plan().image
        },
        ..plan()
    };
    begin(&mut mesh, other);
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    let second = RolloutId(2);
    let judged = hub.judge_word(second, Word::Start, &sample::name("anna"));
    assert_eq!(judged, Err(RolloutError::Other(FIRST)));
    assert_eq!(hub.rollouts().count(), 2);
}

#[test]
fn a_forged_install_order_is_no_word_of_a_member() {
    let mut mesh = started();
    let index = ordered(&mesh)[0];
    let order = order(&mesh, index);
    let from = mesh.members[(index + 1) % 6].peer();
    let message = Message::Install { order };
    mesh.tell_hub(coordinator::Input::Frame { from, message });
    assert_eq!(*rollout(&mesh).stage(), Stage::Running);
}

/// Everybody can be updated, a release is published, and its rollout starts; `lies` opens a port that it hides.
fn rolled_out(lies: bool) -> (Mesh, Firmware) {
    let mut mesh = Mesh::of(6);
    let firmware = Firmware::new("2.1.0", 2, 20);
    for index in 0..6 {
        mesh.equip(index);
        if lies {
            let host = &mut mesh.members[index].host;
            host.opens.insert(firmware.target(), 23);
            host.hides_ports = true;
        }
    }
    let all = std::slice::from_ref(&firmware);
    mesh.publish(published(1, all), all);
    mesh.run(60);
    let image = Image {
        path: firmware.path(),
        target: firmware.target(),
        ..plan().image
    };
    begin(&mut mesh, Plan { image, ..plan() });
    (mesh, firmware)
}

#[test]
fn a_good_release_reaches_everybody_ring_by_ring() {
    let (mut mesh, _) = rolled_out(false);
    mesh.run(300);
    assert_eq!(
        rollout(&mesh).course().ring,
        0,
        "the canary is on probation"
    );
    mesh.run(1200);
    let rollout = rollout(&mesh);
    assert_eq!(*rollout.stage(), Stage::Finished);
    assert_eq!(rollout.kept(), 6);
}

#[test]
fn firmware_that_lies_is_stopped_at_its_canary_by_its_witnesses() {
    let (mut mesh, firmware) = rolled_out(true);
    mesh.run(120);
    let rollout = rollout(&mesh);
    assert_eq!(*rollout.stage(), Stage::Halted(Cause::Errors(0)));
    let seen = rollout.failures().all(|(_, fault)| match fault {
        Fault::Ended(State::RolledBack(Reason::Seen(Worry::Port(23), by))) => by.len() >= 2,
        _ => false,
    });
    assert!(seen, "{:?}", rollout.failures().collect::<Vec<_>>());
    let hub = mesh.hub.peer();
    let told = |member: &&Member| mesh.count(hub, member.peer(), "install") > 0;
    let touched = mesh.members.iter().filter(told).count();
    assert!(touched <= 2, "{touched}");
    let machines = mesh.members.iter().filter_map(|one| one.machine.as_ref());
    let held = machines.filter(|machine| machine.halted(&firmware.target()));
    assert_eq!(held.count(), 6, "everybody knows");
    let back = |member: &&Member| {
        let step = member.machine.as_ref().and_then(|one| one.updater().step());
        step.is_some_and(|step| matches!(step.state, State::RolledBack(_)))
    };
    assert_eq!(mesh.members.iter().filter(back).count(), touched);
}

#[test]
fn whoever_takes_releases_of_another_product_is_not_ordered_and_said_to_be_left_out() {
    let mut mesh = Mesh::of(4);
    mesh.products = BTreeMap::from([(1, "gate"), (2, "camera")]);
    for index in [1, 2] {
        mesh.stop(index);
        mesh.start(index);
    }
    mesh.run(60);
    begin(
        &mut mesh,
        Plan {
            rings: vec![Ring::usual(Reach::Share(100))],
            ..plan()
        },
    );
    let rollout = rollout(&mesh);
    let apart = |index: usize| {
        let entry = &rollout.entries()[&mesh.members[index].device];
        entry.progress == Progress::Apart(Exclusion::OtherProduct)
    };
    assert_eq!([0, 1, 2, 3].map(apart), [false, true, false, false]);
}
