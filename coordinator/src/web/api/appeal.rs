//! An appeal as programs read it.

use protocol::appeal::Spared;
use schemars::JsonSchema;
use serde::Serialize;

use super::instant;
use crate::live::appeal::Cast;
use crate::live::{Live, LiveDevice};
use crate::web::appeal;

#[derive(Debug, Serialize, JsonSchema)]
pub struct Appeal {
    /// Members that saw the fault themselves, and how many hold the device.
    against: usize,
    quorum: usize,
    sentenced: Option<String>,
    /// Why the sentence holds it not.
    spared: Option<&'static str>,
    says: String,
    clears: &'static str,
    committee: Vec<Item>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Juror")]
struct Item {
    member: String,
    name: Option<String>,
    /// `null` until it has voted, and of one that has voted twice.
    finding: Option<&'static str>,
    at: Option<String>,
}

impl Appeal {
    pub fn of(live: &Live, device: &LiveDevice) -> Option<Self> {
        let tried = device.appeal.as_ref()?;
        let item = |cast: &Cast| Item {
            member: cast.member.to_string(),
            name: live.name(&cast.member),
            finding: cast.vote.map(|(finding, _)| finding.word()),
            at: cast.vote.map(|(_, at)| instant(at.as_millis())),
        };
        Some(Self {
            against: tried.against,
            quorum: tried.quorum,
            sentenced: tried.sentenced.map(|at| instant(at.as_millis())),
            spared: tried.spared.map(Spared::word),
            says: appeal::weight(tried),
            clears: appeal::clears(),
            committee: tried.committee.iter().map(item).collect(),
        })
    }
}
