//! How a world differs from the plain one: its links, and what is broken on purpose.

use protocol::evidence::Evidence;
use protocol::message::Message;

use crate::disk::{Honesty, InstallFlaw, JournalFlaw};
use crate::network::Conditions;
use crate::store::StoreFlaw;
use crate::trace::Trace;

/// What is on purpose broken in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sabotage {
    pub journal: JournalFlaw,
    pub store: StoreFlaw,
    pub disk: Honesty,
    pub install: InstallFlaw,
    /// Words of messages, and of the evidence in them, that no shell sends.
    pub unsaid: &'static [&'static str],
    pub hints: Hints,
    pub overlap: Overlap,
    pub spread: SpreadFlaw,
    pub looks: Looks,
    pub rules: RulesFlaw,
    pub guard: GuardFlaw,
}

/// How the shells of those who guard devices without a node are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GuardFlaw {
    #[default]
    None,
    /// They play back what dead members would say, so that nobody takes over from them.
    TheDeadSpeak,
}

/// How the rules of detection are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RulesFlaw {
    #[default]
    None,
    /// They wait for more than anybody does, and begin with nothing.
    Patient,
    /// Profiles are tried after they have hardly learnt.
    Hasty,
}

/// What witnesses see of a device on trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Looks {
    #[default]
    Honest,
    /// They try no port, and say that all is well.
    Blind,
}

/// How the shells around the spread of firmware are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpreadFlaw {
    #[default]
    None,
    /// What comes is stored as it is, while the machine is shown the right bytes; liars come along.
    Unchecked,
    /// Nobody hears what its neighbours have, so that all ask the coordinator.
    Unannounced,
    /// A node that comes back finds no mark of what is on its disk; some nodes go away.
    Unmarked,
}

/// Whether memberships by a former admission key open doors for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    #[default]
    Full,
    None,
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
        install: InstallFlaw::None,
        unsaid: &[],
        hints: Hints::Known,
        overlap: Overlap::Full,
        spread: SpreadFlaw::None,
        looks: Looks::Honest,
        rules: RulesFlaw::None,
        guard: GuardFlaw::None,
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

    pub const fn install(install: InstallFlaw) -> Self {
        Self {
            install,
            ..Self::NONE
        }
    }

    pub const fn store(store: StoreFlaw) -> Self {
        Self {
            store,
            ..Self::NONE
        }
    }

    pub const fn rules(rules: RulesFlaw) -> Self {
        Self {
            rules,
            ..Self::NONE
        }
    }

    pub const fn looks(looks: Looks) -> Self {
        Self {
            looks,
            ..Self::NONE
        }
    }

    pub const fn spread(spread: SpreadFlaw) -> Self {
        Self {
            spread,
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
            Message::Words { .. } if self.unsaid.contains(&"accusation") => None,
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
    pub sabotage: Sabotage,
    pub trace: Trace,
    /// Nodes are switched on one after the other over this time.
    pub power_on_ms: u64,
}

#[cfg(test)]
mod tests {
    use protocol::evidence::EvidenceId;
    use protocol::name::ShortIds;

    use super::*;

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
            words: ShortIds::default(),
        };
        assert_eq!(sabotage.censored(ids.clone()), Some(ids));
    }
}
