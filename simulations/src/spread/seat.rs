//! One host of a spread: a machine that ships with its disk, or a liar.

use std::collections::{BTreeMap, BTreeSet};

use protocol::key::PeerKey;
use protocol::spread::image::Piece;
use protocol::spread::member::Member;
use protocol::spread::source::Source;
use protocol::spread::{Input, Output};
use protocol::time::Instant;

use crate::host::HostId;

#[derive(Debug)]
pub(super) struct Seat {
    pub(super) mind: Mind,
    /// What is written, synced and marked.
    pub(super) disk: BTreeMap<u32, Piece>,
    /// Rises at every start and stop: what was meant for an earlier life is lost.
    pub(super) life: u32,
    pub(super) links: BTreeSet<HostId>,
    /// The question that is open with each peer, and the one that each peer has open here.
    pub(super) asking: BTreeMap<HostId, u64>,
    pub(super) asked: BTreeMap<HostId, u64>,
    pub(super) whole_ms: Option<u64>,
    /// The next time at which it is woken, so that it is woken once.
    pub(super) wakes_ms: Option<u64>,
    /// Chunks that came, and how many of them came twice.
    pub(super) taken: BTreeSet<u32>,
    pub(super) fetched_again: u64,
}

#[derive(Debug)]
pub(super) enum Mind {
    Member(Box<Member>),
    Source(Box<Source>),
    Liar,
    Gone,
}

impl Mind {
    pub(super) fn handle(&mut self, input: Input, now_ms: u64) -> Vec<Output> {
        let now = Instant::from_millis(now_ms);
        match self {
            Self::Member(member) => member.handle(input, now),
            Self::Source(source) => source.handle(input, now),
            Self::Liar | Self::Gone => Vec::new(),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        match self {
            Self::Member(member) => member.next_deadline(),
            Self::Source(source) => source.next_deadline(),
            Self::Liar | Self::Gone => None,
        }
    }

    pub(super) const fn is_member(&self) -> bool {
        matches!(self, Self::Member(_))
    }
}

impl Seat {
    pub(super) fn new(mind: Mind) -> Self {
        Self {
            mind,
            disk: BTreeMap::new(),
            life: 0,
            links: BTreeSet::new(),
            asking: BTreeMap::new(),
            asked: BTreeMap::new(),
            whole_ms: None,
            wakes_ms: None,
            taken: BTreeSet::new(),
            fetched_again: 0,
        }
    }

    /// The program ends; what is on the disk stays.
    pub(super) fn stop(&mut self) {
        self.mind = Mind::Gone;
        self.life += 1;
        self.links.clear();
        self.asking.clear();
        self.asked.clear();
        self.wakes_ms = None;
    }
}

pub(super) fn key(host: HostId) -> PeerKey {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(host.index() as u64).to_be_bytes());
    PeerKey(bytes)
}

pub(super) fn host(key: PeerKey) -> HostId {
    let [a, b, c, d, e, f, g, h, ..] = key.0;
    HostId::numbered(u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize)
}
