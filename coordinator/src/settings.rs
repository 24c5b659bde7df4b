//! What is wanted of devices and what they do, as programs and pages are told.

use std::collections::BTreeMap;
use std::convert::Infallible;

use protocol::command::{KindError, Kinds};
use protocol::id::DeviceId;
use protocol::settings::{Place, Scope, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::live::{Live, LiveDevice, State};
use crate::releases::settings::Wanted;
use crate::store::obeyed::Said;
use crate::web::api::instant;

/// One coordinator's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsDocument {
    /// What administrators have signed, the least particular first.
    pub wanted: Vec<WantedShown>,
    /// Every device that belongs to the mesh.
    pub devices: Vec<DeviceSettings>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WantedShown {
    /// `fleet`, `class:…`, `cell:…` or `device:…`.
    pub scope: String,
    #[serde(flatten)]
    pub settings: Periods,
}

/// In seconds; what is not set is as usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Periods {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_s: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts_s: Option<u32>,
    /// Kinds of commands that the coordinator may sign by itself: `restart`, `logs`, `scan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<OnlineKinds>,
}

/// Kinds of commands, by their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct OnlineKinds(pub Kinds);

impl From<OnlineKinds> for Vec<String> {
    fn from(kinds: OnlineKinds) -> Self {
        kinds.0.all().map(|kind| kind.word().to_owned()).collect()
    }
}

impl TryFrom<Vec<String>> for OnlineKinds {
    type Error = KindError;

    fn try_from(words: Vec<String>) -> Result<Self, KindError> {
        let kinds = words.iter().map(|word| word.parse());
        Ok(Self(kinds.collect::<Result<_, _>>()?))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceSettings {
    pub id: String,
    pub name: String,
    pub online: bool,
    pub wanted: Periods,
    /// The hash of what is wanted of it, and of what it says that it does.
    pub wanted_hash: String,
    pub obeyed_hash: String,
    pub obeyed: Periods,
    /// Whether both are the same.
    pub in_step: bool,
    /// The version of the role `policy` by which it does so, and when it said so; nothing where it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

impl SettingsDocument {
    pub fn of(wanted: &Wanted, said: &BTreeMap<DeviceId, Said>, live: &Live) -> Self {
        let devices = live.devices.iter();
        let members = devices.filter(|device| device.state != State::Retired);
        Self {
            wanted: wanted
                .iter()
                .map(|(scope, settings)| WantedShown {
                    scope: scope.to_string(),
                    settings: Periods::of(settings),
                })
                .collect(),
            devices: members
                .map(|device| DeviceSettings::of(device, wanted, said.get(&device.device)))
                .collect(),
        }
    }

    /// How many do what is wanted of them.
    pub fn in_step(&self) -> usize {
        self.devices.iter().filter(|device| device.in_step).count()
    }
}

impl DeviceSettings {
    fn of(device: &LiveDevice, wanted: &Wanted, said: Option<&Said>) -> Self {
        let settings = wanted_of(device, wanted);
        let obeyed = said.map(|said| said.obeyed).unwrap_or_default();
        Self {
            id: device.device.to_string(),
            name: device.name.to_string(),
            online: device.is_there(),
            wanted: Periods::of(&settings),
            wanted_hash: settings.digest().to_string(),
            obeyed_hash: obeyed.settings.digest().to_string(),
            obeyed: Periods::of(&obeyed.settings),
            in_step: settings == obeyed.settings,
            policy: said.map(|said| said.obeyed.policy),
            said: said.map(|said| instant(said.at.as_millis())),
        }
    }
}

/// What is wanted of one device, as it reads it itself.
pub fn wanted_of(device: &LiveDevice, wanted: &Wanted) -> Settings {
    let place = Place {
        device: device.device,
        class: device.class,
        cell: device.cell.clone(),
    };
    let said = |scope: &Scope| Ok::<_, Infallible>(wanted.get(scope).copied());
    match Settings::among(&place, said) {
        Ok(settings) => settings,
        Err(never) => match never {},
    }
}

impl Periods {
    pub fn of(settings: &Settings) -> Self {
        Self {
            record_s: settings.record_s,
            accounts_s: settings.accounts_s,
            online: settings.online.map(OnlineKinds),
        }
    }

    pub fn settings(self) -> Settings {
        Settings {
            record_s: self.record_s,
            accounts_s: self.accounts_s,
            online: self.online.map(|kinds| kinds.0),
        }
    }
}
