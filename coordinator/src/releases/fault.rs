//! Why something about releases was not done.

use thiserror::Error;
use tuf_core::draft::detached::DetachedError;
use tuf_core::root::RootError;

use super::blobs::BlobError;
use super::candidate::CandidateError;
use super::firmware::FirmwareError;
use super::plan::PlanError;
use super::settings::ChangeRefused;
use super::standing::{SignError, UnderSigned};
use crate::offices::LoadError;
use crate::orders::OrderError;
use crate::secrets::SecretError;
use crate::store::fault::{ChangeError, ReadError};

#[derive(Debug, Error)]
pub enum ReleaseError {
    #[error(transparent)]
    Under(#[from] UnderSigned),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error(transparent)]
    Detached(#[from] DetachedError),
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    #[error(transparent)]
    Settings(#[from] ChangeRefused),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(
        "there is no draft {0}: it was published, or a later draft of the same role has made it void"
    )]
    NoSuchDraft(u64),
    #[error("a bundle lasts 1 to 90 days")]
    BundleDays,
    #[error("the draft begins with {role} {found}, and {now} is in force: prepare it again")]
    Stale { role: String, found: u64, now: u64 },
    #[error(
        "no key in keys/ is one that the root appoints to sign online: begin with `repository renew`"
    )]
    NoOnlineKeys,
    #[error(transparent)]
    Root(#[from] RootError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}
