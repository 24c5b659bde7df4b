//! Roots as tests need them: honest ones by draft, others by hand.

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signer as _, SigningKey};
use tuf_core::canonical::Json;
use tuf_core::draft::RootDraft;
use tuf_core::key::DetachedSignature;
use tuf_core::limits;
use tuf_core::role::RoleName;
use tuf_core::root::Root;

pub const EXPIRES: u64 = 1_900_000_000;

fn secret(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn public(seed: u8) -> [u8; 32] {
    *secret(seed).verifying_key().as_bytes()
}

pub fn sign(seed: u8, message: &[u8]) -> DetachedSignature {
    (public(seed), secret(seed).sign(message).to_bytes())
}

pub fn draft(version: u64, threshold: u32, seeds: &[u8]) -> RootDraft {
    RootDraft::new(
        version,
        EXPIRES,
        threshold,
        seeds.iter().map(|&seed| public(seed)).collect(),
    )
}

pub fn written(version: u64, threshold: u32, keys: &[u8], signers: &[u8]) -> Vec<u8> {
    let draft = draft(version, threshold, keys);
    let payload = draft.payload().expect("the draft is sound");
    draft
        .assemble(
            &signers
                .iter()
                .map(|&seed| sign(seed, &payload))
                .collect::<Vec<_>>(),
        )
        .expect("the signatures are on the draft")
}

pub fn root(version: u64, threshold: u32, keys: &[u8], signers: &[u8]) -> Root {
    Root::open(&written(version, threshold, keys, signers)).expect("the test wrote a good root")
}

pub fn listed(keys: &[(&str, u8)]) -> String {
    format!(
        "[{}]",
        keys.iter()
            .map(|(id, _)| format!("\"{id}\""))
            .collect::<Vec<_>>()
            .join(",")
    )
}

/// The signed part of a root with key ids of the test's choice, which no draft writes.
pub fn signed_text(version: u64, threshold: u32, keys: &[(&str, u8)]) -> String {
    let key = |(id, seed): &(&str, u8)| {
        let public = HEXLOWER.encode(&public(*seed));
        format!(
            r#""{id}":{{"keytype":"ed25519","keyval":{{"public":"{public}"}},"scheme":"ed25519"}}"#
        )
    };
    let role = |name: &RoleName| {
        format!(
            r#""{}":{{"keyids":{},"threshold":{threshold}}}"#,
            name.word(),
            listed(keys)
        )
    };
    let keys = keys.iter().map(key).collect::<Vec<_>>().join(",");
    let roles = RoleName::ALL.iter().map(role).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"_type":"root","expires":"2030-01-01T00:00:00Z","keys":{{{keys}}},"roles":{{{roles}}},"spec_version":"1.0.31","version":{version}}}"#
    )
}

pub fn enveloped(signed: &str, signers: &[(&str, u8)]) -> Vec<u8> {
    let message = Json::parse(signed.as_bytes(), limits::ROOT_BYTES)
        .expect("the test wrote JSON")
        .to_canonical();
    let entry = |(id, seed): &(&str, u8)| {
        let signature = HEXLOWER.encode(&sign(*seed, &message).1);
        format!(r#"{{"keyid":"{id}","sig":"{signature}"}}"#)
    };
    let signatures = signers.iter().map(entry).collect::<Vec<_>>().join(",");
    format!(r#"{{"signatures":[{signatures}],"signed":{signed}}}"#).into_bytes()
}
