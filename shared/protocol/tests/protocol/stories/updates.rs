//! Releases that spread from neighbour to neighbour, are tried, and stay or go back.

use protocol::alert::Matter;
use protocol::coordinator::{self, Command, Event};
use protocol::install::{Act, Nonce, Order, Reason, State, Worry};
use protocol::library::{Brought, Unusable};
use protocol::message::Message;
use protocol::node::{self, Notice, Parting};
use protocol::rollout::{RolloutId, Standing};
use protocol::statement::host::{Port, Reach, Reading, Transport};
use protocol::updater;

use crate::rig::Mesh;
use crate::samples::repository::{Edited, Firmware, published, published_until};

const CHUNKS: usize = 20;

fn mesh_with_slots(members: usize) -> Mesh {
    let mut mesh = Mesh::of(members);
    for index in 0..members {
        mesh.equip(index);
    }
    mesh
}

/// The same where this is published, and everybody knows.
fn mesh_with(members: usize, firmware: &Firmware) -> Mesh {
    let mut mesh = mesh_with_slots(members);
    let all = std::slice::from_ref(firmware);
    mesh.publish(published(1, all), all);
    mesh.run(2);
    mesh
}

fn firmware(counter: u64) -> Firmware {
    Firmware::new("2.1.0", counter, CHUNKS)
}

fn order(mesh: &mut Mesh, index: usize, firmware: &Firmware) {
    let order = Order {
        target: firmware.target(),
        nonce: Nonce([(16 * firmware.counter) as u8 + index as u8; 16]),
        path: firmware.path(),
    };
    let (hub, to) = (mesh.hub.peer(), mesh.members[index].peer());
    mesh.send(hub, to, &Message::Install { order });
}

fn order_all(mesh: &mut Mesh, firmware: &Firmware) {
    for index in 0..mesh.members.len() {
        order(mesh, index, firmware);
    }
}

fn state(mesh: &Mesh, index: usize) -> State {
    let machine = mesh.members[index].machine.as_ref().expect("it runs");
    machine.updater().step().expect("it was ordered").state
}

fn states(mesh: &Mesh) -> Vec<State> {
    (0..mesh.members.len())
        .map(|index| state(mesh, index))
        .collect()
}

fn timestamp(mesh: &Mesh, index: usize) -> Option<Vec<u8>> {
    let machine = mesh.members[index].machine.as_ref().expect("it runs");
    let library = machine.updater().library().expect("the mesh has a root");
    library.timestamp().map(<[u8]>::to_vec)
}

/// How often a device has said to the coordinator that it is in this state.
fn said(mesh: &Mesh, index: usize, state: &State) -> usize {
    let who = mesh.members[index].device;
    mesh.hub.count(|event| match event {
        Event::Stepped { device, step } => *device == who && step.state == *state,
        _ => false,
    })
}

#[test]
fn what_is_published_reaches_those_too_who_cannot_reach_the_coordinator() {
    let mut mesh = Mesh::of(8);
    let hub = mesh.hub.peer();
    for index in 4..8 {
        let peer = mesh.members[index].peer();
        mesh.part(hub, peer);
        mesh.block(hub, peer);
    }
    let published = published(1, &[]);
    let newest = published.timestamp.clone();
    mesh.publish(published, &[]);
    mesh.run(5);
    for index in 0..8 {
        assert_eq!(timestamp(&mesh, index), Some(newest.clone()), "{index}");
    }
}

#[test]
fn nothing_older_than_what_was_seen_is_taken_whoever_shows_it_and_after_a_restart() {
    let mut mesh = Mesh::of(3);
    let (old, new) = (published(1, &[]), published(2, &[]));
    let (stale, newest) = (old.timestamp.clone(), new.timestamp.clone());
    mesh.publish(old, &[]);
    mesh.run(2);
    mesh.publish(new, &[]);
    mesh.run(2);
    mesh.stop(0);
    mesh.start(0);
    mesh.run(20);
    let (from, to) = (mesh.members[1].peer(), mesh.members[0].peer());
    let timestamp_of_old = Message::Timestamp {
        timestamp: stale.into(),
    };
    mesh.send(from, to, &timestamp_of_old);
    mesh.run(2);
    assert_eq!(timestamp(&mesh, 0), Some(newest));
    assert!(mesh.count(to, from, "timestamp") > 0, "it is told better");
}

