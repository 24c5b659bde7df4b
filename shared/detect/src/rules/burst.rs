//! More bytes out of the network than the device itself ever sends: somebody carries something away, or floods.

use std::collections::VecDeque;

use super::limits::WINDOWS;
use super::sources::Sources;
use super::{BurstParameters, Rule, Subject, Verdict};

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
    began_us: u64,
    past: VecDeque<u64>,
    lent: Option<Baseline>,
    /// What the window may have: it is asked for with every packet, and changes between windows only.
    limit: Option<u64>,
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
        state.limit = state.new_limit(&self.parameters);
    }

    pub fn baseline(&self, device: Subject) -> Option<Baseline> {
        let device = self.devices.find(device)?;
        device.own_baseline(self.parameters.windows)
    }

    /// Judges as soon as the window has too much, not when it is over.
    pub fn sent(&mut self, at_us: u64, device: Subject, bytes: u64) -> Option<Verdict> {
        let parameters = self.parameters;
        let state = self.devices.state(at_us, device);
        let window = at_us / parameters.window_us.max(1);
        state.roll(window, at_us, &parameters);
        state.bytes = state.bytes.saturating_add(bytes);
        let limit = state.limit?;
        let (observed, began_us) = (state.bytes, state.began_us);
        if observed <= limit || !self.devices.may_say(at_us, device) {
            return None;
        }
        Some(Verdict {
            rule: Rule::ByteBurst,
            source: device,
            began_us,
            at_us,
            observed,
            usual: limit,
            window_us: parameters.window_us,
            examples: Vec::new(),
        })
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.devices.said(source)
    }
}

impl Device {
    /// Closes the window and those in which nothing was sent. One that broke the rule teaches nothing.
    fn roll(&mut self, window: u64, at_us: u64, parameters: &BurstParameters) {
        if window <= self.window {
            return;
        }
        if self.window > 0 {
            let is_usual = self.limit.is_none_or(|limit| self.bytes <= limit);
            if is_usual {
                self.past.push_back(self.bytes);
            }
            let silent = (window - self.window - 1).min(WINDOWS as u64);
            self.past.extend((0..silent).map(|_| 0));
            while self.past.len() > WINDOWS {
                self.past.pop_front();
            }
        }
        self.limit = self.new_limit(parameters);
        self.window = window;
        self.bytes = 0;
        self.began_us = at_us;
    }

    fn new_limit(&self, parameters: &BurstParameters) -> Option<u64> {
        let baseline = self.own_baseline(parameters.windows).or(self.lent)?;
        let spread = (baseline.deviation as f64 * 1.4826 * parameters.deviations as f64) as u64;
        let limit = baseline.median.saturating_add(spread);
        let times = baseline.median.saturating_mul(parameters.times);
        Some(limit.max(times).max(parameters.floor_bytes))
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
