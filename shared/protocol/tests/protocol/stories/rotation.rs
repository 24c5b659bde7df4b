//! Rotation: another admission key and another root, while every link stays.

use protocol::charter::{Charter, CharterError};
use protocol::coordinator::LogState;
use protocol::key::{SecretKey, Signer as _, Strict};
use protocol::ledger::{Entry, LogHead};
use protocol::membership::Membership;
use protocol::proof::{Proof, ProofError};
use protocol::record::Head;
use protocol::roster::{ExtendError, Roster};
use protocol::signed::Signed;
use protocol::succession::SuccessionError;

use crate::rig::Mesh;
use crate::samples as sample;

/// Seconds in which memberships by the former key open doors.
const OVERLAP: u64 = 600;

fn next() -> Entry {
    sample::charter_entry(&overlapping(), sample::ROOT)
}

/// The clock of a story begins at 1000 seconds.
fn overlapping() -> Charter {
    let mut charter = sample::next_charter();
    charter.former[0].until = sample::time(1000 + OVERLAP);
    charter
}

fn rotate(mesh: &mut Mesh) {
    mesh.succeed(vec![next()], sample::NEXT_ADMISSION);
}

fn stragglers(mesh: &Mesh) -> Vec<protocol::id::DeviceId> {
    let machine = mesh.hub.machine.as_ref().expect("it runs");
    machine.replacement().expect("there was one").stragglers
}

fn is_settled(roster: &Roster) -> bool {
    let admission = sample::key(sample::NEXT_ADMISSION).public();
    let reissued = roster.members().all(|member| member.admission == admission);
    roster.charter().version == 2 && reissued
}

/// A head behind these entries, by the key of this seed.
fn head_over(roster: &Roster, entries: &[Vec<u8>], signer: u8) -> Signed<LogHead> {
    let mut tree = roster.tree().clone();
    for entry in entries {
        tree.push(Entry::leaf(entry));
    }
    let head = LogHead {
        mesh: sample::mesh(),
        size: tree.size(),
        root: tree.root(),
        time: sample::time(1000),
    };
    Signed::seal(head, &sample::key(signer))
}

#[test]
fn every_membership_is_signed_anew_and_no_link_drops() {
    let mut mesh = Mesh::of(6);
    let before: Vec<_> = mesh
        .members
        .iter()
        .map(|member| mesh.linked(member.peer()))
        .collect();
    rotate(&mut mesh);
    mesh.run(30);
    for (member, links) in mesh.members.iter().zip(before) {
        assert!(is_settled(&member.roster));
        assert_eq!(mesh.linked(member.peer()), links);
        assert_eq!(member.partings, []);
        assert_eq!(member.starts().len(), 1);
    }
    assert_eq!(mesh.refusals, []);
    assert_eq!(stragglers(&mesh), []);
}

#[test]
fn a_device_that_is_off_is_listed_until_it_has_caught_up() {
    let mut mesh = Mesh::of(4);
    mesh.stop(3);
    rotate(&mut mesh);
    mesh.run(30);
    assert_eq!(stragglers(&mesh), [mesh.members[3].device]);
    mesh.start(3);
    mesh.run(60);
    assert_eq!(stragglers(&mesh), []);
    assert!(is_settled(&mesh.members[3].roster));
}

#[test]
fn neighbours_teach_the_charter_when_the_coordinator_is_gone() {
    let mut mesh = Mesh::of(4);
    mesh.stop(3);
    rotate(&mut mesh);
    mesh.run(30);
    mesh.stop_hub();
    mesh.start(3);
    mesh.run(120);
    assert!(is_settled(&mesh.members[3].roster));
    assert_eq!(mesh.linked(mesh.members[3].peer()).len(), 3);
    assert_eq!(mesh.refusals, []);
}

#[test]
fn whoever_was_away_for_longer_than_the_overlap_may_come_back() {
    let mut mesh = Mesh::of(3);
    mesh.stop(2);
    rotate(&mut mesh);
    mesh.run(OVERLAP + 60);
    mesh.start(2);
    mesh.run(60);
    assert!(is_settled(&mesh.members[2].roster));
    assert_eq!(mesh.refusals, []);
}

