//! What devices say of their updates, and what it means that they say nothing.

use super::{Entry, Output, Rollout};
use crate::id::DeviceId;
use crate::install::Step;
use crate::time::Timestamp;

impl Rollout {
    /// Only steps of this order count, each once.
    pub(super) fn stepped(
        &mut self,
        device: DeviceId,
        step: &Step,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let ours =
            step.target == self.course.plan.image.target && step.nonce == self.nonce(&device);
        let Some(entry) = self.entries.get(&device).filter(|_| ours) else {
            return;
        };
        let ring = entry.ring;
        if let Some(progress) = entry.progress.after(&step.state, now) {
            self.put(device, Entry::new(ring, progress), out);
            self.settle(now, out);
        }
    }

    pub(super) fn tick(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        while let Some((at, device)) = self.patience.first().copied()
            && at <= now
        {
            self.patience.remove(&(at, device));
            let Some(entry) = self.entries.get(&device) else {
                continue;
            };
            let ring = entry.ring;
            if let Some(progress) = entry.progress.unheard(now) {
                self.put(device, Entry::new(ring, progress), out);
            }
        }
        self.settle(now, out);
    }
}
