//! `rotate`: another admission key or another root, without a link that drops.

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::ledger::Entry;
use serde_json::json;

use super::root::{NewRoot, RootKeys};
use super::{read_passphrase, say};
use crate::control::{self, Answer, ControlError, Progress, Request};
use crate::offices::{self, LoadError, Paths};
use crate::{offline, rotation};

/// How often the progress is looked at, and how many times.
const LOOK: Duration = Duration::from_secs(1);
const LOOKS: u32 = 60;
pub(super) const AT_NEXT_START: &str = "in force when the coordinator runs";

#[derive(Debug, clap::Subcommand)]
pub(super) enum Rotate {
    /// Puts a fresh admission key into force; memberships are signed anew by themselves.
    Admission {
        #[command(flatten)]
        keys: RootKeys,
        /// How many days memberships by the former key still open doors.
        #[arg(long, default_value_t = 30)]
        overlap_days: u32,
    },
    /// Replaces the root's keys; the mesh stays the same one.
    Root {
        #[command(flatten)]
        keys: RootKeys,
        #[command(flatten)]
        shares: NewRoot,
        /// Also writes the new keys into files encrypted with the passphrase in this file.
        #[arg(long)]
        new_passphrase_file: Option<PathBuf>,
    },
    /// How far the last rotation has come, and who has not heard of it.
    Status,
}

pub(super) async fn run(dir: &Path, as_json: bool, rotate: &Rotate) -> anyhow::Result<()> {
    let paths = Paths::new(dir);
    let mut in_force = Force::Now;
    match rotate {
        Rotate::Admission { keys, overlap_days } => {
            let trust = offices::trust(&paths)?;
            let holders = keys.open(trust.root().ok_or(LoadError::NoMesh(dir.to_owned()))?)?;
            let overlap = Duration::from_secs(u64::from(*overlap_days) * 86_400);
            let documents = rotation::draft_admission(&paths, &holders, mesh::wall(), overlap)?;
            in_force = put_into_force(dir, &documents).await?;
        }
        Rotate::Root {
            keys,
            shares,
            new_passphrase_file,
        } => {
            let passphrase = new_passphrase_file.as_deref();
            let passphrase = passphrase.map(read_passphrase).transpose()?;
            let trust = offices::trust(&paths)?;
            let holders = keys.open(trust.root().ok_or(LoadError::NoMesh(dir.to_owned()))?)?;
            let new = rotation::draft_root(&trust, &holders, shares.plan(), mesh::wall())?;
            show(&new)?;
            keep(&paths, &new, passphrase.as_ref().map(|text| text.as_str()))?;
            in_force = put_into_force(dir, &new.documents).await?;
        }
        Rotate::Status => {}
    }
    let wanted = match rotate {
        Rotate::Status => 0,
        Rotate::Admission { .. } | Rotate::Root { .. } => offices::trust(&paths)?.charter().version,
    };
    match in_force {
        Force::AtNextStart => Ok(say(format_args!("{AT_NEXT_START}"))?),
        Force::Now => print(as_json, follow(dir, wanted).await?.as_ref()),
    }
}

/// Looks until everybody is done with this charter, or until patience ends: whoever is off may be long.
async fn follow(dir: &Path, charter: u32) -> Result<Option<Progress>, ControlError> {
    let mut shown = None;
    for _ in 0..LOOKS {
        let answer = control::ask(dir, &Request::Rotation).await?;
        let Answer::Rotation { rotation } = answer else {
            return Ok(None);
        };
        let reached = rotation.as_ref().filter(|known| known.charter >= charter);
        let waits = reached.is_none_or(|known| known.done < known.members);
        if charter == 0 || !waits {
            return Ok(rotation);
        }
        if let Some(known) = reached.filter(|known| shown != Some(known.done)) {
            eprintln!("{} of {} devices are done", known.done, known.members);
            shown = Some(known.done);
        }
        tokio::time::sleep(LOOK).await;
    }
    let answer = control::ask(dir, &Request::Rotation).await?;
    Ok(match answer {
        Answer::Rotation { rotation } => rotation,
        _ => None,
    })
}

/// When documents are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Force {
    Now,
    AtNextStart,
}

/// By the coordinator if it runs, or for its next start.
pub(super) async fn put_into_force(dir: &Path, documents: &[Entry]) -> anyhow::Result<Force> {
    match control::ask(dir, &Request::succeed(documents)).await {
        Ok(_) => Ok(Force::Now),
        Err(ControlError::NotRunning(_)) => {
            rotation::install(&Paths::new(dir), documents)?;
            Ok(Force::AtNextStart)
        }
        Err(error) => Err(error.into()),
    }
}

/// The words before the root is in force: afterwards nothing else brings it back.
pub(super) fn show(new: &rotation::NewRoot) -> anyhow::Result<()> {
    say(format_args!(
        "Write these recovery words down in place of the former ones. They are shown once."
    ))?;
    for (index, seed) in new.seeds.iter().enumerate() {
        let words = offline::words(seed)?;
        say(format_args!(
            "\n  root key {}\n  {}",
            index + 1,
            words.as_str()
        ))?;
    }
    Ok(())
}

fn keep(paths: &Paths, new: &rotation::NewRoot, passphrase: Option<&str>) -> anyhow::Result<()> {
    let administrator = offline::administrator(&new.seeds[0]);
    for file in offline::replace_files(paths, &new.seeds, &administrator, passphrase)? {
        say(format_args!(
            "\nMove {} to a machine without network.",
            file.display()
        ))?;
    }
    Ok(())
}

fn print(as_json: bool, rotation: Option<&Progress>) -> anyhow::Result<()> {
    let Some(rotation) = rotation else {
        say(format_args!(
            "{}",
            if as_json {
                "{}"
            } else {
                "nothing was rotated yet"
            }
        ))?;
        return Ok(());
    };
    if as_json {
        say(format_args!("{}", json!(rotation)))?;
        return Ok(());
    }
    say(format_args!(
        "charter {}: {} of {} devices are done",
        rotation.charter, rotation.done, rotation.members
    ))?;
    for straggler in &rotation.stragglers {
        say(format_args!("  waiting for {straggler}"))?;
    }
    Ok(())
}