#[test]
fn a_role_that_has_ended_keeps_no_other_from_being_known() {
    let mut mesh = mesh_with_slots(4);
    let firmware = firmware(2);
    let ended = mesh.wall().as_millis() / 1000 - 1;
    let all = std::slice::from_ref(&firmware);
    mesh.publish(published_until(1, all, ended), all);
    order_all(&mut mesh, &firmware);
    mesh.run(400);
    assert_eq!(states(&mesh), vec![State::Committed; 4]);
}

#[test]
fn a_release_is_fetched_tried_and_kept_and_leaves_the_coordinator_about_once() {
    let firmware = firmware(2);
    let mut mesh = mesh_with(8, &firmware);
    order_all(&mut mesh, &firmware);
    mesh.run(400);
    assert_eq!(states(&mesh), vec![State::Committed; 8]);
    for index in 0..8 {
        assert_eq!(mesh.members[index].host.runs, Some(firmware.target()));
        for state in [
            State::Announced,
            State::Trusted,
            State::Fetched,
            State::Installed,
            State::Probation,
            State::Committed,
        ] {
            assert_eq!(said(&mesh, index, &state), 1, "{index} {state:?}");
        }
    }
    assert!(mesh.hub.given <= CHUNKS * 3 / 2, "{}", mesh.hub.given);
}

#[test]
fn an_order_that_comes_before_the_metadata_waits_for_it() {
    let mut mesh = mesh_with_slots(3);
    let firmware = firmware(2);
    order_all(&mut mesh, &firmware);
    mesh.run(5);
    assert_eq!(states(&mesh), vec![State::Announced; 3]);
    let all = std::slice::from_ref(&firmware);
    mesh.publish(published(1, all), all);
    mesh.run(400);
    assert_eq!(states(&mesh), vec![State::Committed; 3]);
}

#[test]
fn what_nobody_has_signed_is_refused_whoever_orders_it() {
    let (signed, other) = (firmware(2), firmware(3));
    let mut mesh = mesh_with(3, &signed);
    order_all(&mut mesh, &other);
    mesh.run(5);
    let refused = State::Refused(Reason::Untrusted);
    assert_eq!(states(&mesh), vec![refused; 3]);
    assert!(
        mesh.members
            .iter()
            .all(|member| member.host.acts.is_empty())
    );
}

#[test]
fn nobody_but_the_coordinator_orders_an_update() {
    let firmware = firmware(2);
    let mut mesh = mesh_with(3, &firmware);
    let order = Order {
        target: firmware.target(),
        nonce: Nonce([9; 16]),
        path: firmware.path(),
    };
    let (from, to) = (mesh.members[1].peer(), mesh.members[0].peer());
    mesh.send(from, to, &Message::Install { order });
    mesh.run(1);
    let partings = &mesh.members[0].partings;
    assert!(partings.contains(&(from, Parting::Misbehaved)));
    let machine = mesh.members[0].machine.as_ref().expect("it runs");
    assert_eq!(machine.updater().step(), None);
}

#[test]
fn whoever_sends_wrong_chunks_is_named_and_all_others_get_the_right_ones() {
    let firmware = firmware(2);
    let mut mesh = mesh_with(8, &firmware);
    mesh.members[3].host.lies = true;
    order_all(&mut mesh, &firmware);
    mesh.run(400);
    let mut states = states(&mesh);
    states.remove(3);
    assert_eq!(states, vec![State::Committed; 7]);
    let liar = mesh.members[3].device;
    let named = |event: &Event| match event {
        Event::Alert(alert) => {
            assert_eq!(alert.alarm.subject, liar, "nobody else is named");
            matches!(alert.alarm.matter, Matter::WrongChunk { .. })
        }
        _ => false,
    };
    assert!(mesh.hub.count(named) > 0);
    for member in &mesh.members {
        let held = &member.host.chunks[&firmware.target()];
        for (chunk, piece) in held {
            assert_eq!(*piece, firmware.piece(*chunk));
        }
    }
}

