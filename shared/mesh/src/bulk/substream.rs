//! Opens a stream for each question, and hands over those that the peer opens once its link stands.

use std::{
    collections::{BTreeMap, VecDeque},
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol,
    core::{Endpoint, transport::PortUse, upgrade::ReadyUpgrade},
    swarm::{
        ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
        NetworkBehaviour, NotifyHandler, SubstreamProtocol, THandlerInEvent, ToSwarm,
        handler::{ConnectionEvent, FullyNegotiatedInbound, FullyNegotiatedOutbound},
    },
};
use tokio::sync::{mpsc, oneshot};

use crate::limits::{ADMISSION_TIMEOUT, MAX_QUESTIONS, MAX_STREAMS};

const BULK: StreamProtocol = StreamProtocol::new("/palisade/bulk/1");

/// Where a stream that was asked for is put; nothing comes if it could not be opened.
type Wanted = oneshot::Sender<Stream>;

/// What a link has to do with its connection's further streams.
pub(crate) struct Passage {
    pub(crate) opener: Opener,
    /// Those that the peer opens.
    pub(crate) streams: mpsc::Receiver<Stream>,
}

/// Opens streams on one connection.
#[derive(Clone)]
pub(crate) struct Opener {
    peer: PeerId,
    connection: ConnectionId,
    orders: mpsc::Sender<Order>,
}

struct Order {
    peer: PeerId,
    connection: ConnectionId,
    wanted: Wanted,
}

impl Opener {
    pub(crate) async fn open(&self) -> Option<Stream> {
        let (wanted, stream) = oneshot::channel();
        let order = Order {
            peer: self.peer,
            connection: self.connection,
            wanted,
        };
        self.orders.send(order).await.ok()?;
        stream.await.ok()
    }
}

/// Knows of each connection whether its link stands.
pub(crate) struct Behaviour {
    sender: mpsc::Sender<Order>,
    orders: mpsc::Receiver<Order>,
    connections: BTreeMap<ConnectionId, Inbox>,
}

enum Inbox {
    /// The other side may see the link a moment before this one; what it opens meanwhile waits.
    Early(Vec<Stream>),
    Linked(mpsc::Sender<Stream>),
}

impl Default for Behaviour {
    fn default() -> Self {
        let (sender, orders) = mpsc::channel(MAX_STREAMS);
        Self {
            sender,
            orders,
            connections: BTreeMap::new(),
        }
    }
}

impl Behaviour {
    /// The link of this connection stands.
    pub(crate) fn link(&mut self, peer: PeerId, connection: ConnectionId) -> Passage {
        let (sender, streams) = mpsc::channel(MAX_QUESTIONS);
        let inbox = Inbox::Linked(sender);
        if let Some(Inbox::Early(early)) = self.connections.insert(connection, inbox) {
            early
                .into_iter()
                .for_each(|stream| self.deliver(connection, stream));
        }
        Passage {
            opener: Opener {
                peer,
                connection,
                orders: self.sender.clone(),
            },
            streams,
        }
    }

    /// What finds no room, no link or no connection is reset.
    fn deliver(&mut self, connection: ConnectionId, stream: Stream) {
        match self.connections.get_mut(&connection) {
            Some(Inbox::Early(early)) if early.len() < MAX_QUESTIONS => early.push(stream),
            Some(Inbox::Linked(streams)) => drop(streams.try_send(stream)),
            Some(Inbox::Early(_)) | None => {}
        }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = std::convert::Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(Handler::default())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(Handler::default())
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(established) => {
                let inbox = Inbox::Early(Vec::new());
                self.connections.insert(established.connection_id, inbox);
            }
            FromSwarm::ConnectionClosed(closed) => {
                self.connections.remove(&closed.connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, connection: ConnectionId, stream: Stream) {
        self.deliver(connection, stream);
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.orders.poll_recv(cx).map(|order| {
            let order = order.expect("this side holds a sender itself");
            ToSwarm::NotifyHandler {
                peer_id: order.peer,
                handler: NotifyHandler::One(order.connection),
                event: order.wanted,
            }
        })
    }
}

/// One connection's side of it. Streams are alike, so whichever opens first serves whoever asked first.
#[derive(Default)]
pub(crate) struct Handler {
    wanted: VecDeque<Wanted>,
    opening: VecDeque<Wanted>,
    inbound: VecDeque<Stream>,
}

type Protocol = ReadyUpgrade<StreamProtocol>;

fn bulk() -> SubstreamProtocol<Protocol> {
    SubstreamProtocol::new(ReadyUpgrade::new(BULK), ()).with_timeout(ADMISSION_TIMEOUT)
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Wanted;
    type ToBehaviour = Stream;
    type InboundProtocol = Protocol;
    type OutboundProtocol = Protocol;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Protocol> {
        bulk()
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Protocol, (), Self::ToBehaviour>> {
        if let Some(stream) = self.inbound.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(stream));
        }
        while let Some(wanted) = self.wanted.pop_front() {
            if !wanted.is_closed() {
                self.opening.push_back(wanted);
                let protocol = bulk();
                return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
            }
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, wanted: Wanted) {
        self.wanted.push_back(wanted);
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Protocol, Protocol>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol, ..
            }) => self.inbound.push_back(protocol),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol, ..
            }) => {
                // A stream that nobody waits for any more is reset.
                if let Some(wanted) = self.opening.pop_front() {
                    drop(wanted.send(protocol));
                }
            }
            ConnectionEvent::DialUpgradeError(_) => drop(self.opening.pop_front()),
            _ => {}
        }
    }
}
