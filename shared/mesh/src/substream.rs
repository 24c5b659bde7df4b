//! Opens the one stream of a connection: the dialler when it is told to, the listener once.

use std::{
    collections::VecDeque,
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId, StreamProtocol,
    core::{Endpoint, transport::PortUse, upgrade::ReadyUpgrade},
    swarm::{
        ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
        NetworkBehaviour, NotifyHandler, Stream, SubstreamProtocol, THandlerInEvent, ToSwarm,
        handler::{ConnectionEvent, FullyNegotiatedInbound, FullyNegotiatedOutbound},
    },
};

use crate::{Direction, limits::ADMISSION_TIMEOUT};

const FRAMES: StreamProtocol = StreamProtocol::new("/palisade/frames/2");

/// The stream of a connection was opened, or could not be.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) peer: PeerId,
    pub(crate) connection: ConnectionId,
    pub(crate) address: Multiaddr,
    pub(crate) outcome: Outcome,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    Inbound(Stream),
    Outbound(Stream),
    Failed,
}

#[derive(Debug)]
pub(crate) struct Open;

/// Hands streams to the driver and the driver's wishes to the connections.
#[derive(Default)]
pub(crate) struct Behaviour {
    pending: VecDeque<ToSwarm<Opened, Open>>,
}

impl Behaviour {
    /// Asks for the stream of a connection that this side dialled.
    pub(crate) fn open(&mut self, peer: PeerId, connection: ConnectionId) {
        let handler = NotifyHandler::One(connection);
        self.pending.push_back(ToSwarm::NotifyHandler {
            peer_id: peer,
            handler,
            event: Open,
        });
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Opened;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(Handler::new(Direction::Inbound, remote.clone()))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        remote: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(Handler::new(Direction::Outbound, remote.clone()))
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        (outcome, address): (Outcome, Multiaddr),
    ) {
        self.pending.push_back(ToSwarm::GenerateEvent(Opened {
            peer,
            connection,
            address,
            outcome,
        }));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Opened, THandlerInEvent<Self>>> {
        self.pending.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

/// One connection's side of it.
pub(crate) struct Handler {
    direction: Direction,
    address: Multiaddr,
    wanted: Option<Open>,
    opened: Opening,
    outcome: Option<Outcome>,
}

#[derive(PartialEq)]
enum Opening {
    NotYet,
    Done,
}

type Protocol = ReadyUpgrade<StreamProtocol>;

impl Handler {
    fn new(direction: Direction, address: Multiaddr) -> Self {
        Self {
            direction,
            address,
            wanted: None,
            opened: Opening::NotYet,
            outcome: None,
        }
    }

    /// A peer that opens a second stream, or one on a connection that we dialled, has it reset.
    fn on_inbound(&mut self, stream: Stream) {
        if self.direction == Direction::Inbound && self.opened == Opening::NotYet {
            self.opened = Opening::Done;
            self.outcome = Some(Outcome::Inbound(stream));
        }
    }
}

fn frames() -> SubstreamProtocol<Protocol> {
    SubstreamProtocol::new(ReadyUpgrade::new(FRAMES), ()).with_timeout(ADMISSION_TIMEOUT)
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Open;
    type ToBehaviour = (Outcome, Multiaddr);
    type InboundProtocol = Protocol;
    type OutboundProtocol = Protocol;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Protocol> {
        frames()
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Protocol, (), Self::ToBehaviour>> {
        if let Some(outcome) = self.outcome.take() {
            let event = (outcome, self.address.clone());
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(event));
        }
        match self.wanted.take() {
            Some(Open) => {
                let protocol = frames();
                Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol })
            }
            None => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, open: Open) {
        self.wanted = Some(open);
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, Protocol, Protocol>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol, ..
            }) => {
                self.on_inbound(protocol);
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol, ..
            }) => {
                self.outcome = Some(Outcome::Outbound(protocol));
            }
            ConnectionEvent::DialUpgradeError(_) => self.outcome = Some(Outcome::Failed),
            _ => {}
        }
    }
}
