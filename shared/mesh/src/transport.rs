//! TCP, Noise, admission, Yamux: the one way in which members talk, and why it failed when it did.

use std::{error::Error, io, sync::Arc, time::Duration};

use libp2p::{
    Multiaddr, PeerId, Transport as _,
    core::{
        muxing::StreamMuxerBox,
        transport::{
            Boxed,
            timeout::{TransportTimeout, TransportTimeoutError},
        },
        upgrade::{NegotiationError, Version},
    },
    identity::Keypair,
    multiaddr::Protocol,
    noise, tcp, yamux,
};

use crate::{
    Gate, Unreachable,
    admission::{Admission, AdmissionError},
    limits::{CONNECT_TIMEOUT, MAX_STREAMS},
    quiet::QuietYamux,
};

/// TCP did not connect. Its cause is kept as a source, because the layers above show sources only.
#[derive(Debug, thiserror::Error)]
#[error("TCP did not connect")]
struct ConnectFault(#[source] io::Error);

pub(crate) fn build(
    identity: &Keypair,
    gate: Arc<dyn Gate>,
    patience: Duration,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error> {
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let tcp = TransportTimeout::with_outgoing_timeout(tcp, CONNECT_TIMEOUT).map_err(connect_fault);
    let noise = noise::Config::new(identity)?;
    let mut yamux = yamux::Config::default();
    yamux.set_max_num_streams(MAX_STREAMS);
    Ok(tcp
        .upgrade(Version::V1)
        .authenticate(Admission {
            noise,
            gate,
            patience,
        })
        .multiplex(QuietYamux(yamux))
        .timeout(CONNECT_TIMEOUT + patience)
        .boxed())
}

/// Reads `ip:port` or a multiaddress.
pub(crate) fn address(text: &str) -> Option<Multiaddr> {
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(Multiaddr::from(socket.ip()).with(Protocol::Tcp(socket.port())));
    }
    text.parse().ok()
}

/// Finds a typed cause below the boxes and layers of libp2p.
pub(crate) fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        at = below(error);
    }
    None
}

/// The reason that the caller sees for a transport that failed without a refusal.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> Unreachable {
    if let Some(kind) = io_kind(error) {
        return kind;
    }
    if let Some(AdmissionError::Noise(_) | AdmissionError::ForeignKey) = cause(error) {
        return Unreachable::Foreign;
    }
    if cause::<NegotiationError>(error).is_some() {
        return Unreachable::Foreign;
    }
    Unreachable::TimedOut
}

fn connect_fault(error: TransportTimeoutError<io::Error>) -> ConnectFault {
    ConnectFault(match error {
        TransportTimeoutError::Timeout => io::ErrorKind::TimedOut.into(),
        TransportTimeoutError::TimerError(error) | TransportTimeoutError::Other(error) => error,
    })
}

/// The first I/O error that says something: libp2p boxes everything else into kind `Other`.
fn io_kind(error: &(dyn Error + 'static)) -> Option<Unreachable> {
    let mut at = Some(error);
    while let Some(error) = at {
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            None | Some(io::ErrorKind::Other) => at = below(error),
            Some(io::ErrorKind::TimedOut) => return Some(Unreachable::TimedOut),
            Some(kind) => return Some(Unreachable::Io(kind)),
        }
    }
    None
}

/// An `io::Error` hides the error it carries from `source`.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(carried) => Some(carried),
        None => error.source(),
    }
}
