//! The enrolment listener: Noise with whoever knocks, then one question to the run loop.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use mesh::enrol::{self, Channel, EnrolError, Knock, Proof, Rejection};
use protocol::coordinator::save::{Token, TokenState};
use protocol::enrolment::{
    self, EnrolAnswer, EnrolHello, EnrolOffer, EnrolRequest, TokenId, VERSION,
};
use protocol::id::MeshId;
use protocol::time::Timestamp;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::secrets::Secret;

/// Devices that may be enrolling at once.
pub const AT_ONCE: usize = 64;
/// How long a machine may take for each of its messages.
const STEP: Duration = Duration::from_secs(5);
/// How long a device waits for a person to compare its code.
const WAIT_FOR_PEOPLE: Duration = Duration::from_secs(15 * 60);

/// A device whose handshake is complete.
#[derive(Debug)]
pub struct Arrival {
    /// `None` for a device that shows a code instead of a token.
    pub token: Option<TokenId>,
    pub handshake_hash: [u8; 32],
    pub request: EnrolRequest,
    pub address: SocketAddr,
    pub answer: oneshot::Sender<EnrolAnswer>,
}

/// The open join strings, as the listener may look them up.
#[derive(Debug, Clone, Default)]
pub struct TokenBook(Arc<RwLock<BTreeMap<TokenId, Token>>>);

impl TokenBook {
    pub fn put(&self, token: Token) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token.id, token);
    }

    fn proof(&self, id: TokenId, now: Timestamp) -> Result<Proof, Rejection> {
        let tokens = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(&id).ok_or(Rejection::UnknownToken)?;
        match token.state {
            TokenState::Used { .. } => Err(Rejection::UsedToken),
            TokenState::Withdrawn => Err(Rejection::ExpiredToken),
            TokenState::Open if now > token.expires => Err(Rejection::ExpiredToken),
            TokenState::Open => Ok(Proof::Token(token.psk.clone())),
        }
    }
}

/// What every enrolment needs to know.
#[derive(Debug)]
pub struct Desk {
    pub mesh: MeshId,
    pub secret: Secret,
    pub offer: watch::Receiver<EnrolOffer>,
    pub tokens: TokenBook,
    pub arrivals: mpsc::Sender<Arrival>,
}

#[derive(Debug, Error)]
enum DeskError {
    #[error(transparent)]
    Channel(#[from] EnrolError),
    #[error("its message cannot be read: {0}")]
    Decode(#[from] protocol::cbor::DecodeError),
    #[error("the coordinator is stopping")]
    Stopping,
}

/// Takes connections until it is told to stop; each has a task that ends by its own time limits.
pub async fn listen(listener: TcpListener, desk: Arc<Desk>, stopping: CancellationToken) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let tasks = tokio_util::task::TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, address)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tasks.spawn(turn_away(stream));
            continue;
        };
        let (desk, stopping) = (Arc::clone(&desk), stopping.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = serve(stream, address, desk) => {}
            }
            drop(place);
        });
    }
    tasks.close();
    tasks.wait().await;
}

async fn turn_away(stream: TcpStream) {
    if let Err(error) = enrol::reject(stream, Rejection::Busy, STEP).await {
        debug!(%error, "a device left before it was told to come back");
    }
}

async fn serve(stream: TcpStream, address: SocketAddr, desk: Arc<Desk>) {
    match enrol_one(stream, address, &desk).await {
        Ok(()) => {}
        Err(error) => info!(%address, %error, "enrolment ended without a member"),
    }
}

async fn enrol_one(stream: TcpStream, address: SocketAddr, desk: &Desk) -> Result<(), DeskError> {
    let now = mesh::wall();
    let find = |knock: Knock<'_>| judge_knock(knock, desk, now);
    let (mut channel, hello) = enrol::accept(stream, desk.secret.bytes(), find, STEP).await?;
    let hello: EnrolHello = enrolment::decode("enrolment greeting", &hello)?;
    let offer = protocol::cbor::encode(&*desk.offer.borrow());
    channel.send(&offer).await?;
    let request: EnrolRequest = enrolment::decode("enrolment request", &channel.recv(STEP).await?)?;
    let (answer, answered) = oneshot::channel();
    let arrival = Arrival {
        token: hello.token,
        handshake_hash: channel.handshake_hash(),
        request,
        address,
        answer,
    };
    desk.arrivals
        .send(arrival)
        .await
        .map_err(|_| DeskError::Stopping)?;
    if hello.token.is_none() {
        channel
            .send(&protocol::cbor::encode(&EnrolAnswer::Pending))
            .await?;
    }
    deliver(channel, answered).await
}

async fn deliver(
    mut channel: Channel,
    answered: oneshot::Receiver<EnrolAnswer>,
) -> Result<(), DeskError> {
    let answer = tokio::time::timeout(WAIT_FOR_PEOPLE, answered).await;
    let answer = answer
        .map_err(|_| DeskError::Channel(EnrolError::TimedOut))?
        .map_err(|_| DeskError::Stopping)?;
    channel.send(&protocol::cbor::encode(&answer)).await?;
    Ok(())
}

fn judge_knock(knock: Knock<'_>, desk: &Desk, now: Timestamp) -> Result<Proof, Rejection> {
    let (hello, by_token) = match knock {
        Knock::Token(hello) => (hello, true),
        Knock::Code(hello) => (hello, false),
    };
    let hello: EnrolHello = enrolment::decode("enrolment greeting", hello)
        .map_err(|_| Rejection::UnsupportedVersion)?;
    if hello.version != VERSION {
        return Err(Rejection::UnsupportedVersion);
    }
    if hello.mesh.is_some_and(|mesh| mesh != desk.mesh) {
        return Err(Rejection::WrongMesh);
    }
    match (by_token, hello.token) {
        (true, Some(id)) => desk.tokens.proof(id, now),
        (false, None) => Ok(Proof::Code),
        (true, None) | (false, Some(_)) => Err(Rejection::UnknownToken),
    }
}
