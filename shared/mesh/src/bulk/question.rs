//! The answerer's side of a question.

use std::io;

use bytes::Bytes;
use futures::{AsyncReadExt as _, io::AsyncRead};
use libp2p::Stream;
use tokio::{
    sync::{OwnedSemaphorePermit, oneshot},
    time::timeout,
};

use super::{Context, Handover, ask::TAKEN, piece};
use crate::{
    Event,
    limits::{ANSWER_TIMEOUT, MAX_ANSWER, MAX_QUESTION, QUESTION_TIMEOUT},
};

/// Reports the question, and then how it ended.
pub(super) async fn carry(context: Context, place: OwnedSemaphorePermit, mut stream: Stream) {
    let read = tokio::select! {
        () = context.over.cancelled() => return,
        read = timeout(QUESTION_TIMEOUT, piece::read(&mut stream, MAX_QUESTION)) => read,
    };
    let Ok(Ok(bytes)) = read else { return };
    let key = context.key;
    let (id, answer) = context.shared.open.new_question();
    context.emit(Event::Asked { key, id, bytes }).await;
    let answer = wait(&context, &mut stream, answer).await;
    context.shared.open.forget_question(id);
    let end = match answer {
        None => Event::Withdrawn { key, id },
        Some(answer) => {
            let how = hand_over(&context, &mut stream, &answer).await;
            Event::Served { key, id, how }
        }
    };
    // The asker counts the stream until it sees its end, so the place must be free by then.
    drop(place);
    drop(stream);
    context.emit(end).await;
}

/// The caller's answer; none if the asker leaves first.
async fn wait(
    context: &Context,
    stream: &mut Stream,
    answer: oneshot::Receiver<Bytes>,
) -> Option<Bytes> {
    let mut nothing = [0];
    tokio::select! {
        () = context.over.cancelled() => None,
        _ = stream.read(&mut nothing) => None,
        answer = timeout(ANSWER_TIMEOUT, answer) => answer.ok()?.ok(),
    }
}

async fn hand_over(context: &Context, stream: &mut Stream, answer: &[u8]) -> Handover {
    if answer.len() > MAX_ANSWER {
        return Handover::Failed;
    }
    let (read, mut write) = stream.split();
    let writing = async {
        {
            let _turn = context.turn.acquire().await;
            piece::write(&mut write, answer).await?;
        }
        std::future::pending().await
    };
    tokio::select! {
        () = context.over.cancelled() => Handover::Failed,
        how = timeout(ANSWER_TIMEOUT, said(read)) => how.unwrap_or(Handover::Failed),
        failed = writing => {
            let failed: io::Result<Handover> = failed;
            failed.unwrap_or(Handover::Failed)
        }
    }
}

/// What the asker says of the answer: one byte, or that it leaves.
async fn said(mut read: impl AsyncRead + Unpin) -> Handover {
    let mut byte = [0];
    match read.read_exact(&mut byte).await {
        Ok(()) if byte == [TAKEN] => Handover::Taken,
        _ => Handover::Failed,
    }
}
