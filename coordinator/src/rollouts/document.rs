//! A rollout as programs and the command line read it; pages are drawn from it too.

use language::say;
use protocol::id::DeviceId;
use protocol::install::{Reason, State};
use protocol::rollout::{
    Approval, Cause, Entry, Exclusion, Fault, Progress, Reach, Rollout, Stage,
};
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::live::Live;
use crate::web::api::instant;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolloutDocument {
    pub id: u64,
    pub product: String,
    pub version: String,
    pub counter: u64,
    pub path: String,
    /// The SHA-256 of the image.
    pub target: String,
    pub state: String,
    /// Why it stopped by itself, in a sentence.
    pub reason: Option<String>,
    pub asked_by: String,
    pub made: String,
    /// Whether a second person has to agree, and who has.
    pub second_person: bool,
    pub approved_by: Option<String>,
    /// The ring that is open, counted from 1; nothing before the start.
    pub ring: Option<usize>,
    pub rings: Vec<RingDocument>,
    /// Devices whose updates speak against the image.
    pub failures: Vec<FailureDocument>,
    /// Devices that are not counted, with the reason.
    pub excluded: Vec<ExcludedDocument>,
    /// Devices that were to get it and have said nothing for too long.
    pub away: Vec<AwayDocument>,
    /// Devices that keep the image whatever happens: they have committed it, and never fall below its counter.
    pub committed: usize,
}

