//! Commands that were judged, done on this host; what comes of them is kept until it is fetched.

use std::fs;

use protocol::command::{CommandId, Kind, Outcome, Refusal};
use protocol::node::{CommandAsked, CommandTold, Input};
use protocol::scan::ScanStage;
use protocol::text::Name;
use tracing::warn;

use super::Shell;
use crate::logging;
use crate::scan::Scanned;

impl Shell {
    pub(super) fn command(&mut self, asked: &CommandAsked) -> Option<Input> {
        match *asked {
            CommandAsked::Wanted { command, from } => {
                let part = tokio::task::block_in_place(|| self.results.part(command, from));
                Some(Input::Command(CommandTold::Part(part)))
            }
            CommandAsked::Do { command, kind } => match kind {
                Kind::Restart => self.updates.restart(command),
                Kind::Logs => Some(self.keep(command, &logging::recent())),
                Kind::Scan => {
                    let refused = self.scans.command(command).err();
                    refused.map(|outcome| ended(command, outcome))
                }
                Kind::Wipe => {
                    let why = Refusal::ByTheLog;
                    Some(ended(command, Outcome::Refused { why }))
                }
            },
        }
    }

    /// How a job goes, for whoever asked for it.
    pub(super) fn scanned(&self, scanned: Scanned) -> Input {
        match scanned {
            Scanned::Told(told) => Input::Scan(told),
            Scanned::Commanded {
                command,
                stage: ScanStage::Finished { .. },
                found,
            } => match fs::read(&found) {
                Ok(bytes) => {
                    if let Err(error) = fs::remove_file(&found) {
                        warn!(%error, "what a scan has found stays twice");
                    }
                    self.keep(command, &bytes)
                }
                Err(error) => failed(command, &error.to_string()),
            },
            Scanned::Commanded {
                command,
                stage: ScanStage::Failed { why } | ScanStage::Refused { why },
                ..
            } => ended(command, Outcome::Failed { why }),
            Scanned::Commanded { command, .. } => failed(command, "the scan was cancelled"),
        }
    }

    fn keep(&self, command: CommandId, plain: &[u8]) -> Input {
        match tokio::task::block_in_place(|| self.results.keep(command, plain)) {
            Ok(result) => {
                let result = Some(result);
                ended(command, Outcome::Done { result })
            }
            Err(error) => failed(command, &error.to_string()),
        }
    }
}

fn failed(command: CommandId, why: &str) -> Input {
    let why = Name::fitted(why);
    let why = why.unwrap_or_else(|| Name::new("no words").expect("two short words fit"));
    ended(command, Outcome::Failed { why })
}

fn ended(command: CommandId, outcome: Outcome) -> Input {
    Input::Command(CommandTold::Ended { command, outcome })
}
