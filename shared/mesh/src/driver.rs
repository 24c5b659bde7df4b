//! The one task that owns the swarm: routes what happens there to the peers' slots and links.

use std::{collections::BTreeMap, io, sync::Arc, time::Instant};

use futures::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm,
    core::{ConnectedPoint, transport::TransportError},
    swarm::{
        ConnectionId, DialError, ListenError, Stream, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Config, Direction, DownReason, Event, Gate, Judge, Key, StartError, Unreachable,
    admission::AdmissionError,
    key::{key_of, peer_of},
    limits::{ADMISSION_TIMEOUT, GOODBYE_TIMEOUT, MAX_ADDRESSES, MAX_DISCOVERED},
    link::{self, Hex, Link},
    mesh::{Disconnect, Shared, lock},
    slots::{Settlement, Slot, settle},
    substream::{Opened, Outcome},
    transport,
};

mod bind;
mod reports;

use bind::{Behaviour, BehaviourEvent};

pub(crate) struct Driver {
    swarm: Swarm<Behaviour>,
    key: Key,
    shared: Arc<Shared>,
    events: mpsc::Sender<Event>,
    stopping: CancellationToken,
    max_asks: usize,
    slots: BTreeMap<Key, Slot<ConnectionId>>,
    /// Streams that wait to be accepted; bounded, as links are, by the connection limits.
    openings: JoinSet<Accepted>,
    links: JoinSet<(Key, ConnectionId)>,
    /// For each running link, how to end it and how to learn that it has ended.
    running: BTreeMap<Key, Running>,
}

struct Accepted {
    key: Key,
    connection: ConnectionId,
    address: Multiaddr,
    stream: io::Result<Stream>,
}

struct Running {
    connection: ConnectionId,
    end: Option<oneshot::Sender<DownReason>>,
    done: Option<oneshot::Receiver<()>>,
}

impl Driver {
    pub(crate) fn key(&self) -> Key {
        self.key
    }

