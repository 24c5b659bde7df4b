//! The handle that the caller holds.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use libp2p::TransportError;
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::{
    AskId, Event, Gate, Key, QuestionId,
    bulk::{Desk, Open},
    driver::Driver,
    limits::{ADMISSION_TIMEOUT, MAX_QUESTIONS, MAX_QUEUED_EVENTS},
    outbox::{Dropped, Outbox, Sent},
};

/// What a mesh needs to start.
#[derive(Debug)]
pub struct Config {
    /// The Ed25519 seed; it gives the PeerId and is the same that signs statements.
    pub seed: Zeroizing<[u8; 32]>,
    /// Where to listen: `ip:port` or a multiaddress; port 0 lets the system choose.
    pub listen: Vec<String>,
    pub mdns: Mdns,
    /// Connections held at once.
    pub max_links: u32,
    /// Questions to one peer that are open at once; one more fails at once.
    pub max_asks: usize,
    /// Time for Noise and admission.
    pub patience: Duration,
}

impl Config {
    /// Listens nowhere, discovers nobody, holds up to 256 links.
    pub fn new(seed: Zeroizing<[u8; 32]>) -> Self {
        Self {
            seed,
            listen: Vec::new(),
            mdns: Mdns::Off,
            max_links: 256,
            max_asks: MAX_QUESTIONS,
            patience: ADMISSION_TIMEOUT,
        }
    }
}

/// Whether peers are looked for on the local network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mdns {
    On,
    Off,
}

/// Why a mesh did not start; nothing is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("`{0}` is not an address to listen on")]
    Address(String),
    #[error("cannot listen on `{address}`")]
    Listen {
        address: String,
        #[source]
        source: TransportError<io::Error>,
    },
    #[error("another program listens on `{address}`: stop it, or listen on another port")]
    Taken { address: String },
    #[error("a listener ended or took too long to bind")]
    Bind,
    #[error("cannot prepare Noise")]
    Noise(#[from] libp2p::noise::Error),
    #[error("cannot look for peers on the local network")]
    Mdns(#[source] io::Error),
}

/// Links to peers by key. Dropping it stops everything at once; [`Mesh::stop`] says goodbye first.
#[derive(Debug)]
pub struct Mesh {
    key: Key,
    shared: Arc<Shared>,
    stopping: CancellationToken,
    driver: JoinHandle<()>,
}

impl Mesh {
    /// Binds the listeners and starts to serve. The receiver must be read: reading from peers pauses while it is full.
    pub async fn start(
        config: Config,
        gate: Arc<dyn Gate>,
    ) -> Result<(Self, mpsc::Receiver<Event>), StartError> {
        let (events, receiver) = mpsc::channel(MAX_QUEUED_EVENTS);
        let shared = Arc::new(Shared::default());
        let stopping = CancellationToken::new();
        let driver = Driver::bind(config, gate, shared.clone(), events, stopping.clone()).await?;
        let key = driver.key();
        let driver = tokio::spawn(driver.run());
        Ok((
            Self {
                key,
                shared,
                stopping,
                driver,
            },
            receiver,
        ))
    }

    /// This side's key.
    pub fn key(&self) -> Key {
        self.key
    }

    /// The addresses this side listens on, ports resolved, as multiaddresses.
    pub fn listen_addresses(&self) -> Vec<String> {
        lock(&self.shared.listening).clone()
    }

    /// Dials unless a link stands or is being made. One of `LinkUp`, `Refused` or `Unreachable`
    /// follows, unless `disconnect` comes first; to dial again after it is the caller's decision.
    pub fn connect(&self, key: Key, addresses: Vec<String>) {
        lock(&self.shared.orders).entry(key).or_default().connect = Some(addresses);
        self.shared.ordered.notify_one();
    }

    /// Ends the link after what is queued has been sent, or gives up a dial.
    pub fn disconnect(&self, key: Key) {
        let order = Order {
            disconnect: Disconnect::First,
            connect: None,
        };
        lock(&self.shared.orders).insert(key, order);
        self.shared.ordered.notify_one();
    }

    /// Queues a frame and never waits.
    pub fn send(&self, key: Key, frame: Bytes) -> Sent {
        match lock(&self.shared.links).get(&key) {
            Some(ends) => ends.outbox.push(frame),
            None => Sent::Dropped(Dropped::NoLink),
        }
    }

    /// Asks a peer whose link stands and never waits or dials. `Answered` follows unless it is withdrawn.
    pub fn ask(&self, key: Key, question: Bytes) -> AskId {
        let open = &self.shared.open;
        let asked = lock(&self.shared.links)
            .get(&key)
            .and_then(|ends| ends.desk.ask(open, question));
        asked.unwrap_or_else(|| {
            let id = open.fail(key);
            self.shared.ordered.notify_one();
            id
        })
    }

    /// No answer is wanted any more, and none is reported unless it was on its way to the caller already.
    pub fn withdraw(&self, id: AskId) {
        self.shared.open.withdraw(id);
    }

    /// Answers a peer; `Served` says what became of it. Nothing happens if the question has ended.
    pub fn answer(&self, id: QuestionId, answer: Bytes) {
        self.shared.open.answer(id, answer);
    }

    /// Sends what is queued, closes every link and waits for both, within about two seconds.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        if let Err(error) = (&mut self.driver).await {
            tracing::error!(%error, "the mesh driver failed");
        }
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What the handle, the driver and the links have in common. Only callers on this device fill it.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    links: Mutex<BTreeMap<Key, Ends>>,
    pub(crate) open: Open,
    orders: Mutex<BTreeMap<Key, Order>>,
    pub(crate) ordered: Notify,
    pub(crate) listening: Mutex<Vec<String>>,
}

/// The caller's ends of a link that stands.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) outbox: Outbox,
    pub(crate) desk: Desk,
}

/// The caller's latest wish about one peer.
#[derive(Debug, Default)]
pub(crate) struct Order {
    pub(crate) disconnect: Disconnect,
    pub(crate) connect: Option<Vec<String>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Disconnect {
    #[default]
    No,
    First,
}

impl Shared {
    pub(crate) fn link_up(&self, key: Key, ends: Ends) {
        lock(&self.links).insert(key, ends);
    }

    pub(crate) fn link_down(&self, key: &Key) {
        lock(&self.links).remove(key);
    }

    pub(crate) fn take_orders(&self) -> BTreeMap<Key, Order> {
        std::mem::take(&mut *lock(&self.orders))
    }
}

/// What is locked is whole between any two statements, so a panic elsewhere does not spoil it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