#[test]
fn once_every_chunk_has_left_it_the_coordinator_is_not_needed() {
    let firmware = Firmware::new("2.1.0", 2, 60);
    let mut mesh = mesh_with(8, &firmware);
    order_all(&mut mesh, &firmware);
    while mesh.hub.given < 60 {
        mesh.run_ms(5);
    }
    mesh.run_ms(10);
    let whole = |mesh: &Mesh| {
        let hosts = mesh.members.iter().map(|member| &member.host);
        hosts.filter(|host| host.fetched == 60).count()
    };
    assert!(whole(&mesh) < 8, "there is something left to do");
    mesh.stop_hub();
    mesh.run(400);
    assert_eq!(states(&mesh), vec![State::Committed; 8]);
}

#[test]
fn a_restart_goes_on_with_the_chunks_that_are_there() {
    let firmware = Firmware::new("2.1.0", 2, 60);
    let mut mesh = mesh_with(5, &firmware);
    order_all(&mut mesh, &firmware);
    while mesh.members[2].host.fetched < 25 {
        mesh.run_ms(3);
    }
    mesh.stop(2);
    mesh.run(30);
    mesh.start(2);
    mesh.equip(2);
    mesh.run(400);
    assert_eq!(state(&mesh, 2), State::Committed);
    assert_eq!(mesh.members[2].host.fetched, 60, "none came twice");
}

#[test]
fn chunks_that_are_lost_with_a_member_leave_the_coordinator_again() {
    for gone_after in [5, 12, 20, 30, 40] {
        let firmware = Firmware::new("2.1.0", 2, 60);
        let mut mesh = mesh_with(8, &firmware);
        order_all(&mut mesh, &firmware);
        while mesh.members[5].host.fetched < gone_after {
            mesh.run_ms(1);
        }
        mesh.stop(5);
        mesh.run(60);
        for index in (0..8).filter(|index| *index != 5) {
            let fetched = mesh.members[index].host.fetched;
            assert_eq!(fetched, 60, "{index} after {gone_after}");
        }
    }
}

#[test]
fn an_answer_about_a_release_that_was_given_up_names_nobody() {
    let (given_up, next) = (
        Firmware::new("2.1.0", 2, 60),
        Firmware::new("2.2.0", 3, CHUNKS),
    );
    let mut mesh = mesh_with_slots(8);
    let all = [given_up.clone(), next.clone()];
    mesh.publish(published(1, &all), &all);
    mesh.run(2);
    order_all(&mut mesh, &given_up);
    while mesh.members[5].host.fetched < 10 {
        mesh.run_ms(1);
    }
    mesh.tell_hub(coordinator::Input::Command(Command::Halt {
        target: given_up.target(),
        rollout: RolloutId(1),
        standing: Standing::Halted,
    }));
    while states(&mesh).contains(&State::Trusted) {
        mesh.run_ms(1);
    }
    order_all(&mut mesh, &next);
    mesh.run(400);
    let named = |event: &Event| matches!(event, Event::Alert(alert) if matches!(alert.alarm.matter, Matter::WrongChunk { .. }));
    assert_eq!(mesh.hub.count(named), 0);
    assert_eq!(states(&mesh), vec![State::Committed; 8]);
}

#[test]
fn what_is_not_healthy_goes_back_by_itself() {
    let firmware = firmware(2);
    let mut mesh = mesh_with(4, &firmware);
    mesh.members[1].host.sick.insert(firmware.target());
    order_all(&mut mesh, &firmware);
    mesh.run(30);
    mesh.stop_hub();
    mesh.run(400);
    assert_eq!(state(&mesh, 1), State::RolledBack(Reason::Unhealthy));
    assert_eq!(mesh.members[1].host.runs, None);
    assert_eq!(state(&mesh, 0), State::Committed);
}

/// The device's own list of ports is what the new version may lie about; nobody can lie about what answers.
#[test]
fn witnesses_see_the_port_that_a_release_has_opened_and_are_named() {
    let firmware = firmware(2);
    let mut mesh = mesh_with(6, &firmware);
    mesh.members[1].host.opens.insert(firmware.target(), 23);
    mesh.members[1].host.hides_ports = true;
    order_all(&mut mesh, &firmware);
    mesh.run(60);
    let State::RolledBack(Reason::Seen(Worry::Port(23), witnesses)) = state(&mesh, 1) else {
        panic!("{:?}", state(&mesh, 1));
    };
    assert!(witnesses.len() >= 2, "{witnesses:?}");
    mesh.run(400);
    assert_eq!(state(&mesh, 0), State::Committed);
}

