//! A witness that says of subjects which are there that it hears them no more.

use std::collections::BTreeMap;

use protocol::accusation::{Accusation, Silent};
use protocol::evidence::Evidence;
use protocol::id::{DeviceId, Epoch};
use protocol::key::PeerKey;
use protocol::limits;
use protocol::message::Message;
use protocol::node::{Input, Output};
use protocol::record::{Head, Incarnation, Position};
use protocol::signed::{Signed, Unchecked};

use super::{Actor, Plot, Stage};

/// Numbers of lies begin here, so that they are newer than what the machine says.
const LIES_FROM: u32 = 1 << 30;
/// Of a hundred accusations so many name a place that the subject has not reached.
const AHEAD: u64 = 30;

#[derive(Debug)]
pub(super) struct Accuser {
    /// Whom it accuses; one of its own subjects after the other, without a plot.
    plot: Option<Plot>,
    /// Seconds between two accusations.
    every: u32,
    seconds: u32,
    lies: u32,
    /// The newest heads that its subjects have shown it.
    newest: BTreeMap<DeviceId, Position>,
}

impl Accuser {
    pub(super) fn alone() -> Self {
        Self::new(None, 7)
    }

    pub(super) fn of(plot: Plot) -> Self {
        Self::new(Some(plot), 5)
    }

    pub(super) fn storming(plot: Plot) -> Self {
        Self::new(Some(plot), 1)
    }

    const fn new(plot: Option<Plot>, every: u32) -> Self {
        Self {
            plot,
            every,
            seconds: 0,
            lies: 0,
            newest: BTreeMap::new(),
        }
    }

    fn accused(&self, stage: &mut Stage<'_>) -> Vec<Silent> {
        let subjects = stage.node.roster().rings().subjects(&stage.member.device);
        let chosen = match &self.plot {
            Some(plot) => subjects
                .into_iter()
                .filter(|subject| plot.is_victim(subject))
                .collect(),
            None if subjects.is_empty() => Vec::new(),
            None => vec![subjects[self.lies as usize % subjects.len()]],
        };
        let mut silent: Vec<Silent> = chosen
            .into_iter()
            .map(|subject| Silent {
                subject,
                last: self.last(&subject, stage),
            })
            .collect();
        silent.sort_unstable_by_key(|silent| silent.subject);
        silent.truncate(limits::ACCUSED);
        silent
    }

    fn last(&self, subject: &DeviceId, stage: &mut Stage<'_>) -> Option<Position> {
        let newest = self.newest.get(subject).copied()?;
        let ahead = stage.chance.below(100) < AHEAD;
        Some(if ahead {
            Position {
                sequence: newest.sequence.saturating_add(1 << 20),
                ..newest
            }
        } else {
            newest
        })
    }

    fn lie(&mut self, silent: Vec<Silent>, stage: &Stage<'_>) -> Signed<Accusation> {
        let incarnation = stage
            .node
            .progress()
            .0
            .map_or(Incarnation(0), |newest| newest.incarnation);
        self.lies += 1;
        let accusation = Accusation {
            witness: stage.member.device,
            number: Position {
                incarnation,
                sequence: LIES_FROM + self.lies,
            },
            epoch: Epoch::FROZEN,
            log_size: stage.node.roster().size(),
            time: stage.now.wall,
            silent,
        };
        Signed::seal(accusation, stage.member.signer.as_ref())
    }
}

impl Actor for Accuser {
    fn listen(&mut self, input: Input, _stage: &mut Stage<'_>) -> Option<Input> {
        let head = match &input {
            Input::Frame {
                message: Message::Head { head },
                ..
            } => Some(head),
            Input::Frame {
                message: Message::Record { record },
                ..
            } => Some(&record.head),
            _ => None,
        };
        if let Some(head) = head.and_then(|head| Unchecked::<Head>::parse(head).ok()) {
            let claim = head.claim();
            self.newest.insert(claim.device, claim.position);
        }
        Some(input)
    }

    fn scheme(&mut self, stage: &mut Stage<'_>) -> Vec<Output> {
        self.seconds += 1;
        if !self.seconds.is_multiple_of(self.every) {
            return Vec::new();
        }
        let silent = self.accused(stage);
        if silent.is_empty() {
            return Vec::new();
        }
        let lie = self.lie(silent, stage).bytes().to_vec();
        let peers: Vec<PeerKey> = stage.node.links().collect();
        peers.into_iter().flat_map(|to| tell(to, &lie)).collect()
    }
}

fn tell(to: PeerKey, lie: &[u8]) -> [Output; 2] {
    let accusation = lie.to_vec().into();
    let evidence = vec![Evidence::Accusation(lie.to_vec().into())];
    [Message::Accuse { accusation }, Message::Gossip { evidence }]
        .map(|message| Output::Send { to, message })
}
