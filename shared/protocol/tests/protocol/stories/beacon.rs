//! Seeds dealt ahead: seats change by the hour without the coordinator, for a week, and everybody agrees on them.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::beacon::{self, Deal, DealingError, Dealt, Opened, Rotation};
use protocol::cbor;
use protocol::evidence::Evidence;
use protocol::id::Epoch;
use protocol::key::Strict;
use protocol::message::Message;
use protocol::node::{Input, Notice, Parting};
use protocol::signed::Signed;

use crate::rig::Mesh;
use crate::samples as sample;

/// Seconds of an epoch in these stories.
const EPOCH_S: u64 = 360;

/// A mesh of gateways and others whose epochs are short, with its first dealing made.
fn mesh_with(gateways: usize, others: usize) -> Mesh {
    let mut mesh = Mesh::new();
    mesh.stop_hub();
    mesh.hub.config.epoch = Duration::from_secs(EPOCH_S);
    mesh.epoch = Duration::from_secs(EPOCH_S);
    mesh.start_hub();
    for place in 0..gateways {
        mesh.join_gateway(place);
    }
    for _ in 0..others {
        mesh.join();
    }
    mesh.run(40);
    mesh
}

fn run_epochs(mesh: &mut Mesh, epochs: u64) {
    mesh.run(epochs * EPOCH_S);
}

/// The seeds by which everybody who runs holds its seats: one pair, if they agree.
fn views(mesh: &Mesh) -> BTreeSet<[Option<protocol::id::Digest>; 2]> {
    let running = mesh
        .members
        .iter()
        .filter_map(|member| member.machine.as_ref());
    running.map(|node| node.roster().seeds()).collect()
}

fn turns(mesh: &Mesh, index: usize) -> usize {
    let notices = mesh.members[index].notices.iter();
    notices
        .filter(|notice| matches!(notice, Notice::Turned { .. }))
        .count()
}

fn nobody_was_held_down(mesh: &Mesh) -> bool {
    let down = |notice: &Notice| matches!(notice, Notice::Down { .. });
    !mesh
        .members
        .iter()
        .any(|member| member.notices.iter().any(down))
}

#[test]
fn seats_change_with_every_epoch_and_everybody_agrees_on_them_without_the_coordinator() {
    let mut mesh = mesh_with(4, 4);
    run_epochs(&mut mesh, 3);
    mesh.stop_hub();
    let (mut seen, before) = (BTreeSet::new(), turns(&mesh, 7));
    for _ in 0..6 {
        run_epochs(&mut mesh, 1);
        let views = views(&mesh);
        assert_eq!(views.len(), 1, "{views:?}");
        seen.extend(views);
    }
    assert_eq!(seen.len(), 6, "each epoch has its own");
    assert_eq!(turns(&mesh, 7) - before, 6);
    assert!(nobody_was_held_down(&mesh));
}

#[test]
fn fewer_than_four_gateways_are_dealt_nothing() {
    let mut mesh = mesh_with(3, 3);
    run_epochs(&mut mesh, 4);
    assert_eq!(views(&mesh), BTreeSet::from([[None, None]]));
    let machine = mesh.members[0].machine.as_ref().unwrap();
    assert_eq!(machine.rotation(), Rotation::Undealt);
}

#[test]
fn seats_stay_and_everybody_says_so_while_too_few_holders_are_there() {
    let mut mesh = mesh_with(4, 4);
    run_epochs(&mut mesh, 3);
    mesh.stop(0);
    run_epochs(&mut mesh, 2);
    assert!(
        matches!(rotation(&mesh, 6), Rotation::Turning { .. }),
        "three of four are enough"
    );
    mesh.stop(1);
    run_epochs(&mut mesh, 2);
    let frozen = views(&mesh);
    run_epochs(&mut mesh, 2);
    assert_eq!(views(&mesh), frozen);
    assert_eq!(frozen.len(), 1);
    for index in 2..8 {
        assert!(matches!(rotation(&mesh, index), Rotation::Frozen { .. }));
    }
    mesh.start(1);
    run_epochs(&mut mesh, 2);
    assert_ne!(views(&mesh), frozen, "a holder is back");
    assert!(matches!(rotation(&mesh, 6), Rotation::Turning { .. }));
}

fn rotation(mesh: &Mesh, index: usize) -> Rotation {
    mesh.members[index].machine.as_ref().unwrap().rotation()
}

#[test]
fn whoever_starts_later_learns_the_seeds_from_its_neighbours() {
    let mut mesh = mesh_with(4, 4);
    run_epochs(&mut mesh, 3);
    mesh.stop(5);
    mesh.stop_hub();
    run_epochs(&mut mesh, 3);
    mesh.start(5);
    mesh.run(40);
    assert_eq!(views(&mesh).len(), 1);
}

