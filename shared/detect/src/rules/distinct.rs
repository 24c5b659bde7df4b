//! Many different addresses in a short time: ARP scans and ping sweeps.

use std::collections::VecDeque;

use super::limits::{ATTEMPTS, EXAMPLES};
use super::sources::Sources;
use super::{DistinctParameters, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct Distinct {
    rule: Rule,
    parameters: DistinctParameters,
    sources: Sources<VecDeque<(u64, Subject)>>,
}

impl Distinct {
    pub fn new(rule: Rule, parameters: DistinctParameters) -> Self {
        Self {
            rule,
            parameters,
            sources: Sources::default(),
        }
    }

    pub fn saw(&mut self, at_us: u64, source: Subject, address: Subject) -> Option<Verdict> {
        let DistinctParameters {
            addresses,
            window_us,
        } = self.parameters;
        let seen = self.sources.state(at_us, source);
        let oldest = at_us.saturating_sub(window_us);
        seen.retain(|(seen_us, other)| *seen_us >= oldest && *other != address);
        if seen.len() >= ATTEMPTS {
            seen.pop_front();
        }
        seen.push_back((at_us, address));
        let observed = seen.len();
        if observed < addresses {
            return None;
        }
        let began_us = seen.front().map_or(at_us, |(first, _)| *first);
        let example = |(_, destination): &(u64, Subject)| Target {
            destination: *destination,
            port: 0,
        };
        let examples = seen.iter().map(example).take(EXAMPLES).collect();
        self.sources.may_say(at_us, source).then_some(Verdict {
            rule: self.rule,
            source,
            began_us,
            at_us,
            observed: observed as u64,
            usual: addresses as u64,
            window_us,
            examples,
        })
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.sources.said(source)
    }
}
