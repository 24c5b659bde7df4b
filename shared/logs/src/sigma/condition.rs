//! `selection and not filter`, `1 of them`, `all of sel*`, and at its end `| count() by field >= 5`.

use std::collections::BTreeMap;

use super::selection::Selection;
use super::{RuleError, Threshold, wrong};
use crate::limits;

const FIELD: &str = "detection.condition";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    Selection(String),
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
}

impl Condition {
    pub fn holds(&self, selection: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Selection(name) => selection(name),
            Self::Any(parts) => parts.iter().any(|part| part.holds(selection)),
            Self::All(parts) => parts.iter().all(|part| part.holds(selection)),
            Self::Not(part) => !part.holds(selection),
        }
    }
}

pub(super) fn read(
    text: &str,
    timeframe: Option<&str>,
    selections: &BTreeMap<String, Selection>,
) -> Result<(Condition, Option<Threshold>), RuleError> {
    if text.len() > limits::CONDITION_BYTES {
        return Err(wrong(FIELD, "it is longer than 1 KiB"));
    }
    let (logic, aggregation) = match text.split_once('|') {
        Some((logic, aggregation)) => (logic, Some(aggregation)),
        None => (text, None),
    };
    let tokens = tokens(logic);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        selections,
    };
    let condition = reader.any(0)?;
    if reader.at < tokens.len() {
        return Err(wrong(
            FIELD,
            format!("`{}` stands where nothing may follow", tokens[reader.at]),
        ));
    }
    let threshold = aggregation
        .map(|text| threshold(text, timeframe))
        .transpose()?;
    if threshold.is_none() && timeframe.is_some() {
        return Err(wrong(
            "detection.timeframe",
            "it needs a condition that counts",
        ));
    }
    Ok((condition, threshold))
}

fn tokens(text: &str) -> Vec<String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

struct Reader<'a> {
    tokens: &'a [String],
    at: usize,
    selections: &'a BTreeMap<String, Selection>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn take(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn is_next(&self, word: &str) -> bool {
        self.peek()
            .is_some_and(|token| token.eq_ignore_ascii_case(word))
    }

    fn any(&mut self, depth: usize) -> Result<Condition, RuleError> {
        let mut parts = vec![self.all(depth)?];
        while self.is_next("or") {
            self.at += 1;
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Condition::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Condition, RuleError> {
        let mut parts = vec![self.not(depth)?];
        while self.is_next("and") {
            self.at += 1;
            parts.push(self.not(depth)?);
        }
        Ok(one_or(parts, Condition::All))
    }

    fn not(&mut self, depth: usize) -> Result<Condition, RuleError> {
        if depth > limits::CONDITION_DEPTH {
            return Err(wrong(FIELD, "it is nested too deeply"));
        }
        if self.is_next("not") {
            self.at += 1;
            return Ok(Condition::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.is_next("(") {
            self.at += 1;
            let inner = self.any(depth + 1)?;
            return match self.take().as_deref() {
                Some(")") => Ok(inner),
                _ => Err(wrong(FIELD, "a bracket is not closed")),
            };
        }
        self.named()
    }

    fn named(&mut self) -> Result<Condition, RuleError> {
        let token = self
            .take()
            .ok_or_else(|| wrong(FIELD, "it ends where a selection has to follow"))?;
        let quantity = token.to_ascii_lowercase();
        if matches!(quantity.as_str(), "1" | "all" | "any") && self.is_next("of") {
            self.at += 1;
            let pattern = self
                .take()
                .ok_or_else(|| wrong(FIELD, "`of` what? write them, or a beginning with *"))?;
            let parts = self.of(&pattern)?;
            return Ok(match quantity.as_str() {
                "all" => Condition::All(parts),
                _ => Condition::Any(parts),
            });
        }
        match self.selections.contains_key(&token) {
            true => Ok(Condition::Selection(token)),
            false => Err(wrong(FIELD, format!("there is no selection `{token}`"))),
        }
    }

    fn of(&self, pattern: &str) -> Result<Vec<Condition>, RuleError> {
        let fits = |name: &&String| match pattern.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            // Names that begin with an underscore are for other conditions, says Sigma.
            None if pattern == "them" => !name.starts_with('_'),
            None => *name == pattern,
        };
        let found: Vec<Condition> = self
            .selections
            .keys()
            .filter(fits)
            .cloned()
            .map(Condition::Selection)
            .collect();
        if found.is_empty() {
            return Err(wrong(
                FIELD,
                format!("no selection is meant by `{pattern}`"),
            ));
        }
        Ok(found)
    }
}

fn one_or(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

/// `count() by field >= 5`
fn threshold(text: &str, timeframe: Option<&str>) -> Result<Threshold, RuleError> {
    const HOW: &str = "write | count() >= 5, or | count() by field >= 5";
    let words: Vec<&str> = text.split_whitespace().collect();
    let (by, sign, number) = match words.as_slice() {
        ["count()", sign, number] => (None, *sign, *number),
        ["count()", "by", field, sign, number] => (Some((*field).to_owned()), *sign, *number),
        _ => return Err(wrong(FIELD, HOW)),
    };
    let number: usize = number.parse().map_err(|_| wrong(FIELD, HOW))?;
    let count = match sign {
        ">=" => number,
        ">" => number.saturating_add(1),
        _ => return Err(wrong(FIELD, HOW)),
    };
    if !(1..=limits::COUNT).contains(&count) {
        return Err(wrong(FIELD, "count from 1 to 256"));
    }
    let timeframe =
        timeframe.ok_or_else(|| wrong("detection.timeframe", "what counts needs one, as 5m"))?;
    Ok(Threshold {
        count,
        within_ms: span(timeframe)
            .ok_or_else(|| wrong("detection.timeframe", "write 30s, 5m or 12h, a day at most"))?,
        by,
    })
}

fn span(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let factor = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    number
        .checked_mul(factor)
        .filter(|span| (1..=limits::WINDOW_MS).contains(span))
}
