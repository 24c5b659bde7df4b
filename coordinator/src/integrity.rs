//! The check of everything that is kept: pages, rows and chains, once a night and after an unclean stop.
//!
//! Pages are the engine's own; they are checked with the store to itself. Rows carry our checksums, the audit log is a
//! chain that gateways countersign, and the identity log is a tree whose root the admission key has signed: those are
//! read in steps, beside everything else that goes on.

use std::time::{Duration, Instant};

use protocol::charter::Charter;
use protocol::key::Strict;
use protocol::ledger::{Entry, LogHead};
use protocol::merkle::Tree;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::store::audit::AuditVerdict;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::retention::Progress;
use crate::store::scrub::Scrub;
use crate::store::{Integrity, Reader, Writer};

/// Under this name the store keeps what the newest check found.
const KEPT: &str = "checkup";
/// From this hour of the day on, in UTC, the check of the night is due.
const HOUR: Duration = Duration::from_secs(3 * 3_600);
pub(crate) const DAY_MS: u64 = 86_400_000;
/// Rows that are read at once.
const STEP: usize = 2_000;

/// Why everything was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CheckupCause")]
pub enum Cause {
    Night,
    UncleanStop,
}

/// What one check of everything found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checkup {
    /// Milliseconds of Unix time.
    pub at_ms: u64,
    pub cause: Cause,
    pub took_ms: u64,
    /// Rows whose checksums were compared.
    pub rows: u64,
    /// Entries of the audit log, and of the identity log, whose chains were followed.
    pub audit_entries: u64,
    pub identity_entries: u64,
    /// What is not as it was written; nothing where all is.
    pub troubles: Vec<String>,
}

impl Checkup {
    pub fn is_sound(&self) -> bool {
        self.troubles.is_empty()
    }

    pub fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.at_ms)
    }
}

/// Whether a night has begun since the last check.
pub fn is_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    let night = |at: Timestamp| at.saturating_sub(HOUR).as_millis() / DAY_MS;
    last.is_none_or(|last| night(last) != night(now))
}

/// What the newest check found.
pub fn last(reader: &Reader) -> Result<Option<Checkup>, ReadError> {
    let kept = reader.meta(KEPT)?;
    // A form that another release wrote is none: the next night writes ours.
    Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
}

pub fn keep(writer: &Writer, checkup: &Checkup) -> Result<(), ChangeError> {
    let row = serde_json::to_vec(checkup).expect("plain values always have a JSON form");
    writer.write(|changes| changes.set_meta(KEPT, &row))
}

/// Looks at rows and chains, after the pages.
pub fn examine(
    reader: &Reader,
    charter: &Charter,
    pages: &Result<Integrity, ReadError>,
    (cause, now): (Cause, Timestamp),
) -> Checkup {
    let begun = Instant::now();
    let mut found = Checkup {
        at_ms: now.as_millis(),
        cause,
        took_ms: 0,
        rows: 0,
        audit_entries: 0,
        identity_entries: 0,
        troubles: Vec::new(),
    };
    found.troubles.extend(of_pages(pages));
    rows(reader, &mut found);
    audit(reader, &mut found);
    identity(reader, charter, &mut found);
    found.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    found
}

fn of_pages(pages: &Result<Integrity, ReadError>) -> Option<String> {
    match pages {
        Ok(Integrity::Sound | Integrity::Unchecked) => None,
        Ok(Integrity::Repaired) => Some(
            "pages of the store did not check, and were put into an order that does: what was written last may be gone"
                .to_owned(),
        ),
        Err(error) => Some(format!("the pages of the store cannot be checked: {error}")),
    }
}

fn rows(reader: &Reader, found: &mut Checkup) {
    let mut scrub = Scrub::default();
    loop {
        match reader.scrub(&mut scrub, STEP) {
            Ok(Progress::More) => {}
            Ok(Progress::Done) => break,
            Err(error) => {
                found
                    .troubles
                    .push(format!("a row cannot be read: {error}"));
                break;
            }
        }
    }
    found.rows = scrub.rows;
}

fn audit(reader: &Reader, found: &mut Checkup) {
    let check = match reader.audit_check() {
        Ok(check) => check,
        Err(error) => {
            let says = format!("the audit log cannot be followed: {error}");
            return found.troubles.push(says);
        }
    };
    match check.verdict {
        AuditVerdict::Whole { entries, .. } => found.audit_entries = entries,
        AuditVerdict::Broken { index, how } => {
            found.audit_entries = index;
            let says = format!("entry {index} of the audit log: {}", how.says());
            found.troubles.push(says);
        }
    }
    if let Some(word) = check.contradicted() {
        let gateway = word.gateway;
        let says = format!("gateway {gateway} has countersigned another audit log than this one");
        found.troubles.push(says);
    }
}

