//! RFC 5425: syslog over TLS, where somebody asks for it.
//!
//! TLS hides the lines and proves whom a device speaks to. Who speaks is proven where `syslog_clients` names whose
//! certificates are taken: one that is in the name of a device speaks for that device alone, one that is in a name of
//! `syslog_relays` says of each line whose it is, and nobody else is heard. Without that the lines say how they came, as
//! those over UDP do.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use logs::frame::{Frame, Frames};
use logs::line::Line;
use protocol::id::DeviceId;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use super::Logbook;
use super::arriving::{self, Arriving, GATHER};
use crate::live::{Live, LiveDevice, LiveHandle, State};
use crate::tls;

/// Connections at once, and of one address.
const CONNECTIONS: usize = 256;
const OF_ONE: usize = 8;
/// A handshake takes no longer, and a connection that says nothing is closed after so long.
const HANDSHAKE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(600);
/// Lines of one connection within a second; it waits with the rest.
const PER_SECOND: usize = 200;
/// So many lines at most are stored together.
const TOGETHER: usize = 500;
/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;

/// What a listener hands to each connection.
#[derive(Debug, Clone)]
pub struct Desk {
    pub logbook: Logbook,
    pub live: LiveHandle,
    /// Names in certificates whose holders may speak for every device.
    pub relays: Arc<[String]>,
    pub stopping: CancellationToken,
}

/// Who is on the other end, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sender {
    /// No certificate was asked for.
    Unproven(IpAddr),
    /// The name in a certificate that `syslog_clients` vouches for.
    Named(String),
}

/// Connections by address.
type Seats = Arc<Mutex<BTreeMap<IpAddr, usize>>>;

/// One of them, given back when it ends.
#[derive(Debug)]
struct Seat(Seats, IpAddr);

/// Binds, and takes lines until the coordinator stops; hands out the address that was bound.
pub async fn listen(
    desk: Desk,
    address: SocketAddr,
    certificate: &Path,
    clients: Option<&Path>,
) -> anyhow::Result<SocketAddr> {
    let config = config(certificate, clients)?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("syslog_tls: cannot listen on {address}"))?;
    let bound = listener.local_addr()?;
    let proven = clients.is_some();
    info!(%bound, proven, "listening for syslog over TLS");
    let (folder, of) = (certificate.to_owned(), clients.map(Path::to_owned));
    let again = move || self::config(&folder, of.as_deref());
    let served = Served {
        config,
        looked: Instant::now(),
        again: Box::new(again),
    };
    tokio::spawn(accept(desk, listener, served, proven));
    Ok(bound)
}

/// The coordinator's own certificate; the other side's is asked for where it is said whose are taken.
fn config(certificate: &Path, clients: Option<&Path>) -> anyhow::Result<Arc<ServerConfig>> {
    let (chain, key) =
        tls::pair(certificate).context("syslog_tls: the certificate cannot be used")?;
    let builder = ServerConfig::builder();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let wrong = || {
                format!(
                    "syslog_clients: {} has to hold certificates as PEM",
                    path.display()
                )
            };
            let mut trusted = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(path).with_context(wrong)? {
                trusted
                    .add(certificate.with_context(wrong)?)
                    .with_context(wrong)?;
            }
            let verifier = WebPkiClientVerifier::builder(Arc::new(trusted)).build();
            builder.with_client_cert_verifier(verifier.with_context(wrong)?)
        }
    };
    Ok(Arc::new(builder.with_single_cert(chain, key)?))
}

/// What is served, read again from time to time: the certificate of our own is renewed while the coordinator runs.
struct Served {
    config: Arc<ServerConfig>,
    looked: Instant,
    again: Box<dyn Fn() -> anyhow::Result<Arc<ServerConfig>> + Send + Sync>,
}

impl Served {
    fn present(&mut self) -> TlsAcceptor {
        if self.looked.elapsed() >= tls::LOOKED_AT {
            self.looked = Instant::now();
            match (self.again)() {
                Ok(config) => self.config = config,
                Err(error) => warn!(%error, "the certificate that lies there is not served"),
            }
        }
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

async fn accept(desk: Desk, listener: TcpListener, mut served: Served, proven: bool) {
    let seats = Seats::default();
    loop {
        let accepted = tokio::select! {
            () = desk.stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many files are open, say: it is tried again when some are closed.
                debug!(%error, "a connection for syslog is not taken");
                tokio::time::sleep(GATHER).await;
                continue;
            }
        };
        let Some(seat) = Seat::take(&seats, from.ip()) else {
            debug!(%from, "too many connections for syslog");
            continue;
        };
        let (desk, tls) = (desk.clone(), served.present());
        tokio::spawn(async move {
            let stopping = desk.stopping.clone();
            tokio::select! {
                () = stopping.cancelled() => {}
                () = serve(desk, tls, stream, from.ip(), proven) => {}
            }
            drop(seat);
        });
    }
}

impl Seat {
    fn take(seats: &Seats, address: IpAddr) -> Option<Self> {
        let mut taken = seats.lock().unwrap_or_else(PoisonError::into_inner);
        let full = taken.values().sum::<usize>() >= CONNECTIONS;
        let own = taken.get(&address).copied().unwrap_or_default();
        if full || own >= OF_ONE {
            return None;
        }
        taken.insert(address, own + 1);
        Some(Self(Arc::clone(seats), address))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.1) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.1);
            }
        }
    }
}

