//! Log lines that devices send, and the rules that read them: whatever comes is bounded, and steers nothing.

use ::logs::frame::{Frame, Frames};
use ::logs::judge::Judge;
use ::logs::line::Line;
use ::logs::sigma::Rule;
use ::logs::{builtin, json, limits, plain, syslog};

/// JSON lines and RFC 5424; every rule is asked about what was read.
pub fn log_lines(data: &[u8]) {
    let mut frames = Frames::default();
    let bounded_frame = |frame| {
        if let Frame::Message(bytes) = frame {
            assert!(bytes.len() <= limits::LINE_BYTES);
        }
    };
    for piece in data.chunks(5) {
        if frames.feed(piece, bounded_frame).is_err() {
            break;
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut judge = Judge::new(builtin::rules().expect("they read"));
    let read = [json::parse(text).ok(), syslog::parse(text).ok()];
    let (readable, _) = json::readable(text);
    let mut plain_lines: Vec<Line> = text.lines().take(64).map(Line::of).collect();
    plain_lines.iter_mut().for_each(plain::read);
    for line in readable.iter().chain(&plain_lines) {
        bounded(line);
    }
    for line in read.into_iter().flatten().flatten() {
        bounded(&line);
        for hit in judge.hear([1; 8], &line, 1_000_000) {
            assert!(hit.times > 0);
        }
    }
}

/// A rule's file, asked about itself.
pub fn log_rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(rule) = Rule::parse("fuzz", text) else {
        return;
    };
    let mut judge = Judge::new(vec![rule]);
    for line in text.lines().take(32) {
        let _ = judge.hear([1; 8], &Line::of(line), 1_000_000);
    }
}

fn bounded(line: &Line) {
    assert!(line.message.len() <= limits::MESSAGE_BYTES);
    assert!(line.fields.len() <= limits::FIELDS);
    let words = [&line.host, &line.program].into_iter().flatten();
    let fields = line.fields.iter().flat_map(|(name, value)| [name, value]);
    for text in words.chain(fields).chain([&line.message]) {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}
