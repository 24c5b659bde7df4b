//! What the lookout tells, and what the core knows that it should know.

use protocol::class::DeviceClass;
use protocol::flows::HabitOrder;
use protocol::heard::Mac;
use protocol::node::FlowsTold;

use super::Shell;
use crate::sources::flows::Flows;

/// How sure a guess of a class has to be before its baseline is lent, of 100.
const SURE: u8 = 40;

impl Shell {
    pub(super) fn obey_habit(&self, order: Box<HabitOrder>) {
        if let Some(flows) = &self.flows {
            flows.obey(order);
        }
    }

    /// What devices on the segment are taken for.
    pub(super) fn introduce_devices(&mut self) {
        let Some(flows) = &mut self.flows else { return };
        let heard = self.core.guarded().filter_map(|one| one.device);
        let sure = heard.filter(|device| device.confidence >= SURE);
        let known = sure.filter(|device| device.class != DeviceClass::Other);
        let classes: Vec<(Mac, DeviceClass)> =
            known.map(|device| (device.mac, device.class)).collect();
        flows.introduce(classes);
    }
}

pub(super) async fn told(flows: &mut Option<Flows>) -> Option<FlowsTold> {
    match flows {
        Some(flows) => flows.next().await,
        None => std::future::pending().await,
    }
}
