//! The listener for people: pages and API over TLS, apart from everything that devices reach.

use std::net::SocketAddr;

use protocol::coordinator::Event;
use protocol::id::MeshId;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::addresses::Addresses;
use crate::live::LiveHandle;
use crate::offices::Paths;
use crate::orders::Orders;
use crate::store::{Reader, Writer};

/// What the pages are made of, and the acts that the command line shares with them.
#[derive(Debug, Clone)]
pub struct Service {
    pub people: SocketAddr,
    pub paths: Paths,
    pub mesh_id: MeshId,
    pub live: LiveHandle,
    pub orders: Orders,
    pub events: broadcast::Sender<Event>,
    pub reader: Reader,
    pub writer: Writer,
}

impl Service {
    pub async fn listen(
        &self,
        addresses: Addresses,
        _stopping: CancellationToken,
    ) -> anyhow::Result<Addresses> {
        Ok(addresses)
    }
}
