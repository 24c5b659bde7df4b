//! An appeal: strangers to a suspected device try it themselves, and only what they saw themselves holds it.
//!
//! The seed of the next epoch and the device's id draw the committee, and nothing else does: neither who accuses
//! nor who is accused can choose it. Each member challenges the device over a link of its own and signs one vote.
//! As with silence no certificate travels: whoever saw the device suspected and holds the same votes draws
//! the same conclusion, and judges again whom the root allows to be held so.

mod docket;
mod sentence;

use minicbor::{Decode, Encode};

use crate::beacon::Opened;
use crate::class::{Classified, DataClass};
use crate::id::{DeviceId, Digest};
use crate::limits;
use crate::quorum;
use crate::roster::Roster;
use crate::signed::{Signable, Signed, Unchecked};
use crate::suspicion::{Ground, Kin};
use crate::time::Timestamp;

pub use docket::{Docket, Docketed, Sitting, Stale, Taken};
pub use sentence::{Automation, Brake, Effect, Sentence, Spared, may_automate};

/// One member's vote on one device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Vote {
    #[n(0)]
    pub member: DeviceId,
    #[n(1)]
    pub subject: DeviceId,
    /// What drew the committee: whoever holds the dealing can check it, however late the vote comes.
    #[n(2)]
    pub opened: Opened,
    #[n(3)]
    pub time: Timestamp,
    #[n(4)]
    pub kin: Kin,
    #[n(5)]
    pub finding: Finding,
}

/// What a member found when it tried the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Finding {
    /// It saw on its own link what the witnesses report.
    #[n(0)]
    Saw(#[n(0)] Ground),
    /// The device answered with fresh heads, and nothing was wrong with what it sent.
    #[n(1)]
    Answered,
    /// No link stood, or too little came over it. That holds nobody: silence is for others to judge.
    #[n(2)]
    Unreached,
}

impl Signable for Vote {
    const NAME: &'static str = "vote";
    const DOMAIN: &'static [u8] = b"palisade/vote/v1\0";
    const BOUND: usize = limits::VOTE_BYTES;
}

impl Classified for Vote {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("member", DataClass::Internal),
        ("subject", DataClass::Internal),
        ("opened", DataClass::Internal),
        ("time", DataClass::Internal),
        ("kin", DataClass::Internal),
        ("finding", DataClass::Internal),
    ];
}

impl Finding {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Saw(ground) => ground.word(),
            Self::Answered => "answered",
            Self::Unreached => "unreached",
        }
    }

    /// What the member says, for people.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Saw(Ground::Garbage) => {
                "it sent what no honest program makes, to this member too"
            }
            Self::Saw(Ground::Replay) => {
                "it showed old heads as if they were new, to this member too"
            }
            // No member signs that; whoever does has no vote.
            Self::Saw(Ground::Accounts | Ground::Accusations) => {
                "a word on what no stranger can see"
            }
            Self::Answered => "it answered, and nothing was wrong with what it sent",
            Self::Unreached => "it could not be tried: too little came over a link to it",
        }
    }

    /// Whether it counts for a quarantine.
    pub const fn is_against(self) -> bool {
        matches!(self, Self::Saw(ground) if ground.is_triable())
    }
}

/// Votes that hold a device.
pub fn quorum() -> usize {
    quorum::appeal_quorum(limits::COMMITTEE)
}

/// Votes of one model and firmware, or of one site, that count: a third of the quorum, so that there must be
/// three groups for one.
pub fn alike() -> usize {
    quorum() / 3
}

/// The committee in the order of its draw; none where there are too few others with a seat.
pub fn committee(seed: &Digest, subject: &DeviceId, roster: &Roster) -> Option<Vec<DeviceId>> {
    let mut drawn: Vec<(Digest, DeviceId)> = others(subject, roster)
        .map(|device| (lot(seed, subject, &device), device))
        .collect();
    drawn.sort_unstable();
    drawn.truncate(limits::COMMITTEE);
    let committee: Vec<DeviceId> = drawn.into_iter().map(|(_, device)| device).collect();
    (committee.len() == limits::COMMITTEE).then_some(committee)
}

/// Everybody else who may hold a seat.
fn others<'r>(subject: &DeviceId, roster: &'r Roster) -> impl Iterator<Item = DeviceId> + 'r {
    let subject = *subject;
    let devices = roster.members().map(|member| member.membership.device);
    devices.filter(move |device| *device != subject && roster.is_seated(device))
}

fn lot(seed: &Digest, subject: &DeviceId, device: &DeviceId) -> Digest {
    let parts = [seed.as_bytes(), &subject.as_bytes()[..], device.as_bytes()];
    Digest::of("palisade 2026 appeal committee", &parts)
}

/// Why bytes are no vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoteError {
    Unreadable,
    /// Its member is unknown here: the log may be on its way.
    Stranger,
    Unsigned,
}

impl Vote {
    /// Parses a vote and checks who signed it; whether its member was drawn the docket says.
    pub fn open(
        bytes: &[u8],
        roster: &Roster,
        verifier: &dyn crate::key::Verifier,
    ) -> Result<Signed<Self>, VoteError> {
        let unchecked = Unchecked::<Self>::parse(bytes).map_err(|_| VoteError::Unreadable)?;
        let member = roster.member(&unchecked.claim().member);
        let key = &member.ok_or(VoteError::Stranger)?.membership.key;
        let checked = unchecked.check(key, verifier);
        checked.map_err(|_| VoteError::Unsigned)
    }
}
