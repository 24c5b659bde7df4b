//! RFC 5424: one message a line, as `logger --rfc5424` writes it.

use thiserror::Error;

use crate::limits;
use crate::line::{Level, Line, fit, instant};

/// What is wrong, in which line, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line}: {field}: {what}")]
pub struct SyslogError {
    pub line: usize,
    pub field: &'static str,
    pub what: &'static str,
}

type Wrong = (&'static str, &'static str);

/// Reads lines; empty ones are left out.
pub fn parse(text: &str) -> Result<Vec<Line>, SyslogError> {
    let mut lines = Vec::new();
    for (number, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let error = |(field, what)| SyslogError {
            line: number + 1,
            field,
            what,
        };
        if lines.len() == limits::LINES {
            return Err(error(("body", "send 1000 lines at most")));
        }
        lines.push(message(text).map_err(error)?);
    }
    if lines.is_empty() {
        return Err(SyslogError {
            line: 1,
            field: "body",
            what: "there is no line in it",
        });
    }
    Ok(lines)
}

/// Reads one message, as one datagram carries it.
pub fn message(text: &str) -> Result<Line, Wrong> {
    if text.len() > limits::LINE_BYTES {
        return Err(("body", "the line is longer than 8 KiB"));
    }
    let (priority, rest) = text
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .ok_or(("PRI", "begin with <PRI>1, as RFC 5424 says"))?;
    let digits =
        (1..=3).contains(&priority.len()) && priority.bytes().all(|byte| byte.is_ascii_digit());
    let number: u16 = priority
        .parse()
        .ok()
        .filter(|number| digits && *number < 192)
        .ok_or(("PRI", "write a number from 0 to 191"))?;
    let rest = rest
        .strip_prefix("1 ")
        .ok_or(("VERSION", "this is no RFC 5424: write version 1"))?;
    let mut head = rest.splitn(6, ' ');
    let mut word = |field| {
        head.next()
            .filter(|word| !word.is_empty())
            .ok_or((field, "it is missing: write - for none"))
    };
    let (time, host, program) = (word("TIMESTAMP")?, word("HOSTNAME")?, word("APP-NAME")?);
    let (process, id, rest) = (word("PROCID")?, word("MSGID")?, word("STRUCTURED-DATA")?);
    let mut line = Line {
        at_ms: match time {
            "-" => None,
            time => Some(instant(time).ok_or(("TIMESTAMP", "write it as RFC 3339"))?),
        },
        level: Level::new(u8::try_from(number % 8).expect("it is below 8")),
        host: named(host),
        program: named(program),
        ..Line::default()
    };
    for (name, value) in [("pid", process), ("msgid", id)] {
        if value != "-" {
            line.put(name, value);
        }
    }
    let text = structured(rest, &mut line)?;
    // The blank behind an old tag: rsyslog keeps it where it writes the new form.
    let text = text.strip_prefix(' ').unwrap_or(text);
    line.message = fit(
        text.strip_prefix('\u{feff}').unwrap_or(text),
        limits::MESSAGE_BYTES,
    );
    line.read_login();
    Ok(line)
}

fn named(word: &str) -> Option<String> {
    (word != "-").then(|| fit(word, limits::WORD_BYTES))
}

/// Takes the structured data; hands out the message behind it.
fn structured<'a>(rest: &'a str, line: &mut Line) -> Result<&'a str, Wrong> {
    const WRONG: Wrong = ("STRUCTURED-DATA", "write - or [id name=\"value\"]");
    if let Some(rest) = rest.strip_prefix('-') {
        return match rest.strip_prefix(' ') {
            Some(message) => Ok(message),
            None if rest.is_empty() => Ok(""),
            None => Err(WRONG),
        };
    }
    let mut rest = rest;
    if !rest.starts_with('[') {
        return Err(WRONG);
    }
    while let Some(element) = rest.strip_prefix('[') {
        let end = element.find([' ', ']']).ok_or(WRONG)?;
        rest = &element[end..];
        while let Some(parameter) = rest.strip_prefix(' ') {
            let (name, value) = parameter.split_once("=\"").ok_or(WRONG)?;
            let (text, after) = quoted(value).ok_or(WRONG)?;
            line.put(name, &text);
            rest = after;
        }
        rest = rest.strip_prefix(']').ok_or(WRONG)?;
    }
    match rest.strip_prefix(' ') {
        Some(message) => Ok(message),
        None if rest.is_empty() => Ok(""),
        None => Err(WRONG),
    }
}

