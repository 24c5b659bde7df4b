//! Passkeys as a browser hands them over: what holds, and what is refused for which reason.

use coordinator::passkeys::key::PublicKey;
use coordinator::passkeys::{Answer, Made, PasskeyError, Site};
use minicbor::Encoder;
use serde_json::Value;

use super::authenticator::{
    Authenticator, IS_COPIED, MAY_BE_COPIED, PRESENT, Question, VERIFIED, bytes, made, text,
};

fn site() -> Site {
    let names = ["coordinator.example".to_owned()].into();
    Site::of("coordinator.example:8443", &names).unwrap()
}

fn question() -> Question {
    Question::of("Y2hhbGxlbmdl")
}

fn key(authenticator: &Authenticator) -> PublicKey {
    let made = Made::read(&authenticator.make(&question())).unwrap();
    made.verify(&site()).unwrap().key
}

fn refused(answer: &str, key: &PublicKey) -> PasskeyError {
    let read = Answer::read(answer);
    let held = read.and_then(|answer| answer.verify(&site(), key));
    held.expect_err(answer)
}

#[test]
fn both_kinds_of_passkeys_are_taken_and_their_answers_hold() {
    for mut authenticator in [Authenticator::es256(), Authenticator::eddsa()] {
        let made = Made::read(&authenticator.make(&question())).unwrap();
        let credential = made.verify(&site()).unwrap();
        assert_eq!(credential.id, authenticator.credential);
        assert_eq!(credential.proof.challenge, b"challenge");
        let kept = PublicKey::from_kept(credential.key.kept()).unwrap();
        for flags in [
            PRESENT | VERIFIED,
            PRESENT | VERIFIED | MAY_BE_COPIED | IS_COPIED,
        ] {
            let question = Question {
                flags,
                ..question()
            };
            let answer = Answer::read(&authenticator.answer(&question)).unwrap();
            let proof = answer.verify(&site(), &kept).unwrap();
            assert_eq!(proof.count, authenticator.count);
            assert_eq!(proof.challenge, b"challenge");
        }
    }
}

