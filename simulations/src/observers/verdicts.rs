//! Who holds whom to be down, by what the nodes say, against who is really there.

use std::collections::BTreeMap;

use protocol::id::DeviceId;
use protocol::node::Notice;

use super::Observer;
use crate::host::HostId;
use crate::world::{Said, World};

/// Whoever was heard by an observer for this long must not be called down by it: what is older than that
/// was decided when it was true.
const GRACE_MS: u64 = 20_000;
/// After a host has come to an island, everybody there has a link to somebody new within this time: the longest pause
/// between two dials, with what chance adds to it, and as long as two of them take.
pub const FOUND_MS: u64 = 90_000;

/// Every verdict of every node that does not lie.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// Who is held down by whom: (subject, observer).
    down: BTreeMap<(usize, usize), Held>,
    /// When an observer first held a subject down.
    first: BTreeMap<(usize, usize), u64>,
    /// Verdicts over honest hosts that were there.
    wrong: BTreeMap<usize, u64>,
    first_wrong: Option<String>,
    /// The longest that an observer has held such a host down, and which of both.
    longest_wrong: Wrong,
    /// The same of verdicts by words that were true when they were made, and came over a link that was found late.
    longest_behind: Wrong,
}

/// How long a wrong verdict stood, on whom, and whose it was.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    pub ms: u64,
    pub subject: usize,
    pub observer: usize,
}

/// One verdict that stands.
#[derive(Debug, Clone, Copy)]
struct Held {
    since_ms: u64,
    truth: Truth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Right,
    /// The host is there, and so is its observer, who has lately heard from where it was missed.
    Behind,
    /// The host is there and honest, and so is the observer.
    Wrong,
}

impl Held {
    fn until(&self, (subject, observer): (usize, usize), now_ms: u64) -> Wrong {
        Wrong {
            ms: now_ms - self.since_ms,
            subject,
            observer,
        }
    }
}

impl Verdicts {
    /// Hosts that were there and were called down all the same.
    pub fn wronged(&self) -> usize {
        self.wrong.len()
    }

    /// Wrong verdicts, each observer's counted.
    pub fn wrong(&self) -> u64 {
        self.wrong.values().sum()
    }

    pub fn first_wrong(&self) -> Option<&str> {
        self.first_wrong.as_deref()
    }

    /// The longest that anybody has held a host down that was there, until this moment.
    pub fn longest_wrong(&self, now_ms: u64) -> Wrong {
        self.longest(Truth::Wrong, now_ms).max(self.longest_wrong)
    }

    /// The longest that anybody has held a host down by words that came late, until this moment.
    pub fn longest_behind(&self, now_ms: u64) -> Wrong {
        let standing = self.longest(Truth::Behind, now_ms);
        standing.max(self.longest_behind)
    }

    fn longest(&self, truth: Truth, now_ms: u64) -> Wrong {
        let such = self.down.iter().filter(|(_, held)| held.truth == truth);
        let held = such.map(|(pair, held)| held.until(*pair, now_ms));
        held.max().unwrap_or_default()
    }

    /// Whether an observer holds a subject down.
    pub fn is_down(&self, subject: usize, by: usize) -> bool {
        self.down.contains_key(&(subject, by))
    }

    /// All pairs of a subject that is held down and an observer that does.
    pub fn held_down(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.down.keys().copied()
    }

    /// After how many milliseconds each of the observers held a subject down for the first time;
    /// `None` for those that never did.
    pub fn delays(&self, subject: usize, since_ms: u64, observers: &[usize]) -> Vec<Option<u64>> {
        let delay = |observer: &usize| {
            let at = self.first.get(&(subject, *observer))?;
            Some(at.saturating_sub(since_ms))
        };
        observers.iter().map(delay).collect()
    }

