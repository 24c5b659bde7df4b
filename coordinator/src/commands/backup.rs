//! `backup` and `restore`: everything of a coordinator in one encrypted file, and back.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{open_store, read_passphrase, say};
use crate::backup::{self, BackupDocument, Deed};
use crate::control::{self, Answer, ControlError, Request};
use crate::offices::Paths;

#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// Must not exist. Keep it off this machine: with its passphrase it holds every key of the coordinator.
    file: PathBuf,
    /// Holds the passphrase, 15 characters at least.
    #[arg(long)]
    passphrase_file: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("where").args(["into", "try_out"]).required(true))]
pub(super) struct Restore {
    file: PathBuf,
    /// Must not exist; `serve --dir` of it runs the coordinator as it was. The former one must not run any more.
    #[arg(long)]
    into: Option<PathBuf>,
    /// Puts it back beside the coordinator of --dir, compares every row, removes it again, and notes there that it holds.
    #[arg(long = "try")]
    try_out: bool,
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
            let store = open_store(&paths)?;
            let done = backup::write(&paths, &store.reader(), &file, &passphrase)?;
            backup::note(&store.writer(), (Deed::Made, &file), &done, mesh::wall())?;
            done
        }
        Err(error) => return Err(error.into()),
    };
    tell(json, &file, &done)
}

pub(super) async fn restore(dir: &Path, json: bool, command: &Restore) -> anyhow::Result<()> {
    let passphrase = read_passphrase(&command.passphrase_file)?;
    let Some(into) = &command.into else {
        return try_out(dir, json, (&command.file, &passphrase)).await;
    };
    let done = backup::restore(&command.file, into, &passphrase)?;
    let store = open_store(&Paths::new(into))?;
    let deed = (Deed::Restored, command.file.as_path());
    backup::note(&store.writer(), deed, &done, mesh::wall())?;
    tell(json, into, &done)
}

/// The coordinator that runs notes it; where none does, its store is opened here.
async fn try_out(dir: &Path, json: bool, (file, passphrase): (&Path, &str)) -> anyhow::Result<()> {
    let paths = Paths::new(dir);
    let trial = paths.run().join("trial");
    // An attempt that was killed has left its keys there.
    clear(&trial)?;
    let done = backup::restore(file, &trial.join("restored"), passphrase);
    clear(&trial)?;
    let done = done?;
    let request = Request::Restored {
        file: file.to_owned(),
        done: done.clone(),
    };
    match control::ask(dir, &request).await {
        Ok(_) => {}
        Err(ControlError::NotRunning(_)) => {
            let deed = (Deed::Restored, file);
            backup::note(&open_store(&paths)?.writer(), deed, &done, mesh::wall())?;
        }
        Err(error) => return Err(error.into()),
    }
    tell(json, file, &done)
}

fn clear(dir: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("cannot remove {}", dir.display())),
    }
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Asked {
        #[command(flatten)]
        restore: Restore,
    }

    /// Story: somebody who wanted to try a backup was told of `--into` alone.
    #[test]
    fn whoever_says_neither_way_is_told_of_both() {
        let given = |more: &[&str]| {
            let typed = ["restore", "a.backup", "--passphrase-file", "words"];
            Asked::try_parse_from(typed.iter().chain(more).copied())
        };
        let said = given(&[]).expect_err("it goes nowhere").to_string();
        assert!(said.contains("--into") && said.contains("--try"), "{said}");
        assert!(
            given(&["--into", "new", "--try"]).is_err(),
            "it goes one way"
        );
        let tried = given(&["--try"]).expect("a way is enough");
        assert!(tried.restore.try_out && tried.restore.into.is_none());
    }
}
