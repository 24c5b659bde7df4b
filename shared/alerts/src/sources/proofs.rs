//! Devices that have convicted themselves by what they signed.

use protocol::id::DeviceId;
use protocol::proof::Contradiction;
use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 2] = [CLONE, ADMISSION];

const CLONE: Known = Known {
    name: "contradiction",
    title: "A device contradicts itself: its key exists twice, or it lies",
    severity: Severity::Critical,
    attack: Some("T1588.004"),
    stops: "Nothing makes a proof stop: the device is shut out. Wipe what has its key, and let it join again under a new one.",
};

const ADMISSION: Known = Known {
    name: "admission_key_convicted",
    title: "The admission key is in wrong hands",
    severity: Severity::Critical,
    attack: Some("T1588.004"),
    stops: "Replace the admission key with the offline root: palisade-coordinator rotate.",
};

pub(super) fn proven(
    device: Option<DeviceId>,
    contradiction: &Contradiction,
    brought: Option<DeviceId>,
    now: Timestamp,
) -> Sighting {
    let known = if device.is_some() { CLONE } else { ADMISSION };
    let sighting = known
        .sighting(device, now, &format!("it signed {contradiction}"))
        .value(
            "contradiction",
            Some("none is possible"),
            contradiction.word(),
        );
    match brought {
        Some(by) => sighting.witness(by, None),
        None => sighting,
    }
}
