//! Rules as Sigma writes them, as far as this subset goes: what it does not know it refuses by name.

mod condition;
mod document;
mod given;
mod pattern;
mod selection;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::limits;
use crate::line::{Line, fit};
use condition::Condition;
use document::{Document, Logsource};
use selection::Selection;

pub use document::Case;

/// A rule, ready to be asked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The name of its file, by which it is tuned.
    pub name: String,
    pub title: String,
    /// `informational`, `low`, `medium`, `high` or `critical`.
    pub level: String,
    /// A technique of MITRE ATT&CK, as `T1110`.
    pub attack: Option<String>,
    /// What would make it stop.
    pub stops: Option<String>,
    /// Lines of which the file says what the rule makes of them.
    pub tests: Vec<Case>,
    /// What whoever wrote it should know, as fields that no parser gives. The rule is used all the same.
    pub warnings: Vec<String>,
    pub(crate) threshold: Option<Threshold>,
    programs: Vec<&'static str>,
    selections: BTreeMap<String, Selection>,
    condition: Condition,
}

/// How many lines of one kind within which time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    pub count: usize,
    pub within_ms: u64,
    /// Lines that differ in this field are counted apart.
    pub by: Option<String>,
}

/// Why a file holds no rule of this subset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleError {
    #[error("the file is larger than 64 KiB")]
    TooLarge,
    #[error("the file is no YAML that a rule can be: {0}")]
    Yaml(String),
    #[error("{field}: {what}")]
    Field { field: String, what: String },
}

impl Rule {
    /// Reads one rule; `name` is that of its file.
    pub fn parse(name: &str, text: &str) -> Result<Self, RuleError> {
        if text.len() > limits::RULE_BYTES {
            return Err(RuleError::TooLarge);
        }
        // A value that says `no` or `on` is a word here, as YAML 1.2 has it.
        let options = serde_saphyr::options! { strict_booleans: true };
        let document: Document = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| RuleError::Yaml(fit(&error.to_string(), limits::FIELD_BYTES)))?;
        Self::of(name, document)
    }

    fn of(name: &str, document: Document) -> Result<Self, RuleError> {
        let mut detection = document.detection;
        let text = |value: Option<serde_json::Value>| match value {
            Some(serde_json::Value::String(text)) => Some(text),
            _ => None,
        };
        let condition = text(detection.remove("condition"))
            .ok_or_else(|| wrong("detection.condition", "write one condition"))?;
        let timeframe = text(detection.remove("timeframe"));
        if detection.len() > limits::SELECTIONS {
            return Err(wrong("detection", "there are more than 32 selections"));
        }
        let mut patterns = 0;
        let mut selections = BTreeMap::new();
        for (key, value) in &detection {
            let read = Selection::read(&format!("detection.{key}"), value, &mut patterns)?;
            selections.insert(key.clone(), read);
        }
        let (condition, threshold) =
            condition::read(&condition, timeframe.as_deref(), &selections)?;
        let levels = ["informational", "low", "medium", "high", "critical"];
        let level = document.level.unwrap_or_else(|| "medium".to_owned());
        if !levels.contains(&level.as_str()) {
            return Err(wrong(
                "level",
                "use informational, low, medium, high or critical",
            ));
        }
        if document.palisade.tests.len() > limits::TESTS {
            return Err(wrong("palisade.tests", "write 64 at most"));
        }
        let programs = programs(document.logsource.as_ref());
        Ok(Self {
            name: fit(name, limits::WORD_BYTES),
            title: fit(&document.title, limits::FIELD_BYTES),
            level,
            attack: document.tags.iter().find_map(|tag| technique(tag)),
            stops: document.palisade.stops,
            tests: document.palisade.tests,
            warnings: given::warnings(&programs, &selections, threshold.as_ref()),
            threshold,
            programs,
            selections,
            condition,
        })
    }

    /// Whether one line is of the kind that the rule looks for; how many it takes is the judge's.
    pub fn matches(&self, line: &Line) -> bool {
        let program = line.program.as_deref().unwrap_or_default();
        let of_program = self.programs.is_empty() || self.programs.contains(&program);
        of_program
            && self
                .condition
                .holds(&|name| self.selections.get(name).is_some_and(|it| it.matches(line)))
    }
}

/// `attack.t1110.001` in capitals.
fn technique(tag: &str) -> Option<String> {
    let number = tag.to_ascii_lowercase();
    let number = number.strip_prefix("attack.t")?;
    let plain = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    plain.then(|| fit(&format!("T{number}"), 16))
}

/// Which programs write what a log source names; any where it names none of these.
fn programs(source: Option<&Logsource>) -> Vec<&'static str> {
    match source.and_then(|source| source.service.as_deref()) {
        Some("sshd") => vec!["sshd", "sshd-session", "dropbear"],
        Some("sudo") => vec!["sudo"],
        Some("kernel") => vec!["kernel"],
        _ => Vec::new(),
    }
}

pub(crate) fn wrong(field: &str, what: impl Into<String>) -> RuleError {
    RuleError::Field {
        field: fit(field, limits::FIELD_BYTES),
        what: fit(&what.into(), limits::FIELD_BYTES),
    }
}
