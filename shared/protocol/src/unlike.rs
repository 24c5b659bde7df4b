//! Votes of which not too many are alike: what fools one device fools all of its model, and of its site.
//!
//! A device names its own model and firmware: the cap holds against one fault in many devices, and the number
//! of votes against those who lie.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::id::DeviceId;
use crate::roster::Roster;
use crate::suspicion::Kin;

/// Groups below which the votes of all are one hole's.
pub const MIXED: usize = 3;

/// The largest number of these voters of whom no more than `alike` are of one model and firmware, and no more
/// of one site. A mesh of fewer than three sites could never reach a quorum under that cap, so it has none there.
pub fn most(voters: &[(DeviceId, Option<Kin>)], roster: &Roster, alike: usize) -> usize {
    let site = |device: &DeviceId| {
        let member = roster.member(device)?;
        Some(member.membership.cell.as_str().to_owned())
    };
    let sites: BTreeSet<&str> = roster
        .members()
        .map(|member| member.membership.cell.as_str())
        .collect();
    let by_site = sites.len() >= MIXED;
    let kinds = voters.iter().map(|(device, kin)| {
        let site = by_site.then(|| site(device)).flatten();
        (*kin, site)
    });
    most_unlike(&kinds.collect::<Vec<_>>(), alike)
}

/// A vote is a way from its kin to its site, each of which lets so many through: the largest flow there is.
/// Whoever picks votes one after the other can pick badly.
fn most_unlike<K: Ord, S: Ord>(votes: &[(Option<K>, Option<S>)], alike: usize) -> usize {
    let mut flow = Flow::over(votes, alike);
    while flow.lets_one_more_through() {}
    flow.chosen.iter().filter(|chosen| **chosen).count()
}

/// By which vote taken and which given up each kin was reached.
type Exchanges = BTreeMap<usize, (usize, usize)>;

#[derive(Debug)]
struct Flow {
    /// Of each vote its kin and its site, by number.
    ways: Vec<(usize, usize)>,
    chosen: Vec<bool>,
    kins: Gates,
    sites: Gates,
}

/// How many each group lets through; those of which nothing is known are no group.
#[derive(Debug)]
struct Gates {
    room: Vec<usize>,
}

impl Gates {
    fn of<'a, G: Ord + 'a>(
        groups: impl Iterator<Item = &'a Option<G>>,
        alike: usize,
    ) -> (Self, Vec<usize>) {
        let mut numbers: BTreeMap<&Option<G>, usize> = BTreeMap::new();
        let mut room = Vec::new();
        let places = groups.map(|group| {
            *numbers.entry(group).or_insert_with(|| {
                room.push(group.as_ref().map_or(usize::MAX, |_| alike));
                room.len() - 1
            })
        });
        let places = places.collect();
        (Self { room }, places)
    }
}

impl Flow {
    fn over<K: Ord, S: Ord>(votes: &[(Option<K>, Option<S>)], alike: usize) -> Self {
        let (kins, by_kin) = Gates::of(votes.iter().map(|(kin, _)| kin), alike);
        let (sites, by_site) = Gates::of(votes.iter().map(|(_, site)| site), alike);
        Self {
            ways: by_kin.into_iter().zip(by_site).collect(),
            chosen: vec![false; votes.len()],
            kins,
            sites,
        }
    }

    /// Chooses one vote more, giving up others for it where that makes room.
    fn lets_one_more_through(&mut self) -> bool {
        let kins = 0..self.kins.room.len();
        let open: VecDeque<usize> = kins.filter(|kin| self.kins.room[*kin] > 0).collect();
        let Some((last, came_from)) = self.way_from(open) else {
            return false;
        };
        self.chosen[last] = true;
        self.sites.room[self.ways[last].1] -= 1;
        let mut kin = self.ways[last].0;
        while let Some(&(taken, given_up)) = came_from.get(&kin) {
            (self.chosen[taken], self.chosen[given_up]) = (true, false);
            kin = self.ways[taken].0;
        }
        self.kins.room[kin] -= 1;
        true
    }

    /// The vote that ends a way to a site with room, and by which exchange each kin on it was reached.
    fn way_from(&self, mut open: VecDeque<usize>) -> Option<(usize, Exchanges)> {
        let mut seen: BTreeSet<usize> = open.iter().copied().collect();
        let mut came_from = BTreeMap::new();
        while let Some(kin) = open.pop_front() {
            let votes = 0..self.ways.len();
            for vote in votes.filter(|vote| self.ways[*vote].0 == kin && !self.chosen[*vote]) {
                let site = self.ways[vote].1;
                if self.sites.room[site] > 0 {
                    return Some((vote, came_from));
                }
                for (other, &(its_kin, its_site)) in self.ways.iter().enumerate() {
                    if its_site == site && self.chosen[other] && seen.insert(its_kin) {
                        came_from.insert(its_kin, (vote, other));
                        open.push_back(its_kin);
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(kinds: &[(u8, Option<u8>)], alike: usize) -> usize {
        let kinds = kinds.iter().map(|(kin, site)| (Some(*kin), *site));
        most_unlike(&kinds.collect::<Vec<_>>(), alike)
    }

    #[test]
    fn two_votes_of_one_model_count_and_a_third_does_not() {
        assert_eq!(votes(&[(1, None); 8], 2), 2);
        assert_eq!(votes(&[(1, None), (1, None), (1, None), (2, None)], 2), 3);
        let mixed = [1, 1, 1, 2, 2, 3, 3, 3].map(|kin| (kin, None));
        assert_eq!(votes(&mixed, 2), 6);
        assert_eq!(votes(&[], 2), 0);
    }

    /// Whoever picks votes one after the other can pick badly: here the two of model 1 at site 1 would
    /// leave no room for the others of that site.
    #[test]
    fn both_caps_hold_at_once_and_the_best_choice_counts() {
        let all = [
            (1, Some(1)),
            (1, Some(1)),
            (1, Some(2)),
            (2, Some(1)),
            (3, Some(1)),
        ];
        assert_eq!(votes(&all, 2), 3);
        let spread = [1, 2, 3, 4, 5, 6].map(|n| (n, Some(n / 2)));
        assert_eq!(votes(&spread, 2), 6);
    }

    /// The same number as trying every choice, over many small juries.
    #[test]
    fn no_choice_of_votes_is_larger() {
        let mut dice = crate::dice::Dice::from_seed([5; 32]);
        for _ in 0..300 {
            let mut draw = |sides| u8::try_from(dice.below(sides)).expect("a small number");
            let count = 1 + draw(9);
            let all: Vec<(u8, Option<u8>)> = (0..count).map(|_| (draw(4), Some(draw(3)))).collect();
            let alike = usize::from(1 + draw(3));
            assert_eq!(votes(&all, alike), tried(&all, alike), "{all:?}");
        }
    }

    fn tried(votes: &[(u8, Option<u8>)], alike: usize) -> usize {
        let fits = |choice: &u32| {
            let chosen = votes.iter().enumerate();
            let chosen = chosen.filter(|(place, _)| choice & (1 << place) != 0);
            let (mut kins, mut sites) = (BTreeMap::new(), BTreeMap::new());
            for (_, (kin, site)) in chosen {
                *kins.entry(kin).or_insert(0) += 1;
                *sites.entry(site).or_insert(0) += 1;
            }
            kins.values()
                .chain(sites.values())
                .all(|count| *count <= alike)
        };
        let choices = (0..1u32 << votes.len()).filter(fits);
        let largest = choices.map(u32::count_ones).max();
        largest.unwrap_or_default() as usize
    }
}
