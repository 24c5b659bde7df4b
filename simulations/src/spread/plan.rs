//! Who is in a spread, who is linked to whom, and what will go wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::chance::Chance;
use crate::host::HostId;
use crate::world::SpreadFlaw;

/// Rings on which everybody has a neighbour on either side, as witnesses have.
const RINGS: usize = 8;
/// When in the least time that a spread can take nodes go away, in hundredths.
const LEAVES: (u64, u64) = (10, 90);
/// How long those who come back are away.
const AWAY_MS: (u64, u64) = (2_000, 5_000);

/// What a run is told.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub nodes: usize,
    pub seed: u64,
    pub bytes: u64,
    pub bytes_per_s: u64,
    pub liars: f64,
    pub churn: f64,
    /// The share of the image that is new to everybody; nothing where all of it is fetched.
    pub changed: f64,
    /// Whether the coordinator goes away once every chunk is with somebody.
    pub coordinator: Coordinator,
    pub flaw: SpreadFlaw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coordinator {
    Stays,
    LeavesOneCopy,
}

/// One node that goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Absence {
    pub(super) host: HostId,
    pub(super) at_ms: u64,
    pub(super) back_ms: Option<u64>,
}

impl Plan {
    /// The least time in which everybody can have everything: as long as one link takes for it.
    pub fn bound_s(&self) -> f64 {
        self.bytes as f64 / self.bytes_per_s as f64
    }

    pub(super) fn liars(&self) -> BTreeSet<HostId> {
        let count = (self.nodes as f64 * self.liars).round() as usize;
        let seats = Chance::new(self.seed, "spread liars").choose(count, self.nodes);
        seats.into_iter().map(HostId::node).collect()
    }

    pub(super) fn absences(&self, liars: &BTreeSet<HostId>) -> Vec<Absence> {
        let mut chance = Chance::new(self.seed, "spread churn");
        let count = (self.nodes as f64 * self.churn).round() as usize;
        let seats = chance.choose(count, self.nodes);
        let hosts = seats.into_iter().map(HostId::node);
        let honest = hosts.filter(|host| !liars.contains(host));
        let bound_ms = (self.bound_s() * 1000.0) as u64;
        let absence = |(place, host)| {
            let at_ms = bound_ms * chance.within(LEAVES.0..=LEAVES.1) / 100;
            let away_ms = chance.within(AWAY_MS.0..=AWAY_MS.1);
            let back_ms = (place % 2 == 0).then_some(at_ms + away_ms);
            Absence {
                host,
                at_ms,
                back_ms,
            }
        };
        honest.enumerate().map(absence).collect()
    }

    /// The nodes that each node is linked to.
    pub(super) fn links(&self) -> BTreeMap<HostId, BTreeSet<HostId>> {
        let mut chance = Chance::new(self.seed, "spread rings");
        let mut links: BTreeMap<HostId, BTreeSet<HostId>> = BTreeMap::new();
        for _ in 0..RINGS {
            let mut ring: Vec<(u64, usize)> =
                (0..self.nodes).map(|seat| (chance.draw(), seat)).collect();
            ring.sort_unstable();
            for (place, (_, seat)) in ring.iter().enumerate() {
                let (_, next) = ring[(place + 1) % ring.len()];
                let (one, other) = (HostId::node(*seat), HostId::node(next));
                if one != other {
                    links.entry(one).or_default().insert(other);
                    links.entry(other).or_default().insert(one);
                }
            }
        }
        links
    }
}
