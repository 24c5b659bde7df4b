//! Suspicion: what witnesses saw of a device that it does not sign itself. It proves nothing, and evicts nobody.
//!
//! Each witness has one report, which names everybody whom it suspects and on which ground; its next report
//! takes the place of the last. Six of eight witnesses make a device *suspected*: the quorum in which two
//! contrary certificates would share an honest witness (`quorum`). As with silence, no certificate travels: whoever
//! holds the same reports draws the same conclusion.

use std::collections::BTreeMap;
use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::id::{DeviceId, Digest, Epoch};
use crate::limits;
use crate::quorum;
use crate::record::Position;
use crate::roster::Roster;
use crate::signed::{Signable, Signed};
use crate::statement::host::Start;
use crate::time::Timestamp;
use crate::unlike;

/// Votes that may come from one model with one firmware, and from one site: what fools one of them fools all.
const ALIKE: usize = 2;
/// Between two reports of one witness; a little less is let pass, for clocks are not alike.
pub const PAUSE: Duration = Duration::from_secs(600);
const EARLY: Duration = Duration::from_secs(60);

/// Why a witness suspects one of its subjects: something that it saw itself, again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Ground {
    /// It sends this witness more, or far less, than its marks say.
    #[n(0)]
    Accounts,
    /// It accuses devices that are there.
    #[n(1)]
    Accusations,
    /// It sends what no honest program makes.
    #[n(2)]
    Garbage,
    /// It shows old heads of its own log as if they were new.
    #[n(3)]
    Replay,
}

/// So many sightings within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    pub times: usize,
    pub within: Duration,
}

/// One subject that a witness suspects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Suspect {
    #[n(0)]
    pub subject: DeviceId,
    #[n(1)]
    pub ground: Ground,
    #[n(2)]
    pub since: Timestamp,
    /// Sightings so far.
    #[n(3)]
    pub times: u32,
}

/// Everybody whom one witness suspects at a moment; nobody, if it takes all back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Report {
    #[n(0)]
    pub witness: DeviceId,
    /// The witness's incarnation, and its reports within it so far.
    #[n(1)]
    pub number: Position,
    /// The epoch and the size of the identity log by which the witness holds its seats.
    #[n(2)]
    pub epoch: Epoch,
    #[n(3)]
    pub log_size: u64,
    #[n(4)]
    pub time: Timestamp,
    #[n(5)]
    pub kin: Kin,
    /// At most [`limits::SUSPECTS`], in ascending order.
    #[n(6)]
    pub suspects: Vec<Suspect>,
}

/// Names a model with a firmware. A witness names its own: the cap holds against one fault in many devices,
/// the number of votes against those who lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Kin(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 8]);

impl Signable for Report {
    const NAME: &'static str = "report";
    const DOMAIN: &'static [u8] = b"palisade/report/v1\0";
    const BOUND: usize = limits::REPORT_BYTES;
}

impl Classified for Report {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("witness", DataClass::Internal),
        ("number", DataClass::Internal),
        ("epoch", DataClass::Internal),
        ("log_size", DataClass::Internal),
        ("time", DataClass::Internal),
        ("kin", DataClass::Internal),
        ("suspects", DataClass::Internal),
    ];
}

impl Ground {
    pub const ALL: [Self; 4] = [
        Self::Accounts,
        Self::Accusations,
        Self::Garbage,
        Self::Replay,
    ];

    /// How often something has to be seen before it is reported, and why so often.
    pub const fn threshold(self) -> Threshold {
        let (times, hours) = match self {
            // A period that does not agree may be a fault of either end; three of six are a habit.
            Self::Accounts => (3, 6),
            // A certificate that is refuted at once is rare among honest witnesses: five of eight have to
            // lose one device together, and find it again within seconds.
            Self::Accusations => (6, 24),
            // Each ends a link, and the next dial waits: no program that is a version behind goes on so.
            Self::Garbage => (8, 1),
            // One head may overtake another where a link takes another's place, not eight.
            Self::Replay => (8, 1),
        };
        Threshold {
            times,
            within: Duration::from_secs(hours * 3600),
        }
    }

    /// Whether a stranger can see for itself in a minute, on a link of its own, that it is so. Accounts take hours;
    /// and which of two has lied, the accuser or whoever it held to be silent, nobody else can see.
    pub const fn is_triable(self) -> bool {
        matches!(self, Self::Garbage | Self::Replay)
    }

    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Accusations => "accusations",
            Self::Garbage => "garbage",
            Self::Replay => "replay",
        }
    }

    /// What the witness says, for people.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Accounts => "its accounts do not agree with what this witness counted",
            Self::Accusations => {
                "it held devices to be silent that answered at once, again and again"
            }
            Self::Garbage => "it sends what no honest program makes, again and again",
            Self::Replay => "it shows old heads of its log as if they were new, again and again",
        }
    }
}

