//! How what stands in the certificate's folder is served: to browsers and programs by TLS 1.3 alone, to devices without
//! a node by TLS 1.2 too, because small ones have nothing newer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

static NEWEST: &[&SupportedProtocolVersion] = &[&TLS13];
static NEWER: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
/// What listeners offer, the first first: without it nobody speaks HTTP/2.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

#[derive(Debug, Error)]
pub enum ServingError {
    #[error("cannot read {path}: it has to hold PEM as `init` wrote it", path = path.display())]
    Pem { path: PathBuf, source: PemError },
    #[error("certificate and key do not serve TLS together")]
    Pair(#[from] rustls::Error),
}

/// Who is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// Browsers and programs: all of this decade know TLS 1.3 (RFC 8446).
    People,
    /// Devices without a node.
    Devices,
}

impl Served {
    fn versions(self) -> &'static [&'static SupportedProtocolVersion] {
        match self {
            Self::People => NEWEST,
            Self::Devices => NEWER,
        }
    }
}

/// Reads certificate and key of a folder.
pub fn serving(dir: &Path, served: Served) -> Result<RustlsConfig, ServingError> {
    Ok(RustlsConfig::from_config(Arc::new(config(dir, served)?)))
}

/// Serves by another certificate as soon as one lies in the folder, until the coordinator stops.
pub async fn follow(dir: PathBuf, served: Served, tls: RustlsConfig, stopping: CancellationToken) {
    let mut known = bytes(&dir);
    let mut look = tokio::time::interval(super::LOOKED_AT);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = look.tick() => {}
        }
        match reload(&dir, served, &tls, &mut known) {
            Ok(true) => info!(?served, "another certificate is served"),
            Ok(false) => {}
            Err(error) => warn!(%error, "the certificate that lies there is not served"),
        }
    }
}

/// Takes up what lies in the folder where it is not what is known; one that cannot be used is tried once.
fn reload(
    dir: &Path,
    served: Served,
    tls: &RustlsConfig,
    known: &mut Option<[Vec<u8>; 2]>,
) -> Result<bool, ServingError> {
    let found = bytes(dir);
    if found == *known {
        return Ok(false);
    }
    *known = found;
    tls.reload_from_config(Arc::new(config(dir, served)?));
    Ok(true)
}

fn bytes(dir: &Path) -> Option<[Vec<u8>; 2]> {
    let certificate = std::fs::read(super::certificate_path(dir)).ok()?;
    let key = std::fs::read(super::key_path(dir)).ok()?;
    Some([certificate, Sha256::digest(key).to_vec()])
}

/// Certificate and key as they lie in a folder.
pub fn pair(
    dir: &Path,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), ServingError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| ServingError::Pem { path, source }
    };
    let (certificate, key) = (super::certificate_path(dir), super::key_path(dir));
    let chain: Vec<_> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(unreadable(&certificate))?;
    if chain.is_empty() {
        return Err(unreadable(&certificate)(PemError::NoItemsFound));
    }
    let secret = PrivateKeyDer::from_pem_file(&key).map_err(unreadable(&key))?;
    Ok((chain, secret))
}

