//! The Noise handshake of an enrolment, with and without a token.

use snow::{
    Builder, HandshakeState,
    params::DHChoice,
    resolvers::{CryptoResolver as _, DefaultResolver},
};
use zeroize::Zeroizing;

use super::{Channel, EnrolError, Knock, Proof, wire::Wire};
use crate::limits::MAX_HELLO;

const WITH_TOKEN: &str = "Noise_XXpsk3_25519_ChaChaPoly_SHA256";
const WITH_CODE: &str = "Noise_XX_25519_ChaChaPoly_SHA256";
const TOKEN_MODE: u8 = 1;
const CODE_MODE: u8 = 2;
/// The place of the secret in `XXpsk3`: at the end of message 3.
const PSK_PLACE: usize = 3;
/// The most that Noise adds to a payload in any message: two keys and two tags.
pub(super) const OVERHEAD: usize = 32 + 32 + 16 + 16;

/// A mode is part of the prologue, so nobody on the way can change it.
fn prologue(mode: u8) -> [u8; 18] {
    let mut prologue = *b"palisade enrol 1 \0";
    prologue[17] = mode;
    prologue
}

fn pattern(mode: u8) -> Option<&'static str> {
    match mode {
        TOKEN_MODE => Some(WITH_TOKEN),
        CODE_MODE => Some(WITH_CODE),
        _ => None,
    }
}

fn builder(mode: u8) -> Result<Builder<'static>, EnrolError> {
    let pattern = pattern(mode).ok_or(EnrolError::Malformed)?;
    Ok(Builder::new(
        pattern
            .parse()
            .expect("the pattern is a constant that snow knows"),
    ))
}

pub(super) fn mode(proof: &Proof) -> u8 {
    match proof {
        Proof::Token(_) => TOKEN_MODE,
        Proof::Code => CODE_MODE,
    }
}

pub(super) fn knock(mode: u8, hello: &[u8]) -> Result<Knock<'_>, EnrolError> {
    match mode {
        TOKEN_MODE => Ok(Knock::Token(hello)),
        CODE_MODE => Ok(Knock::Code(hello)),
        _ => Err(EnrolError::Malformed),
    }
}

/// The public half of a static secret.
pub fn public_of(secret: &[u8; 32]) -> [u8; 32] {
    let mut dh = DefaultResolver
        .resolve_dh(&DHChoice::Curve25519)
        .expect("the resolver is built with Curve25519");
    dh.set(secret);
    dh.pubkey()
        .try_into()
        .expect("a Curve25519 key has 32 bytes")
}

pub(super) struct Handshake(HandshakeState);

impl Handshake {
    /// The device's static key lives as long as the channel: what proves the device is said inside it.
    pub(super) fn initiator(proof: &Proof) -> Result<Self, EnrolError> {
        let mode = mode(proof);
        let prologue = prologue(mode);
        let builder = builder(mode)?;
        let pair = builder
            .generate_keypair()
            .map_err(|_| EnrolError::Malformed)?;
        let secret = Zeroizing::new(pair.private);
        let state = builder
            .prologue(&prologue)
            .and_then(|builder| builder.local_private_key(&secret))
            .and_then(Builder::build_initiator)
            .map_err(|_| EnrolError::Malformed)?;
        let mut handshake = Self(state);
        handshake.expect(mode, proof)?;
        Ok(handshake)
    }

    pub(super) fn responder(mode: u8, secret: &[u8; 32]) -> Result<Self, EnrolError> {
        let prologue = prologue(mode);
        let state = builder(mode)?
            .prologue(&prologue)
            .and_then(|builder| builder.local_private_key(secret))
            .and_then(Builder::build_responder)
            .map_err(|_| EnrolError::Malformed)?;
        Ok(Self(state))
    }

    /// Sets the secret that message 3 mixes in.
    pub(super) fn expect(&mut self, announced: u8, proof: &Proof) -> Result<(), EnrolError> {
        match proof {
            Proof::Token(psk) if announced == TOKEN_MODE => self
                .0
                .set_psk(PSK_PLACE, &psk[..])
                .map_err(|_| EnrolError::Malformed),
            Proof::Code if announced == CODE_MODE => Ok(()),
            Proof::Token(_) | Proof::Code => Err(EnrolError::Malformed),
        }
    }

    pub(super) fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, EnrolError> {
        let mut message = vec![0; payload.len() + OVERHEAD];
        let length = self
            .0
            .write_message(payload, &mut message)
            .map_err(|_| EnrolError::Malformed)?;
        message.truncate(length);
        Ok(message)
    }

    pub(super) fn read(&mut self, message: &[u8]) -> Result<Vec<u8>, EnrolError> {
        let mut payload = vec![0; message.len()];
        let length = self
            .0
            .read_message(message, &mut payload)
            .map_err(|_| EnrolError::Malformed)?;
        if length > MAX_HELLO {
            return Err(EnrolError::TooLong);
        }
        payload.truncate(length);
        Ok(payload)
    }

    pub(super) fn remote_static(&self) -> Result<[u8; 32], EnrolError> {
        let key = self.0.get_remote_static().ok_or(EnrolError::Malformed)?;
        key.try_into().map_err(|_| EnrolError::Malformed)
    }

    pub(super) fn finish(self, wire: Wire) -> Result<Channel, EnrolError> {
        let hash = self
            .0
            .get_handshake_hash()
            .try_into()
            .map_err(|_| EnrolError::Malformed)?;
        let remote = self.remote_static()?;
        let transport = self
            .0
            .into_transport_mode()
            .map_err(|_| EnrolError::Malformed)?;
        Ok(Channel {
            wire,
            transport,
            hash,
            remote,
        })
    }
}
