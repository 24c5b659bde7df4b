//! The snapshot: which version of every targets role belongs together.

use std::collections::BTreeMap;

use crate::document::ReadError;
use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::file::Promise;
use crate::header::Header;
use crate::limits;
use crate::role::RoleName;

#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) header: Header,
    /// By the name of the role.
    pub(crate) roles: BTreeMap<String, Promise>,
}

impl Snapshot {
    pub(crate) fn read(envelope: &Envelope) -> Result<Self, ReadError> {
        let meta = Fields(&envelope.signed).object("meta")?;
        if meta.0.len() > limits::SNAPSHOT_ROLES {
            return Err(ReadError::TooMany("roles"));
        }
        let mut roles = BTreeMap::new();
        for (file, json) in meta.0 {
            let role = file.strip_suffix(".json").ok_or(ReadError::RoleName)?;
            if role.len() > limits::ROLE_NAME_BYTES {
                return Err(ReadError::RoleName);
            }
            roles.insert(role.to_owned(), Promise::read(json)?);
        }
        Ok(Self {
            header: Header::read(&envelope.signed, RoleName::Snapshot.word())?,
            roles,
        })
    }
}
