//! What the machine asks for, in an order that the shell keeps.

use super::{Act, Order, Step};
use crate::id::Digest;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Replaces what was saved before, and is durable before anything behind it is done or sent.
    Save(Vec<u8>),
    /// Goes into the device's log, in the same transaction as the save before it.
    Say(Step),
    /// To be begun; [`super::Input::Done`] or [`super::Input::Failed`] ends it. A later act takes the place of an earlier.
    Act(Act),
    /// What was fetched or staged of this target is of no more use.
    Discard(Digest),
    /// An order that is not obeyed, and not worth a statement.
    Declined { order: Order, why: Decline },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decline {
    /// Another update is on its way.
    Busy,
    /// It was obeyed before.
    Replayed,
}
