//! Commands as programs and pages are told of them.

use protocol::command::{By, Kind, Outcome};
use protocol::id::DeviceId;
use protocol::settings::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{addressed, speaks_to};
use crate::live::{Live, LiveDevice};
use crate::store::Reader;
use crate::store::commands::{Given, SaidOfCommand};
use crate::store::fault::ReadError;
use crate::web::api::instant;

/// One command, and what each device makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandDocument {
    pub id: String,
    /// `restart`, `logs` or `scan`.
    pub kind: String,
    /// `class:…`, `cell:…` or `device:…`.
    pub to: String,
    pub given: String,
    /// Nobody begins after this.
    pub until: String,
    pub by: String,
    /// `coordinator`, or `administrators` who sign the draft.
    pub signed_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<u64>,
    /// Whether nobody begins it any more.
    pub ended: bool,
    pub devices: Vec<CommandAnswerDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandAnswerDocument {
    pub id: String,
    pub name: String,
    /// `open`, `silent` where its time is over, `done`, `refused` or `failed`.
    pub state: String,
    /// Why it is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What came of it: its size as it was sealed, and the hash that the device has signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// What was done with that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Whether it can be read here.
    pub kept: bool,
}

impl CommandDocument {
    pub fn of(given: &Given, reader: &Reader, live: &Live) -> Result<Self, ReadError> {
        let mut devices = Vec::new();
        if let (Some(id), Ok(to)) = (given.command(), given.to.parse::<Scope>()) {
            let mut said = reader.command_answers(id)?;
            for device in addressed(live, &to) {
                let said = said.remove(&device.device);
                let answer =
                    CommandAnswerDocument::of(given, device.device, said.as_ref(), reader)?;
                devices.push(answer.named(device.name.as_str()));
            }
            // Whoever has answered may have left since, or be in another cell.
            for (device, said) in said {
                let answer = CommandAnswerDocument::of(given, device, Some(&said), reader)?;
                devices.push(answer.named(&device.to_string()));
            }
        }
        Ok(Self {
            id: given.id.clone(),
            kind: kind(given).to_owned(),
            to: given.to.clone(),
            given: instant(given.given_ms),
            until: instant(given.until_ms),
            by: given.by.clone(),
            signed_by: given.signed_by().word().to_owned(),
            draft: given.draft,
            ended: has_ended(given),
            devices,
        })
    }

    /// How many have answered that it is done.
    pub fn done(&self) -> usize {
        self.devices
            .iter()
            .filter(|device| device.state == "done")
            .count()
    }
}

impl CommandAnswerDocument {
    /// What one device makes of a command, if that speaks to it.
    pub fn on(
        given: &Given,
        device: &LiveDevice,
        reader: &Reader,
    ) -> Result<Option<Self>, ReadError> {
        let (Some(id), Ok(to)) = (given.command(), given.to.parse::<Scope>()) else {
            return Ok(None);
        };
        let said = reader.command_answer(id, &device.device)?;
        if said.is_none() && !speaks_to(&to, device) {
            return Ok(None);
        }
        let answer = Self::of(given, device.device, said.as_ref(), reader)?;
        Ok(Some(answer.named(device.name.as_str())))
    }

    fn of(
        given: &Given,
        device: DeviceId,
        said: Option<&SaidOfCommand>,
        reader: &Reader,
    ) -> Result<Self, ReadError> {
        let outcome = said.map(|said| &said.answer.outcome);
        let result = match outcome {
            Some(Outcome::Done { result }) => *result,
            _ => None,
        };
        let fetched = match (result, given.command()) {
            (Some(_), Some(id)) => reader.command_result(id, &device)?,
            _ => None,
        };
        Ok(Self {
            id: device.to_string(),
            name: String::new(),
            state: match outcome {
                Some(outcome) => outcome.word(),
                None if has_ended(given) => "silent",
                None => "open",
            }
            .to_owned(),
            why: outcome.and_then(Outcome::why),
            at: said.map(|said| instant(said.at.as_millis())),
            bytes: result.map(|result| result.bytes),
            hash: result.map(|result| result.digest.to_string()),
            result: fetched.as_ref().map(|fetched| fetched.note.clone()),
            kept: fetched.is_some_and(|fetched| !fetched.sealed.is_empty()),
        })
    }

    fn named(self, name: &str) -> Self {
        let name = name.to_owned();
        Self { name, ..self }
    }
}

fn has_ended(given: &Given) -> bool {
    given.until_ms <= mesh::wall().as_millis()
}

/// The word for what is to be done.
pub fn kind(given: &Given) -> &'static str {
    Kind::of(given.kind).map_or("unknown", Kind::word)
}

/// Who is to sign, by the word of [`By::word`].
pub fn signer(word: &str) -> Option<By> {
    [By::Online, By::Administrators]
        .into_iter()
        .find(|by| by.word() == word)
}
