//! A line of a plain file, as syslog daemons write them: `Nov 28 09:00:01 cam sshd[412]: …`, or with an RFC 3339 instant.

use crate::limits;
use crate::line::{Line, fit, instant};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Takes out of the message who wrote it, when and where, if it begins like that; any other stays as it is. A time without
/// a year and a zone is none.
pub fn read(line: &mut Line) {
    let message = std::mem::take(&mut line.message);
    let Some((at_ms, rest)) = time(&message) else {
        line.message = message;
        return;
    };
    let Some((host, program, process, text)) = written_by(rest) else {
        line.message = message;
        return;
    };
    line.at_ms = at_ms.or(line.at_ms);
    line.host = Some(fit(host, limits::WORD_BYTES));
    line.program = Some(fit(program, limits::WORD_BYTES));
    if let Some(process) = process {
        line.put("pid", process);
    }
    line.message = fit(text, limits::MESSAGE_BYTES);
    line.read_login();
}

fn time(text: &str) -> Option<(Option<u64>, &str)> {
    let (first, rest) = text.split_once(' ')?;
    if let Some(at_ms) = instant(first) {
        return Some((Some(at_ms), rest));
    }
    if !MONTHS.contains(&first) {
        return None;
    }
    let (day, rest) = rest.trim_start().split_once(' ')?;
    let (clock, rest) = rest.split_once(' ')?;
    let is_day = (1..=2).contains(&day.len()) && day.bytes().all(|byte| byte.is_ascii_digit());
    let is_clock = clock.len() == 8
        && clock.bytes().enumerate().all(|(at, byte)| {
            if at % 3 == 2 {
                byte == b':'
            } else {
                byte.is_ascii_digit()
            }
        });
    (is_day && is_clock).then_some((None, rest))
}

type Written<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

/// Host, program, process and what it says.
fn written_by(text: &str) -> Option<Written<'_>> {
    let (host, rest) = text.split_once(' ')?;
    let (tag, text) = rest
        .split_once(": ")
        .or_else(|| Some((rest.strip_suffix(':')?, "")))?;
    let (program, process) = match tag.strip_suffix(']').and_then(|tag| tag.split_once('[')) {
        Some((program, process)) => (program, Some(process)),
        None => (tag, None),
    };
    let is_word = |word: &str| !word.is_empty() && !word.contains(' ');
    let sound = is_word(host) && is_word(program) && process.is_none_or(is_word);
    sound.then_some((host, program, process, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Line {
        let mut line = Line::of(text);
        read(&mut line);
        line
    }

    #[test]
    fn a_line_of_a_daemon_says_who_wrote_it() {
        let old = of(
            "Nov  8 09:00:01 cam sshd[412]: Failed password for root from 203.0.113.9 port 1 ssh2",
        );
        let new = of(
            "2026-11-28T09:00:01.5+01:00 cam sshd[412]: Failed password for root from 203.0.113.9 port 1 ssh2",
        );
        for line in [&old, &new] {
            assert_eq!(line.program.as_deref(), Some("sshd"));
            assert_eq!(line.host.as_deref(), Some("cam"));
            assert_eq!(line.field("pid"), Some("412"));
            assert_eq!(line.field("user"), Some("root"));
            assert_eq!(line.field("source_ip"), Some("203.0.113.9"));
            assert!(line.message.starts_with("Failed password"));
        }
        assert_eq!(old.at_ms, None, "there is no year in it");
        assert_eq!(new.at_ms, Some(1_795_852_801_500));
        let kernel = of("Nov 28 09:00:01 cam kernel: usb 1-1: new device");
        assert_eq!(kernel.program.as_deref(), Some("kernel"));
        assert_eq!(kernel.message, "usb 1-1: new device");
    }

    #[test]
    fn any_other_line_stays_as_it_is() {
        for text in [
            "127.0.0.1 - - [28/Nov/2026] \"GET / HTTP/1.1\" 200",
            "Nov 28 9:00 cam sshd: x",
            "November rain: x",
            "Nov 28 09:00:01 cam no tag here: x",
            "Nov 28 09:00:01 cam : x",
            "Nov é8 09:00:01 cam a: x",
            "",
        ] {
            let line = of(text);
            assert_eq!(
                (line.message.as_str(), line.program),
                (text, None),
                "{text}"
            );
        }
    }
}
