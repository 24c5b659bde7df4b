//! More connections than any device needs, answered or not: a flood, or something that has gone mad.

use super::sources::Sources;
use super::{RateParameters, Rule, Subject, Verdict};

#[derive(Debug, Clone)]
pub(super) struct Rate {
    parameters: RateParameters,
    sources: Sources<Counter>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    window: u64,
    began_us: u64,
    connections: usize,
}

impl Rate {
    pub fn new(parameters: RateParameters) -> Self {
        Self {
            parameters,
            sources: Sources::default(),
        }
    }

    pub fn opened(&mut self, at_us: u64, source: Subject) -> Option<Verdict> {
        let RateParameters {
            connections,
            window_us,
        } = self.parameters;
        let counter = self.sources.state(at_us, source);
        let window = at_us / window_us.max(1);
        if window != counter.window {
            *counter = Counter {
                window,
                began_us: at_us,
                connections: 0,
            };
        }
        counter.connections += 1;
        let Counter {
            began_us,
            connections: observed,
            ..
        } = *counter;
        (observed >= connections && self.sources.may_say(at_us, source)).then(|| Verdict {
            rule: Rule::RateCap,
            source,
            began_us,
            at_us,
            observed: observed as u64,
            usual: connections as u64,
            window_us,
            examples: Vec::new(),
        })
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.sources.said(source)
    }
}
