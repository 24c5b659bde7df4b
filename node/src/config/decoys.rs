//! Decoys of this host, and whether whoever touches one is kept away.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use protocol::tripwire::Service;

use super::ConfigError;
use super::layers::{Key, Layers, Parser};
use super::values::{Refused, one};
use crate::decoys::Decoy;

/// Decoys of one host at most.
const DECOYS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decoys {
    pub listen: Vec<Decoy>,
    pub block: Block,
}

/// How whoever touched a decoy is kept away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Block {
    /// Not at all: the alert is all.
    #[default]
    Off,
    Nftables,
}

const LISTEN: Parser<Vec<Decoy>> = Parser {
    key: Key::DecoysListen,
    parse: listen,
};
const BLOCK: Parser<Block> = Parser {
    key: Key::DecoysBlock,
    parse: block,
};

pub(super) fn parsed(layers: &Layers) -> Result<Decoys, ConfigError> {
    Ok(Decoys {
        listen: layers.parsed(&LISTEN)?,
        block: layers.parsed(&BLOCK)?,
    })
}

fn listen(words: &[String]) -> Result<Vec<Decoy>, Refused> {
    let words: Vec<_> = words.iter().filter(|word| !word.is_empty()).collect();
    if words.len() > DECOYS {
        let problem = format!("are more than {DECOYS} decoys");
        return Err(Refused::new(&format!("{} entries", words.len()), problem));
    }
    words.into_iter().map(|word| decoy(word)).collect()
}

/// `telnet`, `telnet:2323` or `telnet:192.0.2.1:2323`.
fn decoy(word: &str) -> Result<Decoy, Refused> {
    let (name, place) = word.split_once(':').unwrap_or((word, ""));
    let found = Service::ALL.into_iter().find(|known| known.word() == name);
    let Some(service) = found else {
        let known = Service::ALL.map(Service::word).join(", ");
        return Err(Refused::new(
            word,
            format!("is no decoy; there are {known}"),
        ));
    };
    let everywhere = |port| SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port);
    let address = match place {
        "" => Some(everywhere(usual_port(service))),
        place => place
            .parse()
            .map(everywhere)
            .or_else(|_| place.parse())
            .ok(),
    };
    let problem = "has to be a service with a port or an address and a port, such as telnet:2323";
    let address = address.ok_or_else(|| Refused::new(word, problem))?;
    Ok(Decoy { service, address })
}

/// Where whoever looks for such a service looks first (IANA).
const fn usual_port(service: Service) -> u16 {
    match service {
        Service::Telnet => 23,
        Service::Ssh => 22,
        Service::Http => 80,
        Service::Mqtt => 1883,
        Service::Modbus => 502,
    }
}

fn block(words: &[String]) -> Result<Block, Refused> {
    match one(words) {
        "off" | "false" => Ok(Block::Off),
        "nftables" => Ok(Block::Nftables),
        word => Err(Refused::new(word, "has to be off or nftables")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listened(word: &str) -> Option<String> {
        let found = listen(&[word.to_owned()]).ok()?;
        found.first().map(|decoy| decoy.address.to_string())
    }

    #[test]
    fn a_decoy_is_a_service_with_its_usual_port_or_another() {
        assert_eq!(listened("telnet").as_deref(), Some("[::]:23"));
        assert_eq!(listened("mqtt:8883").as_deref(), Some("[::]:8883"));
        assert_eq!(listened("http:127.0.0.1:0").as_deref(), Some("127.0.0.1:0"));
        for bad in ["ftp", "telnet:", "telnet:x", "telnet:70000", ":23"] {
            let refused = listened(bad).is_none() || bad == "telnet:";
            assert!(refused, "{bad}");
        }
    }

    #[test]
    fn there_is_a_bound() {
        let many = vec!["telnet:0".to_owned(); DECOYS + 1];
        assert!(listen(&many).is_err());
        assert_eq!(
            listen(&[String::new()]).map(|found| found.len()).ok(),
            Some(0)
        );
    }
}
