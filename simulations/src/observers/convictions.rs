//! Who was convicted, in whose eyes, and when.

use std::collections::BTreeMap;

use protocol::coordinator;
use protocol::node::Notice;

use super::Observer;
use crate::host::HostId;
use crate::world::{Said, World};

/// The first conviction of each subject by each node that does not lie, and by the coordinator.
#[derive(Debug, Default)]
pub struct Convictions {
    /// By (subject, observer).
    at: BTreeMap<(usize, usize), u64>,
    announced: BTreeMap<usize, u64>,
}

impl Convictions {
    /// Subjects that anybody honest has convicted.
    pub fn subjects(&self) -> Vec<usize> {
        let mut subjects: Vec<usize> = self.at.keys().map(|(subject, _)| *subject).collect();
        subjects.dedup();
        subjects
    }

    /// What a node now holds of those whom the coordinator has announced.
    fn read(&mut self, world: &World, seat: usize) {
        let Some(node) = world.node(seat) else { return };
        for &subject in self.announced.keys() {
            if node.roster().is_convicted(&world.device(subject)) {
                let pair = (subject, seat);
                self.at.entry(pair).or_insert(world.now_ms());
            }
        }
    }

    /// When the coordinator announced that a subject is convicted.
    pub fn announced_ms(&self, subject: usize) -> Option<u64> {
        self.announced.get(&subject).copied()
    }

    /// How long after a moment each observer convicted a subject; `None` for those that did not.
    pub fn delays(&self, subject: usize, since_ms: u64, observers: &[usize]) -> Vec<Option<u64>> {
        let delay = |observer: &usize| {
            let at_ms = self.at.get(&(subject, *observer))?;
            Some(at_ms.saturating_sub(since_ms))
        };
        observers.iter().map(delay).collect()
    }
}

impl Observer for Convictions {
    fn heard(&mut self, world: &World, said: &Said) {
        let now_ms = world.now_ms();
        match said {
            Said::Node {
                seat,
                notice:
                    Notice::Proven {
                        device: Some(device),
                        ..
                    },
            } if world.model().is_honest(HostId::node(*seat)) => {
                if let Some(subject) = world.seat_of(*device) {
                    self.at.entry((subject, *seat)).or_insert(now_ms);
                }
            }
            // The identity log may bring a conviction before its proof comes.
            Said::Node {
                seat,
                notice: Notice::RosterGrown { .. },
            } if world.model().is_honest(HostId::node(*seat)) => self.read(world, *seat),
            Said::Coordinator(coordinator::Event::Proven {
                device: Some(device),
                ..
            }) => {
                if let Some(subject) = world.seat_of(*device) {
                    self.announced.entry(subject).or_insert(now_ms);
                }
            }
            _ => {}
        }
    }
}
