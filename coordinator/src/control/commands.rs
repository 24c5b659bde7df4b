//! Commands to devices, over the control socket.

use std::time::Duration;

use protocol::command::{By, CommandId, CommandIdError, KindError};
use protocol::settings::ScopeError;
use serde::{Deserialize, Serialize};

use super::{Answer, Desk};
use crate::access::{self, ACTOR};
use crate::command::CommandWish;
use crate::command::document::CommandDocument;
use crate::store::commands::Given;

/// Commands that one answer lists.
const LISTED: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum CommandAsked {
    /// Signed by the coordinator, or drafted for administrators.
    Issue {
        kind: String,
        to: String,
        life_s: Option<u64>,
        sign: bool,
    },
    List,
    Show {
        id: String,
    },
    /// What came of it on one device.
    Result {
        id: String,
        device: String,
    },
}

impl Desk {
    pub(super) async fn command(&self, asked: CommandAsked) -> Result<Answer, String> {
        match asked {
            CommandAsked::Issue {
                kind,
                to,
                life_s,
                sign,
            } => {
                let wish = CommandWish {
                    kind: kind.parse().map_err(|error: KindError| error.to_string())?,
                    to: to.parse().map_err(|error: ScopeError| error.to_string())?,
                    life: life_s.map(Duration::from_secs),
                    by: match sign {
                        true => By::Administrators,
                        false => By::Online,
                    },
                };
                let act = access::act("command.give", &wish.words());
                let act = act.map_err(|error| error.to_string())?;
                let given = self.service.commands.give(&wish, ACTOR, act).await;
                let given = given.map_err(|error| error.to_string())?;
                match given.draft {
                    Some(draft) => self.draft(draft),
                    None => self.commands_shown(&[given]),
                }
            }
            CommandAsked::List => {
                let all = self.service.reader.commands();
                let mut all = all.map_err(|error| error.to_string())?;
                all.truncate(LISTED);
                self.commands_shown(&all)
            }
            CommandAsked::Show { id } => {
                let given = self.service.reader.command(command_id(&id)?);
                let given = given.map_err(|error| error.to_string())?;
                self.commands_shown(&[given.ok_or("there is no such command")?])
            }
            CommandAsked::Result { id, device } => {
                let device = self.meant(&device)?;
                let found = self.service.commands.result(command_id(&id)?, &device);
                let found = found.map_err(|error| error.to_string())?;
                let found = found.ok_or("nothing is kept of it: `command show` says why")?;
                let text = String::from_utf8_lossy(&found).into_owned();
                Ok(Answer::CommandResult { text })
            }
        }
    }

    fn commands_shown(&self, given: &[Given]) -> Result<Answer, String> {
        let (reader, live) = (&self.service.reader, self.service.live.borrow());
        let items = given
            .iter()
            .map(|given| CommandDocument::of(given, reader, &live));
        let items = items.collect::<Result<_, _>>();
        Ok(Answer::Commands {
            items: items.map_err(|error| error.to_string())?,
        })
    }
}

fn command_id(text: &str) -> Result<CommandId, String> {
    text.parse()
        .map_err(|error: CommandIdError| error.to_string())
}
