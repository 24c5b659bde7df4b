//! A witness looks at a device on trial: whether ports answer that no device should begin to open.
//!
//! The device has asked for it, over its own link, and named what may listen. Connections are opened and closed, and nothing
//! is sent.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use protocol::text;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Services by which devices are taken over, or are managed without anybody's knowledge.
const PORTS: [u16; 24] = [
    21, 22, 23, 80, 443, 502, 554, 1080, 1883, 2222, 2323, 3128, 3389, 4444, 5555, 5900, 6667,
    7547, 8022, 8080, 8443, 9000, 23231, 31337,
];
const PATIENCE: Duration = Duration::from_secs(2);

/// The ports that answer and may not.
pub(super) fn look(
    addresses: &[text::Path],
    listened: &[u16],
) -> impl Future<Output = Vec<u16>> + Send + 'static {
    let hosts: BTreeSet<IpAddr> = addresses.iter().filter_map(host).collect();
    let mut knocks = JoinSet::new();
    for host in hosts.into_iter().take(1) {
        for port in PORTS.into_iter().filter(|port| !listened.contains(port)) {
            let address = SocketAddr::new(host, port);
            knocks.spawn(async move {
                let open = timeout(PATIENCE, TcpStream::connect(address)).await;
                matches!(open, Ok(Ok(_))).then_some(port)
            });
        }
    }
    async move {
        let mut open: Vec<u16> = knocks.join_all().await.into_iter().flatten().collect();
        open.sort_unstable();
        open
    }
}

/// The host of `/ip4/192.0.2.1/tcp/7445` or `192.0.2.1:7445`.
fn host(address: &text::Path) -> Option<IpAddr> {
    let text = address.as_str();
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    let mut parts = text.split('/').skip(1);
    match (parts.next()?, parts.next()?) {
        ("ip4" | "ip6", ip) => ip.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> text::Path {
        text::Path::new(text).expect("it fits")
    }

    #[test]
    fn an_address_names_its_host() {
        let ip = "192.0.2.1".parse().ok();
        assert_eq!(host(&path("/ip4/192.0.2.1/tcp/7445")), ip);
        assert_eq!(host(&path("192.0.2.1:7445")), ip);
        assert_eq!(
            host(&path("/ip6/2001:db8::1/tcp/1")),
            "2001:db8::1".parse().ok()
        );
        for other in ["/dns4/camera/tcp/1", "camera", "/memory/1"] {
            assert_eq!(host(&path(other)), None, "{other}");
        }
    }

    #[tokio::test]
    async fn nobody_is_knocked_at_where_no_address_is_known() {
        assert_eq!(look(&[], &[]).await, Vec::<u16>::new());
    }
}
