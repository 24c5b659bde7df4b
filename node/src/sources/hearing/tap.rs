//! Frames of one interface, as they pass: an AF_PACKET socket (packet(7)), which needs `CAP_NET_RAW`.

use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, recv, recvfrom,
    sendto, setsockopt, socket, sockopt,
};

use tracing::debug;

use super::cards::Card;

/// A frame that this host sent itself (`PACKET_OUTGOING`), or that was meant for another machine.
const OUTGOING: u8 = 4;
const OTHER_HOST: u8 = 3;
/// Bytes that may wait in the kernel. Where segments are joined a frame has 64 KiB, of which the usual room holds three: one
/// download between two looks lost its end, and with it what was counted of it.
const ROOM: usize = 2 * 1024 * 1024;

#[derive(Debug)]
pub(in crate::sources) struct Tap {
    pub(in crate::sources) card: Card,
    socket: OwnedFd,
}

impl Tap {
    pub(in crate::sources) fn open(card: Card) -> Result<Self, Errno> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket(
            AddressFamily::Packet,
            SockType::Raw,
            flags,
            SockProtocol::EthAll,
        )?;
        // The address of the interface itself says on which one to listen; the protocol is the socket's.
        bind(socket.as_raw_fd(), &card.link)?;
        make_room(&socket);
        Ok(Self { card, socket })
    }

    /// The next frame that came from outside; `None` when there is none at the moment.
    pub(super) fn next<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        loop {
            let received = recvfrom::<LinkAddr>(self.socket.as_raw_fd(), buffer);
            let Ok((length, from)) = received else {
                return None;
            };
            let kind = from.map_or(0, |from| from.pkttype());
            if kind != OUTGOING && kind != OTHER_HOST {
                return Some(&buffer[..length]);
            }
        }
    }

    /// The next frame whoever sent it, cut to the buffer, with its whole length; `None` when there is none at the moment.
    pub(in crate::sources) fn any<'b>(&self, buffer: &'b mut [u8]) -> Option<(&'b [u8], u32)> {
        let whole = recv(self.socket.as_raw_fd(), buffer, MsgFlags::MSG_TRUNC).ok()?;
        let held = whole.min(buffer.len());
        Some((&buffer[..held], u32::try_from(whole).unwrap_or(u32::MAX)))
    }

    pub(super) fn send(&self, frame: &[u8]) -> Result<usize, Errno> {
        let to = &self.card.link;
        sendto(self.socket.as_raw_fd(), frame, to, MsgFlags::empty())
    }
}

/// With `CAP_NET_ADMIN` as much as is wanted, and without it as much as the kernel lets everybody have.
fn make_room(socket: &OwnedFd) {
    if setsockopt(socket, sockopt::RcvBufForce, &ROOM).is_err()
        && let Err(error) = setsockopt(socket, sockopt::RcvBuf, &ROOM)
    {
        debug!(%error, "a tap has the usual room only");
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use nix::ifaddrs::getifaddrs;
    use protocol::heard::Mac;

    use super::*;

    const DATAGRAM: usize = 60_000;
    const DATAGRAMS: usize = 8;

    fn loopback() -> Card {
        let mut addresses = getifaddrs().expect("the interfaces are listed");
        let link = addresses.find_map(|found| {
            let link = *found.address?.as_link_addr()?;
            (found.interface_name == "lo").then_some(link)
        });
        Card {
            name: "lo".to_owned(),
            mac: Mac([0; 6]),
            link: link.expect("there is a loopback"),
            subnets: Vec::new(),
        }
    }

    /// A node counted 402,470 of a million bytes that it had fetched: five downloads of 200,000 came in frames of 64 KiB, and the
    /// kernel had room for three of them. The frames that end a connection were lost too, so that it seemed to go on.
    #[test]
    fn a_burst_of_large_frames_waits_until_somebody_looks() {
        let Ok(tap) = Tap::open(loopback()) else {
            eprintln!("frames cannot be read here: this needs CAP_NET_RAW");
            return;
        };
        let (from, to) = (
            UdpSocket::bind("127.0.0.1:0"),
            UdpSocket::bind("127.0.0.1:0"),
        );
        let (from, to) = (from.expect("a port is free"), to.expect("a port is free"));
        let to = to.local_addr().expect("it is bound");
        let port = to.port().to_be_bytes();
        for _ in 0..DATAGRAMS {
            from.send_to(&[7; DATAGRAM], to).expect("loopback takes it");
        }
        let mut buffer = [0; 64];
        let mut seen = 0;
        while let Some((frame, whole)) = tap.any(&mut buffer) {
            let is_ours = whole as usize > DATAGRAM && frame[36..38] == port;
            seen += usize::from(is_ours);
        }
        // Each leaves and arrives.
        assert_eq!(seen, 2 * DATAGRAMS);
    }
}
