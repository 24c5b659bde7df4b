//! Links: each node keeps those that its seats ask for, and finds their other ends by itself.

use std::collections::BTreeSet;

use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::{Input, Notice, Parting};
use protocol::proof::Contradiction;
use protocol::rings::Down;

use crate::rig::{Member, Mesh};
use crate::samples as sample;

/// The links that the seats of a member ask for: by its own choice or by that of the other side.
fn wanted(mesh: &Mesh, index: usize) -> BTreeSet<PeerKey> {
    let rings = mesh.hub.roster.rings();
    let me = mesh.members[index].device;
    let chosen = |device| [rings.witnesses(device), rings.overlay(device, &Down::new())].concat();
    let others = mesh
        .members
        .iter()
        .filter(|other| chosen(&me).contains(&other.device) || chosen(&other.device).contains(&me));
    others.map(Member::peer).chain([mesh.hub.peer()]).collect()
}

fn assert_wanted_links(mesh: &Mesh) {
    for (index, member) in mesh.members.iter().enumerate() {
        let links: BTreeSet<_> = mesh.linked(member.peer()).into_iter().collect();
        let missing: Vec<_> = wanted(mesh, index).difference(&links).copied().collect();
        assert_eq!(missing, [], "links that member {index} lacks");
    }
}

#[test]
fn every_witness_of_every_device_is_linked_to_it() {
    let mut mesh = Mesh::of(12);
    mesh.run(30);
    assert_wanted_links(&mesh);
}

#[test]
fn links_that_break_come_back_within_seconds() {
    let mut mesh = Mesh::of(6);
    for index in 0..6 {
        let peer = mesh.members[index].peer();
        mesh.cut(peer);
        mesh.run(3);
        mesh.mend(peer);
    }
    mesh.run(45);
    assert_wanted_links(&mesh);
}

#[test]
fn a_long_absence_ends_within_a_minute_or_so() {
    let mut mesh = Mesh::of(5);
    let peer = mesh.members[0].peer();
    mesh.cut(peer);
    mesh.run(2 * 3600);
    mesh.mend(peer);
    mesh.run(80);
    assert_wanted_links(&mesh);
}

/// Story: one neighbour was known and down, another had never said where it is. Every answer about
/// the first was taken for news and led to the next question, as fast as the frames could travel.
/// Story: of a small site only the coordinator had been away for hours. When it was back, its devices stayed silent for
/// more than a minute, each in its pause between two attempts.
#[test]
fn whoever_misses_only_few_is_back_with_them_soon() {
    let mut mesh = Mesh::of(3);
    mesh.stop_hub();
    mesh.run(2 * 3600);
    mesh.start_hub();
    mesh.run(16);
    let back =
        (mesh.members.iter()).filter(|member| mesh.is_linked(mesh.hub.peer(), member.peer()));
    assert_eq!(back.count(), 3);
}

#[test]
fn an_address_that_nobody_knows_is_not_asked_for_without_end() {
    let mut mesh = Mesh::of(3);
    let unheard = mesh.join();
    mesh.stop(unheard);
    let (asker, down) = (mesh.members[0].peer(), mesh.members[2].peer());
    mesh.cut(down);
    mesh.sent.clear();
    mesh.run(150);
    let asked = mesh.count(asker, mesh.hub.peer(), "contact_request");
    assert!((5..30).contains(&asked), "{asked} times");
}

#[test]
fn a_link_that_neither_side_needs_is_ended() {
    let mut mesh = Mesh::of(14);
    mesh.run(60);
    let useless = (0..14)
        .flat_map(|one| (0..one).map(move |other| (one, other)))
        .find(|&(one, other)| !wanted(&mesh, one).contains(&mesh.members[other].peer()));
    let (one, other) = useless.expect("a mesh this large is not complete");
    let (one, other) = (mesh.members[one].peer(), mesh.members[other].peer());
    mesh.connect(one, other);
    mesh.run(80);
    assert_eq!(mesh.count(one, other, "hello"), 1, "the link stood");
    assert!(!mesh.is_linked(one, other));
    let partings = mesh.members.iter().flat_map(|member| &member.partings);
    assert!(partings.clone().any(|(_, why)| *why == Parting::NoSeat));
}

#[test]
fn a_peer_that_says_nothing_is_let_go() {
    let mut mesh = Mesh::of(3);
    let peer = mesh.members[1].peer();
    mesh.members[1].machine = None;
    mesh.run(140);
    assert!(mesh.is_linked(mesh.members[0].peer(), peer));
    mesh.run(40);
    assert!(!mesh.is_linked(mesh.members[0].peer(), peer));
    assert!(mesh.members[0].partings.contains(&(peer, Parting::Quiet)));
}

