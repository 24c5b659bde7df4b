//! Meshes on port 0 of the loopback, and waiting for what they report.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use mesh::{Config, Event, Gate, Key, Mesh};
use protocol::refusal::Refusal;
use tokio::{sync::mpsc, time::timeout};
use zeroize::Zeroizing;

/// Longer than every timeout of the adapter, so that a test that hangs says where.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A gate whose verdict is fixed, and whose credentials name it.
pub struct Fixed {
    pub presents: Vec<u8>,
    pub verdict: Result<(), Refusal>,
    pub order: Option<Vec<u8>>,
}

impl Gate for Fixed {
    fn credentials(&self) -> Vec<u8> {
        self.presents.clone()
    }

    fn judge(&self, _: Key, _: &[u8]) -> Result<(), Refusal> {
        self.verdict
    }

    fn order_for(&self, _: Key) -> Option<Vec<u8>> {
        self.order.clone()
    }
}

pub fn open_gate() -> Arc<Fixed> {
    gate(Ok(()))
}

pub fn gate(verdict: Result<(), Refusal>) -> Arc<Fixed> {
    Arc::new(Fixed {
        presents: b"credentials".to_vec(),
        verdict,
        order: None,
    })
}

/// A mesh and the events it reported and nobody has waited for yet.
pub struct Peer {
    pub mesh: Mesh,
    pub events: mpsc::Receiver<Event>,
    seen: VecDeque<Event>,
}

impl Peer {
    pub async fn start(seed: u8, gate: Arc<dyn Gate>) -> Self {
        Self::start_at(seed, gate, "127.0.0.1:0").await
    }

    pub async fn start_at(seed: u8, gate: Arc<dyn Gate>, listen: &str) -> Self {
        let mut config = Config::new(Zeroizing::new([seed; 32]));
        config.listen.push(listen.to_owned());
        Self::start_with(config, gate).await
    }

    pub async fn start_with(mut config: Config, gate: Arc<dyn Gate>) -> Self {
        config.patience = Duration::from_secs(2);
        let (mesh, events) = Mesh::start(config, gate)
            .await
            .expect("the loopback can be bound");
        Self {
            mesh,
            events,
            seen: VecDeque::new(),
        }
    }

    pub fn key(&self) -> Key {
        self.mesh.key()
    }

    pub fn dial(&self, other: &Self) {
        self.mesh
            .connect(other.key(), other.mesh.listen_addresses());
    }

    pub fn send(&self, other: &Self, frame: &'static [u8]) -> mesh::Sent {
        self.mesh.send(other.key(), Bytes::from_static(frame))
    }

    /// The first event that `pick` accepts; the others stay for later.
    pub async fn wait<T>(&mut self, pick: impl Fn(&Event) -> Option<T>) -> T {
        if let Some(at) = self.seen.iter().position(|event| pick(event).is_some()) {
            let event = self.seen.remove(at).expect("the position was just found");
            return pick(&event).expect("it was picked a moment ago");
        }
        loop {
            let event = timeout(PATIENCE, self.events.recv()).await;
            let event = event.unwrap_or_else(|_| panic!("nothing came; seen: {:?}", self.seen));
            let event = event.expect("the mesh runs");
            match pick(&event) {
                Some(picked) => return picked,
                None => self.seen.push_back(event),
            }
        }
    }

    pub async fn up(&mut self, other: Key) {
        self.wait(|event| {
            matches!(event, Event::LinkUp { key, .. } if *key == other).then_some(())
        })
        .await;
    }

    pub async fn down(&mut self, other: Key) -> mesh::DownReason {
        self.wait(|event| match event {
            Event::LinkDown { key, reason } if *key == other => Some(*reason),
            _ => None,
        })
        .await
    }

    pub async fn frame(&mut self) -> Bytes {
        self.wait(|event| match event {
            Event::Frame { bytes, .. } => Some(bytes.clone()),
            _ => None,
        })
        .await
    }

    /// Ends whatever is under way with `other` and drops what was reported of it.
    pub async fn disconnect_and_forget(&mut self, other: Key) {
        self.mesh.disconnect(other);
        while let Ok(Some(event)) = timeout(Duration::from_millis(500), self.events.recv()).await {
            self.seen.push_back(event);
        }
        self.seen.clear();
    }

    /// How many links to `other` are up by what has been reported.
    pub fn links_to(&mut self, other: Key) -> i32 {
        while let Ok(event) = self.events.try_recv() {
            self.seen.push_back(event);
        }
        let count = |event: &Event| match event {
            Event::LinkUp { key, .. } if *key == other => 1,
            Event::LinkDown { key, .. } if *key == other => -1,
            _ => 0,
        };
        self.seen.iter().map(count).sum()
    }
}

/// Two meshes with one link.
pub async fn linked() -> (Peer, Peer) {
    let mut a = Peer::start(1, open_gate()).await;
    let mut b = Peer::start(2, open_gate()).await;
    a.dial(&b);
    a.up(b.key()).await;
    b.up(a.key()).await;
    (a, b)
}
