//! A new version of which devices have most already: what they fetch, and what happens where the index helps nobody.

use protocol::alert::Matter;
use protocol::coordinator::Event;
use protocol::install::{Nonce, Order, State};
use protocol::message::Message;
use protocol::release::CHUNK_BYTES;
use protocol::spread::parts::Indexing;

use crate::rig::Mesh;
use crate::samples::repository::{Firmware, published};

const CHUNKS: usize = 64;
const LENGTH: usize = CHUNKS * CHUNK_BYTES as usize;
const MEMBERS: usize = 6;

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn before() -> Firmware {
    Firmware::of("2.0.0", 1, noise(1, LENGTH))
}

/// Two of a hundred bytes are others, at one place, and what is behind them has moved.
fn after() -> Firmware {
    let mut bytes = noise(1, LENGTH);
    let changed = LENGTH / 50;
    bytes.splice(1_500_000..1_500_000 + changed - 300, noise(2, changed));
    Firmware::of("2.1.0", 2, bytes)
}

/// Everybody runs the version before.
fn mesh(all: &[Firmware]) -> Mesh {
    let mut mesh = Mesh::of(MEMBERS);
    for index in 0..MEMBERS {
        mesh.members[index].host.runs = Some(before().target());
        mesh.members[index].host.base = Some(before().bytes);
        mesh.equip(index);
    }
    mesh.publish(published(1, all), all);
    mesh.run(2);
    mesh
}

fn order(mesh: &mut Mesh, index: usize, firmware: &Firmware) {
    let order = Order {
        target: firmware.target(),
        nonce: Nonce([index as u8; 16]),
        path: firmware.path(),
    };
    let (hub, to) = (mesh.hub.peer(), mesh.members[index].peer());
    mesh.send(hub, to, &Message::Install { order });
}

fn order_all(mesh: &mut Mesh, firmware: &Firmware) {
    for index in 0..MEMBERS {
        order(mesh, index, firmware);
    }
}

fn all_run(mesh: &Mesh, firmware: &Firmware) -> bool {
    let mut members = mesh.members.iter();
    members.all(|member| {
        let machine = member.machine.as_ref().expect("it runs");
        let step = machine.updater().step();
        member.host.runs == Some(firmware.target())
            && step.is_some_and(|step| step.state == State::Committed)
            && member.host.chunks[&firmware.target()].len() == firmware.image().chunks() as usize
    })
}

/// Bytes of chunks that came to the devices, over the bytes of the image for each of them.
fn share(mesh: &Mesh, firmware: &Firmware) -> f64 {
    let fetched = mesh.members.iter().map(|member| member.host.fetched_bytes);
    fetched.sum::<usize>() as f64 / (MEMBERS * firmware.bytes.len()) as f64
}

#[test]
fn of_a_version_that_has_changed_little_little_is_fetched() {
    let new = after().indexed();
    let mut mesh = mesh(std::slice::from_ref(&new));
    order_all(&mut mesh, &new);
    mesh.run(400);
    assert!(all_run(&mesh, &new));
    let share = share(&mesh, &new);
    println!(
        "fetched for 2 % that are new: {:.1} % of the image",
        100.0 * share
    );
    assert!(share <= 0.08, "{share}");
    let given = mesh.hub.given;
    assert!(given <= 10, "{given} chunks left the coordinator");
}

#[test]
fn without_an_index_or_without_what_runs_all_of_it_is_fetched() {
    let plain = after();
    let mut without_index = mesh(std::slice::from_ref(&plain));
    order_all(&mut without_index, &plain);
    without_index.run(400);
    let new = after().indexed();
    let mut without_base = mesh(std::slice::from_ref(&new));
    for member in &mut without_base.members {
        member.host.base = None;
    }
    order_all(&mut without_base, &new);
    without_base.run(400);
    for mesh in [without_index, without_base] {
        assert!(all_run(&mesh, &plain));
        let made: usize = mesh.members.iter().map(|member| member.host.made).sum();
        let fetched: usize = mesh.members.iter().map(|member| member.host.fetched).sum();
        let chunks = plain.image().chunks() as usize;
        assert_eq!((made, fetched), (0, MEMBERS * chunks));
    }
}

