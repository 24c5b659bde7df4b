//! The coordinator's audit log, countersigned by gateways: whoever owns the coordinator cannot rewrite it unseen.
//!
//! The coordinator shows each gateway how long its log is and what it hashes to (RFC 6962), with a proof that the log which
//! the gateway has countersigned before is the beginning of it. The gateway's countersignature is a record of its own log:
//! signed and chained, seen by its witnesses, kept by its custodians. Of what was done it learns nothing but the number.

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::class::{Classified, DataClass};
use crate::id::Digest;
use crate::merkle::{self, ProofError};

/// How long the audit log is, and what it hashes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AuditHead {
    #[n(0)]
    pub entries: u64,
    /// Root of the tree whose leaves are the digests of the entries.
    #[n(1)]
    pub root: Digest,
}

/// What the coordinator and a gateway say to each other of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum AuditWord {
    /// The coordinator shows its log.
    #[n(0)]
    Shown {
        #[n(0)]
        head: AuditHead,
        /// The log of so many entries is the beginning of it, as the proof shows.
        #[n(1)]
        since: u64,
        #[n(2)]
        proof: Vec<Digest>,
    },
    /// The gateway has countersigned this one: a proof has to begin with it.
    #[n(1)]
    Held {
        #[n(0)]
        head: AuditHead,
    },
}

/// A gateway's word in its own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Countersigned {
    /// What it holds from here on, or still.
    #[n(0)]
    pub held: AuditHead,
    /// What it was shown and did not countersign: it does not go on from what it holds.
    #[n(1)]
    pub refused: Option<AuditHead>,
}

impl Classified for Countersigned {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("held", DataClass::Internal),
        ("refused", DataClass::Internal),
    ];
}

/// Why a log is not countersigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AuditRefusal {
    #[error("it is shorter than what was countersigned: entries were taken out of it")]
    Shorter,
    #[error("it is as long as what was countersigned, and another: it was rewritten")]
    Another,
    #[error("what was countersigned is not its beginning: {0}")]
    NotABeginning(ProofError),
}

/// What is to be done with a log that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It was countersigned already.
    Same,
    /// It goes on from what is held.
    Further,
    /// The proof begins elsewhere: whoever shows it is told what is held.
    Elsewhere,
}

impl AuditHead {
    /// What an entry's digest becomes in the tree.
    pub fn leaf(entry: &Digest) -> merkle::Hash {
        merkle::leaf_hash(entry.as_bytes())
    }

    /// The head of a tree of leaves.
    pub fn of(tree: &merkle::Tree) -> Self {
        Self {
            entries: tree.size(),
            root: Digest::from_bytes(tree.root()),
        }
    }

    /// Judges a log that is shown beside the one that is held.
    pub fn judge(
        held: Option<&Self>,
        shown: &Self,
        since: u64,
        proof: &[Digest],
    ) -> Result<Look, AuditRefusal> {
        let Some(held) = held else {
            return Ok(Look::Further);
        };
        if shown == held {
            return Ok(Look::Same);
        }
        if shown.entries < held.entries {
            return Err(AuditRefusal::Shorter);
        }
        if shown.entries == held.entries {
            return Err(AuditRefusal::Another);
        }
        if since != held.entries {
            return Ok(Look::Elsewhere);
        }
        let proof: Vec<merkle::Hash> = proof.iter().map(|hash| *hash.as_bytes()).collect();
        let (old, new) = (held.root.as_bytes(), shown.root.as_bytes());
        merkle::verify_consistency(held.entries, shown.entries, old, new, &proof)
            .map(|()| Look::Further)
            .map_err(AuditRefusal::NotABeginning)
    }
}

impl AuditWord {
    /// Shows a log to a gateway that holds the log of `since` entries; of more than there are, nothing is shown but how few
    /// there are.
    pub fn shown(tree: &merkle::Tree, since: u64) -> Self {
        let proof = tree.consistency_proof(since, tree.size());
        let proof = proof.unwrap_or_default().into_iter();
        Self::Shown {
            head: AuditHead::of(tree),
            since,
            proof: proof.map(Digest::from_bytes).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: u64, twist: u64) -> merkle::Tree {
        let mut tree = merkle::Tree::new();
        for number in 0..entries {
            let said = if number >= twist {
                number + 1_000
            } else {
                number
            };
            let entry = Digest::of("test entry", &[&said.to_be_bytes()]);
            tree.push(AuditHead::leaf(&entry));
        }
        tree
    }

    fn judged(held: &merkle::Tree, shown: &merkle::Tree, since: u64) -> Result<Look, AuditRefusal> {
        let AuditWord::Shown { head, since, proof } = AuditWord::shown(shown, since) else {
            panic!("it shows a log");
        };
        AuditHead::judge(Some(&AuditHead::of(held)), &head, since, &proof)
    }

    const WHOLE: u64 = u64::MAX;

    #[test]
    fn a_log_that_goes_on_is_countersigned_from_every_length_to_every_length() {
        for old in 0..20 {
            for new in old + 1..20 {
                let looked = judged(&tree(old, WHOLE), &tree(new, WHOLE), old);
                assert_eq!(looked, Ok(Look::Further), "{old} to {new}");
            }
        }
        assert_eq!(judged(&tree(7, WHOLE), &tree(7, WHOLE), 0), Ok(Look::Same));
        assert_eq!(
            judged(&tree(7, WHOLE), &tree(9, WHOLE), 5),
            Ok(Look::Elsewhere)
        );
        let head = AuditHead::of(&tree(3, WHOLE));
        assert_eq!(AuditHead::judge(None, &head, 0, &[]), Ok(Look::Further));
    }

    #[test]
    fn a_log_that_was_cut_or_rewritten_is_refused() {
        let held = tree(12, WHOLE);
        assert_eq!(
            judged(&held, &tree(2, WHOLE), 0),
            Err(AuditRefusal::Shorter)
        );
        for twisted in 0..12 {
            assert_eq!(
                judged(&held, &tree(12, twisted), 12),
                Err(AuditRefusal::Another)
            );
            let longer = judged(&held, &tree(30, twisted), 12);
            assert!(
                matches!(longer, Err(AuditRefusal::NotABeginning(_))),
                "{twisted}: {longer:?}"
            );
        }
    }
}
