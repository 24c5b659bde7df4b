//! What somebody asks about an alert or a rule, as it was typed, and as it can be done.

use std::time::Duration;

use alerts::act::Act;
use alerts::alert::Alert;
use alerts::severity::Severity;
use alerts::text::{Name, Says};
use alerts::tuning::{Effect, Of, Tuning};
use protocol::text::Line;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::of_words;
use crate::store::audit;

/// The words of the acts, as addresses and the command line have them.
pub const WORDS: [&str; 6] = [
    "acknowledge",
    "assign",
    "snooze",
    "close",
    "false_positive",
    "reopen",
];

/// An act as somebody typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ActWish {
    pub why: String,
    /// Of `assign`.
    pub to: String,
    /// Of `snooze`: 30m, 8h, 7d.
    #[serde(rename = "for")]
    pub length: String,
}

/// A tuning as somebody typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TuneWish {
    pub rule: String,
    /// `everybody`, `class:…` or `device:…`.
    pub of: String,
    /// `off`, or a severity.
    pub effect: String,
    pub why: String,
    /// 8h, 7d, 90d.
    #[serde(rename = "for")]
    pub length: String,
}

/// What does not fit, and in which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub field: &'static str,
    pub what: String,
}

impl ActWish {
    /// The act of a word; `None` for a word that is none.
    pub fn act(&self, word: &str) -> Option<Result<(Act, Option<Says>), Flaw>> {
        let act = match word {
            "acknowledge" => Ok(Act::Acknowledge),
            "assign" => Name::new(self.to.trim())
                .map(Act::Assign)
                .map_err(|error| Flaw {
                    field: "to",
                    what: error.to_string(),
                }),
            "snooze" => length("for", &self.length).map(Act::Snooze),
            "close" => Ok(Act::Close),
            "false_positive" => Ok(Act::FalsePositive),
            "reopen" => Ok(Act::Reopen),
            _ => return None,
        };
        let why = self.why.trim();
        let why = match why {
            "" => Ok(None),
            why => Says::new(why).map(Some).map_err(|error| Flaw {
                field: "why",
                what: error.to_string(),
            }),
        };
        Some(act.and_then(|act| Ok((act, why?))))
    }
}

impl TuneWish {
    /// Everything that was typed, or each flaw in it.
    pub fn tuning(&self, by: &Name, now: Timestamp) -> Result<Tuning, Vec<Flaw>> {
        let flaw = |field, what: String| Flaw { field, what };
        let rule = Name::new(self.rule.trim()).map_err(|error| flaw("rule", error.to_string()));
        let of = of(&self.of).map_err(|what| flaw("of", what));
        let effect = match self.effect.trim() {
            "off" => Ok(Effect::Off),
            word => word
                .parse::<Severity>()
                .map(Effect::Severity)
                .map_err(|error| flaw("effect", format!("{error}, or off"))),
        };
        let why = Says::new(self.why.trim()).map_err(|_| {
            flaw(
                "why",
                "say why, in one line, so that others can follow it".to_owned(),
            )
        });
        let length = length("for", &self.length);
        match (rule, of, effect, why, length) {
            (Ok(rule), Ok(of), Ok(effect), Ok(why), Ok(length)) => Ok(Tuning {
                number: 0,
                rule,
                of,
                effect,
                why,
                by: by.clone(),
                since: now,
                until: now.saturating_add(length),
            }),
            (rule, of, effect, why, length) => {
                Err(
                    [rule.err(), of.err(), effect.err(), why.err(), length.err()]
                        .into_iter()
                        .flatten()
                        .collect(),
                )
            }
        }
    }
}

fn of(text: &str) -> Result<Of, String> {
    let text = text.trim();
    match text.split_once(':') {
        None if text == "everybody" => Ok(Of::Everybody),
        Some(("class", class)) => class
            .parse()
            .map(Of::Class)
            .map_err(|error: protocol::class::DeviceClassError| error.to_string()),
        Some(("device", device)) => device
            .parse()
            .map(Of::Device)
            .map_err(|_| "this is no id of a device".to_owned()),
        _ => Err("write everybody, class:CLASS or device:ID".to_owned()),
    }
}

/// 30m, 8h or 7d.
fn length(field: &'static str, text: &str) -> Result<Duration, Flaw> {
    let text = text.trim();
    let read = || {
        let unit = text.chars().last()?;
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        let factor = match unit {
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        number.checked_mul(factor).map(Duration::from_secs)
    };
    read().ok_or_else(|| Flaw {
        field,
        what: "write a length as 30m, 8h or 7d".to_owned(),
    })
}

/// What the audit log says of an act: the states before and after, and why.
pub fn noted(act: audit::Act, before: &Alert, after: &Alert) -> audit::Act {
    let why = after.done.as_ref().and_then(|done| done.why.as_ref());
    let words = match why {
        Some(why) => format!("{}: {why}", after.state.word()),
        None => after.state.word().to_owned(),
    };
    audit::Act {
        before: Line::fitted(before.state.word()),
        after: Line::fitted(&words),
        ..act
    }
}

/// What the audit log says of a tuning.
pub fn tuned(tuning: &Tuning) -> String {
    format!(
        "{} of {}: {}: {}",
        tuning.rule,
        of_words(tuning.of),
        tuning.effect,
        tuning.why
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_a_unit() {
        assert_eq!(length("for", "8h"), Ok(Duration::from_secs(28_800)));
        for wrong in ["", "8", "h", "-1h", "8é", "99999999999999999999d"] {
            assert!(length("for", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_flaw_of_a_tuning_is_told() {
        let wish = TuneWish {
            of: "class:robot".to_owned(),
            effect: "loud".to_owned(),
            ..TuneWish::default()
        };
        let by = Name::new("amina").expect("a name");
        let flaws = wish.tuning(&by, Timestamp::default()).expect_err("flaws");
        let fields: Vec<_> = flaws.iter().map(|flaw| flaw.field).collect();
        assert_eq!(fields, ["rule", "of", "effect", "why", "for"]);
    }
}
