//! Ports that the system chose are asked for again at the next start, so that devices find the coordinator where it was.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio::net::TcpSocket;

use crate::addresses::Addresses;
use crate::config::Config;

/// What was listened on; 0 where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ports {
    pub people: u16,
    pub mesh: u16,
    pub enrolment: u16,
}

impl Ports {
    /// The ports of the start before; without a readable file there are none.
    pub fn load(path: &Path) -> Self {
        let text = fs::read(path).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub fn of(addresses: &Addresses) -> Self {
        let first = |texts: &[String]| texts.first().map_or(0, |text| port_of(text));
        Self {
            people: port_of(&addresses.people),
            mesh: first(&addresses.mesh),
            enrolment: first(&addresses.enrol),
        }
    }

    pub fn store(&self, path: &Path) -> io::Result<()> {
        let fresh = path.with_extension("new");
        fs::write(&fresh, serde_json::to_vec(self)?)?;
        fs::rename(fresh, path)
    }

    /// The settings, with the ports of the start before wherever the system may choose and they are free.
    pub fn kept(self, config: Config) -> Config {
        Config {
            people: kept(config.people, self.people),
            mesh: kept(config.mesh, self.mesh),
            enrolment: kept(config.enrolment, self.enrolment),
            ..config
        }
    }
}

/// The port at the end of `https://host:port`, `host:port` or `/ip4/host/tcp/port`.
fn port_of(address: &str) -> u16 {
    let last = address.rsplit([':', '/']).next();
    last.and_then(|port| port.parse().ok()).unwrap_or_default()
}

fn kept(configured: SocketAddr, before: u16) -> SocketAddr {
    let again = SocketAddr::new(configured.ip(), before);
    let is_wanted = configured.port() == 0 && before != 0;
    if is_wanted && is_free(again) {
        again
    } else {
        configured
    }
}

/// Binds without listening, with the liberty that listeners take: connections that linger are in nobody's way.
fn is_free(address: SocketAddr) -> bool {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    socket.is_ok_and(|socket| socket.set_reuseaddr(true).is_ok() && socket.bind(address).is_ok())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn anywhere() -> Config {
        let any = "127.0.0.1:0".parse().expect("an address");
        Config {
            people: any,
            mesh: any,
            enrolment: any,
            ..Config::default()
        }
    }

    fn free_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        listener.local_addr().expect("it is bound").port()
    }

    #[test]
    fn a_chosen_port_is_kept_over_a_restart_if_it_is_free() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("ports.json");
        assert_eq!(Ports::load(&path), Ports::default());
        let taken = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
        let ports = Ports {
            people: free_port(),
            mesh: taken.local_addr().expect("it is bound").port(),
            enrolment: 0,
        };
        ports.store(&path).expect("the folder is ours");
        let kept = Ports::load(&path).kept(anywhere());
        assert_eq!(kept.people.port(), ports.people);
        assert_eq!(kept.mesh.port(), 0, "somebody else has it");
        assert_eq!(kept.enrolment.port(), 0);
    }

    #[test]
    fn ports_are_read_from_every_form_of_address() {
        let addresses = Addresses {
            people: "https://[::1]:8443".to_owned(),
            mesh: vec!["/dns/hub.example/tcp/7443".to_owned()],
            enrol: Vec::new(),
            ddi: None,
        };
        let ports = Ports {
            people: 8443,
            mesh: 7443,
            enrolment: 0,
        };
        assert_eq!(Ports::of(&addresses), ports);
    }

    #[test]
    fn a_configured_port_stands() {
        let config = Config {
            mesh: "127.0.0.1:7443".parse().expect("an address"),
            ..anywhere()
        };
        let before = Ports {
            mesh: free_port(),
            ..Ports::default()
        };
        assert_eq!(before.kept(config).mesh.port(), 7443);
    }
}
