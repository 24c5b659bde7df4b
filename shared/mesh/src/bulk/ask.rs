//! The asker's side of a question.

use std::io;

use bytes::Bytes;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::Stream;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

use super::{Ask, Context, piece, substream::Opener};
use crate::{
    Event,
    limits::{ANSWER_TIMEOUT, MAX_ANSWER, PARTING_TIMEOUT},
};

/// The byte that says that the whole answer is there.
pub(super) const TAKEN: u8 = 1;

/// Reports the answer, or that there is none; whoever withdraws hears nothing.
pub(super) async fn carry(context: Context, opener: Opener, ask: Ask) {
    let mut stream = None;
    let answer = tokio::select! {
        biased;
        () = context.over.cancelled() => None,
        () = ask.withdrawn.cancelled() => None,
        answer = timeout(ANSWER_TIMEOUT, exchange(&context, &opener, &mut stream, &ask.question)) => {
            answer.ok().and_then(Result::ok)
        }
    };
    if context.shared.open.was_open(ask.id) {
        let (key, id) = (context.key, ask.id);
        context.emit(Event::Answered { key, id, answer }).await;
    }
    if let Some((_place, stream)) = stream {
        tokio::select! {
            () = context.over.cancelled() => {}
            _ = timeout(PARTING_TIMEOUT, part(stream)) => {}
        }
    }
}

/// The stream stays with the caller, and with it its place among those that may be open.
async fn exchange(
    context: &Context,
    opener: &Opener,
    stream: &mut Option<(OwnedSemaphorePermit, Stream)>,
    question: &[u8],
) -> io::Result<Bytes> {
    let place = context.streams.clone().acquire_owned().await;
    let place = place.expect("this semaphore is never closed");
    let opened = opener.open().await.ok_or(io::ErrorKind::NotConnected)?;
    let (_, stream) = stream.insert((place, opened));
    piece::write(stream, question).await?;
    let answer = piece::read(stream, MAX_ANSWER).await?;
    stream.write_all(&[TAKEN]).await?;
    stream.flush().await?;
    Ok(answer)
}

/// Closes this half and waits until the other side has closed its own: until then the stream counts there.
async fn part(mut stream: Stream) -> io::Result<()> {
    stream.close().await?;
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
