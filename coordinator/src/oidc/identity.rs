//! Reads an ID token (OpenID Connect Core, 3.1.3.7): signed by a key that the provider publishes, for this client, for this
//! login, and now.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use data_encoding::BASE64URL_NOPAD;
use protocol::time::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// Bytes of a token that is looked at.
const TOKEN_BYTES: usize = 32 * 1024;
/// Keys that are looked at.
const KEYS: usize = 32;
/// Groups that are taken.
const GROUPS: usize = 256;
/// How far the provider's clock may be off, in seconds.
const LEEWAY_S: u64 = 30;

/// Who somebody is, by the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What the provider never gives to somebody else.
    pub subject: String,
    pub name: String,
    pub groups: Vec<String>,
}

/// What a token has to be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub nonce: &'a str,
    pub now: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    #[error("the ID token has not three parts, or is too long")]
    Form,
    #[error("the ID token is signed with {0}: this coordinator takes RS256, ES256 and EdDSA")]
    Algorithm(String),
    #[error("no key that the provider publishes has signed the ID token")]
    Signature,
    #[error("the claims of the ID token cannot be read")]
    Claims,
    #[error("the ID token was issued by somebody else")]
    Issuer,
    #[error("the ID token is for another client")]
    Audience,
    #[error("the ID token is not of this login")]
    Nonce,
    #[error("the ID token has expired")]
    Expired,
    #[error("the ID token is from the future: compare the clocks")]
    Future,
    #[error("the ID token lacks the claim {0}")]
    Missing(String),
}

/// The keys that a provider publishes (RFC 7517).
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// What may sign: no algorithm without a key pair is among them, so that no published key can be taken for a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

