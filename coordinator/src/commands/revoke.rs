//! `device revoke`: the permanent word of an administrator.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use protocol::ledger::Strength;
use protocol::text::Name;

use super::withdraw;
use crate::control::Answer;

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    /// The device's id or its name.
    device: String,
    /// The administrator's key file, or a file with the recovery words of the first root key.
    #[arg(long)]
    key: PathBuf,
    /// The file with the passphrase of the key file.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    #[arg(long, default_value = "revoked by an administrator")]
    reason: String,
}

pub(super) async fn run(dir: &Path, revoke: &Revoke) -> anyhow::Result<Answer> {
    let key = withdraw::administrator(&revoke.key, revoke.passphrase_file.as_deref())?;
    let reason = Name::new(revoke.reason.as_str()).context("reason")?;
    let place = withdraw::place(dir, &revoke.device).await?;
    withdraw::order(dir, &key, place, Strength::Revocation, &reason).await
}
