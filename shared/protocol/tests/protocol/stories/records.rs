//! Records reach the coordinator: all of them, in order, once, and acknowledged when they are stored.

use std::collections::BTreeMap;

use protocol::coordinator::Event;
use protocol::coordinator::save::{Brought, Link};
use protocol::id::Digest;
use protocol::limits;
use protocol::node::{Input, Notice};
use protocol::proof::Contradiction;
use protocol::record::{Flags, Position, Record};
use protocol::statement::Statement;
use protocol::statement::host::{Disk, Interface, Process, Reading};

use crate::rig::Mesh;
use crate::samples as sample;

/// Everything that a member ever recorded is stored, in the order in which it was made.
fn assert_complete(mesh: &Mesh, index: usize) {
    let member = &mesh.members[index];
    assert_eq!(stored(mesh, index), member.made, "member {index}");
}

fn stored(mesh: &Mesh, index: usize) -> Vec<Position> {
    let records = mesh.hub.records(mesh.members[index].device);
    records.iter().map(|record| record.position).collect()
}

#[test]
fn records_arrive_in_order_and_are_acknowledged() {
    let mut mesh = Mesh::of(3);
    mesh.run(300);
    for index in 0..3 {
        assert_complete(&mesh, index);
        let member = &mesh.members[index];
        let acknowledged = member.disk.memory.acknowledged;
        assert_eq!(acknowledged, member.made.last().copied());
        let chained = mesh.hub.records(member.device).iter().skip(1);
        assert!(chained.clone().count() > 30);
        assert!(chained.clone().all(|record| record.link == Link::Chained));
        assert!(chained.clone().all(|record| record.statement.is_some()));
    }
}

#[test]
fn a_node_cut_off_for_hours_and_rebooted_loses_nothing() {
    let mut mesh = Mesh::of(4);
    let peer = mesh.members[0].peer();
    mesh.cut(peer);
    mesh.run(3 * 3600);
    mesh.stop(0);
    mesh.run(20);
    mesh.start(0);
    mesh.run(1800);
    assert!(stored(&mesh, 0).len() < 10);
    mesh.mend(peer);
    mesh.run(180);
    assert!(mesh.members[0].made.len() > 1_200);
    assert_complete(&mesh, 0);
    assert!(mesh.members[0].notices.contains(&Notice::CaughtUp));
    assert_eq!(mesh.equivocations(), 0);
}

#[test]
fn a_link_that_breaks_again_and_again_loses_nothing_and_doubles_nothing() {
    let mut mesh = Mesh::of(2);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    for round in 0..60 {
        mesh.part(hub, peer);
        mesh.run(1 + round % 23);
    }
    mesh.run(60);
    assert_complete(&mesh, 0);
}

#[test]
fn a_frame_that_is_lost_is_asked_for_again() {
    let mut mesh = Mesh::of(2);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    let told = mesh.count(hub, peer, "standing");
    mesh.losing.insert((peer, hub, "record"));
    mesh.run(10);
    mesh.losing.clear();
    assert_eq!(
        mesh.hub.records(mesh.members[0].device).len() + 1,
        mesh.members[0].made.len()
    );
    mesh.run(50);
    assert_eq!(mesh.count(hub, peer, "standing"), told + 1);
    assert_complete(&mesh, 0);
}

/// A full queue can swallow the acknowledgement of the last record of a page, or that record. The
/// coordinator then has nothing to say, so the link counts as dead and the next one begins anew.
#[test]
fn a_lost_acknowledgement_holds_nothing_up_for_long() {
    for word in ["ack", "record"] {
        let mut mesh = Mesh::of(2);
        let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
        mesh.block(hub, peer);
        mesh.run(1200);
        mesh.unblock(hub, peer);
        let (from, to) = if word == "ack" {
            (hub, peer)
        } else {
            (peer, hub)
        };
        mesh.losing.insert((from, to, word));
        while !mesh.is_linked(hub, peer) {
            mesh.run(1);
        }
        mesh.run(2);
        mesh.losing.clear();
        mesh.run(180);
        assert_complete(&mesh, 0);
        assert!(mesh.members[0].notices.contains(&Notice::CaughtUp));
    }
}

