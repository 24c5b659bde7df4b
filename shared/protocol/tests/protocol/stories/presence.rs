//! Presence: what the coordinator heard itself, and what those who may say so have heard.

use protocol::coordinator;
use protocol::coordinator::Event;
use protocol::coordinator::presence::Status;
use protocol::message::Message;
use protocol::node::Input;
use protocol::statement::host::{EvidenceKind, Reading, Sighting};
use protocol::statement::{Farewell, Statement};

use crate::rig::Mesh;

fn status(mesh: &Mesh, index: usize) -> Status {
    mesh.hub.presence(mesh.members[index].device).status()
}

fn history(mesh: &Mesh, index: usize) -> Vec<Status> {
    let device = mesh.members[index].device;
    let statuses = mesh.hub.events.iter().filter_map(|event| match event {
        Event::Status {
            device: of, status, ..
        } if *of == device => Some(*status),
        _ => None,
    });
    statuses.collect()
}

#[test]
fn a_device_is_enrolled_until_it_is_heard() {
    let mut mesh = Mesh::new();
    let index = mesh.join();
    assert_eq!(status(&mesh, index), Status::Enrolled);
    mesh.run(5);
    assert_eq!(status(&mesh, index), Status::Online);
}

/// Story: over a bad link a device heard nobody that knew where its log ends, which it waits for before it says a word. The
/// coordinator, which had heard it dial, called it silent in that time.
#[test]
fn a_device_that_has_recorded_nothing_yet_is_given_time_to_begin() {
    let mut mesh = Mesh::of(4);
    let index = mesh.join();
    let (hub, peer) = (mesh.hub.peer(), mesh.members[index].peer());
    mesh.losing.insert((hub, peer, "standing"));
    for kind in [
        "record",
        "beat",
        "hello",
        "contacts",
        "contact_request",
        "log_request",
        "want",
    ] {
        mesh.losing.insert((peer, hub, kind));
    }
    mesh.run(25);
    assert_eq!(history(&mesh, index), [Status::Online]);
    mesh.cut(peer);
    mesh.run(60);
    assert_eq!(history(&mesh, index), [Status::Online, Status::Silent]);
}

#[test]
fn a_device_that_loses_its_power_is_silent_within_seconds_and_comes_back() {
    let mut mesh = Mesh::of(4);
    mesh.stop(0);
    let stopped = mesh.wall();
    mesh.run(6);
    assert_eq!(status(&mesh, 0), Status::Online);
    mesh.run(12);
    assert_eq!(status(&mesh, 0), Status::Silent);
    assert!(mesh.hub.presence(mesh.members[0].device).since() <= stopped);
    mesh.run(600);
    mesh.start(0);
    mesh.run(30);
    assert_eq!(
        history(&mesh, 0),
        [Status::Online, Status::Silent, Status::Online]
    );
    assert_eq!(
        history(&mesh, 1),
        [Status::Online],
        "nobody else was doubted"
    );
}

/// Story: half of a fleet was gone, and every reading of the others repeated the heads of the dead, which nobody could
/// learn anything from any more.
#[test]
fn of_who_is_down_readings_say_when_it_was_heard_and_not_again_what_it_showed() {
    let mut mesh = Mesh::of(6);
    let dead = mesh.members[0].device;
    mesh.stop(0);
    mesh.run(60);
    let witness = mesh.members[1].machine.as_ref().expect("it runs");
    let sightings = witness.heard(mesh.now().monotonic);
    let (gone, there): (Vec<&Sighting>, Vec<&Sighting>) =
        (sightings.iter()).partition(|it| it.subject == dead);
    assert!(
        gone.len() == 1
            && gone
                .iter()
                .all(|it| it.shown.is_none() && it.age_ms > 50_000)
    );
    assert!(there.len() == 4 && there.iter().all(|it| it.shown.is_some()));
    let presence = mesh.hub.presence(dead);
    let mut heard = presence.witnesses().values();
    assert!(heard.all(|heard| heard.shown.is_some()), "it is remembered");
}

/// Story: witnesses that started together report together, every ten seconds. A device that only
/// they could hear was called silent before each report and online after it.
#[test]
fn a_device_whose_way_to_the_coordinator_is_cut_is_still_seen_by_its_witnesses() {
    let mut mesh = Mesh::of(5);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    mesh.block(hub, peer);
    mesh.run(300);
    assert_eq!(history(&mesh, 0), [Status::Online]);
    let presence = mesh.hub.presence(mesh.members[0].device);
    assert_eq!(presence.witnesses().len(), 4);
    assert!(presence.directly() < presence.heard());
    mesh.unblock(hub, peer);
    mesh.run(60);
    let made = mesh.members[0].made.len();
    assert_eq!(mesh.hub.records(mesh.members[0].device).len(), made);
}