/// The negative vectors of a login: each differs from a good one in one place.
#[test]
fn an_answer_that_is_not_for_us_is_refused_with_its_reason() {
    let mut authenticator = Authenticator::es256();
    let key = key(&authenticator);
    let with = |change: fn(&mut Question)| {
        let mut changed = question();
        change(&mut changed);
        changed
    };
    let more = |text: &str| Question {
        more: text.to_owned(),
        ..question()
    };
    let origin = |text: &str| Question {
        origin: text.to_owned(),
        ..question()
    };
    for (changed, why) in [
        (
            with(|it| it.kind = Some("webauthn.create")),
            PasskeyError::Kind,
        ),
        (with(|it| it.kind = Some("payment.get")), PasskeyError::Kind),
        (origin("https://evil.example:8443"), PasskeyError::Origin),
        (
            origin("http://coordinator.example:8443"),
            PasskeyError::Origin,
        ),
        (origin("https://coordinator.example"), PasskeyError::Origin),
        (
            origin("https://coordinator.example:8444"),
            PasskeyError::Origin,
        ),
        (
            origin("https://sub.coordinator.example:8443"),
            PasskeyError::Origin,
        ),
        (
            origin("https://coordinator.example:8443/"),
            PasskeyError::Origin,
        ),
        (origin("null"), PasskeyError::Origin),
        (more(r#","crossOrigin":true"#), PasskeyError::Framed),
        (
            more(r#","topOrigin":"https://evil.example""#),
            PasskeyError::Framed,
        ),
        (
            with(|it| it.site = "evil.example".to_owned()),
            PasskeyError::Site,
        ),
        (with(|it| it.flags = VERIFIED), PasskeyError::NotPresent),
        (with(|it| it.flags = PRESENT), PasskeyError::NotVerified),
        (
            with(|it| it.flags |= IS_COPIED),
            PasskeyError::Unreadable("the flags"),
        ),
        (
            with(|it| it.flags |= 64),
            PasskeyError::Unreadable("the authenticator data"),
        ),
        (
            with(|it| it.flags |= 128),
            PasskeyError::Unreadable("the authenticator data"),
        ),
        (
            more(r#","type":"webauthn.get""#),
            PasskeyError::Unreadable("the client data"),
        ),
        (
            more(r#","challenge":"AAAA""#),
            PasskeyError::Unreadable("the client data"),
        ),
        (
            with(|it| it.challenge = "Y2hhbGxlbmdl=".to_owned()),
            PasskeyError::Unreadable("the client data"),
        ),
    ] {
        let answer = authenticator.answer(&changed);
        assert_eq!(refused(&answer, &key), why, "{changed:?}");
    }
    let answer = authenticator.answer(&more(r#","crossOrigin":false"#));
    assert!(Answer::read(&answer).unwrap().verify(&site(), &key).is_ok());
}

#[test]
fn an_answer_of_another_key_or_with_a_changed_bit_does_not_fit() {
    for mut authenticator in [Authenticator::es256(), Authenticator::eddsa()] {
        let key = key(&authenticator);
        let good = authenticator.answer(&question());
        assert_eq!(
            refused(&good, &self::key(&Authenticator::es256())),
            PasskeyError::Signature
        );
        for part in ["client", "authenticator", "signature"] {
            let document: Value = serde_json::from_str(&good).unwrap();
            let length = bytes(document[part].as_str().unwrap()).len();
            for place in 0..length {
                let mut changed = document.clone();
                let mut octets = bytes(document[part].as_str().unwrap());
                octets[place] ^= 1;
                changed[part] = text(&octets).into();
                refused(&changed.to_string(), &key);
                let mut cut = document.clone();
                octets.truncate(place);
                cut[part] = text(&octets).into();
                refused(&cut.to_string(), &key);
            }
            let mut longer = document.clone();
            longer[part] =
                text(&[bytes(document[part].as_str().unwrap()), vec![0]].concat()).into();
            refused(&longer.to_string(), &key);
        }
    }
}

#[test]
fn what_is_no_answer_is_unreadable() {
    let good = Authenticator::es256().answer(&question());
    let document: Value = serde_json::from_str(&good).unwrap();
    for part in ["id", "client", "authenticator", "signature", "user"] {
        let mut without = document.clone();
        without.as_object_mut().unwrap().remove(part);
        assert!(Answer::read(&without.to_string()).is_err(), "{part}");
        let mut padded = document.clone();
        padded[part] = "AA==".into();
        assert!(Answer::read(&padded.to_string()).is_err(), "{part}");
    }
    let mut more = document;
    more["key"] = "AA".into();
    for text in ["", "null", "[]", "{}", &more.to_string()] {
        assert!(Answer::read(text).is_err(), "{text}");
    }
}

#[test]
fn the_person_is_the_one_to_whom_it_was_given() {
    let answer = Answer::read(&Authenticator::es256().answer(&question())).unwrap();
    assert_eq!(answer.is_of(&[5; 32]), Ok(()));
    for other in [&[6; 32][..], &[5; 31], &[]] {
        assert_eq!(answer.is_of(other), Err(PasskeyError::User));
    }
}

fn cose(members: &[(i64, Member)]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(members.len() as u64).unwrap();
    for (name, value) in members {
        encoder.i64(*name).unwrap();
        match value {
            Member::Number(number) => encoder.i64(*number).unwrap(),
            Member::Octets(octets) => encoder.bytes(octets).unwrap(),
        };
    }
    encoder.into_writer()
}

#[derive(Clone)]
enum Member {
    Number(i64),
    Octets(Vec<u8>),
}

#[test]
fn a_key_of_another_kind_or_none_at_all_is_refused() {
    use Member::{Number, Octets};
    let mut authenticator = Authenticator::es256();
    let x = Octets(vec![1; 32]);
    let unreadable = PasskeyError::Unreadable("the key");
    let ec2 = |algorithm, curve| vec![(1, Number(2)), (3, Number(algorithm)), (-1, Number(curve))];
    let okp = |algorithm, curve| vec![(1, Number(1)), (3, Number(algorithm)), (-1, Number(curve))];
    let with = |mut members: Vec<(i64, Member)>, more: &[(i64, Member)]| {
        members.extend_from_slice(more);
        cose(&members)
    };
    let both = [(-2, x.clone()), (-3, x.clone())];
    // A key that would be taken, if it did not say its point twice.
    let own = (-2, Octets(key(&Authenticator::eddsa()).kept().to_vec()));
    let mut small_order = vec![0; 32];
    small_order[0] = 1;
    for (cose, why) in [
        // RS256, ES384, ES512, ES256K, EdDSA with Ed448, and names that do not belong together.
        (
            cose(&[
                (1, Number(3)),
                (3, Number(-257)),
                (-1, x.clone()),
                (-2, x.clone()),
            ]),
            PasskeyError::Algorithm,
        ),
        (with(ec2(-35, 2), &both), PasskeyError::Algorithm),
        (with(ec2(-36, 3), &both), PasskeyError::Algorithm),
        (with(ec2(-47, 8), &both), PasskeyError::Algorithm),
        (with(okp(-8, 7), &both[..1]), PasskeyError::Algorithm),
        (with(ec2(-8, 1), &both), PasskeyError::Algorithm),
        (with(okp(-7, 6), &both[..1]), PasskeyError::Algorithm),
        (with(okp(-8, 6), &both), PasskeyError::Algorithm),
        (cose(&[]), PasskeyError::Algorithm),
        // No point of the curve, a point of small order, a coordinate that is short, missing, or said twice.
        (with(ec2(-7, 1), &both), unreadable),
        (with(okp(-8, 6), &[(-2, Octets(small_order))]), unreadable),
        (
            with(ec2(-7, 1), &[(-2, Octets(vec![1; 31])), (-3, x.clone())]),
            unreadable,
        ),
        (with(ec2(-7, 1), &both[..1]), unreadable),
        (with(okp(-8, 6), &[own.clone(), own.clone()]), unreadable),
        (vec![0xbf, 0xff], unreadable),
        (vec![0x01], unreadable),
        (Vec::new(), unreadable),
    ] {
        let data = authenticator.data_with(&question(), &cose);
        let read = Made::read(&made(&question(), &data)).unwrap();
        assert_eq!(read.verify(&site()).unwrap_err(), why, "{cose:02x?}");
    }
    for id in [Vec::new(), vec![1; 1_024]] {
        authenticator.credential = id;
        let data = authenticator.data_with(&question(), &authenticator.cose());
        let read = Made::read(&made(&question(), &data)).unwrap();
        assert!(read.verify(&site()).is_err());
    }
}

#[test]
fn a_new_passkey_is_judged_as_an_answer_is() {
    let authenticator = Authenticator::eddsa();
    let judge = |question: &Question| {
        let made = Made::read(&authenticator.make(question)).unwrap();
        made.verify(&site()).map(drop)
    };
    assert_eq!(judge(&question()), Ok(()));
    let kind = Question {
        kind: Some("webauthn.get"),
        ..question()
    };
    assert_eq!(judge(&kind), Err(PasskeyError::Kind));
    let origin = Question {
        origin: "https://evil.example".to_owned(),
        ..question()
    };
    assert_eq!(judge(&origin), Err(PasskeyError::Origin));
    let other = Question {
        site: "evil.example".to_owned(),
        ..question()
    };
    assert_eq!(judge(&other), Err(PasskeyError::Site));
    let unseen = Question {
        flags: PRESENT,
        ..question()
    };
    assert_eq!(judge(&unseen), Err(PasskeyError::NotVerified));
    let data = authenticator.data_with(&question(), &authenticator.cose());
    for place in 0..data.len() {
        let cut = Made::read(&made(&question(), &data[..place])).unwrap();
        assert!(cut.verify(&site()).is_err(), "{place}");
    }
    let longer = Made::read(&made(&question(), &[data, vec![0]].concat())).unwrap();
    assert!(
        longer.verify(&site()).is_err(),
        "something stands behind it"
    );
}

#[test]
fn a_name_of_ours_is_a_site_and_an_address_or_another_name_is_none() {
    let names = ["hub.example", "10.0.0.2", "::1", "localhost"]
        .map(str::to_owned)
        .into();
    let name = |host: &str| Site::of(host, &names).map(|site| site.name);
    assert_eq!(name("hub.example:8443").as_deref(), Some("hub.example"));
    assert_eq!(name("HUB.example").as_deref(), Some("hub.example"));
    assert_eq!(name("localhost:1").as_deref(), Some("localhost"));
    for host in [
        "10.0.0.2:8443",
        "10.0.0.2",
        "[::1]:8443",
        "evil.example",
        "hub.example.evil.example",
        "",
        ":8443",
        "hub.example:x",
    ] {
        assert_eq!(name(host), None, "{host}");
    }
}