    fn went_down(&mut self, world: &World, observer: usize, device: DeviceId, votes: usize) {
        let Some(subject) = world.seat_of(device) else {
            return;
        };
        let now_ms = world.now_ms();
        let pair = (subject, observer);
        self.first.entry(pair).or_insert(now_ms);
        let truth = truth_of(world, subject, observer);
        let since_ms = now_ms;
        self.down.insert(pair, Held { since_ms, truth });
        if truth == Truth::Wrong {
            *self.wrong.entry(subject).or_default() += 1;
            self.first_wrong.get_or_insert_with(|| {
                format!("at {now_ms} ms node {observer} holds node {subject} down by {votes} votes")
            });
        }
    }

    fn came_back(&mut self, world: &World, observer: usize, device: DeviceId) {
        let subject = world.seat_of(device);
        let held = subject.and_then(|subject| self.down.remove(&(subject, observer)));
        if let Some(held) = held {
            let pair = (subject.unwrap_or_default(), observer);
            self.ended(held, pair, world.now_ms());
        }
    }

    fn ended(&mut self, held: Held, pair: (usize, usize), now_ms: u64) {
        let longest = match held.truth {
            Truth::Right => return,
            Truth::Behind => &mut self.longest_behind,
            Truth::Wrong => &mut self.longest_wrong,
        };
        *longest = (*longest).max(held.until(pair, now_ms));
    }

    /// A wrong verdict is wrong until its host is really gone, or its observer is or begins to lie.
    fn forgive(&mut self, world: &World) {
        let (model, now_ms) = (world.model(), world.now_ms());
        let mut over = Vec::new();
        for (&pair, held) in &mut self.down {
            let (host, by) = (HostId::node(pair.0), HostId::node(pair.1));
            let stands =
                model.is_honest(host) && model.is_honest(by) && model.is_heard(host, by, 0, now_ms);
            if !stands && held.truth != Truth::Right {
                over.push((*held, pair));
                held.truth = Truth::Right;
            }
        }
        for (held, pair) in over {
            self.ended(held, pair, now_ms);
        }
    }
}

/// Whether a host that is held down from now on is there, by what is known of both.
fn truth_of(world: &World, subject: usize, observer: usize) -> Truth {
    let (model, now_ms) = (world.model(), world.now_ms());
    let (host, by) = (HostId::node(subject), HostId::node(observer));
    let is_there = model.is_honest(host) && model.is_heard(host, by, GRACE_MS, now_ms);
    if !is_there || model.is_explained(host, by, GRACE_MS, now_ms) {
        Truth::Right
    } else if model.is_explained(host, by, FOUND_MS, now_ms) {
        Truth::Behind
    } else {
        Truth::Wrong
    }
}

impl Observer for Verdicts {
    fn heard(&mut self, world: &World, said: &Said) {
        let Said::Node { seat, notice } = said else {
            return;
        };
        match notice {
            _ if !world.model().is_honest(HostId::node(*seat)) => {}
            Notice::Down { device, votes, .. } => self.went_down(world, *seat, *device, *votes),
            Notice::Back { device } => self.came_back(world, *seat, *device),
            // A machine that starts holds nobody down.
            Notice::Began { .. } => self.down.retain(|(_, observer), _| observer != seat),
            _ => {}
        }
    }

    fn looked(&mut self, world: &World) {
        self.forgive(world);
    }
}

/// The middle one of some figures and the one that 99 of 100 do not exceed.
pub fn percentile(figures: &mut [u64], percent: usize) -> Option<u64> {
    figures.sort_unstable();
    let place = (figures.len() * percent).div_ceil(100).max(1) - 1;
    figures.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_figures_that_occurred() {
        let mut figures: Vec<u64> = (1..=200).rev().collect();
        assert_eq!(percentile(&mut figures, 50), Some(100));
        assert_eq!(percentile(&mut figures, 99), Some(198));
        assert_eq!(percentile(&mut [7], 99), Some(7));
        assert_eq!(percentile(&mut [], 99), None);
    }
}