    pub(crate) async fn run(mut self) {
        let (stopping, shared) = (self.stopping.clone(), self.shared.clone());
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                event = self.swarm.select_next_some() => self.on_swarm(event).await,
                () = shared.ordered.notified() => self.on_orders().await,
                Some(Ok(accepted)) = self.openings.join_next() => self.on_accepted(accepted).await,
                Some(Ok((key, connection))) = self.links.join_next() => self.on_ended(key, connection),
            }
        }
        self.shut_down().await;
    }

    async fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Substream(opened)) => {
                self.on_opened(opened).await;
            }
            SwarmEvent::Behaviour(BehaviourEvent::Mdns(event)) => self.on_mdns(event).await,
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            } => {
                self.on_established(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed {
                peer_id,
                connection_id,
                ..
            } => {
                self.on_failed_opening(key_of(&peer_id), connection_id)
                    .await;
            }
            SwarmEvent::OutgoingConnectionError {
                peer_id,
                connection_id,
                error,
            } => {
                self.on_dial_error(peer_id, connection_id, error).await;
            }
            SwarmEvent::IncomingConnectionError {
                send_back_addr,
                error,
                ..
            } => {
                self.on_listen_error(&send_back_addr, &error).await;
            }
            SwarmEvent::NewListenAddr { address, .. } => self.on_listening(&address).await,
            SwarmEvent::ExpiredListenAddr { address, .. } => self.on_expired(&address),
            other => tracing::trace!(event = ?other, "swarm"),
        }
    }

    async fn on_orders(&mut self) {
        for (key, id) in self.shared.open.take_failed() {
            let answer = None;
            self.emit(Event::Answered { key, id, answer }).await;
        }
        for (key, order) in self.shared.take_orders() {
            if order.disconnect == Disconnect::First {
                self.disconnect(&key);
            }
            if let Some(addresses) = order.connect {
                self.connect(key, &addresses).await;
            }
        }
    }

    async fn connect(&mut self, key: Key, addresses: &[String]) {
        if self.slots.contains_key(&key) {
            return;
        }
        let Some(peer) = peer_of(&key) else {
            return self.report_unreachable(key, Unreachable::WrongKey).await;
        };
        let addresses = addresses.iter().take(MAX_ADDRESSES);
        let dial = DialOpts::peer_id(peer)
            .condition(PeerCondition::Always)
            .addresses(
                addresses
                    .filter_map(|text| transport::address(text))
                    .collect(),
            )
            // Reusing the listener's port would let two dials at once meet as one connection with two initiators.
            .allocate_new_port()
            .build();
        let connection = dial.connection_id();
        match self.swarm.dial(dial) {
            Ok(()) => {
                self.slots.insert(key, Slot::Dialling(connection));
            }
            Err(error) => self.report_dial_error(key, error).await,
        }
    }

    fn disconnect(&mut self, key: &Key) {
        match self.slots.remove(key) {
            Some(Slot::Up { .. }) => self.end_link(key, DownReason::Requested),
            Some(Slot::Opening(connection)) => self.close(connection),
            // The dial cannot be stopped; without its slot its connection is closed at once.
            Some(Slot::Dialling(_)) | None => {}
        }
    }

    fn on_established(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        endpoint: &ConnectedPoint,
    ) {
        if endpoint.is_listener() {
            return;
        }
        let Some(key) = key_of(&peer) else {
            return self.close(connection);
        };
        match self.slots.get_mut(&key) {
            Some(slot) if *slot == Slot::Dialling(connection) => {
                *slot = Slot::Opening(connection);
                self.swarm.behaviour_mut().substream.open(peer, connection);
            }
            _ => self.close(connection),
        }
    }

    async fn on_opened(&mut self, opened: Opened) {
        let Opened {
            peer,
            connection,
            address,
            outcome,
        } = opened;
        let Some(key) = key_of(&peer) else {
            return self.close(connection);
        };
        match outcome {
            Outcome::Inbound(stream) => self.on_inbound(key, connection, &address, stream),
            Outcome::Outbound(stream) => {
                self.openings.spawn(async move {
                    let stream = match timeout(ADMISSION_TIMEOUT, link::accepted(stream)).await {
                        Ok(stream) => stream,
                        Err(_) => Err(io::ErrorKind::TimedOut.into()),
                    };
                    Accepted {
                        key,
                        connection,
                        address,
                        stream,
                    }
                });
            }
            Outcome::Failed => self.on_failed_opening(Some(key), connection).await,
        }
    }

    fn on_inbound(
        &mut self,
        key: Key,
        connection: ConnectionId,
        address: &Multiaddr,
        stream: Stream,
    ) {
        let settlement = settle(self.slots.get(&key), &self.key, &key, Instant::now());
        tracing::debug!(key = %Hex(&key), ?settlement, slot = ?self.slots.get(&key), "stream offered");
        if settlement == Settlement::Refuse {
            return self.close(connection);
        }
        match self.slots.remove(&key) {
            Some(Slot::Up { .. }) => self.end_link(&key, DownReason::Replaced),
            Some(Slot::Opening(ours)) => self.close(ours),
            Some(Slot::Dialling(_)) | None => {}
        }
        self.start_link(key, connection, address, Direction::Inbound, stream);
    }

    async fn on_accepted(&mut self, accepted: Accepted) {
        let Accepted {
            key,
            connection,
            address,
            stream,
        } = accepted;
        match stream {
            Ok(stream) if self.slots.get(&key) == Some(&Slot::Opening(connection)) => {
                self.start_link(key, connection, &address, Direction::Outbound, stream);
            }
            Ok(_) => self.close(connection),
            Err(error) => {
                tracing::debug!(key = %Hex(&key), %error, "the stream was not accepted");
                self.close(connection);
                self.on_failed_opening(Some(key), connection).await;
            }
        }
    }

    /// A connection ended before its link was up; after that the link itself notices.
    async fn on_failed_opening(&mut self, key: Option<Key>, connection: ConnectionId) {
        let Some(key) = key else { return };
        if self.slots.get(&key) == Some(&Slot::Opening(connection)) {
            self.slots.remove(&key);
            self.close(connection);
            self.report_unreachable(key, Unreachable::ClosedEarly).await;
        }
    }

    fn start_link(
        &mut self,
        key: Key,
        connection: ConnectionId,
        address: &Multiaddr,
        direction: Direction,
        stream: Stream,
    ) {
        let Some(peer) = peer_of(&key) else {
            return self.close(connection);
        };
        let (end, ended) = oneshot::channel();
        let (done, is_done) = oneshot::channel();
        let running = Running {
            connection,
            end: Some(end),
            done: Some(is_done),
        };
        let link = Link {
            key,
            address: address.to_string(),
            direction,
            stream,
            passage: self.swarm.behaviour_mut().bulk.link(peer, connection),
            max_asks: self.max_asks,
            previous: self
                .running
                .insert(key, running)
                .and_then(|previous| previous.done),
            end: ended,
            events: self.events.clone(),
            shared: self.shared.clone(),
            stopping: self.stopping.clone(),
        };
        self.slots.insert(
            key,
            Slot::Up {
                connection,
                direction,
                since: Instant::now(),
            },
        );
        self.links.spawn(async move {
            link.carry().await;
            // The next link of this peer may have been given up already.
            done.send(()).ok();
            (key, connection)
        });
    }

    fn end_link(&mut self, key: &Key, reason: DownReason) {
        let end = self
            .running
            .get_mut(key)
            .and_then(|running| running.end.take());
        // A link that has ended by itself no longer listens.
        end.map(|end| end.send(reason).ok());
    }

    fn on_ended(&mut self, key: Key, connection: ConnectionId) {
        if matches!(self.slots.get(&key), Some(Slot::Up { connection: ours, .. }) if *ours == connection)
        {
            self.slots.remove(&key);
        }
        if self
            .running
            .get(&key)
            .is_some_and(|running| running.connection == connection)
        {
            self.running.remove(&key);
        }
        self.close(connection);
    }

    fn close(&mut self, connection: ConnectionId) {
        // False means that it is closed already.
        self.swarm.close_connection(connection);
    }

    async fn shut_down(mut self) {
        self.openings.abort_all();
        for key in self.running.keys().copied().collect::<Vec<_>>() {
            self.end_link(&key, DownReason::Requested);
        }
        let goodbye = async {
            while self.links.join_next().await.is_some() {}
            for peer in self.swarm.connected_peers().copied().collect::<Vec<_>>() {
                // An error means that it left by itself.
                self.swarm.disconnect_peer_id(peer).ok();
            }
            while self.swarm.connected_peers().next().is_some() {
                self.swarm.next().await;
            }
        };
        if timeout(2 * GOODBYE_TIMEOUT, goodbye).await.is_err() {
            tracing::debug!("some peers did not take the last frames in time");
        }
    }

    /// Exclusive, like everything that waits here, because a swarm cannot be shared between threads.
    async fn emit(&mut self, event: Event) {
        link::emit(&self.events, &self.stopping, event).await;
    }
}
