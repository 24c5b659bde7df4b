//! The parts of a rule's file that are read; what Sigma has beside them is left alone.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub title: String,
    pub level: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    pub logsource: Option<Logsource>,
    pub detection: BTreeMap<String, Value>,
    #[serde(default)]
    pub palisade: Extra,
}

#[derive(Debug, Deserialize)]
pub(super) struct Logsource {
    pub service: Option<String>,
}

/// What this project writes into a rule beside Sigma.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extra {
    pub stops: Option<String>,
    #[serde(default)]
    pub tests: Vec<Case>,
}

/// Lines, and how often the rule is to speak of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(default)]
    pub program: Option<String>,
    pub lines: Vec<String>,
    /// Hits, all lines taken within a second.
    pub hits: usize,
}
