//! What the scenarios with liars share: who lies and how, and what the honest ones pay for it.

use std::collections::BTreeSet;

use protocol::id::DeviceId;

use super::watch::Watched;
use crate::actors::{Plot, Role};
use crate::chance::Chance;
use crate::host::HostId;
use crate::observers::traffic::Traffic;
use crate::world::{Fault, Stalls};

/// The share of the fleet that lies, unless the run is told.
pub(super) const LIARS: f64 = 0.2;
/// Steady traffic is measured from here, the lies begin, and traffic has to be steady again.
pub(super) const STEADY_MS: u64 = 60_000;
pub(super) const LIES_MS: u64 = 120_000;
pub(super) const MASKED_MS: u64 = 210_000;

/// Who lies in a world.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) liars: Vec<usize>,
    pub(super) plot: Plot,
}

impl Cast {
    pub(super) fn draw(watched: &Watched, share: f64, chance: &mut Chance) -> Self {
        let nodes = watched.world.size();
        let count = ((nodes as f64 * share).round() as usize).min(nodes - 1);
        let liars = chance.choose(count, nodes);
        let device = |seat: usize| watched.world.device(seat);
        let devices: Vec<DeviceId> = (0..nodes).map(device).collect();
        let named: BTreeSet<DeviceId> = liars.iter().map(|seat| devices[*seat]).collect();
        let plot = Plot::of(&named, &devices, watched.world.fleet().roster.rings());
        Self { liars, plot }
    }

    pub(super) fn honest(&self, nodes: usize) -> Vec<usize> {
        (0..nodes)
            .filter(|seat| !self.liars.contains(seat))
            .collect()
    }

    /// All of them turn at once, each into what its turn says.
    pub(super) fn turn(&self, watched: &mut Watched, at_ms: u64, role: impl Fn(usize) -> Role) {
        for (turn, &seat) in self.liars.iter().enumerate() {
            let role = role(turn);
            watched.plan(at_ms, Fault::Turn { seat, role });
        }
    }
}

/// Hosts that stand still for half of each ten seconds.
pub(super) fn slow(chance: &mut Chance) -> Option<Stalls> {
    Some(Stalls {
        period_ms: 10_000,
        stall_ms: 5_000,
        phase_ms: chance.below(10_000),
    })
}

/// Traffic of honest nodes while others lie, as a multiple of what it was before.
pub(super) fn traffic_ratio(traffic: &Traffic, end_ms: u64) -> f64 {
    let before = traffic.mean(STEADY_MS, LIES_MS);
    traffic.mean(MASKED_MS, end_ms) / before.max(0.001)
}

/// Honest machines that hold honest hosts down at this moment, though they are there.
pub(super) fn framed(watched: &Watched) -> u64 {
    let model = watched.world.model();
    let honest = |seat: &usize| {
        let host = HostId::node(*seat);
        model.is_honest(host) && model.is_up(host)
    };
    let observers = (0..watched.world.size()).filter(honest);
    observers
        .map(|seat| watched.held_down_by(seat).filter(honest).count() as u64)
        .sum()
}

/// How many of these have never lied.
pub(super) fn honest_among(watched: &Watched, seats: &[usize]) -> usize {
    let model = watched.world.model();
    let honest = |seat: &&usize| model.is_honest(HostId::node(**seat));
    seats.iter().filter(honest).count()
}