/// Reads a token; the names are those of the claims that hold the name and the groups.
pub fn read(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
    (name_claim, groups_claim): (&str, &str),
) -> Result<Identity, IdentityError> {
    if token.len() > TOKEN_BYTES {
        return Err(IdentityError::Form);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(IdentityError::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(IdentityError::Form)?;
    check_signature(header, signed, signature, keys)?;
    let claims: Map<String, Value> = part(payload).ok_or(IdentityError::Claims)?;
    check_claims(&claims, expected)?;
    let text = |claim: &str| {
        let text = claims.get(claim).and_then(Value::as_str);
        let text = text.filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| IdentityError::Missing(claim.to_owned()))
    };
    let groups = claims.get(groups_claim).and_then(Value::as_array);
    let groups = groups.into_iter().flatten().take(GROUPS);
    Ok(Identity {
        subject: text("sub")?,
        name: text(name_claim)?,
        groups: groups
            .filter_map(|group| group.as_str().map(str::to_owned))
            .collect(),
    })
}

fn part<T: for<'d> Deserialize<'d>>(text: &str) -> Option<T> {
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    serde_json::from_slice(&json).ok()
}

fn check_signature(
    header: &str,
    signed: &str,
    signature: &str,
    keys: &Keys,
) -> Result<(), IdentityError> {
    let header: Header = part(header).ok_or(IdentityError::Form)?;
    let algorithm = match header.alg.as_str() {
        "RS256" => Algorithm::Rs256,
        "ES256" => Algorithm::Es256,
        "EdDSA" => Algorithm::EdDsa,
        other => return Err(IdentityError::Algorithm(other.chars().take(16).collect())),
    };
    if header.crit.is_some() {
        return Err(IdentityError::Form);
    }
    let signature = BASE64URL_NOPAD
        .decode(signature.as_bytes())
        .map_err(|_| IdentityError::Signature)?;
    let mut fitting = keys
        .keys
        .iter()
        .take(KEYS)
        .filter(|key| key.fits(algorithm, &header));
    let signed_by = |key: &Key| key.has_signed(algorithm, signed.as_bytes(), &signature);
    if fitting.any(|key| signed_by(key).is_some()) {
        Ok(())
    } else {
        Err(IdentityError::Signature)
    }
}

impl Key {
    /// The key decides what it signs with, and the token which of them: both have to agree.
    fn fits(&self, algorithm: Algorithm, header: &Header) -> bool {
        let (kty, crv) = match algorithm {
            Algorithm::Rs256 => ("RSA", None),
            Algorithm::Es256 => ("EC", Some("P-256")),
            Algorithm::EdDsa => ("OKP", Some("Ed25519")),
        };
        self.kty == kty
            && self.crv.as_deref() == crv
            && self
                .purpose
                .as_deref()
                .is_none_or(|purpose| purpose == "sig")
            && self.alg.as_ref().is_none_or(|alg| *alg == header.alg)
            && (header.kid.is_none() || self.kid == header.kid)
    }

    fn has_signed(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Option<()> {
        let bytes = |part: &Option<String>| {
            let text = part.as_ref()?;
            BASE64URL_NOPAD.decode(text.as_bytes()).ok()
        };
        match algorithm {
            Algorithm::Rs256 => {
                let (n, e) = (bytes(&self.n)?, bytes(&self.e)?);
                let key = RsaPublicKeyComponents { n: &n, e: &e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
                    .ok()
            }
            Algorithm::Es256 => {
                let mut point = vec![4];
                point.extend(bytes(&self.x)?);
                point.extend(bytes(&self.y)?);
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed, signature).ok()
            }
            Algorithm::EdDsa => {
                let key = UnparsedPublicKey::new(&ED25519, bytes(&self.x)?);
                key.verify(signed, signature).ok()
            }
        }
    }
}

fn check_claims(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), IdentityError> {
    let text = |claim: &str| claims.get(claim).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(IdentityError::Issuer);
    }
    let alone = text("aud") == Some(expected.client);
    let among = claims.get("aud").and_then(Value::as_array);
    let among = among.is_some_and(|all| {
        let named = all.iter().any(|one| one.as_str() == Some(expected.client));
        named && (all.len() == 1 || text("azp") == Some(expected.client))
    });
    if !(alone || among) {
        return Err(IdentityError::Audience);
    }
    if text("azp").is_some_and(|party| party != expected.client) {
        return Err(IdentityError::Audience);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(IdentityError::Nonce);
    }
    let second = |claim: &str| {
        let second = claims.get(claim).and_then(Value::as_u64);
        second.ok_or_else(|| IdentityError::Missing(claim.to_owned()))
    };
    let now = expected.now.as_millis() / 1000;
    if now >= second("exp")?.saturating_add(LEEWAY_S) {
        return Err(IdentityError::Expired);
    }
    if second("iat")? > now.saturating_add(LEEWAY_S) {
        return Err(IdentityError::Future);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW_S: u64 = 1_795_254_000;
    const NAMES: (&str, &str) = ("preferred_username", "groups");

    fn expected() -> Expected<'static> {
        Expected {
            issuer: "https://id.example",
            client: "palisade",
            nonce: "once",
            now: Timestamp::from_millis(NOW_S * 1000),
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn keys() -> Keys {
        let x = BASE64URL_NOPAD.encode(key().verifying_key().as_bytes());
        let published = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "a", "use": "sig", "x": x},
            {"kty": "OKP", "crv": "Ed25519", "kid": "enc", "use": "enc", "x": x},
        ]});
        serde_json::from_value(published).expect("keys")
    }

    fn claims() -> Value {
        json!({"iss": "https://id.example", "aud": "palisade", "nonce": "once", "sub": "u1",
            "exp": NOW_S + 300, "iat": NOW_S, "preferred_username": "dara", "groups": ["staff", 7]})
    }

    fn signed(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = key().sign(signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
    }

    fn with(claim: &str, value: Value) -> String {
        let mut changed = claims();
        changed[claim] = value;
        signed(&json!({"alg": "EdDSA", "kid": "a"}), &changed)
    }

    #[test]
    fn an_identity_is_read_from_what_the_provider_has_signed() {
        let token = signed(&json!({"alg": "EdDSA", "kid": "a"}), &claims());
        let identity = read(&token, &keys(), &expected(), NAMES).expect("in order");
        assert_eq!(
            (identity.subject.as_str(), identity.name.as_str()),
            ("u1", "dara")
        );
        assert_eq!(identity.groups, ["staff"]);
        let several = with("aud", json!(["palisade"]));
        assert!(read(&several, &keys(), &expected(), NAMES).is_ok());
    }

    #[test]
    fn what_is_not_for_this_login_is_refused_with_its_reason() {
        let header = json!({"alg": "EdDSA", "kid": "a"});
        let good = signed(&header, &claims());
        let parts: Vec<&str> = good.split('.').collect();
        let unsigned = |alg: &str| {
            let header = BASE64URL_NOPAD.encode(json!({"alg": alg}).to_string().as_bytes());
            format!("{header}.{}.", parts[1])
        };
        use IdentityError as E;
        let vectors = [
            ("none", unsigned("none"), E::Algorithm("none".into())),
            ("HS256", unsigned("HS256"), E::Algorithm("HS256".into())),
            ("RS256 for an EdDSA key", unsigned("RS256"), E::Signature),
            (
                "no signature",
                format!("{}.{}.", parts[0], parts[1]),
                E::Signature,
            ),
            (
                "a key for something else",
                signed(&json!({"alg": "EdDSA", "kid": "enc"}), &claims()),
                E::Signature,
            ),
            (
                "no such key",
                signed(&json!({"alg": "EdDSA", "kid": "b"}), &claims()),
                E::Signature,
            ),
            (
                "crit",
                signed(
                    &json!({"alg": "EdDSA", "kid": "a", "crit": ["x"]}),
                    &claims(),
                ),
                E::Form,
            ),
            (
                "issuer",
                with("iss", json!("https://evil.example")),
                E::Issuer,
            ),
            ("audience", with("aud", json!("other")), E::Audience),
            (
                "two audiences without azp",
                with("aud", json!(["palisade", "other"])),
                E::Audience,
            ),
            ("azp", with("azp", json!("other")), E::Audience),
            ("nonce", with("nonce", json!("twice")), E::Nonce),
            ("no nonce", with("nonce", Value::Null), E::Nonce),
            ("expired", with("exp", json!(NOW_S - 60)), E::Expired),
            ("future", with("iat", json!(NOW_S + 600)), E::Future),
            (
                "no expiry",
                with("exp", Value::Null),
                E::Missing("exp".into()),
            ),
            (
                "no subject",
                with("sub", json!("")),
                E::Missing("sub".into()),
            ),
            (
                "no name",
                with("preferred_username", Value::Null),
                E::Missing("preferred_username".into()),
            ),
            ("two parts", "a.b".into(), E::Form),
        ];
        for (what, token, why) in vectors {
            assert_eq!(
                read(&token, &keys(), &expected(), NAMES),
                Err(why),
                "{what}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_of_identities_panic(text in ".{0,300}") {
            prop_assert!(read(&text, &keys(), &expected(), NAMES).is_err());
        }
    }
}