fn config(dir: &Path, served: Served) -> Result<ServerConfig, ServingError> {
    let (chain, secret) = pair(dir)?;
    let mut config = ServerConfig::builder_with_protocol_versions(served.versions())
        .with_no_client_auth()
        .with_single_cert(chain, secret)?;
    // The strongest first, whatever a browser says first.
    config.ignore_client_order = true;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConnection};

    use super::*;

    /// The client of a handshake asks the real clock.
    fn now_s() -> u64 {
        mesh::wall().as_millis() / 1000
    }

    #[test]
    fn a_renewed_certificate_is_served_without_a_start() {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let home = tempfile::tempdir().expect("a temporary directory");
        let names = BTreeSet::from(["localhost".to_owned()]);
        crate::tls::create(home.path(), &names, now_s()).expect("a certificate");
        let tls = serving(home.path(), Served::People).expect("it is served");
        let (before, mut known) = (tls.get_inner(), bytes(home.path()));
        let mut look = || reload(home.path(), Served::People, &tls, &mut known);
        assert!(!look().expect("nothing is new"));
        crate::tls::renew(home.path(), &names, now_s() + 390 * 86_400).expect("it is renewed");
        assert!(look().expect("it is taken up"));
        assert!(!Arc::ptr_eq(&before, &tls.get_inner()));
        let renewed = tls.get_inner();
        std::fs::write(crate::tls::certificate_path(home.path()), "nonsense").expect("written");
        assert!(look().is_err(), "what is no certificate is not served");
        assert!(Arc::ptr_eq(&renewed, &tls.get_inner()));
    }

    /// Passes what both say to each other until nobody has more to say.
    fn greet(
        served: Served,
        version: &'static SupportedProtocolVersion,
    ) -> Result<(), rustls::Error> {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let home = tempfile::tempdir().expect("a temporary directory");
        let names = BTreeSet::from(["localhost".to_owned()]);
        crate::tls::create(home.path(), &names, now_s()).expect("a certificate");
        let config = config(home.path(), served).expect("it is read");
        let mut trusted = RootCertStore::empty();
        let path = crate::tls::certificate_path(home.path());
        let own = CertificateDer::from_pem_file(path).expect("the certificate");
        trusted.add(own).expect("it is one");
        let client = ClientConfig::builder_with_protocol_versions(&[version])
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let name = "localhost".try_into().expect("a name");
        let mut client = ClientConnection::new(Arc::new(client), name)?;
        let mut server = ServerConnection::new(Arc::new(config))?;
        while client.is_handshaking() || server.is_handshaking() {
            let mut bytes = Vec::new();
            client.write_tls(&mut bytes).expect("a buffer takes all");
            server.read_tls(&mut bytes.as_slice()).expect("all is read");
            server.process_new_packets()?;
            let mut bytes = Vec::new();
            server.write_tls(&mut bytes).expect("a buffer takes all");
            client.read_tls(&mut bytes.as_slice()).expect("all is read");
            client.process_new_packets()?;
        }
        Ok(())
    }

    #[test]
    fn people_are_served_by_tls_1_3_alone() {
        assert_eq!(greet(Served::People, &TLS13), Ok(()));
        let refused = greet(Served::People, &TLS12);
        assert!(refused.is_err(), "a browser of 2012 is let in");
    }

    /// ASVS 5.0, 12.1.2. All of them have forward secrecy and authenticate what they encrypt.
    #[test]
    fn only_strong_suites_are_offered_and_the_strongest_first() {
        use rustls::CipherSuite::*;
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let home = tempfile::tempdir().expect("a temporary directory");
        let names = BTreeSet::from(["localhost".to_owned()]);
        crate::tls::create(home.path(), &names, now_s()).expect("a certificate");
        let strong = [
            TLS13_AES_256_GCM_SHA384,
            TLS13_AES_128_GCM_SHA256,
            TLS13_CHACHA20_POLY1305_SHA256,
            TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ];
        for served in [Served::People, Served::Devices] {
            let config = config(home.path(), served).expect("it is read");
            let suites = &config.crypto_provider().cipher_suites;
            let offered: Vec<_> = suites
                .iter()
                .map(rustls::SupportedCipherSuite::suite)
                .collect();
            let weak: Vec<_> = offered
                .iter()
                .filter(|suite| !strong.contains(suite))
                .collect();
            assert!(weak.is_empty(), "{served:?}: {weak:?}");
            assert_eq!(offered.first(), Some(&TLS13_AES_256_GCM_SHA384));
            assert!(config.ignore_client_order, "{served:?}");
        }
    }

    #[test]
    fn devices_without_a_node_may_come_with_tls_1_2() {
        assert_eq!(greet(Served::Devices, &TLS13), Ok(()));
        assert_eq!(greet(Served::Devices, &TLS12), Ok(()));
    }

    #[test]
    fn a_file_that_is_no_certificate_is_named() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let names = BTreeSet::from(["localhost".to_owned()]);
        crate::tls::create(home.path(), &names, now_s()).expect("a certificate");
        std::fs::write(crate::tls::certificate_path(home.path()), "nonsense").expect("written");
        let error = config(home.path(), Served::People).expect_err("it is refused");
        assert!(error.to_string().contains("people.crt"), "{error}");
    }
}
