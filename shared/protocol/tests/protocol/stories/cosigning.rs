//! Gateways see the identity log: whoever was admitted unseen is watched, holds no seat and passes nothing on.

use std::time::Duration;

use protocol::charter::Charter;
use protocol::coordinator::Warrant;
use protocol::cosign::Cosigned;
use protocol::evidence::Evidence;
use protocol::key::{PublicKey, Signer as _, Strict};
use protocol::ledger::LogHead;
use protocol::message::Message;
use protocol::node::{Input, Notice, Parting};
use protocol::proof::Contradiction;
use protocol::signed::Signed;

use crate::rig::Mesh;
use crate::samples as sample;

/// A mesh whose first members are gateways.
fn mesh_with(gateways: usize, others: usize) -> Mesh {
    let mut mesh = Mesh::new();
    for place in 0..gateways {
        mesh.join_gateway(place);
    }
    for _ in 0..others {
        mesh.join();
    }
    mesh.run(40);
    mesh
}

/// Everybody holds that gateways have seen so much of the log.
fn assert_covered(mesh: &Mesh, size: u64) {
    assert_eq!(mesh.hub.roster.covered(), size, "the coordinator");
    for (index, member) in mesh.members.iter().enumerate() {
        if member.machine.is_some() {
            assert_eq!(member.roster.covered(), size, "member {index}");
        }
    }
}

fn is_seated_everywhere(mesh: &Mesh, index: usize) -> bool {
    let device = mesh.members[index].device;
    let views = mesh
        .members
        .iter()
        .filter(|member| member.machine.is_some());
    views
        .map(|member| &member.roster)
        .all(|roster| roster.is_seated(&device))
}

#[test]
fn without_a_gateway_every_member_is_seated_when_the_log_holds_it() {
    let mesh = Mesh::of(5);
    assert_covered(&mesh, 5);
    let cosigned = mesh.members[0].roster.cosigned().count();
    assert_eq!(cosigned, 0);
    assert!(is_seated_everywhere(&mesh, 4));
}

#[test]
fn a_newcomer_is_seated_as_soon_as_enough_gateways_have_seen_it() {
    for gateways in 1..=6 {
        let mut mesh = mesh_with(gateways, 3);
        let size = gateways as u64 + 3;
        assert_covered(&mesh, size);
        let newcomer = mesh.join();
        mesh.run(3);
        assert_covered(&mesh, size + 1);
        assert!(is_seated_everywhere(&mesh, newcomer), "{gateways} gateways");
        for member in &mesh.members {
            assert!(!member.disk.memory.cosigned.is_empty(), "on every disk");
        }
        assert!(!mesh.hub.store.memory.cosigned.is_empty());
    }
}

/// Story: a mesh had been made without gateways, and the root named some of its members. They were in the charter,
/// and signed nothing, because nobody looked for them but at their admission.
#[test]
fn members_that_the_root_names_later_sign_from_then_on_and_those_it_drops_do_not() {
    let mut mesh = Mesh::of(5);
    appoint(&mut mesh, 2, &[0, 1]);
    mesh.run(3);
    assert_covered(&mesh, 6);
    let newcomer = mesh.join();
    mesh.run(3);
    assert_covered(&mesh, 7);
    assert!(is_seated_everywhere(&mesh, newcomer));
    assert!(mesh.members[0].roster.cosigned().count() > 0);
    appoint(&mut mesh, 3, &[2]);
    mesh.run(3);
    let named = [(key_of(&mesh, 2), mesh.members[2].device)];
    assert_eq!(mesh.hub.roster.gateways(), named);
    assert_covered(&mesh, 8);
}

#[test]
fn a_device_that_was_revoked_is_no_gateway_whatever_the_charter_says() {
    let mut mesh = Mesh::of(4);
    mesh.retire(mesh.members[3].device, true);
    mesh.run(3);
    appoint(&mut mesh, 2, &[3]);
    mesh.run(3);
    assert_eq!(mesh.hub.roster.gateways(), []);
}

fn key_of(mesh: &Mesh, index: usize) -> PublicKey {
    let member = mesh.hub.roster.member(&mesh.members[index].device);
    member.expect("it was admitted").membership.key
}

/// The root names these members as the gateways, and nobody else.
fn appoint(mesh: &mut Mesh, version: u32, members: &[usize]) {
    let charter = Charter {
        version,
        gateways: members.iter().map(|&index| key_of(mesh, index)).collect(),
        ..sample::charter()
    };
    let entry = sample::charter_entry(&charter, sample::ROOT);
    mesh.succeed(vec![entry], sample::ADMISSION);
}

/// Of five only so many sign as are needed; those who stand by sign nothing.
#[test]
fn gateways_that_are_not_needed_do_not_sign() {
    let mut mesh = mesh_with(5, 4);
    mesh.join();
    mesh.run(30);
    let size = mesh.hub.roster.size();
    let newest = mesh.hub.roster.cosigned();
    let newest = newest.filter(|known| known.head().size == size).count();
    assert_eq!(newest, 3);
}

