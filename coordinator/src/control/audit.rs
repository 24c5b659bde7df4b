//! The audit log over the control socket.

use serde::{Deserialize, Serialize};

use super::{Answer, Desk};
use crate::audit::{AuditAsked, EntryDocument, VerdictDocument};

/// Entries of one answer.
const LISTED: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "audit", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuditWish {
    /// Entries before an index, or the newest.
    Show {
        sought: AuditAsked,
        before: Option<u64>,
        limit: usize,
    },
    Verify,
}

impl Desk {
    pub(super) fn audit(&self, wish: &AuditWish) -> Result<Answer, String> {
        let reader = &self.service.reader;
        match wish {
            AuditWish::Show {
                sought,
                before,
                limit,
            } => {
                let sought = sought.sought().map_err(|error| error.to_string())?;
                let found = reader.audit_search(&sought, *before, LISTED.min(*limit));
                let found = found.map_err(|error| error.to_string())?;
                Ok(Answer::AuditEntries {
                    items: found.entries.iter().map(EntryDocument::of).collect(),
                    next: found.next,
                })
            }
            AuditWish::Verify => {
                let check = reader.audit_check().map_err(|error| error.to_string())?;
                Ok(Answer::AuditVerdict(VerdictDocument::of(&check)))
            }
        }
    }
}
