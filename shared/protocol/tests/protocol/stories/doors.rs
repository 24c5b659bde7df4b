//! The door: six reasons to be turned away, the same on every side.

use std::sync::Arc;
use std::time::Duration;

use minicbor::Encode;
use minicbor::bytes::ByteVec;
use protocol::id::MeshId;
use protocol::key::{PeerKey, Signer as _, Strict};
use protocol::ledger::{Entry, LogHead, Strength};
use protocol::limits;
use protocol::membership::{Membership, Standing};
use protocol::merkle::Tree;
use protocol::refusal::Refusal;
use protocol::roster::{Admitted, Credentials, Roster};
use protocol::signed::Signed;
use protocol::time::Timestamp;

use crate::rig::Mesh;
use crate::samples as sample;

/// A roster with one member, from whose side the doors are tried.
fn roster() -> Roster {
    let entry = sample::admission_entry().encode();
    let head = log_head(std::slice::from_ref(&entry));
    Roster::new(Arc::new(sample::charter()))
        .extend(0, &[entry], head.bytes(), &Strict)
        .unwrap()
}

fn log_head(entries: &[Vec<u8>]) -> Signed<LogHead> {
    let mut tree = Tree::new();
    for entry in entries {
        tree.push(Entry::leaf(entry));
    }
    let head = LogHead {
        mesh: sample::mesh(),
        size: tree.size(),
        root: tree.root(),
        time: sample::time(20),
    };
    Signed::seal(head, &sample::key(sample::ADMISSION))
}

fn holder() -> PeerKey {
    sample::key(sample::DEVICE).public().peer()
}

fn judge(credentials: &[u8], at: Timestamp) -> Result<Admitted, Refusal> {
    roster().admit_peer(holder(), credentials, at, &Strict)
}

fn good() -> Vec<u8> {
    roster().credentials(&sample::device()).unwrap().encode()
}

fn member(standing: Standing) -> Result<Admitted, Refusal> {
    Ok(Admitted::Member {
        device: sample::device(),
        standing,
    })
}

/// The parts of a member's credentials, so that each can be forged apart.
#[derive(Encode)]
#[cbor(array)]
struct Shown {
    #[n(0)]
    membership: ByteVec,
    #[n(1)]
    log_head: ByteVec,
    #[n(2)]
    inclusion: Vec<ByteVec>,
}

fn shown(membership: &Membership, signer: u8, log_head: &[u8], inclusion: &[[u8; 32]]) -> Vec<u8> {
    let membership = Signed::seal(membership.clone(), &sample::key(signer));
    let shown = Shown {
        membership: membership.bytes().to_vec().into(),
        log_head: log_head.to_vec().into(),
        inclusion: inclusion.iter().map(|node| node.to_vec().into()).collect(),
    };
    let shown = minicbor::to_vec(shown).unwrap();
    [&[0x82, 0x01, 0x81][..], &shown].concat()
}

#[test]
fn a_member_is_let_in_until_the_end_of_its_grace() {
    let end = sample::membership().not_after;
    assert_eq!(judge(&good(), sample::time(11)), member(Standing::Valid));
    assert_eq!(judge(&good(), end), member(Standing::Valid));
    let moment = Duration::from_millis(1);
    assert_eq!(
        judge(&good(), end.saturating_add(moment)),
        member(Standing::Grace)
    );
    let grace = end.saturating_add(limits::GRACE);
    assert_eq!(judge(&good(), grace), member(Standing::Grace));
    assert_eq!(
        judge(&good(), grace.saturating_add(moment)),
        Err(Refusal::Expired)
    );
}

/// Judges the sample membership on a clock by a roster whose log was signed at this second.
fn judge_behind(log_time: Timestamp, at: Timestamp) -> Result<Admitted, Refusal> {
    let entry = sample::admission_entry().encode();
    let head = LogHead {
        time: log_time,
        ..LogHead::clone(&log_head(std::slice::from_ref(&entry)))
    };
    let head = Signed::seal(head, &sample::key(sample::ADMISSION));
    let roster = Roster::new(Arc::new(sample::charter()))
        .extend(0, &[entry], head.bytes(), &Strict)
        .unwrap();
    roster.admit_peer(holder(), &good(), at, &Strict)
}

