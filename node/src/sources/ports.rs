//! The ports on which the host listens, and from where they can be reached.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use protocol::limits;
use protocol::statement::host::{Port, Reach, Transport};

use super::host;

/// The kernel searches all of its connections for one table: milliseconds on a large host.
const PERIOD: Duration = Duration::from_secs(30);
/// Lines of one table that are read; the listening ones come first.
const LINES: usize = 4096;
/// Bytes of one table that are read.
const TABLE_BYTES: u64 = 1 << 20;
/// A client that waits for a datagram looks like a service; it is one when it stays.
const SETTLED: Duration = Duration::from_secs(60);
const TCP_LISTEN: &str = "0A";
const UDP_UNCONNECTED: &str = "07";
const TABLES: [(&str, Transport); 4] = [
    ("/proc/net/tcp", Transport::Tcp),
    ("/proc/net/tcp6", Transport::Tcp),
    ("/proc/net/udp", Transport::Udp),
    ("/proc/net/udp6", Transport::Udp),
];

#[derive(Debug, Default)]
pub(super) struct Ports {
    rows: Vec<Port>,
    looked: Option<Instant>,
    sent: Option<Vec<Port>>,
    /// When each datagram port from the clients' range was first seen.
    passing: BTreeMap<u16, Instant>,
}

type Open = BTreeMap<(Transport, u16), Reach>;

impl Ports {
    pub(super) fn look(&mut self, now: Instant) {
        if self
            .looked
            .is_none_or(|looked| now.saturating_duration_since(looked) >= PERIOD)
        {
            self.looked = Some(now);
            let open = self.without_passing(open(), &clients(), now);
            self.rows = chosen(open);
        }
    }

    pub(super) fn due(&self) -> Option<Vec<Port>> {
        (self.sent.as_ref() != Some(&self.rows)).then(|| self.rows.clone())
    }

    pub(super) fn sent(&mut self, list: Option<&[Port]>) {
        if let Some(list) = list {
            self.sent = Some(list.to_vec());
        }
    }

    fn without_passing(
        &mut self,
        mut open: Open,
        clients: &RangeInclusive<u16>,
        now: Instant,
    ) -> Open {
        self.passing
            .retain(|number, _| open.contains_key(&(Transport::Udp, *number)));
        open.retain(|(transport, number), _| {
            if *transport == Transport::Tcp || !clients.contains(number) {
                return true;
            }
            let first = *self.passing.entry(*number).or_insert(now);
            now.saturating_duration_since(first) >= SETTLED
        });
        open
    }
}

/// If there are too many, those that others can reach matter more.
fn chosen(open: Open) -> Vec<Port> {
    let port = |((transport, number), reach)| Port {
        transport,
        number,
        reach,
    };
    let mut ports: Vec<_> = open.into_iter().map(port).collect();
    ports.sort_by_key(|port| (std::cmp::Reverse(port.reach), port.number));
    ports.truncate(limits::PORTS);
    ports.sort();
    ports
}

fn open() -> Open {
    let mut open = Open::new();
    for (path, transport) in TABLES {
        // A kernel without IPv6 has no table of it.
        let Ok(table) = File::open(path) else {
            continue;
        };
        let lines = BufReader::new(std::io::Read::take(table, TABLE_BYTES))
            .lines()
            .map_while(Result::ok);
        for (number, reach) in lines
            .take(LINES)
            .filter_map(|line| parsed(&line, transport))
        {
            let known = open.entry((transport, number)).or_insert(reach);
            *known = reach.max(*known);
        }
    }
    open
}

/// `SLOT: ADDRESS:PORT REMOTE:PORT STATE …` in hexadecimal.
fn parsed(line: &str, transport: Transport) -> Option<(u16, Reach)> {
    let mut fields = line.split_whitespace().skip(1);
    let (local, _remote, state) = (fields.next()?, fields.next()?, fields.next()?);
    let listening = match transport {
        Transport::Tcp => TCP_LISTEN,
        Transport::Udp => UDP_UNCONNECTED,
    };
    let (ip, port) = local.split_once(':').filter(|_| state == listening)?;
    let number = u16::from_str_radix(port, 16)
        .ok()
        .filter(|number| *number > 0)?;
    let reach = if address(ip)?.is_loopback() {
        Reach::Loopback
    } else {
        Reach::Network
    };
    Some((number, reach))
}

