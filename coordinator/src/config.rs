//! The coordinator's settings: `coordinator.toml` in its directory, `PALISADE_*`, flags.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::factors::Demand;
use crate::tls::is_host_name;

/// Names that one certificate carries beside those of the machine itself, and origins that are let in.
const LISTED: usize = 16;

/// Where things listen and how long they last. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// People: pages and API. Loopback unless a management address is named.
    pub people: SocketAddr,
    /// Host names and addresses under which people open the pages, for the certificate.
    pub people_names: Vec<String>,
    /// Origins of other pages, such as `https://dash.example`, whose scripts may use the interface with a token; none usually.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_origins: Vec<String>,
    /// Where somebody who found a weakness writes to, `mailto:` or `https://`, for `/.well-known/security.txt`; without it there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_contact: Option<String>,
    /// Who logs in with a second factor or a passkey: `nobody`, `admins` or `everybody`.
    #[serde(skip_serializing_if = "Demand::is_nobody")]
    pub second_factor: Demand,
    /// Devices: the mesh.
    pub mesh: SocketAddr,
    /// Devices: enrolment.
    pub enrolment: SocketAddr,
    /// Devices without a node, which speak hawkBit's DDI. Nobody listens unless it is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ddi: Option<SocketAddr>,
    /// Log lines of devices over UDP (RFC 5424), which nothing proves. Nobody listens unless it is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syslog: Option<SocketAddr>,
    /// Log lines of devices over TLS (RFC 5425). Nobody listens unless it is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syslog_tls: Option<SocketAddr>,
    /// A file with the certificates (PEM) that vouch for whoever sends lines over TLS; without it nobody proves who sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syslog_clients: Option<PathBuf>,
    /// Names in such certificates whose holders may send lines of every device.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub syslog_relays: Vec<String>,
    /// Host names or addresses under which devices reach this machine; found out if empty.
    pub advertise: Vec<String>,
    /// Days that a membership lasts, 30 at most.
    pub membership_days: u32,
    /// Seconds of silence after which a device counts as silent.
    pub silent_after_s: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            people: SocketAddr::from(([127, 0, 0, 1], 8443)),
            people_names: Vec::new(),
            api_origins: Vec::new(),
            security_contact: None,
            second_factor: Demand::Nobody,
            mesh: SocketAddr::from(([0, 0, 0, 0], 7443)),
            enrolment: SocketAddr::from(([0, 0, 0, 0], 7444)),
            ddi: None,
            syslog: None,
            syslog_tls: None,
            syslog_clients: None,
            syslog_relays: Vec::new(),
            advertise: Vec::new(),
            membership_days: 30,
            silent_after_s: 12,
        }
    }
}

#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("cannot read {path}", path = path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path} is not understood", path = path.display())]
    Parse {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error("{key} is {value}: {fix}")]
    Value {
        key: &'static str,
        value: String,
        fix: &'static str,
    },
}

impl Config {
    pub fn load(dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join("coordinator.toml");
        let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Read {
            path: path.clone(),
            source,
        })?;
        let config: Self = toml::from_str(&text).map_err(|source| ConfigError::Parse {
            path,
            source: Box::new(source),
        })?;
        config.checked()
    }

    /// Refuses what cannot work, naming the key and the fix.
    pub fn checked(self) -> Result<Self, ConfigError> {
        let wrong = |key, value: String, fix| Err(wrong(key, value, fix));
        if !(1..=30).contains(&self.membership_days) {
            return wrong(
                "membership_days",
                self.membership_days.to_string(),
                "choose 1 to 30",
            );
        }
        if !(5..=86_400).contains(&self.silent_after_s) {
            return wrong(
                "silent_after_s",
                self.silent_after_s.to_string(),
                "choose 5 to 86400",
            );
        }
        if self.advertise.len() > 3 {
            return wrong(
                "advertise",
                self.advertise.len().to_string(),
                "name three addresses at most",
            );
        }
        let is_name = |name: &str| name.parse::<IpAddr>().is_ok() || is_host_name(name);
        let names = ("people_names", self.people_names.as_slice());
        listed(
            names,
            is_name,
            "write host names and addresses without ports",
        )?;
        let origins = ("api_origins", self.api_origins.as_slice());
        let form =
            "write https:// with a host name, and a port if it is not 443, and nothing behind";
        listed(origins, is_origin, form)?;
        if let Some(contact) = self
            .security_contact
            .as_deref()
            .filter(|one| !is_contact(one))
        {
            return Err(wrong_contact(contact));
        }
        if self.people.port() != 0 && self.people.port() == self.mesh.port() {
            return wrong(
                "people",
                self.people.to_string(),
                "people and devices need ports of their own",
            );
        }
        if let Some(ddi) = self.ddi.filter(|ddi| ddi.port() != 0)
            && [self.people, self.mesh, self.enrolment]
                .iter()
                .any(|other| other.port() == ddi.port())
        {
            return wrong(
                "ddi",
                ddi.to_string(),
                "DDI devices need a port of their own",
            );
        }
        if self.syslog_clients.is_some() && self.syslog_tls.is_none() {
            return wrong(
                "syslog_clients",
                "set".to_owned(),
                "name where to listen with syslog_tls",
            );
        }
        if !self.syslog_relays.is_empty() && self.syslog_clients.is_none() {
            return wrong(
                "syslog_relays",
                self.syslog_relays.join(", "),
                "name with syslog_clients who vouches for them",
            );
        }
        if self.syslog_relays.len() > LISTED {
            return wrong(
                "syslog_relays",
                self.syslog_relays.len().to_string(),
                "name sixteen at most",
            );
        }
        Ok(self)
    }

    pub fn membership(&self) -> Duration {
        Duration::from_secs(u64::from(self.membership_days) * 86_400)
    }

    pub fn silent_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.silent_after_s))
    }

    /// The file as `init` writes it.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("plain values always have a TOML form")
    }
}

