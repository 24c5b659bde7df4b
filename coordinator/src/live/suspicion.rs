//! Whom witnesses suspect, and how far each case has come.

use protocol::coordinator::Coordinator;
use protocol::id::DeviceId;
use protocol::suspicion::Ground;
use protocol::time::Timestamp;

/// What the witnesses of a member report of it, the longest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suspicion {
    pub reports: Vec<Reported>,
    /// Votes once those are left out of which too many are of one model or one site.
    pub votes: usize,
    /// Votes that make it suspected; none where the mesh is too small.
    pub quorum: Option<usize>,
}

/// One witness's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    pub witness: DeviceId,
    pub ground: Ground,
    pub since: Timestamp,
    pub times: u32,
    /// When it signed that.
    pub at: Timestamp,
}

impl Suspicion {
    pub(super) fn of(core: &Coordinator, device: &DeviceId) -> Self {
        let suspicion = core.suspicion();
        if suspicion
            .reports()
            .all(|report| report.of(device).next().is_none())
        {
            return Self::default();
        }
        let case = suspicion.case(device, core.roster());
        let reports = case
            .witnesses
            .iter()
            .filter_map(|witness| suspicion.report(witness));
        let said = reports.flat_map(|report| {
            report.of(device).map(|suspect| Reported {
                witness: report.witness,
                ground: suspect.ground,
                since: suspect.since,
                times: suspect.times,
                at: report.time,
            })
        });
        let mut reports: Vec<Reported> = said.collect();
        reports.sort_by_key(|reported| (reported.since, reported.witness));
        Self {
            reports,
            votes: case.votes,
            quorum: case.quorum,
        }
    }

    pub fn is_suspected(&self) -> bool {
        self.quorum.is_some_and(|quorum| self.votes >= quorum)
    }
}
