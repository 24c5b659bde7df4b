//! Devices that are there and come late again and again.

use protocol::coordinator::pace::{Degraded, How};
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [DEGRADED];

const DEGRADED: Known = Known {
    name: "degraded",
    title: "A device comes late again and again",
    severity: Severity::Low,
    attack: Some("T1499"),
    stops: "It keeps its times for a minute. Look at its link, and at what else the host is doing.",
};

pub(super) fn late(device: &DeviceId, degraded: &Degraded, now: Timestamp) -> Sighting {
    let longest = format!("{:.1} s", degraded.longest.as_secs_f64());
    let (says, what) = match degraded.how {
        How::Gaps => ("nobody hears it in time", "gaps in a minute"),
        How::Stalls => (
            "it says that it misses its own deadlines",
            "missed deadlines in a minute",
        ),
    };
    DEGRADED
        .sighting(Some(*device), now, says)
        .value(what, Some("fewer than 3"), &degraded.count.to_string())
        .value("longest", Some("5 s"), &longest)
}
