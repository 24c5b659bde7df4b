//! A whole repository at once: for whoever holds the keys of all roles.

use std::collections::BTreeMap;

use super::DraftError;
use super::online::{Listed, SnapshotDraft, TimestampDraft};
use super::targets::TargetsDraft;
use super::unsigned::{HeaderDraft, Unsigned};
use crate::role::RoleName;

/// What is written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The version of snapshot and timestamp, and when they end.
    pub header: HeaderDraft,
    /// The targets role and those below it.
    pub roles: BTreeMap<String, TargetsDraft>,
}

impl Edition {
    /// Has each document signed by whoever speaks for its role. Returns them by role, snapshot and timestamp among them.
    pub fn write(
        &self,
        sign: impl Fn(&str, &Unsigned) -> Result<Vec<u8>, DraftError>,
    ) -> Result<BTreeMap<String, Vec<u8>>, DraftError> {
        let mut documents = BTreeMap::new();
        for (role, draft) in &self.roles {
            documents.insert(role.clone(), sign(role, &draft.unsigned()?)?);
        }
        let listed = self.roles.iter().map(|(role, draft)| {
            let listed = Listed::of(draft.header.version, &documents[role]);
            (role.clone(), listed)
        });
        let snapshot = SnapshotDraft {
            header: self.header,
            roles: listed.collect(),
        };
        let word = RoleName::Snapshot.word();
        let snapshot = sign(word, &snapshot.unsigned()?)?;
        let timestamp = TimestampDraft {
            header: self.header,
            snapshot: Listed::of(self.header.version, &snapshot),
        };
        documents.insert(word.to_owned(), snapshot);
        let word = RoleName::Timestamp.word();
        documents.insert(word.to_owned(), sign(word, &timestamp.unsigned()?)?);
        Ok(documents)
    }
}
