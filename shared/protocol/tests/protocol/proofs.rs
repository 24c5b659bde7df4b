//! Proofs: what convicts, what does not, and that nothing else passes for one.

use protocol::key::{Signer as _, Strict};
use protocol::ledger::{Entry, LogHead};
use protocol::limits;
use protocol::membership::Membership;
use protocol::proof::{Accused, Contradiction, Dossier, DossierError, Part, Proof, ProofError};
use protocol::record::{Flags, Head, Incarnation, Position};
use protocol::refusal::Refusal;
use protocol::roster::{ExtendError, Roster};
use protocol::signed::Signed;
use protocol::succession::Succession;
use protocol::text::Name;
use protocol::time::Timestamp;

use crate::samples as sample;

fn signed(head: Head) -> Signed<Head> {
    Signed::seal(head, &sample::key(sample::DEVICE))
}

fn membership() -> Signed<Membership> {
    Signed::seal(sample::membership(), &sample::key(sample::ADMISSION))
}

/// A head at a place, behind another.
fn at(incarnation: u32, sequence: u32, previous: u8, seconds: u64) -> Head {
    Head {
        position: sample::position(incarnation, sequence),
        previous: sample::digest(previous),
        time: sample::time(seconds),
        ..sample::sparse_head()
    }
}

fn between(one: Head, other: Head) -> Option<Contradiction> {
    let (one, other) = (signed(one), signed(other));
    let found = Proof::of_heads(&membership(), &one, &other);
    let turned = Proof::of_heads(&membership(), &other, &one);
    assert_eq!(found, turned, "one proof, whichever head came first");
    if let Some(proof) = &found {
        assert_eq!(open(proof.bytes()).as_ref(), Ok(proof));
    }
    found.map(|proof| proof.contradiction())
}

fn open(bytes: &[u8]) -> Result<Proof, ProofError> {
    Proof::open(bytes, &sample::charter(), &Strict)
}

#[test]
fn two_heads_for_one_place_convict() {
    let found = between(at(3, 7, 1, 40), at(3, 7, 1, 41));
    assert_eq!(found, Some(Contradiction::Place(sample::position(3, 7))));
    assert_eq!(between(at(3, 7, 1, 40), at(3, 7, 1, 40)), None);
}

#[test]
fn two_heads_behind_one_convict_unless_one_began_without_word_of_its_past() {
    let (clone, original) = (at(4, 0, 1, 50), at(3, 8, 1, 51));
    let expected = Contradiction::Predecessor {
        first: original.position,
        second: clone.position,
    };
    assert_eq!(between(clone.clone(), original.clone()), Some(expected));
    let restored = Head {
        flags: Flags::UNLINKED,
        ..clone
    };
    assert_eq!(between(restored, original), None);
}

#[test]
fn a_head_that_does_not_name_the_one_before_it_convicts_within_an_incarnation() {
    let before = signed(at(3, 7, 1, 40));
    let next = Head {
        previous: before.digest(),
        ..at(3, 8, 0, 41)
    };
    assert_eq!(between((*before).clone(), next.clone()), None);
    assert_eq!(
        between((*before).clone(), at(3, 8, 2, 41)),
        Some(Contradiction::Chain(sample::position(3, 8)))
    );
    assert_eq!(
        between((*before).clone(), at(3, 9, 2, 41)),
        None,
        "one between is not shown"
    );
    assert_eq!(
        between((*before).clone(), at(4, 0, 2, 41)),
        None,
        "another start"
    );
}

#[test]
fn a_head_behind_a_later_one_convicts() {
    let later = signed(at(4, 2, 1, 60));
    let earlier = Head {
        previous: later.digest(),
        ..at(4, 1, 0, 61)
    };
    let expected = Contradiction::Sequence {
        first: earlier.position,
        second: later.position,
    };
    assert_eq!(between(earlier, (*later).clone()), Some(expected));
}

#[test]
fn a_time_that_falls_within_an_incarnation_convicts_and_over_a_start_it_does_not() {
    let expected = Contradiction::Time {
        first: sample::position(3, 7),
        second: sample::position(3, 20),
    };
    assert_eq!(between(at(3, 7, 1, 40), at(3, 20, 2, 39)), Some(expected));
    assert_eq!(between(at(3, 7, 1, 40), at(3, 20, 2, 40)), None);
    assert_eq!(between(at(3, 7, 1, 40), at(4, 0, 2, 39)), None);
}

