//! What a scanner saw: hosts, ports, services and what scripts said, in one form whoever scanned.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::time::Moment;
use greeting::Greeting;

pub mod compare;
pub mod greeting;
pub mod nmap;
pub mod openvas;

/// One scan, whole or as far as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    pub scanner: Scanner,
    pub version: String,
    /// The command line, or the name of the task.
    pub command: String,
    pub started: Option<Moment>,
    pub finished: Option<Moment>,
    pub completeness: Completeness,
    /// What the scanner itself said about its end.
    pub stats: Option<Stats>,
    /// In the order in which they were finished.
    pub hosts: Vec<Host>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scanner {
    Nmap,
    OpenVas,
}

/// Whether everything that was scanned is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Completeness {
    Whole,
    /// The text breaks off after so many bytes; the hosts before are complete.
    Cut {
        bytes: u64,
    },
    /// More than the importer keeps was left out.
    Capped {
        left_out: u64,
    },
    /// The scanner ended with an error, and says which.
    Failed {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    pub up: u64,
    pub down: u64,
    pub total: u64,
    pub elapsed_ms: u64,
    pub summary: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Host {
    pub state: HostState,
    /// Why the scanner thinks so, in its own word: `arp-response`.
    pub reason: String,
    pub addresses: Vec<IpAddr>,
    pub mac: Option<Mac>,
    /// Whom the MAC belongs to, as the scanner says.
    pub vendor: String,
    pub names: Vec<String>,
    pub ports: BTreeMap<PortKey, Port>,
    /// Ports that are counted and not listed.
    pub extra: Vec<ExtraPorts>,
    /// The best guesses first.
    pub os: Vec<OsGuess>,
    pub scripts: Vec<Script>,
    /// Network hops.
    pub distance: Option<u32>,
    pub uptime_s: Option<u64>,
    pub started: Option<Moment>,
    pub finished: Option<Moment>,
    /// What a scanner of vulnerabilities found on it.
    pub results: Vec<ScanResult>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum HostState {
    Up,
    Down,
    Skipped,
    #[default]
    Unknown,
}

/// Six bytes, written `b8:27:eb:00:00:01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mac(pub [u8; 6]);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PortKey {
    pub transport: Transport,
    pub number: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transport {
    Tcp,
    Udp,
    Sctp,
    /// An IP protocol number instead of a port.
    Ip,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    pub state: PortState,
    /// Why, in the scanner's word: `syn-ack`.
    pub reason: String,
    pub service: Option<Service>,
    pub scripts: Vec<Script>,
    /// What the service said of itself, as far as the scanner recorded it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub greetings: Vec<Greeting>,
}

/// The states of nmap, which all scanners' words fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PortState {
    Open,
    OpenOrFiltered,
    Filtered,
    Unfiltered,
    ClosedOrFiltered,
    Closed,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Service {
    /// The scanner's word for it: `ssh`, `http`, `mqtt`.
    pub name: String,
    pub product: String,
    pub version: String,
    pub extra: String,
    pub os_type: String,
    pub device_type: String,
    pub hostname: String,
    pub tunnel: Tunnel,
    pub method: Method,
    /// From 0 to 10, as nmap grades itself.
    pub confidence: u8,
    /// Names in whatever binding the scanner wrote.
    pub cpes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Tunnel {
    #[default]
    None,
    Tls,
}

/// How the scanner knows the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Method {
    /// It asked and got an answer.
    Probed,
    /// The number of the port suggests it, no more.
    #[default]
    Table,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    pub id: String,
    /// Several lines, safe to show as text.
    pub output: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraPorts {
    pub state: PortState,
    pub count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OsGuess {
    pub name: String,
    /// In percent.
    pub accuracy: u8,
    pub vendor: String,
    pub family: String,
    pub device_type: String,
    pub cpes: Vec<String>,
}

/// One result of a scanner of vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanResult {
    pub port: Option<PortKey>,
    /// The scanner's own id of its test.
    pub test: String,
    pub title: String,
    pub summary: String,
    pub solution: String,
    /// CVE ids that the result names.
    pub ids: Vec<String>,
    /// CVSS score as the scanner gives it, in tenths.
    pub severity_tenths: u8,
    /// How sure the scanner is, in percent.
    pub quality: u8,
}

impl Port {
    /// Whether something may answer there.
    pub fn is_open(&self) -> bool {
        matches!(self.state, PortState::Open | PortState::OpenOrFiltered)
    }
}

impl Service {
    /// `OpenSSH 5.3 (protocol 2.0)`, or the name of the service when the product is not known.
    pub fn shown(&self) -> String {
        let mut words = vec![match self.product.is_empty() {
            true => self.name.as_str(),
            false => self.product.as_str(),
        }];
        if !self.version.is_empty() {
            words.push(&self.version);
        }
        words.join(" ")
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Mac {
    /// Reads six bytes between colons or dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 6];
        let mut parts = text.trim().split([':', '-']);
        for byte in &mut bytes {
            let part = parts
                .next()
                .filter(|part| part.len() == 2 && !part.starts_with('+'))?;
            *byte = u8::from_str_radix(part, 16).ok()?;
        }
        parts.next().is_none().then_some(Self(bytes))
    }
}

impl Transport {
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
            Self::Ip => "ip",
        }
    }

    fn of(word: &str) -> Option<Self> {
        let all = [Self::Tcp, Self::Udp, Self::Sctp, Self::Ip];
        all.into_iter().find(|transport| transport.word() == word)
    }
}

impl fmt::Display for PortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.transport.word())
    }
}

