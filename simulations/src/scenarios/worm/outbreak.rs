//! The worm: what it tries, how fast, and whom it has.
//!
//! Each host that has fallen tries ten addresses of the /24 in a second, half of them at the port of the decoy and half
//! at that of the weak service; Mirai tries the decoy's nine times of ten, and over a hundred a second (Antonakakis et
//! al., "Understanding the Mirai Botnet", USENIX Security 2017, section 4), which decoys notice sooner. Breaking in takes
//! two seconds, in which a block cuts it off. A host that has fallen neither notices nor keeps anybody away any more.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use protocol::address::Address;

use super::touched;
use crate::chance::Chance;
use crate::scenario::options::Presence;
use crate::world::World;

/// Addresses of the network, unless more hosts than that want some.
const ADDRESSES: usize = 254;
/// Between two tries of one host.
const TRY_MS: u64 = 100;
/// From the first packet to a host that has fallen.
const BREAK_IN_MS: u64 = 2_000;

/// How far the worm has come.
#[derive(Debug)]
pub(super) struct Outbreak {
    chance: Chance,
    hosts: usize,
    decoys: Presence,
    first: usize,
    fallen: BTreeSet<usize>,
    /// When each that has fallen tries next.
    next_ms: BTreeMap<usize, u64>,
    /// Whom somebody is breaking into, and when that is done.
    under_way: BTreeMap<(usize, usize), u64>,
}

/// The address of a host.
pub(super) fn address(seat: usize) -> Address {
    let [.., high, low] = (seat as u32 + 1).to_be_bytes();
    IpAddr::from([10, 0, high, low]).into()
}

impl Outbreak {
    /// One host has fallen.
    pub(super) fn new(seed: u64, hosts: usize, decoys: Presence, now_ms: u64) -> Self {
        let mut chance = Chance::new(seed, "worm");
        let first = chance.below(hosts as u64) as usize;
        Self {
            chance,
            hosts,
            decoys,
            first,
            fallen: [first].into(),
            next_ms: [(first, now_ms)].into(),
            under_way: BTreeMap::new(),
        }
    }

    pub(super) fn first(&self) -> usize {
        self.first
    }

    pub(super) fn fallen(&self) -> &BTreeSet<usize> {
        &self.fallen
    }

    /// What happens up to this moment of the world.
    pub(super) fn go_on(&mut self, world: &mut World) {
        let now_ms = world.now_ms();
        self.break_in(world, now_ms);
        let due: Vec<usize> = self.fallen.iter().copied().collect();
        for source in due {
            while self.next_ms[&source] <= now_ms {
                *self.next_ms.entry(source).or_default() += TRY_MS;
                self.try_somebody(source, world);
            }
        }
    }

    fn break_in(&mut self, world: &World, now_ms: u64) {
        let cut = |source: usize, target| world.keeps_away(target, &address(source));
        self.under_way
            .retain(|(source, target), _| !cut(*source, *target));
        let done = self.under_way.iter().filter(|(_, at_ms)| **at_ms <= now_ms);
        let done: Vec<usize> = done.map(|((_, target), _)| *target).collect();
        for target in done {
            self.fallen.insert(target);
            self.next_ms.entry(target).or_insert(now_ms);
            self.under_way.retain(|(_, under), _| *under != target);
        }
    }

    fn try_somebody(&mut self, source: usize, world: &mut World) {
        let target = self.chance.below(ADDRESSES.max(self.hosts) as u64) as usize;
        let at_the_decoy = self.chance.below(2) == 0;
        let is_there = target < self.hosts && target != source;
        if !is_there || self.fallen.contains(&target) || world.keeps_away(target, &address(source))
        {
            return;
        }
        match (at_the_decoy, self.decoys) {
            (true, Presence::On) => world.touch(target, touched(source)),
            (true, Presence::Off) => {}
            (false, _) => {
                let done_ms = world.now_ms() + BREAK_IN_MS;
                self.under_way.entry((source, target)).or_insert(done_ms);
            }
        }
    }
}
