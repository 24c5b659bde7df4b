//! Codes of an authenticator (RFC 6238: six digits, thirty seconds, SHA-1, which is what all of them speak), and
//! recovery codes for the day on which it is lost.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use protocol::text::Name;
use protocol::time::Timestamp;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::secrets::{SecretError, random};
use crate::store::second_factors::{RECOVERY_CODES, SecondFactor, Standing};
use crate::store::secret_hash::SecretHash;

/// Seconds of one code.
const STEP_S: u64 = 30;
/// Bytes of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;
/// Bytes of a recovery code: so many that a plain hash of it gives nothing away.
const RECOVERY: usize = 15;
/// Letters of a recovery code, and of those that were handed out with 80 bits.
const RECOVERY_LETTERS: [usize; 2] = [24, 16];

/// A second factor that is about to be offered, with what is shown once.
pub struct Offer {
    pub factor: SecondFactor,
    pub recovery: Vec<Zeroizing<String>>,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Offer({:?})", self.factor)
    }
}

/// What somebody has typed where a code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// The code of this step.
    Step(u64),
    /// One of the recovery codes.
    Recovery(SecretHash),
    Wrong,
}

/// A fresh secret and fresh recovery codes for a person.
pub fn offer(name: &Name, now: Timestamp) -> Result<Offer, SecretError> {
    let secret: Zeroizing<[u8; SECRET]> = Zeroizing::new(random()?);
    let mut recovery = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let bytes: Zeroizing<[u8; RECOVERY]> = Zeroizing::new(random()?);
        recovery.push(Zeroizing::new(
            BASE32_NOPAD.encode(bytes.as_slice()).to_lowercase(),
        ));
    }
    let hashes = recovery.iter().map(|code| recovery_hash(name, code));
    Ok(Offer {
        factor: SecondFactor {
            secret: Zeroizing::new(secret.to_vec()),
            since: now,
            standing: Standing::Offered,
            last_step: 0,
            recovery: hashes.collect(),
        },
        recovery,
    })
}

/// The secret as people type it into an authenticator.
pub fn spelled(secret: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(BASE32_NOPAD.encode(secret))
}

/// What a QR code holds (the Key URI format that authenticators share).
pub fn uri(mesh: &str, name: &Name, secret: &[u8]) -> Zeroizing<String> {
    let (mesh, name) = (escaped(mesh), escaped(name.as_str()));
    let secret = spelled(secret);
    Zeroizing::new(format!(
        "otpauth://totp/{mesh}:{name}?secret={}&issuer={mesh}",
        secret.as_str()
    ))
}

/// Which code was typed, if it is one of this factor. It may have been used before: the store says so.
pub fn read(factor: &SecondFactor, name: &Name, typed: &str, now: Timestamp) -> Typed {
    let plain: Zeroizing<String> =
        Zeroizing::new(typed.chars().filter(char::is_ascii_alphanumeric).collect());
    if RECOVERY_LETTERS.contains(&plain.len()) {
        let hash = recovery_hash(name, &plain.to_lowercase());
        let found = factor.recovery.contains(&hash);
        return if found {
            Typed::Recovery(hash)
        } else {
            Typed::Wrong
        };
    }
    let Some(totp) = totp(&factor.secret) else {
        return Typed::Wrong;
    };
    // One step before and one after, for clocks that are a little off (RFC 6238, 5.2).
    let step = totp.check(&plain, now.as_millis() / 1000);
    step.map_or(Typed::Wrong, Typed::Step)
}

fn totp(secret: &[u8]) -> Option<Totp> {
    let builder = Builder::new()
        .with_step_duration(STEP_S)
        .with_skew(1)
        .with_secret(secret.to_vec());
    builder.build().ok()
}

fn recovery_hash(name: &Name, code: &str) -> SecretHash {
    SecretHash::of_recovery_code(name.as_str(), code.as_bytes())
}

/// Percent-encoded, because a mesh may be called anything.
fn escaped(text: &str) -> String {
    let letter = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{}", HEXLOWER.encode(&[byte]).to_uppercase())
        }
    };
    text.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor() -> SecondFactor {
        SecondFactor {
            secret: Zeroizing::new(b"12345678901234567890".to_vec()),
            since: Timestamp::from_millis(0),
            standing: Standing::Asked,
            last_step: 0,
            recovery: Vec::new(),
        }
    }

    fn name() -> Name {
        Name::new("ada").expect("a name")
    }

    /// RFC 6238, appendix B, with the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp::from_millis(second * 1000);
            let read = read(&factor(), &name(), code, now);
            assert_eq!(read, Typed::Step(second / 30), "{second}");
        }
    }

    #[test]
    fn a_code_is_good_for_a_step_before_and_after_and_no_longer() {
        let code = "287082";
        let read = |second: u64| {
            read(
                &factor(),
                &name(),
                code,
                Timestamp::from_millis(second * 1000),
            )
        };
        assert_eq!(read(30), Typed::Step(1));
        assert_eq!(read(29), Typed::Step(1));
        assert_eq!(read(89), Typed::Step(1));
        assert_eq!(read(90), Typed::Wrong);
        assert_eq!(read(10_000), Typed::Wrong);
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_spaced_and_belong_to_one_person() {
        let now = Timestamp::from_millis(5);
        let offer = offer(&name(), now).expect("there are dice");
        assert_eq!(offer.recovery.len(), RECOVERY_CODES);
        let code = offer.recovery[3].to_uppercase();
        let spaced = format!("{}-{} {}", &code[..4], &code[4..8], &code[8..]);
        let typed = read(&offer.factor, &name(), &spaced, now);
        assert_eq!(typed, Typed::Recovery(offer.factor.recovery[3]));
        let bob = Name::new("bob").expect("a name");
        assert_eq!(read(&offer.factor, &bob, &spaced, now), Typed::Wrong);
    }

    /// ASVS 5.0, 6.5.2: from 112 bits on nothing slower than a hash is needed.
    #[test]
    fn recovery_codes_have_bits_enough_for_a_plain_hash_and_older_ones_open_as_before() {
        let now = Timestamp::from_millis(5);
        let mut offer = offer(&name(), now).expect("there are dice");
        for code in &offer.recovery {
            assert!(code.len() * 5 >= 112, "{} letters", code.len());
        }
        let old = "mzxw6ytboi5ha43u";
        assert_eq!(read(&offer.factor, &name(), old, now), Typed::Wrong);
        let hash = recovery_hash(&name(), old);
        offer.factor.recovery.push(hash);
        assert_eq!(
            read(&offer.factor, &name(), old, now),
            Typed::Recovery(hash)
        );
    }

    #[test]
    fn the_uri_holds_whatever_the_mesh_is_called() {
        let uri = uri("Hof & Söhne", &name(), b"12345678901234567890");
        assert_eq!(
            uri.as_str(),
            "otpauth://totp/Hof%20%26%20S%C3%B6hne:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hof%20%26%20S%C3%B6hne"
        );
    }
}
