//! Passkeys (Web Authentication, level 3): what a browser hands over is read here and held against what was asked.
//!
//! Only what a login rests on is read. Attestation is neither asked for nor looked at, extensions are passed over, and two
//! kinds of keys are taken.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use protocol::text::Name;
use protocol::time::Timestamp;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use authenticator::{AuthenticatorData, Use};
use challenge::ChallengeError;
use key::PublicKey;

pub mod authenticator;
pub mod challenge;
pub mod key;

/// Bytes of a credential's id at most (Web Authentication, section 5.8.3).
pub const ID_BYTES: usize = 1_023;
/// Bytes by which an authenticator knows an account.
pub const USER_BYTES: usize = 32;

/// Where passkeys are made and used: browsers bind them to a name, and never to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The relying party's id: the host of the address bar.
    pub name: String,
    /// What browsers call the page: scheme, host and port.
    origin: String,
}

/// What a browser hands over to show a passkey.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub id: Octets,
    client: Octets,
    authenticator: Octets,
    signature: Octets,
    user: Octets,
}

/// What a browser hands over when it has made one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    client: Octets,
    authenticator: Octets,
}

/// Bytes, as scripts write them: base 64 for URLs, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octets(Vec<u8>);

/// What a good answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub challenge: Vec<u8>,
    /// How often the authenticator has signed; always 0 for those that do not count.
    pub count: u32,
}

/// A credential that was made for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: Vec<u8>,
    pub key: PublicKey,
    pub proof: Proof,
}

/// Why what a browser handed over is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasskeyError {
    #[error("what the browser sent cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("it answers another kind of question")]
    Kind,
    #[error("it was given to another site")]
    Origin,
    #[error("it was given inside a page of another site")]
    Framed,
    #[error("it belongs to another name")]
    Site,
    #[error("nobody was there")]
    NotPresent,
    #[error("the authenticator has not made sure who was there")]
    NotVerified,
    #[error("the key is of a kind that is not taken: ES256 and EdDSA are")]
    Algorithm,
    #[error("the signature does not fit")]
    Signature,
    #[error("it belongs to another person")]
    User,
    #[error(transparent)]
    Challenge(#[from] ChallengeError),
}

/// The members of the client data that decide something; others may be there (section 5.8.1).
#[derive(Deserialize)]
struct Client {
    #[serde(rename = "type")]
    kind: String,
    challenge: Octets,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<String>,
}

impl Site {
    /// The site of a request for this host, if that is one of the names under which people open the pages.
    pub fn of(host: &str, names: &BTreeSet<String>) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &host,
        };
        if name.parse::<IpAddr>().is_ok() || !names.contains(name) {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            origin: format!("https://{host}"),
        })
    }
}

impl Answer {
    pub fn read(text: &str) -> Result<Self, PasskeyError> {
        serde_json::from_str(text).map_err(|_| PasskeyError::Unreadable("the answer"))
    }

    /// Whether it is of the person to whom the passkey was given.
    pub fn is_of(&self, user: &[u8]) -> Result<(), PasskeyError> {
        if self.user.0 == user {
            Ok(())
        } else {
            Err(PasskeyError::User)
        }
    }

    /// Holds the answer against the site and the key (section 7.2); the challenge and the count are for the caller to judge.
    pub fn verify(&self, site: &Site, key: &PublicKey) -> Result<Proof, PasskeyError> {
        let client = Client::read(&self.client.0)?;
        client.is_for(site, "webauthn.get")?;
        let said = AuthenticatorData::read(&self.authenticator.0, Use::Shown)?;
        said.is_for(site)?;
        let mut signed = self.authenticator.0.clone();
        signed.extend_from_slice(digest(&SHA256, &self.client.0).as_ref());
        key.verify(&signed, &self.signature.0)?;
        Ok(Proof {
            challenge: client.challenge.0,
            count: said.count,
        })
    }
}

impl Made {
    pub fn read(text: &str) -> Result<Self, PasskeyError> {
        serde_json::from_str(text).map_err(|_| PasskeyError::Unreadable("the answer"))
    }

    /// Holds what was made against the site (section 7.1). Nothing signs it: who is logged in vouches for it.
    pub fn verify(&self, site: &Site) -> Result<Credential, PasskeyError> {
        let client = Client::read(&self.client.0)?;
        client.is_for(site, "webauthn.create")?;
        let said = AuthenticatorData::read(&self.authenticator.0, Use::Made)?;
        said.is_for(site)?;
        let (id, key) = said.credential.ok_or(PasskeyError::Unreadable("no key"))?;
        Ok(Credential {
            id,
            key,
            proof: Proof {
                challenge: client.challenge.0,
                count: said.count,
            },
        })
    }
}

impl Client {
    fn read(bytes: &[u8]) -> Result<Self, PasskeyError> {
        serde_json::from_slice(bytes).map_err(|_| PasskeyError::Unreadable("the client data"))
    }

    fn is_for(&self, site: &Site, kind: &str) -> Result<(), PasskeyError> {
        if self.kind != kind {
            return Err(PasskeyError::Kind);
        }
        if self.origin != site.origin {
            return Err(PasskeyError::Origin);
        }
        if self.cross_origin || self.top_origin.is_some() {
            return Err(PasskeyError::Framed);
        }
        Ok(())
    }
}

/// By what authenticators know an account: nothing of its name can be read from it, and all of its passkeys have the same.
pub fn user(secret: &[u8; 32], name: &Name, created: Timestamp) -> [u8; USER_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key("palisade 2026 passkey user");
    hasher.update(secret);
    hasher.update(&created.as_millis().to_be_bytes());
    hasher.update(name.as_str().as_bytes());
    *hasher.finalize().as_bytes()
}

impl Octets {
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Octets {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Display for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
        bytes.map(Self).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({})", self.id)
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Made({} bytes)", self.authenticator.0.len())
    }
}
