//! What is counted of one side: who holds whom for down since when, and what was sent.

use std::collections::{BTreeMap, BTreeSet};

use super::schedule::{BEGINS_MS, Schedule};

/// Filled while one side runs its schedule.
#[derive(Debug)]
pub struct Tally {
    nodes: usize,
    ends_ms: u64,
    deaths: BTreeMap<usize, u64>,
    /// Since when an observer, second, holds a subject, first, for down.
    held: BTreeMap<(usize, usize), u64>,
    /// When a living node first said of a dead one that it is down.
    first: BTreeMap<usize, u64>,
    wronged: BTreeSet<usize>,
    false_declarations: u64,
    sent_bytes: u64,
}

/// What a schedule did to one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// From a death to the first word of it: the median and the most over all deaths.
    pub first_s: f64,
    pub first_s_max: f64,
    /// From a death until a survivor knows of it: the 99th percentile over all such pairs.
    pub all_s: f64,
    /// Pairs that never got there; they count with all the time that was left.
    pub missed: u64,
    /// Living nodes that somebody held for down.
    pub false_down: u64,
    /// How often somebody came to hold a living node for down.
    pub false_declarations: u64,
    pub bytes_per_node_s: f64,
}

impl Tally {
    pub fn new(schedule: &Schedule) -> Self {
        let deaths = schedule.deaths.iter();
        Self {
            nodes: schedule.nodes,
            ends_ms: schedule.ends_ms,
            deaths: deaths.map(|death| (death.seat, death.at_ms)).collect(),
            held: BTreeMap::new(),
            first: BTreeMap::new(),
            wronged: BTreeSet::new(),
            false_declarations: 0,
            sent_bytes: 0,
        }
    }

    /// A living observer comes to hold the subject for down.
    pub fn down(&mut self, observer: usize, subject: usize, at_ms: u64) {
        self.held.entry((subject, observer)).or_insert(at_ms);
        if self.is_dead(subject, at_ms) {
            self.first.entry(subject).or_insert(at_ms);
        } else if at_ms >= BEGINS_MS {
            self.wronged.insert(subject);
            self.false_declarations += 1;
        }
    }

    /// The observer holds the subject for alive again.
    pub fn up(&mut self, observer: usize, subject: usize) {
        self.held.remove(&(subject, observer));
    }

    pub fn sent(&mut self, bytes: u64, at_ms: u64) {
        if at_ms >= BEGINS_MS {
            self.sent_bytes += bytes;
        }
    }

    pub fn figures(&self) -> Figures {
        let deaths = self.deaths.iter();
        let first =
            deaths.map(|(seat, died_ms)| self.first.get(seat).unwrap_or(&self.ends_ms) - died_ms);
        let first = sorted(first);
        let delays =
            sorted(self.pairs().map(|(died_ms, since_ms)| {
                since_ms.unwrap_or(self.ends_ms).saturating_sub(died_ms)
            }));
        Figures {
            first_s: seconds(rank(&first, 50)),
            first_s_max: seconds(rank(&first, 100)),
            all_s: seconds(rank(&delays, 99)),
            missed: self.pairs().filter(|(_, since)| since.is_none()).count() as u64,
            false_down: self.wronged.len() as u64,
            false_declarations: self.false_declarations,
            bytes_per_node_s: self.sent_bytes as f64 / self.node_seconds(),
        }
    }

    /// For each death and survivor: when the one happened, and since when the other knows it.
    fn pairs(&self) -> impl Iterator<Item = (u64, Option<u64>)> {
        self.deaths.iter().flat_map(move |(&subject, &died_ms)| {
            let survivors = (0..self.nodes).filter(|seat| !self.deaths.contains_key(seat));
            survivors.map(move |observer| (died_ms, self.held.get(&(subject, observer)).copied()))
        })
    }

    /// How long nodes were alive while bytes were counted.
    pub fn node_seconds(&self) -> f64 {
        let whole = self.ends_ms - BEGINS_MS;
        let survivors = (self.nodes - self.deaths.len()) as u64;
        let short: u64 = self.deaths.values().map(|at_ms| at_ms - BEGINS_MS).sum();
        seconds(survivors * whole + short)
    }

    fn is_dead(&self, seat: usize, at_ms: u64) -> bool {
        self.deaths.get(&seat).is_some_and(|&died| died <= at_ms)
    }
}

fn sorted(times: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut times: Vec<u64> = times.collect();
    times.sort_unstable();
    times
}

/// The value that so many percent of all do not exceed; zero of none.
fn rank(sorted: &[u64], percent: usize) -> u64 {
    let place = (sorted.len() * percent).div_ceil(100);
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(0)
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::schedule::Death;

    /// Four nodes for a hundred seconds; the last one dies after ten.
    fn schedule() -> Schedule {
        Schedule {
            nodes: 4,
            seed: 1,
            loss: 0.0,
            deaths: vec![Death {
                at_ms: BEGINS_MS + 10_000,
                seat: 3,
            }],
            ends_ms: BEGINS_MS + 100_000,
        }
    }

    fn after(seconds: u64) -> u64 {
        BEGINS_MS + seconds * 1000
    }

    #[test]
    fn a_death_is_timed_to_the_first_word_and_to_the_last_survivor() {
        let mut tally = Tally::new(&schedule());
        for (observer, at_s) in [(1, 22), (0, 23), (2, 27)] {
            tally.down(observer, 3, after(at_s));
        }
        let figures = tally.figures();
        assert_eq!((figures.first_s, figures.all_s), (12.0, 17.0));
        assert_eq!((figures.missed, figures.false_down), (0, 0));
    }

    #[test]
    fn who_never_learns_it_counts_with_all_the_time_left() {
        let mut tally = Tally::new(&schedule());
        tally.down(0, 3, after(20));
        tally.down(1, 3, after(20));
        let figures = tally.figures();
        assert_eq!((figures.all_s, figures.missed), (90.0, 1));
    }

    #[test]
    fn a_word_against_the_living_is_false_and_one_that_is_taken_back_is_forgotten() {
        let mut tally = Tally::new(&schedule());
        tally.down(0, 3, after(5));
        tally.up(0, 3);
        tally.down(1, 3, after(6));
        tally.down(0, 3, after(20));
        let figures = tally.figures();
        assert_eq!((figures.false_down, figures.false_declarations), (1, 2));
        assert_eq!(figures.first_s, 10.0);
        // Node 1 was wrong before it was right, node 2 never heard of it.
        assert_eq!((figures.all_s, figures.missed), (90.0, 1));
    }

    #[test]
    fn nothing_counts_before_the_beginning_and_the_dead_send_nothing() {
        let mut tally = Tally::new(&schedule());
        tally.down(0, 1, BEGINS_MS - 1);
        tally.sent(1_000_000, BEGINS_MS - 1);
        tally.sent(31_000, BEGINS_MS);
        let figures = tally.figures();
        assert_eq!(figures.false_down, 0);
        // Three nodes for 100 s and one for ten.
        assert_eq!(figures.bytes_per_node_s, 100.0);
    }
}
