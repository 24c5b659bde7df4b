//! One line of a log, made to fit: what it says, and the fields that rules ask for.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::{limits, sudo};

/// How grave a line calls itself, as syslog counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Unix milliseconds by the device's clock.
    pub at_ms: Option<u64>,
    pub level: Option<Level>,
    pub host: Option<String>,
    pub program: Option<String>,
    pub message: String,
    pub fields: BTreeMap<String, String>,
}

/// What rules may ask for and a parser, or whoever takes the line, gives; sudo's fields beside these.
pub(crate) const GIVEN: [&str; 17] = [
    "message",
    "msg",
    "program",
    "process",
    "app",
    "host",
    "hostname",
    "level",
    "severity",
    "user",
    "source_ip",
    "pid",
    "msgid",
    "came_by",
    "dropped",
    "source",
    "unit",
];

impl Level {
    /// 0 is an emergency, 7 is for debugging.
    pub const fn new(number: u8) -> Option<Self> {
        if number < 8 { Some(Self(number)) } else { None }
    }

    pub const fn number(self) -> u8 {
        self.0
    }

    const WORDS: [&'static str; 8] = [
        "emergency",
        "alert",
        "critical",
        "error",
        "warning",
        "notice",
        "info",
        "debug",
    ];

    pub const fn word(self) -> &'static str {
        Self::WORDS[self.0 as usize]
    }

    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        let number = match word.as_str() {
            "emerg" | "panic" => 0,
            "crit" | "fatal" => 2,
            "err" => 3,
            "warn" => 4,
            "information" | "informational" => 6,
            "trace" => 7,
            word => match Self::WORDS.iter().position(|known| *known == word) {
                Some(number) => number,
                None => word.parse().ok().filter(|number| *number < 8)?,
            },
        };
        Self::new(u8::try_from(number).ok()?)
    }
}

impl Line {
    /// A line with a message and nothing else.
    pub fn of(message: &str) -> Self {
        Self {
            message: fit(message, limits::MESSAGE_BYTES),
            ..Self::default()
        }
    }

    /// Adds what whoever took the line knows of it, in the place of what the line itself says.
    pub fn note(&mut self, name: &str, value: &str) {
        if self.fields.len() >= limits::FIELDS && !self.fields.contains_key(name) {
            self.fields.pop_last();
        }
        self.put(name, value);
    }

    /// Adds a field, unless there are too many.
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        if self.fields.len() < limits::FIELDS || self.fields.contains_key(name) {
            let value = fit(value, limits::FIELD_BYTES);
            self.fields.insert(fit(name, limits::WORD_BYTES), value);
        }
    }

    /// What a rule's field stands for.
    pub fn field(&self, name: &str) -> Option<&str> {
        match name {
            "message" | "msg" => Some(&self.message),
            "program" | "process" | "app" => self.program.as_deref(),
            "host" | "hostname" => self.host.as_deref(),
            "level" | "severity" => self.level.map(Level::word),
            name => self.fields.get(name).map(String::as_str),
        }
    }

    /// Finds the user and the address of a login in what sshd, login, sudo and PAM write, and what sudo says of a command.
    pub(crate) fn read_login(&mut self) {
        if !self.fields.contains_key("source_ip")
            && let Some(address) = address(&self.message)
        {
            self.put("source_ip", &address.to_string());
        }
        if !self.fields.contains_key("user")
            && let Some(user) = user(&self.message).map(str::to_owned)
        {
            self.put("user", &user);
        }
        if self.program.as_deref() == Some("sudo") {
            let message = std::mem::take(&mut self.message);
            for (name, value) in sudo::fields(&message) {
                self.put(name, value);
            }
            self.message = message;
        }
    }
}

fn address(message: &str) -> Option<IpAddr> {
    let after = |mark: &str| message.rsplit_once(mark).map(|(_, rest)| rest);
    let candidates = [after(" from "), after("rhost="), after("[preauth] from ")];
    candidates.into_iter().flatten().find_map(|rest| {
        let word = rest.split([' ', ':', ',']).next()?;
        // An IPv6 address has colons of its own.
        let whole = rest.split([' ', ',']).next()?;
        word.parse().or_else(|_| whole.parse()).ok()
    })
}

fn user(message: &str) -> Option<&str> {
    let marks = [
        " for invalid user ",
        "Invalid user ",
        " for ",
        " user=",
        "name=",
        "ruser=",
    ];
    marks.into_iter().find_map(|mark| {
        let (_, rest) = message.split_once(mark)?;
        let word = rest.split([' ', ',', ';', ':']).next()?;
        (!word.is_empty() && word != "from").then_some(word)
    })
}

/// Text cut at a length, with control characters written out, so that it shows as it came and steers no terminal.
pub(crate) fn fit(text: &str, most: usize) -> String {
    let mut fitted = String::with_capacity(text.len().min(most));
    for character in text.trim_end_matches(['\n', '\r']).chars() {
        let shown = if character == '\t' {
            " ".to_owned()
        } else if character.is_control() {
            format!("\\x{:02x}", u32::from(character))
        } else {
            character.to_string()
        };
        if fitted.len() + shown.len() > most {
            break;
        }
        fitted.push_str(&shown);
    }
    fitted
}

/// Unix milliseconds of an RFC 3339 instant.
pub(crate) fn instant(text: &str) -> Option<u64> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(instant.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_steer_nothing() {
        assert_eq!(fit("a\u{1b}[31m\tb\r\n", 99), "a\\x1b[31m b");
        assert_eq!(fit("ééé", 5), "éé");
        assert_eq!(fit("\u{0}", 3), "");
    }

    #[test]
    fn a_login_says_who_and_from_where() {
        let read = |message: &str| {
            let mut line = Line::of(message);
            line.read_login();
            let field = |name: &str| line.field(name).unwrap_or_default().to_owned();
            (field("user"), field("source_ip"))
        };
        let said = |user: &str, ip: &str| (user.to_owned(), ip.to_owned());
        assert_eq!(
            read("Failed password for root from 203.0.113.9 port 4022 ssh2"),
            said("root", "203.0.113.9")
        );
        assert_eq!(
            read("Failed password for invalid user from from 2001:db8::7 port 1 ssh2").1,
            "2001:db8::7"
        );
        assert_eq!(
            read("Invalid user pi from 198.51.100.4 port 9"),
            said("pi", "198.51.100.4")
        );
        assert_eq!(
            read("pam_unix(sshd:auth): authentication failure; rhost=192.0.2.1  user=bob"),
            said("bob", "192.0.2.1")
        );
        assert_eq!(read("nothing of the kind"), said("", ""));
    }

    #[test]
    fn levels_have_many_spellings() {
        for (word, number) in [
            ("err", 3),
            ("ERROR", 3),
            ("warn", 4),
            ("6", 6),
            ("panic", 0),
        ] {
            assert_eq!(
                Level::parse(word).map(Level::number),
                Some(number),
                "{word}"
            );
        }
        assert_eq!(Level::parse("8"), None);
        assert_eq!(Level::parse("loud"), None);
    }
}
