//! What a person does about an alert, and what has to be true for that.

use std::time::Duration;

use protocol::time::Timestamp;
use thiserror::Error;

use crate::alert::{Alert, Done, State};
use crate::limits;
use crate::text::{Name, Says};

/// One act. Each is audited with who did it and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Acknowledge,
    Assign(Name),
    Snooze(Duration),
    Close,
    FalsePositive,
    Reopen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ActError {
    #[error(
        "there is no such alert, or it was too old to keep: `palisade-coordinator alert list --state all` shows those that there are"
    )]
    NoSuchAlert,
    #[error("the alert is over: open it again first")]
    Over,
    #[error("the alert is open already")]
    OpenAlready,
    #[error("why: say why, in a line, so that others can follow it")]
    WhyMissing,
    #[error("for: snooze it for a minute at least, and for a year at most")]
    Length,
}

impl Act {
    /// The word under which it is audited.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Acknowledge => "alert.acknowledge",
            Self::Assign(_) => "alert.assign",
            Self::Snooze(_) => "alert.snooze",
            Self::Close => "alert.close",
            Self::FalsePositive => "alert.false_positive",
            Self::Reopen => "alert.reopen",
        }
    }

    /// What hides something from others needs a reason.
    const fn needs_why(&self) -> bool {
        matches!(self, Self::Snooze(_) | Self::FalsePositive)
    }
}

impl Alert {
    /// Does it, or says why not and changes nothing.
    pub fn act(
        &mut self,
        act: &Act,
        by: &Name,
        why: Option<Says>,
        now: Timestamp,
    ) -> Result<(), ActError> {
        if act.needs_why() && why.is_none() {
            return Err(ActError::WhyMissing);
        }
        let state = self.next_state(act, now)?;
        self.state = state;
        self.done = Some(Done {
            by: by.clone(),
            at: now,
            why,
        });
        Ok(())
    }

    fn next_state(&self, act: &Act, now: Timestamp) -> Result<State, ActError> {
        let state = self.state_at(now);
        match act {
            Act::Reopen if state == State::Open => Err(ActError::OpenAlready),
            Act::Reopen => Ok(State::Open),
            _ if state.is_over() => Err(ActError::Over),
            Act::Acknowledge => Ok(State::Acknowledged),
            Act::Assign(to) => Ok(State::Assigned(to.clone())),
            Act::Snooze(length) => {
                let fits = (Duration::from_secs(60)..=limits::LONGEST).contains(length);
                let until = now.saturating_add(*length);
                fits.then_some(State::Snoozed(until))
                    .ok_or(ActError::Length)
            }
            Act::Close => Ok(State::Closed),
            Act::FalsePositive => Ok(State::FalsePositive),
        }
    }
}
