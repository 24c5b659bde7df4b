//! What people have decided about a rule: another severity, or silence, for somebody, until some day, and why.

use std::fmt;

use minicbor::{Decode, Encode};
use protocol::class::DeviceClass;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::text::{Name, Says};

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Tuning {
    #[n(0)]
    pub number: u64,
    /// The rule's stable name.
    #[n(1)]
    pub rule: Name,
    #[n(2)]
    pub of: Of,
    #[n(3)]
    pub effect: Effect,
    #[n(4)]
    pub why: Says,
    #[n(5)]
    pub by: Name,
    #[n(6)]
    pub since: Timestamp,
    /// From then on the rule is as it was.
    #[n(7)]
    pub until: Timestamp,
}

/// Whom it concerns; a device's own tuning goes before that of its class, and that before everybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Of {
    #[n(0)]
    Everybody,
    #[n(1)]
    Class(#[n(0)] DeviceClass),
    #[n(2)]
    Device(#[n(0)] DeviceId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Effect {
    /// Nothing is kept of what the rule sees.
    #[n(0)]
    Off,
    #[n(1)]
    Severity(#[n(0)] Severity),
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Severity(severity) => severity.fmt(f),
        }
    }
}

impl Tuning {
    fn concerns(&self, rule: &Name, device: Option<DeviceId>, class: Option<DeviceClass>) -> bool {
        let of = match self.of {
            Of::Everybody => true,
            Of::Class(of) => class == Some(of),
            Of::Device(of) => device == Some(of),
        };
        of && self.rule == *rule
    }
}

/// What holds for one rule and one device: of those that concern it the most particular, and of such the newest.
pub fn effect(
    tunings: &[Tuning],
    rule: &Name,
    device: Option<DeviceId>,
    class: Option<DeviceClass>,
    now: Timestamp,
) -> Option<Effect> {
    let holding = tunings
        .iter()
        .filter(|tuning| now < tuning.until && tuning.concerns(rule, device, class));
    let rank = |of: Of| match of {
        Of::Everybody => 0,
        Of::Class(_) => 1,
        Of::Device(_) => 2,
    };
    let first = holding.max_by_key(|tuning| (rank(tuning.of), tuning.number));
    first.map(|tuning| tuning.effect)
}
