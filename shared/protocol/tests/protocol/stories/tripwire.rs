//! Decoys: one touch is known to everybody, keeps its source away for a while, and our own scanners are excused.

use std::net::IpAddr;
use std::time::Duration;

use protocol::address::Address;
use protocol::alert::{Alarm, Alert, Matter};
use protocol::coordinator::{self, Command, Event};
use protocol::errand::Errand;
use protocol::evidence::Evidence;
use protocol::limits;
use protocol::message::Message;
use protocol::node::{Input, Notice};
use protocol::signed::{Signable, Signed};
use protocol::tripwire::{Service, Touched};

use crate::rig::Mesh;
use crate::samples as sample;

const MINUTE: u64 = 60;

fn source(last: u8) -> Address {
    IpAddr::from([192, 0, 2, last]).into()
}

fn touched(last: u8, service: Service) -> Touched {
    Touched {
        source: source(last),
        service,
        port: 23,
        credentials: 0,
        said: None,
    }
}

fn touch(mesh: &mut Mesh, index: usize, last: u8) {
    let touched = touched(last, Service::Telnet);
    mesh.tell(index, Input::Touched(touched));
}

/// Running members that keep a source away at this moment, and the number of voices that each has heard.
fn kept_away(mesh: &Mesh, last: u8) -> Vec<usize> {
    let now = mesh.now().monotonic;
    let machines = mesh.members.iter();
    let machines = machines.filter_map(|member| member.machine.as_ref());
    let of_it = |machine: &protocol::node::Node| {
        let mut blocks = machine.blocks(now);
        blocks.find(|block| block.source == source(last))
    };
    let blocks = machines.filter_map(of_it);
    blocks.map(|block| block.voices).collect()
}

fn alerts(mesh: &Mesh) -> usize {
    mesh.hub.count(|event| match event {
        Event::Alert(alert) => matches!(alert.alarm.matter, Matter::Touched(_)),
        _ => false,
    })
}

fn excuse(mesh: &mut Mesh, last: u8) {
    mesh.tell_hub(coordinator::Input::Command(Command::Excuse {
        scanner: mesh.members[0].device,
        source: source(last),
        length: Duration::from_secs(600),
    }));
}

/// Evidence as a neighbour brings it.
fn bring<S: Signable>(
    mesh: &mut Mesh,
    to: usize,
    from: usize,
    signed: &Signed<S>,
    as_: fn(Vec<u8>) -> Evidence,
) {
    let from = mesh.members[from].peer();
    let evidence = vec![as_(signed.bytes().to_vec())];
    mesh.tell(
        to,
        Input::Frame {
            from,
            message: Message::Gossip { evidence },
        },
    );
}

/// An alert that a member signs without having been touched.
fn claim(mesh: &Mesh, liar: usize, number: u32, last: u8) -> Signed<Alert> {
    let member = &mesh.members[liar];
    let alert = Alert {
        device: member.device,
        position: sample::position(9, number),
        time: mesh.wall(),
        alarm: Alarm {
            subject: member.device,
            matter: Matter::Touched(touched(last, Service::Http)),
        },
    };
    Signed::seal(alert, &member.key())
}

#[test]
fn one_touch_is_known_to_all_with_the_coordinator_gone_and_keeps_the_source_away() {
    let mut mesh = Mesh::of(12);
    mesh.stop_hub();
    mesh.run(1);
    touch(&mut mesh, 4, 7);
    mesh.run(2);
    assert_eq!(kept_away(&mesh, 7), [1; 12]);
    mesh.run(MINUTE);
    assert!(
        kept_away(&mesh, 7).is_empty(),
        "one voice counts for a minute"
    );
    mesh.start_hub();
    mesh.run(60);
    assert_eq!(alerts(&mesh), 1);
}

#[test]
fn a_second_decoy_confirms_it_for_half_an_hour() {
    let mut mesh = Mesh::of(6);
    touch(&mut mesh, 1, 7);
    mesh.run(5);
    touch(&mut mesh, 2, 7);
    mesh.run(2);
    assert_eq!(kept_away(&mesh, 7), [2; 6]);
    mesh.run(25 * MINUTE);
    assert_eq!(kept_away(&mesh, 7), [2; 6]);
    mesh.run(6 * MINUTE);
    assert!(kept_away(&mesh, 7).is_empty());
}

#[test]
fn touches_of_one_source_are_one_alert_and_a_flood_of_sources_few() {
    let mut mesh = Mesh::of(6);
    for _ in 0..50 {
        touch(&mut mesh, 1, 7);
    }
    mesh.run(2);
    assert_eq!(alerts(&mesh), 1);
    for last in 10..110 {
        touch(&mut mesh, 2, last);
    }
    mesh.run(2);
    assert_eq!(alerts(&mesh), 1 + limits::TOUCHES_PER_MINUTE);
}