#[test]
fn heads_of_two_devices_prove_nothing_together() {
    let other = Head {
        device: protocol::id::DeviceId::from_bytes([9; 8]),
        ..at(3, 7, 1, 41)
    };
    assert_eq!(between(at(3, 7, 1, 40), other), None);
}

#[test]
fn two_admissions_for_one_place_of_the_log_accuse_the_admission_key_alone() {
    let proof = sample::proof_of_two_admissions();
    assert_eq!(open(proof.bytes()).as_ref(), Ok(&proof));
    assert_eq!(proof.contradiction(), Contradiction::Entry(0));
    assert_eq!(
        proof.convicts(),
        None,
        "a thief of that key could evict anybody"
    );
    assert!(matches!(proof.accused(), Accused::Admission { .. }));
}

#[test]
fn two_live_memberships_of_one_device_are_a_proof_unless_the_first_announces_the_second() {
    let charter = sample::charter();
    let admit = |membership: Membership| Signed::seal(membership, &sample::key(sample::ADMISSION));
    let first = Membership {
        next_key: Some(sample::key(91).public().commitment()),
        ..sample::membership()
    };
    let second = |key: u8| Membership {
        log_index: 5,
        key: sample::key(key).public(),
        not_before: sample::time(1000),
        not_after: sample::time(2000),
        ..sample::membership()
    };
    let found = Proof::of_admissions(&charter, &admit(second(92)), &admit(first.clone())).unwrap();
    assert_eq!(
        found.contradiction(),
        Contradiction::Admission {
            first: 0,
            second: 5
        }
    );
    assert_eq!(open(found.bytes()).as_ref(), Ok(&found));
    let rotated = Proof::of_admissions(&charter, &admit(first.clone()), &admit(second(91)));
    assert_eq!(rotated, None);
    let renewed = Membership {
        log_index: 5,
        ..first.clone()
    };
    assert_eq!(
        Proof::of_admissions(&charter, &admit(first.clone()), &admit(renewed)),
        None
    );
    let afterwards = Membership {
        not_before: Timestamp::from_millis(first.not_after.as_millis() + 1),
        not_after: Timestamp::from_millis(first.not_after.as_millis() + 9),
        ..second(92)
    };
    assert_eq!(
        Proof::of_admissions(&charter, &admit(first), &admit(afterwards)),
        None
    );
}

#[test]
fn every_changed_byte_is_refused_with_a_reason() {
    for proof in [
        sample::proof_of_two_heads(),
        sample::proof_of_two_admissions(),
    ] {
        for place in 0..proof.bytes().len() {
            for change in [0x01, 0x80, 0xff] {
                let mut bytes = proof.bytes().to_vec();
                bytes[place] ^= change;
                let refused = open(&bytes).expect_err("a changed byte passed");
                assert!(!refused.to_string().is_empty());
            }
        }
    }
}

#[test]
fn each_reason_is_said_in_words() {
    let [one, other] = [signed(at(3, 7, 1, 40)), signed(at(3, 7, 1, 41))];
    let admitted = membership();
    let (low, high) = if one.digest() < other.digest() {
        (one, other)
    } else {
        (other, one)
    };
    let refused = |membership: &Signed<Membership>, first: &Signed<Head>, second: &Signed<Head>| {
        open(&assemble(membership.bytes(), first.bytes(), second.bytes())).unwrap_err()
    };
    assert!(open(&assemble(admitted.bytes(), low.bytes(), high.bytes())).is_ok());
    assert_eq!(refused(&admitted, &high, &low), ProofError::Order);
    assert_eq!(refused(&admitted, &low, &low), ProofError::Same);
    let forged = Signed::seal(sample::membership(), &sample::key(99));
    assert!(matches!(
        refused(&forged, &low, &high),
        ProofError::Membership(_)
    ));
    let foreign = Membership {
        mesh: protocol::id::MeshId::from_bytes([7; 32]),
        ..sample::membership()
    };
    let foreign = Signed::seal(foreign, &sample::key(sample::ADMISSION));
    assert_eq!(refused(&foreign, &low, &high), ProofError::WrongMesh);
    let alien = Signed::seal((*high).clone(), &sample::key(99));
    let which = Part::Second;
    assert!(
        matches!(refused(&admitted, &low, &alien), ProofError::Head { which: found, .. } if found == which)
    );
    let stranger = signed(Head {
        device: protocol::id::DeviceId::from_bytes([9; 8]),
        ..at(3, 9, 1, 41)
    });
    assert_eq!(
        refused(&admitted, &low, &stranger),
        ProofError::OtherDevice(Part::Second)
    );
    let harmless = signed(at(5, 9, 7, 80));
    assert_eq!(
        refused(&admitted, &low, &harmless),
        ProofError::NoContradiction
    );
    let restored = signed(Head {
        flags: Flags::UNLINKED,
        ..at(4, 0, 1, 50)
    });
    assert_eq!(refused(&admitted, &low, &restored), ProofError::Unlinked);
}