/// Its reading lists one more port than the reading before.
fn reads(mesh: &mut Mesh, index: usize, transport: Transport, number: u16) {
    let port = Port {
        transport,
        number,
        reach: Reach::Network,
    };
    let reading = Reading {
        ports: Some(vec![port]),
        ..Reading::default()
    };
    mesh.tell(index, node::Input::Reading(Box::new(reading)));
}

#[test]
fn a_port_that_a_client_waits_on_for_datagrams_is_no_worry_and_a_new_service_is() {
    let firmware = firmware(2);
    let mut mesh = mesh_with(4, &firmware);
    order_all(&mut mesh, &firmware);
    mesh.run(30);
    reads(&mut mesh, 0, Transport::Udp, 40_000);
    reads(&mut mesh, 1, Transport::Udp, 161);
    reads(&mut mesh, 2, Transport::Tcp, 40_000);
    mesh.run(400);
    let seen = |port| State::RolledBack(Reason::Seen(Worry::Port(port), Vec::new()));
    assert_eq!(state(&mesh, 0), State::Committed);
    assert_eq!(state(&mesh, 1), seen(161));
    assert_eq!(state(&mesh, 2), seen(40_000));
}

#[test]
fn a_device_without_slots_says_that_it_has_none() {
    let mut mesh = Mesh::of(2);
    let firmware = firmware(2);
    order(&mut mesh, 0, &firmware);
    mesh.run(20);
    assert_eq!(said(&mesh, 0, &State::Refused(Reason::NoSlots)), 1);
}

/// Tells a device what somebody has carried to it, and lays the image's chunks beside it.
fn bring(mesh: &mut Mesh, index: usize, edition: &Edited<'_>, firmware: &Firmware) {
    let pieces = 0..firmware.image().chunks();
    let pieces = pieces.map(|chunk| (chunk, firmware.piece(chunk)));
    let host = &mut mesh.members[index].host;
    host.chunks.insert(firmware.target(), pieces.collect());
    let published = edition.publish();
    let brought = Brought {
        timestamp: published.timestamp,
        files: published.files,
    };
    let path = firmware.path();
    let input = updater::Input::Brought { brought, path };
    mesh.tell(index, node::Input::Update(input));
}

fn found_useless(mesh: &Mesh, index: usize) -> Vec<Unusable> {
    let notices = mesh.members[index].notices.iter();
    let useless = notices.filter_map(|notice| match notice {
        Notice::Update(updater::Notice::Brought(ended)) => ended.clone().err(),
        _ => None,
    });
    useless.collect()
}

#[test]
fn a_release_that_is_carried_to_one_device_is_taken_without_the_coordinator() {
    let firmware = firmware(2);
    let mut mesh = mesh_with_slots(5);
    mesh.stop_hub();
    mesh.run(5);
    let edition = Edited {
        version: 3,
        releases: std::slice::from_ref(&firmware),
        ..Edited::default()
    };
    bring(&mut mesh, 2, &edition, &firmware);
    mesh.run(400);
    assert_eq!(state(&mesh, 2), State::Committed);
    assert_eq!(
        mesh.members[2].host.fetched, 0,
        "nobody was asked for a chunk"
    );
    for index in 0..5 {
        let newest = timestamp(&mesh, index);
        assert_eq!(
            newest,
            Some(edition.publish().timestamp),
            "{index}: neighbours hear of it"
        );
    }
}

