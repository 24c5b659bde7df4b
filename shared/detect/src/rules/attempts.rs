//! Fan-out: connections asked for at many places in a short time, without an answer. A port scan looks so, and a worm.
//!
//! An honest client asks many places at once too, but is answered; so an attempt counts when it was refused, or when
//! nobody has answered for a while.

use std::collections::VecDeque;

use super::limits::{ATTEMPTS, EXAMPLES};
use super::sources::Sources;
use super::{FanOutParameters, LOGIN_PORTS, Outcome, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct FanOut {
    parameters: FanOutParameters,
    sources: Sources<VecDeque<Attempt>>,
}

#[derive(Debug, Clone, Copy)]
struct Attempt {
    first_us: u64,
    last_us: u64,
    target: Target,
    is_refused: bool,
}

impl FanOut {
    pub fn new(parameters: FanOutParameters) -> Self {
        Self {
            parameters,
            sources: Sources::default(),
        }
    }

    pub fn opened(&mut self, at_us: u64, source: Subject, target: Target) -> Option<Verdict> {
        let attempts = self.sources.state(at_us, source);
        // Asking again keeps an attempt in the window, and is no new one.
        let again = attempts.iter_mut().find(|attempt| attempt.target == target);
        if let Some(attempt) = again {
            attempt.last_us = at_us;
        } else {
            if attempts.len() >= ATTEMPTS {
                attempts.pop_front();
            }
            attempts.push_back(Attempt {
                first_us: at_us,
                last_us: at_us,
                target,
                is_refused: false,
            });
        }
        self.judge(at_us, source)
    }

    pub fn answered(
        &mut self,
        at_us: u64,
        source: Subject,
        target: Target,
        outcome: Outcome,
    ) -> Option<Verdict> {
        let attempts = self.sources.state(at_us, source);
        match outcome {
            Outcome::Accepted => attempts.retain(|attempt| attempt.target != target),
            Outcome::Refused => {
                let refused = attempts.iter_mut().find(|attempt| attempt.target == target);
                if let Some(attempt) = refused {
                    attempt.is_refused = true;
                }
            }
        }
        self.judge(at_us, source)
    }

    pub fn tick(&mut self, now_us: u64) -> Vec<Verdict> {
        let since = now_us.saturating_sub(self.parameters.window_us + self.parameters.grace_us);
        let active = self.sources.active_since(since);
        active
            .into_iter()
            .filter_map(|source| self.judge(now_us, source))
            .collect()
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.sources.said(source)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// An attempt stays in the window for as long again as it waits for its answer.
    fn judge(&mut self, now_us: u64, source: Subject) -> Option<Verdict> {
        let FanOutParameters {
            targets,
            login_targets,
            window_us,
            grace_us,
        } = self.parameters;
        let attempts = self.sources.find_mut(source)?;
        let oldest = now_us.saturating_sub(window_us + grace_us);
        attempts.retain(|attempt| attempt.last_us >= oldest);
        let is_lost = |attempt: &&Attempt| {
            attempt.is_refused || now_us.saturating_sub(attempt.first_us) >= grace_us
        };
        let lost: Vec<_> = attempts.iter().filter(is_lost).copied().collect();
        let (lost, usual) = if lost.len() >= targets {
            (lost, targets)
        } else {
            (knocks(&lost, login_targets)?, login_targets)
        };
        if !self.sources.may_say(now_us, source) {
            return None;
        }
        Some(Verdict {
            rule: Rule::FanOut,
            source,
            began_us: lost
                .iter()
                .map(|attempt| attempt.first_us)
                .min()
                .unwrap_or(now_us),
            at_us: now_us,
            observed: lost.len() as u64,
            usual: usual as u64,
            window_us,
            examples: lost
                .iter()
                .map(|attempt| attempt.target)
                .take(EXAMPLES)
                .collect(),
        })
    }
}

/// Those at the port for logins where most were made, if they are enough.
fn knocks(lost: &[Attempt], enough: usize) -> Option<Vec<Attempt>> {
    LOGIN_PORTS.iter().find_map(|port| {
        let here = lost.iter().filter(|attempt| attempt.target.port == *port);
        let here: Vec<_> = here.copied().collect();
        (here.len() >= enough).then_some(here)
    })
}
