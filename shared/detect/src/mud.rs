//! Manufacturer Usage Descriptions (RFC 8520): a profile as a file, from a maker or for a firewall.
//!
//! What is read strictly: a condition that is not understood would widen the rule it stands in, so the file is refused
//! and says where. Rules of the link layer allow nothing that a profile judges; they are counted and passed over.

mod document;
mod read;
mod write;

use std::collections::BTreeSet;

use thiserror::Error;

use crate::limits::{MUD_BYTES, MUD_RULES, MUD_TEXT};
use crate::profile::Entry;

/// What a MUD file says of a kind of device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mud {
    pub about: About,
    pub entries: BTreeSet<Entry>,
    /// Rules of the link layer that were passed over.
    pub link_layer: usize,
}

/// The head of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Where the file is published.
    pub url: String,
    /// When it was last changed, as it stands there (RFC 3339).
    pub last_update: String,
    /// Hours after which it is to be fetched again, 1 to 168.
    pub cache_validity: u16,
    pub is_supported: bool,
    /// A line for people; empty where there is none.
    pub system_info: String,
    pub maker: Option<String>,
    pub model: Option<String>,
}

#[derive(Debug, Error)]
pub enum MudError {
    #[error("{0} bytes are more than a MUD file may have ({MUD_BYTES})")]
    TooLong(usize),
    #[error("line {line}, column {column} is not the JSON of RFC 8520: {why}")]
    Malformed {
        line: usize,
        column: usize,
        why: String,
    },
    #[error("`mud-version` is {0}: only version 1 is known")]
    Version(u16),
    #[error("`{field}` is longer than {MUD_TEXT} bytes or holds control characters")]
    Text { field: &'static str },
    #[error("`cache-validity` is {0}: the RFC allows 1 to 168 hours")]
    CacheValidity(u16),
    #[error("more than {MUD_RULES} rules")]
    TooManyRules,
    #[error("the policy names the list `{0}`, which the file does not have, or has twice")]
    MissingList(String),
    #[error("the list `{0}` is not named by a policy: it would apply to no direction")]
    UnusedList(String),
    #[error("the file has no `acls`: nothing would be allowed")]
    NoLists,
    #[error("rule `{rule}`: {why}")]
    Rule { rule: String, why: RuleError },
}

/// Why one rule cannot be kept to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleError {
    #[error("`forwarding` is `{0}`: only `accept` is read, because the order of rules is not kept")]
    Forwarding(String),
    #[error("`{0}` and `{1}` cannot both stand in it")]
    Both(&'static str, &'static str),
    #[error("`{0}` lies on the wrong side for its direction")]
    Side(&'static str),
    #[error("the name `{0}` is no domain name")]
    Name(String),
    #[error("the name `{0}` is shared by everybody below it: give the name of one owner")]
    Shared(String),
    #[error("the network `{0}` is no address with a number of bits")]
    Network(String),
    #[error("`operator` is `{0}`: `eq`, `lte`, `gte` and `range` are read")]
    Operator(String),
    #[error("the port needs the numbers that its operator asks for, the lower first")]
    Ports,
    #[error("ports are matched, but the protocol is {0:?}")]
    Protocol(Option<u8>),
    #[error("it matches the link layer and something above it in a way that is not read")]
    LinkLayer,
    #[error("`direction-initiated` is `{0}`: give `from-device` or `to-device`, and for TCP only")]
    Initiated(String),
    #[error("`{0}` is empty: give one")]
    Empty(&'static str),
}

impl Mud {
    /// Reads a file; `Err` says what in it cannot be kept to.
    pub fn from_json(bytes: &[u8]) -> Result<Self, MudError> {
        read::mud(bytes)
    }

    /// The file of RFC 8520: each habit with the rule of its answers, names and addresses in lists of their own family.
    pub fn to_json(&self) -> String {
        write::json(self)
    }
}

#[cfg(test)]
mod tests;
