//! An authenticator in software: what a browser and a security key hand over together, and every way to get it wrong.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer as _, SigningKey};
use minicbor::Encoder;

pub const PRESENT: u8 = 1;
pub const VERIFIED: u8 = 4;
pub const MAY_BE_COPIED: u8 = 8;
pub const IS_COPIED: u8 = 16;
const CREDENTIAL: u8 = 64;

/// One passkey and what holds it.
pub struct Authenticator {
    key: Key,
    pub credential: Vec<u8>,
    pub user: Vec<u8>,
    /// How often it has signed; it counts on by itself.
    pub count: u32,
}

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(SigningKey),
}

/// What a page asks, as the browser takes it down.
#[derive(Debug, Clone)]
pub struct Question {
    pub kind: Option<&'static str>,
    pub challenge: String,
    pub origin: String,
    pub site: String,
    pub flags: u8,
    /// More members of the client data.
    pub more: String,
}

impl Question {
    /// As a browser asks that has opened the pages of the rig.
    pub fn of(challenge: &str) -> Self {
        Self {
            kind: None,
            challenge: challenge.to_owned(),
            origin: "https://coordinator.example:8443".to_owned(),
            site: "coordinator.example".to_owned(),
            flags: PRESENT | VERIFIED,
            more: String::new(),
        }
    }

    fn client(&self, kind: &str) -> Vec<u8> {
        let (kind, challenge, origin) = (self.kind.unwrap_or(kind), &self.challenge, &self.origin);
        let more = &self.more;
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more},"other":[1]}}"#
        )
        .into_bytes()
    }
}

impl Authenticator {
    pub fn es256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self::with(Key::P256(pair), 1)
    }

    pub fn eddsa() -> Self {
        Self::with(Key::Ed25519(SigningKey::from_bytes(&[7; 32])), 2)
    }

    fn with(key: Key, number: u8) -> Self {
        let mut credential = vec![number; 16];
        aws_lc_rs::rand::fill(&mut credential[1..]).unwrap();
        Self {
            key,
            credential,
            user: vec![5; 32],
            count: 0,
        }
    }

    /// The key as authenticators write it: kty, alg, crv, x and y.
    pub fn cose(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        match &self.key {
            Key::P256(pair) => {
                let point = pair.public_key().as_ref();
                encoder.map(5).unwrap();
                encoder.i8(1).unwrap().i8(2).unwrap();
                encoder.i8(3).unwrap().i8(-7).unwrap();
                encoder.i8(-1).unwrap().i8(1).unwrap();
                encoder.i8(-2).unwrap().bytes(&point[1..33]).unwrap();
                encoder.i8(-3).unwrap().bytes(&point[33..]).unwrap();
            }
            Key::Ed25519(key) => {
                encoder.map(4).unwrap();
                encoder.i8(1).unwrap().i8(1).unwrap();
                encoder.i8(3).unwrap().i8(-8).unwrap();
                encoder.i8(-1).unwrap().i8(6).unwrap();
                encoder.i8(-2).unwrap();
                encoder.bytes(key.verifying_key().as_bytes()).unwrap();
            }
        }
        encoder.into_writer()
    }

    fn said(&self, question: &Question, more: u8) -> Vec<u8> {
        let mut said = digest(&SHA256, question.site.as_bytes()).as_ref().to_vec();
        said.push(question.flags | more);
        said.extend_from_slice(&self.count.to_be_bytes());
        said
    }

    /// The authenticator data of a new passkey with this key in it.
    pub fn data_with(&self, question: &Question, cose: &[u8]) -> Vec<u8> {
        let mut said = self.said(question, CREDENTIAL);
        said.extend_from_slice(&[0; 16]);
        said.extend_from_slice(&u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        said.extend_from_slice(&self.credential);
        said.extend_from_slice(cose);
        said
    }

    /// What a page sends of a passkey that was made.
    pub fn make(&self, question: &Question) -> String {
        made(question, &self.data_with(question, &self.cose()))
    }

    /// What a page sends of a passkey that was shown.
    pub fn answer(&mut self, question: &Question) -> String {
        self.count += 1;
        self.answer_without_counting(question)
    }

    pub fn answer_without_counting(&self, question: &Question) -> String {
        let said = self.said(question, 0);
        let client = question.client("webauthn.get");
        let mut signed = said.clone();
        signed.extend_from_slice(digest(&SHA256, &client).as_ref());
        let signature = match &self.key {
            Key::P256(pair) => {
                let dice = SystemRandom::new();
                pair.sign(&dice, &signed).unwrap().as_ref().to_vec()
            }
            Key::Ed25519(key) => key.sign(&signed).to_bytes().to_vec(),
        };
        serde_json::json!({
            "id": text(&self.credential),
            "client": text(&client),
            "authenticator": text(&said),
            "signature": text(&signature),
            "user": text(&self.user),
        })
        .to_string()
    }
}

pub fn made(question: &Question, data: &[u8]) -> String {
    let client = question.client("webauthn.create");
    serde_json::json!({"client": text(&client), "authenticator": text(data)}).to_string()
}

pub fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

pub fn bytes(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}
