//! A suspicion as programs read it.

use protocol::coordinator::Jury;
use schemars::JsonSchema;
use serde::Serialize;

use super::instant;
use crate::live::suspicion::Reported;
use crate::live::{Live, LiveDevice};
use crate::web::suspicion;

#[derive(Debug, Serialize, JsonSchema)]
pub struct Suspicion {
    suspected: bool,
    votes: usize,
    /// `null` where the mesh is too small.
    quorum: Option<usize>,
    /// Whether the fleet has too few models for anything to be automated.
    one_model_jury: bool,
    says: String,
    clears: &'static str,
    reports: Vec<Item>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SuspicionReport")]
struct Item {
    witness: String,
    name: Option<String>,
    ground: &'static str,
    says: &'static str,
    times: u32,
    since: String,
    at: String,
}

impl Suspicion {
    pub fn of(live: &Live, device: &LiveDevice) -> Option<Self> {
        let said = &device.suspicion;
        let item = |report: &Reported| Item {
            witness: report.witness.to_string(),
            name: live.name(&report.witness),
            ground: report.ground.word(),
            says: report.ground.says(),
            times: report.times,
            since: instant(report.since.as_millis()),
            at: instant(report.at.as_millis()),
        };
        (!said.reports.is_empty()).then(|| Self {
            suspected: said.is_suspected(),
            votes: said.votes,
            quorum: said.quorum,
            one_model_jury: matches!(live.jury, Jury::OneModel { .. }),
            says: suspicion::weight(live, said),
            clears: suspicion::clears(),
            reports: said.reports.iter().map(item).collect(),
        })
    }
}