/// Story: a coordinator began anew behind a cut. The node's link seemed to stand, took every record, and was let go only
/// after two minutes and a half.
#[test]
fn a_coordinator_that_acknowledges_nothing_is_called_anew() {
    let mut mesh = Mesh::of(3);
    let (node, hub) = (mesh.members[0].peer(), mesh.hub.peer());
    mesh.run(20);
    mesh.losing.insert((hub, node, "ack"));
    mesh.run(75);
    assert!(mesh.members[0].partings.contains(&(hub, Parting::Quiet)));
    mesh.losing.clear();
    mesh.run(60);
    mesh.members[0].partings.clear();
    mesh.run(300);
    assert_eq!(mesh.members[0].partings, []);
    assert!(mesh.is_linked(node, hub));
}

#[test]
fn only_the_coordinator_may_speak_as_one() {
    for message in [
        Message::Ack {
            position: crate::samples::position(0, 0),
        },
        Message::Standing { last: None },
        Message::RenewRequest,
    ] {
        let mut mesh = Mesh::of(2);
        let from = mesh.members[1].peer();
        mesh.tell(0, Input::Frame { from, message });
        assert!(
            mesh.members[0]
                .partings
                .contains(&(from, Parting::Misbehaved))
        );
    }
}

#[test]
fn frames_of_links_that_do_not_stand_are_not_looked_at() {
    let mut mesh = Mesh::of(2);
    let from = PeerKey([0x55; 32]);
    let before = mesh.sent.len();
    for form in crate::forms::messages() {
        let message = Message::decode(&form.bytes).unwrap();
        mesh.tell(
            0,
            Input::Frame {
                from,
                message: message.clone(),
            },
        );
        mesh.tell_hub(protocol::coordinator::Input::Frame { from, message });
    }
    assert_eq!(mesh.sent.len(), before);
    assert_eq!(mesh.members[0].partings, []);
}

#[test]
fn a_subject_that_signs_twice_for_one_place_is_convicted_by_its_witness() {
    let mut mesh = Mesh::of(2);
    mesh.run(20);
    let statement = protocol::statement::Statement::Goodbye(protocol::statement::Farewell::Left);
    let (mut head, body) = mesh.forge(1, &statement);
    let (position, _) = mesh.members[1].disk.memory.last.clone().unwrap();
    head.position = position;
    let record = mesh.sign(1, head, body);
    let from = mesh.members[1].peer();
    mesh.tell(
        0,
        Input::Frame {
            from,
            message: Message::Record { record },
        },
    );
    let subject = mesh.members[1].device;
    let noticed = Notice::Proven {
        device: Some(subject),
        contradiction: Contradiction::Place(position),
    };
    assert!(mesh.members[0].notices.contains(&noticed));
}

#[test]
fn a_neighbour_that_is_heard_on_the_local_network_is_dialled_without_anybodys_help() {
    let mut mesh = Mesh::of(2);
    let (hub, peers) = (
        mesh.hub.peer(),
        [0, 1].map(|index| mesh.members[index].peer()),
    );
    mesh.cut(hub);
    for index in [0, 1] {
        mesh.stop(index);
        mesh.members[index].disk.memory.contacts.clear();
    }
    mesh.run(1);
    mesh.start(0);
    mesh.start(1);
    mesh.run(120);
    assert!(
        !mesh.is_linked(peers[0], peers[1]),
        "neither knows where the other is"
    );
    let addresses = vec![sample::path("/memory/2")];
    let discovered = Input::Discovered {
        peer: peers[1],
        addresses,
    };
    mesh.tell(0, discovered);
    mesh.run(1);
    assert!(mesh.is_linked(peers[0], peers[1]));
}

/// Story: a neighbour played back what others had signed, and each time both ends paid for a new handshake.
#[test]
fn a_replayed_head_is_not_listened_to_and_costs_no_link() {
    let mut mesh = Mesh::of(6);
    let (device, from) = (mesh.members[2].device, mesh.members[1].peer());
    let head = mesh.hub.records(device)[0].record.head.clone();
    let message = Message::Head { head };
    mesh.tell(0, Input::Frame { from, message });
    let what = "the head of another device";
    let noticed = Notice::Misbehaviour { peer: from, what };
    assert!(mesh.members[0].notices.contains(&noticed));
    let parted = |(peer, _): &(PeerKey, Parting)| *peer == from;
    assert!(!mesh.members[0].partings.iter().any(parted));
}
