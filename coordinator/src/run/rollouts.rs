//! What people say to rollouts, judged before they get their answer.

use protocol::coordinator::{Command, Input};
use protocol::rollout::{Plan, RolloutId, Word};
use protocol::text::Name;
use tokio::sync::oneshot;

use super::Shell;
use super::desk::reply;
use crate::orders::OrderError;

impl Shell {
    pub(super) fn plan_rollout(
        &self,
        plan: Box<Plan>,
        answer: oneshot::Sender<Result<RolloutId, OrderError>>,
    ) -> Vec<Input> {
        match self.core.judge_plan(&plan) {
            Ok(id) => {
                reply(answer, Ok(id));
                vec![Input::Command(Command::PlanRollout(plan))]
            }
            Err(error) => {
                reply(answer, Err(error.into()));
                Vec::new()
            }
        }
    }

    pub(super) fn tell_rollout(
        &self,
        (id, word, by): (RolloutId, Word, Name),
        answer: oneshot::Sender<Result<(), OrderError>>,
    ) -> Vec<Input> {
        match self.core.judge_word(id, word, &by) {
            Ok(()) => {
                reply(answer, Ok(()));
                vec![Input::Command(Command::TellRollout { id, word, by })]
            }
            Err(error) => {
                reply(answer, Err(error.into()));
                Vec::new()
            }
        }
    }
}