/// One ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RingDocument {
    pub reach: String,
    /// Those that are counted; who is excluded or away is not.
    pub devices: usize,
    pub waiting: usize,
    pub in_flight: usize,
    pub committed: usize,
    pub failed: usize,
    pub away: usize,
    pub excluded: usize,
    pub success_percent: u8,
    /// So many failures halt it.
    pub halting: usize,
    pub soak_s: u64,
    /// When its last device had ended.
    pub settled: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceShown {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureDocument {
    pub device: DeviceShown,
    /// How its update ended: `rolled_back`, `refused`, or `lost`.
    pub state: String,
    pub reason: String,
    pub says: String,
    /// Who saw it, where others did.
    pub witnesses: Vec<DeviceShown>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExcludedDocument {
    pub device: DeviceShown,
    pub reason: String,
    pub says: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AwayDocument {
    pub device: DeviceShown,
    pub since: String,
    /// The last step that it said.
    pub last: Option<String>,
}

impl RolloutDocument {
    pub fn of(rollout: &Rollout, live: &Live) -> Self {
        let (plan, course) = (rollout.plan(), rollout.course());
        let image = &plan.image;
        let begun = *rollout.stage() != Stage::Planned;
        let rings = 0..plan.rings.len();
        Self {
            id: rollout.id().0,
            product: image.product.to_string(),
            version: image.version.to_string(),
            counter: image.counter.0,
            path: image.path.to_string(),
            target: image.target.to_string(),
            state: rollout.stage().word().to_owned(),
            reason: reason(rollout),
            asked_by: plan.by.to_string(),
            made: time(course.made),
            second_person: plan.approval == Approval::Second,
            approved_by: course.approved.as_ref().map(ToString::to_string),
            ring: begun.then(|| usize::from(course.ring) + 1),
            rings: rings.map(|ring| RingDocument::of(rollout, ring)).collect(),
            failures: rollout
                .failures()
                .map(|(device, fault)| FailureDocument::of(device, fault, live))
                .collect(),
            excluded: excluded(rollout, live),
            away: away(rollout, live),
            committed: rollout.kept(),
        }
    }
}

impl RingDocument {
    fn of(rollout: &Rollout, number: usize) -> Self {
        let (ring, tally) = (&rollout.plan().rings[number], rollout.tally(number));
        Self {
            reach: reach(&ring.reach),
            devices: tally.counted(),
            waiting: tally.waiting,
            in_flight: tally.in_flight,
            committed: tally.committed,
            failed: tally.failed,
            away: tally.away,
            excluded: tally.apart,
            success_percent: ring.success,
            halting: ring.halting(tally.all()),
            soak_s: ring.soak_s,
            settled: rollout.course().settled(number).map(time),
        }
    }
}

impl FailureDocument {
    fn of(device: &DeviceId, fault: &Fault, live: &Live) -> Self {
        let device = DeviceShown::of(device, live);
        let Fault::Ended(state) = fault else {
            return Self {
                device,
                state: "lost".to_owned(),
                reason: "lost".to_owned(),
                says: say!("it ran the image on probation and was not heard again").to_owned(),
                witnesses: Vec::new(),
            };
        };
        let reason = state.reason();
        let witnesses = match reason {
            Some(Reason::Seen(_, witnesses)) => witnesses.as_slice(),
            _ => &[],
        };
        Self {
            device,
            state: state.word().to_owned(),
            reason: reason.map_or("", Reason::word).to_owned(),
            says: reason.map(ToString::to_string).unwrap_or_default(),
            witnesses: witnesses
                .iter()
                .map(|witness| DeviceShown::of(witness, live))
                .collect(),
        }
    }
}

impl DeviceShown {
    /// Whoever left is called by its id.
    pub fn of(device: &DeviceId, live: &Live) -> Self {
        let id = device.to_string();
        Self {
            name: live.name(device).unwrap_or_else(|| id.clone()),
            id,
        }
    }
}

fn excluded(rollout: &Rollout, live: &Live) -> Vec<ExcludedDocument> {
    let apart = rollout.entries().iter();
    let apart = apart.filter_map(|(device, entry)| match &entry.progress {
        Progress::Apart(why) => Some((device, why)),
        _ => None,
    });
    apart
        .map(|(device, why)| ExcludedDocument {
            device: DeviceShown::of(device, live),
            reason: why.word().to_owned(),
            says: exclusion(why),
        })
        .collect()
}

fn away(rollout: &Rollout, live: &Live) -> Vec<AwayDocument> {
    let gone = |(device, entry): (&DeviceId, &Entry)| match &entry.progress {
        Progress::Away { since, last } => Some(AwayDocument {
            device: DeviceShown::of(device, live),
            since: time(*since),
            last: last.as_ref().map(|state: &State| state.word().to_owned()),
        }),
        _ => None,
    };
    rollout.entries().iter().filter_map(gone).collect()
}

fn exclusion(why: &Exclusion) -> String {
    match why {
        Exclusion::NotMember => say!("it is no member of this mesh").to_owned(),
        Exclusion::Unheard => say!("it has not said what it is since it joined").to_owned(),
        Exclusion::OtherHardware => say!("the image is for other hardware").to_owned(),
        Exclusion::OtherProduct => say!("it is of another product").to_owned(),
        Exclusion::AlreadyRuns => say!("it runs this image already").to_owned(),
        Exclusion::Quarantined => say!("it is in quarantine").to_owned(),
        Exclusion::BeyondRings => say!("no ring reaches as far").to_owned(),
        Exclusion::Left => say!("it left before it had ended").to_owned(),
        Exclusion::Declined(reason) => reason.to_string(),
    }
}

fn reason(rollout: &Rollout) -> Option<String> {
    let Stage::Halted(cause) = rollout.stage() else {
        return None;
    };
    let (Cause::Errors(number) | Cause::TooFew(number)) = *cause;
    let (ring, tally) = (usize::from(number), rollout.tally(number.into()));
    let plan = rollout.plan().rings.get(ring)?;
    Some(match cause {
        Cause::Errors(_) => say!(
            "{failed} of ring {ring} failed, and {halting} are too many",
            failed = tally.failed,
            ring = ring + 1,
            halting = plan.halting(tally.all())
        ),
        Cause::TooFew(_) => say!(
            "{committed} of {tried} of ring {ring} have committed, and it takes {percent} percent of those that tried",
            committed = tally.committed,
            tried = tally.committed + tally.failed,
            ring = ring + 1,
            percent = plan.success
        ),
    })
}

fn reach(reach: &Reach) -> String {
    match reach {
        Reach::Named(devices) => say!("{number} named", number = devices.len()),
        Reach::Count(count) => say!("{number} drawn", number = count),
        Reach::Share(percent) => say!("up to {percent} %", percent),
    }
}

fn time(at: Timestamp) -> String {
    instant(at.as_millis())
}
