//! Who is chosen, by hashes that everybody can compute: the highest of all candidates, so that a choice changes only
//! where one of the chosen leaves or a higher one comes.

use crate::heard::Mac;
use crate::id::{DeviceId, Digest};
use crate::limits;

/// The guardians of a device, the first of them first; all candidates, where there are no more.
pub fn guardians(mac: Mac, candidates: &[DeviceId]) -> Vec<DeviceId> {
    highest(candidates.iter().copied(), limits::GUARDIANS, |candidate| {
        Digest::of("palisade 2026 guardian", &[&mac.0, candidate.as_bytes()])
    })
}

/// Those of many members on one segment who share the guard.
pub fn panel(members: impl Iterator<Item = DeviceId>) -> Vec<DeviceId> {
    highest(members, limits::CO_HEARERS, |member| {
        Digest::of("palisade 2026 co-hearer", &[member.as_bytes()])
    })
}

fn highest(
    candidates: impl Iterator<Item = DeviceId>,
    count: usize,
    score: impl Fn(&DeviceId) -> Digest,
) -> Vec<DeviceId> {
    let mut scored: Vec<_> = candidates
        .map(|candidate| (score(&candidate), candidate))
        .collect();
    scored.sort_unstable_by(|one, other| other.cmp(one));
    let chosen = scored.into_iter().take(count);
    chosen.map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(count: u8) -> Vec<DeviceId> {
        (0..count).map(|n| DeviceId::from_bytes([n; 8])).collect()
    }

    #[test]
    fn a_death_moves_only_what_the_dead_one_guarded() {
        let all = members(5);
        for n in 0..200 {
            let mac = Mac([2, 0, 0, 0, 0, n]);
            let before = guardians(mac, &all);
            let left: Vec<_> = all.iter().copied().filter(|one| *one != all[2]).collect();
            let after = guardians(mac, &left);
            assert_eq!(before.len(), limits::GUARDIANS);
            let stay = before.iter().filter(|one| **one != all[2]);
            assert!(stay.clone().all(|one| after.contains(one)), "{mac}");
            assert_eq!(before.contains(&all[2]), before != after);
        }
    }

    #[test]
    fn devices_are_spread_evenly() {
        let all = members(4);
        let mut duties = [0_usize; 4];
        for n in 0..=255 {
            for guardian in guardians(Mac([2, 0, 0, 0, 1, n]), &all) {
                duties[usize::from(guardian.as_bytes()[0])] += 1;
            }
        }
        assert!(
            duties.iter().all(|count| (96..160).contains(count)),
            "{duties:?}"
        );
    }

    #[test]
    fn the_first_of_all_is_the_first_of_every_choice_that_it_is_in() {
        let all = members(9);
        let mac = Mac([2, 0, 0, 0, 0, 7]);
        let first = guardians(mac, &all)[0];
        for skipped in all.iter().filter(|one| **one != first) {
            let some: Vec<_> = all.iter().copied().filter(|one| one != skipped).collect();
            assert_eq!(guardians(mac, &some)[0], first);
        }
        assert_eq!(guardians(mac, &all[..1]), all[..1]);
    }
}