async fn serve(desk: Desk, tls: TlsAcceptor, stream: TcpStream, from: IpAddr, proven: bool) {
    let greeted = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await;
    let stream = match greeted {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return debug!(%from, %error, "no TLS for syslog"),
        Err(_) => return debug!(%from, "a handshake for syslog that takes too long"),
    };
    let sender = match (proven, named(&stream)) {
        (false, _) => Sender::Unproven(from),
        (true, Some(name)) => Sender::Named(name),
        (true, None) => return warn!(%from, "a certificate for syslog that names nobody"),
    };
    if let Err(error) = read(&desk, stream, &sender).await {
        debug!(%from, %error, "a connection for syslog ended");
    }
}

/// The first DNS name in the other side's certificate, or its common name.
fn named(stream: &TlsStream<TcpStream>) -> Option<String> {
    let (_, session) = stream.get_ref();
    let first = session.peer_certificates()?.first()?;
    let (_, certificate) = X509Certificate::from_der(first).ok()?;
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let named = alternatives.and_then(|names| {
        names
            .value
            .general_names
            .iter()
            .find_map(|name| match name {
                GeneralName::DNSName(name) => Some((*name).to_owned()),
                _ => None,
            })
    });
    let common = || {
        let name = certificate.subject().iter_common_name().next()?;
        name.as_str().ok().map(str::to_owned)
    };
    named.or_else(common)
}

/// Reads until the other side ends or says what is none; what is whole is stored either way.
async fn read(
    desk: &Desk,
    mut stream: TlsStream<TcpStream>,
    sender: &Sender,
) -> anyhow::Result<()> {
    let (mut frames, mut piece) = (Frames::default(), vec![0; PIECE]);
    let mut waiting = Arriving::over("TLS");
    let (mut second, mut lines) = (tokio::time::Instant::now(), 0_usize);
    loop {
        let quiet = if waiting.is_empty() { IDLE } else { GATHER };
        let count = match tokio::time::timeout(quiet, stream.read(&mut piece)).await {
            Ok(count) => count.unwrap_or(0),
            Err(_) if waiting.is_empty() => return Ok(()),
            Err(_) => {
                waiting.store(&desk.logbook).await;
                continue;
            }
        };
        let mut read = Vec::new();
        let fed = frames.feed(&piece[..count], |frame| read.push(frame));
        lines += read.len();
        for frame in read {
            match whose(desk, &desk.live.borrow(), frame, sender) {
                Some((device, line)) => waiting.put(device, line),
                None => debug!(?sender, "a message that is no line of a device"),
            }
        }
        if count == 0 || fed.is_err() || waiting.count() >= TOGETHER {
            waiting.store(&desk.logbook).await;
        }
        if count == 0 {
            return Ok(());
        }
        fed?;
        // What is not read waits on the other side: a flood of one fills nobody's memory.
        let due = second + Duration::from_millis(1_000 * lines as u64 / PER_SECOND as u64);
        if lines >= PER_SECOND {
            waiting.store(&desk.logbook).await;
            tokio::time::sleep_until(due).await;
            (second, lines) = (tokio::time::Instant::now(), 0);
        }
    }
}

/// A line, and whose it is: the certificate's device, or the one that the line names.
fn whose(desk: &Desk, live: &Live, frame: Frame, sender: &Sender) -> Option<(DeviceId, Line)> {
    let Frame::Message(bytes) = frame else {
        return None;
    };
    let mut line = arriving::message(&bytes)?;
    let host = line.host.clone();
    let named = || device(live, host.as_deref()?);
    let (device, came_by) = match sender {
        Sender::Unproven(from) => (named()?, format!("TLS from {from}, unproven")),
        Sender::Named(name) if desk.relays.contains(name) => {
            (named()?, format!("TLS, through {name}"))
        }
        Sender::Named(name) => (
            device(live, name)?,
            format!("TLS, by the certificate of {name}"),
        ),
    };
    line.note("came_by", &came_by);
    Some((device.device, line))
}

/// The device of this id or name; one that was retired does not speak any more.
fn device<'l>(live: &'l Live, word: &str) -> Option<&'l LiveDevice> {
    arriving::named(live, word).filter(|one| one.state != State::Retired)
}
