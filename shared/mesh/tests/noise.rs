//! The handshakes of an enrolment against vectors that other implementations made.

use data_encoding::HEXLOWER;
use serde::Deserialize;
use snow::{Builder, HandshakeState};

/// From the name of a pattern to every byte on the wire.
#[derive(Deserialize)]
struct Vector {
    origin: String,
    protocol_name: String,
    init_prologue: String,
    init_psks: Option<Vec<String>>,
    init_static: String,
    init_ephemeral: String,
    resp_prologue: String,
    resp_psks: Option<Vec<String>>,
    resp_static: String,
    resp_ephemeral: String,
    handshake_hash: Option<String>,
    messages: Vec<Exchange>,
}

#[derive(Deserialize)]
struct Exchange {
    payload: String,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[test]
fn the_handshakes_of_an_enrolment_are_those_of_other_implementations() {
    let vectors: Vectors =
        serde_json::from_str(include_str!("vectors/noise.json")).expect("the vectors are JSON");
    let names: Vec<_> = vectors
        .vectors
        .iter()
        .map(|vector| (&*vector.origin, &*vector.protocol_name))
        .collect();
    assert_eq!(
        names,
        [
            ("cacophony", "Noise_XX_25519_ChaChaPoly_SHA256"),
            ("cacophony", "Noise_XXpsk3_25519_ChaChaPoly_SHA256"),
            ("snow", "Noise_XX_25519_ChaChaPoly_SHA256"),
        ]
    );
    for vector in &vectors.vectors {
        replay(vector);
    }
}

fn replay(vector: &Vector) {
    let (mut sender, mut receiver) = (initiator(vector), responder(vector));
    let mut messages = vector.messages.iter();
    while !sender.is_handshake_finished() {
        let message = messages.next().expect("a message for each turn");
        let (mut sealed, mut opened) = ([0; 1024], [0; 1024]);
        let payload = bytes(&message.payload);
        let length = sender
            .write_message(&payload, &mut sealed)
            .expect("it is its turn");
        assert_eq!(HEXLOWER.encode(&sealed[..length]), message.ciphertext);
        let length = receiver
            .read_message(&sealed[..length], &mut opened)
            .expect("it is sound");
        assert_eq!(opened[..length], payload);
        std::mem::swap(&mut sender, &mut receiver);
    }
    if let Some(hash) = &vector.handshake_hash {
        assert_eq!(HEXLOWER.encode(sender.get_handshake_hash()), *hash);
        assert_eq!(sender.get_handshake_hash(), receiver.get_handshake_hash());
    }
    transport(messages, sender, receiver);
}

fn transport<'a>(
    messages: impl Iterator<Item = &'a Exchange>,
    sender: HandshakeState,
    receiver: HandshakeState,
) {
    let mut sender = sender.into_transport_mode().expect("the handshake is over");
    let mut receiver = receiver
        .into_transport_mode()
        .expect("the handshake is over");
    let mut sent = 0;
    for message in messages {
        let (mut sealed, mut opened) = ([0; 1024], [0; 1024]);
        let payload = bytes(&message.payload);
        let length = sender
            .write_message(&payload, &mut sealed)
            .expect("it fits");
        assert_eq!(HEXLOWER.encode(&sealed[..length]), message.ciphertext);
        let length = receiver
            .read_message(&sealed[..length], &mut opened)
            .expect("it is sound");
        assert_eq!(opened[..length], payload);
        sealed[0] ^= 1;
        receiver
            .read_message(&sealed[..length + 16], &mut opened)
            .expect_err("a message counts once, and unchanged");
        std::mem::swap(&mut sender, &mut receiver);
        sent += 1;
    }
    assert!(sent > 0, "the vector goes on behind the handshake");
}

fn initiator(vector: &Vector) -> HandshakeState {
    let (fixed, ephemeral) = (bytes(&vector.init_static), bytes(&vector.init_ephemeral));
    let prologue = bytes(&vector.init_prologue);
    let psk = psk(vector.init_psks.as_deref());
    builder(vector, psk.as_ref(), &fixed, &ephemeral, &prologue)
        .build_initiator()
        .expect("the vector is complete")
}

fn responder(vector: &Vector) -> HandshakeState {
    let (fixed, ephemeral) = (bytes(&vector.resp_static), bytes(&vector.resp_ephemeral));
    let prologue = bytes(&vector.resp_prologue);
    let psk = psk(vector.resp_psks.as_deref());
    builder(vector, psk.as_ref(), &fixed, &ephemeral, &prologue)
        .build_responder()
        .expect("the vector is complete")
}

fn builder<'a>(
    vector: &Vector,
    psk: Option<&'a [u8; 32]>,
    fixed: &'a [u8],
    ephemeral: &'a [u8],
    prologue: &'a [u8],
) -> Builder<'a> {
    let pattern = vector
        .protocol_name
        .parse()
        .expect("snow knows the pattern");
    let mut builder = Builder::new(pattern)
        .local_private_key(fixed)
        .and_then(|builder| builder.prologue(prologue))
        .expect("each is given once")
        .fixed_ephemeral_key_for_testing_only(ephemeral);
    if let Some(psk) = psk {
        builder = builder.psk(3, psk).expect("it is given once");
    }
    builder
}

fn psk(psks: Option<&[String]>) -> Option<[u8; 32]> {
    let psk = psks?.first()?;
    Some(bytes(psk).try_into().expect("a secret has 32 bytes"))
}

fn bytes(hex: &str) -> Vec<u8> {
    HEXLOWER
        .decode(hex.as_bytes())
        .expect("vectors are hexadecimal")
}
