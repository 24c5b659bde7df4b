//! A device whose signed times jump by up to an hour, ahead and back.

use protocol::node::Output;

use super::{Actor, Stage};

/// Seconds between two jumps.
const EVERY: u32 = 10;
const FARTHEST_MS: u64 = 3_600_000;

#[derive(Debug, Default)]
pub(super) struct ClockLiar {
    seconds: u32,
}

impl Actor for ClockLiar {
    fn scheme(&mut self, stage: &mut Stage<'_>) -> Vec<Output> {
        if self.seconds.is_multiple_of(EVERY) {
            let jump = stage.chance.below(2 * FARTHEST_MS);
            *stage.skew_ms = jump as i64 - FARTHEST_MS as i64;
        }
        self.seconds += 1;
        Vec::new()
    }
}
