//! Profiles of traffic over the control socket.

use protocol::text::Name;
use serde::{Deserialize, Serialize};

use super::{Answer, Desk};
use crate::access::{self, ACTOR};
use crate::profiles::document::{ProfileDocument, WhyDocument};
use crate::profiles::speak::{Wish, speak};
use crate::profiles::why::{Question, why};
use crate::profiles::{Known, called};
use crate::web::api::profiles::{self, protocol_number, stage};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "profile", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProfileAsked {
    Show {
        device: String,
    },
    Why {
        device: String,
        destination: String,
        port: u16,
        protocol: Option<String>,
    },
    /// The profile as a MUD file.
    Mud {
        device: String,
    },
    Allow {
        device: String,
        habit: String,
    },
    Undo {
        device: String,
        habit: String,
    },
    Stage {
        device: String,
        stage: String,
    },
    Declare {
        device: String,
        mud: String,
    },
}

impl Desk {
    pub(super) fn profile(&self, asked: ProfileAsked) -> Result<Answer, String> {
        match asked {
            ProfileAsked::Show { device } => {
                let (known, live) = (self.known(&device)?, self.service.live.borrow());
                Ok(Answer::Profile(ProfileDocument::of(&known, &live)))
            }
            ProfileAsked::Why {
                device,
                destination,
                port,
                protocol,
            } => {
                let protocol = protocol_number(protocol.as_deref());
                let destination = profiles::destination(&destination);
                let question = Question {
                    destination: destination.map_err(|what| format!("the destination: {what}"))?,
                    port,
                    protocol: protocol.ok_or("the protocol is tcp, udp or a number")?,
                };
                let why = why(&self.known(&device)?, &question);
                let live = self.service.live.borrow();
                Ok(Answer::Why(WhyDocument::of(&why, &live)))
            }
            ProfileAsked::Mud { device } => {
                let known = self.known(&device)?;
                let mud = known.mud(&known.holder.to_string(), mesh::wall());
                Ok(Answer::Mud { mud })
            }
            ProfileAsked::Allow { device, habit } => {
                self.say(&device, "profile.allow", &Wish::Allow(habit))
            }
            ProfileAsked::Undo { device, habit } => {
                self.say(&device, "profile.undo", &Wish::Undo(habit))
            }
            ProfileAsked::Stage {
                device,
                stage: word,
            } => {
                let stage = stage(&word);
                let stage = stage.ok_or("the stage is learning, trial or enforcing")?;
                self.say(&device, "profile.stage", &Wish::Enter(stage))
            }
            ProfileAsked::Declare { device, mud } => {
                self.say(&device, "profile.declare", &Wish::Declare(mud.into_bytes()))
            }
        }
    }

    fn known(&self, device: &str) -> Result<Known, String> {
        let live = self.service.live.borrow().clone();
        let holder = called(&live, device).ok_or_else(|| {
            format!(
                "`{device}` is no device, or several are called so: write its id, its name, its hardware address or ip:10.0.0.7"
            )
        })?;
        Known::of(&self.service.reader, holder).map_err(|error| error.to_string())
    }

    fn say(&self, device: &str, action: &str, wish: &Wish) -> Result<Answer, String> {
        let known = self.known(device)?;
        let act = access::act(action, &format!("profile {}", known.holder));
        let act = act.map_err(|error| error.to_string())?;
        let by = Name::fitted(ACTOR).ok_or("nobody acts")?;
        let (reader, writer) = (&self.service.reader, &self.service.writer);
        let said = speak(reader, writer, (known.holder, wish), &by, mesh::wall(), act);
        let members = said.map_err(|error| error.to_string())?;
        Ok(Answer::Told { members })
    }
}
