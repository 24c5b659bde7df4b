//! Access tokens for programs: JSON Web Tokens (RFC 7519) with one algorithm, one type and one key, as RFC 8725 asks.
//!
//! Nothing is ever chosen by what a token says of itself: its header has to be, byte for byte, the one that this
//! coordinator writes, so that no other algorithm, key or type has a way in.

use std::fmt;
use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How long an access token is good.
pub const LIFE: Duration = Duration::from_secs(15 * 60);
/// How long a chain of refresh tokens goes on.
pub const GRANT: Duration = Duration::from_secs(30 * 86_400);
/// Bytes of a token that is looked at.
pub const TOKEN_BYTES: usize = 2 * 1024;
/// For whom these tokens are.
pub const AUDIENCE: &str = "palisade-api";
/// How far clocks may be apart: one machine writes and reads them.
const LEEWAY: Duration = Duration::from_secs(5);

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// Whose account it is.
    pub sub: String,
    pub role: String,
    /// Seconds since 1970.
    pub iat: u64,
    pub nbf: u64,
    pub exp: u64,
    pub jti: String,
    /// The grant that it belongs to: when that ends, so does the token.
    pub sid: String,
}

/// Why a token is not taken. Whoever sent it hears only that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JwtError {
    #[error("it has not three parts, or is too long")]
    Form,
    #[error("its header is not the one that this coordinator writes")]
    Header,
    #[error("its signature is not this coordinator's")]
    Signature,
    #[error("its claims cannot be read")]
    Claims,
    #[error("it was issued by somebody else")]
    Issuer,
    #[error("it is for somebody else")]
    Audience,
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet")]
    TooEarly,
    #[error("it would be good for longer than any that is written here")]
    TooLong,
}

/// Writes and reads the tokens of one mesh.
pub struct TokenDesk {
    key: SigningKey,
    verifying: VerifyingKey,
    header: String,
    issuer: String,
}

impl fmt::Debug for TokenDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenDesk({})", self.issuer)
    }
}

impl TokenDesk {
    pub fn new(seed: &[u8; 32], mesh: &str) -> Self {
        let key = SigningKey::from_bytes(seed);
        let verifying = key.verifying_key();
        let name = HEXLOWER.encode(&blake3::hash(verifying.as_bytes()).as_bytes()[..8]);
        let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{name}"}}"#);
        Self {
            key,
            verifying,
            header: BASE64URL_NOPAD.encode(header.as_bytes()),
            issuer: format!("palisade:{mesh}"),
        }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Claims of a token that is good from now on.
    pub fn claims(
        &self,
        (sub, role): (&str, &str),
        ids: (String, String),
        now: Timestamp,
    ) -> Claims {
        let (jti, sid) = ids;
        let now = now.as_millis() / 1000;
        Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: sub.to_owned(),
            role: role.to_owned(),
            iat: now,
            nbf: now,
            exp: now + LIFE.as_secs(),
            jti,
            sid,
        }
    }

    pub fn write(&self, claims: &Claims) -> String {
        let json = serde_json::to_vec(claims).expect("plain values always have a JSON form");
        let signed = format!("{}.{}", self.header, BASE64URL_NOPAD.encode(&json));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
    }

    /// What a token says, if it is one of ours and its time is now.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Claims, JwtError> {
        if token.len() > TOKEN_BYTES {
            return Err(JwtError::Form);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(JwtError::Form)?;
        if header != self.header {
            return Err(JwtError::Header);
        }
        self.check_signature(signed, signature)?;
        let json = BASE64URL_NOPAD
            .decode(payload.as_bytes())
            .map_err(|_| JwtError::Claims)?;
        let claims: Claims = serde_json::from_slice(&json).map_err(|_| JwtError::Claims)?;
        self.check_claims(&claims, now)?;
        Ok(claims)
    }

    fn check_signature(&self, signed: &str, signature: &str) -> Result<(), JwtError> {
        let bytes = BASE64URL_NOPAD
            .decode(signature.as_bytes())
            .map_err(|_| JwtError::Signature)?;
        let signature = Signature::from_slice(&bytes).map_err(|_| JwtError::Signature)?;
        self.verifying
            .verify_strict(signed.as_bytes(), &signature)
            .map_err(|_| JwtError::Signature)
    }

    fn check_claims(&self, claims: &Claims, now: Timestamp) -> Result<(), JwtError> {
        let now = now.as_millis() / 1000;
        if claims.iss != self.issuer {
            return Err(JwtError::Issuer);
        }
        if claims.aud != AUDIENCE {
            return Err(JwtError::Audience);
        }
        if now >= claims.exp {
            return Err(JwtError::Expired);
        }
        if now.saturating_add(LEEWAY.as_secs()) < claims.nbf.max(claims.iat) {
            return Err(JwtError::TooEarly);
        }
        if claims.exp.saturating_sub(claims.iat) > LIFE.as_secs() {
            return Err(JwtError::TooLong);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
