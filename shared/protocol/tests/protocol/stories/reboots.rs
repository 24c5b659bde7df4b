//! Starts: an honest node never signs a second record for one place, whatever happened to its disk.

use protocol::coordinator::save::Link;
use protocol::id::Digest;
use protocol::message::{Last, Message};
use protocol::node::save::Memory;
use protocol::node::{Input, Linked, Notice};
use protocol::record::{Flags, Head, Record};
use protocol::signed::Unchecked;

use crate::rig::{Disk, Mesh};
use crate::samples as sample;

fn head(record: &Record) -> Unchecked<Head> {
    Unchecked::parse(&record.head).unwrap()
}

/// The first record of a member's present incarnation, with how it joined the coordinator's store.
fn beginning(mesh: &Mesh, index: usize) -> (Head, Link) {
    let records = mesh.hub.records(mesh.members[index].device);
    let first = records
        .iter()
        .rev()
        .find(|record| record.position.sequence == 0);
    let first = first.expect("it has begun");
    (head(&first.record).claim().clone(), first.link)
}

#[test]
fn the_first_record_of_all_names_the_membership() {
    let mesh = Mesh::of(2);
    for index in 0..2 {
        let member = &mesh.members[index];
        assert_eq!(member.starts(), [(0, Linked::Fresh)]);
        let (head, link) = beginning(&mesh, index);
        let admitted = &mesh.hub.roster.member(&member.device).unwrap().membership;
        assert_eq!((head.previous, link), (admitted.digest(), Link::First));
    }
}

#[test]
fn a_reboot_chains_to_the_last_head_and_is_confirmed() {
    let mut mesh = Mesh::of(3);
    for life in 1..5 {
        let (_, last) = mesh.members[0].disk.memory.last.clone().unwrap();
        mesh.stop(0);
        mesh.run(5);
        mesh.start(0);
        mesh.run(45);
        let (begun, link) = beginning(&mesh, 0);
        assert_eq!(begun.previous, head(&last).digest());
        assert_eq!(link, Link::Chained);
        assert!(!begun.flags.has(Flags::UNLINKED));
        assert_eq!(
            mesh.members[0].starts().last(),
            Some(&(life, Linked::Confirmed))
        );
    }
    assert_eq!(mesh.equivocations(), 0);
}

#[test]
fn a_reboot_that_nobody_answers_says_so_in_its_first_head_only() {
    let mut mesh = Mesh::of(3);
    let peer = mesh.members[0].peer();
    mesh.cut(peer);
    mesh.stop(0);
    mesh.start(0);
    mesh.run(9);
    assert_eq!(mesh.members[0].starts().len(), 1, "it waits for an answer");
    mesh.run(60);
    assert!(leapt(&mesh));
    mesh.mend(peer);
    mesh.run(120);
    let (begun, link) = beginning(&mesh, 0);
    assert!(begun.flags.has(Flags::UNLINKED));
    assert_eq!(link, Link::Chained, "its own disk still knew the end");
    let device = mesh.members[0].device;
    let marked = mesh
        .hub
        .records(device)
        .iter()
        .filter(|record| record.flags.has(Flags::UNLINKED));
    assert_eq!(marked.count(), 1);
}

/// Story: a disk was restored while the only witness in reach had been cut off since the day of the backup. Both agreed
/// where the log ends, and both were behind: the device followed a head anew that it had followed before.
#[test]
fn a_witness_from_the_day_of_the_backup_confirms_nothing() {
    let mut mesh = Mesh::of(5);
    let [me, witness] = [0, 1].map(|index| mesh.members[index].peer());
    let mut others: Vec<_> = (2..5).map(|index| mesh.members[index].peer()).collect();
    others.push(mesh.hub.peer());
    let backup = mesh.members[0].disk.clone();
    mesh.cut(witness);
    mesh.run(60);
    for &other in &others {
        mesh.block(me, other);
    }
    mesh.mend(witness);
    restore(&mut mesh, backup);
    mesh.run(60);
    for &other in &others {
        mesh.unblock(me, other);
    }
    mesh.run(120);
    let device = mesh.members[0].device;
    assert!(!mesh.hub.roster.is_convicted(&device));
    assert_eq!(mesh.equivocations(), 0);
}

