//! Suspicions in words, for the pages and for programs.

use language::{Word, say, word};
use protocol::coordinator::Jury;
use ui::pages::device::suspicion::{ReportView, SuspicionView};

use super::pages::device::named;
use crate::live::suspicion::{Reported, Suspicion};
use crate::live::{Live, LiveDevice};

const CLEARS: Word = word!(
    "Each witness takes its word back when it has seen nothing more of it for six hours. A suspicion proves nothing, and shuts nobody out."
);

/// Nothing, unless somebody suspects the device.
pub fn view(live: &Live, device: &LiveDevice) -> Option<SuspicionView> {
    let said = &device.suspicion;
    (!said.reports.is_empty()).then(|| SuspicionView {
        weight: weight(live, said),
        suspected: said.is_suspected(),
        reports: said
            .reports
            .iter()
            .map(|report| word(live, report))
            .collect(),
        clears: CLEARS.now().to_owned(),
    })
}

pub fn clears() -> &'static str {
    CLEARS.now()
}

/// How far the case has come.
pub fn weight(live: &Live, said: &Suspicion) -> String {
    let needed = match said.quorum {
        Some(quorum) => say!(
            "{votes} of {quorum} votes that are needed.",
            votes = said.votes,
            quorum
        ),
        None => say!("The mesh is too small for a quorum.").to_owned(),
    };
    match live.jury {
        Jury::Mixed { .. } => needed,
        Jury::OneModel { .. } => say!(
            "{needed} A one-model jury: devices of fewer than three models and versions share their faults, so at most two votes of each count and nothing is automated.",
            needed
        ),
    }
}

fn word(live: &Live, report: &Reported) -> ReportView {
    ReportView {
        witness: named(live, &report.witness),
        says: report.ground.says().to_owned(),
        times: report.times.into(),
        at_ms: report.at.as_millis(),
    }
}
