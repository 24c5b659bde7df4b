//! What happens to both sides of a comparison, drawn once from the seed: how long, how lossy, who dies when.

use thiserror::Error;

use crate::chance::Chance;
use crate::network::Conditions;

/// Until then everybody is switched on and finds the others; nothing is counted.
pub const BEGINS_MS: u64 = 60_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub nodes: usize,
    pub seed: u64,
    /// The share of packets that is lost.
    pub loss: f64,
    /// In the order in which they happen; nobody comes back.
    pub deaths: Vec<Death>,
    pub ends_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Death {
    pub at_ms: u64,
    pub seat: usize,
}

#[derive(Debug, Error, PartialEq)]
pub enum ScheduleError {
    #[error("{nodes} nodes of which {killed} die leave nobody who could judge another")]
    Survivors { nodes: usize, killed: usize },
    #[error("the loss must be a share from 0 to below 1, not {0}")]
    Loss(f64),
    #[error("a run must last longer than no minutes, not {0}")]
    Minutes(f64),
}

impl Schedule {
    /// `killed` nodes die within the first half of what is counted, so that all have time to learn it.
    pub fn new(
        nodes: usize,
        seed: u64,
        loss: f64,
        killed: usize,
        minutes: f64,
    ) -> Result<Self, ScheduleError> {
        if nodes < killed.saturating_add(2) {
            return Err(ScheduleError::Survivors { nodes, killed });
        }
        if !(0.0..1.0).contains(&loss) {
            return Err(ScheduleError::Loss(loss));
        }
        if !(minutes.is_finite() && minutes > 0.0) {
            return Err(ScheduleError::Minutes(minutes));
        }
        let length_ms = (minutes * 60_000.0) as u64;
        Ok(Self {
            nodes,
            seed,
            loss,
            deaths: deaths(nodes, seed, killed, length_ms / 2),
            ends_ms: BEGINS_MS + length_ms,
        })
    }

    pub fn conditions(&self) -> Conditions {
        if self.loss > 0.0 {
            Conditions::lossy(self.loss)
        } else {
            Conditions::CALM
        }
    }
}

fn deaths(nodes: usize, seed: u64, killed: usize, within_ms: u64) -> Vec<Death> {
    let mut chance = Chance::new(seed, "deaths of a comparison");
    let seats = chance.choose(killed, nodes);
    let mut deaths: Vec<Death> = seats
        .into_iter()
        .map(|seat| Death {
            at_ms: BEGINS_MS + chance.below(within_ms + 1),
            seat,
        })
        .collect();
    deaths.sort_unstable();
    deaths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_dies_dies_once_and_early_enough() {
        let schedule = Schedule::new(100, 1, 0.1, 30, 2.0).expect("a plain run");
        let mut seats: Vec<usize> = schedule.deaths.iter().map(|death| death.seat).collect();
        seats.sort_unstable();
        seats.dedup();
        assert_eq!(seats.len(), 30);
        assert!(schedule.deaths.is_sorted());
        let times = BEGINS_MS..=BEGINS_MS + 60_000;
        assert!(
            schedule
                .deaths
                .iter()
                .all(|death| times.contains(&death.at_ms))
        );
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        let run = |nodes, loss, killed, minutes| Schedule::new(nodes, 1, loss, killed, minutes);
        assert_eq!(
            run(5, 0.0, 4, 1.0),
            Err(ScheduleError::Survivors {
                nodes: 5,
                killed: 4
            })
        );
        assert_eq!(run(5, 1.0, 1, 1.0), Err(ScheduleError::Loss(1.0)));
        assert!(matches!(
            run(5, f64::NAN, 1, 1.0),
            Err(ScheduleError::Loss(_))
        ));
        assert_eq!(run(5, 0.0, 1, 0.0), Err(ScheduleError::Minutes(0.0)));
    }
}