#[test]
fn a_device_that_joins_afterwards_reads_the_log_from_its_beginning() {
    let mut mesh = Mesh::of(3);
    rotate(&mut mesh);
    mesh.run(30);
    let index = mesh.join();
    mesh.run(60);
    assert!(is_settled(&mesh.members[index].roster));
    assert_eq!(mesh.linked(mesh.members[index].peer()).len(), 4);
}

#[test]
fn a_rotation_goes_on_where_a_restart_has_interrupted_it() {
    let mut mesh = Mesh::of(3);
    rotate(&mut mesh);
    mesh.stop_hub();
    mesh.start_hub();
    mesh.run(120);
    assert_eq!(stragglers(&mesh), []);
    assert!(mesh.members.iter().all(|member| is_settled(&member.roster)));
}

#[test]
fn the_root_follows_its_own_rule_and_the_mesh_stays_the_same() {
    let mut mesh = Mesh::of(3);
    let root = Entry::Root(sample::next_root().into());
    let charter = sample::charter_entry(&overlapping(), sample::NEXT_ROOT);
    mesh.succeed(vec![root, charter], sample::NEXT_ADMISSION);
    mesh.run(30);
    let later = Charter {
        version: 3,
        ..overlapping()
    };
    for member in &mesh.members {
        assert!(is_settled(&member.roster));
        let trust = member.roster.trust();
        assert_eq!(trust.root().expect("anchored").version(), 2);
        assert_eq!(trust.charter().mesh, sample::mesh());
        let by_the_former = trust.after(&sample::charter_entry(&later, sample::ROOT));
        assert!(matches!(
            by_the_former,
            Err(SuccessionError::Charter(CharterError::Threshold(_)))
        ));
        trust
            .after(&sample::charter_entry(&later, sample::NEXT_ROOT))
            .expect("the root in force has signed it");
    }
    assert_eq!(mesh.refusals, []);
}

/// The second root, and a charter that it has signed and the first has not.
fn next_root() -> Vec<Entry> {
    let charter = Charter {
        version: 3,
        ..overlapping()
    };
    vec![
        Entry::Root(sample::next_root().into()),
        sample::charter_entry(&charter, sample::NEXT_ROOT),
    ]
}

#[test]
fn whoever_slept_through_two_rotations_learns_both_from_a_neighbour() {
    let mut mesh = Mesh::of(4);
    mesh.stop(3);
    rotate(&mut mesh);
    mesh.run(30);
    mesh.succeed(next_root(), sample::NEXT_ADMISSION);
    mesh.run(30);
    assert_eq!(stragglers(&mesh), [mesh.members[3].device]);
    mesh.stop_hub();
    mesh.start(3);
    mesh.run(120);
    let trust = mesh.members[3].roster.trust();
    assert_eq!(trust.charter().version, 3);
    assert_eq!(trust.root().expect("anchored").version(), 2);
    assert_eq!(mesh.linked(mesh.members[3].peer()).len(), 3);
    assert_eq!(mesh.refusals, []);
    assert!(mesh.members.iter().all(|member| member.partings.is_empty()));
}

#[test]
fn a_stolen_coordinator_cannot_replace_the_root() {
    let mut mesh = Mesh::of(3);
    let lone = sample::root_of(2, sample::NEXT_ROOT, &[sample::NEXT_ROOT]);
    let charter = Charter {
        version: 2,
        ..sample::charter()
    };
    let charter = sample::charter_entry(&charter, sample::NEXT_ROOT);
    let stolen = vec![Entry::Root(lone.into()), charter];
    let size = mesh.hub.roster.size();
    mesh.succeed(stolen.clone(), sample::ADMISSION);
    assert_eq!(mesh.hub.roster.size(), size, "its own machine refuses");
    // One that is rewritten appends it all the same.
    let entries: Vec<Vec<u8>> = stolen.iter().map(Entry::encode).collect();
    let head = head_over(&mesh.hub.roster, &entries, sample::ADMISSION);
    for member in &mesh.members {
        let roster = &member.roster;
        let refused = roster.extend(size, &entries, head.bytes(), &Strict);
        assert!(matches!(refused, Err(ExtendError::Succession { .. })));
    }
}

