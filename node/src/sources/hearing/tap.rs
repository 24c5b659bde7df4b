//! Frames of one interface, as they pass: an AF_PACKET socket (packet(7)), which needs `CAP_NET_RAW`.

use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, recv, recvfrom,
    sendto, socket,
};

use super::cards::Card;

/// A frame that this host sent itself (`PACKET_OUTGOING`), or that was meant for another machine.
const OUTGOING: u8 = 4;
const OTHER_HOST: u8 = 3;

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

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
