//! The channel in which a device without a membership asks for one: Noise over plain TCP.
//!
//! With a token it is `Noise_XXpsk3`, whose third message proves the secret of the token; the device
//! checks the coordinator's static key before it sends that message. Without one it is `Noise_XX`,
//! and people compare a code that the caller derives from [`Channel::handshake_hash`].
//!
//! On the wire every frame is a length of two bytes and a body. The device's first body is a mode byte
//! and Noise message 1, whose payload is the greeting (public, whatever Noise does to it). Each
//! answer of the coordinator is a code byte: zero and Noise bytes, or the code of a [`Rejection`]. Codes
//! are not authenticated, so a device shows them as what the coordinator *says*.

use std::{io, time::Duration};

use tokio::net::{TcpStream, ToSocketAddrs};
use zeroize::Zeroizing;

mod channel;
mod noise;
mod rejection;
mod wire;

pub use channel::Channel;
pub use noise::public_of;
pub use rejection::Rejection;

use crate::limits::MAX_HELLO;
use noise::Handshake;
use wire::Wire;

/// What a device proves: that it holds a token's secret, or nothing until a code has been compared.
#[derive(Debug)]
pub enum Proof {
    Token(Zeroizing<[u8; 32]>),
    Code,
}

/// A greeting, and which proof it announces.
#[derive(Debug, Clone, Copy)]
pub enum Knock<'a> {
    Token(&'a [u8]),
    Code(&'a [u8]),
}

/// Why there is no channel. The connection is closed in every case.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("cannot connect to the coordinator")]
    Connect(#[source] io::Error),
    #[error("the connection broke")]
    Io(#[source] io::Error),
    #[error("the other side took too long")]
    TimedOut,
    /// Device: not authenticated, so it may be anybody on the way who says so.
    #[error("the coordinator says: {0}")]
    Rejected(Rejection),
    /// Device: the token was not used.
    #[error("the coordinator has another key than the join string names")]
    WrongCoordinator { presented: [u8; 32] },
    /// Coordinator: the device has been told the same.
    #[error("the device was turned away: {0}")]
    TurnedAway(Rejection),
    #[error("the other side does not speak this protocol")]
    Malformed,
    #[error("a message or greeting is longer than the limit")]
    TooLong,
}

/// Device: opens a channel to the coordinator. `pin` judges the coordinator's static key before `proof` is used.
pub async fn connect(
    address: impl ToSocketAddrs,
    hello: &[u8],
    pin: impl FnOnce(&[u8; 32]) -> bool,
    proof: Proof,
    step: Duration,
) -> Result<Channel, EnrolError> {
    if hello.len() > MAX_HELLO {
        return Err(EnrolError::TooLong);
    }
    let tcp = wire::within(step, TcpStream::connect(address))
        .await
        .map_err(|error| match error {
            EnrolError::Io(error) => EnrolError::Connect(error),
            error => error,
        })?;
    let mut wire = Wire::new(tcp, step)?;
    let mut noise = Handshake::initiator(&proof)?;
    wire.write(&[&[noise::mode(&proof)], &noise.write(hello)?])
        .await?;
    noise.read(&answer(&mut wire).await?)?;
    let presented = noise.remote_static()?;
    if !pin(&presented) {
        return Err(EnrolError::WrongCoordinator { presented });
    }
    wire.write(&[&noise.write(&[])?]).await?;
    let mut channel = noise.finish(wire)?;
    let confirmation = answer(&mut channel.wire).await?;
    channel.confirm(&confirmation)?;
    Ok(channel)
}

/// Coordinator: answers a device that connected. `find` says which proof the greeting must give.
pub async fn accept(
    tcp: TcpStream,
    secret: &[u8; 32],
    find: impl FnOnce(Knock<'_>) -> Result<Proof, Rejection>,
    step: Duration,
) -> Result<(Channel, Vec<u8>), EnrolError> {
    let mut wire = Wire::new(tcp, step)?;
    let first = wire.read(1 + MAX_HELLO + noise::OVERHEAD).await?;
    let (mode, message) = first.split_first().ok_or(EnrolError::Malformed)?;
    let mut noise = Handshake::responder(*mode, secret)?;
    let hello = noise.read(message)?;
    match find(noise::knock(*mode, &hello)?) {
        Ok(proof) => noise.expect(*mode, &proof)?,
        Err(rejection) => return Err(turn_away(&mut wire, rejection).await),
    }
    wire.write(&[&[rejection::NONE], &noise.write(&[])?])
        .await?;
    let last = wire.read(noise::OVERHEAD).await?;
    if noise.read(&last).is_err() {
        return Err(turn_away(&mut wire, Rejection::WrongSecret).await);
    }
    let mut channel = noise.finish(wire)?;
    let confirmation = channel.seal(&[])?;
    channel
        .wire
        .write(&[&[rejection::NONE], &confirmation])
        .await?;
    Ok((channel, hello))
}

/// Coordinator: turns a device away unheard, for instance because too many are being served.
pub async fn reject(
    tcp: TcpStream,
    rejection: Rejection,
    step: Duration,
) -> Result<(), EnrolError> {
    let mut wire = Wire::new(tcp, step)?;
    // Closing a socket with unread bytes resets it, and the device would not see the code.
    wire.read(1 + MAX_HELLO + noise::OVERHEAD).await?;
    wire.write(&[&[rejection.code()]]).await
}

async fn turn_away(wire: &mut Wire, rejection: Rejection) -> EnrolError {
    match wire.write(&[&[rejection.code()]]).await {
        Ok(()) => EnrolError::TurnedAway(rejection),
        Err(error) => {
            tracing::debug!(%error, %rejection, "a device left before it was turned away");
            EnrolError::TurnedAway(rejection)
        }
    }
}

async fn answer(wire: &mut Wire) -> Result<Vec<u8>, EnrolError> {
    let mut answer = wire.read(1 + noise::OVERHEAD).await?;
    match answer.first().copied() {
        Some(rejection::NONE) => Ok(answer.split_off(1)),
        Some(code) => Err(EnrolError::Rejected(
            Rejection::of(code).ok_or(EnrolError::Malformed)?,
        )),
        None => Err(EnrolError::Malformed),
    }
}
