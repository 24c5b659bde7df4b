//! From words to checked values, with the cure for what is wrong.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use protocol::text;

use super::layers::{Key, Parser};
use super::{DEFAULT_LISTEN, Mdns};
use crate::logging;
use crate::sources;
use crate::sources::hearing::Listen;

/// The texts of one setting; one unless it is a list.
pub(super) type Words = Vec<String>;

/// Addresses on which one node listens at most.
const ADDRESSES: usize = 8;
/// Files that every Linux has or should not have, readable by everybody.
const WATCHED: [&str; 6] = [
    "/etc/passwd",
    "/etc/group",
    "/etc/hosts",
    "/etc/crontab",
    "/etc/ssh/sshd_config",
    "/etc/ld.so.preload",
];

pub(super) fn default(key: Key) -> Words {
    let words: &[&str] = match key {
        Key::Listen => &[DEFAULT_LISTEN],
        Key::Mdns => &["on"],
        Key::Telemetry => &["10s"],
        Key::Beat => &["5s"],
        Key::Watch => &WATCHED,
        Key::HearingListen => &["on"],
        Key::HearingInterfaces => &[],
        Key::UpdateSlots => &["off"],
        Key::UpdateProduct | Key::UpdateModel | Key::UpdateService | Key::UpdateHealth => &[""],
        Key::UpdateProbation => &["5m"],
        Key::UpdateFetchBytes | Key::UpdateFetchBytesEach | Key::UpdateServeBytes => &["off"],
        Key::UpdateWitnesses => &["2"],
        Key::DecoysListen
        | Key::UpdateOptions
        | Key::UpdateSelections
        | Key::UpdateKeep
        | Key::UpdateGoBack
        | Key::UpdateStay
        | Key::UpdateReboot => &[],
        Key::DecoysBlock | Key::FlowsListen | Key::FlowsEnforce => &["off"],
        Key::FlowsWatch => &["on"],
        Key::FlowsStrange => &["100"],
        Key::TailJournal => &["off"],
        Key::TailFiles => &[],
        Key::ScanProgram => &["nmap"],
        Key::LogLevel => &["info,libp2p_swarm=warn"],
        Key::LogFormat => &["auto"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Why a word is no value, with the cure.
pub(super) struct Refused {
    pub(super) word: String,
    pub(super) problem: String,
}

pub(super) const LISTEN: Parser<Vec<text::Path>> = Parser {
    key: Key::Listen,
    parse: addresses,
};
pub(super) const MDNS: Parser<Mdns> = Parser {
    key: Key::Mdns,
    parse: mdns,
};
pub(super) const TELEMETRY: Parser<Duration> = Parser {
    key: Key::Telemetry,
    parse: |words| period(words, "1h", Duration::from_secs(3600)),
};
pub(super) const BEAT: Parser<Duration> = Parser {
    key: Key::Beat,
    parse: |words| period(words, "1m", Duration::from_secs(60)),
};
pub(super) const WATCH: Parser<Vec<text::Path>> = Parser {
    key: Key::Watch,
    parse: files,
};
pub(super) const HEARING_LISTEN: Parser<Listen> = Parser {
    key: Key::HearingListen,
    parse: listens,
};
pub(super) const HEARING_INTERFACES: Parser<Vec<text::Name>> = Parser {
    key: Key::HearingInterfaces,
    parse: interfaces,
};
pub(super) const SCAN_PROGRAM: Parser<Option<PathBuf>> = Parser {
    key: Key::ScanProgram,
    parse: program,
};
pub(super) const LOG_LEVEL: Parser<logging::Level> = Parser {
    key: Key::LogLevel,
    parse: spoken,
};
pub(super) const LOG_FORMAT: Parser<logging::Format> = Parser {
    key: Key::LogFormat,
    parse: spoken,
};

impl Refused {
    pub(super) fn new(word: &str, problem: impl Into<String>) -> Self {
        Self {
            word: word.to_owned(),
            problem: problem.into(),
        }
    }
}

fn addresses(words: &[String]) -> Result<Vec<text::Path>, Refused> {
    if words.len() > ADDRESSES {
        return Err(Refused::new(
            &words.join(","),
            format!("has more than {ADDRESSES} addresses"),
        ));
    }
    let address = |word: &String| match text::Path::new(word.as_str()) {
        Ok(path) if is_address(word) => Ok(path),
        _ => Err(Refused::new(
            word,
            format!("is no address to listen on; write one such as {DEFAULT_LISTEN}"),
        )),
    };
    words.iter().map(address).collect()
}

/// `ip:port`, or `/ip4/…/tcp/…` with either version of IP.
fn is_address(word: &str) -> bool {
    if word.parse::<SocketAddr>().is_ok() {
        return true;
    }
    let parts: Vec<_> = word.split('/').collect();
    let ["", version, ip, "tcp", port] = parts[..] else {
        return false;
    };
    let fits = match ip.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => version == "ip4",
        Ok(IpAddr::V6(_)) => version == "ip6",
        Err(_) => false,
    };
    fits && port.parse::<u16>().is_ok()
}

fn mdns(words: &[String]) -> Result<Mdns, Refused> {
    match one(words) {
        "on" | "true" => Ok(Mdns::On),
        "off" | "false" => Ok(Mdns::Off),
        word => Err(Refused::new(word, "has to be on or off")),
    }
}

fn listens(words: &[String]) -> Result<Listen, Refused> {
    match one(words) {
        "on" | "true" => Ok(Listen::On),
        "off" | "false" => Ok(Listen::Off),
        word => Err(Refused::new(word, "has to be on or off")),
    }
}

fn interfaces(words: &[String]) -> Result<Vec<text::Name>, Refused> {
    let name = |word: &String| {
        let problem = |why| Refused::new(word, format!("is no interface: {why}"));
        text::Name::new(word.as_str()).map_err(problem)
    };
    words.iter().map(name).collect()
}

pub(super) fn period(
    words: &[String],
    longest: &str,
    bound: Duration,
) -> Result<Duration, Refused> {
    let word = one(words);
    let found = duration(word).filter(|found| (Duration::from_secs(1)..=bound).contains(found));
    found.ok_or_else(|| {
        Refused::new(
            word,
            format!("has to be a time from 1s to {longest}, such as 10s"),
        )
    })
}

/// A whole number of seconds, or one with a unit.
fn duration(word: &str) -> Option<Duration> {
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    match &word[digits.len()..] {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

fn files(words: &[String]) -> Result<Vec<text::Path>, Refused> {
    let file = |word: &String| match text::Path::new(word.as_str()) {
        Ok(path) if word.starts_with('/') => Ok(path),
        Ok(_) => Err(Refused::new(word, "has to be an absolute path")),
        Err(error) => Err(Refused::new(word, format!("is no path: {error}"))),
    };
    let files: Vec<_> = words.iter().map(file).collect::<Result<_, _>>()?;
    sources::fits(&files)
        .map_err(|error| Refused::new(&words.join(","), format!("is refused: {error}")))?;
    Ok(files)
}

/// A name that is looked up in the path, or an absolute path; `off` where this node scans nothing.
fn program(words: &[String]) -> Result<Option<PathBuf>, Refused> {
    match one(words) {
        "off" => Ok(None),
        word if word.starts_with('/') || (!word.is_empty() && !word.contains('/')) => {
            Ok(Some(PathBuf::from(word)))
        }
        word => Err(Refused::new(
            word,
            "has to be off, nmap, or an absolute path",
        )),
    }
}

fn spoken<T>(words: &[String]) -> Result<T, Refused>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let word = one(words);
    word.parse()
        .map_err(|error: T::Err| Refused::new(word, format!("is not known: {error}")))
}

pub(super) fn one(words: &[String]) -> &str {
    words.first().map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_or_are_seconds() {
        assert_eq!(duration("15"), Some(Duration::from_secs(15)));
        assert_eq!(duration("1500ms"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(duration("1h"), Some(Duration::from_secs(3600)));
        for bad in [
            "",
            "s",
            "-1s",
            "1d",
            "1.5s",
            "99999999999999999999s",
            "9999999999999999999h",
            "1é",
        ] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_has_an_ip_and_a_port() {
        for good in [
            "/ip4/0.0.0.0/tcp/0",
            "/ip6/::/tcp/7444",
            "127.0.0.1:0",
            "[::1]:7444",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "/ip6/0.0.0.0/tcp/0",
            "/ip4/0.0.0.0/udp/1",
            "/dns4/a/tcp/1",
            "localhost:1",
            "/ip4/1.2.3.4/tcp/70000",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
