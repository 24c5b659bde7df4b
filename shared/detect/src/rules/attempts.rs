//! Fan-out: connections asked for at many places in a short time, without an answer. A port scan looks so, and a worm.
//!
//! An honest client asks many places at once too, but is answered; so an attempt counts when it was refused, or when
//! nobody has answered for a while. Whoever is patient asks one place at a time: what was lost is counted over a long
//! window too, which takes more of it.

mod lost;

use std::collections::VecDeque;

use self::lost::Lost;
use super::limits::{ATTEMPTS, EXAMPLES};
use super::sources::Sources;
use super::{FanOutParameters, LOGIN_PORTS, Outcome, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct FanOut {
    parameters: FanOutParameters,
    sources: Sources<Asked>,
}

#[derive(Debug, Clone, Default)]
struct Asked {
    attempts: VecDeque<Attempt>,
    lost: Lost,
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
        let asked = self.sources.state(at_us, source);
        let attempts = &mut asked.attempts;
        // Asking again keeps an attempt in the window, and is no new one.
        let again = attempts.iter_mut().find(|attempt| attempt.target == target);
        if let Some(attempt) = again {
            attempt.last_us = at_us;
        } else {
            if attempts.len() >= ATTEMPTS
                && let Some(oldest) = attempts.pop_front()
            {
                asked.lost.add(oldest.last_us, oldest.target);
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
        let asked = self.sources.state(at_us, source);
        match outcome {
            Outcome::Accepted => {
                asked.attempts.retain(|attempt| attempt.target != target);
                asked.lost.remove(target);
            }
            Outcome::Refused => {
                let mut attempts = asked.attempts.iter_mut();
                if let Some(refused) = attempts.find(|attempt| attempt.target == target) {
                    refused.is_refused = true;
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

    fn judge(&mut self, now_us: u64, source: Subject) -> Option<Verdict> {
        let parameters = self.parameters;
        let asked = self.sources.find_mut(source)?;
        asked.expire(now_us, &parameters);
        let found = asked.at_once(now_us, &parameters);
        let (found, window_us) = match found {
            Some(found) => (found, parameters.window_us),
            None => (asked.one_by_one(&parameters)?, parameters.slow_window_us),
        };
        if !self.sources.may_say(now_us, source) {
            return None;
        }
        Some(Verdict {
            rule: Rule::FanOut,
            source,
            began_us: found.began_us,
            at_us: now_us,
            observed: found.observed as u64,
            usual: found.usual as u64,
            window_us,
            examples: found.examples,
        })
    }
}

/// What is too much.
struct Found {
    began_us: u64,
    observed: usize,
    usual: usize,
    examples: Vec<Target>,
}

impl Asked {
    /// An attempt stays in the window for as long again as it waits for its answer; then it is lost.
    fn expire(&mut self, now_us: u64, parameters: &FanOutParameters) {
        let FanOutParameters {
            window_us,
            grace_us,
            slow_window_us,
            ..
        } = *parameters;
        let oldest = now_us.saturating_sub(window_us + grace_us);
        let lost = &mut self.lost;
        self.attempts.retain(|attempt| {
            let stays = attempt.last_us >= oldest;
            if !stays {
                lost.add(attempt.last_us, attempt.target);
            }
            stays
        });
        lost.forget_before(now_us.saturating_sub(slow_window_us));
    }

    fn at_once(&self, now_us: u64, parameters: &FanOutParameters) -> Option<Found> {
        let FanOutParameters {
            targets,
            login_targets,
            grace_us,
            ..
        } = *parameters;
        let is_lost = |attempt: &&Attempt| {
            attempt.is_refused || now_us.saturating_sub(attempt.first_us) >= grace_us
        };
        let lost: Vec<_> = self.attempts.iter().filter(is_lost).copied().collect();
        let (lost, usual) = if lost.len() >= targets {
            (lost, targets)
        } else {
            (knocks(&lost, login_targets)?, login_targets)
        };
        let began_us = lost.iter().map(|attempt| attempt.first_us).min();
        let examples = lost.iter().map(|attempt| attempt.target);
        Some(Found {
            began_us: began_us.unwrap_or(now_us),
            observed: lost.len(),
            usual,
            examples: examples.take(EXAMPLES).collect(),
        })
    }

    fn one_by_one(&self, parameters: &FanOutParameters) -> Option<Found> {
        let observed = self.lost.len();
        (observed >= parameters.slow_targets).then(|| Found {
            began_us: self.lost.began_us(),
            observed,
            usual: parameters.slow_targets,
            examples: self.lost.latest().into_iter().collect(),
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