#[test]
fn a_membership_from_the_future_means_that_a_clock_is_wrong() {
    let begin = sample::membership().not_before;
    let tolerated = begin.saturating_sub(limits::CLOCK_AHEAD);
    let moment = Duration::from_millis(1);
    let before = tolerated.saturating_sub(moment);
    assert_eq!(judge_behind(before, tolerated), member(Standing::Valid));
    assert_eq!(judge_behind(before, before), Err(Refusal::ClockWrong));
}

/// A clock that was set back, or that began in 1970, keeps nobody out whom the log has taken in since.
#[test]
fn a_log_that_has_grown_since_shows_that_it_is_the_clock() {
    let begin = sample::membership().not_before;
    let long_ago = Timestamp::from_millis(0);
    assert_eq!(judge_behind(begin, long_ago), member(Standing::Valid));
}

#[test]
fn a_membership_of_another_mesh_is_named_so() {
    let other = Membership {
        mesh: MeshId::from_bytes([9; 32]),
        ..sample::membership()
    };
    for signer in [sample::ADMISSION, 90] {
        let shown = shown(&other, signer, &[], &[]);
        assert_eq!(judge(&shown, sample::time(11)), Err(Refusal::WrongMesh));
    }
}

#[test]
fn nobody_is_a_member_by_another_word_than_the_admission_keys() {
    let now = sample::time(11);
    for signer in [sample::COORDINATOR, sample::ADMINISTRATOR, sample::DEVICE] {
        let shown = shown(&sample::membership(), signer, &[], &[]);
        assert_eq!(judge(&shown, now), Err(Refusal::Unknown));
    }
    let coordinator = Credentials::Coordinator.encode();
    assert_eq!(judge(&coordinator, now), Err(Refusal::Unknown));
    let its_key = sample::charter().coordinator.peer();
    let let_in = roster().admit_peer(its_key, &coordinator, now, &Strict);
    assert_eq!(let_in, Ok(Admitted::Coordinator));
}

/// A thief of the admission key can sign a membership, but not without leaving it in the log.
#[test]
fn a_membership_that_no_log_holds_opens_no_door() {
    let now = sample::time(11);
    let newcomer = Membership {
        log_index: 1,
        ..sample::membership()
    };
    let unlogged = shown(&newcomer, sample::ADMISSION, &[], &[]);
    assert_eq!(judge(&unlogged, now), Err(Refusal::Unknown));
    let known = Membership {
        name: sample::name("somebody else"),
        ..sample::membership()
    };
    let replaced = shown(&known, sample::ADMISSION, &[], &[]);
    assert_eq!(judge(&replaced, now), Err(Refusal::Unknown));
}

#[test]
fn a_newcomer_shows_the_head_and_the_proof_that_cover_it() {
    let now = sample::time(11);
    let newcomer = Membership {
        log_index: 1,
        device: protocol::id::DeviceId::from_bytes([2; 8]),
        ..sample::membership()
    };
    let admission = &sample::key(sample::ADMISSION);
    let entry = Entry::admission(&Signed::seal(newcomer.clone(), admission)).encode();
    let first = sample::admission_entry().encode();
    let proof = [Entry::leaf(&first)];
    let head = log_head(&[first.clone(), entry.clone()]);
    let by = |head: &[u8], proof: &[[u8; 32]]| {
        judge(&shown(&newcomer, sample::ADMISSION, head, proof), now)
    };
    assert!(by(head.bytes(), &proof).is_ok());
    assert_eq!(by(head.bytes(), &[]), Err(Refusal::Unknown));
    assert_eq!(by(head.bytes(), &[[0; 32]]), Err(Refusal::Unknown));
    assert_eq!(
        by(head.bytes(), &[proof[0], proof[0]]),
        Err(Refusal::Unknown)
    );
    let earlier = log_head(&[first]);
    assert_eq!(by(earlier.bytes(), &proof), Err(Refusal::Unknown));
    let forged = Signed::seal((*head).clone(), &sample::key(sample::DEVICE));
    assert_eq!(by(forged.bytes(), &proof), Err(Refusal::Unknown));
}

