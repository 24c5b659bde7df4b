//! A habit as one line of text, for logs, commands and records: `out tcp maker.com 443`, `in udp local 5353`.
//!
//! Four words: who asks, the protocol, with whom, and the port that is asked for. What is written is read back as the
//! same habit, and nothing else is read.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::domain::Suffix;
use super::entry::{Direction, Entry, Network, Peer, Role, Service, Span};

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EntryError {
    #[error("a habit is four words, such as `out tcp maker.com 443`")]
    Words,
    #[error("`{0}` is no direction: write in or out")]
    Direction(String),
    #[error("`{0}` is no protocol: write tcp, udp, icmp, icmp6, a number or any")]
    Protocol(String),
    #[error(
        "`{0}` is nobody: write a domain, an address, a network such as 10.0.0.0/8, local or any"
    )]
    Peer(String),
    #[error(
        "`{0}` as the third word would allow all names below it, whoever owns them: write the name of one owner, such as maker.com"
    )]
    Shared(String),
    #[error("`{0}` is no port: write 443, 32768-65535, 8/0 for a kind of ICMP message, or any")]
    Service(String),
}

const CONTROLLER: &str = "controller=";
const MANUFACTURER: &str = "manufacturer=";
/// The longest word that an error repeats.
const REPEATED: usize = 64;

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Out => "out",
            Direction::In => "in",
        };
        let protocol = protocol_word(self.protocol);
        write!(f, "{direction} {protocol} {} ", self.peer)?;
        write_service(f, self.direction, self.service)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Domain(suffix) => f.write_str(suffix.as_str()),
            Self::Local => f.write_str("local"),
            Self::Role(Role::MyController) => f.write_str("my-controller"),
            Self::Role(Role::SameManufacturer) => f.write_str("same-manufacturer"),
            Self::Role(Role::Controller(class)) => write!(f, "{CONTROLLER}{class}"),
            Self::Role(Role::Manufacturer(maker)) => write!(f, "{MANUFACTURER}{maker}"),
            Self::Network(network) => network.fmt(f),
        }
    }
}

fn protocol_word(protocol: Option<u8>) -> String {
    match protocol {
        None => "any".to_owned(),
        Some(6) => "tcp".to_owned(),
        Some(17) => "udp".to_owned(),
        Some(1) => "icmp".to_owned(),
        Some(58) => "icmp6".to_owned(),
        Some(other) => other.to_string(),
    }
}

/// The port that is asked for; the asker's own stands behind it where it is not any.
fn write_service(
    f: &mut fmt::Formatter<'_>,
    direction: Direction,
    service: Service,
) -> fmt::Result {
    match service {
        Service::Any => f.write_str("any"),
        Service::Icmp { kind, code } => write!(f, "{kind}/{code}"),
        Service::Ports { remote, local } => {
            let (asked, asking) = sides(direction, remote, local);
            write!(f, "{}", Ports(asked))?;
            if asking == Span::ANY {
                Ok(())
            } else {
                write!(f, "<{}", Ports(asking))
            }
        }
    }
}

/// The side that is asked and the side that asks; the same again turns them back.
const fn sides(direction: Direction, remote: Span, local: Span) -> (Span, Span) {
    match direction {
        Direction::Out => (remote, local),
        Direction::In => (local, remote),
    }
}

struct Ports(Span);

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { first, last } = self.0;
        if first == last {
            write!(f, "{first}")
        } else {
            write!(f, "{first}-{last}")
        }
    }
}

impl FromStr for Entry {
    type Err = EntryError;

    fn from_str(text: &str) -> Result<Self, EntryError> {
        let mut words = text.split(' ');
        let mut word = || words.next().ok_or(EntryError::Words);
        let (direction, protocol, peer, service) = (word()?, word()?, word()?, word()?);
        if words.next().is_some() {
            return Err(EntryError::Words);
        }
        let direction = match direction {
            "out" => Direction::Out,
            "in" => Direction::In,
            other => return Err(EntryError::Direction(short(other))),
        };
        let read = Self {
            direction,
            protocol: read_protocol(protocol)?,
            peer: peer.parse()?,
            service: read_service(direction, service)?,
        };
        // `0443` and `443` are one port: only the form that is written is read.
        if read.to_string() == text {
            Ok(read)
        } else {
            Err(EntryError::Words)
        }
    }
}

fn short(word: &str) -> String {
    word.chars().take(REPEATED).collect()
}

