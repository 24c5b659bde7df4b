//! The timestamp: which snapshot is the newest.

use crate::document::ReadError;
use crate::envelope::Envelope;
use crate::fields::Fields;
use crate::file::Promise;
use crate::header::Header;
use crate::role::RoleName;

#[derive(Debug, Clone)]
pub(crate) struct Timestamp {
    pub(crate) header: Header,
    pub(crate) snapshot: Promise,
}

impl Timestamp {
    pub(crate) fn read(envelope: &Envelope) -> Result<Self, ReadError> {
        let meta = Fields(&envelope.signed).object("meta")?;
        Ok(Self {
            header: Header::read(&envelope.signed, RoleName::Timestamp.word())?,
            snapshot: Promise::read(meta.json("snapshot.json")?)?,
        })
    }
}