/// A coordinator from a backup that is older than the rotation would admit with a key that counts no more.
#[test]
fn a_coordinator_restored_to_before_a_rotation_learns_of_it_and_appends_nothing() {
    let mut mesh = Mesh::of(3);
    let backup = mesh.hub.store.clone();
    rotate(&mut mesh);
    mesh.run(30);
    mesh.stop_hub();
    (mesh.hub.store, mesh.hub.admission) = (backup, sample::ADMISSION);
    mesh.start_hub();
    mesh.run(120);
    let machine = mesh.hub.machine.as_ref().expect("it runs");
    assert_eq!(machine.log_state(), LogState::Superseded);
    assert!(is_settled(&mesh.hub.roster));
    let size = mesh.hub.roster.size();
    mesh.retire(mesh.members[0].device, false);
    assert_eq!(mesh.hub.roster.size(), size);
    assert!(mesh.members.iter().all(|member| member.partings.is_empty()));
}

#[test]
fn what_the_former_key_admitted_still_convicts_and_what_it_did_not_convicts_nobody() {
    let mut mesh = Mesh::of(2);
    let device = mesh.members[0].device;
    let admitted = mesh
        .hub
        .roster
        .member(&device)
        .expect("admitted")
        .membership
        .clone();
    rotate(&mut mesh);
    mesh.run(30);
    let roster = &mesh.hub.roster;
    let contradiction = |membership: &Signed<Membership>, seed: [u8; 32]| {
        let key = SecretKey::from_seed(&seed);
        let head = |seconds| {
            let head = Head {
                device: membership.device,
                time: sample::time(seconds),
                ..sample::full_head()
            };
            Signed::seal(head, &key)
        };
        Proof::of_heads(membership, &head(1), &head(2)).expect("one place, two heads")
    };
    let proof = contradiction(&admitted, mesh.members[0].seed);
    roster
        .open_proof(proof.bytes(), &Strict)
        .expect("it is in the log");
    let stolen = Membership {
        key: SecretKey::from_seed(&[0x66; 32]).public(),
        ..Membership::clone(&admitted)
    };
    for log_index in [stolen.log_index, roster.size()] {
        let stolen = Membership {
            log_index,
            ..stolen.clone()
        };
        let framed = Signed::seal(stolen, &sample::key(sample::ADMISSION));
        let proof = contradiction(&framed, [0x66; 32]);
        let refused = roster.open_proof(proof.bytes(), &Strict);
        assert_eq!(refused, Err(ProofError::NotInLog));
    }
}

#[test]
fn behind_the_charter_the_former_admission_key_signs_neither_entries_nor_heads() {
    let mut mesh = Mesh::of(2);
    rotate(&mut mesh);
    mesh.run(30);
    let roster = &mesh.hub.roster;
    let forged = Membership {
        log_index: roster.size(),
        key: sample::key(0x52).public(),
        ..sample::membership()
    };
    let by =
        |signer| Entry::admission(&Signed::seal(forged.clone(), &sample::key(signer))).encode();
    let offer = |entry: Vec<u8>, signer| {
        let entries = [entry];
        let head = head_over(roster, &entries, signer);
        roster.extend(roster.size(), &entries, head.bytes(), &Strict)
    };
    let entry = offer(by(sample::ADMISSION), sample::NEXT_ADMISSION);
    assert!(matches!(entry, Err(ExtendError::Signature { .. })));
    let head = offer(by(sample::NEXT_ADMISSION), sample::ADMISSION);
    assert!(matches!(head, Err(ExtendError::Head(_))));
    offer(by(sample::NEXT_ADMISSION), sample::NEXT_ADMISSION).expect("the key in force has both");
}

#[test]
fn documents_that_lead_to_another_key_change_nothing() {
    let mut mesh = Mesh::of(2);
    let size = mesh.hub.roster.size();
    mesh.succeed(vec![next()], sample::ADMISSION);
    assert_eq!(mesh.hub.roster.size(), size);
    assert_eq!(mesh.hub.roster.charter().version, 1);
}
