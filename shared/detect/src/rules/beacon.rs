//! Connections to one new place at even intervals: what waits for orders asks for them by the clock.
//!
//! Clouds are asked by the clock too, so this is a sign and no alarm, and places known for long are left alone.

use std::collections::{BTreeMap, VecDeque};

use super::burst::median;
use super::limits::{INTERVALS, RHYTHMS};
use super::sources::Sources;
use super::{BeaconParameters, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct Beacon {
    parameters: BeaconParameters,
    sources: Sources<BTreeMap<Target, Rhythm>>,
}

#[derive(Debug, Clone, Default)]
struct Rhythm {
    first_us: u64,
    last_us: u64,
    intervals: VecDeque<u64>,
}

impl Beacon {
    pub fn new(parameters: BeaconParameters) -> Self {
        Self {
            parameters,
            sources: Sources::default(),
        }
    }

    pub fn opened(&mut self, at_us: u64, source: Subject, target: Target) -> Option<Verdict> {
        let parameters = self.parameters;
        let rhythms = self.sources.state(at_us, source);
        if !rhythms.contains_key(&target) && rhythms.len() >= RHYTHMS {
            let quietest = rhythms
                .iter()
                .min_by_key(|(_, rhythm)| rhythm.last_us)
                .map(|(target, _)| *target);
            quietest.map(|quietest| rhythms.remove(&quietest));
        }
        let rhythm = rhythms.entry(target).or_insert_with(|| Rhythm {
            first_us: at_us,
            ..Rhythm::default()
        });
        rhythm.beat(at_us, &parameters);
        let (interval, uneven) = rhythm.judge(at_us, &parameters)?;
        let began_us = rhythm.first_us;
        self.sources.may_say(at_us, source).then(|| Verdict {
            rule: Rule::Beacon,
            source,
            began_us,
            at_us,
            observed: uneven,
            usual: parameters.jitter_permille,
            window_us: interval,
            examples: vec![target],
        })
    }
}

impl Rhythm {
    /// Several connections at once are one beat; a long pause begins anew.
    fn beat(&mut self, at_us: u64, parameters: &BeaconParameters) {
        if self.last_us > 0 {
            let interval = at_us.saturating_sub(self.last_us);
            if interval < parameters.shortest_us / 2 {
                return;
            }
            if interval > parameters.longest_us {
                self.intervals.clear();
            } else {
                self.intervals.push_back(interval);
            }
            if self.intervals.len() > INTERVALS {
                self.intervals.pop_front();
            }
        }
        self.last_us = at_us;
    }

    /// The interval, and its unevenness in thousandths, if it is that of a machine.
    fn judge(&self, at_us: u64, parameters: &BeaconParameters) -> Option<(u64, u64)> {
        if self.intervals.len() < parameters.intervals.max(2)
            || at_us.saturating_sub(self.first_us) >= parameters.known_after_us
        {
            return None;
        }
        let interval = median(self.intervals.iter().copied());
        let spread = median(self.intervals.iter().map(|other| other.abs_diff(interval)));
        let uneven = spread * 1_000 / interval.max(1);
        let is_even = interval >= parameters.shortest_us && uneven <= parameters.jitter_permille;
        is_even.then_some((interval, uneven))
    }
}
