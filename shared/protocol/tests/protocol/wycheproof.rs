//! Vectors of Project Wycheproof through the very code that judges evidence, and through the primitives below it.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use protocol::dice::Dice;
use protocol::key::{KeyError, PublicKey, Signature, Strict, Verifier as _};
use protocol::seal::SealingKey;
use sha2::Sha256;
use wycheproof::{TestResult, aead, eddsa, hkdf as derivation, xdh};

/// Public keys of order 8 and less, in all encodings that the curve's equation allows.
const SMALL_ORDER: [&str; 14] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn ed25519_is_judged_as_wycheproof_judges_it() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut judged = 0;
    for group in set.test_groups {
        let bytes: [u8; 32] = group.key.pk[..].try_into().unwrap();
        let key = PublicKey::from_bytes(&bytes);
        for test in group.tests {
            let signature = <[u8; 64]>::try_from(&test.sig[..]).map(Signature);
            let good = match (&key, signature) {
                (Ok(key), Ok(signature)) => Strict.verify(key, &test.msg, &signature).is_ok(),
                _ => false,
            };
            assert_eq!(
                good,
                test.result == TestResult::Valid,
                "tcId {}",
                test.tc_id
            );
            judged += 1;
        }
    }
    assert_eq!(judged, 151);
}

/// Under such a key `R = S·B - k·A` holds for many messages at once, so no signature under it means anything.
#[test]
fn keys_of_small_order_have_no_type() {
    for hex in SMALL_ORDER {
        let bytes: [u8; 32] = HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap();
        let error = PublicKey::from_bytes(&bytes).expect_err(hex);
        assert!(
            matches!(error, KeyError::SmallOrder | KeyError::NotAPoint),
            "{hex}"
        );
        let encoded = [&[0x58, 0x20][..], &bytes].concat();
        minicbor::decode::<PublicKey>(&encoded).expect_err("it cannot arrive by wire either");
    }
}

/// The forgery that plain verification accepts for every message: the key and R are the neutral element, S is zero.
#[test]
fn the_forgery_under_a_small_order_key_cannot_even_be_asked_about() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut forged = [0; 64];
    forged[0] = 1;
    let lax = ed25519_dalek::VerifyingKey::from_bytes(&neutral).unwrap();
    let signature = ed25519_dalek::Signature::from_bytes(&forged);
    for message in [&b"retire every device"[..], b""] {
        ed25519_dalek::Verifier::verify(&lax, message, &signature)
            .expect("plain verification takes it, or this test proves nothing");
        lax.verify_strict(message, &signature).unwrap_err();
    }
    assert_eq!(PublicKey::from_bytes(&neutral), Err(KeyError::SmallOrder));
}

#[test]
fn x25519_agrees_and_sealing_refuses_what_agrees_on_nothing() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let (mut agreed, mut refused) = (0, 0);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let public: [u8; 32] = test.public_key[..].try_into().unwrap();
        let private: [u8; 32] = test.private_key[..].try_into().unwrap();
        let secret = x25519_dalek::StaticSecret::from(private);
        let shared = secret.diffie_hellman(&x25519_dalek::PublicKey::from(public));
        assert_eq!(
            shared.as_bytes()[..],
            test.shared_secret[..],
            "tcId {}",
            test.tc_id
        );
        assert_ne!(test.result, TestResult::Invalid);
        agreed += 1;
        if !shared.was_contributory() {
            let sealed =
                SealingKey::from_bytes(public).seal(b"", b"", &mut Dice::from_seed([1; 32]));
            assert!(sealed.is_err(), "tcId {}", test.tc_id);
            refused += 1;
        }
    }
    assert_eq!(agreed, 518);
    assert!(refused > 10, "{refused}");
}

#[test]
fn chacha20_poly1305_opens_what_is_sound_and_nothing_else() {
    let set = aead::TestSet::load(aead::TestName::ChaCha20Poly1305).unwrap();
    let mut judged = 0;
    for group in set.test_groups {
        for test in group.tests {
            let Ok(nonce) = <[u8; 12]>::try_from(&test.nonce[..]) else {
                assert_eq!(test.result, TestResult::Invalid, "tcId {}", test.tc_id);
                judged += 1;
                continue;
            };
            let key: [u8; 32] = test.key[..].try_into().unwrap();
            let cipher = ChaCha20Poly1305::new(&Key::from(key));
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let payload = Payload {
                msg: &sealed,
                aad: &test.aad,
            };
            let opened = cipher.decrypt(&Nonce::from(nonce), payload);
            match test.result {
                TestResult::Valid => {
                    assert_eq!(opened.unwrap(), test.pt[..], "tcId {}", test.tc_id);
                }
                _ => assert!(opened.is_err(), "tcId {}", test.tc_id),
            }
            judged += 1;
        }
    }
    assert_eq!(judged, 325);
}

#[test]
fn hkdf_sha256_derives_what_is_expected() {
    let set = derivation::TestSet::load(derivation::TestName::HkdfSha256).unwrap();
    let mut judged = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let mut derived = vec![0; test.size];
        let made =
            Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut derived);
        match test.result {
            TestResult::Valid => assert_eq!((made.is_ok(), &derived[..]), (true, &test.okm[..])),
            _ => assert!(made.is_err(), "tcId {}", test.tc_id),
        }
        judged += 1;
    }
    assert_eq!(judged, 86);
}
