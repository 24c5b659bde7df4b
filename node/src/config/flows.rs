//! Whether this node looks at traffic, and where exporters send flow records to.

use std::net::SocketAddr;

use super::ConfigError;
use super::layers::{Key, Layers, Parser};
use super::values::{self, Refused, one};
use crate::sources::flows::{Config, Enforce, Watch};

const WATCH: Parser<Watch> = Parser {
    key: Key::FlowsWatch,
    parse: watch,
};
const LISTEN: Parser<Option<SocketAddr>> = Parser {
    key: Key::FlowsListen,
    parse: listen,
};

const ENFORCE: Parser<Enforce> = Parser {
    key: Key::FlowsEnforce,
    parse: enforce,
};

const STRANGE: Parser<u32> = Parser {
    key: Key::FlowsStrange,
    parse: strange,
};

pub(super) fn parsed(layers: &Layers) -> Result<Config, ConfigError> {
    Ok(Config {
        watch: layers.parsed(&WATCH)?,
        interfaces: layers.parsed(&values::HEARING_INTERFACES)?,
        listen: layers.parsed(&LISTEN)?,
        enforce: layers.parsed(&ENFORCE)?,
        strange_in_a_million: layers.parsed(&STRANGE)?,
    })
}

fn watch(words: &[String]) -> Result<Watch, Refused> {
    match one(words) {
        "on" | "true" => Ok(Watch::On),
        "off" | "false" => Ok(Watch::Off),
        word => Err(Refused::new(word, "has to be on or off")),
    }
}

fn enforce(words: &[String]) -> Result<Enforce, Refused> {
    match one(words) {
        "true" | "nftables" => Ok(Enforce::Nftables),
        "false" | "off" => Ok(Enforce::Told),
        word => Err(Refused::new(word, "has to be true or false")),
    }
}

/// Of a million good spans of five minutes, so many may be called strange; a year has a hundred thousand.
fn strange(words: &[String]) -> Result<u32, Refused> {
    let problem = "has to be off, or how many spans of a million may be called strange: 1 to 100000, 100 is usual";
    match one(words) {
        "off" => Ok(0),
        word => match word.parse::<u32>() {
            Ok(share @ 1..=100_000) => Ok(share),
            _ => Err(Refused::new(word, problem)),
        },
    }
}

/// A port stands for all addresses of this host.
fn listen(words: &[String]) -> Result<Option<SocketAddr>, Refused> {
    let problem = "has to be off, a port such as 4739, or an address and a port";
    match one(words) {
        "off" | "" => Ok(None),
        word => match word.parse::<u16>() {
            Ok(port) => Ok(Some(SocketAddr::from(([0, 0, 0, 0], port)))),
            Err(_) => {
                let address = word.parse().map(Some);
                address.map_err(|_| Refused::new(word, problem))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listened(word: &str) -> Option<String> {
        let found = listen(&[word.to_owned()]).ok()??;
        Some(found.to_string())
    }

    #[test]
    fn exporters_have_a_port_or_an_address_and_a_port() {
        assert_eq!(listened("4739").as_deref(), Some("0.0.0.0:4739"));
        assert_eq!(listened("[::1]:2055").as_deref(), Some("[::1]:2055"));
        assert_eq!(listened("off"), None);
        assert!(listen(&["x".to_owned()]).is_err());
        assert!(watch(&["yes".to_owned()]).is_err());
    }

    #[test]
    fn how_much_is_strange_is_off_or_a_share_of_a_million() {
        let found = |word: &str| strange(&[word.to_owned()]).ok();
        assert_eq!(found("off"), Some(0));
        assert_eq!(found("100"), Some(100));
        for wrong in ["0", "100001", "-1", "often", ""] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
    }
}