/// Found by the swarm: beyond a cut, with one witness, a device went on recording; then its disk was set back, and it
/// began among the others. Most of its witnesses remembered the same head, from before the cut.
#[test]
fn those_who_missed_what_was_recorded_beyond_a_cut_confirm_nothing() {
    let mut mesh = Mesh::of(6);
    let [me, witness] = [0, 1].map(|index| mesh.members[index].peer());
    let mut others: Vec<_> = (2..6).map(|index| mesh.members[index].peer()).collect();
    others.push(mesh.hub.peer());
    for &other in &others {
        mesh.block(me, other);
        mesh.block(witness, other);
    }
    mesh.run(30);
    let backup = mesh.members[0].disk.clone();
    mesh.run(30);
    mesh.block(me, witness);
    for &other in &others {
        mesh.unblock(me, other);
    }
    restore(&mut mesh, backup);
    assert!(leapt(&mesh));
    mesh.unblock(me, witness);
    for &other in &others {
        mesh.unblock(witness, other);
    }
    mesh.run(120);
    let device = mesh.members[0].device;
    assert!(!mesh.hub.roster.is_convicted(&device));
    assert_eq!(mesh.equivocations(), 0);
}

#[test]
fn a_restored_disk_does_not_convict_its_device() {
    let mut mesh = Mesh::of(4);
    let backup = mesh.members[0].disk.clone();
    restart_twice(&mut mesh);
    restore(&mut mesh, backup);
    let (begun, link) = beginning(&mesh, 0);
    assert_eq!((begun.position.incarnation.0, link), (3, Link::Chained));
    assert_eq!(
        mesh.members[0].starts().last(),
        Some(&(3, Linked::Confirmed))
    );
    assert_eq!(mesh.equivocations(), 0);
}

#[test]
fn witnesses_alone_save_a_restored_device_while_the_coordinator_is_away() {
    let mut mesh = Mesh::of(4);
    let backup = mesh.members[0].disk.clone();
    restart_twice(&mut mesh);
    mesh.stop_hub();
    restore(&mut mesh, backup);
    assert_eq!(
        mesh.members[0].starts().last(),
        Some(&(3, Linked::Confirmed))
    );
    mesh.start_hub();
    mesh.run(120);
    assert_eq!(beginning(&mesh, 0).1, Link::Chained);
    assert_eq!(mesh.equivocations(), 0);
}

/// Story: the journal was lost and the key was not. The node took itself for a fresh one, began
/// with its very first place again without asking anybody, and convicted itself.
#[test]
fn a_lost_journal_does_not_convict_its_device() {
    let mut mesh = Mesh::of(4);
    restart_twice(&mut mesh);
    restore(&mut mesh, Disk::default());
    assert_eq!(
        mesh.members[0].starts().last(),
        Some(&(3, Linked::Confirmed))
    );
    assert_eq!(mesh.equivocations(), 0);
    let newest = mesh.members[0].made.last().copied();
    let device = mesh.members[0].device;
    assert_eq!(
        mesh.hub
            .records(device)
            .last()
            .map(|record| record.position),
        newest
    );
}

/// Story: a restored node that nobody answered began at a place that it had used before, and convicted
/// itself. When it met the coordinator again, every acknowledgement lay ahead of it and looked like a lie.
#[test]
fn a_restored_device_that_begins_alone_leaps_ahead_of_its_past() {
    let mut mesh = Mesh::of(3);
    let peer = mesh.members[0].peer();
    let backup = mesh.members[0].disk.clone();
    restart_twice(&mut mesh);
    mesh.cut(peer);
    restore(&mut mesh, backup);
    assert!(leapt(&mesh));
    mesh.mend(peer);
    mesh.run(120);
    let (begun, link) = beginning(&mesh, 0);
    assert!(begun.flags.has(Flags::UNLINKED));
    assert_eq!(
        link,
        Link::Gap,
        "what it had recorded since the backup is gone"
    );
    assert_eq!(mesh.proofs_against(mesh.members[0].device), []);
    let newest = mesh.members[0].made.last().copied();
    let device = mesh.members[0].device;
    assert_eq!(
        mesh.hub
            .records(device)
            .last()
            .map(|record| record.position),
        newest
    );
}

