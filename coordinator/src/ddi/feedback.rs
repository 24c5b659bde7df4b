//! What a device says of its action, and what follows from it.

use protocol::text::Name;
use serde::Deserialize;
use thiserror::Error;

use super::{Ddi, DdiError, enter, ordered};
use crate::store::audit::Act;
use crate::store::ddi::{State, Target, Words};
use crate::store::fault::ChangeError;

/// A message of a device, in hawkBit's words; what else it holds is not looked at.
#[derive(Debug, Clone, Deserialize)]
pub struct Feedback {
    status: Status,
}

#[derive(Debug, Clone, Deserialize)]
struct Status {
    execution: Execution,
    result: Outcome,
    #[serde(default)]
    details: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Execution {
    Closed,
    Canceled,
    Rejected,
    Proceeding,
    Scheduled,
    Resumed,
    Download,
    Downloaded,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Outcome {
    finished: Finished,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Finished {
    Success,
    Failure,
    None,
}

#[derive(Debug, Error)]
pub enum FeedbackError {
    #[error("the device was never given this action")]
    NoSuchAction,
    #[error("this action is over")]
    Over,
    #[error(transparent)]
    Failed(#[from] DdiError),
}

impl From<ChangeError> for FeedbackError {
    fn from(error: ChangeError) -> Self {
        Self::Failed(error.into())
    }
}

impl Feedback {
    /// What an installation has come to.
    fn of_installation(&self, now: State) -> State {
        match (self.status.execution, self.status.result.finished) {
            (Execution::Closed, Finished::Success) => State::Installed,
            (Execution::Canceled, _) if now == State::Cancelling => State::Cancelled,
            (Execution::Closed | Execution::Canceled, _) => State::Failed,
            _ if now == State::Cancelling => State::Cancelling,
            _ => State::Running,
        }
    }

    /// What a cancellation has come to.
    fn of_cancellation(&self, now: State) -> State {
        match (self.status.execution, self.status.result.finished) {
            (Execution::Closed, Finished::Success) | (Execution::Canceled, _) => State::Cancelled,
            (Execution::Closed | Execution::Rejected, _) => State::Running,
            _ => now,
        }
    }

    /// The last of its words.
    fn said(&self) -> Option<Words> {
        self.status
            .details
            .last()
            .and_then(|text| Words::fitted(text))
    }
}

/// Of what a message speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Installation,
    Cancellation,
}

impl Ddi {
    /// Takes what a device says of its action. How one ends is in the audit trail, once.
    pub fn take(
        &self,
        name: &Name,
        number: u32,
        subject: Subject,
        feedback: &Feedback,
    ) -> Result<(), FeedbackError> {
        self.writer.write(|changes| {
            let (state, of) = changes.change_ddi_target(name, |target| {
                let state = judge(target, number, subject, feedback)?;
                Ok::<_, FeedbackError>((state, target.words()))
            })??;
            if !state.is_open() {
                changes.audit(act(state, name, &of)?)?;
            }
            Ok(())
        })
    }
}

/// Moves the action on, as the device says; of one that is over or another it can say nothing.
fn judge(
    target: &mut Target,
    number: u32,
    subject: Subject,
    feedback: &Feedback,
) -> Result<State, FeedbackError> {
    let action = target.action.as_ref();
    let action = action.filter(|action| action.number == number);
    let (now, counter) = action
        .map(|action| (action.state, action.counter))
        .ok_or(FeedbackError::NoSuchAction)?;
    let next = match subject {
        _ if !now.is_open() => return Err(FeedbackError::Over),
        Subject::Installation => feedback.of_installation(now),
        Subject::Cancellation if now == State::Cancelling => feedback.of_cancellation(now),
        Subject::Cancellation => return Err(FeedbackError::Over),
    };
    enter(target, next, feedback.said());
    if next == State::Installed {
        target.floor = target.floor.max(Some(counter));
    }
    Ok(next)
}

/// What a device has done by itself.
fn act(state: State, name: &Name, of: &str) -> Result<Act, DdiError> {
    let ordered = ordered(&format!("ddi.{}", state.word()), name, of)?;
    Ok(Act {
        actor: Name::fitted(&format!("device {name}")).unwrap_or(ordered.actor),
        ..ordered
    })
}
