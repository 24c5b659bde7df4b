//! Keeps one address from filling the doorway with connections that never come to be admitted.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint, transport::PortUse},
    multiaddr::Protocol,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandlerInEvent, ToSwarm,
        dummy,
    },
};

use crate::limits::MAX_PENDING_PER_ADDRESS;

/// Inbound connections under way, by host. Connection limits bound their sum.
#[derive(Default)]
pub(crate) struct Doorway {
    pending: BTreeMap<ConnectionId, Multiaddr>,
}

#[derive(Debug, thiserror::Error)]
#[error("too many connections from one address wait for admission")]
struct Crowded;

fn host(address: &Multiaddr) -> Multiaddr {
    address
        .iter()
        .filter(|part| matches!(part, Protocol::Ip4(_) | Protocol::Ip6(_)))
        .take(1)
        .collect()
}

impl NetworkBehaviour for Doorway {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let host = host(remote);
        if self
            .pending
            .values()
            .filter(|other| **other == host)
            .count()
            >= MAX_PENDING_PER_ADDRESS
        {
            return Err(ConnectionDenied::new(Crowded));
        }
        self.pending.insert(connection, host);
        Ok(())
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<Self::ConnectionHandler, ConnectionDenied> {
        self.pending.remove(&connection);
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Self::ConnectionHandler, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        if let FromSwarm::ListenFailure(failure) = event {
            self.pending.remove(&failure.connection_id);
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: Infallible) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}
