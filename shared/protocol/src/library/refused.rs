//! A document that the keys online vouch for, and that nobody takes.

use minicbor::{Decode, Encode};
use tuf_core::trusted::TrustError;

use crate::text::Name;

/// What is the matter with a document of the repository. Its bytes are those that the snapshot promises, so that no
/// neighbour can have changed them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct Refused {
    #[n(0)]
    pub role: Name,
    #[n(1)]
    pub version: u64,
    #[n(2)]
    pub flaw: Flaw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Flaw {
    /// Too few of those who may sign for the role have signed it.
    #[n(0)]
    Unsigned,
    /// It is older than what was seen before.
    #[n(1)]
    Older,
    /// It is signed, and says what cannot be obeyed.
    #[n(2)]
    Unreadable,
}

impl Flaw {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Older => "older",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Refused {
    /// What an error of the verifier says against the repository itself; `version` is the one that was asked for.
    pub(super) fn of(error: &TrustError, version: u64) -> Option<Self> {
        let (role, version, flaw) = match error {
            TrustError::Signers { role, .. } => (role, version, Flaw::Unsigned),
            TrustError::Rollback { role, found, .. } => (role, *found, Flaw::Older),
            _ => return None,
        };
        let role = Name::new(role.as_str()).ok()?;
        Some(Self {
            role,
            version,
            flaw,
        })
    }
}
