//! `backup` and `restore`: everything of a coordinator in one encrypted file, and back.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{read_passphrase, say};
use crate::backup::{self, BackupDocument};
use crate::control::{self, Answer, ControlError, Request};
use crate::offices::{self, Paths};
use crate::store::Store;
use crate::store::key::StoreKey;

#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// Must not exist. Keep it off this machine: with its passphrase it holds every key of the coordinator.
    file: PathBuf,
    /// Holds the passphrase, 15 characters at least.
    #[arg(long)]
    passphrase_file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    file: PathBuf,
    /// Must not exist; `serve --dir` of it runs the coordinator as it was. The former one must not run any more.
    #[arg(long)]
    into: PathBuf,
    #[arg(long)]
    passphrase_file: PathBuf,
}

/// The coordinator that runs makes it; where none does, the store is opened here.
pub(super) async fn backup(dir: &Path, json: bool, command: &Backup) -> anyhow::Result<()> {
    let passphrase = read_passphrase(&command.passphrase_file)?;
    let file = std::path::absolute(&command.file).context("the backup's path")?;
    let request = Request::Backup {
        file: file.clone(),
        passphrase: passphrase.to_string(),
    };
    let done = match control::ask_patiently(dir, &request).await {
        Ok(Answer::Backup(done)) => done,
        Ok(_) => anyhow::bail!("the coordinator answered something else"),
        Err(ControlError::NotRunning(_)) => {
            let paths = Paths::new(dir);
            let certified = offices::load(&paths)?;
            let key = StoreKey::from_bytes(*certified.store_key.bytes());
            let (store, _) = Store::open(&paths.store(), key).context("the store does not open")?;
            let done = backup::write(&paths, &store.reader(), &file, &passphrase)?;
            backup::note(&store.writer(), &done, mesh::wall())?;
            done
        }
        Err(error) => return Err(error.into()),
    };
    tell(json, &file, &done)
}

pub(super) fn restore(json: bool, command: &Restore) -> anyhow::Result<()> {
    let passphrase = read_passphrase(&command.passphrase_file)?;
    let done = backup::restore(&command.file, &command.into, &passphrase)?;
    tell(json, &command.into, &done)
}

fn tell(json: bool, place: &Path, done: &BackupDocument) -> anyhow::Result<()> {
    let line = match json {
        true => serde_json::to_string(done)?,
        false => format!(
            "{}: {} files, {} rows, state {}",
            place.display(),
            done.files,
            done.rows,
            done.state
        ),
    };
    Ok(say(format_args!("{line}"))?)
}
