//! Every flaw at every place of every form, one at a time.

use minicbor::bytes::ByteVec;
use protocol::cbor;
use protocol::key::{Signature, Signer as _, Strict};
use protocol::record::Head;
use protocol::signed::{Signable as _, Signed};

use crate::forms;
use crate::samples as sample;
use crate::tree::{Flaw, Item};

#[test]
fn the_tree_reads_and_writes_what_it_damages() {
    for form in forms::all() {
        let (item, rest) = Item::parse(&form.bytes).expect("the form is CBOR");
        assert!(rest.is_empty(), "{}", form.name);
        let tagged = item.flawed(0, Flaw::Tagged).unwrap();
        assert_eq!(tagged[3..], form.bytes, "{}", form.name);
    }
}

#[test]
fn every_other_encoding_of_every_form_is_refused() {
    let mut tried = 0;
    for form in forms::all() {
        let (item, _) = Item::parse(&form.bytes).unwrap();
        for place in 0..item.count() {
            for flaw in Flaw::ALL {
                let Some(flawed) = item.flawed(place, flaw) else {
                    continue;
                };
                assert_ne!(flawed, form.bytes);
                let read = (form.reread)(&flawed);
                assert!(read.is_err(), "{} with {flaw:?} at {place}", form.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 2_000, "only {tried} flaws were tried");
}

#[test]
fn bytes_behind_the_end_and_missing_ones_are_refused() {
    for form in forms::all() {
        for extra in [0x00, 0xf6, 0x80, 0xff] {
            let longer = [form.bytes.as_slice(), &[extra]].concat();
            assert!((form.reread)(&longer).is_err(), "{}", form.name);
        }
        for length in 0..form.bytes.len() {
            let shorter = &form.bytes[..length];
            assert!((form.reread)(shorter).is_err(), "{} of {length}", form.name);
        }
    }
}

/// The signature of an honest key does not help a payload that is not in its one form.
#[test]
fn a_flawed_payload_is_refused_although_its_signature_is_good() {
    let payload = cbor::encode(&sample::full_head());
    let (item, _) = Item::parse(&payload).unwrap();
    let open = |payload: &[u8]| {
        let envelope = envelope(Head::DOMAIN, payload);
        Signed::<Head>::open(&envelope, &sample::key(sample::DEVICE).public(), &Strict)
    };
    open(&payload).expect("the envelope is made as the crate makes it");
    for place in 0..item.count() {
        for flaw in Flaw::ALL {
            if let Some(flawed) = item.flawed(place, flaw) {
                assert!(open(&flawed).is_err(), "{flaw:?} at {place}");
            }
        }
    }
}

#[test]
fn a_signature_over_another_kind_of_payload_does_not_pass() {
    let head = cbor::encode(&sample::full_head());
    for domain in [
        b"palisade/membership/v1\0".as_slice(),
        b"palisade/log-head/v1\0",
        b"palisade/contact/v1\0",
        b"",
    ] {
        let envelope = envelope(domain, &head);
        Signed::<Head>::open(&envelope, &sample::key(sample::DEVICE).public(), &Strict)
            .expect_err("it was signed for another purpose");
    }
}

/// An envelope over any payload, signed by the sample device.
fn envelope(domain: &[u8], payload: &[u8]) -> Vec<u8> {
    let signature = sample::key(sample::DEVICE).sign(&[domain, payload].concat());
    let payload = cbor::encode(&ByteVec::from(payload.to_vec()));
    let signature = cbor::encode::<Signature>(&signature);
    [&[0x83, 0x01][..], &payload, &signature].concat()
}