#[test]
fn a_gateway_that_stands_by_takes_the_place_of_one_that_is_off() {
    let mut mesh = mesh_with(5, 4);
    mesh.stop(0);
    mesh.stop(1);
    mesh.run(60);
    let newcomer = mesh.join();
    mesh.run(20);
    assert_covered(&mesh, 10);
    assert!(is_seated_everywhere(&mesh, newcomer));
}

/// The whole point: somebody who holds the admission key shows a newcomer to one part of the mesh alone.
#[test]
fn whoever_no_gateway_has_seen_is_watched_and_holds_no_seat() {
    let mut mesh = mesh_with(1, 5);
    mesh.stop(0);
    mesh.run(30);
    let newcomer = mesh.join();
    mesh.run(60);
    let device = mesh.members[newcomer].device;
    for member in &mesh.members[1..] {
        let roster = &member.roster;
        assert_eq!(roster.size(), 7);
        assert!(!roster.is_seated(&device));
        assert_eq!(roster.waiting().collect::<Vec<_>>(), [device]);
        let rings = roster.rings();
        assert!(rings.subjects(&device).is_empty(), "it watches nobody");
        assert!(!rings.witnesses(&device).is_empty(), "and is watched");
    }
    assert!(
        mesh.hub.records(device).len() > 3,
        "its records are collected"
    );
    mesh.start(0);
    mesh.run(60);
    assert!(is_seated_everywhere(&mesh, newcomer), "the gateway is back");
}

#[test]
fn a_guest_that_falls_silent_is_missed_like_anybody_else() {
    let mut mesh = mesh_with(1, 6);
    mesh.stop(0);
    mesh.run(30);
    let newcomer = mesh.join();
    mesh.run(60);
    mesh.stop(newcomer);
    mesh.run(60);
    let device = mesh.members[newcomer].device;
    let told = mesh.members[1..newcomer].iter().filter(|member| {
        let of_it =
            |notice: &&Notice| matches!(notice, Notice::Down { device: of, .. } if *of == device);
        member.notices.iter().any(|notice| of_it(&notice))
    });
    assert_eq!(told.count(), 6);
}

#[test]
fn a_guest_passes_nothing_on_but_its_own_alerts() {
    let mut mesh = mesh_with(1, 5);
    mesh.stop(0);
    mesh.run(30);
    let guest = mesh.join();
    mesh.run(60);
    let bring = |mesh: &mut Mesh, author: usize| {
        let alert = protocol::alert::Alert {
            device: mesh.members[author].device,
            time: mesh.wall(),
            ..sample::alert()
        };
        let alert = Signed::seal(alert, &mesh.members[author].key());
        let evidence = vec![Evidence::Alert(alert.bytes().to_vec().into())];
        let from = mesh.members[guest].peer();
        mesh.connect(from, mesh.members[1].peer());
        mesh.run(1);
        let message = Message::Gossip { evidence };
        mesh.tell(1, Input::Frame { from, message });
        let of = mesh.members[author].device;
        let notices = mesh.members[1].notices.iter();
        notices
            .filter(|notice| matches!(notice, Notice::Alert { device, .. } if *device == of))
            .count()
    };
    assert_eq!(bring(&mut mesh, 3), 0, "somebody else's");
    assert_eq!(bring(&mut mesh, guest), 1, "its own");
}

/// A renewed membership stands at a later place of the log, and its device was seen long before.
#[test]
fn a_renewal_unseats_nobody() {
    let mut mesh = Mesh::new();
    mesh.stop_hub();
    mesh.hub.config.membership = Duration::from_secs(3600);
    mesh.start_hub();
    mesh.join_gateway(0);
    (0..3).for_each(|_| assert!(mesh.join() > 0));
    mesh.run(40);
    mesh.stop(0);
    let device = mesh.members[2].device;
    let before = mesh.hub.roster.member(&device).unwrap().included;
    mesh.run(3000);
    let renewed = mesh.hub.roster.member(&device).unwrap();
    assert!(renewed.membership.log_index > 3, "it was renewed");
    assert_eq!(renewed.included, before);
    assert!(mesh.members[1].roster.is_seated(&device));
}

#[test]
fn a_coordinator_cannot_suspend_its_gateways_away() {
    let mut mesh = mesh_with(1, 4);
    let gateway = mesh.members[0].device;
    mesh.retire(gateway, false);
    mesh.run(20);
    let newcomer = mesh.join();
    mesh.run(60);
    assert!(!mesh.hub.roster.is_seated(&mesh.members[newcomer].device));
    mesh.retire(gateway, true);
    mesh.run(20);
    let seated = mesh.hub.roster.is_seated(&mesh.members[newcomer].device);
    assert!(seated, "an administrator has dismissed the last gateway");
}