impl From<PortKey> for String {
    fn from(key: PortKey) -> Self {
        key.to_string()
    }
}

/// The text is no `443/tcp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a port is written as 443/tcp, with tcp, udp, sctp or ip")]
pub struct PortKeyError;

impl TryFrom<String> for PortKey {
    type Error = PortKeyError;

    fn try_from(text: String) -> Result<Self, PortKeyError> {
        text.parse()
    }
}

impl std::str::FromStr for PortKey {
    type Err = PortKeyError;

    fn from_str(text: &str) -> Result<Self, PortKeyError> {
        let (number, transport) = text.split_once('/').ok_or(PortKeyError)?;
        Ok(Self {
            transport: Transport::of(transport).ok_or(PortKeyError)?,
            number: number.parse().map_err(|_| PortKeyError)?,
        })
    }
}

impl PortState {
    /// The word that nmap writes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::OpenOrFiltered => "open|filtered",
            Self::Filtered => "filtered",
            Self::Unfiltered => "unfiltered",
            Self::ClosedOrFiltered => "closed|filtered",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
        }
    }

    fn of(word: &str) -> Self {
        let all = [
            Self::Open,
            Self::OpenOrFiltered,
            Self::Filtered,
            Self::Unfiltered,
            Self::ClosedOrFiltered,
            Self::Closed,
        ];
        let found = all.into_iter().find(|state| state.word() == word);
        found.unwrap_or(Self::Unknown)
    }
}

/// The text names no CVE: `CVE-2014-0160` has a year and at least four digits.
pub(crate) fn is_cve(text: &str) -> bool {
    let Some((year, number)) = text
        .strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4 && digits(year) && (4..=12).contains(&number.len()) && digits(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_ports_and_macs_are_read_as_they_are_written() {
        let key: PortKey = "443/tcp".parse().unwrap();
        assert_eq!(key.to_string(), "443/tcp");
        assert!("443".parse::<PortKey>().is_err());
        assert!("70000/tcp".parse::<PortKey>().is_err());
        let mac = Mac::parse("B8-27-eb:00:00:01").unwrap();
        assert_eq!(mac.to_string(), "b8:27:eb:00:00:01");
        assert_eq!(Mac::parse("b8:27:eb:00:00"), None);
        assert_eq!(Mac::parse("+8:27:eb:00:00:01"), None);
        assert_eq!(PortState::of("open|filtered"), PortState::OpenOrFiltered);
        assert_eq!(PortState::of("ajar"), PortState::Unknown);
    }

    #[test]
    fn only_a_cve_is_a_cve() {
        assert!(is_cve("CVE-2014-0160"));
        assert!(is_cve("CVE-2021-44228"));
        assert!(!is_cve("CVE-2014-16"));
        assert!(!is_cve("cve-2014-0160"));
        assert!(!is_cve("CVE-2014-0160<b>"));
    }
}
