//! Which kind of silence a member is in, and what its witnesses say against it.

use std::sync::Arc;

use protocol::coordinator::Coordinator;
use protocol::coordinator::verdict::{Cause, Verdict};
use protocol::id::DeviceId;
use protocol::quorum;
use protocol::record::Position;
use protocol::time::Timestamp;

use super::{LiveDevice, State};

/// The kinds of silence, beside those that nobody can tell yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It said that it stops.
    Goodbye,
    Device,
    Segment,
    Uplink,
    /// The verdict is on its way.
    Undecided,
    /// It was silent already when the coordinator began, which saw nothing of how that came.
    Unwatched,
}

/// What the coordinator has concluded about a member's silence.
#[derive(Debug, Clone, Default)]
pub enum Judgement {
    #[default]
    Nothing,
    Pending,
    Given(Arc<Verdict>),
}

/// What the witnesses of a member say against it.
#[derive(Debug, Clone, Default)]
pub struct Testimony {
    /// Those whose accusation counts, in the order of their ids.
    pub accusers: Vec<Accuser>,
    pub witnesses: usize,
    /// Votes of a certificate while every witness answers; none in a fleet too small for any.
    pub quorum: Option<usize>,
    pub standing: Standing,
}

/// Whether the accusations make a certificate together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    #[default]
    Open,
    Certified,
}

/// A witness that probed a member, heard nothing, and signed that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accuser {
    pub witness: DeviceId,
    /// When it signed its newest accusation.
    pub at: Timestamp,
    /// The newest record of the member that it knows.
    pub last: Option<Position>,
}

/// Evidence about silences that the coordinator holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Witnesses that accuse somebody.
    pub accusations: usize,
    /// Heads by which somebody has answered an accusation.
    pub refutations: usize,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::Goodbye,
        Self::Device,
        Self::Segment,
        Self::Uplink,
        Self::Undecided,
        Self::Unwatched,
    ];

    /// The stable word used in interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Goodbye => "goodbye",
            Self::Device => "device",
            Self::Segment => "segment",
            Self::Uplink => "uplink",
            Self::Undecided => "undecided",
            Self::Unwatched => "unwatched",
        }
    }
}

impl From<Cause> for Kind {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Device => Self::Device,
            Cause::Segment => Self::Segment,
            Cause::Uplink => Self::Uplink,
        }
    }
}

impl LiveDevice {
    /// The kind of its silence, if it is silent.
    pub fn silence(&self) -> Option<Kind> {
        match (self.state, &self.judgement) {
            (State::Stopped, _) => Some(Kind::Goodbye),
            (State::Silent, Judgement::Given(verdict)) => Some(verdict.cause.into()),
            (State::Silent, Judgement::Pending) => Some(Kind::Undecided),
            (State::Silent, Judgement::Nothing) => Some(Kind::Unwatched),
            (State::Enrolled | State::Online | State::Degraded | State::Retired, _) => None,
        }
    }

    /// Whom the same cause has silenced beside it.
    pub fn silenced_with(&self) -> impl Iterator<Item = &DeviceId> {
        let all = match &self.judgement {
            Judgement::Given(verdict) => verdict.devices.as_slice(),
            Judgement::Nothing | Judgement::Pending => &[],
        };
        all.iter().filter(|other| **other != self.device)
    }
}

impl Judgement {
    pub(super) fn of(core: &Coordinator, device: &DeviceId) -> Self {
        match core.verdict(device) {
            Some(verdict) => Self::Given(Arc::clone(verdict)),
            None if core.is_undecided(device) => Self::Pending,
            None => Self::Nothing,
        }
    }
}

impl Testimony {
    pub(crate) fn of(core: &Coordinator, device: &DeviceId) -> Self {
        let (rings, silence) = (core.roster().rings(), core.silence());
        let witnesses = rings.jury(device);
        let mut testimony = Self {
            witnesses,
            quorum: quorum::liveness_quorum(witnesses),
            ..Self::default()
        };
        if !silence.is_accused(device) {
            return testimony;
        }
        if silence.down().contains(device) {
            testimony.standing = Standing::Certified;
        }
        let certificate = silence.certificate(device, rings);
        let accusers = certificate.into_iter().filter_map(|accusation| {
            Some(Accuser {
                witness: accusation.witness,
                at: accusation.time,
                last: accusation.of(device)?.last,
            })
        });
        testimony.accusers = accusers.collect();
        testimony
    }

    /// Whether this witness accuses.
    pub fn by(&self, witness: &DeviceId) -> Option<&Accuser> {
        self.accusers
            .iter()
            .find(|accuser| accuser.witness == *witness)
    }
}

impl Held {
    pub(super) fn of(core: &Coordinator) -> Self {
        let silence = core.silence();
        let accusing = silence
            .accusations()
            .filter(|accusation| !accusation.silent.is_empty());
        Self {
            accusations: accusing.count(),
            refutations: silence.refutations().count(),
        }
    }
}