#[test]
fn coverage_and_cosignatures_outlive_a_restart() {
    let mut mesh = mesh_with(2, 4);
    mesh.stop(0);
    mesh.stop(1);
    mesh.stop(3);
    mesh.stop_hub();
    mesh.run(10);
    mesh.start(3);
    mesh.start_hub();
    assert_eq!(mesh.members[3].roster.covered(), 6);
    assert_eq!(mesh.hub.roster.covered(), 6);
}

#[test]
fn a_word_of_no_gateway_or_one_that_was_changed_counts_for_nothing() {
    let mut mesh = mesh_with(1, 4);
    let head = mesh.hub.roster.head().unwrap().clone();
    let from = mesh.members[2].peer();
    let offer = |mesh: &mut Mesh, bytes: Vec<u8>| {
        let before = mesh.members[1].partings.len();
        let evidence = vec![Evidence::Cosigned(bytes.into())];
        mesh.connect(from, mesh.members[1].peer());
        mesh.run(1);
        let message = Message::Gossip { evidence };
        mesh.tell(1, Input::Frame { from, message });
        mesh.members[1].partings[before..].contains(&(from, Parting::Misbehaved))
    };
    let member = Cosigned::seal(&head, &mesh.members[2].key());
    assert!(
        !offer(&mut mesh, member.bytes().to_vec()),
        "a later charter may name it"
    );
    let good = Cosigned::seal(&head, &sample::key(sample::GATEWAYS[0]));
    let mut changed = good.bytes().to_vec();
    *changed.last_mut().unwrap() ^= 1;
    assert!(offer(&mut mesh, changed));
    assert_eq!(mesh.members[1].roster.cosigned().count(), 1);
}

/// The gateway was shown one log and signs for it; the first member with the other one proves that there are two.
#[test]
fn a_cosigned_head_of_another_version_is_a_split_view_and_gateways_sign_no_more() {
    let mut mesh = mesh_with(1, 4);
    let head = LogHead {
        root: [7; 32],
        time: mesh.wall(),
        ..(**mesh.hub.roster.head().unwrap()).clone()
    };
    let head = Signed::seal(head, &sample::key(sample::ADMISSION));
    let cosigned = Cosigned::seal(&head, &sample::key(sample::GATEWAYS[0]));
    let evidence = vec![cosigned.evidence()];
    let from = mesh.members[2].peer();
    mesh.connect(from, mesh.members[1].peer());
    mesh.run(1);
    let message = Message::Gossip { evidence };
    mesh.tell(1, Input::Frame { from, message });
    mesh.run(5);
    let split = Contradiction::Logs {
        first: 5,
        second: 5,
    };
    for member in &mesh.members {
        let alarms = member.roster.alarms().map(|proof| proof.contradiction());
        assert_eq!(alarms.collect::<Vec<_>>(), [split]);
    }
    let newcomer = mesh.join();
    mesh.run(60);
    assert!(!mesh.hub.roster.is_seated(&mesh.members[newcomer].device));
}

/// A cosignature can be there before the entries that it covers; then those entries must be the ones.
#[test]
fn a_head_that_was_cosigned_before_the_log_came_so_far_is_compared_when_it_does() {
    let mut mesh = mesh_with(1, 4);
    let size = mesh.hub.roster.size();
    let head = LogHead {
        size: size + 1,
        root: [7; 32],
        time: mesh.wall(),
        mesh: sample::mesh(),
    };
    let head = Signed::seal(head, &sample::key(sample::ADMISSION));
    let cosigned = Cosigned::seal(&head, &sample::key(sample::GATEWAYS[0]));
    let from = mesh.members[2].peer();
    mesh.connect(from, mesh.members[1].peer());
    mesh.run(1);
    let message = Message::Gossip {
        evidence: vec![cosigned.evidence()],
    };
    mesh.tell(1, Input::Frame { from, message });
    mesh.run(2);
    assert_eq!(mesh.members[1].roster.covered(), size, "it covers nothing");
    assert!(!mesh.members[3].roster.is_split());
    let token = mesh.make_token(77);
    mesh.enrol(Warrant::Token(token), Mesh::request([77; 32]))
        .unwrap();
    mesh.run(10);
    for member in &mesh.members {
        assert!(member.roster.is_split());
    }
}

/// What a gateway's signatures cost: so many bytes for each growth of the log, at every node, once.
#[test]
fn a_cosignature_is_small() {
    let head = LogHead {
        size: u64::from(u32::MAX),
        ..sample::log_head()
    };
    let head = Signed::seal(head, &sample::key(sample::ADMISSION));
    let cosigned = Cosigned::seal(&head, &sample::key(sample::GATEWAYS[0]));
    assert!(cosigned.bytes().len() <= 300, "{}", cosigned.bytes().len());
    let opened = Cosigned::open(cosigned.bytes(), &sample::charter(), &Strict);
    assert_eq!(
        opened.unwrap().gateway(),
        &sample::key(sample::GATEWAYS[0]).public()
    );
}
