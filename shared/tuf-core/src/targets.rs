//! What a targets role lists: files by path, and whom else to ask.

use std::collections::BTreeMap;

use crate::canonical::Json;
use crate::delegations::Delegations;
use crate::document::ReadError;
use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::file::{Check, FileError, Hashes};
use crate::header::Header;
use crate::limits;
use crate::role::RoleName;

/// A file that a role vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub length: u64,
    pub hashes: Hashes,
    /// What else the role signed about the file.
    pub custom: Option<Json>,
}

#[derive(Debug, Clone)]
pub(crate) struct Targets {
    pub(crate) header: Header,
    pub(crate) targets: BTreeMap<String, Target>,
    pub(crate) delegations: Option<Delegations>,
}

impl Target {
    /// Checks the file as its bytes come in.
    pub fn check(&self) -> Result<Check, FileError> {
        Check::new(self.hashes, self.length)
    }

    fn read(json: &Json) -> Result<Self, ReadError> {
        let fields = Fields::of(json, "targets")?;
        Ok(Self {
            length: fields.natural("length")?,
            hashes: Hashes::read(fields.json("hashes")?)?,
            custom: fields.0.get("custom").cloned(),
        })
    }
}

impl Targets {
    pub(crate) fn read(envelope: &Envelope) -> Result<Self, ReadError> {
        let header = Header::read(&envelope.signed, RoleName::Targets.word())?;
        let listed = Fields(&envelope.signed).object("targets")?;
        if listed.0.len() > limits::TARGETS {
            return Err(ReadError::TooMany("targets"));
        }
        let mut targets = BTreeMap::new();
        for (path, json) in listed.0 {
            if path.len() > limits::TARGET_PATH_BYTES {
                return Err(ReadError::LongPath);
            }
            targets.insert(path.clone(), Target::read(json)?);
        }
        let delegations = envelope.signed.get("delegations");
        Ok(Self {
            header,
            targets,
            delegations: delegations.map(Delegations::read).transpose()?,
        })
    }
}
