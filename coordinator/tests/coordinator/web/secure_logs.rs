//! Lines over TLS: a client as others write it, certificates that prove who speaks, and streams that are none.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use coordinator::logbook::secure::{Desk, listen};
use coordinator::store::logs::StoredLine;
use coordinator::store::operators::Role;
use protocol::id::DeviceId;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::TLS12;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::mesh::device_id;
use super::rig::Rig;

const RELAY: &str = "relay.example";

/// A listener with the coordinator's own certificate, and an authority that vouches for clients.
struct Place {
    rig: Rig,
    dir: tempfile::TempDir,
    bound: SocketAddr,
}

struct Authority {
    key: KeyPair,
    params: CertificateParams,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority");
        let key = KeyPair::generate().expect("a key");
        Self { key, params }
    }

    fn pem(&self) -> String {
        let certificate = self.params.self_signed(&self.key).expect("it signs itself");
        certificate.pem()
    }

    fn vouches_for(&self, name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).expect("it signs");
        let secret = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes());
        (
            certificate.der().clone(),
            secret.expect("it was just written"),
        )
    }
}

impl Place {
    async fn open(clients: Option<&Authority>) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let (rig, dir) = (Rig::new(), tempfile::tempdir().expect("a folder"));
        let now_s = ::mesh::wall().as_millis() / 1_000;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()].into();
        coordinator::tls::create(dir.path(), &names, now_s).expect("a certificate");
        let file = clients.map(|authority| {
            let path = dir.path().join("clients.pem");
            std::fs::write(&path, authority.pem()).expect("the folder is ours");
            path
        });
        let desk = Desk {
            logbook: rig.logbook.clone(),
            live: rig.live.subscribe(),
            relays: vec![RELAY.to_owned()].into(),
            stopping: rig.stopping.clone(),
        };
        let here = "127.0.0.1:0".parse().expect("an address");
        let bound = listen(desk, here, dir.path(), file.as_deref()).await;
        let bound = bound.expect("it listens");
        Self { rig, dir, bound }
    }

    fn certificate(&self) -> PathBuf {
        coordinator::tls::certificate_path(self.dir.path())
    }

    async fn connect(
        &self,
        own: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.connect_with(rustls::ALL_VERSIONS, own).await
    }

    async fn connect_with(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        own: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut trusted = RootCertStore::empty();
        let served = CertificateDer::from_pem_file(self.certificate()).expect("a certificate");
        trusted.add(served).expect("it is one");
        let builder = ClientConfig::builder_with_protocol_versions(versions);
        let builder = builder.with_root_certificates(trusted);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(vec![certificate], key)
                .expect("they fit"),
        };
        let stream = TcpStream::connect(self.bound).await?;
        let name = "localhost".try_into().expect("a name");
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }

    fn stored(&self, device: &DeviceId) -> Vec<StoredLine> {
        self.rig
            .reader
            .log_lines(device, None, 1_000)
            .expect("it reads")
    }

    async fn until(&self, device: &DeviceId, count: usize) -> Vec<StoredLine> {
        for _ in 0..100 {
            if self.stored(device).len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.stored(device)
    }
}

fn framed(message: &str) -> Vec<u8> {
    format!("{} {message}", message.len()).into_bytes()
}

