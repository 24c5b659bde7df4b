//! Documents that decide whom to trust.

use std::sync::LazyLock;

use minicbor::bytes::ByteVec;
use protocol::cbor;
use protocol::contact::Contact;
use protocol::key::{Signature, Signer as _, Strict, Verifier as _};
use protocol::ledger::{LogHead, Withdrawal};
use protocol::membership::Membership;
use protocol::record::Head;
use protocol::signed::{Signable, Signed, Unchecked};
use tuf_core::draft::RootDraft;
use tuf_core::root::Root;

use crate::world::{Hashes, hashed, key};

/// The first byte chooses the kind and what is done: the rest is an envelope, or a payload to be signed.
pub fn signed(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else {
        return;
    };
    let signed_here = choice & 1 == 1;
    match (choice >> 1) % 5 {
        0 => one::<Head>(rest, signed_here),
        1 => one::<Membership>(rest, signed_here),
        2 => one::<Withdrawal>(rest, signed_here),
        3 => one::<LogHead>(rest, signed_here),
        _ => one::<Contact>(rest, signed_here),
    }
}

fn one<T: Signable + Clone>(rest: &[u8], signed_here: bool) {
    if signed_here {
        payload::<T>(rest);
    } else {
        envelope::<T>(rest);
    }
}

/// An envelope of a stranger: no key of ours has signed it, and its bytes are its only encoding.
fn envelope<T: Signable + Clone>(bytes: &[u8]) {
    let Ok(unchecked) = Unchecked::<T>::parse(bytes) else {
        return;
    };
    assert!(bytes.len() <= T::BOUND);
    let digest = unchecked.digest();
    let payload = cbor::encode(unchecked.claim());
    unchecked
        .clone()
        .check(&key(0x66), &Strict)
        .map(|_| ())
        .expect_err("nobody has this key");
    assert_eq!(
        seal::<T>(&payload).map(|sealed| sealed.digest()),
        Some(digest)
    );
}

/// A payload under a good signature: it opens exactly if it is the one encoding of a value.
fn payload<T: Signable>(bytes: &[u8]) {
    let canonical = cbor::decode::<T>(T::NAME, T::BOUND, bytes).is_ok();
    let opened = seal::<T>(bytes);
    if let Some(opened) = opened {
        assert!(canonical);
        assert_eq!(cbor::encode(&*opened), bytes);
        let foreign = Signed::<T>::open(opened.bytes(), &key(0x66), &Hashes);
        assert!(foreign.is_err(), "another key has signed it");
    } else {
        assert!(!canonical || bytes.len() + 80 > T::BOUND);
    }
}

fn seal<T: Signable>(payload: &[u8]) -> Option<Signed<T>> {
    let signer = hashed(0x65);
    let message = [T::DOMAIN, payload].concat();
    let signature = signer.sign(&message);
    Hashes
        .verify(&signer.public(), &message, &signature)
        .expect("the fuzzer's own signature is good");
    let payload = cbor::encode(&ByteVec::from(payload.to_vec()));
    let signature = cbor::encode::<Signature>(&signature);
    let envelope = [&[0x83, 0x01][..], &payload, &signature].concat();
    Signed::open(&envelope, &signer.public(), &Hashes).ok()
}

static FIRST_ROOT: LazyLock<Root> = LazyLock::new(|| {
    let signer = protocol::key::SecretKey::from_seed(&[1; 32]);
    let public = *signer.public().as_bytes();
    let draft = RootDraft::new(1, 4_102_444_800, 1, vec![public]);
    let payload = draft.payload().expect("the draft is sound");
    let document = draft
        .assemble(&[(public, signer.sign(&payload).0)])
        .expect("the signature is good");
    Root::open(&document).expect("the document is sound")
});

/// A root document of a stranger.
pub fn root(data: &[u8]) {
    if let Ok(root) = Root::open(data) {
        assert_eq!(root.as_bytes(), data);
        assert!(root.version() > 0);
        let again = Root::open(root.as_bytes()).expect("it opens as often as one likes");
        assert_eq!(again.digest(), root.digest());
    }
    if let Ok(next) = FIRST_ROOT.successor(data) {
        assert_eq!(next.version(), FIRST_ROOT.version() + 1);
    }
}
