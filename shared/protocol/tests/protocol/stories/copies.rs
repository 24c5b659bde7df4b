//! Copies: two devices under one key convict themselves, wherever they show what they sign.

use std::time::Duration;

use protocol::coordinator::Event;
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::{Input, Linked, Node, Notice};
use protocol::record::Head;
use protocol::refusal::Refusal;
use protocol::signed::Signed;

use crate::rig::{Disk, Member, Mesh};
use crate::samples as sample;

/// One of two copies of the first member while the other one is on the network.
struct Copy {
    machine: Node,
    disk: Disk,
}

/// Exchanges the first member's machine and disk for those of a copy that runs on: on a network, the one
/// that dialled last has the links.
fn exchange(mesh: &mut Mesh, copy: Copy) -> Copy {
    let out = take_off(mesh);
    let peers: Vec<PeerKey> = copy.machine.links().collect();
    let member = &mut mesh.members[0];
    member.machine = Some(copy.machine);
    member.disk = copy.disk;
    for peer in peers {
        mesh.tell(0, Input::LinkDown { peer });
    }
    out
}

fn take_off(mesh: &mut Mesh) -> Copy {
    let machine = mesh.members[0].machine.take().expect("it runs");
    let disk = mesh.members[0].disk.clone();
    mesh.stop(0);
    Copy { machine, disk }
}

/// The original and a copy of its disk that began: who was on the network last is the copy.
fn copied(mesh: &mut Mesh) -> Copy {
    let original = take_off(mesh);
    mesh.start(0);
    mesh.run(3);
    original
}

fn everybody_shut_it_out(mesh: &Mesh) {
    let device = mesh.members[0].device;
    for member in &mesh.members[1..] {
        assert_eq!(member.convicted(), [device]);
        assert_eq!(
            member.disk.memory.convictions.len(),
            1,
            "it is on every disk"
        );
        assert!(member.roster.is_convicted(&device));
    }
    assert!(mesh.hub.roster.is_convicted_in_log(&device));
    assert_eq!(mesh.hub.store.memory.convictions.len(), 1);
    assert_eq!(mesh.linked(mesh.members[0].peer()), []);
}

#[test]
fn a_copied_disk_convicts_its_device_when_both_have_spoken() {
    let mut mesh = Mesh::of(5);
    mesh.run(25);
    let original = copied(&mut mesh);
    let copy = exchange(&mut mesh, original);
    mesh.run(15);
    drop(copy);
    everybody_shut_it_out(&mesh);
    let proven = |event: &Event| {
        matches!(
            event,
            Event::Proven {
                device: Some(_),
                ..
            }
        )
    };
    assert_eq!(mesh.hub.count(proven), 1);
}

#[test]
fn witnesses_alone_convict_a_copy_while_the_coordinator_is_away() {
    let mut mesh = Mesh::of(5);
    mesh.run(25);
    mesh.stop_hub();
    let original = copied(&mut mesh);
    let _copy = exchange(&mut mesh, original);
    mesh.run(15);
    let device = mesh.members[0].device;
    for member in &mesh.members[1..] {
        assert_eq!(member.convicted(), [device]);
    }
    mesh.start_hub();
    mesh.run(30);
    everybody_shut_it_out(&mesh);
}

/// Story: a copy and its original took each other's links away, so that one witness had not answered the copy after ten
/// seconds. It began without word of its past, as whoever was restored may, and nothing that both signed convicted them.
#[test]
fn a_copy_whose_witness_answers_late_does_not_pass_for_restored() {
    let mut mesh = Mesh::of(5);
    mesh.run(25);
    let older = mesh.members[0].disk.clone();
    mesh.run(30);
    let original = take_off(&mut mesh);
    let (me, witness) = (mesh.members[0].peer(), mesh.members[1].peer());
    mesh.members[0].disk = older;
    mesh.losing.insert((witness, me, "head_answer"));
    mesh.start(0);
    mesh.run(12);
    mesh.losing.clear();
    mesh.part(me, witness);
    mesh.run(8);
    let (_, linked) = mesh.members[0].starts().pop().expect("it has begun");
    assert_eq!(linked, Linked::Confirmed);
    let _copy = exchange(&mut mesh, original);
    mesh.run(15);
    everybody_shut_it_out(&mesh);
}

