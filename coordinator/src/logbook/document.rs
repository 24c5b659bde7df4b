//! Log lines and rules as programs and the command line are told them.

use logs::line::Level;
use logs::sigma::Rule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Logbook;
use crate::store::logs::StoredLine;
use crate::web::api::instant;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineDocument {
    pub number: u64,
    pub received: String,
    /// By the device's clock.
    pub time: Option<String>,
    pub level: Option<String>,
    pub host: Option<String>,
    pub program: Option<String>,
    pub message: String,
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub fields: std::collections::BTreeMap<String, String>,
}

/// The rules that read lines, and the files that hold none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulesDocument {
    pub items: Vec<RuleDocument>,
    pub refused: Vec<RefusedDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleDocument {
    pub name: String,
    pub title: String,
    pub level: String,
    pub attack: Option<String>,
    pub tests: usize,
    /// Why it may never speak.
    #[serde(default)]
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedDocument {
    pub file: String,
    pub why: String,
}

impl LineDocument {
    pub fn of(stored: &StoredLine) -> Self {
        let line = &stored.line;
        Self {
            number: stored.number,
            received: instant(stored.received.as_millis()),
            time: line.at_ms.map(instant),
            level: line.level.map(Level::word).map(str::to_owned),
            host: line.host.clone(),
            program: line.program.clone(),
            message: line.message.clone(),
            fields: line.fields.clone(),
        }
    }
}

impl RulesDocument {
    pub fn of(logbook: &Logbook) -> Self {
        let refused = logbook.refused().iter().map(|refused| RefusedDocument {
            file: refused.file.clone(),
            why: refused.why.clone(),
        });
        Self {
            items: logbook.rules(|rules| rules.iter().map(RuleDocument::of).collect()),
            refused: refused.collect(),
        }
    }
}

impl RuleDocument {
    fn of(rule: &Rule) -> Self {
        Self {
            name: rule.name.clone(),
            title: rule.title.clone(),
            level: rule.level.clone(),
            attack: rule.attack.clone(),
            tests: rule.tests.len(),
            warnings: rule.warnings.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The journal of the coordinator was the one place that said so.
    #[test]
    fn a_rule_that_may_never_speak_says_so_to_programs() {
        let rule = |field: &str| {
            let text = format!(
                "title: Tries\nlevel: high\nlogsource: {{product: linux, service: sshd}}\ndetection:\n  tries: {{{field}: root}}\n  condition: tries\n"
            );
            Rule::parse("tries", &text).expect("it is a rule")
        };
        let told = RuleDocument::of(&rule("user_name"));
        let [warning] = &told.warnings[..] else {
            panic!("{told:?}")
        };
        assert!(
            warning.starts_with("detection.tries.user_name: "),
            "{warning}"
        );
        assert_eq!(
            RuleDocument::of(&rule("user")).warnings,
            Vec::<String>::new()
        );
    }
}
