//! Logins tried again and again at one place: somebody guesses passwords.

use std::collections::VecDeque;

use super::limits::ATTEMPTS;
use super::sources::Sources;
use super::{Attempt, LoginParameters, Rule, Subject, Target, Verdict};

#[derive(Debug, Clone)]
pub(super) struct Logins {
    parameters: LoginParameters,
    sources: Sources<VecDeque<Try>>,
}

#[derive(Debug, Clone, Copy)]
struct Try {
    at_us: u64,
    target: Target,
    attempt: Attempt,
}

impl Logins {
    pub fn new(parameters: LoginParameters) -> Self {
        Self {
            parameters,
            sources: Sources::default(),
        }
    }

    pub fn tried(
        &mut self,
        at_us: u64,
        source: Subject,
        target: Target,
        attempt: Attempt,
    ) -> Option<Verdict> {
        let LoginParameters {
            failed,
            tried,
            window_us,
        } = self.parameters;
        let tries = self.sources.state(at_us, source);
        let oldest = at_us.saturating_sub(window_us);
        tries.retain(|try_| try_.at_us >= oldest);
        if tries.len() >= ATTEMPTS {
            tries.pop_front();
        }
        tries.push_back(Try {
            at_us,
            target,
            attempt,
        });
        let here = tries.iter().filter(|try_| try_.target == target);
        let began_us = here.clone().map(|try_| try_.at_us).min().unwrap_or(at_us);
        let count = |kind: Attempt| here.clone().filter(|try_| try_.attempt == kind).count();
        let (observed, usual) = match (count(Attempt::Failed), count(Attempt::Tried)) {
            (known, _) if known >= failed => (known, failed),
            (_, unknown) if unknown >= tried => (unknown, tried),
            _ => return None,
        };
        self.sources.may_say(at_us, source).then(|| Verdict {
            rule: Rule::LoginBurst,
            source,
            began_us,
            at_us,
            observed: observed as u64,
            usual: usual as u64,
            window_us,
            examples: vec![target],
        })
    }

    pub fn said(&self, source: Subject) -> Option<u64> {
        self.sources.said(source)
    }
}
