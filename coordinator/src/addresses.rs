//! Where this coordinator can be reached, as files and join strings say it.

use serde::{Deserialize, Serialize};

/// Written to `run/addresses.json` once everything listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The pages and the API.
    pub people: String,
    /// Multiaddresses of the mesh listener.
    pub mesh: Vec<String>,
    /// `host:port` of the enrolment listener.
    pub enrol: Vec<String>,
    /// Where devices without a node ask, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ddi: Option<String>,
}

pub mod advertised {
    //! What devices are told: the configured names, or the addresses of this machine.

    use std::net::{IpAddr, SocketAddr, UdpSocket};

    use crate::config::Config;

    pub fn enrolment(config: &Config, bound: SocketAddr) -> Vec<String> {
        hosts(config, bound.ip())
            .into_iter()
            .map(|host| format!("{}:{}", bracketed(&host), bound.port()))
            .collect()
    }

    /// `listening` are the multiaddresses that the mesh has bound.
    pub fn mesh(config: &Config, listening: &[String]) -> Vec<String> {
        let port = listening
            .iter()
            .find_map(|address| address.rsplit_once("/tcp/"))
            .map(|(_, port)| port);
        let Some(port) = port else { return Vec::new() };
        hosts(config, config.mesh.ip())
            .iter()
            .map(|host| format!("{}/tcp/{port}", protocol_of(host)))
            .collect()
    }

    fn hosts(config: &Config, bound: IpAddr) -> Vec<String> {
        if !config.advertise.is_empty() {
            return config.advertise.clone();
        }
        vec![outward_of(bound).to_string()]
    }

    /// The address itself, or where this machine is seen from outside if any address will do.
    pub fn outward_of(bound: IpAddr) -> IpAddr {
        if bound.is_unspecified() {
            outward().unwrap_or(IpAddr::from([127, 0, 0, 1]))
        } else {
            bound
        }
    }

    /// The address that the routing table gives to traffic that leaves; nothing is sent.
    fn outward() -> Option<IpAddr> {
        let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
        socket.connect(("192.0.2.1", 9)).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    }

    fn bracketed(host: &str) -> String {
        if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        }
    }

    fn protocol_of(host: &str) -> String {
        match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => format!("/ip4/{host}"),
            Ok(IpAddr::V6(_)) => format!("/ip6/{host}"),
            Err(_) => format!("/dns/{host}"),
        }
    }
}