#[test]
fn a_device_that_says_goodbye_is_stopped_and_not_silent_until_it_starts_again() {
    let mut mesh = Mesh::of(3);
    mesh.tell(0, Input::Stop(Farewell::Stopped));
    mesh.run(1);
    let (from, position) = (mesh.members[0].peer(), crate::samples::position(0, 1));
    let message = Message::Beat { position };
    mesh.tell_hub(coordinator::Input::Frame { from, message });
    mesh.stop(0);
    mesh.run(600);
    assert_eq!(history(&mesh, 0), [Status::Online, Status::Stopped]);
    mesh.start(0);
    mesh.run(30);
    assert_eq!(status(&mesh, 0), Status::Online);
    mesh.stop(0);
    mesh.run(60);
    assert_eq!(
        status(&mesh, 0),
        Status::Silent,
        "this time it said nothing"
    );
}

#[test]
fn what_the_coordinator_missed_while_it_was_away_does_not_count_as_heard_now() {
    let mut mesh = Mesh::of(4);
    mesh.stop_hub();
    mesh.run(60);
    mesh.stop(0);
    mesh.run(1800);
    mesh.start_hub();
    mesh.run(60);
    assert_eq!(status(&mesh, 0), Status::Silent);
    for index in 1..4 {
        assert_eq!(status(&mesh, index), Status::Online);
    }
}

#[test]
fn a_device_that_only_witnesses_heard_is_silent_when_they_looked_and_heard_nothing() {
    let mut mesh = Mesh::of(5);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    mesh.block(hub, peer);
    mesh.run(60);
    mesh.stop(0);
    mesh.run(6);
    assert_eq!(status(&mesh, 0), Status::Online);
    mesh.run(13);
    assert_eq!(status(&mesh, 0), Status::Silent);
}

#[test]
fn a_device_without_witnesses_is_silent_when_its_link_breaks_for_good() {
    let mut mesh = Mesh::of(1);
    let peer = mesh.members[0].peer();
    mesh.cut(peer);
    mesh.run(24);
    assert_eq!(status(&mesh, 0), Status::Silent);
}

/// With more devices than seats, somebody is not a witness, and its word does not count. A witness that
/// lies alone does not count either: the certificate of the others stands.
#[test]
fn sightings_count_only_from_witnesses_that_hold_a_seat() {
    let mut mesh = Mesh::of(11);
    mesh.stop(0);
    mesh.run(60);
    let subject = mesh.members[0].device;
    let seated = mesh.hub.roster.rings().witnesses(&subject);
    let is_seated = |mesh: &Mesh, index: usize| seated.contains(&mesh.members[index].device);
    let stranger = (1..11).find(|&index| !is_seated(&mesh, index)).unwrap();
    let witness = (1..11).find(|&index| is_seated(&mesh, index)).unwrap();
    assert_eq!(status(&mesh, 0), Status::Silent);
    assert_eq!(told(&mut mesh, stranger, 0), Status::Silent);
    let known = mesh.hub.presence(subject).witnesses();
    assert!(known.keys().all(|witness| seated.contains(witness)));
    assert_eq!(told(&mut mesh, witness, 0), Status::Silent);
}

/// A clock that runs ahead keeps nobody alive: a sighting is never younger than its arrival.
#[test]
fn a_witness_from_the_future_proves_nothing_about_it() {
    let mut mesh = Mesh::of(3);
    mesh.members[1].clock_ahead = std::time::Duration::from_secs(86_400);
    mesh.run(60);
    mesh.stop(0);
    mesh.run(60);
    assert_eq!(status(&mesh, 0), Status::Silent);
    let presence = mesh.hub.presence(mesh.members[0].device);
    assert!(presence.heard().unwrap() <= mesh.wall());
}

/// Lets a member say by a record of its own that it hears another at this moment.
fn told(mesh: &mut Mesh, by: usize, of: usize) -> Status {
    let reading = Reading {
        heard: vec![Sighting {
            subject: mesh.members[of].device,
            age_ms: 0,
            evidence: EvidenceKind::ReceivedTraffic,
            shown: None,
        }],
        ..Reading::default()
    };
    let (head, body) = mesh.forge(by, &Statement::Reading(reading));
    let record = mesh.sign(by, head, body);
    let before = mesh.hub.records(mesh.members[by].device).len();
    mesh.hand_in(by, record);
    let after = mesh.hub.records(mesh.members[by].device).len();
    assert_eq!(after, before + 1, "the record was taken");
    mesh.tell_hub(coordinator::Input::Tick);
    mesh.run(1);
    status(mesh, of)
}
