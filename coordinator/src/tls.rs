//! The certificate that browsers see: self-signed, pinned by the charter.

use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, KeyPair};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::secrets::{SecretError, write_private};

#[derive(Debug, Error)]
pub enum TlsError {
    #[error("the certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// Writes a fresh key and certificate for this host; returns SHA-256 of the certificate.
pub fn create(dir: &Path) -> Result<[u8; 32], TlsError> {
    let key = KeyPair::generate()?;
    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    names.extend(host_name());
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Palisade coordinator");
    let certificate = params.self_signed(&key)?;
    write_private(&key_path(dir), key.serialize_pem().as_bytes())?;
    write_private(&certificate_path(dir), certificate.pem().as_bytes())?;
    Ok(Sha256::digest(certificate.der()).into())
}

pub fn key_path(dir: &Path) -> PathBuf {
    dir.join("people.key")
}

pub fn certificate_path(dir: &Path) -> PathBuf {
    dir.join("people.crt")
}

/// The host's name, if it is one that a certificate can carry.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_owned();
    let plain = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.');
    (plain && !name.is_empty() && name != "localhost").then_some(name)
}
