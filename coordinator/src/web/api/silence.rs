//! A silence as programs read it: its kind, its certificate, and how the one before ended.

use protocol::coordinator::verdict::Ended;
use protocol::record::Position;
use protocol::statement::host::EvidenceKind;
use schemars::JsonSchema;
use serde::Serialize;

use super::instant;
use crate::live::silence::{Accuser, Standing};
use crate::live::{Live, LiveDevice};
use crate::web::silence;

/// Others of the same silence that are named.
const NAMED: usize = 64;

#[derive(Debug, Serialize, JsonSchema)]
pub struct Silence {
    kind: &'static str,
    says: &'static str,
    why: String,
    clears: &'static str,
    /// How many one cause has silenced, the device itself included.
    together: usize,
    with: Vec<Named>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Testimony {
    witnesses: usize,
    /// Votes of a certificate; `null` where the mesh is too small for any.
    quorum: Option<usize>,
    certified: bool,
    accused_by: Vec<AccusedBy>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AccusedBy {
    id: String,
    name: Option<String>,
    at: String,
    evidence: &'static str,
    /// The newest record of the device that the witness knows.
    last_record: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Returned {
    at: String,
    /// The kind of the silence that ended.
    kind: &'static str,
    what: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SilencedWith")]
struct Named {
    id: String,
    name: Option<String>,
}

impl Silence {
    pub fn of(live: &Live, device: &LiveDevice) -> Option<Self> {
        let kind = device.silence()?;
        let with = device.silenced_with().take(NAMED).map(|other| Named {
            id: other.to_string(),
            name: live.name(other),
        });
        Some(Self {
            kind: kind.word(),
            says: silence::says(kind),
            why: silence::why(device, kind),
            clears: silence::clears(kind),
            together: device.silenced_with().count() + 1,
            with: with.collect(),
        })
    }
}

impl Testimony {
    pub fn of(live: &Live, device: &LiveDevice) -> Self {
        let said = &device.testimony;
        let accused_by = |accuser: &Accuser| AccusedBy {
            id: accuser.witness.to_string(),
            name: live.name(&accuser.witness),
            at: instant(accuser.at.as_millis()),
            evidence: EvidenceKind::LivenessProbe.word(),
            last_record: accuser.last.map(place),
        };
        Self {
            witnesses: said.witnesses,
            quorum: said.quorum,
            certified: said.standing == Standing::Certified,
            accused_by: said.accusers.iter().map(accused_by).collect(),
        }
    }
}

impl Returned {
    pub fn of(ended: &Ended) -> Self {
        Self {
            at: instant(ended.at.as_millis()),
            kind: ended.cause.word(),
            what: ended.what.word(),
        }
    }
}

fn place(position: Position) -> String {
    format!("{}.{}", position.incarnation.0, position.sequence)
}
