//! One named part of a detection: fields and what they have to say, or words that a message has to hold.

use serde_json::{Map, Value};

use super::pattern::{Pattern, Place};
use super::{RuleError, wrong};
use crate::limits;
use crate::line::Line;

/// One of these has to match.
#[derive(Debug, Clone)]
pub(super) struct Selection(Vec<Vec<Test>>);

/// One field, which has to match all of its values or any.
#[derive(Debug, Clone)]
struct Test {
    field: String,
    quantity: Quantity,
    patterns: Vec<Pattern>,
    /// `null`: the field is not there.
    absent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Any,
    All,
}

impl Selection {
    pub fn read(place: &str, value: &Value, count: &mut usize) -> Result<Self, RuleError> {
        let alternatives = match value {
            Value::Object(map) => vec![tests(place, map, count)?],
            Value::Array(list) if list.iter().all(Value::is_object) && !list.is_empty() => {
                let maps = list.iter().filter_map(Value::as_object);
                maps.map(|map| tests(place, map, count))
                    .collect::<Result<_, _>>()?
            }
            words => vec![vec![test(place, "message|contains", words, count)?]],
        };
        Ok(Self(alternatives))
    }

    /// The fields that it asks for.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(|test| test.field.as_str())
    }

    pub fn matches(&self, line: &Line) -> bool {
        self.0
            .iter()
            .any(|tests| tests.iter().all(|test| test.matches(line)))
    }
}

fn tests(place: &str, map: &Map<String, Value>, count: &mut usize) -> Result<Vec<Test>, RuleError> {
    if map.is_empty() {
        return Err(wrong(place, "name a field at least"));
    }
    map.iter()
        .map(|(key, value)| test(&format!("{place}.{key}"), key, value, count))
        .collect()
}

fn test(place: &str, key: &str, value: &Value, count: &mut usize) -> Result<Test, RuleError> {
    let mut words = key.split('|');
    let field = words.next().unwrap_or_default().to_owned();
    let (mut at, mut quantity, mut regex) = (Place::Whole, Quantity::Any, false);
    for modifier in words {
        match modifier {
            "contains" => at = Place::Anywhere,
            "startswith" => at = Place::Start,
            "endswith" => at = Place::End,
            "all" => quantity = Quantity::All,
            "re" => regex = true,
            other => {
                return Err(wrong(
                    place,
                    format!(
                        "the modifier {other} is not supported: use contains, startswith, endswith, re or all"
                    ),
                ));
            }
        }
    }
    let values = match value {
        Value::Array(values) => values.clone(),
        one => vec![one.clone()],
    };
    *count += values.len();
    if *count > limits::PATTERNS {
        return Err(wrong(place, "the rule has more than 256 values"));
    }
    let mut test = Test {
        field,
        quantity,
        patterns: Vec::new(),
        absent: false,
    };
    for value in &values {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Null => {
                test.absent = true;
                continue;
            }
            Value::Array(_) | Value::Object(_) => {
                return Err(wrong(place, "write a text, a number or a list of them"));
            }
        };
        let pattern = if regex {
            Pattern::regex(place, &text)?
        } else {
            Pattern::glob(&text, at)
        };
        test.patterns.push(pattern);
    }
    Ok(test)
}

impl Test {
    fn matches(&self, line: &Line) -> bool {
        let Some(text) = line.field(&self.field) else {
            return self.absent;
        };
        let small = text.to_lowercase();
        let mut patterns = self.patterns.iter();
        match self.quantity {
            Quantity::Any => patterns.any(|pattern| pattern.matches(text, &small)),
            Quantity::All => {
                !self.patterns.is_empty() && patterns.all(|pattern| pattern.matches(text, &small))
            }
        }
    }
}