/// Story: whoever has the coordinator signs no newer timestamp, or a device is cut off for days.
#[test]
fn a_device_whose_repository_has_ended_says_so_and_takes_no_order_until_something_newer_comes() {
    let firmware = firmware(2);
    let all = std::slice::from_ref(&firmware);
    let mut mesh = mesh_with_slots(4);
    let until_s = mesh.wall().as_millis() / 1000 + 120;
    let ending = Edited {
        version: 3,
        releases: all,
        until_s: Some(until_s),
        ..Edited::default()
    };
    mesh.publish(ending.publish(), all);
    mesh.run(60);
    let stale = |mesh: &Mesh, index: usize| {
        let notices = mesh.members[index].notices.iter();
        let since = notices.filter_map(|notice| match notice {
            Notice::Stale { since } => Some(since.as_millis() / 1000),
            _ => None,
        });
        since.collect::<Vec<_>>()
    };
    assert_eq!(stale(&mesh, 0), [] as [u64; 0], "it is fresh yet");
    mesh.run(120);
    mesh.stop(1);
    mesh.run(30);
    mesh.start(1);
    mesh.equip(1);
    mesh.run(60);
    assert_eq!(stale(&mesh, 0), [until_s], "said once");
    assert_eq!(stale(&mesh, 1), [until_s, until_s], "and in the next life");
    let told = |mesh: &Mesh, index: usize| {
        let device = mesh.members[index].device;
        let machine = mesh.hub.machine.as_ref().expect("it runs");
        let obeyed = machine.obeyed(&device).expect("it is a member");
        obeyed.stale.map(|since| since.as_millis() / 1000)
    };
    for index in 0..4 {
        assert_eq!(told(&mesh, index), Some(until_s), "the coordinator is told");
    }
    for index in [0, 1] {
        order(&mut mesh, index, &firmware);
    }
    mesh.run(300);
    for index in [0, 1] {
        assert_eq!(state(&mesh, index), State::Announced, "it waits");
    }
    let newer = Edited {
        version: 4,
        until_s: None,
        ..ending
    };
    mesh.publish(newer.publish(), all);
    mesh.run(600);
    for index in [0, 1] {
        let machine = mesh.members[index].machine.as_ref().expect("it runs");
        assert_eq!(machine.updater().stale_since(mesh.wall()), None);
        assert_eq!(state(&mesh, index), State::Committed);
    }
    for index in 0..4 {
        assert_eq!(told(&mesh, index), None, "and told that it is over");
    }
}

#[test]
fn what_was_begun_before_the_repository_ended_is_brought_to_its_end() {
    let firmware = firmware(2);
    let all = std::slice::from_ref(&firmware);
    let mut mesh = mesh_with_slots(4);
    let ending = Edited {
        version: 3,
        releases: all,
        until_s: Some(mesh.wall().as_millis() / 1000 + 30),
        ..Edited::default()
    };
    mesh.publish(ending.publish(), all);
    mesh.run(2);
    order_all(&mut mesh, &firmware);
    mesh.run(400);
    assert_eq!(states(&mesh), vec![State::Committed; 4]);
}

#[test]
fn an_order_that_nothing_newer_backs_ends_refused() {
    let firmware = firmware(2);
    let all = std::slice::from_ref(&firmware);
    let mut mesh = mesh_with_slots(3);
    let ending = Edited {
        version: 3,
        releases: all,
        until_s: Some(mesh.wall().as_millis() / 1000 + 30),
        ..Edited::default()
    };
    mesh.publish(ending.publish(), all);
    mesh.run(60);
    order(&mut mesh, 0, &firmware);
    mesh.run(700);
    assert_eq!(state(&mesh, 0), State::Refused(Reason::Hung(Act::Verify)));
    assert!(mesh.members[0].host.acts.is_empty());
}

#[test]
fn what_is_carried_and_has_ended_or_is_forged_or_lacks_a_part_is_refused_with_the_reason() {
    let firmware = firmware(2);
    let mut mesh = mesh_with_slots(4);
    let now_s = mesh.wall().as_millis() / 1000;
    let whole = Edited {
        version: 3,
        releases: std::slice::from_ref(&firmware),
        ..Edited::default()
    };
    let ended = Edited {
        until_s: Some(now_s - 1),
        ..whole
    };
    bring(&mut mesh, 0, &ended, &firmware);
    let forged = Edited {
        forged: Some("firmware"),
        ..whole
    };
    bring(&mut mesh, 1, &forged, &firmware);
    let other = Edited {
        releases: &[],
        ..whole
    };
    bring(&mut mesh, 2, &other, &firmware);
    mesh.run(60);
    let useless = |index| found_useless(&mesh, index);
    assert_eq!(useless(0), [Unusable::Ended("timestamp".to_owned())]);
    assert!(
        matches!(&useless(1)[..], [Unusable::Refused(_)]),
        "{:?}",
        useless(1)
    );
    let path = firmware.path().to_string();
    assert_eq!(useless(2), [Unusable::NotListed(path)]);
    for index in 0..3 {
        assert_eq!(mesh.members[index].host.runs, None, "{index}");
        assert!(useless(index)[0].to_string().len() > 20, "a sentence");
    }
}
