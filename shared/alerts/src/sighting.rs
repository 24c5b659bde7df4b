//! One occurrence of something that matters, as its source tells it.

use minicbor::{Decode, Encode};
use protocol::id::DeviceId;
use protocol::record::Position;
use protocol::time::Timestamp;

use crate::origins::Source;
use crate::severity::Severity;
use crate::text::{Name, Says, Title, fitted};

/// What was seen, of whom, and by whom. A source is free to see the same again and again: alerts count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    pub rule: Rule,
    /// `None`: the mesh as a whole.
    pub device: Option<DeviceId>,
    /// What it is about where that is no member: a device without a node, as `mac:…` or `ip:…`, or as `key:NAME`
    /// where it has a key.
    pub about: Option<Name>,
    pub at: Timestamp,
    /// How often it was seen at once; one at least.
    pub times: u32,
    /// What happened.
    pub says: Says,
    pub values: Vec<Value>,
    pub witnesses: Vec<Witness>,
    /// Whoever did it, where one alert may have many such.
    pub source: Option<Source>,
    /// What several devices may share: an address, an image, a switch. Alerts of one cause are one incident.
    pub cause: Option<Title>,
}

/// Which rule speaks, in words that a page can show when nobody knows the rule any more.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Rule {
    /// The stable name by which it is tuned.
    #[n(0)]
    pub name: Name,
    #[n(1)]
    pub title: Title,
    #[n(2)]
    pub severity: Severity,
    /// A technique of MITRE ATT&CK, as `T1110`.
    #[n(3)]
    pub attack: Option<Name>,
    /// What would make it stop.
    #[n(4)]
    pub stops: Says,
}

/// One figure of the evidence beside what is usual.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Value {
    #[n(0)]
    pub what: Name,
    /// The baseline; `None` where there is none.
    #[n(1)]
    pub usual: Option<Title>,
    #[n(2)]
    pub seen: Title,
    /// Of what is added up over all sightings; `seen` is its sum.
    #[n(3)]
    pub total: Option<u32>,
}

/// Who saw it itself, and in which record it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Witness {
    #[n(0)]
    pub device: DeviceId,
    /// `None` for what is no record of its log.
    #[n(1)]
    pub position: Option<Position>,
    #[n(2)]
    pub at: Timestamp,
}

/// A rule that is written in this crate.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    pub name: &'static str,
    pub title: &'static str,
    pub severity: Severity,
    pub attack: Option<&'static str>,
    pub stops: &'static str,
}

impl Known {
    pub fn rule(&self) -> Rule {
        Rule {
            name: fitted(self.name),
            title: fitted(self.title),
            severity: self.severity,
            attack: self.attack.map(fitted),
            stops: fitted(self.stops),
        }
    }

    /// One sighting by this rule.
    pub fn sighting(&self, device: Option<DeviceId>, at: Timestamp, says: &str) -> Sighting {
        Sighting {
            rule: self.rule(),
            device,
            about: None,
            at,
            times: 1,
            says: fitted(says),
            values: Vec::new(),
            witnesses: Vec::new(),
            source: None,
            cause: None,
        }
    }
}

impl Sighting {
    #[must_use]
    pub fn value(mut self, what: &str, usual: Option<&str>, seen: &str) -> Self {
        self.values.push(Value {
            what: fitted(what),
            usual: usual.map(fitted),
            seen: fitted(seen),
            total: None,
        });
        self
    }

    /// A figure that is added up over all sightings of one alert.
    #[must_use]
    pub fn counted(mut self, what: &str, usual: Option<&str>, times: u32) -> Self {
        self.values.push(Value {
            what: fitted(what),
            usual: usual.map(fitted),
            seen: fitted(&times.to_string()),
            total: Some(times),
        });
        self
    }

    #[must_use]
    pub fn source(mut self, from: &str, said: Option<&str>) -> Self {
        self.source = Some(Source {
            from: fitted(from),
            said: said.map(fitted),
        });
        self
    }

    #[must_use]
    pub fn witness(mut self, device: DeviceId, position: Option<Position>) -> Self {
        self.witnesses.push(Witness {
            device,
            position,
            at: self.at,
        });
        self
    }

    #[must_use]
    pub fn cause(mut self, cause: &str) -> Self {
        self.cause = Some(fitted(cause));
        self
    }
}