#[test]
fn a_proof_says_what_it_proves() {
    assert_eq!(
        sample::proof_of_two_heads().to_string(),
        "device badqmbieambac (boiler room meter) signed two different heads for one place, \
         record 256 of start 3"
    );
    assert_eq!(
        sample::proof_of_two_admissions().to_string(),
        "the admission key of this mesh signed two different entries for one place of the \
         identity log, 0"
    );
}

/// The longest names, the largest numbers and every optional field.
#[test]
fn the_largest_proof_is_within_its_bound() {
    let name = Name::new("n".repeat(64)).unwrap();
    let most = Timestamp::from_millis(u64::MAX);
    let membership = Membership {
        log_index: u64::MAX,
        name: name.clone(),
        cell: name,
        not_before: most,
        not_after: most,
        incarnation_floor: Incarnation(u32::MAX),
        ..sample::membership()
    };
    let head = |ring_mask| Head {
        position: Position {
            incarnation: Incarnation(u32::MAX),
            sequence: u32::MAX - 1,
        },
        time: most,
        ring_mask,
        ..sample::full_head()
    };
    let admission = Signed::seal(membership.clone(), &sample::key(sample::ADMISSION));
    let heads = [signed(head(u16::MAX)), signed(head(u16::MAX - 1))];
    let proof = Proof::of_heads(&admission, &heads[0], &heads[1]).unwrap();
    assert!(
        proof.bytes().len() <= limits::PROOF_BYTES,
        "{}",
        proof.bytes().len()
    );
    assert!(Entry::conviction(&proof).encode().len() <= limits::ENTRY_BYTES);
    let other = Membership {
        key: sample::key(90).public(),
        ..membership
    };
    let other = Signed::seal(other, &sample::key(sample::ADMISSION));
    let proof = Proof::of_admissions(&sample::charter(), &admission, &other).unwrap();
    assert!(
        proof.bytes().len() <= limits::PROOF_BYTES,
        "{}",
        proof.bytes().len()
    );
}

#[test]
fn a_conviction_shuts_out_at_the_door_and_stays() {
    let roster = admitted();
    let proof = sample::proof_of_two_heads();
    let shown = roster.credentials(&sample::device()).unwrap().encode();
    let judge = |roster: &Roster| {
        let key = sample::key(sample::DEVICE).public().peer();
        roster.admit_peer(key, &shown, sample::time(50), &Strict)
    };
    assert!(judge(&roster).is_ok());
    let convicted = roster.with_conviction(proof.clone()).unwrap();
    assert_eq!(judge(&convicted), Err(Refusal::Revoked));
    assert!(convicted.with_conviction(proof).is_none(), "it is known");
    let longer = grown(&convicted, &[renewal(1)], 2).unwrap();
    assert_eq!(
        judge(&longer),
        Err(Refusal::Revoked),
        "a renewal does not undo it"
    );
    assert_eq!(longer.rings().jury(&sample::device()), 0);
}

#[test]
fn a_conviction_in_the_log_needs_no_signature_but_the_devices_own() {
    let roster = admitted();
    let convicted = grown(&roster, &[sample::conviction_entry()], 2).unwrap();
    assert!(convicted.is_convicted_in_log(&sample::device()));
    assert_eq!(convicted.convictions().count(), 1);
    let again = grown(&convicted, &[sample::conviction_entry()], 3).unwrap_err();
    assert!(
        matches!(again, ExtendError::Misplaced { index: 2, .. }),
        "{again}"
    );
    let back = grown(&convicted, &[renewal(2)], 3).unwrap_err();
    assert!(
        matches!(back, ExtendError::Misplaced { index: 2, .. }),
        "{back}"
    );
    let accused = Entry::conviction(&sample::proof_of_two_admissions());
    let refused = grown(&roster, &[accused], 2).unwrap_err();
    assert!(
        matches!(refused, ExtendError::Misplaced { index: 1, .. }),
        "{refused}"
    );
    let empty = Entry::Conviction(vec![0x80].into());
    let refused = grown(&roster, &[empty], 2).unwrap_err();
    assert!(
        matches!(refused, ExtendError::Proof { index: 1, .. }),
        "{refused}"
    );
}

