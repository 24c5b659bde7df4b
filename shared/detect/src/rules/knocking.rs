//! One place outside that is called again and again in vain: what was told to call home and finds nobody there does not
//! give up. An honest client whose server is gone waits longer and longer.

use std::collections::BTreeMap;

use super::limits::CALLED;
use super::sources::Sources;
use super::{KnockingParameters, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct Knocking {
    parameters: KnockingParameters,
    sources: Sources<BTreeMap<Target, Vain>>,
}

/// Calls of one place since one of them was answered, within a window.
#[derive(Debug, Clone, Copy)]
struct Vain {
    began_us: u64,
    last_us: u64,
    calls: usize,
}

impl Knocking {
    pub fn new(parameters: KnockingParameters) -> Self {
        Self {
            parameters,
            sources: Sources::default(),
        }
    }

    pub fn called(&mut self, at_us: u64, source: Subject, target: Target) -> Option<Verdict> {
        let KnockingParameters { calls, window_us } = self.parameters;
        let places = self.sources.state(at_us, source);
        if !places.contains_key(&target) && places.len() >= CALLED {
            let quietest = places.iter().min_by_key(|(_, vain)| vain.last_us);
            let quietest = quietest.map(|(target, _)| *target);
            quietest.map(|quietest| places.remove(&quietest));
        }
        let fresh = Vain {
            began_us: at_us,
            last_us: at_us,
            calls: 0,
        };
        let vain = places.entry(target).or_insert(fresh);
        if at_us.saturating_sub(vain.began_us) >= window_us {
            *vain = fresh;
        }
        vain.calls += 1;
        vain.last_us = at_us;
        let vain = *vain;
        (vain.calls >= calls && self.sources.may_say(at_us, source)).then(|| Verdict {
            rule: Rule::Knocking,
            source,
            began_us: vain.began_us,
            at_us,
            observed: vain.calls as u64,
            usual: calls as u64,
            window_us,
            examples: vec![target],
        })
    }

    /// Somebody is there.
    pub fn reached(&mut self, source: Subject, target: Target) {
        if let Some(places) = self.sources.find_mut(source) {
            places.remove(&target);
        }
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.sources.said(source)
    }
}
