//! Builds the swarm and waits until every listener is bound.

use super::*;

use std::collections::BTreeSet;

use libp2p::{
    connection_limits::{self, ConnectionLimits},
    identity::Keypair,
    mdns,
    multiaddr::Protocol,
    swarm::{self, NetworkBehaviour, behaviour::toggle::Toggle},
};

use crate::{
    Mdns, bulk,
    doorway::Doorway,
    limits::{
        BIND_TIMEOUT, IDLE_TIMEOUT, MAX_CONNECTIONS_PER_PEER, MAX_PENDING_INCOMING,
        MAX_PENDING_OUTGOING, MAX_STREAMS,
    },
    substream,
};

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    limits: connection_limits::Behaviour,
    doorway: Doorway,
    pub(super) substream: substream::Behaviour,
    pub(super) bulk: bulk::substream::Behaviour,
    mdns: Toggle<mdns::tokio::Behaviour>,
}

impl Driver {
    pub(crate) async fn bind(
        config: Config,
        gate: Arc<dyn Gate>,
        shared: Arc<Shared>,
        events: mpsc::Sender<Event>,
        stopping: CancellationToken,
    ) -> Result<Self, StartError> {
        let identity = identity(&config);
        let peer = identity.public().to_peer_id();
        let key = key_of(&peer).expect("the PeerId of an Ed25519 key holds the key");
        let transport = transport::build(&identity, gate, config.patience)?;
        let behaviour = behaviour(&config, peer)?;
        let settings = swarm::Config::with_tokio_executor()
            .with_idle_connection_timeout(IDLE_TIMEOUT)
            .with_max_negotiating_inbound_streams(MAX_STREAMS);
        let mut swarm = Swarm::new(transport, behaviour, peer, settings);
        let listening = listen(&mut swarm, &config.listen).await?;
        for address in &listening {
            // The channel was made a moment ago with room for more than the listeners.
            events
                .try_send(Event::Listening {
                    address: address.clone(),
                })
                .ok();
        }
        *lock(&shared.listening) = listening;
        Ok(Self {
            swarm,
            key,
            shared,
            events,
            stopping,
            max_asks: config.max_asks,
            slots: BTreeMap::new(),
            openings: JoinSet::new(),
            links: JoinSet::new(),
            running: BTreeMap::new(),
        })
    }
}

fn identity(config: &Config) -> Keypair {
    Keypair::ed25519_from_bytes(config.seed.clone().as_mut_slice())
        .expect("any 32 bytes are an Ed25519 seed")
}

fn behaviour(config: &Config, peer: PeerId) -> Result<Behaviour, StartError> {
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(MAX_PENDING_INCOMING))
        .with_max_pending_outgoing(Some(MAX_PENDING_OUTGOING))
        .with_max_established_per_peer(Some(MAX_CONNECTIONS_PER_PEER))
        .with_max_established(Some(config.max_links));
    let mdns = match config.mdns {
        Mdns::On => {
            let settings = mdns::Config::default();
            Some(mdns::tokio::Behaviour::new(settings, peer).map_err(StartError::Mdns)?)
        }
        Mdns::Off => None,
    };
    Ok(Behaviour {
        limits: connection_limits::Behaviour::new(limits),
        doorway: Doorway::default(),
        substream: substream::Behaviour::default(),
        bulk: bulk::substream::Behaviour::default(),
        mdns: mdns.into(),
    })
}

/// Whether another program listens there already. Listeners share their port with outgoing connections, so the system
/// would let both have it, and each would get a part of what comes.
fn is_taken(address: &Multiaddr) -> bool {
    let mut parts = address.iter();
    let ip: std::net::IpAddr = match parts.next() {
        Some(Protocol::Ip4(ip)) => ip.into(),
        Some(Protocol::Ip6(ip)) => ip.into(),
        _ => return false,
    };
    let Some(Protocol::Tcp(port @ 1..)) = parts.next() else {
        return false;
    };
    let probe = std::net::TcpListener::bind((ip, port));
    probe.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// Returns once each listener has at least one address.
async fn listen(
    swarm: &mut Swarm<Behaviour>,
    addresses: &[String],
) -> Result<Vec<String>, StartError> {
    let mut unbound = BTreeSet::new();
    for text in addresses {
        let address = transport::address(text).ok_or_else(|| StartError::Address(text.clone()))?;
        if is_taken(&address) {
            let address = text.clone();
            return Err(StartError::Taken { address });
        }
        let listener = swarm
            .listen_on(address)
            .map_err(|source| StartError::Listen {
                address: text.clone(),
                source,
            })?;
        unbound.insert(listener.to_string());
    }
    let mut bound = Vec::new();
    let binding = async {
        while !unbound.is_empty() {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr {
                    listener_id,
                    address,
                } => {
                    unbound.remove(&listener_id.to_string());
                    bound.push(address.to_string());
                }
                SwarmEvent::ListenerClosed { .. } => return Err(StartError::Bind),
                _ => {}
            }
        }
        Ok(())
    };
    timeout(BIND_TIMEOUT, binding)
        .await
        .map_err(|_| StartError::Bind)??;
    Ok(bound)
}
