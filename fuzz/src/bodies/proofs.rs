//! What convicts: any bytes of a stranger, and any two heads that one key could sign.

use std::time::Duration;

use protocol::id::{Digest, Epoch};
use protocol::limits;
use protocol::proof::{Dossier, Proof};
use protocol::record::{Flags, Head, Incarnation, Position};
use protocol::signed::Signed;

use crate::frames;
use crate::script::Script;
use crate::world::{Hashes, LOG, Person, START, WORLD, roster};

/// The first byte chooses: bytes of a stranger, or heads that one member signs.
pub fn proof(data: &[u8]) {
    match data.split_first() {
        Some((choice, rest)) if choice & 1 == 0 => stranger(rest),
        Some((_, rest)) => heads(&mut Script::new(rest)),
        None => {}
    }
}

fn stranger(bytes: &[u8]) {
    if let Ok(proof) = Proof::open(bytes, &WORLD.charter, &Hashes) {
        assert_eq!(proof.bytes(), bytes);
        assert_eq!(Proof::claims(bytes), proof.convicts());
    }
    if let Ok(dossier) = Dossier::open(bytes, None, &Hashes) {
        assert!(!dossier.proof().to_string().is_empty());
    }
}

fn heads(script: &mut Script<'_>) {
    let person = frames::person(script);
    let roster = roster(LOG);
    let member = roster.member(&person.device).expect("it is a member");
    let one = person.sign(head(script, person, Digest::ZERO));
    let other = person.sign(head(script, person, one.digest()));
    let Some(proof) = Proof::of_heads(&member.membership, &one, &other) else {
        return;
    };
    assert!(one.digest() != other.digest());
    assert!(!both_follow(&one, &other) && !both_follow(&other, &one));
    assert!(proof.bytes().len() <= limits::PROOF_BYTES);
    assert_eq!(proof.convicts(), Some(person.device));
    let opened = Proof::open(proof.bytes(), &WORLD.charter, &Hashes);
    assert_eq!(opened.as_ref(), Ok(&proof));
    let mut changed = proof.bytes().to_vec();
    script.mutate(&mut changed);
    let opened = Proof::open(&changed, &WORLD.charter, &Hashes);
    assert!(opened.is_err() || changed == proof.bytes());
}

/// What an honest node does next: the next place, behind the head before it, and no earlier.
fn both_follow(first: &Signed<Head>, second: &Signed<Head>) -> bool {
    let next = second.position == first.position.next()
        || (second.position.incarnation > first.position.incarnation
            && second.position.sequence == 0);
    next && second.previous == first.digest()
        && second.time >= first.time
        && first.previous != second.digest()
}

fn head(script: &mut Script<'_>, person: &Person, before: Digest) -> Head {
    let previous = if script.flag() {
        before
    } else {
        Digest::from_bytes([script.byte() & 3; 32])
    };
    Head {
        device: person.device,
        position: Position {
            incarnation: Incarnation(u32::from(script.byte() & 3)),
            sequence: u32::from(script.byte() & 7),
        },
        time: START.saturating_add(Duration::from_secs(u64::from(script.byte() & 7))),
        previous,
        body: Digest::from_bytes([script.byte(); 32]),
        epoch: Epoch::FROZEN,
        entangled: None,
        flags: *script.pick(&[Flags::NONE, Flags::NONE, Flags::UNLINKED, Flags::GOODBYE]),
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
    }
}
