//! `command`: what devices are to do once, and what each of them has answered.

use std::path::Path;
use std::time::Duration;

use protocol::command::Kind;

use super::release::{self, Out};
use super::settings::period;
use super::{answer, say};
use crate::command::document::CommandDocument;
use crate::control::commands::CommandAsked;
use crate::control::{self, Answer, Request};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Commanded {
    /// Has devices restart their service, collect their log, or scan.
    Issue {
        /// restart, logs or scan; `device retire --wipe` wipes.
        kind: Kind,
        /// class:camera, cell:NAME or device:ID.
        to: String,
        /// How long it may be begun: 10m where nothing is said, 24h where administrators sign.
        #[arg(long = "for", value_name = "PERIOD", value_parser = period)]
        life: Option<Duration>,
        /// Writes the payload for administrators to sign; `release add-signature` and `release publish` go on from there.
        #[arg(long)]
        sign: bool,
        #[command(flatten)]
        out: Out,
    },
    /// Lists commands, the newest first.
    List,
    /// Shows what each device has answered, and why.
    Show {
        id: String,
        /// Prints what came of it on this device.
        #[arg(long, value_name = "DEVICE")]
        result: Option<String>,
    },
}

pub(super) async fn run(dir: &Path, as_json: bool, command: &Commanded) -> anyhow::Result<()> {
    let (asked, out) = match command {
        Commanded::Issue {
            kind,
            to,
            life,
            sign,
            out,
        } => (
            CommandAsked::Issue {
                kind: kind.word().to_owned(),
                to: to.clone(),
                life_s: life.map(|life| life.as_secs()),
                sign: *sign,
            },
            Some(out),
        ),
        Commanded::List => (CommandAsked::List, None),
        Commanded::Show { id, result: None } => (CommandAsked::Show { id: id.clone() }, None),
        Commanded::Show {
            id,
            result: Some(device),
        } => (
            CommandAsked::Result {
                id: id.clone(),
                device: device.clone(),
            },
            None,
        ),
    };
    let answer = control::ask(dir, &Request::Command(asked)).await?;
    match &answer {
        Answer::Commands { items } if !as_json => {
            let whole = !matches!(command, Commanded::List);
            Ok(items.iter().try_for_each(|item| print(item, whole))?)
        }
        Answer::CommandResult { text } if !as_json => Ok(say(format_args!("{}", text.trim_end()))?),
        Answer::Draft(_) => release::shown(&answer, as_json, out),
        _ => Ok(say(format_args!("{}", answer::as_document(&answer)))?),
    }
}

fn print(command: &CommandDocument, whole: bool) -> std::io::Result<()> {
    let (done, all) = (command.done(), command.devices.len());
    say(format_args!(
        "{}  {:<8} {:<24} {done} of {all} done, until {}, signed by the {}",
        command.id, command.kind, command.to, command.until, command.signed_by
    ))?;
    for device in command.devices.iter().filter(|_| whole) {
        let words = [&device.why, &device.result].into_iter().flatten();
        let words: Vec<&str> = words.map(String::as_str).collect();
        say(format_args!(
            "  {} {:<20} {:<8} {}",
            device.id,
            device.name,
            device.state,
            words.join("; ")
        ))?;
    }
    Ok(())
}