/// Story: a node that heard of a newer head of its own took it for its past and began behind it. Two
/// copies took turns in one consistent chain, and nobody noticed.
#[test]
fn the_original_does_not_cover_for_its_copy() {
    let mut mesh = Mesh::of(3);
    mesh.run(25);
    let original = copied(&mut mesh);
    let starts = mesh.members[0].starts().len();
    let _copy = exchange(&mut mesh, original);
    mesh.run(15);
    assert_eq!(
        mesh.members[0].starts().len(),
        starts,
        "it goes on where it was"
    );
    let doubled = |notice: &Notice| matches!(notice, Notice::Doubled { .. });
    assert!(mesh.members[0].notices.iter().any(doubled));
}

#[test]
fn a_convicted_device_finds_no_door_open_for_good() {
    let mut mesh = Mesh::of(4);
    equivocate(&mut mesh, &[1]);
    mesh.run(5);
    everybody_shut_it_out(&mesh);
    mesh.refusals.clear();
    for index in 0..4 {
        mesh.stop(index);
        mesh.start(index);
    }
    mesh.stop_hub();
    mesh.start_hub();
    mesh.run(3_600);
    let peer = mesh.members[0].peer();
    assert_eq!(mesh.linked(peer), []);
    let refused =
        |(_, of, why): &(PeerKey, PeerKey, Refusal)| *of == peer && *why == Refusal::Revoked;
    assert!(!mesh.refusals.is_empty() && mesh.refusals.iter().all(refused));
    for member in &mesh.members[1..] {
        let rings = member.roster.rings();
        assert!(
            !rings
                .witnesses(&member.device)
                .contains(&mesh.members[0].device)
        );
    }
}

/// Each witness is shown another head for the same place: only together they know.
#[test]
fn a_split_view_is_found_by_the_coordinator_that_compares_what_all_were_shown() {
    let mut mesh = Mesh::of(5);
    mesh.run(20);
    let peers: Vec<PeerKey> = mesh.members.iter().map(Member::peer).collect();
    for &one in &peers {
        let others = peers.iter().map(|other| (one, *other, "shown"));
        mesh.losing.extend(others);
    }
    show_each_another(&mut mesh);
    mesh.run(12);
    everybody_shut_it_out(&mesh);
}

#[test]
fn a_split_view_is_found_by_co_witnesses_while_the_coordinator_is_away() {
    let mut mesh = Mesh::of(5);
    mesh.run(20);
    mesh.stop_hub();
    show_each_another(&mut mesh);
    mesh.run(60);
    let device = mesh.members[0].device;
    for member in &mesh.members[1..] {
        assert_eq!(member.convicted(), [device]);
    }
}

#[test]
fn two_sides_of_a_partition_hold_the_same_convictions_afterwards() {
    let mut mesh = Mesh::of(6);
    mesh.run(20);
    let sides: [Vec<PeerKey>; 2] = [0, 1].map(|side| {
        let of_it = mesh.members.iter().skip(side).step_by(2);
        of_it.map(Member::peer).collect()
    });
    mesh.stop_hub();
    let across: Vec<_> = sides[0]
        .iter()
        .flat_map(|one| sides[1].iter().map(move |other| (*one, *other)))
        .collect();
    across
        .iter()
        .for_each(|(one, other)| mesh.block(*one, *other));
    let heads = [0, 1].map(|index| two_heads(&mesh, index));
    for (index, to) in [(0, 2), (1, 3)] {
        for head in &heads[index] {
            push(&mut mesh, index, to, head);
        }
    }
    mesh.run(20);
    let devices = [0, 1].map(|index| mesh.members[index].device);
    for index in 2..6 {
        assert_eq!(mesh.members[index].convicted(), [devices[index % 2]]);
    }
    across
        .iter()
        .for_each(|(one, other)| mesh.unblock(*one, *other));
    mesh.run(60);
    for index in 2..6 {
        let roster = &mesh.members[index].roster;
        assert!(devices.iter().all(|device| roster.is_convicted(device)));
    }
}

