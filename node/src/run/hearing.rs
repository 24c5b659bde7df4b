//! What this node hears of devices without a node, for its status.

use protocol::guard::Guarded;
use protocol::id::DeviceId;

use super::Shell;
use crate::status::hearing::{Heard, Hearing, LISTED, Missing};
use crate::status::watch::Named;

impl Shell {
    pub(super) fn heard(&self) -> Hearing {
        let Some(ears) = self.core.ears() else {
            return Hearing::default();
        };
        let missing = ears.missing.iter().map(|missing| Missing {
            what: missing.word().to_owned(),
            says: missing.sentence().to_owned(),
        });
        let devices: Vec<Guarded<'_>> = self.core.guarded().collect();
        let guarded = devices.iter().filter(|one| one.presence.is_some()).count();
        Hearing {
            interfaces: ears.interfaces.iter().map(ToString::to_string).collect(),
            missing: missing.collect(),
            known: devices.len(),
            guarded,
            devices: devices
                .iter()
                .take(LISTED)
                .map(|one| self.heard_of(one))
                .collect(),
        }
    }

    fn heard_of(&self, one: &Guarded<'_>) -> Heard {
        let device = one.device;
        let texts =
            |names: &[protocol::text::Name]| names.iter().map(ToString::to_string).collect();
        let addresses = device.into_iter().flat_map(|device| &device.addresses);
        Heard {
            mac: one.mac.to_string(),
            name: device
                .and_then(|device| device.names.first())
                .map(ToString::to_string),
            vendor: device
                .and_then(|device| device.vendor.as_ref())
                .map(ToString::to_string),
            class: device
                .map_or("other", |device| device.class.word())
                .to_owned(),
            reasons: device
                .map(|device| texts(&device.reasons))
                .unwrap_or_default(),
            addresses: addresses.map(ToString::to_string).collect(),
            first_ms: device.map(|device| device.first.as_millis()),
            last_ms: device.map(|device| device.last.as_millis()),
            guardians: one
                .guardians
                .iter()
                .map(|device| self.named_member(*device))
                .collect(),
            presence: one.presence.map(|presence| presence.word().to_owned()),
        }
    }

    fn named_member(&self, device: DeviceId) -> Named {
        let member = self.core.roster().member(&device);
        let name = member.map_or_else(
            || device.to_string(),
            |member| member.membership.name.to_string(),
        );
        Named {
            device: device.to_string(),
            name,
        }
    }
}
