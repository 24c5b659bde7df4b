//! Lines in, hits out: each rule is asked about each line, and those that count do so in windows.

use std::collections::{BTreeMap, VecDeque};

use crate::limits;
use crate::line::Line;
use crate::sigma::Rule;

/// A clock that is further off than this is not believed.
const AHEAD_MS: u64 = 300_000;

#[derive(Debug, Default)]
pub struct Judge {
    rules: Vec<Rule>,
    windows: BTreeMap<Key, Window>,
    /// Counts every use of a window.
    uses: u64,
}

/// Device, place of the rule, value of the field by which it counts.
type Key = ([u8; 8], usize, Option<String>);

#[derive(Debug, Default)]
struct Window {
    /// In ascending order, [`limits::COUNT`] at most.
    times: VecDeque<u64>,
    used: u64,
}

/// A rule that speaks of a device.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    pub rule: &'a Rule,
    /// Lines that this hit stands for.
    pub times: u32,
    /// Lines that are usual within the rule's time, and its time; nothing where one line is enough.
    pub usual: Option<(usize, u64)>,
    /// Lines that were counted within the rule's time, this one among them; at [`limits::COUNT`] it may have been more.
    pub counted: usize,
}

/// What one line led to.
struct Count {
    times: usize,
    usual: Option<(usize, u64)>,
    counted: usize,
}

impl Judge {
    /// Rules beyond [`limits::RULES`] are left out.
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.truncate(limits::RULES);
        Self {
            rules,
            ..Self::default()
        }
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Asks every rule about a line of a device that came in at `now_ms`.
    pub fn hear(&mut self, device: [u8; 8], line: &Line, now_ms: u64) -> Vec<Hit<'_>> {
        let at = line
            .at_ms
            .filter(|at| believed(*at, now_ms))
            .unwrap_or(now_ms);
        let mut hits = Vec::new();
        for place in 0..self.rules.len() {
            if self.rules[place].matches(line) {
                let count = self.count(device, place, line, at);
                hits.extend(count.map(|count| (place, count)));
            }
        }
        let rules = &self.rules;
        hits.into_iter()
            .map(|(place, count)| Hit {
                rule: &rules[place],
                times: u32::try_from(count.times).unwrap_or(u32::MAX),
                usual: count.usual,
                counted: count.counted,
            })
            .collect()
    }

    /// The first hit of a window stands for all that are in it, each later one for itself.
    fn count(&mut self, device: [u8; 8], place: usize, line: &Line, at: u64) -> Option<Count> {
        let Some(threshold) = &self.rules[place].threshold else {
            return Some(Count {
                times: 1,
                usual: None,
                counted: 1,
            });
        };
        let (count, within) = (threshold.count, threshold.within_ms);
        let group = threshold
            .by
            .as_ref()
            .map(|field| line.field(field).unwrap_or_default().to_owned());
        self.uses += 1;
        let uses = self.uses;
        let key = (device, place, group);
        if !self.windows.contains_key(&key) && self.windows.len() >= limits::WINDOWS {
            self.forget_oldest();
        }
        let window = self.windows.entry(key).or_default();
        window.used = uses;
        window.times.retain(|time| at.abs_diff(*time) < within);
        let was_full = window.times.len() >= count;
        let after = window.times.partition_point(|time| *time <= at);
        window.times.insert(after, at);
        if window.times.len() > limits::COUNT {
            window.times.pop_front();
        }
        let counted = window.times.len();
        (counted >= count).then_some(Count {
            times: if was_full { 1 } else { count },
            usual: Some((count - 1, within)),
            counted,
        })
    }

    fn forget_oldest(&mut self) {
        let oldest = self.windows.iter().min_by_key(|(_, window)| window.used);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.windows.remove(&key);
        }
    }
}

fn believed(at: u64, now: u64) -> bool {
    at <= now.saturating_add(AHEAD_MS) && at.saturating_add(limits::WINDOW_MS) >= now
}

/// Runs the tests of a rule's file; the error tells the number of the first that fails, from 1, and how many hits there were.
pub fn try_out(rule: &Rule) -> Result<(), (usize, usize)> {
    for (number, case) in rule.tests.iter().enumerate() {
        let mut judge = Judge::new(vec![rule.clone()]);
        let mut hits = 0;
        for text in &case.lines {
            let mut line = Line::of(text);
            line.program.clone_from(&case.program);
            line.read_login();
            hits += judge.hear([0; 8], &line, 1_000).len();
        }
        if hits != case.hits {
            return Err((number + 1, hits));
        }
    }
    Ok(())
}
