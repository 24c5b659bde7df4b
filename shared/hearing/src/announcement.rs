//! What a frame or a datagram announces, chosen by its ports: one place that knows which parser reads what.

use std::net::{IpAddr, Ipv6Addr};

use crate::dhcp;
use crate::dns;
use crate::frame::{Arp, Frame, Icmp, IcmpVersion, Net, Transport};
use crate::igmp::Membership;
use crate::mac::Mac;
use crate::netbios;
use crate::ssdp;
use crate::tls::Hello;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    Arp(Arp),
    /// An IPv6 neighbour says where it is (RFC 4861 §4.3, §4.4).
    Neighbour {
        mac: Mac,
        address: Ipv6Addr,
    },
    Dhcp(Box<dhcp::Message>),
    Dns(Dialect, dns::Message),
    Ssdp(ssdp::Message),
    Igmp(Membership),
    Tls(Box<Hello>),
}

/// Which of the formats that look like DNS it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    Unicast,
    Multicast,
    Llmnr,
    NetBios,
}

impl Announcement {
    /// `None` for what announces nothing, and for what does not have the form that its port promises.
    pub fn of(frame: &Frame<'_>) -> Option<Self> {
        let ip = match &frame.net {
            Net::Arp(arp) => return Some(Self::Arp(*arp)),
            Net::Ip(ip) => ip,
            Net::Other => return None,
        };
        match &ip.transport {
            Transport::Udp(udp) => Self::of_datagram(udp.source, udp.destination, udp.payload),
            Transport::Tcp(tcp) => {
                let hello = Hello::read(tcp.payload).ok()?;
                Some(Self::Tls(Box::new(hello)))
            }
            Transport::Igmp(message) => Membership::read(message).map(Self::Igmp),
            Transport::Icmp(icmp) => neighbour(icmp, ip.source),
            Transport::Other => None,
        }
    }

    /// The same for a datagram that a socket received.
    pub fn of_datagram(source: u16, destination: u16, payload: &[u8]) -> Option<Self> {
        let on = |port| source == port || destination == port;
        let dialect = match () {
            () if on(dhcp::SERVER_PORT) || on(dhcp::CLIENT_PORT) => {
                let message = dhcp::Message::read(payload).ok()?;
                return Some(Self::Dhcp(Box::new(message)));
            }
            () if on(ssdp::PORT) => return ssdp::Message::read(payload).map(Self::Ssdp),
            () if on(dns::MULTICAST_PORT) => Dialect::Multicast,
            () if on(dns::LLMNR_PORT) => Dialect::Llmnr,
            () if on(netbios::PORT) => Dialect::NetBios,
            () if on(dns::PORT) => Dialect::Unicast,
            () => return None,
        };
        let message = dns::Message::read(payload).ok()?;
        Some(Self::Dns(dialect, message))
    }
}

/// A solicitation names its sender's hardware, an advertisement its target's; both may leave it out.
fn neighbour(icmp: &Icmp<'_>, source: IpAddr) -> Option<Announcement> {
    const SOLICITATION: u8 = 135;
    const ADVERTISEMENT: u8 = 136;
    let (option, address) = match (icmp.version, icmp.kind, source) {
        (IcmpVersion::Six, SOLICITATION, IpAddr::V6(source)) => (1, source),
        (IcmpVersion::Six, ADVERTISEMENT, _) => {
            (2, Ipv6Addr::from(*icmp.rest.get(4..)?.first_chunk::<16>()?))
        }
        _ => return None,
    };
    let mut options = icmp.rest.get(20..)?;
    while let [kind, units, ..] = options {
        let (value, rest) = options.split_at_checked(usize::from(*units) * 8)?;
        if *kind == option {
            let mac = Mac(*value.get(2..)?.first_chunk()?);
            let is_sound = mac.is_device() && !address.is_unspecified();
            return is_sound.then_some(Announcement::Neighbour { mac, address });
        }
        // A length of zero would never end (RFC 4861 §4.6).
        if value.is_empty() {
            return None;
        }
        options = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn advertisement(option: &[u8]) -> Vec<u8> {
        [&[0x60, 0, 0, 0][..], &[0xfe; 16], option].concat()
    }

    fn heard(rest: &[u8]) -> Option<Announcement> {
        let icmp = Icmp {
            version: IcmpVersion::Six,
            kind: 136,
            code: 0,
            rest,
        };
        neighbour(&icmp, IpAddr::V6(Ipv6Addr::LOCALHOST))
    }

    #[test]
    fn an_advertisement_ties_an_address_to_hardware() {
        let mac = Mac([0, 1, 2, 3, 4, 5]);
        let address = Ipv6Addr::from([0xfe; 16]);
        let rest = advertisement(&[2, 1, 0, 1, 2, 3, 4, 5]);
        assert_eq!(heard(&rest), Some(Announcement::Neighbour { mac, address }));
        assert_eq!(heard(&advertisement(&[9, 0, 2, 1, 0, 1, 2, 3])), None);
        assert_eq!(heard(&advertisement(&[2, 1, 0])), None);
        assert_eq!(heard(&[]), None);
    }

    proptest! {
        #[test]
        fn no_datagram_breaks_it(port in 0usize..7, payload in proptest::collection::vec(any::<u8>(), 0..300)) {
            let port = [53, 67, 137, 1900, 5353, 5355, 80][port];
            let _any = Announcement::of_datagram(port, 9, &payload);
            let _any = heard(&payload);
        }
    }
}
