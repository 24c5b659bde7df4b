use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SEED: [u8; 32] = [3; 32];
const NOW_S: u64 = 1_795_254_000;

fn now() -> Timestamp {
    Timestamp::from_millis(NOW_S * 1000)
}

fn desk() -> TokenDesk {
    TokenDesk::new(&SEED, "mesh-one")
}

fn claims() -> Claims {
    let ids = ("one".to_owned(), "grant".to_owned());
    desk().claims(("ada", "operator"), ids, now())
}

fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// Signed with the right key, whatever the header says.
fn signed(header: &Value, claims: &Value) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = SigningKey::from_bytes(&SEED).sign(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
}

/// With the header that the desk writes.
fn with(change: impl FnOnce(&mut Claims)) -> String {
    let mut claims = claims();
    change(&mut claims);
    desk().write(&claims)
}

fn hs256(key: &[u8], signed: &str) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("any length of key");
    mac.update(signed.as_bytes());
    BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
}

#[test]
fn a_token_of_ours_is_read_until_it_expires() {
    let token = desk().write(&claims());
    assert_eq!(desk().read(&token, now()), Ok(claims()));
    let last = now().saturating_add(LIFE - Duration::from_secs(1));
    assert_eq!(desk().read(&token, last), Ok(claims()));
    let over = now().saturating_add(LIFE);
    assert_eq!(desk().read(&token, over), Err(JwtError::Expired));
}

/// The vectors of RFC 8725 and of the ways in which libraries were deceived.
#[test]
fn jwt_negative_vectors() {
    let good = desk().write(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let payload = parts[1];
    let body = serde_json::to_value(claims()).expect("plain values");
    let kid = |kid: &str| json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
    let public = SigningKey::from_bytes(&SEED).verifying_key();
    let confused = |alg: &str| {
        let header = part(&json!({"alg": alg, "typ": "at+jwt"}));
        let signed = format!("{header}.{payload}");
        format!("{signed}.{}", hs256(public.as_bytes(), &signed))
    };
    let kept_header = format!("{}.{payload}", parts[0]);
    let other = TokenDesk::new(&[4; 32], "mesh-one");
    let none = part(&json!({"alg": "none", "typ": "at+jwt"}));
    let vectors: Vec<(&str, String, JwtError)> = vec![
        ("empty", String::new(), JwtError::Form),
        ("two parts", kept_header.clone(), JwtError::Form),
        (
            "four parts",
            format!("{good}.{payload}"),
            JwtError::Signature,
        ),
        (
            "endless",
            format!("{good}{}", "A".repeat(TOKEN_BYTES)),
            JwtError::Form,
        ),
        (
            "none, unsigned",
            format!("{none}.{payload}."),
            JwtError::Header,
        ),
        (
            "none, the signature of another",
            format!("{none}.{payload}.{}", parts[2]),
            JwtError::Header,
        ),
        (
            "None in another case",
            format!("{}.{payload}.", part(&json!({"alg": "nOnE"}))),
            JwtError::Header,
        ),
        (
            "no signature",
            format!("{kept_header}."),
            JwtError::Signature,
        ),
        (
            "HS256 with the public key",
            confused("HS256"),
            JwtError::Header,
        ),
        (
            "HS512 with the public key",
            confused("HS512"),
            JwtError::Header,
        ),
        (
            "our header, HMAC with the public key",
            format!("{kept_header}.{}", hs256(public.as_bytes(), &kept_header)),
            JwtError::Signature,
        ),
        (
            "kid as a path",
            signed(&kid("../../../../dev/null"), &body),
            JwtError::Header,
        ),
        (
            "kid as a query",
            signed(&kid("x' UNION SELECT 'key"), &body),
            JwtError::Header,
        ),
        (
            "kid of another key",
            signed(&kid("0000000000000000"), &body),
            JwtError::Header,
        ),
        (
            "no kid",
            signed(&json!({"alg": "EdDSA", "typ": "at+jwt"}), &body),
            JwtError::Header,
        ),
        (
            "a key in the header",
            signed(
                &json!({"alg": "EdDSA", "typ": "at+jwt", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}),
                &body,
            ),
            JwtError::Header,
        ),
        (
            "a key behind an address",
            signed(
                &json!({"alg": "EdDSA", "typ": "at+jwt", "jku": "https://evil.example/keys"}),
                &body,
            ),
            JwtError::Header,
        ),
        (
            "crit",
            signed(
                &json!({"alg": "EdDSA", "typ": "at+jwt", "crit": ["x"], "x": 1}),
                &body,
            ),
            JwtError::Header,
        ),
        (
            "another type",
            signed(&json!({"alg": "EdDSA", "typ": "JWT"}), &body),
            JwtError::Header,
        ),
        ("another key", other.write(&claims()), JwtError::Header),
        (
            "a changed claim",
            format!("{}.{}.{}", parts[0], part(&json!({"sub": "eve"})), parts[2]),
            JwtError::Signature,
        ),
        (
            "padding",
            format!("{kept_header}.{}==", parts[2]),
            JwtError::Signature,
        ),
        (
            "another issuer",
            with(|claims| claims.iss = "palisade:mesh-two".into()),
            JwtError::Issuer,
        ),
        (
            "another audience",
            with(|claims| claims.aud = "grafana".into()),
            JwtError::Audience,
        ),
        (
            "expired",
            with(|claims| {
                (claims.iat, claims.nbf, claims.exp) = (NOW_S - 901, NOW_S - 901, NOW_S - 1);
            }),
            JwtError::Expired,
        ),
        (
            "ends this second",
            with(|claims| claims.exp = NOW_S),
            JwtError::Expired,
        ),
        (
            "not yet valid",
            with(|claims| claims.nbf = NOW_S + 60),
            JwtError::TooEarly,
        ),
        (
            "issued in the future",
            with(|claims| claims.iat = NOW_S + 60),
            JwtError::TooEarly,
        ),
        (
            "good for a year",
            with(|claims| claims.exp = NOW_S + 31_536_000),
            JwtError::TooLong,
        ),
        (
            "a claim too many",
            {
                let mut body = body.clone();
                body["admin"] = json!(true);
                let signed = format!("{}.{}", parts[0], part(&body));
                let signature = SigningKey::from_bytes(&SEED).sign(signed.as_bytes());
                format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
            },
            JwtError::Claims,
        ),
        (
            "no expiry",
            {
                let mut body = body.clone();
                body.as_object_mut().expect("an object").remove("exp");
                let signed = format!("{}.{}", parts[0], part(&body));
                let signature = SigningKey::from_bytes(&SEED).sign(signed.as_bytes());
                format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
            },
            JwtError::Claims,
        ),
    ];
    println!("{} negative vectors", vectors.len());
    for (what, token, why) in vectors {
        assert_eq!(desk().read(&token, now()), Err(why), "{what}");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let good = desk().write(&claims());
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(token) = String::from_utf8(bytes) {
            assert!(desk().read(&token, now()).is_err(), "byte {at}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,400}") {
        prop_assert!(desk().read(&text, now()).is_err());
    }
}
