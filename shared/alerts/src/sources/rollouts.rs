//! Updates that stopped by themselves.

use protocol::rollout::{Cause, RolloutId, Stage};
use protocol::time::Timestamp;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [HALTED];

const HALTED: Known = Known {
    name: "rollout_halted",
    title: "A rollout stopped by itself",
    severity: Severity::High,
    attack: None,
    stops: "Somebody aborts it, rolls it back, or lets it go on, on the page of the rollout.",
};

/// Whatever else becomes of a rollout somebody asked for.
pub(super) fn halted(id: RolloutId, stage: Stage, now: Timestamp) -> Vec<Sighting> {
    let Stage::Halted(cause) = stage else {
        return Vec::new();
    };
    let says = match cause {
        Cause::Errors(_) => format!("rollout {id}: too many devices could not take the release"),
        Cause::TooFew(_) => format!("rollout {id}: too few devices committed to the release"),
    };
    let sighting = HALTED
        .sighting(None, now, &says)
        .value("rollout", None, &id.to_string())
        .value(
            "devices that failed",
            Some("below the threshold of the plan"),
            cause.word(),
        )
        .cause(&format!("rollout {id}"));
    vec![sighting]
}