#[test]
fn a_silent_coordinator_gets_no_more_records_than_may_be_in_flight() {
    let mut mesh = Mesh::of(1);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    let before = mesh.count(peer, hub, "record");
    let machine = mesh.hub.machine.take();
    for _ in 0..300 {
        mesh.tell(0, Input::Reading(Box::default()));
    }
    assert_eq!(
        mesh.count(peer, hub, "record") - before,
        limits::RECORDS_IN_FLIGHT
    );
    mesh.hub.machine = machine;
    mesh.run(300);
    assert!(mesh.members[0].made.len() > 300);
    assert_complete(&mesh, 0);
}

#[test]
fn a_record_that_was_stored_before_is_acknowledged_and_not_stored_again() {
    let mut mesh = Mesh::of(1);
    let device = mesh.members[0].device;
    mesh.run(60);
    for place in [0, 2, mesh.hub.records(device).len() - 1] {
        again(&mut mesh, place);
    }
    let (mut head, body) = mesh.forge(0, &Statement::Start(sample::start()));
    head.position = Position::first(head.position.incarnation.next());
    let begun = mesh.sign(0, head, body);
    mesh.hand_in(0, begun);
    let newest = mesh.hub.records(device).len() - 1;
    again(&mut mesh, newest);
}

/// Hands in a record that is stored already.
fn again(mesh: &mut Mesh, place: usize) {
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    let known = mesh.hub.records(mesh.members[0].device).to_vec();
    let acknowledged = mesh.count(hub, peer, "ack");
    mesh.hand_in(0, known[place].record.clone());
    assert_eq!(mesh.count(hub, peer, "ack"), acknowledged + 1);
    assert_eq!(stored(mesh, 0).len(), known.len());
}

#[test]
fn a_record_that_breaks_its_chain_is_not_taken_and_convicts() {
    let mut mesh = Mesh::of(1);
    let (mut head, body) = mesh.forge(0, &Statement::Reading(Reading::default()));
    head.previous = Digest::ZERO;
    let record = mesh.sign(0, head.clone(), body);
    let before = stored(&mesh, 0).len();
    mesh.hand_in(0, record);
    assert_eq!(stored(&mesh, 0).len(), before);
    let proven = Event::Proven {
        device: Some(head.device),
        contradiction: Contradiction::Chain(head.position),
        brought: Brought::Found,
    };
    assert_eq!(mesh.hub.count(|event| *event == proven), 1);
}

/// The coordinator holds no heads after a start: the store has to say what stood before.
#[test]
fn a_record_that_breaks_its_chain_convicts_after_a_start_too() {
    let mut mesh = Mesh::of(1);
    mesh.stop(0);
    mesh.stop_hub();
    mesh.start_hub();
    let (mut head, body) = mesh.forge(0, &Statement::Reading(Reading::default()));
    head.previous = Digest::ZERO;
    let record = mesh.sign(0, head, body);
    let (from, device) = (mesh.members[0].peer(), mesh.members[0].device);
    mesh.tell_hub(protocol::coordinator::Input::LinkUp { peer: from });
    mesh.hand_in(0, record);
    assert!(mesh.hub.roster.is_convicted(&device));
}

#[test]
fn a_record_of_another_or_of_nobody_is_not_taken() {
    let mut mesh = Mesh::of(2);
    let statement = Statement::Reading(Reading::default());
    let what = "a record that does not check";
    let (head, body) = mesh.forge(1, &statement);
    let others = mesh.sign(1, head, body);
    assert_not_taken(&mut mesh, others, what);
    let (head, body) = mesh.forge(0, &statement);
    let forged = mesh.sign(1, head.clone(), body.clone());
    assert_not_taken(&mut mesh, forged, what);
    let (_, other_body) = mesh.forge(1, &Statement::Start(sample::start()));
    let exchanged = mesh.sign(0, head.clone(), other_body);
    assert_not_taken(&mut mesh, exchanged, what);
    let torn = Record {
        head: b"no head at all".to_vec().into(),
        body: body.clone(),
    };
    assert_not_taken(&mut mesh, torn, what);
    let good = mesh.sign(0, head, body);
    let before = stored(&mesh, 0).len();
    mesh.hand_in(0, good);
    assert_eq!(
        stored(&mesh, 0).len(),
        before + 1,
        "or the rest proves nothing"
    );
}

