//! Devices that run no node, as this node hears them.

use serde::{Deserialize, Serialize};

use super::render::lasting;
use super::watch::Named;

/// Devices that a status lists; how many there are it says in full.
pub const LISTED: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hearing {
    /// On which interfaces; none, where this node does not listen.
    pub interfaces: Vec<String>,
    /// What it cannot hear or do, and what to do about it.
    pub missing: Vec<Missing>,
    /// How many devices it knows of, and how many of them it guards.
    pub known: usize,
    pub guarded: usize,
    /// At most [`LISTED`] of them.
    pub devices: Vec<Heard>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub what: String,
    pub says: String,
}

/// A device without a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub mac: String,
    pub name: Option<String>,
    pub vendor: Option<String>,
    pub class: String,
    pub reasons: Vec<String>,
    pub addresses: Vec<String>,
    /// When this node heard it; `None` where others told of it.
    pub first_ms: Option<u64>,
    pub last_ms: Option<u64>,
    pub guardians: Vec<Named>,
    /// `there`, `gone` or `unmet`, where this node is one of them.
    pub presence: Option<String>,
}

impl Hearing {
    /// In half a sentence.
    pub fn in_short(&self) -> String {
        if self.interfaces.is_empty() {
            return "nothing of devices without a node: it does not listen".to_owned();
        }
        let lacks = if self.missing.is_empty() {
            String::new()
        } else {
            let lacks: Vec<_> = self.missing.iter().map(|one| one.what.as_str()).collect();
            format!(", without {}", lacks.join(", "))
        };
        format!(
            "{} devices without a node, guards {}{lacks} (palisade-node hear tells more)",
            self.known, self.guarded
        )
    }

    /// A line for what is missing, and one for each device.
    pub fn sentences(&self, now_ms: u64) -> Vec<String> {
        let mut lines = vec![format!("listens on {}", self.interfaces.join(", "))];
        if self.interfaces.is_empty() {
            lines = vec!["this node does not listen (hearing.listen)".to_owned()];
        }
        lines.extend(self.missing.iter().map(|missing| missing.says.clone()));
        lines.extend(self.devices.iter().map(|device| device.line(now_ms)));
        if self.known > self.devices.len() {
            lines.push(format!("and {} more", self.known - self.devices.len()));
        }
        lines
    }
}

impl Heard {
    fn line(&self, now_ms: u64) -> String {
        let name = self
            .name
            .as_deref()
            .or(self.vendor.as_deref())
            .unwrap_or("-");
        let heard = self.last_ms.map_or_else(
            || "others told of it".to_owned(),
            |at_ms| format!("heard {} ago", lasting(at_ms, now_ms)),
        );
        let guardians: Vec<_> = self.guardians.iter().map(|one| one.name.as_str()).collect();
        format!(
            "{}  {:<15}  {:<8}  {name}  {heard}, guarded by {}",
            self.mac,
            self.addresses.first().map_or("-", String::as_str),
            self.class,
            guardians.join(" and ")
        )
    }
}
