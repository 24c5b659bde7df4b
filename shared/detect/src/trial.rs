//! Which of two models is better, looked at whenever one likes: an e-value that no peeking makes unfair.
//!
//! Only cases count in which exactly one of the two was right. If neither is better, which one is a fair coin; a
//! betting martingale against that coin (Shafer 2021; Ville 1939) ever reaches 1/α with a probability of α at most.

/// A bet for either side, its stake by the odds so far (Krichevsky, Trofimov 1981).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Cases that only the challenger, and only the champion, got right.
    won: u64,
    lost: u64,
    /// The logarithms of the wealth of bets on either side; each pays on its own.
    challenger: f64,
    champion: f64,
}

/// What the evidence allows to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// The challenger is better: switch.
    Challenger,
    /// The champion is better: stay, or return to it.
    Champion,
}

impl Default for Trial {
    fn default() -> Self {
        Self::new()
    }
}

impl Trial {
    pub const fn new() -> Self {
        Self {
            won: 0,
            lost: 0,
            challenger: 0.0,
            champion: 0.0,
        }
    }

    /// One case on which both gave an answer; [`Trial::standing`] may be asked after any of them.
    pub fn push(&mut self, champion_right: bool, challenger_right: bool) {
        let won = match (champion_right, challenger_right) {
            (false, true) => true,
            (true, false) => false,
            _ => return,
        };
        // Each side bets by what was seen so far, and nothing where the other is ahead.
        let ahead = (self.won as f64 + 0.5) / ((self.won + self.lost) as f64 + 1.0);
        let (for_challenger, for_champion) = (ahead.max(0.5), (1.0 - ahead).max(0.5));
        self.challenger += libm::log(
            2.0 * if won {
                for_challenger
            } else {
                1.0 - for_challenger
            },
        );
        self.champion += libm::log(
            2.0 * if won {
                1.0 - for_champion
            } else {
                for_champion
            },
        );
        if won { self.won += 1 } else { self.lost += 1 }
    }

    /// The e-value for the challenger being better, as its logarithm.
    pub const fn log_e(&self) -> f64 {
        self.challenger
    }

    /// `alpha` is the probability with which two equals are ever told apart, one half of it for either side.
    pub fn standing(&self, alpha: f64) -> Standing {
        let needed = libm::log(2.0 / alpha.clamp(1e-12, 1.0));
        if self.challenger >= needed && self.challenger >= self.champion {
            Standing::Challenger
        } else if self.champion >= needed {
            Standing::Champion
        } else {
            Standing::Open
        }
    }

    /// Cases that told the two apart so far.
    pub const fn told_apart(&self) -> u64 {
        self.won + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn the_wealth_is_that_computed_by_hand() {
        let mut trial = Trial::new();
        trial.push(true, true);
        trial.push(false, false);
        assert_eq!((trial.told_apart(), trial.log_e()), (0, 0.0));
        // The first bet is on even odds, the second on 1.5 of 2, the third on 2.5 of 3.
        trial.push(false, true);
        trial.push(false, true);
        trial.push(true, false);
        let expected = 1.0f64.ln() + 1.5f64.ln() + (2.0 * (1.0 - 2.5 / 3.0f64)).ln();
        assert!((trial.log_e() - expected).abs() < 1e-12);
    }

    #[test]
    fn wealth_is_fair_under_the_coin() {
        // Over all sequences of ten tosses the mean wealth is exactly one.
        let mut sum = 0.0;
        for tosses in 0..1_024u32 {
            let mut trial = Trial::new();
            (0..10).for_each(|toss| {
                let won = tosses >> toss & 1 == 1;
                trial.push(!won, won);
            });
            sum += trial.log_e().exp();
        }
        assert!((sum / 1_024.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_better_one_is_named_on_either_side() {
        for (better, expected) in [(true, Standing::Challenger), (false, Standing::Champion)] {
            let mut dice = Dice::new(1);
            let mut trial = Trial::new();
            for _ in 0..2_000 {
                let won = (dice.unit() < 0.6) == better;
                trial.push(!won, won);
            }
            assert_eq!(trial.standing(0.05), expected);
        }
        assert_eq!(Trial::new().standing(0.05), Standing::Open);
    }
}
