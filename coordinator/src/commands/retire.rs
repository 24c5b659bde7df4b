//! `device retire`: shuts a device out, and with an administrator's key orders it to wipe itself.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use protocol::ledger::Strength;
use protocol::text::Name;
use thiserror::Error;

use super::withdraw;
use crate::control::{self, Answer, Request};

#[derive(Debug, clap::Args)]
pub(super) struct Retire {
    /// The device's id or its name.
    device: String,
    #[arg(long, default_value = "ordered on the command line")]
    reason: String,
    /// Shuts it out for good, and orders it to wipe its keys and its journal.
    #[arg(long, requires = "admin_key")]
    wipe: bool,
    /// The administrator's key file, or a file with the recovery words of the first root key.
    #[arg(long, requires = "wipe")]
    admin_key: Option<PathBuf>,
    /// The file with the passphrase of the key file.
    #[arg(long, requires = "wipe")]
    passphrase_file: Option<PathBuf>,
    /// Wipes without asking for the name of the device.
    #[arg(long, requires = "wipe")]
    yes: bool,
}

/// Nobody has said that this device is meant.
#[derive(Debug, Error)]
pub enum Unconfirmed {
    #[error("this wipes {0} for good: repeat with --yes")]
    NoTerminal(String),
    #[error("that is not {0}: nothing was ordered")]
    AnotherName(String),
}

pub(super) async fn run(dir: &Path, retire: &Retire) -> anyhow::Result<Answer> {
    let reason = Name::new(retire.reason.as_str()).context("reason")?;
    let Some(key) = retire.admin_key.as_deref().filter(|_| retire.wipe) else {
        let request = Request::Retire {
            device: retire.device.clone(),
            reason: reason.to_string(),
        };
        return Ok(control::ask(dir, &request).await?);
    };
    let key = withdraw::administrator(key, retire.passphrase_file.as_deref())?;
    let place = withdraw::place(dir, &retire.device).await?;
    if !retire.yes {
        confirm(&place.name)?;
    }
    let name = place.name.clone();
    let answer = withdraw::order(dir, &key, place, Strength::Retirement, &reason).await?;
    if answer == Answer::Done {
        eprintln!("{name} is ordered to wipe itself; `device list` says when it has confirmed.");
    }
    Ok(answer)
}

/// The page asks for the name as well before it retires.
fn confirm(name: &str) -> anyhow::Result<()> {
    if !io::stdin().is_terminal() {
        return Err(Unconfirmed::NoTerminal(name.to_owned()).into());
    }
    eprint!(
        "This wipes the keys and the journal of {name}. Type the name of the device to confirm: "
    );
    io::stderr().flush()?;
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    if typed.trim_end() != name {
        return Err(Unconfirmed::AnotherName(name.to_owned()).into());
    }
    Ok(())
}
