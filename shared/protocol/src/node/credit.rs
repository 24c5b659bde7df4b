//! How readily a node spends something on others' accusations: each false one, and each new one, waits longer.
//!
//! An accusation counts as a vote whoever makes it. What costs is the answer, a vouching or a challenge that its
//! subject answers with a signed record for everybody who watches; and passing it on. Nobody has that for the asking.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::id::DeviceId;
use crate::limits;
use crate::time::Instant;

/// So many cost no pause: paths do break, and when many die a witness has more than one thing to say.
const FREE: u32 = 3;
/// The first pause after those, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(4), Duration::from_secs(600));

/// How often others have accused devices that were heard here, and how often their accusations were passed on.
#[derive(Debug, Default)]
pub(super) struct Credit {
    wrong: Pauses,
    passed_on: Pauses,
    refutations: Pauses,
}

impl Credit {
    /// Whether an accusation by this witness is answered at this moment.
    pub(super) fn answers(&self, witness: &DeviceId, now: Instant) -> bool {
        self.wrong.are_over(witness, now)
    }

    /// It was answered: somebody whom it accuses is heard here.
    pub(super) fn was_wrong(&mut self, witness: DeviceId, now: Instant) {
        self.wrong.begin(witness, now);
    }

    /// Whether another word of this witness is passed on at this moment; notes it if so.
    pub(super) fn passes_on(&mut self, witness: DeviceId, now: Instant) -> bool {
        self.passed_on.ended(witness, now)
    }

    /// Whether another head of a device whom nobody here holds down, this very one or another, is passed on; notes it if so.
    pub(super) fn passes_refutation(&mut self, device: DeviceId, now: Instant) -> bool {
        self.refutations.ended(device, now)
    }
}

/// What costs something is done for each witness after ever longer pauses.
#[derive(Debug, Default)]
struct Pauses(BTreeMap<DeviceId, Pause>);

#[derive(Debug, Clone, Copy)]
struct Pause {
    times: u32,
    since: Instant,
}

impl Pause {
    fn length(self) -> Duration {
        match self.times.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(beyond) => PAUSE.0.saturating_mul(1 << beyond.min(16)).min(PAUSE.1),
        }
    }

    fn is_forgotten(self, now: Instant) -> bool {
        now.since(self.since) >= 2 * PAUSE.1
    }
}

impl Pauses {
    fn are_over(&self, witness: &DeviceId, now: Instant) -> bool {
        let pause = self.0.get(witness);
        pause.is_none_or(|pause| now.since(pause.since) >= pause.length())
    }

    /// Whether the pause is over; then the next one begins.
    fn ended(&mut self, witness: DeviceId, now: Instant) -> bool {
        let over = self.are_over(&witness, now);
        if over {
            self.begin(witness, now);
        }
        over
    }

    fn begin(&mut self, witness: DeviceId, now: Instant) {
        if self.0.len() >= limits::ACCUSERS {
            self.0.retain(|_, pause| !pause.is_forgotten(now));
        }
        if self.0.len() >= limits::ACCUSERS && !self.0.contains_key(&witness) {
            return;
        }
        let known = self.0.get(&witness);
        let before = known.filter(|pause| !pause.is_forgotten(now));
        let times = before.map_or(0, |pause| pause.times).saturating_add(1);
        self.0.insert(witness, Pause { times, since: now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIAR: DeviceId = DeviceId::from_bytes([7; 8]);

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1_000)
    }

    #[test]
    fn whoever_keeps_crying_is_answered_ever_more_rarely() {
        let mut credit = Credit::default();
        let answered = |second: &u64| {
            let answers = credit.answers(&LIAR, at(*second));
            if answers {
                credit.was_wrong(LIAR, at(*second));
            }
            answers
        };
        let answered: Vec<u64> = (0..120).filter(answered).collect();
        assert_eq!(answered, [0, 1, 2, 6, 14, 30, 62]);
    }

    #[test]
    fn after_a_long_time_all_is_forgotten() {
        let mut credit = Credit::default();
        for second in 0..10 {
            credit.was_wrong(LIAR, at(second));
        }
        assert!(!credit.answers(&LIAR, at(30)));
        credit.was_wrong(LIAR, at(5_000));
        assert!(credit.answers(&LIAR, at(5_001)));
    }
}
