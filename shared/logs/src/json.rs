//! JSON lines: one object a line, a message in each, and whatever else a device knows.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::limits;
use crate::line::{Level, Line, fit, instant};

/// What is wrong, where. The place is a JSON pointer that begins with the number of the line, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {what}")]
pub struct JsonError {
    pub place: String,
    pub what: &'static str,
}

const MESSAGE: [&str; 3] = ["message", "msg", "MESSAGE"];
const TIME: [&str; 4] = ["time", "timestamp", "ts", "@timestamp"];
const LEVEL: [&str; 4] = ["level", "severity", "priority", "PRIORITY"];
const PROGRAM: [&str; 5] = ["program", "app", "ident", "process", "SYSLOG_IDENTIFIER"];
const HOST: [&str; 3] = ["host", "hostname", "_HOSTNAME"];

/// Reads lines, or one array of objects; empty lines are left out.
pub fn parse(text: &str) -> Result<Vec<Line>, JsonError> {
    if text.trim_start().starts_with('[') {
        let values: Vec<Value> =
            serde_json::from_str(text).map_err(|_| wrong("", "write a list of objects"))?;
        bounded(values.len())?;
        return values
            .iter()
            .enumerate()
            .map(|(number, value)| line(number, value))
            .collect();
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    bounded(lines.len())?;
    let read = |(number, text): (usize, &&str)| {
        if text.len() > limits::LINE_BYTES {
            return Err(wrong(
                &format!("/{number}"),
                "the line is longer than 8 KiB",
            ));
        }
        let value = serde_json::from_str(text);
        line(
            number,
            &value
                .map_err(|_| wrong(&format!("/{number}"), "this is no JSON object on one line"))?,
        )
    };
    lines.iter().enumerate().map(read).collect()
}

/// Reads what can be read, of so many lines as one request may have; says how many could not.
pub fn readable(text: &str) -> (Vec<Line>, usize) {
    let (mut lines, mut unreadable) = (Vec::new(), 0);
    let all = text.lines().filter(|line| !line.trim().is_empty());
    for (number, text) in all.enumerate() {
        let fits = number < limits::LINES && text.len() <= limits::LINE_BYTES;
        let value = fits.then(|| serde_json::from_str(text).ok()).flatten();
        match value.and_then(|value| line(number, &value).ok()) {
            Some(line) => lines.push(line),
            None => unreadable += 1,
        }
    }
    (lines, unreadable)
}

fn bounded(lines: usize) -> Result<(), JsonError> {
    match lines {
        0 => Err(wrong("", "there is no line in it")),
        1..=limits::LINES => Ok(()),
        _ => Err(wrong("", "send 1000 lines at most")),
    }
}

fn line(number: usize, value: &Value) -> Result<Line, JsonError> {
    let at = |field: &str| format!("/{number}/{field}");
    let object = value
        .as_object()
        .ok_or_else(|| wrong(&format!("/{number}"), "write an object"))?;
    let (_, message) =
        find(object, &MESSAGE).ok_or_else(|| wrong(&at("message"), "the message is missing"))?;
    let message = message
        .as_str()
        .ok_or_else(|| wrong(&at("message"), "write the message as a text"))?;
    let mut line = Line::of(message);
    if let Some((name, time)) = find(object, &TIME) {
        line.at_ms =
            Some(moment(time).ok_or_else(|| {
                wrong(&at(name), "write the time as RFC 3339, or in Unix seconds")
            })?);
    }
    if let Some((name, level)) = find(object, &LEVEL) {
        let text = scalar(level).unwrap_or_default();
        line.level = Some(Level::parse(&text).ok_or_else(|| {
            wrong(
                &at(name),
                "write a level from emergency to debug, or 0 to 7",
            )
        })?);
    }
    line.program = word(object, &PROGRAM);
    line.host = word(object, &HOST);
    let known = [&MESSAGE[..], &TIME, &LEVEL, &PROGRAM, &HOST].concat();
    for (name, value) in object {
        if let Some(text) = scalar(value).filter(|_| !known.contains(&name.as_str())) {
            line.put(name, &text);
        }
    }
    line.read_login();
    Ok(line)
}

fn find<'a>(
    object: &'a Map<String, Value>,
    names: &[&'static str],
) -> Option<(&'static str, &'a Value)> {
    names
        .iter()
        .find_map(|name| Some((*name, object.get(*name)?)))
}

fn word(object: &Map<String, Value>, names: &[&'static str]) -> Option<String> {
    let (_, value) = find(object, names)?;
    let text = fit(&scalar(value)?, limits::WORD_BYTES);
    (!text.is_empty()).then_some(text)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Seconds, or milliseconds where seconds would lie in the far future.
fn moment(value: &Value) -> Option<u64> {
    const FAR: f64 = 100_000_000_000.0;
    match value {
        Value::String(text) => instant(text),
        Value::Number(number) => {
            let number = number.as_f64().filter(|number| *number >= 0.0)?;
            let millis = if number < FAR {
                number * 1_000.0
            } else {
                number
            };
            Some(millis as u64)
        }
        _ => None,
    }
}

fn wrong(place: &str, what: &'static str) -> JsonError {
    JsonError {
        place: place.to_owned(),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_a_list_read_the_same() {
        let one = r#"{"time":"2026-11-27T10:00:00Z","level":"err","program":"sshd","message":"Failed password for root from 203.0.113.9 port 1 ssh2","pid":7}"#;
        let lines = parse(&format!("{one}\n\n{one}\n")).expect("lines");
        let list = parse(&format!("[{one},{one}]")).expect("a list");
        assert_eq!(lines, list);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].at_ms, Some(1_795_773_600_000));
        assert_eq!(lines[0].field("source_ip"), Some("203.0.113.9"));
        assert_eq!(lines[0].field("pid"), Some("7"));
        assert_eq!(lines[0].field("level"), Some("error"));
    }

    #[test]
    fn what_can_be_read_is_read_beside_what_cannot() {
        let good = "{\"message\":\"a\"}";
        let long = format!("{{\"message\":\"{}\"}}", "a".repeat(9_000));
        let (lines, unreadable) = readable(&format!("{good}\n[]\n\n{long}\n{good}"));
        assert_eq!((lines.len(), unreadable), (2, 2));
        let (lines, unreadable) = readable(&format!("{good}\n").repeat(1_003));
        assert_eq!((lines.len(), unreadable), (1_000, 3));
    }

    #[test]
    fn an_error_names_the_line_and_the_field() {
        let place = |text: &str| parse(text).expect_err(text).place;
        assert_eq!(place("{\"message\":\"a\"}\n{\"text\":\"b\"}"), "/1/message");
        assert_eq!(place(r#"{"message":7}"#), "/0/message");
        assert_eq!(place(r#"{"message":"a","ts":"yesterday"}"#), "/0/ts");
        assert_eq!(place(r#"{"message":"a","level":"loud"}"#), "/0/level");
        assert_eq!(place("{\"message\":\"a\"}\nnot json"), "/1");
        assert_eq!(place(""), "");
        assert_eq!(place(&"{\"message\":\"a\"}\n".repeat(1_001)), "");
    }
}
