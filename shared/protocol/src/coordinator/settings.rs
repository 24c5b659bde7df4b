//! What devices do of what administrators have signed, and what follows for what their words are worth.

use std::time::Duration;

use super::presence::{Presence, REPORT};
use super::{Coordinator, Event, Output};
use crate::id::DeviceId;
use crate::settings::Obeyed;

impl Coordinator {
    /// What a device does of what administrators have signed, by its own word.
    pub fn obeyed(&self, device: &DeviceId) -> Option<Obeyed> {
        Some(self.devices.get(device)?.obeyed)
    }

    pub(super) fn said_to_obey(&mut self, device: DeviceId, obeyed: Obeyed, out: &mut Vec<Output>) {
        if let Some(known) = self.devices.get_mut(&device) {
            known.obeyed = obeyed;
            out.push(Output::Event(Event::Obeys { device, obeyed }));
        }
    }

    /// A device that begins anew says so again if what it holds is stale.
    pub(super) fn no_longer_stale(&mut self, device: &DeviceId) {
        if let Some(known) = self.devices.get_mut(device) {
            known.obeyed.stale = None;
        }
    }

    /// How much later than usual the coordinator hears what witnesses have heard of a device: they say so with their
    /// readings, and those come less often where administrators want it so.
    pub(super) fn reported_late(&self, presence: &Presence) -> Duration {
        let witnesses = presence.witnesses().keys();
        let known = witnesses.filter_map(|witness| self.devices.get(witness));
        let periods = known.map(|witness| witness.obeyed.settings.record().unwrap_or(REPORT));
        periods.min().unwrap_or(REPORT).saturating_sub(REPORT)
    }
}