#[test]
fn a_proof_against_the_admission_key_raises_an_alarm_and_shuts_nobody_out() {
    let roster = admitted();
    let alarmed = roster
        .with_conviction(sample::proof_of_two_admissions())
        .unwrap();
    assert!(alarmed.alarms().next().is_some());
    assert!(!alarmed.shuts_out(&sample::device(), sample::time(50)));
    assert!(
        alarmed
            .with_conviction(sample::proof_of_two_admissions())
            .is_none()
    );
}

fn assemble(membership: &[u8], first: &[u8], second: &[u8]) -> Vec<u8> {
    let parts = [membership, first, second].map(|part| {
        let part: minicbor::bytes::ByteVec = part.to_vec().into();
        protocol::cbor::encode(&part)
    });
    [&[0x82, 0x00, 0x83][..], &parts.concat()].concat()
}

/// The roster that holds the sample device alone.
fn admitted() -> Roster {
    let empty = Roster::new(std::sync::Arc::new(sample::charter()));
    grown(&empty, &[sample::admission_entry()], 1).unwrap()
}

fn renewal(index: u64) -> Entry {
    let membership = Membership {
        log_index: index,
        ..sample::membership()
    };
    Entry::admission(&Signed::seal(membership, &sample::key(sample::ADMISSION)))
}

fn grown(roster: &Roster, entries: &[Entry], size: u64) -> Result<Roster, ExtendError> {
    let entries: Vec<Vec<u8>> = entries.iter().map(Entry::encode).collect();
    let mut tree = roster.tree().clone();
    for entry in &entries {
        tree.push(Entry::leaf(entry));
    }
    let head = LogHead {
        mesh: sample::mesh(),
        size,
        root: tree.root(),
        time: sample::time(60),
    };
    let head = Signed::seal(head, &sample::key(sample::ADMISSION));
    roster.extend(roster.size(), &entries, head.bytes(), &Strict)
}

/// A file of evidence about the sample mesh.
fn dossier() -> Vec<u8> {
    let charter = sample::signed_charter(&sample::charter());
    let proof = sample::proof_of_two_heads();
    Dossier::assemble(
        sample::root().as_bytes(),
        &charter,
        &Succession::default(),
        proof.bytes(),
    )
}

#[test]
fn a_file_of_evidence_verifies_alone() {
    let opened = Dossier::open(&dossier(), None, &Strict).unwrap();
    assert_eq!(opened.mesh(), &sample::mesh());
    assert_eq!(opened.proof(), &sample::proof_of_two_heads());
    let pinned = Dossier::open(&dossier(), Some(&sample::mesh()), &Strict);
    assert!(pinned.is_ok());
    let other = protocol::id::MeshId::from_bytes([7; 32]);
    let refused = Dossier::open(&dossier(), Some(&other), &Strict).unwrap_err();
    let found = sample::mesh();
    assert_eq!(refused, DossierError::OtherMesh { found });
}

#[test]
fn every_changed_byte_of_a_file_of_evidence_is_refused() {
    let whole = dossier();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x01;
        let refused = Dossier::open(&bytes, None, &Strict).expect_err("a changed byte passed");
        assert!(refused.to_string().len() > 20, "{refused}");
    }
    for length in 0..whole.len() {
        assert!(Dossier::open(&whole[..length], None, &Strict).is_err());
    }
}

#[test]
fn a_file_of_evidence_says_which_part_is_wrong() {
    let parts = |root: &[u8], charter: &[u8], proof: &[u8]| {
        let file = Dossier::assemble(root, charter, &Succession::default(), proof);
        Dossier::open(&file, None, &Strict).unwrap_err()
    };
    let root = sample::root();
    let charter = sample::signed_charter(&sample::charter());
    let proof = sample::proof_of_two_heads();
    assert!(matches!(
        parts(b"{}", &charter, proof.bytes()),
        DossierError::Root(_)
    ));
    assert!(matches!(
        parts(root.as_bytes(), b"\x80", proof.bytes()),
        DossierError::Charter(_)
    ));
    assert!(matches!(
        parts(root.as_bytes(), &charter, b"\x80"),
        DossierError::Proof(_)
    ));
    let refused = Dossier::open(b"not this", None, &Strict).unwrap_err();
    assert!(matches!(refused, DossierError::Decode(_)));
}