/// Story: a lying coordinator named the highest incarnation of all. The node took the same number
/// at every start from then on, and so signed its first place again and again.
#[test]
fn no_word_of_the_coordinator_uses_up_the_incarnations() {
    let mut mesh = Mesh::of(2);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    for _ in 0..2 {
        mesh.stop_hub();
        mesh.stop(0);
        mesh.run(1);
        mesh.start(0);
        mesh.tell(0, Input::LinkUp { peer: hub });
        let last = Some(Last {
            position: sample::position(u32::MAX, 7),
            digest: Digest::ZERO,
        });
        let message = Message::Standing { last };
        mesh.tell(0, Input::Frame { from: hub, message });
        mesh.tell(0, Input::LinkDown { peer: hub });
        mesh.run(60);
    }
    mesh.start_hub();
    mesh.run(120);
    assert_eq!(mesh.equivocations(), 0);
    let begun = mesh.members[0].starts().last().unwrap().0;
    assert!(begun < 1 << 22, "{begun}");
    assert!(mesh.is_linked(hub, peer));
}

#[test]
fn a_head_that_a_node_never_signed_does_not_move_it() {
    let mut mesh = Mesh::of(3);
    mesh.stop(0);
    mesh.run(1);
    mesh.start(0);
    let (liar, other) = (mesh.members[1].peer(), mesh.members[2].disk.clone());
    let (_, foreign) = other.memory.last.unwrap();
    mesh.tell(0, Input::LinkUp { peer: liar });
    let message = Message::HeadAnswer {
        head: Some(foreign.head),
    };
    mesh.tell(
        0,
        Input::Frame {
            from: liar,
            message,
        },
    );
    mesh.run(60);
    let partings = &mesh.members[0].partings;
    let misbehaved = (liar, protocol::node::Parting::Misbehaved);
    assert_eq!(
        partings
            .iter()
            .filter(|parting| **parting == misbehaved)
            .count(),
        1
    );
    assert_eq!(
        mesh.members[0].starts().last(),
        Some(&(1, Linked::Confirmed))
    );
}

#[test]
fn every_256th_head_of_an_incarnation_commits_to_those_before_it() {
    let mut mesh = Mesh::of(1);
    mesh.run(5_300);
    let device = mesh.members[0].device;
    let records = mesh.hub.records(device);
    let commits: Vec<_> = records
        .iter()
        .filter(|record| head(&record.record).claim().checkpoint.is_some())
        .map(|record| record.position.sequence)
        .collect();
    assert_eq!(commits, [256, 512]);
    let mut tree = protocol::merkle::Tree::new();
    for record in &records[..256] {
        tree.push(*record.digest.as_bytes());
    }
    let committed = head(&records[256].record).claim().checkpoint;
    assert_eq!(committed, Some(Digest::from_bytes(tree.root())));
}

/// Whether the first member has begun without word of its past, far ahead of it.
fn leapt(mesh: &Mesh) -> bool {
    let last = mesh.members[0].starts().last().copied();
    last.is_some_and(|(incarnation, linked)| incarnation > 1 << 10 && linked == Linked::Unlinked)
}

fn restart_twice(mesh: &mut Mesh) {
    for _ in 0..2 {
        mesh.stop(0);
        mesh.run(2);
        mesh.start(0);
        mesh.run(60);
    }
}

/// Starts the first member over another disk.
fn restore(mesh: &mut Mesh, disk: Disk) {
    mesh.stop(0);
    mesh.run(2);
    mesh.members[0].disk = disk;
    mesh.start(0);
    mesh.run(60);
}

