//! What witnesses, committees and both ends of a link say of a device.

use protocol::accounts::Observation;
use protocol::alert::Alert;
use protocol::appeal::Spared;
use protocol::id::DeviceId;
use protocol::text::Name;
use protocol::time::Timestamp;

use super::Context;
use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 6] = [
    SUSPECTED,
    SENTENCED,
    NOT_SUSPENDED,
    DISAGREED,
    MISBEHAVED,
    AUTOMATION,
];

const SUSPECTED: Known = Known {
    name: "suspected",
    title: "Witnesses suspect a device: quarantine is suggested",
    severity: Severity::High,
    attack: None,
    stops: "Fewer of its witnesses report it. Put it into quarantine on its page, or find out what they see.",
};

const SENTENCED: Known = Known {
    name: "sentenced",
    title: "A committee of strangers found enough against a device",
    severity: Severity::High,
    attack: None,
    stops: "The quarantine of a day ends, or somebody clears the device on its page.",
};

const NOT_SUSPENDED: Known = Known {
    name: "not_suspended",
    title: "Too many devices were suspended within the hour for this one to be",
    severity: Severity::High,
    attack: None,
    stops: "Decide by hand: retire or quarantine it, or leave it.",
};

const DISAGREED: Known = Known {
    name: "link_disagrees",
    title: "The two ends of a link do not agree on what crossed it",
    severity: Severity::Medium,
    attack: Some("T1557"),
    stops: "Both ends count the same again. One of both is wrong; which is not proven.",
};

const MISBEHAVED: Known = Known {
    name: "misbehaviour",
    title: "A device sends what it may not send",
    severity: Severity::Medium,
    attack: None,
    stops: "It sends nothing of the kind any more: compare its version with the others'.",
};

const AUTOMATION: Known = Known {
    name: "automation_stopped",
    title: "Too many devices of one cell were sentenced: nothing is automated for a day",
    severity: Severity::High,
    attack: None,
    stops: "A day passes. Until then people decide over quarantines.",
};

/// Of single reports people are told nothing: one witness may be wrong.
pub(super) fn suspected(
    device: &DeviceId,
    suspected: bool,
    context: &dyn Context,
    now: Timestamp,
) -> Vec<Sighting> {
    if !suspected {
        return Vec::new();
    }
    let witnesses = context.witnesses(device);
    let agree = format!("{} of {}", witnesses.len(), context.jury(device));
    let mut sighting = SUSPECTED
        .sighting(Some(*device), now, "enough of its witnesses report it")
        .value("witnesses who report it", Some("none"), &agree);
    for witness in witnesses {
        sighting = sighting.witness(witness, None);
    }
    vec![sighting]
}

pub(super) fn sentenced(
    device: &DeviceId,
    votes: usize,
    spared: Option<Spared>,
    now: Timestamp,
) -> Sighting {
    let says = match spared {
        None => "it is in quarantine for a day".to_owned(),
        Some(why) => format!("it is not held: {}", why.says()),
    };
    SENTENCED.sighting(Some(*device), now, &says).value(
        "votes against it",
        Some("none"),
        &format!("{votes} of 31"),
    )
}

pub(super) fn not_suspended(device: &DeviceId, now: Timestamp) -> Sighting {
    NOT_SUSPENDED.sighting(
        Some(*device),
        now,
        "it stays in the mesh until somebody decides",
    )
}

pub(super) fn disagreed(seen: &Observation) -> Sighting {
    let total = |frames: u64, bytes: u64| format!("{frames} frames, {bytes} bytes");
    DISAGREED
        .sighting(
            Some(seen.sender),
            seen.at,
            "it says that it sent something else than the other end counted",
        )
        .value(
            "on the link",
            Some(&total(seen.said.frames, seen.said.bytes)),
            &total(seen.counted.frames, seen.counted.bytes),
        )
        .witness(seen.receiver, None)
        .cause(&format!("link {} {}", seen.sender, seen.receiver))
}

pub(super) fn misbehaved(device: Option<DeviceId>, what: &str, now: Timestamp) -> Sighting {
    MISBEHAVED.sighting(
        device,
        now,
        &format!("it sent what may not be sent: {what}"),
    )
}

pub(super) fn stopped(alert: &Alert, cell: &Name) -> Sighting {
    AUTOMATION
        .sighting(None, alert.time, &format!("the brake of {cell} was pulled"))
        .value("cell", None, cell.as_str())
        .cause(&format!("cell {cell}"))
}
