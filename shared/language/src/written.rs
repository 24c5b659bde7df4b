//! French for what was written down in English and is shown later: titles of alerts, reasons, remedies, errors.
//!
//! A store keeps such sentences in English, because whoever reads them next may speak another language, and an error says
//! its own to programs too. A page finds the French by the sentence's template; what stands between braces is kept as it
//! is, and a name that begins with `said` is a sentence of ours again. What no template fits stays in English.

mod alerts;
mod errors;
mod hearing;
mod missing;
mod risk;

use std::borrow::Cow;

use crate::fill::{Piece, pieces};
use crate::{Language, present::present};

type Area = &'static [(&'static str, &'static str)];

const AREAS: [Area; 5] = [
    alerts::WRITTEN,
    errors::WRITTEN,
    hearing::WRITTEN,
    missing::WRITTEN,
    risk::WRITTEN,
];

/// How deep a sentence may stand in another.
const DEEP: u8 = 3;

/// The text in the language that is spoken at the moment, where it is another than it was written in and known in that.
pub fn now(text: &str) -> Option<String> {
    match present() {
        Language::English => None,
        Language::French => in_french(text),
    }
}

/// The text in the language that is spoken at the moment, or as it was written.
pub fn spoken(text: &str) -> Cow<'_, str> {
    now(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

pub fn in_french(text: &str) -> Option<String> {
    found(text, DEEP)
}

/// Every template with its French.
pub fn templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    AREAS.into_iter().flatten().copied()
}

fn found(text: &str, deep: u8) -> Option<String> {
    whole(text, deep).or_else(|| as_a_sentence(text, deep))
}

fn whole(text: &str, deep: u8) -> Option<String> {
    let fitting =
        templates().filter_map(|(english, french)| Some((english, french, values(english, text)?)));
    // The one that says most of it itself.
    let (_, french, values) = fitting.max_by_key(|(english, ..)| literal(english))?;
    Some(filled(french, &values, deep))
}

/// Pages make sentences of errors: a capital in front, a full stop behind.
fn as_a_sentence(text: &str, deep: u8) -> Option<String> {
    let (bare, stop) = match text.strip_suffix('.') {
        Some(bare) => (bare, "."),
        None => (text, ""),
    };
    let small = with_first(bare, char::to_lowercase);
    let french = match whole(bare, deep) {
        Some(french) => french,
        None => with_first(&whole(&small, deep)?, char::to_uppercase),
    };
    Some(format!("{french}{stop}"))
}

fn with_first<I: Iterator<Item = char>>(text: &str, change: impl Fn(char) -> I) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(change);
    first.chain(letters).collect()
}

fn literal(template: &str) -> usize {
    pieces(template)
        .map(|piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Placeholder(_) => 0,
        })
        .sum()
}

/// What stands where the placeholders of a template are, if the text is made by it.
fn values<'t>(template: &'static str, text: &'t str) -> Option<Vec<(&'static str, &'t str)>> {
    let mut values = Vec::new();
    let mut rest = text;
    let mut open: Option<&str> = None;
    let mut stretches = pieces(template).peekable();
    while let Some(piece) = stretches.next() {
        match (piece, open.take()) {
            (Piece::Placeholder(name), None) => open = Some(name),
            (Piece::Text(piece), None) => rest = rest.strip_prefix(piece)?,
            (Piece::Text(piece), Some(name)) => {
                let (value, after) = match stretches.peek() {
                    Some(_) => rest.split_once(piece)?,
                    None => (rest.strip_suffix(piece)?, ""),
                };
                values.push((name, value));
                rest = after;
            }
            // Nobody can say where one ends and the next begins.
            (Piece::Placeholder(_), Some(_)) => return None,
        }
    }
    if let Some(name) = open {
        values.push((name, rest));
        rest = "";
    }
    let all_said = values.iter().all(|(_, value)| !value.is_empty());
    (rest.is_empty() && all_said).then_some(values)
}

fn filled(french: &str, values: &[(&str, &str)], deep: u8) -> String {
    let shown = pieces(french).map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Placeholder(name) => {
            let value = values.iter().find(|(other, _)| *other == name);
            let value = value.map_or("", |(_, value)| *value);
            match (name.starts_with("said"), deep.checked_sub(1)) {
                (true, Some(deep)) => each(value, deep),
                _ => value.to_owned(),
            }
        }
    });
    shown.collect()
}

/// A sentence of ours, or several of them in a row.
fn each(value: &str, deep: u8) -> String {
    if let Some(french) = found(value, deep) {
        return french;
    }
    let parts = value.split("; ");
    let parts: Vec<String> = parts
        .map(|part| found(part, deep).unwrap_or_else(|| part.to_owned()))
        .collect();
    parts.join("\u{202f}; ")
}

#[cfg(test)]
mod tests;
