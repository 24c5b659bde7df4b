//! Silences, one sighting for each device that one cause has silenced.

use protocol::coordinator::verdict::{Cause, Verdict};
use protocol::time::Timestamp;

use super::Context;
use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 3] = [DEVICE, SEGMENT, UPLINK];

const DEVICE: Known = Known {
    name: "device_silent",
    title: "A device fell silent",
    severity: Severity::Medium,
    attack: Some("T1489"),
    stops: "It is heard again by any of its witnesses. Retire it if it was taken away.",
};

const SEGMENT: Known = Known {
    name: "segment_silent",
    title: "Devices behind one switch fell silent together",
    severity: Severity::High,
    attack: Some("T1489"),
    stops: "They are heard again. Look at the switch or the segment that they share.",
};

const UPLINK: Known = Known {
    name: "uplink_silent",
    title: "The way to a site is broken",
    severity: Severity::High,
    attack: None,
    stops: "The site is heard again. Look at its uplink, and at the coordinator's own.",
};

pub(super) fn judged(verdict: &Verdict, context: &dyn Context, now: Timestamp) -> Vec<Sighting> {
    let known = match verdict.cause {
        Cause::Device => DEVICE,
        Cause::Segment => SEGMENT,
        Cause::Uplink => UPLINK,
    };
    let together = verdict.devices.len();
    let shared =
        (together > 1).then(|| format!("{} {}", verdict.cause.word(), verdict.since.as_millis()));
    let quiet = now.since(verdict.since).as_secs();
    let devices = verdict.devices.iter();
    devices
        .map(|device| {
            let witnesses = context.witnesses(device);
            let says = match together {
                1 => format!("nobody has heard it for {quiet} s"),
                _ => format!("it and {} others went silent together", together - 1),
            };
            let agree = format!("{} of {}", witnesses.len(), context.jury(device));
            let mut sighting = known
                .sighting(Some(*device), now, &says)
                .value(
                    "sign of life",
                    Some("every 5 s"),
                    &format!("none for {quiet} s"),
                )
                .value("witnesses who miss it", Some("none"), &agree);
            for witness in witnesses {
                sighting = sighting.witness(witness, None);
            }
            match &shared {
                Some(cause) => sighting.cause(cause),
                None => sighting,
            }
        })
        .collect()
}