/// Found by the swarm: both copies leapt, the second less far, and what it had recorded was acknowledged as if it were
/// stored. The log has no place for it, so its node says that it is gone.
#[test]
fn what_a_second_copy_of_an_old_disk_recorded_in_vain_is_said_to_be_gone() {
    let mut mesh = Mesh::of(3);
    mesh.run(60);
    let old = mesh.members[0].disk.clone();
    let peer = mesh.members[0].peer();
    let leap = |mesh: &mut Mesh| {
        mesh.cut(peer);
        restore(mesh, old.clone());
        let newest = mesh.members[0].made.last().copied();
        newest.expect("it has begun").incarnation
    };
    let mut stored = leap(&mut mesh);
    let behind = loop {
        mesh.mend(peer);
        mesh.run(60);
        let newest = leap(&mut mesh);
        if newest < stored {
            break newest;
        }
        stored = newest;
    };
    mesh.mend(peer);
    mesh.run(60);
    let made: Vec<_> = (mesh.members[0].made.iter().copied())
        .filter(|position| position.incarnation == behind)
        .collect();
    let last = made.last().copied();

    let gone = mesh.members[0]
        .notices
        .iter()
        .filter_map(|notice| match notice {
            Notice::Unplaced { records, last } => Some((*records, Some(*last))),
            _ => None,
        });
    assert_eq!(gone.collect::<Vec<_>>(), [(made.len(), last)]);
    let places = mesh.hub.records(mesh.members[0].device);
    assert!(
        !places
            .iter()
            .any(|record| record.position.incarnation == behind)
    );
    let newest = places.last().map(|record| record.position.incarnation);
    assert!(newest > Some(stored), "{newest:?}");
    assert_eq!(mesh.equivocations(), 0);
}

#[test]
fn a_start_over_nothing_signs_nothing_before_it_holds_the_log() {
    let mut mesh = Mesh::of(1);
    mesh.stop_hub();
    restore(
        &mut mesh,
        Disk {
            memory: Memory::default(),
            ..Disk::default()
        },
    );
    assert_eq!(mesh.members[0].starts().len(), 1, "it waits");
    mesh.start_hub();
    mesh.run(60);
    assert_eq!(
        mesh.members[0].starts().last(),
        Some(&(1, Linked::Confirmed))
    );
    assert_eq!(mesh.equivocations(), 0);
}

/// The addresses of witnesses used to live in memory only: after a power cut of a whole site, with
/// the coordinator away, nobody found anybody and all began unlinked.
#[test]
fn a_site_that_lost_its_power_finds_itself_again_while_the_coordinator_is_away() {
    let mut mesh = Mesh::of(4);
    mesh.run(60);
    mesh.stop_hub();
    for index in 0..4 {
        mesh.stop(index);
    }
    for index in 0..4 {
        mesh.start(index);
    }
    mesh.run(30);
    for member in &mesh.members {
        assert_eq!(member.starts().last(), Some(&(1, Linked::Confirmed)));
    }
}

/// Found by fuzzing: a coordinator named a later place while the node was starting, and the power went before the node
/// had begun behind it. It began before that place then, and all that it recorded counted as stored already.
#[test]
fn a_node_begins_behind_what_it_was_told_is_stored() {
    let mut mesh = Mesh::of(2);
    let (hub, peer) = (mesh.hub.peer(), mesh.members[0].peer());
    mesh.stop(0);
    mesh.run(1);
    mesh.start(0);
    let last = Last {
        position: sample::position(5, 3),
        digest: Digest::of("test", &[b"never seen"]),
    };
    let standing = Message::Standing { last: Some(last) };
    mesh.tell(0, Input::LinkUp { peer: hub });
    mesh.tell(
        0,
        Input::Frame {
            from: hub,
            message: standing,
        },
    );
    mesh.stop(0);
    mesh.cut(peer);
    mesh.run(1);
    mesh.start(0);
    mesh.run(60);
    let newest = mesh.members[0].made.last().copied();
    assert!(newest > Some(last.position), "{newest:?}");
}
