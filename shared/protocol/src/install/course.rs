//! The steps of one device under one order, as whoever gave the order follows them.

use thiserror::Error;

use super::{Order, State, Step};

/// What a device has said of one order; only steps that lead on are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    order: Order,
    last: Option<State>,
}

/// Why a step is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Misstep {
    #[error("the step answers another order")]
    OtherOrder,
    #[error("the step names another target than the order")]
    OtherTarget,
    #[error("the device had come as far before, so the step is repeated")]
    Replayed,
}

impl Course {
    pub fn new(order: Order) -> Self {
        Self { order, last: None }
    }

    pub fn take(&mut self, step: &Step) -> Result<(), Misstep> {
        if step.nonce != self.order.nonce {
            return Err(Misstep::OtherOrder);
        }
        if step.target != self.order.target {
            return Err(Misstep::OtherTarget);
        }
        let before = self.last.as_ref().map(State::rank);
        if before.is_some_and(|before| step.state.rank() <= before) {
            return Err(Misstep::Replayed);
        }
        self.last = Some(step.state.clone());
        Ok(())
    }

    /// How far the device has come, by its own word.
    pub fn reached(&self) -> Option<&State> {
        self.last.as_ref()
    }
}
