//! Looking for entries of the audit log: who did it, what it was, on what, and when.

use std::ops::{Bound, ControlFlow};

use protocol::time::Timestamp;

use super::{AUDIT, AUDIT_PER_PAGE, Act, AuditEntry, entry, index_in};
use crate::store::Reader;
use crate::store::fault::ReadError;

/// Entries that one look walks over at most; where it ends, the next look goes on.
const SCANNED: usize = 50_000;

/// What an entry has to be like; what is not said fits everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// A part of who acted, in any case of letters.
    pub actor: Option<String>,
    /// How the action begins: `device.` fits everything that is done to devices.
    pub action: Option<String>,
    /// A part of what was acted on, in any case of letters.
    pub object: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

/// Some of the entries that were sought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// Where the next look goes on; nothing where the log begins.
    pub next: Option<u64>,
}

impl Sought {
    pub fn fits(&self, act: &Act) -> bool {
        let within = |part: &Option<String>, whole: &str| match part {
            None => true,
            Some(part) => whole.to_lowercase().contains(&part.to_lowercase()),
        };
        let begins = |start: &String| act.action.as_str().starts_with(start.as_str());
        within(&self.actor, act.actor.as_str())
            && self.action.as_ref().is_none_or(begins)
            && within(&self.object, act.object.as_str())
            && self.from.is_none_or(|from| act.time >= from)
            && self.until.is_none_or(|until| act.time < until)
    }
}

impl Reader {
    /// Entries before an index, or the newest: the newest first, [`AUDIT_PER_PAGE`] at most.
    pub fn audit_search(
        &self,
        sought: &Sought,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Found, ReadError> {
        let limit = limit.clamp(1, AUDIT_PER_PAGE);
        let end = before.unwrap_or(u64::MAX).to_be_bytes();
        let range = (Bound::Unbounded, Bound::Excluded(end.as_slice()));
        let found = self.engine.read(|txn| {
            let rows = AUDIT.readable(txn)?;
            let mut found = Found::default();
            let mut walked = 0;
            rows.visit_back(range, |key, row| {
                let entry = index_in(key).and_then(|index| entry(index, row));
                let entry = entry.ok_or_else(|| rows.malformed())?;
                walked += 1;
                let index = entry.index;
                if sought.fits(&entry.act) {
                    found.entries.push(entry);
                }
                if found.entries.len() < limit && walked < SCANNED {
                    return Ok(ControlFlow::Continue(()));
                }
                found.next = (index > 0).then_some(index);
                Ok(ControlFlow::Break(()))
            })?;
            Ok(found)
        });
        Ok(found?)
    }
}