/// Story: the coordinator acknowledged a record of an old place without a look at it. Whatever a copy
/// signed there stayed its secret.
#[test]
fn an_old_place_with_other_contents_convicts_however_long_ago_it_was_stored() {
    let mut mesh = Mesh::of(2);
    mesh.run(300);
    let device = mesh.members[0].device;
    let old = mesh.hub.records(device)[3].clone();
    let statement = protocol::statement::Statement::Present;
    let (mut head, body) = mesh.forge(0, &statement);
    (head.position, head.time) = (old.position, old.time);
    let record = mesh.sign(0, head, body);
    mesh.hand_in(0, record);
    assert!(mesh.hub.roster.is_convicted(&device));
}

#[test]
fn the_same_record_again_is_only_acknowledged_again() {
    let mut mesh = Mesh::of(2);
    mesh.run(300);
    let device = mesh.members[0].device;
    for place in [3, 29, 30] {
        let old = mesh.hub.records(device)[place].record.clone();
        mesh.hand_in(0, old);
    }
    assert!(!mesh.hub.roster.is_convicted(&device));
}

#[test]
fn a_proof_that_proves_nothing_is_misbehaviour_and_goes_no_further() {
    let mut mesh = Mesh::of(3);
    mesh.run(20);
    let mut bytes = sample::proof_of_two_heads().bytes().to_vec();
    bytes[40] ^= 1;
    let evidence = vec![protocol::evidence::Evidence::Proof(bytes.into())];
    let from = mesh.members[1].peer();
    let message = Message::Gossip { evidence };
    mesh.tell(0, Input::Frame { from, message });
    let misbehaved = (from, protocol::node::Parting::Misbehaved);
    assert!(mesh.members[0].partings.contains(&misbehaved));
    assert_eq!(mesh.members[0].convicted(), []);
}

/// A proof of a device that this member's log does not hold yet is good all the same.
#[test]
fn a_proof_needs_no_roster() {
    let mut mesh = Mesh::of(2);
    mesh.run(20);
    let proof = sample::proof_of_two_heads();
    let evidence = vec![protocol::evidence::Evidence::Proof(
        proof.bytes().to_vec().into(),
    )];
    let from = mesh.members[1].peer();
    mesh.tell(
        0,
        Input::Frame {
            from,
            message: Message::Gossip { evidence },
        },
    );
    assert_eq!(mesh.members[0].convicted(), [sample::device()]);
}

#[test]
fn a_clock_that_is_set_back_begins_another_incarnation_and_convicts_nobody() {
    let mut mesh = Mesh::of(3);
    mesh.members[0].clock_ahead = Duration::from_secs(200);
    mesh.run(60);
    mesh.members[0].clock_ahead = Duration::from_secs(199);
    mesh.run(60);
    assert_eq!(mesh.members[0].starts().len(), 1, "a second is waited for");
    mesh.members[0].clock_ahead = Duration::ZERO;
    mesh.run(60);
    assert_eq!(mesh.members[0].starts().len(), 2);
    assert_eq!(mesh.proofs_against(mesh.members[0].device), []);
}

/// Signs a second head for the newest place of the first member and pushes it to these witnesses.
fn equivocate(mesh: &mut Mesh, to: &[usize]) {
    let [first, second] = two_heads(mesh, 0);
    for &witness in to {
        push(mesh, 0, witness, &first);
        push(mesh, 0, witness, &second);
    }
}

/// Two heads for the next place of a member's log.
fn two_heads(mesh: &Mesh, index: usize) -> [Signed<Head>; 2] {
    let member = &mesh.members[index];
    let (position, record) = member.disk.memory.last.clone().unwrap();
    let newest = protocol::signed::Unchecked::<Head>::parse(&record.head).unwrap();
    [1, 2].map(|body| {
        let head = Head {
            position: position.next(),
            previous: newest.digest(),
            time: mesh.wall(),
            body: sample::digest(body),
            ..newest.claim().clone()
        };
        Signed::seal(head, &member.key())
    })
}

/// Shows every second witness of the first member another head, and keeps the member itself quiet.
fn show_each_another(mesh: &mut Mesh) {
    let heads = two_heads(mesh, 0);
    mesh.members[0].machine = None;
    for witness in 1..mesh.members.len() {
        push(mesh, 0, witness, &heads[witness % 2]);
    }
}

fn push(mesh: &mut Mesh, by: usize, to: usize, head: &Signed<Head>) {
    let from = mesh.members[by].peer();
    let head = head.bytes().to_vec().into();
    let message = Message::Head { head };
    mesh.tell(to, Input::Frame { from, message });
}
