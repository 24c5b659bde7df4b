//! What a halt means for the update that is on its way.

use crate::id::Digest;
use crate::node::{Node, Output};
use crate::time::Now;

impl Node {
    /// A target was halted. This node tries no update yet, so that there is nothing to stop.
    #[expect(
        clippy::unused_self,
        reason = "the update that is stopped belongs to the node"
    )]
    pub(in crate::node) fn halt_came(
        &mut self,
        _target: &Digest,
        _now: Now,
        _out: &mut Vec<Output>,
    ) {
    }
}