fn assert_not_taken(mesh: &mut Mesh, record: Record, why: &'static str) {
    let before = stored(mesh, 0).len();
    let misbehaved = Event::Misbehaviour {
        device: Some(mesh.members[0].device),
        what: why,
    };
    let events = mesh.hub.count(|event| *event == misbehaved);
    mesh.hand_in(0, record);
    assert_eq!(stored(mesh, 0).len(), before);
    assert_eq!(mesh.hub.count(|event| *event == misbehaved), events + 1);
}

#[test]
fn a_body_that_cannot_be_opened_is_stored_all_the_same() {
    let mut mesh = Mesh::of(1);
    let (mut head, _) = mesh.forge(0, &Statement::Reading(Reading::default()));
    let foreign = sample::body();
    head.body = foreign.digest();
    let record = mesh.sign(0, head, foreign);
    mesh.hand_in(0, record);
    let device = mesh.members[0].device;
    let last = mesh.hub.records(device).last().unwrap();
    assert!(last.statement.is_none());
}

#[test]
fn a_reading_with_long_lists_is_recorded_without_them() {
    let mut mesh = Mesh::of(1);
    let process = Process {
        name: sample::name(&"p".repeat(64)),
        count: 1,
        memory_kib: 1,
    };
    mesh.members[0].reading.processes = Some(vec![process; limits::PROCESSES * 2]);
    mesh.members[0].reading.cpu_permille = 321;
    mesh.run(30);
    let reading = last_reading(&mesh);
    assert_eq!((reading.cpu_permille, reading.processes), (321, None));
    assert_complete(&mesh, 0);
}

/// Story: a gateway with long names of disks and interfaces that also witnesses sixteen devices
/// filled its body without any list that can be left out, and nothing was recorded at all.
#[test]
fn a_reading_that_is_long_without_its_lists_is_recorded_too() {
    let mut mesh = Mesh::of(1);
    let before = mesh.members[0].made.len();
    let long = sample::name(&"n".repeat(64));
    mesh.members[0].reading = Reading {
        cpu_permille: 321,
        memory_used_kib: u64::MAX,
        disks: vec![
            Disk {
                mount: long.clone(),
                used_mib: u64::MAX,
                total_mib: u64::MAX,
            };
            limits::DISKS * 3
        ],
        interfaces: vec![
            Interface {
                name: long,
                received: u64::MAX,
                sent: u64::MAX,
            };
            limits::INTERFACES * 3
        ],
        ..Reading::default()
    };
    mesh.run(30);
    assert!(mesh.members[0].made.len() > before);
    assert_eq!(last_reading(&mesh).cpu_permille, 321);
}

fn last_reading(mesh: &Mesh) -> Reading {
    let records = mesh.hub.records(mesh.members[0].device);
    match records.last().and_then(|last| last.statement.clone()) {
        Some(Statement::Reading(reading)) => reading,
        other => panic!("not a reading: {other:?}"),
    }
}

#[test]
fn a_coordinator_that_restarts_goes_on_where_its_store_ends() {
    let mut mesh = Mesh::of(3);
    mesh.stop_hub();
    mesh.run(600);
    mesh.start_hub();
    mesh.run(120);
    for index in 0..3 {
        assert_complete(&mesh, index);
        let begun = mesh.members[index].starts().len();
        assert_eq!(begun, 1, "nobody had to start again");
    }
    let token = Mesh::token_id(1);
    let known = mesh
        .hub
        .machine
        .as_ref()
        .unwrap()
        .usable_token(token, mesh.wall());
    known.expect_err("a used token stays used");
}

