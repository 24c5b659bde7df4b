//! `settings`: what devices are to do, signed off the coordinator, and what they do.

use std::path::Path;
use std::time::Duration;

use protocol::command::Kinds;

use super::release::{self, Out};
use super::{answer, say};
use crate::control::{self, Answer, Request};
use crate::settings::{OnlineKinds, Periods, SettingsDocument};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Settings {
    /// Shows what is wanted, and which devices do it.
    Show,
    /// Writes the payload that has to be signed for other settings; `release add-signature` and `release publish` go on
    /// from there.
    Set {
        /// fleet, class:camera, cell:NAME or device:ID; the most particular one decides.
        scope: String,
        /// Between two readings: 10s to 1h.
        #[arg(long, value_name = "PERIOD", value_parser = period)]
        record: Option<Duration>,
        /// Between two accounts of what crossed the links: 10m to 24h.
        #[arg(long, value_name = "PERIOD", value_parser = period)]
        accounts: Option<Duration>,
        /// Commands that the coordinator may sign by itself: restart,logs,scan or none.
        #[arg(long, value_name = "KINDS")]
        online: Option<Kinds>,
        #[command(flatten)]
        out: Out,
    },
    /// The same to take back what a scope was told.
    Clear {
        scope: String,
        #[command(flatten)]
        out: Out,
    },
}

pub(super) async fn run(dir: &Path, as_json: bool, command: &Settings) -> anyhow::Result<()> {
    let (request, out) = match command {
        Settings::Show => (Request::Settings, None),
        Settings::Set {
            scope,
            record,
            accounts,
            online,
            out,
        } => {
            let periods = Periods {
                online: online.map(OnlineKinds),
                ..periods(*record, *accounts)
            };
            (prepare(scope, Some(periods)), Some(out))
        }
        Settings::Clear { scope, out } => (prepare(scope, None), Some(out)),
    };
    let answer = control::ask(dir, &request).await?;
    match &answer {
        Answer::Settings(document) if !as_json => Ok(print(document)?),
        Answer::Settings(_) => Ok(say(format_args!("{}", answer::as_document(&answer)))?),
        draft => release::shown(draft, as_json, out),
    }
}

fn prepare(scope: &str, settings: Option<Periods>) -> Request {
    Request::PrepareSettings {
        scope: scope.to_owned(),
        settings,
    }
}

/// A period in whole seconds is what is signed; the coordinator says which it takes.
fn periods(record: Option<Duration>, accounts: Option<Duration>) -> Periods {
    let seconds = |period: Duration| u32::try_from(period.as_secs()).unwrap_or(u32::MAX);
    Periods {
        record_s: record.map(seconds),
        accounts_s: accounts.map(seconds),
        online: None,
    }
}

pub(super) fn period(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[number.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        other => return Err(format!("`{other}` is no unit: write s, m or h")),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` is no period: write 30s, 5m or 1h"))?;
    number
        .checked_mul(factor)
        .map(Duration::from_secs)
        .ok_or_else(|| format!("{text} is too long"))
}

fn print(document: &SettingsDocument) -> std::io::Result<()> {
    if document.wanted.is_empty() {
        say(format_args!("every device does what is usual"))?;
    }
    for wanted in &document.wanted {
        let words = crate::releases::settings::words(&wanted.settings.settings());
        say(format_args!("{:<28} {words}", wanted.scope))?;
    }
    let (done, all) = (document.in_step(), document.devices.len());
    say(format_args!("{done} of {all} devices do what is wanted"))?;
    for device in document.devices.iter().filter(|device| !device.in_step) {
        let wanted = crate::releases::settings::words(&device.wanted.settings());
        let presence = if device.online { "online" } else { "away" };
        say(format_args!(
            "  {} {} ({presence}): not yet {wanted}",
            device.id, device.name
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_a_unit_or_is_in_seconds() {
        for (text, seconds) in [("30", 30), ("30s", 30), ("5m", 300), ("1h", 3600)] {
            assert_eq!(period(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "s", "5d", "-5s", "1.5h", "99999999999999999999h"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }
}