/// The kernel prints each word of an address in the byte order of the machine.
fn address(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        u32::from_str_radix(hex.get(at..at + 8)?, 16)
            .ok()
            .map(u32::to_ne_bytes)
    };
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let mut bytes = [0; 16];
            for (index, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(index * 8)?);
            }
            Some(Ipv6Addr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

/// The ports that the kernel gives to clients.
fn clients() -> RangeInclusive<u16> {
    let text = host::text("/proc/sys/net/ipv4/ip_local_port_range");
    let mut bounds = text
        .split_whitespace()
        .map_while(|bound| bound.parse().ok());
    bounds.next().unwrap_or(32_768)..=bounds.next().unwrap_or(60_999)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn a_listening_line_gives_its_port_and_reach() {
        let tcp = |local: &str, state: &str| {
            parsed(
                &format!("   0: {local} 00000000:0000 {state} 00000000:00000000"),
                Transport::Tcp,
            )
        };
        assert_eq!(
            tcp(&v4([0, 0, 0, 0], 0x1F90), "0A"),
            Some((8080, Reach::Network))
        );
        assert_eq!(
            tcp(&v4([127, 0, 0, 53], 53), "0A"),
            Some((53, Reach::Loopback))
        );
        assert_eq!(tcp(&v4([0, 0, 0, 0], 80), "01"), None);
        assert_eq!(
            tcp(&v6(Ipv6Addr::LOCALHOST, 22), "0A"),
            Some((22, Reach::Loopback))
        );
        assert_eq!(
            tcp(&v6(Ipv4Addr::LOCALHOST.to_ipv6_mapped(), 22), "0A"),
            Some((22, Reach::Loopback))
        );
        assert_eq!(
            tcp(&v6(Ipv6Addr::UNSPECIFIED, 22), "0A"),
            Some((22, Reach::Network))
        );
        for broken in ["", "zz", "0000000:0050", "é0000000:0050"] {
            assert_eq!(tcp(broken, "0A"), None, "{broken}");
        }
    }

    #[test]
    fn sockets_of_this_process_are_found() {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port =
            |address: std::io::Result<std::net::SocketAddr>| address.expect("it is bound").port();
        let open = open();
        assert_eq!(
            open.get(&(Transport::Tcp, port(tcp.local_addr()))),
            Some(&Reach::Loopback)
        );
        assert_eq!(
            open.get(&(Transport::Udp, port(udp.local_addr()))),
            Some(&Reach::Loopback)
        );
    }

    #[test]
    fn a_datagram_port_of_a_client_counts_only_when_it_stays() {
        let mut ports = Ports::default();
        let open = || {
            Open::from([
                ((Transport::Udp, 40_000), Reach::Network),
                ((Transport::Udp, 53), Reach::Network),
            ])
        };
        let start = Instant::now();
        let mut seen = |open: Open, after: Duration| {
            ports
                .without_passing(open, &(32_768..=60_999), start + after)
                .contains_key(&(Transport::Udp, 40_000))
        };
        assert!(!seen(open(), Duration::ZERO));
        assert!(seen(open(), SETTLED));
        assert!(!seen(Open::new(), SETTLED));
        assert!(!seen(open(), SETTLED));
    }

    #[test]
    fn among_too_many_those_that_others_reach_stay() {
        let loopback = (1..100).map(|number| ((Transport::Tcp, number), Reach::Loopback));
        let mut open: Open = loopback.collect();
        open.insert((Transport::Udp, 60_000), Reach::Network);
        let ports = chosen(open);
        assert_eq!(ports.len(), limits::PORTS);
        assert!(ports.contains(&Port {
            transport: Transport::Udp,
            number: 60_000,
            reach: Reach::Network
        }));
    }

    fn v4(octets: [u8; 4], port: u16) -> String {
        format!("{:08X}:{port:04X}", u32::from_ne_bytes(octets))
    }

    fn v6(address: Ipv6Addr, port: u16) -> String {
        let word = |chunk: &[u8]| u32::from_ne_bytes(chunk.try_into().expect("four bytes"));
        let words: String = address
            .octets()
            .chunks(4)
            .map(|chunk| format!("{:08X}", word(chunk)))
            .collect();
        format!("{words}:{port:04X}")
    }
}
