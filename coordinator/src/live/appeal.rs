//! How strangers tried a device that its witnesses suspect, and what came of it.

use protocol::appeal::{Finding, Sitting, Spared, quorum};
use protocol::coordinator::Coordinator;
use protocol::id::DeviceId;
use protocol::time::Timestamp;

/// The committee that had the device before it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// In the order in which they were drawn.
    pub committee: Vec<Cast>,
    /// Members that saw the fault themselves.
    pub against: usize,
    pub quorum: usize,
    pub sentenced: Option<Timestamp>,
    /// Why the sentence holds it not.
    pub spared: Option<Spared>,
}

/// One member, and its vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    pub member: DeviceId,
    /// `None` until it has voted, and of one that has voted twice.
    pub vote: Option<(Finding, Timestamp)>,
}

impl Appeal {
    /// Nothing, unless a committee has sat.
    pub(super) fn of(core: &Coordinator, device: &DeviceId) -> Option<Self> {
        let (_, sitting) = core.docket().sittings(device).last()?;
        Some(Self {
            committee: cast(sitting),
            against: sitting.against(),
            quorum: quorum(),
            sentenced: sitting.sentenced(),
            spared: core.effect().spared(device),
        })
    }
}

fn cast(sitting: &Sitting) -> Vec<Cast> {
    let members = sitting.committee().iter();
    let cast = members.map(|member| Cast {
        member: *member,
        vote: sitting.vote(member).map(|vote| (vote.finding, vote.time)),
    });
    cast.collect()
}
