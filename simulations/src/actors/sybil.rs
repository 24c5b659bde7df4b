//! One of very many under one command: a member in good order that names everything and hands over little.

use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::alert::Alert;
use protocol::evidence::Evidence;
use protocol::id::DeviceId;
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::Output;
use protocol::signed::Unchecked;

use super::{Actor, Stage};
use crate::chance::Chance;

/// What all sybils of one attack have agreed upon.
#[derive(Debug, Clone)]
pub struct Siege(Arc<Terms>);

#[derive(Debug)]
struct Terms {
    /// Among each other they keep nothing back.
    ours: BTreeSet<PeerKey>,
    aim: Aim,
}

/// What is kept back, and from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// All evidence, from everybody.
    Everybody,
    /// All evidence from these, and theirs from everybody.
    These(BTreeSet<DeviceId>),
    /// The evidence of one, from everybody.
    Words(DeviceId),
    /// So many of a hundred pieces, from everybody.
    Part(u64),
}

impl Siege {
    pub fn new(ours: impl IntoIterator<Item = PeerKey>, aim: Aim) -> Self {
        let ours = ours.into_iter().collect();
        Self(Arc::new(Terms { ours, aim }))
    }
}

#[derive(Debug)]
pub(super) struct Sybil(pub(super) Siege);

impl Actor for Sybil {
    fn speak(&mut self, outputs: Vec<Output>, stage: &mut Stage<'_>) -> Vec<Output> {
        let terms = &self.0.0;
        let play = |output| match output {
            Output::Send {
                to,
                message: Message::Gossip { evidence },
            } if !terms.ours.contains(&to) => terms.kept_short(to, evidence, stage),
            other => Some(other),
        };
        outputs.into_iter().filter_map(play).collect()
    }
}

impl Terms {
    /// What is left of a push or an answer, if anything.
    fn kept_short(
        &self,
        to: PeerKey,
        mut evidence: Vec<Evidence>,
        stage: &mut Stage<'_>,
    ) -> Option<Output> {
        let receiver = stage.node.roster().device(to);
        evidence.retain(|piece| self.hands_over(piece, receiver, stage.chance));
        (!evidence.is_empty()).then_some(Output::Send {
            to,
            message: Message::Gossip { evidence },
        })
    }

    fn hands_over(&self, piece: &Evidence, to: Option<DeviceId>, chance: &mut Chance) -> bool {
        match &self.aim {
            Aim::Everybody => false,
            Aim::These(victims) => {
                let is_victim =
                    |device: Option<DeviceId>| device.is_some_and(|one| victims.contains(&one));
                !is_victim(to) && !is_victim(author(piece))
            }
            Aim::Words(of) => author(piece) != Some(*of),
            Aim::Part(percent) => chance.below(100) >= *percent,
        }
    }
}

/// Whose alert it is.
fn author(piece: &Evidence) -> Option<DeviceId> {
    let Evidence::Alert(bytes) = piece else {
        return None;
    };
    let alert = Unchecked::<Alert>::parse(bytes).ok()?;
    Some(alert.claim().device)
}