/// Story: after the coordinator came back from an older backup, nodes had already dropped what it
/// had acknowledged and lost. They sent what they still had, it asked for what it missed, for ever.
#[test]
fn a_coordinator_restored_from_an_older_backup_takes_records_again() {
    let mut mesh = Mesh::of(2);
    let backup = mesh.hub.store.clone();
    mesh.run(300);
    mesh.stop_hub();
    mesh.hub.store = backup;
    mesh.run(30);
    mesh.start_hub();
    mesh.run(180);
    for index in 0..2 {
        let newest = mesh.members[index].made.last().copied();
        assert_eq!(stored(&mesh, index).last().copied(), newest);
        let device = mesh.members[index].device;
        let gaps = mesh
            .hub
            .records(device)
            .iter()
            .filter(|record| record.link == Link::Gap);
        assert_eq!(gaps.count(), 1, "the loss shows");
    }
    assert_eq!(mesh.equivocations(), 0);
}

#[test]
fn witnesses_hold_the_newest_head_and_two_of_them_the_bodies() {
    let mut mesh = Mesh::of(5);
    mesh.run(120);
    for index in 0..5 {
        let device = mesh.members[index].device;
        let witnesses = mesh.hub.roster.rings().witnesses(&device);
        assert_eq!(witnesses.len(), 4);
        for (ring, witness) in witnesses.iter().enumerate() {
            let member = mesh.members.iter().find(|member| member.device == *witness);
            let disk = &member.unwrap().disk;
            assert!(disk.memory.witnessed.contains_key(&device), "ring {ring}");
            let kept = disk.custody.get(&device).map_or(0, BTreeMap::len);
            assert_eq!(
                kept > 5,
                ring < limits::CUSTODIANS,
                "ring {ring} keeps {kept}"
            );
        }
    }
}

/// A record is a sign of life: a beat that falls due with it only costs bytes.
#[test]
fn a_node_beats_once_between_two_records() {
    let mut mesh = Mesh::of(3);
    let (from, to) = (mesh.members[0].peer(), mesh.hub.peer());
    mesh.sent.clear();
    mesh.run(100);
    assert_eq!(mesh.count(from, to, "record"), 10);
    assert!((9..=10).contains(&mesh.count(from, to, "beat")));
}

#[test]
fn a_goodbye_is_the_last_record_and_says_so_in_its_head() {
    let mut mesh = Mesh::of(2);
    mesh.tell(0, Input::Stop(protocol::statement::Farewell::Stopped));
    mesh.run(60);
    let last = mesh.hub.records(mesh.members[0].device).last().unwrap();
    assert!(last.flags.has(Flags::GOODBYE));
    assert!(matches!(last.statement, Some(Statement::Goodbye(_))));
    assert_complete(&mesh, 0);
}

/// The journal of a node whose coordinator never came back grew until the disk was full.
#[test]
fn what_waits_is_bounded_the_oldest_go_first_and_the_gap_shows() {
    const KEPT: usize = 128;
    let mut mesh = Mesh::of(2);
    mesh.stop(0);
    mesh.members[0].config.waiting = KEPT;
    mesh.start(0);
    mesh.run(30);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    let before = stored(&mesh, 0);
    mesh.block(hub, peer);
    mesh.run(900);
    mesh.stop(0);
    mesh.start(0);
    mesh.run(900);
    let kept = mesh.members[0].disk.journal.len();
    assert!((KEPT - 2..=KEPT).contains(&kept), "{kept}");
    let (gone, _) = given_up(&mesh, 0);
    let made = mesh.members[0].made.len();
    assert_eq!(before.len() + gone + kept, made);

    mesh.unblock(hub, peer);
    mesh.run(300);
    let (_, last) = given_up(&mesh, 0);
    let records = &mesh.hub.records(mesh.members[0].device)[before.len()..];
    assert_eq!(records[0].position, last.next(), "what is kept arrives");
    assert_eq!(
        records[0].link,
        Link::Gap,
        "and shows that something is missing"
    );
    assert!(
        records[1..]
            .iter()
            .all(|record| record.link == Link::Chained)
    );
    let newest = records.last().map(|record| record.position);
    assert_eq!(newest, mesh.members[0].made.last().copied());
}

/// How many records a member has said to be given up, and the newest of them.
fn given_up(mesh: &Mesh, index: usize) -> (usize, Position) {
    let notices = mesh.members[index].notices.iter();
    notices.fold(
        (0, Position::default()),
        |(sum, newest), notice| match notice {
            Notice::GivenUp { records, last } => (sum + records, newest.max(*last)),
            _ => (sum, newest),
        },
    )
}
