//! Alerts as programs, pages and the command line are told them.

use alerts::alert::{Alert, State};
use alerts::book::Book;
use alerts::incident::Incident;
use alerts::origins::Origin;
use alerts::sighting::{Value, Witness};
use alerts::tuning::{Of, Tuning};
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::live::Live;
use crate::web::api::instant;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertDocument {
    pub id: u64,
    pub rule: String,
    pub title: String,
    pub severity: String,
    pub state: String,
    /// Of a state that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// Nothing for what concerns the mesh as a whole.
    pub device: Option<Named>,
    /// What it is about where that is no member: a device without a node, as `mac:…` or `ip:…`, or as `key:NAME`
    /// where it has a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    pub class: Option<String>,
    pub count: u32,
    pub first: String,
    pub last: String,
    pub says: String,
    pub evidence: Vec<ValueDocument>,
    /// Who saw it itself; nobody for what the coordinator alone saw, or was told by somebody who did not see it.
    pub witnesses: Vec<WitnessDocument>,
    /// How many watch the traffic that it is about: so many could have seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub could_see: Option<usize>,
    /// Whether somebody has switched the rule off for this device: nothing more is counted.
    #[serde(default)]
    pub rule_off: bool,
    /// Whoever did it, where the rule speaks of somebody else than the device: the first, and the newest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginDocument>,
    /// A technique of MITRE ATT&CK.
    pub attack: Option<String>,
    pub stops: String,
    pub cause: Option<String>,
    pub incident: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<DoneDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NamedDevice")]
pub struct Named {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValueDocument {
    pub what: String,
    pub usual: Option<String>,
    pub seen: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WitnessDocument {
    #[serde(flatten)]
    pub device: Named,
    pub at: String,
    /// Incarnation and sequence of the record in which it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<(u32, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OriginDocument {
    pub from: String,
    pub first: String,
    pub last: String,
    pub count: u32,
    /// The newest of what it said, where it says something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

/// The newest thing that somebody did about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DoneDocument {
    pub by: String,
    pub at: String,
    pub why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TuningDocument {
    pub id: u64,
    pub rule: String,
    /// `everybody`, `class:…` or `device:…`.
    pub of: String,
    /// `off`, or a severity.
    pub effect: String,
    pub why: String,
    pub by: String,
    pub since: String,
    pub until: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentDocument {
    pub id: u64,
    pub cause: Option<String>,
    pub device: Option<Named>,
    pub first: String,
    pub last: String,
    pub alerts: u32,
}

pub(crate) fn time(at: Timestamp) -> String {
    instant(at.as_millis())
}

impl Named {
    pub fn of(device: &DeviceId, live: &Live) -> Self {
        let name = live.device(device).map(|known| known.name.to_string());
        Self {
            id: device.to_string(),
            name: name.unwrap_or_else(|| device.to_string()),
        }
    }
}

impl AlertDocument {
    /// As the book has it; [`super::sight::Sight`] says how many could have seen it.
    pub fn of(alert: &Alert, book: &Book, live: &Live, now: Timestamp) -> Self {
        let state = alert.state_at(now);
        let (snoozed_until, assigned_to) = match &state {
            State::Snoozed(until) => (Some(time(*until)), None),
            State::Assigned(to) => (None, Some(to.to_string())),
            _ => (None, None),
        };
        Self {
            id: alert.number,
            rule: alert.rule.name.to_string(),
            title: alert.rule.title.to_string(),
            severity: alert.severity.to_string(),
            state: state.word().to_owned(),
            snoozed_until,
            assigned_to,
            device: alert.device.as_ref().map(|id| Named::of(id, live)),
            about: alert.about.as_ref().map(ToString::to_string),
            class: alert.class.map(|class| class.to_string()),
            count: alert.count,
            first: time(alert.first),
            last: time(alert.last),
            says: alert.says.to_string(),
            evidence: alert.values.iter().map(ValueDocument::of).collect(),
            witnesses: alert
                .witnesses
                .iter()
                .map(|witness| WitnessDocument::of(witness, live))
                .collect(),
            could_see: None,
            rule_off: book.is_off(alert, now),
            origins: alert.origins.iter().map(OriginDocument::of).collect(),
            attack: alert.rule.attack.as_ref().map(ToString::to_string),
            stops: alert.rule.stops.to_string(),
            cause: alert.cause.as_ref().map(ToString::to_string),
            incident: alert.incident,
            done: alert.done.as_ref().map(|done| DoneDocument {
                by: done.by.to_string(),
                at: time(done.at),
                why: done.why.as_ref().map(ToString::to_string),
            }),
            before: alert.before,
        }
    }
}

impl ValueDocument {
    fn of(value: &Value) -> Self {
        Self {
            what: value.what.to_string(),
            usual: value.usual.as_ref().map(ToString::to_string),
            seen: value.seen.to_string(),
        }
    }
}

impl OriginDocument {
    fn of(origin: &Origin) -> Self {
        Self {
            from: origin.from.to_string(),
            first: time(origin.first),
            last: time(origin.last),
            count: origin.count,
            said: origin.said.as_ref().map(ToString::to_string),
        }
    }
}

impl WitnessDocument {
    fn of(witness: &Witness, live: &Live) -> Self {
        Self {
            device: Named::of(&witness.device, live),
            at: time(witness.at),
            record: witness
                .position
                .map(|position| (position.incarnation.0, position.sequence)),
        }
    }
}

impl TuningDocument {
    pub fn of(tuning: &Tuning) -> Self {
        Self {
            id: tuning.number,
            rule: tuning.rule.to_string(),
            of: of_words(tuning.of),
            effect: tuning.effect.to_string(),
            why: tuning.why.to_string(),
            by: tuning.by.to_string(),
            since: time(tuning.since),
            until: time(tuning.until),
        }
    }
}

impl IncidentDocument {
    pub fn of(incident: &Incident, live: &Live) -> Self {
        Self {
            id: incident.number,
            cause: incident.cause.as_ref().map(ToString::to_string),
            device: incident.device.as_ref().map(|id| Named::of(id, live)),
            first: time(incident.first),
            last: time(incident.last),
            alerts: incident.alerts,
        }
    }
}

pub fn of_words(of: Of) -> String {
    match of {
        Of::Everybody => "everybody".to_owned(),
        Of::Class(class) => format!("class:{class}"),
        Of::Device(device) => format!("device:{device}"),
    }
}