/// A second is too short for people: the name and the password that they typed afterwards were never said.
#[test]
fn whoever_speaks_later_is_said_once_more() {
    let mut mesh = Mesh::of(6);
    touch(&mut mesh, 1, 7);
    mesh.run(2);
    let spoke = Touched {
        credentials: 1,
        ..touched(7, Service::Telnet)
    };
    for _ in 0..5 {
        mesh.tell(1, Input::Touched(spoke.clone()));
        touch(&mut mesh, 1, 7);
    }
    mesh.run(2);
    assert_eq!(alerts(&mesh), 2);
}

#[test]
fn a_liar_keeps_few_away_and_nobody_for_long() {
    let mut mesh = Mesh::of(6);
    for number in 0..50 {
        let last = 10 + u8::try_from(number).expect("it is few");
        let alert = claim(&mesh, 5, number, last);
        bring(&mut mesh, 0, 5, &alert, |bytes| {
            Evidence::Alert(bytes.into())
        });
    }
    mesh.run(2);
    let away = |mesh: &Mesh| {
        (10..60)
            .filter(|last| !kept_away(mesh, *last).is_empty())
            .count()
    };
    assert_eq!(away(&mesh), limits::BLOCKS_PER_VOICE);
    mesh.run(MINUTE);
    assert_eq!(away(&mesh), 0);
}

#[test]
fn the_word_of_a_device_that_is_shut_out_keeps_nobody_away() {
    let mut mesh = Mesh::of(6);
    let alert = claim(&mesh, 5, 1, 7);
    mesh.retire(mesh.members[5].device, false);
    mesh.run(5);
    bring(&mut mesh, 0, 1, &alert, |bytes| {
        Evidence::Alert(bytes.into())
    });
    mesh.run(2);
    assert!(kept_away(&mesh, 7).is_empty());
}

#[test]
fn news_of_what_is_over_keeps_nobody_away() {
    let mut mesh = Mesh::of(6);
    mesh.stop(3);
    touch(&mut mesh, 1, 7);
    mesh.run(10 * MINUTE);
    mesh.start(3);
    mesh.run(2 * MINUTE);
    assert_eq!(mesh.members[3].kept_away, []);
}

#[test]
fn a_scanner_on_an_errand_touches_every_decoy_and_triggers_nothing() {
    let mut mesh = Mesh::of(6);
    excuse(&mut mesh, 7);
    mesh.run(2);
    for index in 0..6 {
        touch(&mut mesh, index, 7);
    }
    mesh.run(2);
    assert_eq!((alerts(&mesh), kept_away(&mesh, 7)), (0, vec![]));
    let excused = |notice: &Notice| matches!(notice, Notice::Excused { .. });
    assert!(
        mesh.members[4].notices.iter().any(excused),
        "it is told here"
    );
    touch(&mut mesh, 1, 8);
    mesh.run(2);
    assert_eq!(alerts(&mesh), 1, "others are not excused by it");
    mesh.run(11 * MINUTE);
    touch(&mut mesh, 2, 7);
    mesh.run(2);
    assert_eq!(alerts(&mesh), 2, "an errand has an end");
}

#[test]
fn an_errand_that_comes_late_lets_its_source_in_again() {
    let mut mesh = Mesh::of(6);
    touch(&mut mesh, 1, 7);
    mesh.run(2);
    assert_eq!(kept_away(&mesh, 7), [1; 6]);
    excuse(&mut mesh, 7);
    mesh.run(2);
    assert!(kept_away(&mesh, 7).is_empty());
    let last = mesh.members[2].kept_away.last();
    assert_eq!(last, Some(&(source(7), Duration::ZERO)));
}

#[test]
fn nobody_but_the_coordinator_excuses_and_not_for_longer_than_an_hour() {
    let mut mesh = Mesh::of(6);
    let errand = |hours: u64| Errand {
        mesh: sample::mesh(),
        source: source(7),
        from: mesh.wall(),
        until: mesh
            .wall()
            .saturating_add(Duration::from_secs(hours * 3600)),
        ..sample::tripwire::errand()
    };
    let forged = Signed::seal(errand(1), &sample::key(sample::DEVICE));
    let long = Signed::seal(errand(2), &sample::key(sample::ADMISSION));
    for signed in [forged, long] {
        bring(&mut mesh, 0, 1, &signed, |bytes| {
            Evidence::Errand(bytes.into())
        });
        mesh.run(2);
        touch(&mut mesh, 0, 7);
        mesh.run(2);
        assert_eq!(kept_away(&mesh, 7), [1; 6]);
        mesh.run(2 * MINUTE);
    }
}

#[test]
fn a_touch_before_a_life_may_sign_is_said_when_it_may() {
    let mut mesh = Mesh::of(6);
    mesh.stop(2);
    mesh.start(2);
    touch(&mut mesh, 2, 7);
    assert_eq!(
        mesh.members[2].kept_away.len(),
        1,
        "it defends itself at once"
    );
    mesh.run(30);
    assert_eq!(alerts(&mesh), 1);
}
