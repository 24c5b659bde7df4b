//! Questions and answers of one link, each on a stream of its own, so that no frame waits behind what is long.
//!
//! The asker writes its question, the other side its answer, and the asker one byte that says that it has it. Whoever
//! wants no answer any more closes its half. The asker opens another stream only when the other side has closed one as
//! well, so that two honest peers never reach the bound of streams.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use libp2p::Stream;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Event, Key,
    limits::{MAX_QUESTION, MAX_QUESTIONS},
    link::{self, Hex, Link},
    mesh::Shared,
};

mod ask;
mod book;
mod open;
mod piece;
mod question;
pub(crate) mod substream;

pub use book::{Book, Ended};
pub(crate) use open::Open;
use substream::Passage;

/// Names a question of this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub(crate) u64);

/// Names a question of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub(crate) u64);

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// The peer says that it has all of it.
    Taken,
    /// It was too long, or the peer left or wanted it no more.
    Failed,
}

/// A question on its way from the handle to the link.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) id: AskId,
    pub(crate) question: Bytes,
    pub(crate) withdrawn: CancellationToken,
}

/// The asking end of a link, which the handle holds.
#[derive(Debug)]
pub(crate) struct Desk {
    asks: mpsc::Sender<Ask>,
    /// Questions that the caller may still ask.
    places: Arc<Semaphore>,
}

/// Both sides' questions of one link.
pub(crate) struct Bulk {
    context: Context,
    asks: mpsc::Receiver<Ask>,
    passage: Passage,
    /// Questions that the peer may still ask.
    questions: Arc<Semaphore>,
    tasks: JoinSet<()>,
}

/// What every question of a link knows.
#[derive(Clone)]
pub(crate) struct Context {
    key: Key,
    events: mpsc::Sender<Event>,
    stopping: CancellationToken,
    shared: Arc<Shared>,
    /// The link has ended.
    over: CancellationToken,
    /// Streams that this side may still open.
    streams: Arc<Semaphore>,
    /// Answers leave one after the other, so that a frame finds at most one window of bytes before it.
    turn: Arc<Semaphore>,
}

impl Desk {
    pub(crate) fn new(max_asks: usize) -> (Self, mpsc::Receiver<Ask>) {
        let (asks, receiver) = mpsc::channel(max_asks);
        let places = Arc::new(Semaphore::new(max_asks));
        (Self { asks, places }, receiver)
    }

    /// Takes a question unless it is too long or too many are open.
    pub(crate) fn ask(&self, open: &Open, question: Bytes) -> Option<AskId> {
        if question.len() > MAX_QUESTION {
            return None;
        }
        let place = self.places.clone().try_acquire_owned().ok()?;
        let (id, withdrawn) = open.new_ask(Some(place));
        let ask = Ask {
            id,
            question,
            withdrawn,
        };
        let queued = self.asks.try_send(ask).is_ok();
        (queued || !open.was_open(id)).then_some(id)
    }
}

impl Bulk {
    pub(crate) fn new(context: Context, asks: mpsc::Receiver<Ask>, passage: Passage) -> Self {
        Self {
            context,
            asks,
            passage,
            questions: Arc::new(Semaphore::new(MAX_QUESTIONS)),
            tasks: JoinSet::new(),
        }
    }

    /// Serves for as long as it is polled. Each question is a task that reports its own end, so that none is lost when
    /// the link ends in between.
    pub(crate) async fn serve(&mut self) -> Infallible {
        loop {
            tokio::select! {
                Some(ask) = self.asks.recv() => {
                    let opener = self.passage.opener.clone();
                    self.tasks.spawn(ask::carry(self.context.clone(), opener, ask));
                }
                Some(stream) = self.passage.streams.recv() => self.on_stream(stream),
                Some(_) = self.tasks.join_next() => {}
                else => std::future::pending().await,
            }
        }
    }

    fn on_stream(&mut self, stream: Stream) {
        match self.questions.clone().try_acquire_owned() {
            Ok(place) => {
                self.tasks
                    .spawn(question::carry(self.context.clone(), place, stream));
            }
            Err(_) => tracing::debug!(key = %Hex(&self.context.key), "one question too many"),
        }
    }

    /// Fails every open question of both sides and returns once each is reported.
    pub(crate) async fn end(mut self) {
        self.context.over.cancel();
        self.asks.close();
        while let Some(ask) = self.asks.recv().await {
            let opener = self.passage.opener.clone();
            self.tasks
                .spawn(ask::carry(self.context.clone(), opener, ask));
        }
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Context {
    pub(crate) fn of(link: &Link) -> Self {
        Self {
            key: link.key,
            events: link.events.clone(),
            stopping: link.stopping.clone(),
            shared: link.shared.clone(),
            over: CancellationToken::new(),
            streams: Arc::new(Semaphore::new(link.max_asks)),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    async fn emit(&self, event: Event) {
        link::emit(&self.events, &self.stopping, event).await;
    }
}