/// A value up to its closing quote, and what follows; a backslash takes `"`, `\` and `]` as they are.
fn quoted(value: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = value.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return Some((text, &value[place + 1..])),
            '\\' => {
                let (_, next) = letters.next()?;
                if !matches!(next, '"' | '\\' | ']') {
                    text.push('\\');
                }
                text.push(next);
            }
            letter => text.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The third is the example of RFC 5424, section 6.5.
    #[test]
    fn messages_of_the_standard_and_of_logger_are_read() {
        let line = message("<38>1 2026-11-27T10:00:00.5+01:00 cam sshd 412 - - Failed password for root from 203.0.113.9 port 1 ssh2").expect("sound");
        assert_eq!(
            (line.program.as_deref(), line.host.as_deref()),
            (Some("sshd"), Some("cam"))
        );
        assert_eq!(line.at_ms, Some(1_795_770_000_500));
        assert_eq!(line.level.map(Level::word), Some("info"));
        assert_eq!(line.field("user"), Some("root"));
        assert_eq!(
            message("<0>1 - - - - - -").map(|line| line.message),
            Ok(String::new())
        );
        let line = message("<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Appli\\\"cation\" eventID=\"1011\"][examplePriority@32473 class=\"high\"] \u{feff}An application event log entry...").expect("sound");
        assert_eq!(line.field("eventSource"), Some("Appli\"cation"));
        assert_eq!(line.field("class"), Some("high"));
        assert_eq!(line.message, "An application event log entry...");
    }

    /// As rsyslog with its template `RSYSLOG_SyslogProtocol23Format` forwards what came as `cam: rebooted 5 times`.
    #[test]
    fn the_blank_that_rsyslog_keeps_before_a_message_is_no_part_of_it() {
        let read = |text: &str| message(text).expect(text).message;
        let head = "<13>1 2026-11-28T09:00:01.5+01:00 hub cam - -";
        assert_eq!(
            read(&format!("{head} -  rebooted 5 times")),
            "rebooted 5 times"
        );
        assert_eq!(read(&format!("{head} [a b=\"c\"]  rebooted")), "rebooted");
        assert_eq!(read(&format!("{head} -  \u{feff}rebooted")), "rebooted");
        assert_eq!(
            read(&format!("{head} -   at Main.run")),
            " at Main.run",
            "one alone"
        );
    }

    #[test]
    fn an_error_names_the_line_and_the_field() {
        let field = |text: &str| message(text).expect_err(text).0;
        assert_eq!(field("Nov 27 10:00:00 cam sshd: old"), "PRI");
        assert_eq!(field("<192>1 - - - - - -"), "PRI");
        assert_eq!(field("<+1>1 - - - - - -"), "PRI");
        assert_eq!(field("<13>Nov 27 10:00:00 cam sshd: old"), "VERSION");
        assert_eq!(field("<13>1 yesterday - - - - -"), "TIMESTAMP");
        assert_eq!(field("<13>1 - - - -"), "MSGID");
        assert_eq!(field("<13>1 - - - - - [a b=\"c]"), "STRUCTURED-DATA");
        assert_eq!(field("<13>1 - - - - - -x"), "STRUCTURED-DATA");
        let error = parse("<13>1 - - - - - - a\n\nb").expect_err("the third");
        assert_eq!((error.line, error.field), (3, "PRI"));
    }
}
