//! What the root of a fleet signs later: another admission key, another root, and what a thief would offer instead.

use std::sync::Arc;
use std::time::Duration;

use protocol::charter::{Charter, Former, RootSignature};
use protocol::key::Signer;
use protocol::ledger::Entry;
use protocol::roster::Roster;
use protocol::time::Timestamp;
use tuf_core::draft::RootDraft;

use super::{BEGINNING, Blueprint, Fleet};
use crate::chance::seed_bytes;
use crate::signing::Signing;

/// Documents that are to come into force, and the admission key to which they lead.
#[derive(Debug, Clone)]
pub struct Heirs {
    pub documents: Vec<Entry>,
    pub admission: Arc<dyn Signer>,
}

impl Fleet {
    /// A charter behind the one in force that names another admission key.
    pub fn next_admission(&self, roster: &Roster, issued: Timestamp, overlap: Duration) -> Heirs {
        let before = roster.charter();
        let seed = seed_bytes(
            self.blueprint.seed,
            "admission key",
            u64::from(before.version),
        );
        let admission = self.blueprint.signing.signer(&seed);
        let mut former = vec![Former {
            admission: before.admission,
            until: issued.saturating_add(overlap),
        }];
        former.extend(before.former.iter().cloned());
        let charter = Charter {
            version: before.version + 1,
            issued,
            admission: admission.public(),
            former,
            ..Charter::clone(before)
        };
        let root = root_key(&self.blueprint, Holder::First);
        Heirs {
            documents: vec![Entry::Charter(signed(&charter, root.as_ref()).into())],
            admission,
        }
    }

    /// Another root, and a charter that it has signed, where these holders sign the root document.
    pub fn next_root(
        &self,
        roster: &Roster,
        issued: Timestamp,
        admission: &Arc<dyn Signer>,
        signers: &[Holder],
    ) -> Heirs {
        let before = roster.charter();
        let next = root_key(&self.blueprint, Holder::Second);
        let keys = signers
            .iter()
            .map(|&holder| root_key(&self.blueprint, holder));
        let keys: Vec<Arc<dyn Signer>> = keys.collect();
        let document = document(2, next.as_ref(), &keys);
        let charter = Charter {
            version: before.version + 1,
            issued,
            ..Charter::clone(before)
        };
        Heirs {
            documents: vec![
                Entry::Root(document.into()),
                Entry::Charter(signed(&charter, next.as_ref()).into()),
            ],
            admission: Arc::clone(admission),
        }
    }
}

/// Whose root key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    First,
    Second,
}

/// The root is always signed for real: the metadata rules know no other signatures.
pub(super) fn root_key(blueprint: &Blueprint, holder: Holder) -> Arc<dyn Signer> {
    Signing::Ed25519.signer(&seed_bytes(blueprint.seed, "root key", holder as u64))
}

/// A root document of one holder.
pub(super) fn document(version: u64, holder: &dyn Signer, signers: &[Arc<dyn Signer>]) -> Vec<u8> {
    let expires_s = BEGINNING.as_millis() / 1000 + 20 * 365 * 86_400;
    let draft = RootDraft::new(version, expires_s, 1, vec![*holder.public().as_bytes()]);
    let payload = draft
        .payload()
        .expect("one key and one signature are a role");
    let signatures = signers.iter().map(|signer| {
        let public = *signer.public().as_bytes();
        (public, signer.sign(&payload).0)
    });
    let signatures: Vec<_> = signatures.collect();
    draft
        .assemble(&signatures)
        .expect("the payload was written before")
}

pub(super) fn signed(charter: &Charter, root: &dyn Signer) -> Vec<u8> {
    charter.assemble(vec![RootSignature {
        key: root.public(),
        signature: root.sign(&charter.message()),
    }])
}
