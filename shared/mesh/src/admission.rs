//! The upgrade between Noise and Yamux in which both sides present credentials and judge each other.

use std::{io, sync::Arc, time::Duration};

use futures::{
    AsyncReadExt as _, AsyncWriteExt as _, FutureExt as _,
    future::BoxFuture,
    io::{AsyncRead, AsyncWrite},
};
use libp2p::{
    PeerId,
    core::{
        UpgradeInfo,
        upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade},
    },
    noise,
};
use protocol::refusal::Refusal;

use crate::{
    Gate, Key,
    key::key_of,
    limits::{MAX_CREDENTIALS, VERDICT_TIMEOUT},
};

const PROTOCOL: &str = "/palisade/admission/1";
const NOISE: &str = "/noise";
const ADMITTED: u8 = 0;

/// Noise, and admission inside it.
#[derive(Clone)]
pub(crate) struct Admission {
    pub(crate) noise: noise::Config,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) patience: Duration,
}

/// A connection whose peer both proved its key and was admitted.
pub(crate) type Admitted<T> = (PeerId, noise::Output<T>);

#[derive(Debug, thiserror::Error)]
pub(crate) enum AdmissionError {
    #[error("the connection broke during admission")]
    Io(#[from] io::Error),
    #[error("the Noise handshake failed")]
    Noise(#[from] noise::Error),
    #[error("the peer proved a key that is not Ed25519")]
    ForeignKey,
    #[error("admission took too long")]
    TimedOut,
    #[error("a side refused the other")]
    Refused {
        key: Key,
        ours: Option<Refusal>,
        theirs: Option<Refusal>,
        /// What the other side showed along with its refusal.
        order: Option<Vec<u8>>,
    },
}

impl UpgradeInfo for Admission {
    type Info = &'static str;
    type InfoIter = std::iter::Once<Self::Info>;

    fn protocol_info(&self) -> Self::InfoIter {
        std::iter::once(PROTOCOL)
    }
}

impl<T> InboundConnectionUpgrade<T> for Admission
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Output = Admitted<T>;
    type Error = AdmissionError;
    type Future = BoxFuture<'static, Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, io: T, _: Self::Info) -> Self::Future {
        let noise = self.noise.upgrade_inbound(io, NOISE);
        within(self.patience, async move {
            exchange(&*self.gate, noise.await?).await
        })
        .boxed()
    }
}

impl<T> OutboundConnectionUpgrade<T> for Admission
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Output = Admitted<T>;
    type Error = AdmissionError;
    type Future = BoxFuture<'static, Result<Self::Output, Self::Error>>;

    fn upgrade_outbound(self, io: T, _: Self::Info) -> Self::Future {
        let noise = self.noise.upgrade_outbound(io, NOISE);
        within(self.patience, async move {
            exchange(&*self.gate, noise.await?).await
        })
        .boxed()
    }
}

async fn within<T>(
    patience: Duration,
    upgrade: impl Future<Output = Result<T, AdmissionError>>,
) -> Result<T, AdmissionError> {
    tokio::time::timeout(patience, upgrade)
        .await
        .map_err(|_| AdmissionError::TimedOut)?
}

/// Both sides write before they read, so neither waits for the other to go first.
async fn exchange<T>(
    gate: &dyn Gate,
    (peer, mut io): (PeerId, noise::Output<T>),
) -> Result<Admitted<T>, AdmissionError>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let key = key_of(&peer).ok_or(AdmissionError::ForeignKey)?;
    write_credentials(&mut io, &gate.credentials()).await?;
    let presented = read_credentials(&mut io).await?;
    let ours = match &presented {
        Presented::Whole(credentials) => gate.judge(key, credentials).err(),
        Presented::Oversize => Some(Refusal::Malformed),
    };
    write_verdict(&mut io, ours, || gate.order_for(key)).await?;
    let theirs = match (presented, ours) {
        (Presented::Oversize, _) => None,
        (_, Some(_)) => read_verdict_of_refused(&mut io).await,
        (_, None) => read_verdict(&mut io).await?,
    };
    if ours.is_none() && theirs.is_none() {
        return Ok((peer, io));
    }
    let order = match theirs {
        Some(Refusal::Revoked) => read_order(&mut io).await,
        Some(_) | None => None,
    };
    if let Err(error) = io.close().await {
        tracing::trace!(%error, "a refused connection was closed by the peer first");
    }
    Err(AdmissionError::Refused {
        key,
        ours,
        theirs,
        order,
    })
}

enum Presented {
    Whole(Vec<u8>),
    Oversize,
}

async fn write_credentials(
    io: &mut (impl AsyncWrite + Unpin),
    credentials: &[u8],
) -> io::Result<()> {
    let length = u16::try_from(credentials.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    io.write_all(&length.to_be_bytes()).await?;
    io.write_all(credentials).await?;
    io.flush().await
}

/// A peer that is turned away as revoked is shown its order behind the verdict, or that there is none.
async fn write_verdict(
    io: &mut (impl AsyncWrite + Unpin),
    ours: Option<Refusal>,
    order: impl Fn() -> Option<Vec<u8>>,
) -> io::Result<()> {
    io.write_all(&[verdict_code(ours)]).await?;
    if ours == Some(Refusal::Revoked) {
        return write_credentials(io, &order().unwrap_or_default()).await;
    }
    io.flush().await
}

async fn read_credentials(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Presented> {
    let mut length = [0; 2];
    io.read_exact(&mut length).await?;
    let length = usize::from(u16::from_be_bytes(length));
    if length > MAX_CREDENTIALS {
        return Ok(Presented::Oversize);
    }
    let mut credentials = vec![0; length];
    io.read_exact(&mut credentials).await?;
    Ok(Presented::Whole(credentials))
}

async fn read_verdict(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Refusal>> {
    let mut code = [0];
    io.read_exact(&mut code).await?;
    Ok(refusal_of(code[0]))
}

/// Our refusal stands whether or not the refused peer says anything more.
async fn read_verdict_of_refused(io: &mut (impl AsyncRead + Unpin)) -> Option<Refusal> {
    match tokio::time::timeout(VERDICT_TIMEOUT, read_verdict(io)).await {
        Ok(Ok(theirs)) => theirs,
        Ok(Err(_)) | Err(_) => None,
    }
}

/// A peer of an earlier version shows nothing behind its verdict.
async fn read_order(io: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    match tokio::time::timeout(VERDICT_TIMEOUT, read_credentials(io)).await {
        Ok(Ok(Presented::Whole(order))) => Some(order).filter(|order| !order.is_empty()),
        Ok(Ok(Presented::Oversize) | Err(_)) | Err(_) => None,
    }
}

fn verdict_code(refusal: Option<Refusal>) -> u8 {
    match refusal {
        None => ADMITTED,
        Some(Refusal::Unknown) => 1,
        Some(Refusal::Expired) => 2,
        Some(Refusal::Revoked) => 3,
        Some(Refusal::WrongMesh) => 4,
        Some(Refusal::ClockWrong) => 5,
        Some(Refusal::Malformed) => 6,
    }
}

/// A code of a later version reads as malformed, whose remedy is to run the same version.
fn refusal_of(code: u8) -> Option<Refusal> {
    match code {
        ADMITTED => None,
        1 => Some(Refusal::Unknown),
        2 => Some(Refusal::Expired),
        3 => Some(Refusal::Revoked),
        4 => Some(Refusal::WrongMesh),
        5 => Some(Refusal::ClockWrong),
        _ => Some(Refusal::Malformed),
    }
}
