//! Alerts that belong together: those of one cause, or else those of one device within a while.

use std::collections::BTreeMap;
use std::time::Duration;

use minicbor::{Decode, Encode};
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::alert::Alert;
use crate::limits;
use crate::severity::Severity;
use crate::text::{Name, Title};

/// Alerts of one cause this close together are one incident.
pub const SAME_CAUSE: Duration = Duration::from_secs(3_600);
/// Alerts of one device this close together are one incident.
pub const SAME_DEVICE: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Incident {
    #[n(0)]
    pub number: u64,
    /// What its alerts share; `None` where they share a device.
    #[n(1)]
    pub cause: Option<Title>,
    /// The device of its first alert.
    #[n(2)]
    pub device: Option<DeviceId>,
    #[n(3)]
    pub first: Timestamp,
    #[n(4)]
    pub last: Timestamp,
    #[n(5)]
    pub alerts: u32,
    /// What each route has told of it.
    #[n(6)]
    pub told: BTreeMap<Name, Told>,
}

/// What one route has told of one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Told {
    #[n(0)]
    pub at: Timestamp,
    /// How often its alerts had been seen by then.
    #[n(1)]
    pub count: u32,
    #[n(2)]
    pub severity: Severity,
}

impl Incident {
    pub(crate) fn takes(&self, alert: &Alert, now: Timestamp) -> bool {
        if self.alerts as usize >= limits::INCIDENT_ALERTS {
            return false;
        }
        let age = now.since(self.last);
        let same_cause = self.cause.is_some() && self.cause == alert.cause && age <= SAME_CAUSE;
        let same_device = alert.device.is_some() && self.device == alert.device;
        // A cause that others share is not hidden in what else is the matter with one device.
        let either_has_none = self.cause.is_none() || alert.cause.is_none();
        same_cause || (same_device && either_has_none && age <= SAME_DEVICE)
    }
}