fn identity(reader: &Reader, charter: &Charter, found: &mut Checkup) {
    let log = match reader.identity_log() {
        Ok(log) => log,
        Err(error) => {
            let says = format!("the identity log cannot be read: {error}");
            return found.troubles.push(says);
        }
    };
    found.identity_entries = log.entries.len() as u64;
    let Some(head) = log.head else {
        return;
    };
    let mut tree = Tree::new();
    for entry in &log.entries {
        tree.push(Entry::leaf(entry));
    }
    let says = match LogHead::open(&head, charter, &Strict) {
        None => "the head of the identity log is not signed by the admission key",
        Some(head) if tree.root_at(head.size) != Some(head.root) => {
            "the identity log is not the one whose head was signed"
        }
        Some(_) => return,
    };
    found.troubles.push(says.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::rig::{self, Disk, at, readings};
    use crate::store::tests::rot::rot_audit;

    const MORNING: u64 = 1_760_000_400_000 / DAY_MS * DAY_MS + 4 * 3_600_000;

    fn hours(hours: u64) -> Timestamp {
        Timestamp::from_millis(MORNING + hours * 3_600_000)
    }

    #[test]
    fn everything_is_checked_once_a_night_and_not_at_every_start() {
        assert!(is_due(None, hours(0)), "it never was");
        assert!(!is_due(Some(hours(0)), hours(0)));
        assert!(
            !is_due(Some(hours(0)), hours(22)),
            "another start of the same day"
        );
        assert!(is_due(Some(hours(0)), hours(23)), "three in the morning");
        assert!(
            is_due(Some(hours(22)), hours(23)),
            "though it was checked in the evening"
        );
        assert!(is_due(Some(hours(0)), hours(24 * 40)));
    }

    #[test]
    fn a_sound_store_is_found_sound_and_what_was_found_is_kept() {
        let (mut store, _) = Disk::default().open();
        store.commit(&readings(1, 0..50)).expect("it is stored");
        let pages = store.check();
        let found = examine(
            &store.reader(),
            &rig::charter(),
            &pages,
            (Cause::Night, at(7)),
        );
        assert_eq!(found.troubles, Vec::<String>::new());
        assert!(found.rows >= 50, "{found:?}");
        keep(&store.writer(), &found).expect("it is stored");
        assert_eq!(last(&store.reader()).expect("it is read"), Some(found));
    }

    #[test]
    fn a_row_that_rots_and_an_audit_entry_that_was_changed_are_named() {
        let (mut store, _) = Disk::default().open();
        store.commit(&readings(1, 0..5)).expect("it is stored");
        let act = rig::act("look");
        let noted = store.writer().write(|changes| changes.audit(act));
        noted.expect("it is stored");
        rot_audit(&store);
        let pages = store.check();
        let found = examine(
            &store.reader(),
            &rig::charter(),
            &pages,
            (Cause::UncleanStop, at(7)),
        );
        let told = found.troubles.join("\n");
        assert!(told.contains("a row cannot be read"), "{told}");
        assert!(told.contains("entry 0 of the audit log"), "{told}");
    }

    #[test]
    fn an_identity_log_that_is_not_the_signed_one_is_told() {
        let (mut store, _) = Disk::default().open();
        let forged = protocol::coordinator::save::Save::Entries {
            from: 0,
            entries: vec![b"entry".to_vec()],
            head: b"no head".to_vec(),
        };
        store.commit(&[forged]).expect("it is stored");
        let pages = Ok(Integrity::Sound);
        let found = examine(
            &store.reader(),
            &rig::charter(),
            &pages,
            (Cause::Night, at(7)),
        );
        let told = found.troubles.join("\n");
        assert!(told.contains("not signed by the admission key"), "{told}");
    }

    #[test]
    fn pages_that_had_to_be_repaired_are_a_trouble() {
        let said = of_pages(&Ok(Integrity::Repaired)).expect("a trouble");
        assert!(said.contains("may be gone"), "{said}");
        assert_eq!(of_pages(&Ok(Integrity::Sound)), None);
    }
}