/// The old witnesses of a dead device are believed until the new ones have looked: it is never back between.
#[test]
fn a_dead_device_stays_dead_over_every_change_of_its_witnesses() {
    let mut mesh = mesh_with(4, 6);
    run_epochs(&mut mesh, 3);
    mesh.stop(9);
    run_epochs(&mut mesh, 5);
    let device = mesh.members[9].device;
    for member in &mesh.members[..9] {
        let back =
            |notice: &&Notice| matches!(notice, Notice::Back { device: of } if *of == device);
        assert_eq!(member.notices.iter().filter(back).count(), 0);
        let down = member.machine.as_ref().unwrap().silence().down();
        assert!(down.contains(&device));
    }
    mesh.start(9);
    mesh.run(60);
    for member in &mesh.members[..9] {
        let down = member.machine.as_ref().unwrap().silence().down();
        assert!(down.is_empty());
    }
}

#[test]
fn only_the_coordinator_deals() {
    let mut mesh = mesh_with(4, 2);
    let from = mesh.members[1].peer();
    mesh.connect(from, mesh.members[0].peer());
    mesh.run(1);
    let deal = Deal::Commitments {
        number: 1,
        commitments: Vec::new(),
    };
    let message = Message::Deal { deal };
    mesh.tell(0, Input::Frame { from, message });
    assert!(
        mesh.members[0]
            .partings
            .contains(&(from, Parting::Misbehaved))
    );
}

fn open(bytes: &[u8]) -> Result<Dealt, DealingError> {
    Dealt::open(bytes, &sample::charter(), &Strict)
}

#[test]
fn three_of_four_shares_open_a_seed_and_two_do_not() {
    let (bytes, hands) = sample::dealing();
    let dealt = open(&bytes).unwrap();
    let epoch = Epoch::FROZEN.plus(117);
    let shares: Vec<_> = hands
        .iter()
        .map(|hand| hand.share(epoch).unwrap())
        .collect();
    for share in &shares {
        assert!(share.is_of(dealt.offer()));
    }
    let points = |places: &[usize]| -> Vec<_> {
        places.iter().map(|place| shares[*place].point()).collect()
    };
    let seed = |places: &[usize]| {
        let secret = protocol::shares::combine(&points(places)).unwrap();
        dealt.seed(&Opened {
            number: 1,
            epoch,
            secret,
        })
    };
    let expected = seed(&[0, 1, 2]);
    assert!(expected.is_some());
    for places in [[1, 2, 3], [0, 2, 3], [3, 1, 0]] {
        assert_eq!(seed(&places), expected);
    }
    assert_eq!(seed(&[0, 1]), None, "two are too few");
    let wrong = Epoch::FROZEN.plus(118);
    let secret = protocol::shares::combine(&points(&[0, 1, 2])).unwrap();
    let other = Opened {
        number: 1,
        epoch: wrong,
        secret,
    };
    assert_eq!(dealt.seed(&other), None, "a secret is for its epoch");
}

#[test]
fn every_changed_byte_of_a_dealing_is_refused() {
    let (bytes, _) = sample::dealing();
    open(&bytes).unwrap();
    for place in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        open(&changed).expect_err("a changed byte passed");
    }
}

/// A holder that showed another nonce than it had committed to could choose the seeds.
#[test]
fn a_nonce_that_was_not_committed_to_spoils_the_dealing() {
    let (bytes, _) = sample::dealing();
    let mut dealing: beacon::Dealing = cbor::decode("dealing", 20_000, &bytes).unwrap();
    let commitments: Vec<_> = dealing.parts.iter().map(|part| part.commitment).collect();
    let offer = Signed::open(&dealing.offer, &sample::charter().admission, &Strict).unwrap();
    let signer = sample::key(sample::GATEWAYS[2]);
    let other = beacon::reveal(&offer, &commitments, [1; 32], &signer);
    dealing.parts[2] = beacon::Part {
        commitment: commitments[2],
        ..other
    };
    let refused = open(&cbor::encode(&dealing));
    assert_eq!(refused, Err(DealingError::Part { place: 2 }));
}

#[test]
fn a_share_that_was_changed_is_not_taken() {
    let mut mesh = mesh_with(4, 2);
    run_epochs(&mut mesh, 1);
    let evidence = vec![Evidence::Share(b"nonsense".to_vec().into())];
    let from = mesh.members[1].peer();
    mesh.connect(from, mesh.members[0].peer());
    mesh.run(1);
    let message = Message::Gossip { evidence };
    mesh.tell(0, Input::Frame { from, message });
    assert!(
        mesh.members[0]
            .partings
            .contains(&(from, Parting::Misbehaved))
    );
    let (bytes, hands) = sample::dealing();
    let dealt = open(&bytes).unwrap();
    let mut share = hands[0].share(Epoch::FROZEN.plus(101)).unwrap();
    assert!(share.is_of(dealt.offer()));
    share.value[3] ^= 1;
    assert!(!share.is_of(dealt.offer()));
}
