//! Keeps Yamux from measuring round trips, which would cost more than a low-power node's beats.
//!
//! Yamux sends a ping about every ten seconds on each busy connection, only to widen receive windows
//! beyond 256 KiB, and offers no switch. It sends none while one is unanswered, so the first is
//! swallowed here and windows keep their size. Pings of the peer are still answered.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{
    future::Ready,
    io::{AsyncRead, AsyncWrite},
};
use libp2p::{
    core::{
        UpgradeInfo,
        upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade},
    },
    yamux,
};

const HEADER: usize = 12;
const TAG: usize = 1;
const FLAGS_LOW: usize = 3;
const LENGTH: usize = 8;
const DATA: u8 = 0;
const PING: u8 = 2;
const SYN: u8 = 1;

/// Yamux without pings of its own.
#[derive(Clone)]
pub(crate) struct QuietYamux(pub(crate) yamux::Config);

type Muxed<T> = Ready<Result<yamux::Muxer<Quiet<T>>, io::Error>>;

impl UpgradeInfo for QuietYamux {
    type Info = <yamux::Config as UpgradeInfo>::Info;
    type InfoIter = <yamux::Config as UpgradeInfo>::InfoIter;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.protocol_info()
    }
}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> InboundConnectionUpgrade<T>
    for QuietYamux
{
    type Output = yamux::Muxer<Quiet<T>>;
    type Error = io::Error;
    type Future = Muxed<T>;

    fn upgrade_inbound(self, io: T, info: Self::Info) -> Self::Future {
        self.0.upgrade_inbound(Quiet::new(io), info)
    }
}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> OutboundConnectionUpgrade<T>
    for QuietYamux
{
    type Output = yamux::Muxer<Quiet<T>>;
    type Error = io::Error;
    type Future = Muxed<T>;

    fn upgrade_outbound(self, io: T, info: Self::Info) -> Self::Future {
        self.0.upgrade_outbound(Quiet::new(io), info)
    }
}

/// A connection below Yamux whose outgoing pings vanish.
pub(crate) struct Quiet<T> {
    io: T,
    header: [u8; HEADER],
    state: State,
}

enum State {
    /// Bytes of the next header that Yamux has handed over.
    Gathering(usize),
    /// Bytes of a gathered header that the connection has taken.
    Passing(usize),
    /// Bytes that remain of a body.
    Body(usize),
}

impl<T> Quiet<T> {
    pub(crate) fn new(io: T) -> Self {
        Self {
            io,
            header: [0; HEADER],
            state: State::Gathering(0),
        }
    }

    fn is_ping(&self) -> bool {
        self.header[TAG] == PING && self.header[FLAGS_LOW] & SYN != 0
    }

    fn after_header(&self) -> State {
        let length = self.header[LENGTH..]
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        match (self.header[TAG], length) {
            (DATA, 1..) => State::Body(length),
            _ => State::Gathering(0),
        }
    }
}

impl<T: AsyncWrite + Unpin> Quiet<T> {
    fn gather(&mut self, have: usize, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(HEADER - have);
        self.header[have..have + taken].copy_from_slice(&bytes[..taken]);
        self.state = match have + taken {
            HEADER if self.is_ping() => State::Gathering(0),
            HEADER => State::Passing(0),
            have => State::Gathering(have),
        };
        taken
    }

    fn poll_pass(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let State::Passing(passed) = self.state {
            let taken = ready!(Pin::new(&mut self.io).poll_write(cx, &self.header[passed..]))?;
            self.state = match (taken, passed + taken) {
                (0, _) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                (_, HEADER) => self.after_header(),
                (_, passed) => State::Passing(passed),
            };
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Quiet<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_pass(cx))?;
        match this.state {
            State::Gathering(have) => Poll::Ready(Ok(this.gather(have, bytes))),
            State::Body(left) => {
                let slice = &bytes[..bytes.len().min(left)];
                let taken = ready!(Pin::new(&mut this.io).poll_write(cx, slice))?;
                this.state = if taken == left {
                    State::Gathering(0)
                } else {
                    State::Body(left - taken)
                };
                Poll::Ready(Ok(taken))
            }
            State::Passing(_) => unreachable!("poll_pass leaves this state before it is ready"),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_pass(cx))?;
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_pass(cx))?;
        Pin::new(&mut this.io).poll_close(cx)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Quiet<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_read(cx, bytes)
    }
}

#[cfg(test)]
mod tests {
    use futures::{AsyncWriteExt as _, executor::block_on};

    use super::*;

    const BEAT: [u8; 15] = [0, DATA, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9];
    const RTT: [u8; 12] = [0, PING, 0, SYN, 0, 0, 0, 0, 0, 0, 0, 1];
    const PONG: [u8; 12] = [0, PING, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1];

    #[test]
    fn pings_vanish_and_everything_else_passes_however_it_is_cut() {
        let sent = [&BEAT[..], &RTT, &PONG, &BEAT, &RTT].concat();
        for cut in 1..sent.len() {
            let mut quiet = Quiet::new(Vec::new());
            block_on(async {
                for part in sent.chunks(cut) {
                    quiet
                        .write_all(part)
                        .await
                        .expect("a vector takes everything");
                }
                quiet.flush().await.expect("a vector takes everything");
            });
            assert_eq!(
                quiet.io,
                [&BEAT[..], &PONG, &BEAT].concat(),
                "cut every {cut} bytes"
            );
        }
    }
}
