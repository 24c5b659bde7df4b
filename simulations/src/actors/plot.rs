//! Whom colluders accuse together: those of whose witnesses most are theirs.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::id::DeviceId;
use protocol::rings::Rings;

/// Victims that one plot has at most.
const VICTIMS: usize = 32;

/// What colluders have agreed upon before they begin.
#[derive(Debug, Clone, Default)]
pub struct Plot(Arc<BTreeSet<DeviceId>>);

impl Plot {
    /// The best victims for these liars.
    pub fn of(liars: &BTreeSet<DeviceId>, devices: &[DeviceId], rings: &Rings) -> Self {
        let seats = |device: &DeviceId| {
            let witnesses = rings.witnesses(device);
            witnesses.iter().filter(|one| liars.contains(one)).count()
        };
        let honest = devices.iter().filter(|device| !liars.contains(device));
        let mut ranked: Vec<_> = honest
            .map(|device| (Reverse(seats(device)), *device))
            .collect();
        ranked.sort_unstable();
        let victims = ranked.into_iter().take(VICTIMS).map(|(_, device)| device);
        Self(Arc::new(victims.collect()))
    }

    pub fn is_victim(&self, device: &DeviceId) -> bool {
        self.0.contains(device)
    }

    pub fn victims(&self) -> impl Iterator<Item = &DeviceId> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use protocol::id::{Digest, Epoch, MeshId};
    use protocol::rings::frozen_seed;

    use super::*;

    #[test]
    fn victims_are_honest_and_watched_by_many_liars() {
        let devices: Vec<_> = (0..200)
            .map(|n| DeviceId::from_bytes([n, 0, 0, 0, 0, 0, 0, 1]))
            .collect();
        let seed: Digest = frozen_seed(&MeshId::from_bytes([1; 32]), Epoch::FROZEN);
        let rings = Rings::new(&seed, devices.clone());
        let liars: BTreeSet<_> = devices.iter().copied().step_by(5).collect();
        let plot = Plot::of(&liars, &devices, &rings);
        assert_eq!(plot.victims().count(), VICTIMS);
        for victim in plot.victims() {
            assert!(!liars.contains(victim));
            let witnesses = rings.witnesses(victim);
            assert!(witnesses.iter().filter(|one| liars.contains(one)).count() >= 2);
        }
    }
}