impl Kin {
    pub fn of(host: &Start) -> Self {
        let model = host.model.as_ref().map_or("", |model| model.as_str());
        let parts = [model.as_bytes(), host.agent.as_str().as_bytes()];
        Self(Digest::of("palisade 2026 model and firmware", &parts).short())
    }
}

impl Report {
    /// Whether the list is as long as it may be and in its one order.
    pub fn is_well_formed(&self) -> bool {
        let place = |suspect: &Suspect| (suspect.subject, suspect.ground);
        let ordered = self
            .suspects
            .windows(2)
            .all(|pair| place(&pair[0]) < place(&pair[1]));
        ordered && self.suspects.len() <= limits::SUSPECTS
    }

    /// What this witness says of one device.
    pub fn of(&self, subject: &DeviceId) -> impl Iterator<Item = &Suspect> {
        let subject = *subject;
        let suspects = self.suspects.iter();
        suspects.filter(move |suspect| suspect.subject == subject)
    }
}

/// Everybody's newest report.
#[derive(Debug, Default)]
pub struct Suspicion {
    reports: BTreeMap<DeviceId, Signed<Report>>,
}

/// What a report is beside those that are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The witness has said something newer, or speaks more often than it may.
    Stale,
    /// It replaces what the witness said before.
    Newer,
}

/// How far the case against one device has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// Seated witnesses that suspect it.
    pub witnesses: Vec<DeviceId>,
    /// Votes once those are left out of which too many are alike.
    pub votes: usize,
    /// Votes that make it suspected; none where the mesh is too small for any.
    pub quorum: Option<usize>,
}

impl Case {
    pub fn is_suspected(&self) -> bool {
        self.quorum.is_some_and(|quorum| self.votes >= quorum)
    }
}

impl Suspicion {
    /// Takes a checked report; of one witness only the newest counts, and it speaks once in ten minutes.
    pub fn take(&mut self, report: Signed<Report>, now: Timestamp) -> Heard {
        let ahead = report.time > now.saturating_add(limits::CLOCK_AHEAD);
        let known = self.reports.get(&report.witness);
        let stale = known.is_some_and(|known| {
            known.number >= report.number || report.time < known.time.saturating_add(PAUSE - EARLY)
        });
        if ahead || stale {
            return Heard::Stale;
        }
        self.reports.insert(report.witness, report);
        Heard::Newer
    }

    pub fn report(&self, witness: &DeviceId) -> Option<&Signed<Report>> {
        self.reports.get(witness)
    }

    pub fn reports(&self) -> impl Iterator<Item = &Signed<Report>> {
        self.reports.values()
    }

    /// Forgets those who left the roster or were convicted.
    pub fn retain(&mut self, has_a_word: impl Fn(&DeviceId) -> bool) {
        self.reports.retain(|witness, _| has_a_word(witness));
    }

    /// Everybody whom anybody with a seat suspects, in the order of their ids.
    pub fn suspects(&self, roster: &Roster) -> BTreeMap<DeviceId, Case> {
        let named = self.reports.values().flat_map(|report| &report.suspects);
        let named = named.map(|suspect| (suspect.subject, self.case(&suspect.subject, roster)));
        named
            .filter(|(_, case)| !case.witnesses.is_empty())
            .collect()
    }

    /// The case against one device.
    pub fn case(&self, subject: &DeviceId, roster: &Roster) -> Case {
        self.case_of(subject, roster, |_| true)
    }

    /// The case as it stands by some of the suspicions alone.
    pub fn case_of(
        &self,
        subject: &DeviceId,
        roster: &Roster,
        counts: impl Fn(&Suspect) -> bool,
    ) -> Case {
        let rings = roster.rings();
        let seats = rings.witnesses(subject);
        let suspects = |witness: &&DeviceId| {
            let report = self.reports.get(*witness);
            report.is_some_and(|report| report.of(subject).any(&counts))
        };
        let witnesses: Vec<DeviceId> = seats.iter().filter(suspects).copied().collect();
        let kin = |witness: &DeviceId| self.reports.get(witness).map(|report| report.kin);
        let voters: Vec<_> = witnesses.iter().map(|one| (*one, kin(one))).collect();
        Case {
            votes: unlike::most(&voters, roster, ALIKE),
            quorum: quorum::suspect_quorum(rings.jury(subject)),
            witnesses,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ground_takes_more_than_one_sighting() {
        for ground in Ground::ALL {
            let threshold = ground.threshold();
            assert!(threshold.times >= 3, "{}", ground.word());
            assert!(threshold.within >= Duration::from_secs(3600));
        }
    }
}
