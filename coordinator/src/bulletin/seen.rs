//! Who saw it: what the core knows of a device's witnesses at the moment of an event.

use alerts::sources::Context;
use protocol::coordinator::Coordinator;
use protocol::id::DeviceId;

use crate::live::silence::Testimony;

pub(super) struct By<'a>(pub &'a Coordinator);

impl Context for By<'_> {
    fn witnesses(&self, device: &DeviceId) -> Vec<DeviceId> {
        let testimony = Testimony::of(self.0, device);
        let accusers = testimony.accusers.iter().map(|accuser| accuser.witness);
        let suspicion = self.0.suspicion();
        let reporters = suspicion
            .reports()
            .filter(|report| report.of(device).next().is_some())
            .map(|report| report.witness);
        let mut all: Vec<DeviceId> = accusers.chain(reporters).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn jury(&self, device: &DeviceId) -> usize {
        self.0.roster().rings().jury(device)
    }
}
