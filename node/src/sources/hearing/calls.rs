//! What is sent to a device to see whether it is there: an ARP request, or an echo request.

use std::io;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use protocol::heard::Mac;

pub(super) const BROADCAST: Mac = Mac([0xff; 6]);

/// An ARP request (RFC 826) for whoever has an address. To a device that is known it goes to that device alone, as
/// RFC 1122 §2.3.2.1 has it for entries that are to be validated, so that nobody else is disturbed.
pub(super) fn arp_request(own: Mac, own_address: Ipv4Addr, to: Mac, asked: Ipv4Addr) -> Vec<u8> {
    let mut frame = Vec::with_capacity(60);
    frame.extend(to.0);
    frame.extend(own.0);
    // ARP, for IPv4 over Ethernet: a request.
    frame.extend([0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01]);
    frame.extend(own.0);
    frame.extend(own_address.octets());
    frame.extend([0; 6]);
    frame.extend(asked.octets());
    frame.resize(60, 0);
    frame
}

/// A socket for echo requests: raw with `CAP_NET_RAW`, or the one that Linux gives to groups in
/// `net.ipv4.ping_group_range` (icmp(7)).
#[derive(Debug)]
pub(super) struct Echo {
    pub(super) socket: UdpSocket,
    sequence: u16,
}

impl Echo {
    pub(super) fn open() -> io::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let open = |kind| socket(AddressFamily::Inet, kind, flags, SockProtocol::Icmp);
        let socket = open(SockType::Raw).or_else(|_| open(SockType::Datagram))?;
        Ok(Self {
            socket: UdpSocket::from(socket),
            sequence: 0,
        })
    }

    pub(super) fn ask(&mut self, address: Ipv4Addr) -> io::Result<usize> {
        self.sequence = self.sequence.wrapping_add(1);
        self.socket
            .send_to(&echo_request(self.sequence), (address, 0))
    }

    /// Who has answered since the last look; requests that come here are passed over.
    pub(super) fn answers(&self) -> Vec<IpAddr> {
        const ANSWERS: usize = 256;
        let mut buffer = [0; 256];
        let mut answers = Vec::new();
        while answers.len() < ANSWERS
            && let Ok((length, from)) = self.socket.recv_from(&mut buffer)
        {
            if is_answer(&buffer[..length]) {
                answers.push(from.ip());
            }
        }
        answers
    }
}

/// RFC 792: kind 8, and a checksum over all of it.
fn echo_request(sequence: u16) -> [u8; 16] {
    let [high, low] = sequence.to_be_bytes();
    let mut message = [
        8, 0, 0, 0, 0x70, 0x61, high, low, b'p', b'a', b'l', b'i', b's', b'a', b'd', b'e',
    ];
    let sum: u32 = message
        .chunks_exact(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
        .sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    let [high, low] = (!(folded as u16)).to_be_bytes();
    (message[2], message[3]) = (high, low);
    message
}

/// A raw socket gives the IP header as well, which begins with its version.
fn is_answer(bytes: &[u8]) -> bool {
    let message = match bytes.first() {
        Some(first) if first >> 4 == 4 => bytes.get(usize::from(first & 0x0f) * 4..),
        _ => Some(bytes),
    };
    message.is_some_and(|message| message.first() == Some(&0) && message.len() >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearing::capture::Link;
    use hearing::frame::{ArpOperation, Frame, Net};

    #[test]
    fn an_arp_request_is_read_as_one() {
        let (own, to) = (Mac([2, 0, 0, 0, 0, 1]), Mac([2, 0, 0, 0, 0, 9]));
        let (here, asked) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 9));
        let bytes = arp_request(own, here, to, asked);
        let frame = Frame::read(Link::Ethernet, &bytes).expect("it is a frame");
        assert_eq!(frame.destination.map(|mac| mac.0), Some(to.0));
        let Net::Arp(arp) = frame.net else {
            panic!("it is ARP");
        };
        assert_eq!(arp.operation, ArpOperation::Request);
        assert_eq!((arp.sender.0, arp.sender_address), (own.0, here));
        assert_eq!(arp.target_address, asked);
    }

    #[test]
    fn an_echo_request_adds_up_and_is_no_answer() {
        let message = echo_request(0x1234);
        let sum: u32 = message
            .chunks_exact(2)
            .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
            .sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
        assert!(!is_answer(&message));
        let mut reply = message;
        reply[0] = 0;
        assert!(is_answer(&reply));
        let packet = [&[0x45][..], &[0; 19], &reply].concat();
        assert!(is_answer(&packet));
        assert!(!is_answer(&[]) && !is_answer(&[0x4f]));
    }
}
