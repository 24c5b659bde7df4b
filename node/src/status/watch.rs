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
    /// Witnesses, this one included, whose accusation of somebody this node holds.
    pub accusations: usize,
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
