//! The audit log as a tree of hashes, of which gateways countersign the root, and whether it is what they countersigned.

use std::ops::{Bound, ControlFlow};

use protocol::countersign::AuditHead;
use protocol::id::{DeviceId, Digest};
use protocol::merkle::Tree;
use protocol::time::Timestamp;

use super::{AUDIT, AuditVerdict, digest, index_in};
use crate::store::Reader;
use crate::store::fault::ReadError;

/// One gateway's countersignature beside the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countersignature {
    pub gateway: DeviceId,
    /// When it was given, by the gateway's clock.
    pub at: Timestamp,
    pub head: AuditHead,
    pub agreement: Agreement,
}

/// What a countersignature says of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The log begins with what was countersigned.
    Agrees,
    /// More was countersigned than there is: so many entries at least are gone.
    Shorter { missing: u64 },
    /// What was countersigned is another log.
    Differs,
}

/// What a walk found, and what gateways say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    pub verdict: AuditVerdict,
    /// Of every gateway that has countersigned.
    pub countersigned: Vec<Countersignature>,
}

impl AuditCheck {
    /// Whether every entry is as it was written, and no gateway has seen another log.
    pub fn is_whole(&self) -> bool {
        let whole = matches!(self.verdict, AuditVerdict::Whole { .. });
        whole && self.contradicted().is_none()
    }

    /// The first gateway that has seen another log.
    pub fn contradicted(&self) -> Option<&Countersignature> {
        let mut words = self.countersigned.iter();
        words.find(|word| word.agreement != Agreement::Agrees)
    }
}

impl Agreement {
    pub fn of(head: &AuditHead, tree: &Tree) -> Self {
        match tree.root_at(head.entries) {
            None => Self::Shorter {
                missing: head.entries - tree.size(),
            },
            Some(root) if Digest::from_bytes(root) == head.root => Self::Agrees,
            Some(_) => Self::Differs,
        }
    }
}

impl Reader {
    /// Adds the entries to a tree that it lacks; hands out whether there were any.
    pub fn grow_audit_tree(&self, tree: &mut Tree) -> Result<bool, ReadError> {
        let before = tree.size();
        let from = before.to_be_bytes();
        let range = (Bound::Included(from.as_slice()), Bound::Unbounded);
        let grown = self.engine.read(|txn| {
            let rows = AUDIT.readable(txn)?;
            rows.visit(range, |key, row| {
                if index_in(key) != Some(tree.size()) {
                    return Err(rows.malformed());
                }
                tree.push(AuditHead::leaf(&digest(row)));
                Ok(ControlFlow::Continue(()))
            })
        });
        grown?;
        Ok(tree.size() > before)
    }

    /// Walks the whole list, and compares it with what gateways have countersigned.
    pub fn audit_check(&self) -> Result<AuditCheck, ReadError> {
        let verdict = self.audit_verify()?;
        let mut tree = Tree::new();
        if let AuditVerdict::Whole { .. } = verdict {
            self.grow_audit_tree(&mut tree)?;
        }
        let words = match verdict {
            AuditVerdict::Whole { .. } => self.countersigned()?,
            // The walk names the entry; a tree of what is left would only say the same of everybody.
            AuditVerdict::Broken { .. } => Default::default(),
        };
        let countersigned = words.into_iter().map(|(gateway, word)| Countersignature {
            gateway,
            at: word.at,
            head: word.held,
            agreement: Agreement::of(&word.held, &tree),
        });
        Ok(AuditCheck {
            verdict,
            countersigned: countersigned.collect(),
        })
    }
}
