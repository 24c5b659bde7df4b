//! What the coordinator tells people, and when.

use protocol::coordinator::Event;
use protocol::coordinator::presence::Status;
use protocol::coordinator::verdict::{Cause, Return, Verdict};
use protocol::id::DeviceId;

use super::Observer;
use crate::world::{Said, World};

/// Everything about who is there, in the order in which it was said.
#[derive(Debug, Default)]
pub struct Announcements {
    verdicts: Vec<(u64, Verdict)>,
    returns: Vec<(u64, DeviceId, Return)>,
    statuses: Vec<(u64, DeviceId, Status)>,
}

impl Announcements {
    pub fn verdicts(&self) -> &[(u64, Verdict)] {
        &self.verdicts
    }

    pub fn returns(&self) -> &[(u64, DeviceId, Return)] {
        &self.returns
    }

    /// The newest status of a device.
    pub fn status(&self, device: DeviceId) -> Option<Status> {
        let mut newest_first = self.statuses.iter().rev();
        newest_first
            .find(|(_, one, _)| *one == device)
            .map(|(_, _, status)| *status)
    }

    /// When a cause was named from some moment on for exactly these devices, in ascending order.
    pub fn named(&self, cause: Cause, devices: &[DeviceId], from_ms: u64) -> Option<u64> {
        let same = |verdict: &Verdict| {
            let mut named = verdict.devices.clone();
            named.sort_unstable();
            verdict.cause == cause && named == devices
        };
        let mut later = self.verdicts.iter().filter(|(at_ms, _)| *at_ms >= from_ms);
        later
            .find(|(_, verdict)| same(verdict))
            .map(|(at_ms, _)| *at_ms)
    }

    /// Verdicts that name any of these devices.
    pub fn touching(&self, devices: &[DeviceId]) -> usize {
        let touches = |(_, verdict): &&(u64, Verdict)| {
            verdict.devices.iter().any(|one| devices.contains(one))
        };
        self.verdicts.iter().filter(touches).count()
    }
}

impl Observer for Announcements {
    fn heard(&mut self, world: &World, said: &Said) {
        let now_ms = world.now_ms();
        match said {
            Said::Coordinator(Event::Verdict(verdict)) => {
                self.verdicts.push((now_ms, verdict.clone()));
            }
            Said::Coordinator(Event::Returned { device, what }) => {
                self.returns.push((now_ms, *device, *what));
            }
            Said::Coordinator(Event::Status { device, status, .. }) => {
                self.statuses.push((now_ms, *device, *status));
            }
            _ => {}
        }
    }
}
