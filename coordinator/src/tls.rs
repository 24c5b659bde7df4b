//! The certificate that browsers see: self-signed, for the names under which people look here. The charter pins its key.

mod serving;
mod validity;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, PublicKeyData as _,
};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;

use crate::addresses::advertised;
use crate::config::Config;
use crate::secrets::{SecretError, write_private};

pub use serving::{Served, ServingError, follow, pair, serving};
pub use validity::LOOKED_AT;

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
    /// It names what it has to name, and holds for a while.
    Fits,
    /// The same key has a new certificate, for these names.
    Renewed(BTreeSet<String>),
    /// Somebody put another certificate there; it is left alone.
    Foreign,
}

/// Writes a fresh key and a certificate for it at `now_s` (Unix time); returns SHA-256 of the public key.
pub fn create(dir: &Path, names: &BTreeSet<String>, now_s: u64) -> Result<[u8; 32], TlsError> {
    let key = KeyPair::generate()?;
    let certificate = certify(&key, names, now_s)?;
    write_private(&key_path(dir), key.serialize_pem().as_bytes())?;
    write_private(&certificate_path(dir), certificate.as_bytes())?;
    Ok(Sha256::digest(key.subject_public_key_info()).into())
}

/// Makes a new certificate under the same key where the present one names other hosts, ends soon, or holds longer than
/// browsers take.
pub fn renew(dir: &Path, names: &BTreeSet<String>, now_s: u64) -> Result<Renewal, TlsError> {
    let (key_path, path) = (key_path(dir), certificate_path(dir));
    match own(&read(&path)?, now_s) {
        None => return Ok(Renewal::Foreign),
        Some(present) if present.holds && present.names == *names => return Ok(Renewal::Fits),
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
    write_private(&fresh, certify(&key, names, now_s)?.as_bytes())?;
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

fn certify(key: &KeyPair, names: &BTreeSet<String>, now_s: u64) -> Result<String, TlsError> {
    let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
    params
        .distinguished_name
        .push(DnType::CommonName, COMMON_NAME);
    validity::bound(&mut params, now_s);
    // With these come the identifiers of the key and of the key that signed, RFC 5280 sections 4.2.1.1 and 4.2.1.2.
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params.self_signed(key)?.pem())
}

/// What a certificate of our own says.
struct Own {
    names: BTreeSet<String>,
    holds: bool,
}

/// Reads a certificate of our own; nothing for one of somebody else.
fn own(pem: &str, now_s: u64) -> Option<Own> {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).ok()?;
    let certificate = pem.parse_x509().ok()?;
    if !is_our_own(&certificate) {
        return None;
    }
    let names = certificate.subject_alternative_name().ok()??;
    let names: Option<_> = names.value.general_names.iter().map(word).collect();
    Some(Own {
        names: names?,
        holds: validity::holds(&certificate, now_s),
    })
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

    /// 28 November 2026.
    const NOW: u64 = 1_795_824_000;
    const DAY: u64 = 86_400;

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
        let pin = create(dir.path(), &before, NOW).expect("an empty folder");
        assert_eq!(
            pin,
            <[u8; 32]>::from(Sha256::digest(public_key(dir.path())))
        );
        assert_eq!(
            renew(dir.path(), &before, NOW).expect("it is there"),
            Renewal::Fits
        );
        let after = named(&["localhost", "hub.example", "192.0.2.8"]);
        let renewed = renew(dir.path(), &after, NOW).expect("it is there");
        assert_eq!(renewed, Renewal::Renewed(after.clone()));
        assert_eq!(
            renew(dir.path(), &after, NOW).expect("it is there"),
            Renewal::Fits
        );
        assert_eq!(
            pin,
            <[u8; 32]>::from(Sha256::digest(public_key(dir.path())))
        );
    }

    fn days(dir: &Path) -> (i64, i64) {
        let text = read(&certificate_path(dir)).expect("it was written");
        let (_, pem) = parse_x509_pem(text.as_bytes()).expect("it is PEM");
        let certificate = pem.parse_x509().expect("it is a certificate");
        let (from, until) = (
            certificate.validity().not_before.timestamp(),
            certificate.validity().not_after.timestamp(),
        );
        let now = i64::try_from(NOW).expect("small");
        ((now - from) / 86_400, (until - from) / 86_400)
    }

    #[test]
    fn a_certificate_holds_for_397_days_and_names_the_key_that_signed_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let names = named(&["localhost"]);
        create(dir.path(), &names, NOW + 3_600).expect("an empty folder");
        assert_eq!(days(dir.path()), (1, 397));
        let text = read(&certificate_path(dir.path())).expect("it was written");
        let (_, pem) = parse_x509_pem(text.as_bytes()).expect("it is PEM");
        let certificate = pem.parse_x509().expect("it is a certificate");
        let identifiers: Vec<_> = certificate
            .extensions()
            .iter()
            .filter_map(|extension| match extension.parsed_extension() {
                x509_parser::extensions::ParsedExtension::AuthorityKeyIdentifier(by) => {
                    by.key_identifier.as_ref().map(|by| by.0.to_vec())
                }
                x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier(of) => {
                    Some(of.0.to_vec())
                }
                _ => None,
            })
            .collect();
        assert_eq!(identifiers.len(), 2);
        assert_eq!(identifiers[0], identifiers[1], "it has signed itself");
        certificate
            .verify_signature(None)
            .expect("its own signature");
    }

    #[test]
    fn a_certificate_is_replaced_before_it_ends_and_the_key_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let names = named(&["localhost"]);
        let pin = create(dir.path(), &names, NOW).expect("an empty folder");
        let renewed = |now_s| renew(dir.path(), &names, now_s).expect("it is there");
        assert_eq!(renewed(NOW + 335 * DAY), Renewal::Fits);
        assert_eq!(
            renewed(NOW + 337 * DAY),
            Renewal::Renewed(names.clone()),
            "59 days are left"
        );
        assert_eq!(renewed(NOW + 337 * DAY), Renewal::Fits);
        // A clock that was ahead has made one that does not hold yet.
        assert_eq!(renewed(NOW), Renewal::Renewed(names.clone()));
        assert_eq!(renewed(u64::MAX), Renewal::Renewed(names.clone()));
        let key = public_key(dir.path());
        assert_eq!(pin, <[u8; 32]>::from(Sha256::digest(key)));
    }

    #[test]
    fn a_certificate_of_a_former_release_that_holds_for_two_thousand_years_is_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let names = named(&["localhost"]);
        create(dir.path(), &names, NOW).expect("an empty folder");
        let key = KeyPair::from_pem(&read(&key_path(dir.path())).expect("it is there"));
        let key = key.expect("a key");
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params
            .distinguished_name
            .push(DnType::CommonName, COMMON_NAME);
        let former = params.self_signed(&key).expect("it is made").pem();
        fs::write(certificate_path(dir.path()), former).expect("the folder is ours");
        let renewed = renew(dir.path(), &names, NOW).expect("it is there");
        assert_eq!(renewed, Renewal::Renewed(names));
        assert_eq!(days(dir.path()).1, 397);
    }

    #[test]
    fn a_certificate_of_somebody_else_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        create(dir.path(), &named(&["localhost"]), NOW).expect("an empty folder");
        let theirs = rcgen::generate_simple_self_signed(vec!["hub.example".to_owned()]);
        let theirs = theirs.expect("a sound name").cert.pem();
        fs::write(certificate_path(dir.path()), &theirs).expect("the folder is ours");
        let renewal = renew(dir.path(), &named(&["other.example"]), NOW).expect("it can be read");
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
