//! A coordinator over an older copy of its store meets members that remember more.

use protocol::coordinator::{Event, LogState, Warrant};
use protocol::enrolment::EnrolRefusal;
use protocol::key::PeerKey;
use protocol::node::Parting;

use crate::rig::{Hub, Member, Mesh};

/// What the coordinator said of its log since a moment, in order.
fn states(hub: &Hub, since: usize) -> Vec<LogState> {
    let states = hub.events[since..].iter().filter_map(|event| match event {
        Event::Log { state } => Some(*state),
        _ => None,
    });
    states.collect()
}

fn state(mesh: &Mesh) -> LogState {
    let machine = mesh.hub.machine.as_ref().expect("the coordinator runs");
    machine.log_state()
}

/// Somebody asks to join; nobody starts a node for it.
fn knock(mesh: &mut Mesh, number: u8) -> Result<(), EnrolRefusal> {
    let token = mesh.make_token(number);
    let request = Mesh::request([number; 32]);
    mesh.enrol(Warrant::Token(token), request).map(|_| ())
}

/// A mesh of four whose coordinator was restored to the moment when it had three. It does not run yet.
fn restored() -> Mesh {
    let mut mesh = Mesh::of(3);
    let backup = mesh.hub.store.clone();
    mesh.join();
    mesh.run(30);
    mesh.stop_hub();
    mesh.run(5);
    mesh.hub.store = backup;
    mesh
}

fn members(mesh: &Mesh) -> Vec<PeerKey> {
    mesh.members.iter().map(Member::peer).collect()
}

/// The next admission after a restore stood where another stood before: the log had two versions.
#[test]
fn what_was_forgotten_of_the_log_comes_back_from_the_members() {
    let mut mesh = restored();
    let newest = mesh.members[0].roster.size();
    let since = mesh.hub.events.len();
    mesh.start_hub();
    assert_eq!(state(&mesh), LogState::Listening);
    assert_eq!(knock(&mut mesh, 50), Err(EnrolRefusal::NotReady));
    mesh.run(120);
    let behind = LogState::Behind { size: newest };
    let expected = [behind, LogState::Listening, LogState::Open];
    assert_eq!(states(&mesh.hub, since), expected);
    let events = &mesh.hub.events[since..];
    assert!(events.contains(&Event::LogRegained { entries: 1 }));
    let device = mesh.members[3].device;
    assert!(events.contains(&Event::KeyLost { device }));
    assert_eq!(mesh.hub.store.memory.entries.len() as u64, newest);

    assert_eq!(knock(&mut mesh, 51), Ok(()));
    mesh.run(20);
    for member in &mesh.members {
        assert_eq!(member.roster.size(), newest + 1);
        assert!(
            !member
                .partings
                .iter()
                .any(|(_, why)| *why == Parting::Misbehaved)
        );
    }
}

#[test]
fn a_restart_with_nothing_forgotten_waits_for_most_members_and_no_longer() {
    let mut mesh = Mesh::of(4);
    mesh.stop_hub();
    mesh.run(5);
    let peers = members(&mesh);
    let hub = mesh.hub.peer();
    peers[1..].iter().for_each(|peer| mesh.block(hub, *peer));
    mesh.start_hub();
    mesh.run(70);
    assert!(mesh.is_linked(hub, peers[0]));
    assert_eq!(
        knock(&mut mesh, 50),
        Err(EnrolRefusal::NotReady),
        "one of four"
    );
    mesh.unblock(hub, peers[1]);
    mesh.connect(peers[1], hub);
    mesh.run(1);
    assert_eq!(knock(&mut mesh, 51), Ok(()), "two of four");
}

#[test]
fn a_coordinator_whose_members_are_away_goes_on_alone_after_a_while() {
    let mut mesh = Mesh::of(2);
    let peers = members(&mesh);
    peers.iter().for_each(|peer| mesh.cut(*peer));
    mesh.stop_hub();
    mesh.start_hub();
    mesh.run(89);
    assert_eq!(knock(&mut mesh, 50), Err(EnrolRefusal::NotReady));
    mesh.run(2);
    assert_eq!(knock(&mut mesh, 51), Ok(()));
}

