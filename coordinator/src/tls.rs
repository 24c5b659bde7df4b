//! The certificate that browsers see: self-signed, for the names under which people look here. The charter pins its key.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData as _};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;

use crate::addresses::advertised;
use crate::config::Config;
use crate::secrets::{SecretError, write_private};

/// By this a certificate of our own is known from one that somebody has put in its place.
const COMMON_NAME: &str = "Palisade coordinator";

#[derive(Debug, Error)]
pub enum TlsError {
    #[error("the certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("cannot {act} {path}", path = path.display())]
    Io {
        act: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

/// What became of the certificate at a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    /// It names what it has to name.
    Fits,
    /// The same key has a new certificate, for these names.
    Renewed(BTreeSet<String>),
    /// Somebody put another certificate there; it is left alone.
    Foreign,
}

/// Writes a fresh key and a certificate for it; returns SHA-256 of the public key.
pub fn create(dir: &Path, names: &BTreeSet<String>) -> Result<[u8; 32], TlsError> {
    let key = KeyPair::generate()?;
    let certificate = certify(&key, names)?;
    write_private(&key_path(dir), key.serialize_pem().as_bytes())?;
    write_private(&certificate_path(dir), certificate.as_bytes())?;
    Ok(Sha256::digest(key.subject_public_key_info()).into())
}

/// Makes a new certificate under the same key where the present one names other hosts.
pub fn renew(dir: &Path, names: &BTreeSet<String>) -> Result<Renewal, TlsError> {
    let (key_path, path) = (key_path(dir), certificate_path(dir));
    match names_of(&read(&path)?) {
        None => return Ok(Renewal::Foreign),
        Some(present) if present == *names => return Ok(Renewal::Fits),
        Some(_) => {}
    }
    let key = KeyPair::from_pem(&read(&key_path)?)?;
    let fresh = path.with_extension("new");
    let io = |act| {
        let path = path.clone();
        move |source| TlsError::Io { act, path, source }
    };
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io("replace")(error)),
        _ => {}
    }
    write_private(&fresh, certify(&key, names)?.as_bytes())?;
    fs::rename(&fresh, &path).map_err(io("replace"))?;
    Ok(Renewal::Renewed(names.clone()))
}

/// When the certificate of the pages ends, in seconds of Unix time.
pub fn expires(dir: &Path) -> Option<u64> {
    let pem = read(&certificate_path(dir)).ok()?;
    let (_, pem) = parse_x509_pem(pem.as_bytes()).ok()?;
    let certificate = pem.parse_x509().ok()?;
    u64::try_from(certificate.validity().not_after.timestamp()).ok()
}

/// The names under which people open the pages.
pub fn names(config: &Config) -> BTreeSet<String> {
    let fixed = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let address = advertised::outward_of(config.people.ip()).to_string();
    fixed
        .into_iter()
        .chain([address])
        .chain(host_name())
        .chain(config.people_names.iter().map(|name| normal(name)))
        .collect()
}

pub fn key_path(dir: &Path) -> PathBuf {
    dir.join("people.key")
}

pub fn certificate_path(dir: &Path) -> PathBuf {
    dir.join("people.crt")
}

fn certify(key: &KeyPair, names: &BTreeSet<String>) -> Result<String, TlsError> {
    let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
    params
        .distinguished_name
        .push(DnType::CommonName, COMMON_NAME);
    Ok(params.self_signed(key)?.pem())
}

/// What a certificate of our own names; nothing for one of somebody else.
fn names_of(pem: &str) -> Option<BTreeSet<String>> {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).ok()?;
    let certificate = pem.parse_x509().ok()?;
    if !is_our_own(&certificate) {
        return None;
    }
    let names = certificate.subject_alternative_name().ok()??;
    names.value.general_names.iter().map(word).collect()
}

fn is_our_own(certificate: &X509Certificate<'_>) -> bool {
    let mut names = certificate.subject().iter_common_name();
    certificate.subject() == certificate.issuer()
        && names.any(|name| name.as_str().is_ok_and(|name| name == COMMON_NAME))
}

fn word(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

/// Addresses in the one way in which a certificate gives them back.
fn normal(name: &str) -> String {
    name.parse::<IpAddr>()
        .map_or_else(|_| name.to_ascii_lowercase(), |address| address.to_string())
}

fn read(path: &Path) -> Result<String, TlsError> {
    fs::read_to_string(path).map_err(|source| TlsError::Io {
        act: "read",
        path: path.to_owned(),
        source,
    })
}

/// The host's name, if it is one that a certificate can carry.
fn host_name() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_ascii_lowercase();
    is_host_name(&name).then_some(name)
}

pub(crate) fn is_host_name(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    !name.is_empty() && name.len() <= 253 && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn public_key(dir: &Path) -> Vec<u8> {
        let text = read(&certificate_path(dir)).expect("it was written");
        let (_, pem) = parse_x509_pem(text.as_bytes()).expect("it is PEM");
        let certificate = pem.parse_x509().expect("it is a certificate");
        certificate.public_key().raw.to_vec()
    }

    #[test]
    fn a_certificate_names_what_is_configured_and_follows_it_under_the_same_key() {
        let dir = tempfile::tempdir().expect("a folder");
        let before = named(&["localhost", "192.0.2.7", "2001:db8::7"]);
        let pin = create(dir.path(), &before).expect("an empty folder");
        assert_eq!(
            pin,
            <[u8; 32]>::from(Sha256::digest(public_key(dir.path())))
        );
        assert_eq!(
            renew(dir.path(), &before).expect("it is there"),
            Renewal::Fits
        );
        let after = named(&["localhost", "hub.example", "192.0.2.8"]);
        let renewed = renew(dir.path(), &after).expect("it is there");
        assert_eq!(renewed, Renewal::Renewed(after.clone()));
        assert_eq!(
            renew(dir.path(), &after).expect("it is there"),
            Renewal::Fits
        );
        assert_eq!(
            pin,
            <[u8; 32]>::from(Sha256::digest(public_key(dir.path())))
        );
    }

    #[test]
    fn a_certificate_of_somebody_else_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        create(dir.path(), &named(&["localhost"])).expect("an empty folder");
        let theirs = rcgen::generate_simple_self_signed(vec!["hub.example".to_owned()]);
        let theirs = theirs.expect("a sound name").cert.pem();
        fs::write(certificate_path(dir.path()), &theirs).expect("the folder is ours");
        let renewal = renew(dir.path(), &named(&["other.example"])).expect("it can be read");
        assert_eq!(renewal, Renewal::Foreign);
        assert_eq!(
            read(&certificate_path(dir.path())).expect("it is there"),
            theirs
        );
    }

    #[test]
    fn names_come_from_the_settings_in_one_form() {
        let config = Config {
            people: "192.0.2.7:8443".parse().expect("an address"),
            people_names: vec!["Hub.Example".to_owned(), "2001:DB8:0::7".to_owned()],
            ..Config::default()
        };
        let names = names(&config);
        for name in ["localhost", "192.0.2.7", "hub.example", "2001:db8::7"] {
            assert!(names.contains(name), "{name} is missing in {names:?}");
        }
    }
}
