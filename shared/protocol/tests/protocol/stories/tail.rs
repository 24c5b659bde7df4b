//! Log lines: to the coordinator alone, acknowledged when they are stored, and no faster than one device may.

use protocol::coordinator::{self, Command, Event};
use protocol::limits;
use protocol::message::Message;
use protocol::node::{Input, Notice};
use protocol::tail::{TailWord, Tailed};

use crate::rig::Mesh;

fn lines(number: u64, bytes: usize) -> Tailed {
    Tailed {
        number,
        dropped: 3,
        lines: vec![b'l'; bytes],
    }
}

fn bring(mesh: &mut Mesh, from: usize, tailed: &Tailed) {
    mesh.tell(from, Input::Tail(tailed.clone()));
    mesh.run(1);
}

fn store(mesh: &mut Mesh, of: usize, number: u64) {
    let device = mesh.members[of].device;
    let stored = Command::TailStored { device, number };
    mesh.tell_hub(coordinator::Input::Command(stored));
    mesh.run(1);
}

#[test]
fn lines_come_to_the_coordinator_as_they_were_and_are_acknowledged_when_it_has_stored_them() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let (device, peer, hub) = (
        mesh.members[2].device,
        mesh.members[2].peer(),
        mesh.hub.peer(),
    );
    let tailed = lines(7, 900);
    bring(&mut mesh, 2, &tailed);
    assert_eq!(mesh.hub.tailed, [(device, tailed.clone())]);
    assert!(mesh.members[2].stored.is_empty(), "nothing is on the disk");
    store(&mut mesh, 2, 7);
    assert_eq!(mesh.members[2].stored, [7]);
    // The word that it is stored was lost: the same batch comes again and is not stored twice.
    bring(&mut mesh, 2, &tailed);
    assert_eq!(mesh.hub.tailed.len(), 1);
    assert_eq!(mesh.members[2].stored, [7, 7]);
    assert_eq!(mesh.count(peer, hub, "tail"), 2);
    for neighbour in [0, 1, 3] {
        let neighbour = mesh.members[neighbour].peer();
        assert_eq!(
            mesh.count(peer, neighbour, "tail"),
            0,
            "nobody else is told"
        );
    }
}

#[test]
fn without_the_coordinator_nothing_leaves() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    mesh.stop_hub();
    mesh.run(60);
    let (peer, hub) = (mesh.members[2].peer(), mesh.hub.peer());
    bring(&mut mesh, 2, &lines(7, 9));
    assert_eq!(mesh.count(peer, hub, "tail"), 0);
    mesh.start_hub();
    mesh.run(60);
    bring(&mut mesh, 2, &lines(7, 9));
    assert_eq!(mesh.hub.tailed.len(), 1);
}

#[test]
fn one_device_brings_no_more_within_a_minute_than_its_share() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let full = limits::TAIL_PACE_BYTES / (limits::TAIL_BYTES + 16);
    for number in 0..full as u64 + 5 {
        mesh.tell(2, Input::Tail(lines(number, limits::TAIL_BYTES)));
    }
    mesh.tell(1, Input::Tail(lines(1, 9)));
    mesh.run(1);
    let of = |mesh: &Mesh, index: usize| {
        let device = mesh.members[index].device;
        let brought = mesh.hub.tailed.iter();
        brought.filter(|(whose, _)| *whose == device).count()
    };
    assert_eq!(of(&mesh, 2), full);
    assert_eq!(of(&mesh, 1), 1, "others have a share of their own");
    mesh.run(61);
    bring(&mut mesh, 2, &lines(full as u64 + 4, 9));
    assert_eq!(of(&mesh, 2), full + 1);
    bring(&mut mesh, 2, &lines(999, limits::TAIL_BYTES + 1));
    assert_eq!(of(&mesh, 2), full + 1, "what no frame carries stays");
}

#[test]
fn lines_under_another_key_and_words_of_the_wrong_side_are_not_taken() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let (hub, thief, other) = (
        mesh.hub.peer(),
        mesh.members[1].peer(),
        mesh.members[3].peer(),
    );
    let key = protocol::seal::DataKey::from_bytes([0x13; 32]);
    let batch = lines(1, 9).seal(&key, [1; 16]);
    let word = TailWord::Batch { batch };
    let strange = |mesh: &Mesh| {
        let told = |event: &Event| matches!(event, Event::Misbehaviour { .. });
        mesh.hub.count(told)
    };
    let before = strange(&mesh);
    mesh.send(thief, hub, &Message::Tail { word: word.clone() });
    mesh.run(1);
    assert_eq!(mesh.hub.tailed, []);
    assert_eq!(strange(&mesh), before + 1);
    let taken = TailWord::Taken { number: 1 };
    mesh.send(
        thief,
        hub,
        &Message::Tail {
            word: taken.clone(),
        },
    );
    mesh.run(1);
    assert_eq!(strange(&mesh), before + 2);
    for word in [word, taken] {
        let message = Message::Tail { word };
        mesh.tell(
            3,
            Input::Frame {
                from: thief,
                message,
            },
        );
    }
    assert!(mesh.members[3].stored.is_empty());
    let accused = mesh.members[3].notices.iter();
    let accused = accused
        .filter(|notice| matches!(notice, Notice::Misbehaviour { peer, .. } if *peer == thief));
    assert!(accused.count() > 0, "{other:?} says who did it");
}
