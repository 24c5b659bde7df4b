//! What gateways say of the coordinator's audit log.

use protocol::countersign::Countersigned;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [AUDIT_REWRITTEN];

const AUDIT_REWRITTEN: Known = Known {
    name: "audit_rewritten",
    title: "The audit log was cut or rewritten: a gateway does not countersign it",
    severity: Severity::Critical,
    attack: Some("T1565.001"),
    stops: "The coordinator shows a log again that goes on from what the gateway has countersigned. If you have restored a backup, that is why; if not, somebody changed the store: keep a copy of it, and ask the gateways what they hold.",
};

/// A countersignature says nothing that people should be told; a refusal does.
pub(super) fn countersigned(
    device: &DeviceId,
    word: &Countersigned,
    now: Timestamp,
) -> Vec<Sighting> {
    let refused = word.refused.iter();
    let sightings = refused.map(|shown| {
        let held = format!("{} entries", word.held.entries);
        let was_shown = format!("{} entries", shown.entries);
        AUDIT_REWRITTEN
            .sighting(
                Some(*device),
                now,
                "the log that it was shown does not go on from what it has countersigned",
            )
            .value("audit log", Some(&held), &was_shown)
            .witness(*device, None)
    });
    sightings.collect()
}
