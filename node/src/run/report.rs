//! The status file: what this node can say of itself without being asked over a network.

use protocol::key::PeerKey;
use protocol::node::Linked;
use protocol::record::Position;
use tracing::warn;

use super::Shell;
use crate::status::{self, Coordinator, Direction, Link, Place, Status};

/// A link as the status shows it.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    address: String,
    direction: Direction,
    since_ms: u64,
}

impl Shell {
    pub(super) fn link_stands(
        &mut self,
        peer: PeerKey,
        address: String,
        direction: mesh::Direction,
    ) {
        let direction = match direction {
            mesh::Direction::Inbound => Direction::Inbound,
            mesh::Direction::Outbound => Direction::Outbound,
        };
        self.links.insert(
            peer,
            Standing {
                address,
                direction,
                since_ms: mesh::wall().as_millis(),
            },
        );
    }

    pub(super) fn link_ended(&mut self, peer: PeerKey) {
        self.links.remove(&peer);
        if peer == self.coordinator() {
            self.coordinator_since = mesh::wall().as_millis();
        }
    }

    pub(super) fn write_status(&mut self) {
        if let Err(error) = self.status().write(&self.dir) {
            warn!(%error, "the status cannot be written");
        }
    }

    /// Leaves a last status behind and closes the links after what is queued.
    pub(super) async fn finish(&mut self) {
        for peer in self.links.keys() {
            self.mesh.disconnect(peer.0);
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        self.updates.end().await;
        self.links.clear();
        self.write_status();
    }

    fn status(&self) -> Status {
        let device = self.member.membership.device;
        let roster = self.core.roster();
        let newest = roster
            .member(&device)
            .map_or(&self.member.membership, |member| &member.membership);
        let (last, acknowledged) = self.core.progress();
        Status {
            version: status::VERSION,
            written_ms: mesh::wall().as_millis(),
            device: device.to_string(),
            name: self.name(),
            class: newest.class.to_string(),
            cell: newest.cell.to_string(),
            coordinator: self.coordinator_link(),
            links: self
                .links
                .iter()
                .filter_map(|(peer, standing)| self.link(*peer, standing))
                .collect(),
            watch: self.watch(),
            hearing: self.heard(),
            incarnation: self.begun.map_or(0, |(incarnation, _)| incarnation.0),
            unlinked: self
                .begun
                .is_some_and(|(_, linked)| linked == Linked::Unlinked),
            last_record: last.map(place),
            acknowledged: acknowledged.map(place),
            backlog: self.core.waiting() as u64,
            membership_until_ms: newest.not_after.as_millis(),
            stale_since_ms: self
                .core
                .updater()
                .stale_since(mesh::wall())
                .map(protocol::time::Timestamp::as_millis),
            refusals: self.refusals.iter().cloned().collect(),
        }
    }

    /// What the device is called by its newest membership.
    pub(super) fn name(&self) -> String {
        let device = self.member.membership.device;
        let member = self.core.roster().member(&device);
        let membership = member.map_or(&self.member.membership, |member| &member.membership);
        membership.name.to_string()
    }

    fn coordinator(&self) -> PeerKey {
        self.member.charter.coordinator.peer()
    }

    fn coordinator_link(&self) -> Coordinator {
        match self.links.get(&self.coordinator()) {
            Some(link) => Coordinator::Connected {
                since_ms: link.since_ms,
                address: link.address.clone(),
            },
            None => Coordinator::Disconnected {
                since_ms: self.coordinator_since,
            },
        }
    }

    fn link(&self, peer: PeerKey, standing: &Standing) -> Option<Link> {
        let device = self.core.roster().device(peer)?;
        let name = self
            .core
            .roster()
            .member(&device)
            .map(|member| member.membership.name.to_string());
        Some(Link {
            device: device.to_string(),
            name,
            address: standing.address.clone(),
            direction: standing.direction,
            since_ms: standing.since_ms,
        })
    }
}

fn place(position: Position) -> Place {
    Place {
        incarnation: position.incarnation.0,
        sequence: position.sequence,
    }
}
