//! When neighbours compare what they hold: as they meet, and after ever longer pauses.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::key::PeerKey;
use crate::time::Instant;

/// Neighbours compare again after so long, and after twice as long each further time.
const AGAIN: Duration = Duration::from_secs(10);
/// How long a storm of words takes to reach everybody, about.
const STORM: Duration = Duration::from_secs(15);
/// After so long those compare who meet in one.
const NEW_IN_STORMS: Duration = Duration::from_secs(8);
/// They do so at least that often.
const AT_LEAST: Duration = Duration::from_secs(600);

/// The neighbours with whom this side opens comparisons.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    rounds: BTreeMap<PeerKey, Round>,
}

/// When two neighbours compare, and how long they pause after that.
#[derive(Debug, Clone, Copy)]
struct Round {
    at: Instant,
    pause: Duration,
}

impl Rounds {
    pub(super) fn retain(&mut self, peers: &BTreeSet<PeerKey>) {
        self.rounds.retain(|peer, _| peers.contains(peer));
    }

    pub(super) fn begin(&mut self, peer: PeerKey, at: Instant) {
        self.rounds.insert(peer, Round { at, pause: AGAIN });
    }

    /// What is on its way anyhow need not be compared: neighbours who meet in a storm wait for most of it. They do not
    /// wait for its end, since one of them may hear of it from nobody else.
    pub(super) fn begin_in_a_storm(&mut self, peer: PeerKey, now: Instant) {
        let (at, pause) = (now + NEW_IN_STORMS, STORM);
        self.rounds.insert(peer, Round { at, pause });
    }

    /// A storm: nobody who has compared before does so about what is on its way.
    pub(super) fn postpone(&mut self, now: Instant) {
        let old = self.rounds.values_mut().filter(|round| round.pause > STORM);
        for round in old {
            round.at = round.at.max(now + STORM);
        }
    }

    /// With whom to compare now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<PeerKey> {
        let due = self.rounds.iter_mut().filter(|(_, round)| round.at <= now);
        due.map(|(peer, round)| {
            round.at = now + round.pause;
            round.pause = (round.pause * 2).min(AT_LEAST);
            *peer
        })
        .collect()
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.rounds.values().map(|round| round.at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Story: of 500 survivors a few had lost all their neighbours with the tree, and heard of the dead 49 s late: the
    /// comparisons with those whom they met were put off with every word that came.
    #[test]
    fn who_meets_in_a_storm_does_not_wait_for_its_end() {
        let (old, new) = (PeerKey([1; 32]), PeerKey([2; 32]));
        let at = |seconds: u64| Instant::from_millis(seconds * 1_000);
        let mut rounds = Rounds::default();
        rounds.begin(old, at(0));
        assert_eq!(rounds.due(at(0)), [old]);
        assert_eq!(rounds.due(at(10)), [old]);
        rounds.begin_in_a_storm(new, at(20));
        for second in 20..40 {
            rounds.postpone(at(second));
            let due = rounds.due(at(second));
            assert_eq!(due.contains(&new), second == 28, "after {second} s");
            assert!(!due.contains(&old), "it can wait");
        }
        assert!(rounds.due(at(54)).contains(&old));
    }
}