fn read_protocol(word: &str) -> Result<Option<u8>, EntryError> {
    let number = match word {
        "any" => return Ok(None),
        "tcp" => 6,
        "udp" => 17,
        "icmp" => 1,
        "icmp6" => 58,
        other => other
            .parse()
            .map_err(|_| EntryError::Protocol(short(other)))?,
    };
    Ok(Some(number))
}

impl FromStr for Peer {
    type Err = EntryError;

    /// A host's address stands for the network that it is alone in.
    fn from_str(word: &str) -> Result<Self, EntryError> {
        let wrong = || EntryError::Peer(short(word));
        Ok(match word {
            "any" => Self::Any,
            "local" => Self::Local,
            "my-controller" => Self::Role(Role::MyController),
            "same-manufacturer" => Self::Role(Role::SameManufacturer),
            _ => {
                let named = |prefix| word.strip_prefix(prefix).filter(|rest: &&str| is_uri(rest));
                if let Some(class) = named(CONTROLLER) {
                    Self::Role(Role::Controller(class.to_owned()))
                } else if let Some(maker) = named(MANUFACTURER) {
                    Self::Role(Role::Manufacturer(maker.to_owned()))
                } else if let Some((address, bits)) = word.split_once('/') {
                    let address = address.parse().map_err(|_| wrong())?;
                    let bits = bits.parse().map_err(|_| wrong())?;
                    Self::Network(Network::new(address, bits).map_err(|_| wrong())?)
                } else if let Ok(address) = word.parse() {
                    Self::Network(Network::host(address))
                } else {
                    let suffix = Suffix::exactly(word).map_err(|_| wrong())?;
                    if suffix.is_shared() {
                        return Err(EntryError::Shared(short(word)));
                    }
                    Self::Domain(suffix)
                }
            }
        })
    }
}

fn is_uri(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn read_service(direction: Direction, word: &str) -> Result<Service, EntryError> {
    let wrong = || EntryError::Service(short(word));
    if word == "any" {
        return Ok(Service::Any);
    }
    if let Some((kind, code)) = word.split_once('/') {
        let number = |text: &str| text.parse().map_err(|_| wrong());
        return Ok(Service::Icmp {
            kind: number(kind)?,
            code: number(code)?,
        });
    }
    let (asked, asking) = match word.split_once('<') {
        Some((asked, asking)) => (asked, Some(asking)),
        None => (word, None),
    };
    let asked = read_span(asked).ok_or_else(wrong)?;
    let asking = match asking {
        Some(asking) => read_span(asking).ok_or_else(wrong)?,
        None => Span::ANY,
    };
    let (remote, local) = sides(direction, asked, asking);
    Ok(Service::Ports { remote, local })
}

fn read_span(text: &str) -> Option<Span> {
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
        None => {
            let port = text.parse().ok()?;
            (port, port)
        }
    };
    (first <= last).then_some(Span { first, last })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_habit_reads_back_as_it_is_written() {
        for text in [
            "out tcp maker.com 443",
            "out tcp nas 445",
            "out tcp lan 80",
            "in tcp local 22",
            "out udp 224.0.0.251/32 5353",
            "out icmp 10.0.0.0/8 8/0",
            "out any any any",
            "out udp local 49152-65535",
            "in tcp local 502<1024-65535",
            "out 47 2001:db8::/32 any",
            "out tcp controller=urn:ietf:params:mud:ntp 123",
            "out tcp same-manufacturer 0-65535",
        ] {
            let entry: Entry = text
                .parse()
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(entry.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_habit_is_refused() {
        for text in [
            "",
            "out tcp maker.com",
            "out tcp maker.com 443 more",
            "out  tcp maker.com 443",
            "up tcp maker.com 443",
            "out xcp maker.com 443",
            "out tcp not_a..name 443",
            "out tcp 10.0.0.1/8 443",
            "out tcp maker.com 0443",
            "out tcp maker.com 9-3",
            "out tcp Maker.com 443",
            "out tcp 10.0.0.7 443",
        ] {
            assert!(text.parse::<Entry>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_suffix_that_strangers_share_is_refused_with_the_fix() {
        for peer in ["com", "io", "co.uk"] {
            let error = format!("out tcp {peer} 443")
                .parse::<Entry>()
                .expect_err(peer);
            assert_eq!(error, EntryError::Shared(peer.to_owned()));
            let said = error.to_string();
            assert!(
                said.contains("third word") && said.contains("maker.com"),
                "{said}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall(text in "\\PC{0,80}") {
            if let Ok(entry) = text.parse::<Entry>() {
                prop_assert_eq!(entry.to_string(), text);
            }
        }
    }
}