impl Config {
    /// The origins as browsers name them; they were looked at when the file was read.
    pub fn origins(&self) -> Arc<[HeaderValue]> {
        let origins = self.api_origins.iter();
        origins
            .filter_map(|origin| HeaderValue::from_str(origin).ok())
            .collect()
    }
}

const fn wrong(key: &'static str, value: String, fix: &'static str) -> ConfigError {
    ConfigError::Value { key, value, fix }
}

fn wrong_contact(contact: &str) -> ConfigError {
    let fix = "write mailto: with an address, or https:// with a page, without blanks";
    wrong("security_contact", contact.to_owned(), fix)
}

/// One line of RFC 9116: a line more would be a field of its own.
fn is_contact(text: &str) -> bool {
    let rest = text
        .strip_prefix("mailto:")
        .filter(|rest| rest.contains('@'));
    let rest = rest.or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|letter| letter.is_ascii_graphic())
    })
}

/// Whether each of a list is good, and they are not too many.
fn listed(
    (field, items): (&'static str, &[String]),
    is_good: impl Fn(&str) -> bool,
    form: &'static str,
) -> Result<(), ConfigError> {
    if let Some(item) = items.iter().find(|item| !is_good(item)) {
        return Err(wrong(field, item.clone(), form));
    }
    if items.len() > LISTED {
        return Err(wrong(
            field,
            items.len().to_string(),
            "name sixteen at most",
        ));
    }
    Ok(())
}

/// As browsers write it: nothing in clear but from this machine itself, no wildcard, no path.
fn is_origin(text: &str) -> bool {
    let clear = text.strip_prefix("http://");
    let host = text.strip_prefix("https://").or(clear).unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (
            name,
            port.parse::<u16>()
                .is_ok_and(|port| port != 0 && port != 443),
        ),
        None => (host, true),
    };
    let is_here = name == "localhost" || name == "127.0.0.1";
    let is_small = !name.bytes().any(|letter| letter.is_ascii_uppercase());
    port && is_small && is_host_name(name) && (clear.is_none() || is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_reads_back_and_bad_values_name_their_key() {
        let written: Config =
            toml::from_str(&Config::default().to_toml()).expect("our own file parses");
        assert_eq!(written, Config::default());
        let long = Config {
            membership_days: 31,
            ..Config::default()
        };
        assert!(
            long.checked()
                .expect_err("too long")
                .to_string()
                .contains("membership_days")
        );
        let named = Config {
            people_names: vec!["https://hub.example".to_owned()],
            ..Config::default()
        };
        assert!(
            named
                .checked()
                .expect_err("not a name")
                .to_string()
                .contains("people_names")
        );
        let relays = Config {
            syslog_relays: vec!["relay.example".to_owned()],
            ..Config::default()
        };
        let words = relays.checked().expect_err("nobody vouches").to_string();
        assert!(words.contains("syslog_relays") && words.contains("syslog_clients"));
        assert!(toml::from_str::<Config>("peeple = \"127.0.0.1:1\"").is_err());
        let strict: Config = toml::from_str("second_factor = \"admins\"").expect("a word of it");
        assert_eq!(strict.second_factor, Demand::Admins);
        let wrong = toml::from_str::<Config>("second_factor = \"all\"").expect_err("no word");
        assert!(wrong.to_string().contains("everybody"), "{wrong}");
    }

    #[test]
    fn a_contact_is_one_address_and_no_further_line() {
        let of = |contact: &str| Config {
            security_contact: Some(contact.to_owned()),
            ..Config::default()
        };
        for good in [
            "mailto:security@plant.example",
            "https://plant.example/security",
        ] {
            assert!(of(good).checked().is_ok(), "{good}");
        }
        for bad in [
            "security@plant.example",
            "mailto:nobody",
            "https://",
            "https://a.example\nExpires: never",
            "http://plant.example",
        ] {
            let refused = of(bad).checked().expect_err(bad).to_string();
            assert!(
                refused.contains("security_contact") && refused.contains("mailto:"),
                "{refused}"
            );
        }
    }

    #[test]
    fn an_origin_is_what_browsers_send_and_no_wildcard() {
        for good in [
            "https://dash.example",
            "https://dash.example:8443",
            "http://localhost:5173",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "*",
            "https://*",
            "null",
            "https://dash.example/",
            "https://dash.example:443",
            "http://dash.example",
            "https://Dash.example",
            "dash.example",
            "",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
