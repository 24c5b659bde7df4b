//! A service that is at another address each time, and is called by none of its names: relays and clocks that another
//! server hands out. Their addresses are not the habit; the service is.

use super::entry::{Direction, Entry, Peer, Service};
use super::{Flow, Profile};
use crate::limits::ROAMING;
use crate::rules::LOGIN_PORTS;

impl Profile {
    /// The habit of calling the service wherever it is, once enough single addresses of it have been learnt. Ports for
    /// logins are never meant: what goes from one to the next there is a worm.
    pub(super) fn roaming(&self, entry: &Entry, flow: &Flow<'_>) -> Option<Entry> {
        let Service::Ports { remote, .. } = entry.service else {
            return None;
        };
        let is_one = remote.first == remote.last && !LOGIN_PORTS.contains(&remote.first);
        let is_far = entry.direction == Direction::Out && !flow.local && is_host(&entry.peer);
        if !is_one || !is_far {
            return None;
        }
        let others = self.entries.keys().filter(|other| {
            other.direction == entry.direction
                && other.protocol == entry.protocol
                && other.service == entry.service
                && is_host(&other.peer)
        });
        (others.count() + 1 >= ROAMING).then(|| Entry {
            peer: Peer::Any,
            ..entry.clone()
        })
    }
}

fn is_host(peer: &Peer) -> bool {
    matches!(peer, Peer::Network(network) if network.is_host())
}
