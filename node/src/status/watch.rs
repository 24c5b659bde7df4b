//! What a node holds of its neighbours: who watches whom, who is doubted, and who is held to be down.

use serde::{Deserialize, Serialize};

/// The neighbourhood as this node knows it. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Watch {
    /// Devices that watch this one.
    pub witnesses: Vec<Witness>,
    /// Devices that this one watches.
    pub subjects: Vec<Subject>,
    /// Witnesses whose accusation against this very node has not been refuted yet.
    pub accused_by: Vec<Accuser>,
    /// Devices that enough of their witnesses hold to be silent.
    pub down: Vec<Down>,
    /// Devices that some of their witnesses suspect, without proof.
    pub suspected: Vec<Suspected>,
    /// Devices in quarantine.
    pub held: Vec<Held>,
    /// Whether committees may hold devices by themselves at this moment.
    pub automation: Automation,
    /// Whether this very node sits among the witnesses.
    pub seat: Seat,
    /// Witnesses, this one included, whose accusation of somebody this node holds.
    pub accusations: usize,
}

/// Quarantine without a person, as the root allows it and the mesh can carry it out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Automation {
    /// One of `off`, `too_small`, `no_seeds`, `braked` and `on`.
    pub state: String,
    /// Classes that the root allows it for.
    pub classes: Vec<String>,
    /// What that means, in a sentence.
    pub says: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    #[default]
    Held,
    /// Too few gateways have signed a list of members that names it.
    WaitsForGateways,
}

/// A device as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub device: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    #[serde(flatten)]
    pub named: Named,
    /// When anything came over the link to it; `None` without a link.
    pub heard_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    #[serde(flatten)]
    pub named: Named,
    /// `None` until it was heard in this incarnation.
    pub heard_ms: Option<u64>,
    pub doubt: Option<Doubt>,
}

/// How far this node's own doubt about a subject has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    Probed,
    Accused,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accuser {
    #[serde(flatten)]
    pub named: Named,
    /// When it signed its newest accusation.
    pub at_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Down {
    #[serde(flatten)]
    pub named: Named,
    /// Witnesses that the device has.
    pub witnesses: usize,
    pub accusers: Vec<Accuser>,
}

/// One device, and who reports what of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspected {
    #[serde(flatten)]
    pub named: Named,
    /// Votes once too many of one model or site are left out, and how many make it suspected.
    pub votes: usize,
    pub quorum: Option<usize>,
    pub reports: Vec<Report>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    #[serde(flatten)]
    pub witness: Named,
    pub says: String,
    pub times: u32,
    pub at_ms: u64,
}

/// A device of which neighbours take nothing but signs of life, its log and its alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    #[serde(flatten)]
    pub named: Named,
    pub reason: String,
    pub until_ms: u64,
}
