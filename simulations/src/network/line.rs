//! How long a frame is on its way, and what loss does to a stream that repairs it.

use crate::chance::{Chance, seed_bytes};
use crate::host::HostId;

/// The first time after which TCP sends a segment again; every further one doubles it.
const RETRANSMISSION_MS: u64 = 200;
/// Doubling stops here.
const RETRANSMISSION_MOST_MS: u64 = 60_000;
/// A segment is sent at most this often: beyond it the world would stand still.
const TRIES: u64 = 12;

/// The state of the whole network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// One-way delays lie between these, drawn once for each pair of hosts.
    pub latency_ms: (u64, u64),
    /// Added to each frame, drawn anew each time, up to this.
    pub jitter_ms: u64,
    pub loss: Loss,
}

/// How segments are lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    None,
    /// Each with the same probability.
    Independent(f64),
    /// Gilbert and Elliott's two states: good ones lose nothing, bad ones this share.
    Bursts {
        begin: f64,
        end: f64,
        lost: f64,
    },
}

/// The state of one direction of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    #[default]
    Good,
    Bad,
}

impl Conditions {
    pub const CALM: Self = Self {
        latency_ms: (2, 50),
        jitter_ms: 10,
        loss: Loss::None,
    };

    pub const fn lossy(share: f64) -> Self {
        Self {
            loss: Loss::Independent(share),
            ..Self::CALM
        }
    }

    /// Every pair has its own distance, the same throughout a world.
    pub fn distance_ms(&self, seed: u64, one: HostId, other: HostId) -> u64 {
        let pair = ((one.min(other).index() as u64) << 32) | one.max(other).index() as u64;
        let bytes = seed_bytes(seed, "distance", pair);
        let (least, most) = self.latency_ms;
        least
            + u64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                % (most - least + 1)
    }

    /// One way without a stream: a handshake's segment.
    pub fn one_way_ms(&self, base_ms: u64, chance: &mut Chance) -> u64 {
        let mut weather = Weather::Good;
        let tries = self.tries(&mut weather, chance);
        base_ms + chance.below(self.jitter_ms + 1) + repair_ms(tries)
    }

    /// One way of a datagram, which nobody sends again: `None` if it is lost. Each has its own weather.
    pub fn datagram_ms(&self, base_ms: u64, chance: &mut Chance) -> Option<u64> {
        let lost = self.is_lost(&mut Weather::Good, chance);
        (!lost).then(|| base_ms + chance.below(self.jitter_ms + 1))
    }

    /// How often a segment is sent until it arrives.
    pub fn tries(&self, weather: &mut Weather, chance: &mut Chance) -> u64 {
        let mut tries = 1;
        while tries < TRIES && self.is_lost(weather, chance) {
            tries += 1;
        }
        tries
    }

    fn is_lost(&self, weather: &mut Weather, chance: &mut Chance) -> bool {
        match self.loss {
            Loss::None => false,
            Loss::Independent(share) => chance.happens(share),
            Loss::Bursts { begin, end, lost } => {
                let turns = match weather {
                    Weather::Good => chance.happens(begin),
                    Weather::Bad => chance.happens(end),
                };
                if turns {
                    *weather = weather.other();
                }
                *weather == Weather::Bad && chance.happens(lost)
            }
        }
    }
}

impl Weather {
    const fn other(self) -> Self {
        match self {
            Self::Good => Self::Bad,
            Self::Bad => Self::Good,
        }
    }
}

/// The delay that all tries but the first add.
pub fn repair_ms(tries: u64) -> u64 {
    (1..tries)
        .map(|again| (RETRANSMISSION_MS << (again - 1).min(20)).min(RETRANSMISSION_MOST_MS))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_loss_doubles_the_delay() {
        assert_eq!([1, 2, 3, 4].map(repair_ms), [0, 200, 600, 1400]);
    }

    #[test]
    fn a_lost_datagram_is_not_sent_again() {
        let (conditions, mut chance) = (Conditions::lossy(0.2), Chance::new(3, "test"));
        let delays: Vec<u64> = (0..10_000)
            .filter_map(|_| conditions.datagram_ms(7, &mut chance))
            .collect();
        assert!((7_800..8_200).contains(&delays.len()), "{}", delays.len());
        assert!(delays.iter().all(|delay| (7..=17).contains(delay)));
    }

    #[test]
    fn bursts_lose_their_share_in_runs() {
        let loss = Loss::Bursts {
            begin: 0.02,
            end: 0.2,
            lost: 0.5,
        };
        let conditions = Conditions {
            loss,
            ..Conditions::CALM
        };
        let (mut chance, mut weather) = (Chance::new(3, "test"), Weather::Good);
        let lost = (0..100_000)
            .filter(|_| conditions.is_lost(&mut weather, &mut chance))
            .count();
        // The chain is bad a share of 0.02 / 0.22 of the time, and then loses half.
        assert!((4_000..5_100).contains(&lost), "{lost} of 100,000");
    }
}