/// The model `revocation` found it: whoever holds the admission key could log the key of a revoked
/// device under another id, and peers that had not yet read that page of the log let it in.
#[test]
fn a_revoked_key_stays_out_under_another_id() {
    let revocation = Signed::seal(
        sample::withdrawal(Strength::Revocation),
        &sample::key(sample::ADMINISTRATOR),
    );
    let entries = [
        sample::admission_entry().encode(),
        Entry::withdrawal(&revocation).encode(),
    ];
    let roster = Roster::new(Arc::new(sample::charter()))
        .extend(0, &entries, log_head(&entries).bytes(), &Strict)
        .unwrap();
    let reborn = Membership {
        log_index: 2,
        device: protocol::id::DeviceId::from_bytes([2; 8]),
        ..sample::membership()
    };
    let entry = Entry::admission(&Signed::seal(
        reborn.clone(),
        &sample::key(sample::ADMISSION),
    ));
    let longer = [&entries[..], &[entry.encode()]].concat();
    let mut tree = Tree::new();
    for entry in &longer {
        tree.push(Entry::leaf(entry));
    }
    let proof = tree.inclusion_proof(2, 3).unwrap();
    let head = log_head(&longer);
    let shown = shown(&reborn, sample::ADMISSION, head.bytes(), &proof);
    let verdict = roster.admit_peer(holder(), &shown, sample::time(30), &Strict);
    assert_eq!(verdict, Err(Refusal::Revoked));
}

#[test]
fn credentials_of_another_and_of_no_form_are_malformed() {
    let now = sample::time(11);
    let thief = sample::key(90).public().peer();
    let stolen = roster().admit_peer(thief, &good(), now, &Strict);
    assert_eq!(stolen, Err(Refusal::Malformed));
    let long = vec![0; limits::CREDENTIAL_BYTES + 1];
    for nonsense in [&b""[..], b"\x00", b"\xff\xff", &long, &good()[1..]] {
        assert_eq!(judge(nonsense, now), Err(Refusal::Malformed));
    }
    for place in 0..good().len() {
        let mut flipped = good();
        flipped[place] ^= 1;
        let verdict = judge(&flipped, now);
        assert!(
            verdict.is_err() || is_unread(place),
            "byte {place}: {verdict:?}"
        );
    }
}

/// Who is known needs no proof, so nobody reads the head and the path that it shows.
fn is_unread(place: usize) -> bool {
    let membership = Signed::seal(sample::membership(), &sample::key(sample::ADMISSION));
    place > 3 + membership.bytes().len()
}

#[test]
fn a_revoked_member_is_turned_away_by_all() {
    let mut mesh = Mesh::of(3);
    let peer = mesh.members[0].peer();
    mesh.retire(mesh.members[0].device, true);
    mesh.run(5);
    for by in [
        mesh.hub.peer(),
        mesh.members[1].peer(),
        mesh.members[2].peer(),
    ] {
        assert_eq!(mesh.judge(by, peer), Err(Refusal::Revoked));
    }
}

#[test]
fn every_refusal_has_a_word_and_a_remedy_of_its_own() {
    let all = [
        Refusal::Unknown,
        Refusal::Expired,
        Refusal::Revoked,
        Refusal::WrongMesh,
        Refusal::ClockWrong,
        Refusal::Malformed,
    ];
    let words: std::collections::BTreeSet<_> = all.iter().map(|one| one.word()).collect();
    let remedies: std::collections::BTreeSet<_> = all.iter().map(|one| one.remedy()).collect();
    assert_eq!((words.len(), remedies.len()), (6, 6));
}
