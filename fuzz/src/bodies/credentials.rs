//! The door of a roster under whatever is shown to it.

use std::time::Duration;

use minicbor::Encode;
use minicbor::bytes::ByteVec;
use protocol::cbor;
use protocol::key::PeerKey;
use protocol::ledger::{Strength, Withdrawal};
use protocol::limits;
use protocol::roster::{Admitted, Credentials};
use protocol::signed::Signed;

use crate::frames;
use crate::script::Script;
use crate::world::{
    ADMINISTRATOR, ADMISSION, COORDINATOR, Hashes, LOG, MEMBERS, START, WORLD, hashed, key, name,
    roster,
};

/// Entries that the judging side has seen; the rest of the members are newcomers to it.
const KNOWN: usize = 6;
/// What the same side may have learnt since: that one of them is out.
const GROWN: usize = LOG;

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

/// Raw bytes, true credentials, and true parts put together wrongly.
pub fn credentials(data: &[u8]) {
    let mut script = Script::new(data);
    let person = frames::person(&mut script);
    let now = START.saturating_add(script.duration());
    let mut bytes = match script.below(4) {
        0 => script.bytes(4096).to_vec(),
        1 => roster(LOG)
            .credentials(&person.device)
            .expect("it is a member")
            .encode(),
        _ => assembled(&mut script),
    };
    if script.flag() {
        script.mutate(&mut bytes);
    }
    let presenter = match script.below(8) {
        0 => PeerKey(script.array()),
        1 => key(COORDINATOR).peer(),
        _ => person.peer(),
    };
    let size = *script.pick(&[KNOWN, GROWN]);
    let verdict = roster(size).admit_peer(presenter, &bytes, now, &Hashes);
    match verdict {
        Ok(Admitted::Coordinator) => {
            assert_eq!(presenter, key(COORDINATOR).peer());
            assert_eq!(bytes, Credentials::Coordinator.encode());
        }
        Ok(Admitted::Member { device, .. }) => {
            let true_one = WORLD.people.iter().find(|member| member.device == device);
            assert_eq!(true_one.map(|member| member.peer()), Some(presenter));
            assert_ne!(
                (size, device),
                (GROWN, WORLD.people[MEMBERS - 1].device),
                "it was revoked"
            );
            assert!(now <= START.saturating_add(Duration::from_secs(37 * 86_400)));
            let read = cbor::decode::<Credentials>("", limits::CREDENTIAL_BYTES, &bytes);
            assert_eq!(read.expect("it was let in").encode(), bytes);
        }
        Ok(Admitted::Retiring { .. }) => panic!("nobody was ordered to wipe itself"),
        Err(refusal) => assert!(!refusal.word().is_empty()),
    }
    let order = roster(size).open_order(&bytes, &person.device, &Hashes);
    assert!(order.is_err(), "credentials are no order");
    if !script.is_over() {
        ordered(&mut script, size);
    }
}

/// An order as whoever holds some of the keys puts it together: the log does not hold it.
fn ordered(script: &mut Script<'_>, size: usize) {
    let person = frames::person(script);
    let withdrawal = Withdrawal {
        mesh: WORLD.charter.mesh,
        device: person.device,
        log_index: script.below(2 * LOG) as u64,
        time: START,
        strength: Strength::Retirement,
        reason: name("stolen"),
    };
    let signer = *script.pick(&[ADMINISTRATOR, ADMISSION, COORDINATOR]);
    let proof = roster(LOG)
        .tree()
        .inclusion_proof(script.below(LOG) as u64, 1 + script.below(LOG) as u64)
        .unwrap_or_default();
    let shown = Shown {
        membership: Signed::seal(withdrawal, &hashed(signer))
            .bytes()
            .to_vec()
            .into(),
        log_head: script.pick(&WORLD.heads).clone().into(),
        inclusion: proof.iter().map(|node| node.to_vec().into()).collect(),
    };
    let mut bytes = cbor::encode(&shown);
    if script.flag() {
        script.mutate(&mut bytes);
    }
    let opened = roster(size).open_order(&bytes, &person.device, &Hashes);
    assert!(opened.is_err(), "nobody has ordered it to wipe itself");
}

fn assembled(script: &mut Script<'_>) -> Vec<u8> {
    let entry = script.pick(&WORLD.entries);
    let envelope = match protocol::ledger::Entry::decode(entry) {
        Ok(protocol::ledger::Entry::Admission(envelope)) => envelope,
        _ => ByteVec::from(Vec::new()),
    };
    let index = script.below(MEMBERS) as u64;
    let size = 1 + script.below(LOG) as u64;
    let proof = roster(LOG)
        .tree()
        .inclusion_proof(index, size)
        .unwrap_or_default();
    let shown = Shown {
        membership: envelope,
        log_head: script.pick(&WORLD.heads).clone().into(),
        inclusion: proof.iter().map(|node| node.to_vec().into()).collect(),
    };
    [&[0x82, 0x01, 0x81][..], &cbor::encode(&shown)].concat()
}