fn said(line: &StoredLine) -> (&str, &str) {
    let came_by = line.line.field("came_by").unwrap_or_default();
    (&line.line.message, came_by)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_over_tls_are_stored_and_say_that_nobody_proved_who_sent_them() {
    let place = Place::open(None).await;
    let id = device_id(1);
    let mut stream = place.connect(None).await.expect("it is let in");
    let mut bytes = framed(&format!("<38>1 - {id} sshd - - - hello\nthere"));
    bytes.extend(framed("<38>1 - nobody sshd - - - lost"));
    bytes.extend(framed("old form"));
    bytes.extend(framed(&format!(
        "<38>1 - {id} sshd - - - {}",
        "x".repeat(9_000)
    )));
    bytes.extend(framed(&format!("<38>1 - {id} sshd - - - again")));
    for piece in bytes.chunks(701) {
        stream.write_all(piece).await.expect("it is read");
        stream.flush().await.expect("it is read");
    }
    let lines = place.until(&id, 2).await;
    let all: Vec<_> = lines.iter().map(said).collect();
    let came_by = "TLS from 127.0.0.1, unproven";
    assert_eq!(all, [("again", came_by), ("hello\\x0athere", came_by)]);
}

/// Small devices have nothing newer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_with_tls_1_2_is_heard() {
    let place = Place::open(None).await;
    let id = device_id(1);
    let old = place.connect_with(&[&TLS12], None).await;
    let mut stream = old.expect("it is let in");
    let line = framed(&format!("<38>1 - {id} sshd - - - hello"));
    stream.write_all(&line).await.expect("it is read");
    stream.flush().await.expect("it is read");
    let lines = place.until(&id, 1).await;
    let all: Vec<_> = lines.iter().map(said).collect();
    assert_eq!(all, [("hello", "TLS from 127.0.0.1, unproven")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openssl_brings_five_failed_logins_and_they_are_an_alert() {
    let openssl = Path::new("/usr/bin/openssl");
    if !openssl.exists() {
        println!("skipped: no {}", openssl.display());
        return;
    }
    let place = Place::open(None).await;
    let id = device_id(1);
    let mut client = Command::new(openssl)
        .args(["s_client", "-quiet", "-verify_return_error", "-connect"])
        .arg(place.bound.to_string())
        .arg("-CAfile")
        .arg(place.certificate())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut input = client.stdin.take().expect("it is piped");
    for port in 0..5 {
        let line = format!(
            "<38>1 2026-11-27T10:00:00Z {id} sshd 4 - - Failed password for root from 203.0.113.9 port {port} ssh2"
        );
        input.write_all(&framed(&line)).expect("it reads");
    }
    input.flush().expect("it reads");
    assert_eq!(place.until(&id, 5).await.len(), 5);
    drop(input);
    client.kill().ok();
    client.wait().expect("it ends");
    let token = place.rig.token(Role::Viewer);
    let told = place.rig.get(&token, "/api/v1/alerts").await.json();
    assert_eq!(told["items"][0]["rule"], "failed_logins");
    assert_eq!(told["items"][0]["count"], 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_a_device_speaks_for_it_alone_and_one_of_a_relay_for_all() {
    let authority = Authority::new();
    let place = Place::open(Some(&authority)).await;
    let (one, two) = (device_id(1), device_id(2));
    let of_two = framed(&format!("<38>1 - {two} sshd - - - about two"));
    let own = authority.vouches_for(&one.to_string());
    let mut stream = place.connect(Some(own)).await.expect("it is let in");
    stream.write_all(&of_two).await.expect("it is read");
    let lines = place.until(&one, 1).await;
    let by = format!("TLS, by the certificate of {one}");
    assert_eq!(
        lines.iter().map(said).collect::<Vec<_>>(),
        [("about two", by.as_str())]
    );
    assert_eq!(place.stored(&two).len(), 0, "one does not speak for two");

    let relay = authority.vouches_for(RELAY);
    let mut stream = place.connect(Some(relay)).await.expect("it is let in");
    stream.write_all(&of_two).await.expect("it is read");
    let lines = place.until(&two, 1).await;
    assert_eq!(
        lines.iter().map(said).collect::<Vec<_>>(),
        [("about two", "TLS, through relay.example")]
    );

    let stranger = authority.vouches_for("somebody else");
    let mut stream = place.connect(Some(stranger)).await.expect("it is let in");
    stream.write_all(&of_two).await.expect("it is read");
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(place.stored(&two).len(), 1, "a name that is nobody's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_certificate_that_is_vouched_for_nobody_is_heard() {
    let place = Place::open(Some(&Authority::new())).await;
    let id = device_id(1);
    let line = framed(&format!("<38>1 - {id} sshd - - - hello"));
    for own in [None, Some(Authority::new().vouches_for(&id.to_string()))] {
        // In TLS 1.3 the client hears only afterwards that it is turned away.
        if let Ok(mut stream) = place.connect(own).await {
            stream.write_all(&line).await.ok();
            assert!(stream.read(&mut [0; 9]).await.is_err(), "it is turned away");
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(place.stored(&id).len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_without_lengths_ends_and_what_was_whole_before_is_stored() {
    let place = Place::open(None).await;
    let id = device_id(1);
    let mut stream = place.connect(None).await.expect("it is let in");
    let mut bytes = framed(&format!("<38>1 - {id} sshd - - - hello"));
    bytes.extend_from_slice(b"<38>1 - - - - - - no length\n");
    stream.write_all(&bytes).await.expect("it is read");
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0; 9])).await;
    assert!(!matches!(ended, Ok(Ok(1..)) | Err(_)), "the stream ends");
    assert_eq!(place.until(&id, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_has_so_many_connections_and_a_flood_waits_on_its_own_side() {
    let place = Place::open(None).await;
    let id = device_id(1);
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(place.connect(None).await.expect("it is let in"));
    }
    assert!(place.connect(None).await.is_err(), "the ninth is not");
    open.truncate(1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        place.connect(None).await.is_ok(),
        "those that ended count no more"
    );
    let flood = framed(&format!("<38>1 - {id} sshd - - - flood")).repeat(2_000);
    let began = std::time::Instant::now();
    let stream = open.first_mut().expect("one is open");
    stream.write_all(&flood).await.expect("it is read");
    stream.flush().await.expect("it is read");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let stored = place.stored(&id).len();
    let most = 200 * (began.elapsed().as_secs() as usize + 2) + 1_000;
    assert!((1..2_000).contains(&stored) && stored <= most, "{stored}");
}
