//! More bytes out of the network than the device itself ever sends: somebody carries something away, or floods.

use std::collections::VecDeque;

use super::limits::{BURST_AGAIN_US, BURST_LASTING, BURST_QUIET, BURST_STEP, WINDOWS};
use super::places::Places;
use super::sources::Sources;
use super::{BurstParameters, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct Burst {
    parameters: BurstParameters,
    devices: Sources<Device>,
}

/// The median of what is sent in one window, and the median deviation from it: both are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Baseline {
    pub median: u64,
    pub deviation: u64,
}

#[derive(Debug, Clone, Default)]
struct Device {
    window: u64,
    bytes: u64,
    /// Where they went.
    places: Places,
    began_us: u64,
    past: VecDeque<u64>,
    lent: Option<Baseline>,
    /// What the window may have: it is asked for with every packet, and changes between windows only.
    allowed: Option<Allowed>,
    ongoing: Option<Ongoing>,
}

#[derive(Debug, Clone, Copy)]
struct Allowed {
    /// The median that it was made of: what people are told is usual.
    usual: u64,
    limit: u64,
}

/// A burst that was said and is not over.
#[derive(Debug, Clone, Copy)]
struct Ongoing {
    said_us: u64,
    /// Windows that had too much since it began.
    windows: u64,
    /// Windows in a row, up to now, that had not.
    quiet: u64,
    /// The most of one window; of the first one it may have had the end alone.
    peak: Option<u64>,
}

impl Burst {
    pub fn new(parameters: BurstParameters) -> Self {
        Self {
            parameters,
            devices: Sources::default(),
        }
    }

    pub fn lend(&mut self, at_us: u64, device: Subject, baseline: Baseline) {
        let state = self.devices.state(at_us, device);
        state.lent = Some(baseline);
        state.allowed = state.new_allowed(&self.parameters);
    }

    pub fn baseline(&self, device: Subject) -> Option<Baseline> {
        let device = self.devices.find(device)?;
        device.own_baseline(self.parameters.windows)
    }

    /// Judges as soon as the window has too much, not when it is over.
    pub fn sent(
        &mut self,
        at_us: u64,
        device: Subject,
        target: Target,
        bytes: u64,
    ) -> Option<Verdict> {
        let parameters = self.parameters;
        let state = self.devices.state(at_us, device);
        let window = at_us / parameters.window_us.max(1);
        state.roll(window, at_us, &parameters);
        state.bytes = state.bytes.saturating_add(bytes);
        state.places.sent(target, bytes);
        let Allowed { usual, limit } = state.allowed?;
        let (observed, began_us) = (state.bytes, state.began_us);
        let is_news = observed > limit && state.is_news(at_us, &parameters);
        if !is_news || !self.devices.may_say(at_us, device) {
            return None;
        }
        let state = self.devices.find_mut(device)?;
        state.was_said(at_us);
        let examples = state.places.heaviest(observed);
        Some(Verdict {
            rule: Rule::ByteBurst,
            source: device,
            began_us,
            at_us,
            observed,
            usual,
            window_us: parameters.window_us,
            examples,
        })
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.devices.said(source)
    }
}

impl Device {
    /// Whether it is another burst than the one that was said, or an hour has passed.
    fn is_news(&self, at_us: u64, parameters: &BurstParameters) -> bool {
        let Some(ongoing) = &self.ongoing else {
            return true;
        };
        let most = ongoing
            .peak
            .map(|peak| peak.saturating_mul(parameters.times));
        at_us.saturating_sub(ongoing.said_us) >= BURST_AGAIN_US
            || most.is_some_and(|most| self.bytes > most)
    }

    fn was_said(&mut self, at_us: u64) {
        let ongoing = self.ongoing.get_or_insert(Ongoing {
            said_us: at_us,
            windows: 0,
            quiet: 0,
            peak: None,
        });
        ongoing.said_us = at_us;
        // Of what has grown the new size is known when the window is over.
        ongoing.peak = ongoing.peak.filter(|peak| self.bytes <= *peak);
    }

    /// Closes the window and those in which nothing was sent.
    fn roll(&mut self, window: u64, at_us: u64, parameters: &BurstParameters) {
        if window <= self.window {
            return;
        }
        if self.window > 0 {
            let lesson = self.lesson();
            self.past.extend(lesson);
            let silent = window - self.window - 1;
            let kept = silent.min(WINDOWS as u64);
            self.past.extend((0..kept).map(|_| 0));
            while self.past.len() > WINDOWS {
                self.past.pop_front();
            }
            self.rest(silent);
        }
        self.allowed = self.new_allowed(parameters);
        self.window = window;
        self.bytes = 0;
        self.places.clear();
        self.began_us = at_us;
    }

    /// What the window that ends now teaches. One with too much does so only where that has gone on for long, and no
    /// more than a step: a short burst leaves no trace, and a vast one does not make everything usual.
    fn lesson(&mut self) -> Option<u64> {
        let bytes = self.bytes;
        let Some(limit) = self.allowed.map(|allowed| allowed.limit) else {
            return Some(bytes);
        };
        if bytes <= limit {
            self.rest(1);
            return Some(bytes);
        }
        let ongoing = self.ongoing.as_mut()?;
        ongoing.quiet = 0;
        ongoing.windows += 1;
        if ongoing.windows > 1 {
            ongoing.peak = ongoing.peak.max(Some(bytes));
        }
        let is_lasting = ongoing.windows > BURST_LASTING;
        is_lasting.then(|| bytes.min(limit.saturating_mul(BURST_STEP)))
    }

    /// Windows without too much end a burst, when they are enough.
    fn rest(&mut self, windows: u64) {
        if let Some(ongoing) = &mut self.ongoing {
            ongoing.quiet = ongoing.quiet.saturating_add(windows);
            if ongoing.quiet >= BURST_QUIET {
                self.ongoing = None;
            }
        }
    }

    fn new_allowed(&self, parameters: &BurstParameters) -> Option<Allowed> {
        let baseline = self.own_baseline(parameters.windows).or(self.lent)?;
        let spread = (baseline.deviation as f64 * 1.4826 * parameters.deviations as f64) as u64;
        let limit = baseline.median.saturating_add(spread);
        let times = baseline.median.saturating_mul(parameters.times);
        Some(Allowed {
            usual: baseline.median,
            limit: limit.max(times).max(parameters.floor_bytes),
        })
    }

    fn own_baseline(&self, windows: usize) -> Option<Baseline> {
        if self.past.len() < windows.max(1) {
            return None;
        }
        let median = median(self.past.iter().copied());
        let deviation = self::median(self.past.iter().map(|bytes| bytes.abs_diff(median)));
        Some(Baseline { median, deviation })
    }
}

/// Of an even number, the upper one of the two in the middle; of none, zero.
pub(super) fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<_> = values.collect();
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0;
    }
    *values.select_nth_unstable(middle).1
}
