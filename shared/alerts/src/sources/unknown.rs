//! Matters of a later version: told as they are, because somebody found them worth an alert.

use protocol::alert::Alert;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [UNKNOWN];

const UNKNOWN: Known = Known {
    name: "unknown_matter",
    title: "A device raises an alarm that this release does not know",
    severity: Severity::Medium,
    attack: None,
    stops: "Update the coordinator to the release of that device: then it says what it is.",
};

pub(super) fn matter(alert: &Alert, kind: u16) -> Sighting {
    UNKNOWN
        .sighting(
            Some(alert.alarm.subject),
            alert.time,
            &format!("a matter of kind {kind}"),
        )
        .value("kind", Some("1 to 4"), &kind.to_string())
}
