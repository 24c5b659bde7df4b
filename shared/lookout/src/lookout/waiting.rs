//! Flows that are judged in a moment, when their first packets have told the name. Each source has its share of the
//! room, so that a flood keeps out its own kind.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use hearing::flow::Key;
use hearing::moment::Moment;

use crate::limits::{NAMED_WITHIN, WAITING};

/// One source may hold so much of the room.
const SHARE: usize = WAITING / 8;

#[derive(Debug, Default)]
pub(super) struct Waiting {
    keys: BTreeSet<Key>,
    queue: VecDeque<(Moment, Key)>,
    by_source: BTreeMap<IpAddr, usize>,
}

impl Waiting {
    /// Whether there was room.
    pub(super) fn enter(&mut self, key: &Key, now: Moment) -> bool {
        let held = self.by_source.get(&key.initiator.address).copied();
        let held = held.unwrap_or(0);
        // The queue keeps those that left early until their time comes.
        if self.queue.len() >= WAITING || held >= SHARE || !self.keys.insert(*key) {
            return false;
        }
        self.by_source.insert(key.initiator.address, held + 1);
        self.queue.push_back((now.after(NAMED_WITHIN), *key));
        true
    }

    /// Whether it waited; its place in the queue stays taken until its time comes.
    pub(super) fn leave(&mut self, key: &Key) -> bool {
        self.keys.remove(key)
    }

    /// The next whose time has come.
    pub(super) fn due(&mut self, now: Moment) -> Option<Key> {
        while self.queue.front().is_some_and(|(due, _)| *due <= now) {
            let (_, key) = self.queue.pop_front()?;
            let source = key.initiator.address;
            if let Some(held) = self.by_source.get_mut(&source) {
                *held -= 1;
                if *held == 0 {
                    self.by_source.remove(&source);
                }
            }
            if self.keys.remove(&key) {
                return Some(key);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use hearing::flow::Endpoint;

    use super::*;

    fn key(source: u8, port: u16) -> Key {
        let end = |last, port| Endpoint {
            address: [10, 0, 0, last].into(),
            port,
        };
        Key {
            initiator: end(source, port),
            responder: end(1, 443),
            protocol: 6,
        }
    }

    #[test]
    fn a_flood_of_one_source_leaves_room_for_others() {
        let mut waiting = Waiting::default();
        let start = Moment::from_secs(100);
        let entered = (0..5000).filter(|port| waiting.enter(&key(9, *port), start));
        assert_eq!(entered.count(), SHARE);
        assert!(waiting.enter(&key(8, 1), start), "another finds room");
        assert!(waiting.leave(&key(8, 1)));
        assert_eq!(waiting.due(start), None);
        let later = start.after(NAMED_WITHIN);
        let due = std::iter::from_fn(|| waiting.due(later)).count();
        assert_eq!(due, SHARE, "those that stayed");
        assert!(waiting.by_source.is_empty() && waiting.keys.is_empty());
    }
}
