//! The door of a roster under whatever is shown to it.

use std::time::Duration;

use minicbor::Encode;
use minicbor::bytes::ByteVec;
use protocol::cbor;
use protocol::key::PeerKey;
use protocol::limits;
use protocol::roster::{Admitted, Credentials};

use crate::frames;
use crate::script::Script;
use crate::world::{COORDINATOR, Hashes, LOG, MEMBERS, START, WORLD, key, roster};

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
        Err(refusal) => assert!(!refusal.word().is_empty()),
    }
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
