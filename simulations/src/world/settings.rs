//! How a world differs from the plain one: its links, its ground, and what is broken on purpose.

use protocol::evidence::Evidence;
use protocol::message::Message;

use crate::disk::JournalFlaw;
use crate::network::Conditions;
use crate::power::Honesty;
use crate::store::StoreFlaw;
use crate::trace::Trace;

/// What is on purpose broken in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sabotage {
    pub journal: JournalFlaw,
    pub store: StoreFlaw,
    pub disk: Honesty,
    /// Words of messages, and of the evidence in them, that no shell sends.
    pub unsaid: &'static [&'static str],
    pub hints: Hints,
}

/// Whether hosts know which segment they are attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hints {
    #[default]
    Known,
    Unknown,
}

impl Sabotage {
    pub const NONE: Self = Self {
        journal: JournalFlaw::None,
        store: StoreFlaw::None,
        disk: Honesty::Honest,
        unsaid: &[],
        hints: Hints::Known,
    };

    pub const fn unsaid(words: &'static [&'static str]) -> Self {
        Self {
            unsaid: words,
            ..Self::NONE
        }
    }

    pub const fn journal(journal: JournalFlaw) -> Self {
        Self {
            journal,
            ..Self::NONE
        }
    }

    pub const fn store(store: StoreFlaw) -> Self {
        Self {
            store,
            ..Self::NONE
        }
    }

    /// What is left of a message, if anything.
    pub(super) fn censored(self, message: Message) -> Option<Message> {
        if self.unsaid.is_empty() {
            return Some(message);
        }
        if self.unsaid.contains(&message.word()) {
            return None;
        }
        match message {
            Message::Gossip { evidence } => {
                let left: Vec<Evidence> = evidence
                    .into_iter()
                    .filter(|piece| !self.unsaid.contains(&piece.word()))
                    .collect();
                (!left.is_empty()).then_some(Message::Gossip { evidence: left })
            }
            other => Some(other),
        }
    }
}

/// How a world differs from the plain one.
#[derive(Debug)]
pub struct Settings {
    pub conditions: Conditions,
    pub ground: Ground,
    pub sabotage: Sabotage,
    pub trace: Trace,
    /// Nodes are switched on one after the other over this time.
    pub power_on_ms: u64,
}

/// Where the seats stand: so many in a row share a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    pub per_switch: usize,
}

impl Default for Ground {
    fn default() -> Self {
        Self { per_switch: 8 }
    }
}

impl Ground {
    pub const fn switch(self, seat: usize) -> usize {
        seat / self.per_switch
    }

    /// The seats behind one switch, in a fleet of so many.
    pub fn behind(self, switch: usize, seats: usize) -> std::ops::Range<usize> {
        let end = ((switch + 1) * self.per_switch).min(seats);
        (switch * self.per_switch).min(end)..end
    }

    /// What a host knows of its segment: a hash of the gateway's address, where there are real ones.
    pub(super) fn hint(self, seat: usize) -> [u8; 8] {
        (self.switch(seat) as u64 + 1).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use protocol::evidence::EvidenceId;

    use super::*;

    #[test]
    fn the_seats_behind_a_switch_share_its_hint_and_nobody_else_has_it() {
        let ground = Ground { per_switch: 8 };
        assert_eq!(ground.behind(1, 20), 8..16);
        assert_eq!(ground.behind(2, 20), 16..20);
        assert!(ground.behind(9, 20).is_empty());
        for seat in 0..20 {
            let mates = ground.behind(ground.switch(seat), 20);
            for other in 0..20 {
                assert_eq!(
                    ground.hint(seat) == ground.hint(other),
                    mates.contains(&other)
                );
            }
        }
    }

    #[test]
    fn what_is_unsaid_leaves_neither_alone_nor_among_other_evidence() {
        let sabotage = Sabotage::unsaid(&["prune", "refutation"]);
        assert_eq!(sabotage.censored(Message::Prune), None);
        assert_eq!(sabotage.censored(Message::Probe), Some(Message::Probe));
        let head = Evidence::Head(vec![1].into());
        let accusation = Evidence::Accusation(vec![2].into());
        let both = Message::Gossip {
            evidence: vec![head, accusation.clone()],
        };
        let left = Message::Gossip {
            evidence: vec![accusation],
        };
        assert_eq!(sabotage.censored(both), Some(left));
        let ids = Message::Have {
            ids: vec![EvidenceId([1; 8])],
        };
        assert_eq!(sabotage.censored(ids.clone()), Some(ids));
    }
}