#[test]
fn one_whose_slot_cannot_be_read_gets_from_its_neighbours_what_they_made() {
    let new = after().indexed();
    let mut mesh = mesh(std::slice::from_ref(&new));
    mesh.members[0].host.base = None;
    order_all(&mut mesh, &new);
    mesh.run(400);
    assert!(all_run(&mesh, &new));
    assert_eq!(mesh.members[0].host.made, 0);
    let chunks = new.image().chunks() as usize;
    assert_eq!(mesh.members[0].host.fetched, chunks);
    let given = mesh.hub.given;
    assert!(
        given <= chunks * 3 / 2,
        "{given} chunks left the coordinator"
    );
}

#[test]
fn an_index_of_something_else_costs_its_own_bytes_and_changes_nothing() {
    let mut indexing = Indexing::default();
    let other = noise(9, LENGTH);
    let chunks = other.chunks(CHUNK_BYTES as usize);
    chunks.for_each(|chunk| indexing.push(chunk));
    let foreign = indexing.end().expect("an image like others").encode();
    for index in [foreign, noise(3, 5_000), vec![0; 1]] {
        let new = after().with_index(index);
        let mut mesh = mesh(std::slice::from_ref(&new));
        order_all(&mut mesh, &new);
        mesh.run(400);
        assert!(all_run(&mesh, &new));
        assert!(mesh.members.iter().all(|member| member.host.made == 0));
    }
}

#[test]
fn what_is_in_the_running_slot_need_not_be_right() {
    let new = after().indexed();
    let mut mesh = mesh(std::slice::from_ref(&new));
    for member in &mut mesh.members {
        let base = member.host.base.as_mut().expect("it runs something");
        base.iter_mut()
            .skip(7)
            .step_by(900_000)
            .for_each(|byte| *byte ^= 1);
    }
    order_all(&mut mesh, &new);
    mesh.run(400);
    assert!(all_run(&mesh, &new));
    assert!(share(&mesh, &new) < 0.3);
}

#[test]
fn where_nobody_gives_the_index_the_image_is_fetched_without_it() {
    let new = after().indexed();
    let mut mesh = mesh(std::slice::from_ref(&new));
    let mut published = published(2, std::slice::from_ref(&new));
    published.images.retain(|image| *image == new.image());
    mesh.publish(published, std::slice::from_ref(&new));
    order_all(&mut mesh, &new);
    mesh.run(100);
    assert!(mesh.members.iter().all(|member| member.host.fetched == 0));
    mesh.run(400);
    assert!(all_run(&mesh, &new));
}

#[test]
fn whoever_sends_a_wrong_index_is_named_and_the_update_goes_on() {
    let new = after().indexed();
    let mut mesh = mesh(std::slice::from_ref(&new));
    mesh.members[0].host.lies = true;
    order(&mut mesh, 0, &new);
    mesh.run(20);
    for index in 1..MEMBERS {
        order(&mut mesh, index, &new);
    }
    mesh.run(400);
    assert!(all_run(&mesh, &new));
    for member in &mesh.members[1..] {
        assert!(
            member.host.made > 0,
            "the right index came from the coordinator"
        );
    }
    let liar = mesh.members[0].device;
    let index = new.index().expect("it has one").image().id();
    let named = |event: &Event| match event {
        Event::Alert(alert) => {
            assert_eq!(alert.alarm.subject, liar, "nobody else is named");
            matches!(alert.alarm.matter, Matter::WrongChunk { image, .. } if image == index)
        }
        _ => false,
    };
    assert!(mesh.hub.count(named) > 0);
}

#[test]
fn a_restart_in_the_middle_loses_nothing_that_was_made() {
    let new = after().indexed();
    let mut mesh = mesh(std::slice::from_ref(&new));
    order_all(&mut mesh, &new);
    while mesh.members[0].host.made == 0 {
        mesh.run(1);
    }
    mesh.stop(0);
    mesh.run(5);
    mesh.start(0);
    mesh.equip(0);
    mesh.run(400);
    assert!(all_run(&mesh, &new));
    assert!(share(&mesh, &new) < 0.1);
}
