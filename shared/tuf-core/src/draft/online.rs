//! Writing the two documents that are signed online: which versions belong together, and which is the newest.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::canonical::{Json, Object};
use crate::draft::DraftError;
use crate::draft::unsigned::{HeaderDraft, SpecVersion, Unsigned, object};
use crate::limits;

/// A file that another document promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    pub version: u64,
    pub length: u64,
    pub sha256: [u8; 32],
}

/// A snapshot that nobody has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotDraft {
    pub header: HeaderDraft,
    /// Every targets role by its name.
    pub roles: BTreeMap<String, Listed>,
}

/// A timestamp that nobody has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampDraft {
    pub header: HeaderDraft,
    pub snapshot: Listed,
}

impl Listed {
    pub fn of(version: u64, document: &[u8]) -> Self {
        Self {
            version,
            length: document.len() as u64,
            sha256: Sha256::digest(document).into(),
        }
    }

    fn to_json(self) -> Json {
        let sha256 = Json::Text(HEXLOWER.encode(&self.sha256));
        object([
            ("hashes", object([("sha256", sha256)])),
            ("length", Json::Integer(self.length.into())),
            ("version", Json::Integer(self.version.into())),
        ])
    }
}

impl SnapshotDraft {
    pub fn unsigned(&self) -> Result<Unsigned, DraftError> {
        let roles = self.roles.iter();
        let meta = roles.map(|(role, listed)| (format!("{role}.json"), listed.to_json()));
        let fields = Object::from([("meta".to_owned(), Json::Object(meta.collect()))]);
        Unsigned::new(
            "snapshot",
            SpecVersion::Plain,
            self.header,
            fields,
            limits::SNAPSHOT_BYTES,
        )
    }
}

impl TimestampDraft {
    pub fn unsigned(&self) -> Result<Unsigned, DraftError> {
        let meta = object([("snapshot.json", self.snapshot.to_json())]);
        let fields = Object::from([("meta".to_owned(), meta)]);
        Unsigned::new(
            "timestamp",
            SpecVersion::Plain,
            self.header,
            fields,
            limits::TIMESTAMP_BYTES,
        )
    }
}