#[test]
fn a_device_is_retired_only_when_the_log_is_known_to_be_whole() {
    let mut mesh = restored();
    let device = mesh.members[1].device;
    mesh.start_hub();
    mesh.retire(device, true);
    mesh.run(120);
    assert!(
        mesh.members[0]
            .roster
            .member(&device)
            .unwrap()
            .withdrawal
            .is_none()
    );
    mesh.retire(device, true);
    mesh.run(5);
    assert!(
        mesh.members[0]
            .roster
            .member(&device)
            .unwrap()
            .withdrawal
            .is_some()
    );
}

#[test]
fn nothing_is_appended_while_those_who_have_shown_more_keep_it_back() {
    let mut mesh = restored();
    let hub = mesh.hub.peer();
    let peers = members(&mesh);
    for peer in &peers {
        mesh.losing.insert((*peer, hub, "log_entries"));
    }
    mesh.start_hub();
    mesh.run(600);
    assert!(matches!(state(&mesh), LogState::Behind { .. }));
    assert_eq!(knock(&mut mesh, 50), Err(EnrolRefusal::NotReady));
    assert!(
        mesh.hub
            .count(|event| matches!(event, Event::Misbehaviour { .. }))
            > 0
    );
    mesh.losing.clear();
    mesh.stop_hub();
    mesh.start_hub();
    mesh.run(120);
    assert_eq!(state(&mesh), LogState::Open);
    assert_eq!(knock(&mut mesh, 51), Ok(()));
}

/// Whoever went on alone with an old store is told so by the first member that sees the other version.
#[test]
fn a_log_of_two_versions_is_appended_to_no_more() {
    let mut mesh = restored();
    let peers = members(&mesh);
    peers.iter().for_each(|peer| mesh.cut(*peer));
    mesh.start_hub();
    mesh.run(100);
    assert_eq!(knock(&mut mesh, 50), Ok(()));
    assert_eq!(
        knock(&mut mesh, 51),
        Ok(()),
        "longer than what members hold"
    );
    peers.iter().for_each(|peer| mesh.mend(*peer));
    mesh.run(120);
    assert_eq!(state(&mesh), LogState::Forked);
    let size = mesh.hub.roster.size();
    assert_eq!(knock(&mut mesh, 52), Err(EnrolRefusal::NotReady));
    mesh.retire(mesh.members[0].device, true);
    let device = mesh.members[0].device;
    let records = mesh.hub.records(device).len();
    mesh.run(700);
    assert_eq!(mesh.hub.roster.size(), size, "and never again");
    assert!(
        mesh.hub.records(device).len() > records + 60,
        "it still collects"
    );
}

#[test]
fn a_log_that_members_hold_longer_and_otherwise_is_a_fork_too() {
    let mut mesh = Mesh::of(3);
    let backup = mesh.hub.store.clone();
    mesh.join();
    mesh.join();
    mesh.run(30);
    mesh.stop_hub();
    mesh.hub.store = backup;
    let peers = members(&mesh);
    peers.iter().for_each(|peer| mesh.cut(*peer));
    mesh.start_hub();
    mesh.run(100);
    assert_eq!(knock(&mut mesh, 50), Ok(()));
    peers.iter().for_each(|peer| mesh.mend(*peer));
    mesh.run(120);
    assert_eq!(state(&mesh), LogState::Forked);
}

#[test]
fn two_versions_of_one_length_are_told_apart() {
    let mut mesh = restored();
    let peers = members(&mesh);
    peers.iter().for_each(|peer| mesh.cut(*peer));
    mesh.start_hub();
    mesh.run(100);
    assert_eq!(knock(&mut mesh, 50), Ok(()));
    assert_eq!(mesh.hub.roster.size(), mesh.members[0].roster.size());
    peers.iter().for_each(|peer| mesh.mend(*peer));
    mesh.run(120);
    assert_eq!(state(&mesh), LogState::Forked);
}
