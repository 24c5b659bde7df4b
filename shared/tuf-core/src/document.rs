//! Why a document below the root cannot be read.

use thiserror::Error;

use crate::envelope::EnvelopeError;
use crate::fields::FieldError;
use crate::header::HeaderError;
use crate::keyring::KeyringError;
use crate::limits;
use crate::role::RoleError;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error(transparent)]
    Keys(#[from] KeyringError),
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error("the document lists more {0} than are looked at")]
    TooMany(&'static str),
    #[error(
        "a role is called like one of the root's, or has no name, or one of more than {} bytes",
        limits::ROLE_NAME_BYTES
    )]
    RoleName,
    #[error("two delegations are to one role")]
    DuplicateRole,
    #[error(
        "a delegation has to say either paths or path_hash_prefixes, and delegations either roles or bins"
    )]
    EitherOr,
    #[error("a path or a pattern is longer than {} bytes", limits::PATTERN_BYTES)]
    LongPath,
    #[error("the number of bins is not 2 to the power of 1 to 32")]
    Bins,
}
