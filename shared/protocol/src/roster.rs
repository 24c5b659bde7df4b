//! The members as the identity log shows them: a snapshot that only checked entries can extend.

mod admission;
mod coverage;
mod draft;
mod log;
mod order;
mod split;
mod suspensions;
mod turn;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use thiserror::Error;
use tuf_core::root::Root;

use crate::cbor::DecodeError;
use crate::charter::Charter;
use crate::cosign::Cosigned;
use crate::id::DeviceId;
use crate::key::{PeerKey, PublicKey, Verifier};
use crate::ledger::{Entry, LogHead, Strength, Withdrawal};
use crate::limits;
use crate::membership::{Membership, Standing};
use crate::merkle::Tree;
use crate::proof::{Proof, ProofError};
use crate::refusal::Refusal;
use crate::rings::Rings;
use crate::signed::{OpenError, Signed, Unchecked};
use crate::succession::{Succession, SuccessionError, Trust};
use crate::time::Timestamp;

pub use admission::{Admitted, Credentials};
pub use draft::Draft;
use log::Log;
pub use order::{OrderError, RetirementOrder};
pub use turn::Pair;

/// One member and what became of it.
#[derive(Debug, Clone)]
pub struct Member {
    pub membership: Signed<Membership>,
    /// The admission key that signed it: the one in force at its place of the log.
    pub admission: PublicKey,
    pub withdrawal: Option<Signed<Withdrawal>>,
    /// The place in the log at which this key was first admitted; renewals do not change it.
    pub included: u64,
}

impl Member {
    /// Whether somebody with the right to do so has shut the member out at this time.
    pub fn is_withdrawn(&self, now: Timestamp) -> bool {
        match self
            .withdrawal
            .as_ref()
            .map(|withdrawal| withdrawal.strength)
        {
            Some(Strength::Revocation | Strength::Retirement) => true,
            // One that lies ahead is in force on its own day alone, and for that no longer than any other.
            Some(Strength::Suspension { until }) => {
                let ahead = limits::SUSPENSION + limits::CLOCK_AHEAD;
                now < until && until <= now.saturating_add(ahead)
            }
            None => false,
        }
    }

    /// An administrator's order to wipe itself, if there is one.
    pub fn order_to_retire(&self) -> Option<&Signed<Withdrawal>> {
        let withdrawal = self.withdrawal.as_ref();
        withdrawal.filter(|word| word.strength == Strength::Retirement)
    }
}

/// All members of a mesh at one size of its identity log, and those of them that were convicted since.
#[derive(Debug, Clone)]
pub struct Roster {
    log: Arc<Log>,
    rings: Arc<OnceLock<Rings>>,
    /// Those of the log, and those that came by themselves.
    convicted: Arc<BTreeMap<DeviceId, Arc<Proof>>>,
    /// The first proof of each kind against the admission key.
    alarms: Vec<Arc<Proof>>,
    /// What each gateway has signed last, whether or not this log has come so far.
    cosigned: Arc<BTreeMap<PublicKey, Cosigned>>,
    covered: u64,
    turn: turn::Turn,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExtendError {
    #[error("the entries do not begin where this log ends ({expected}), but at {found}")]
    Gap { expected: u64, found: u64 },
    #[error("entry {index} cannot be read: {source}")]
    Entry { index: u64, source: DecodeError },
    #[error("entry {index} is not signed by a key with that right: {source}")]
    Signature { index: u64, source: OpenError },
    #[error("entry {index} proves nothing: {source}")]
    Proof { index: u64, source: ProofError },
    #[error("entry {index} does not follow the root and the charter in force: {source}")]
    Succession { index: u64, source: SuccessionError },
    #[error("entry {index} does not fit this log: {why}")]
    Misplaced { index: u64, why: &'static str },
    #[error("the log head is not the admission key's: {0}")]
    Head(OpenError),
    #[error("the log head commits to other entries than these: the log was shown in two versions")]
    Forked,
    #[error("more entries came than the {shown} that a signed head was shown for")]
    Uncovered { shown: u64 },
    #[error("the log holds {bound} entries at most", bound = limits::LOG_ENTRIES)]
    Full,
}

impl Roster {
    /// The empty roster of a mesh.
    pub fn new(charter: Arc<Charter>) -> Self {
        Self {
            log: Arc::new(Log::new(charter)),
            rings: Arc::default(),
            convicted: Arc::default(),
            alarms: Vec::new(),
            cosigned: Arc::default(),
            covered: 0,
            turn: turn::Turn::default(),
        }
    }

    /// Lets the keys of this root, or of one that follows it, replace the charter.
    pub fn anchored(mut self, root: Arc<Root>) -> Self {
        Arc::make_mut(&mut self.log).root = Some(root);
        self
    }

    /// The roster after `entries`, all of which must be covered by the signed head.
    pub fn extend(
        &self,
        from: u64,
        entries: &[Vec<u8>],
        head: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Self, ExtendError> {
        let mut draft = Draft::behind(self);
        if from != draft.size() {
            return Err(ExtendError::Gap {
                expected: draft.size(),
                found: from,
            });
        }
        for bytes in entries {
            draft.append(bytes, verifier)?;
        }
        draft.conclude(head, verifier)
    }

    /// Parses a proof and checks all of it against the charter in force and the log.
    pub fn open_proof(&self, bytes: &[u8], verifier: &dyn Verifier) -> Result<Proof, ProofError> {
        self.log.open_proof(bytes, verifier)
    }

    /// The roster after one more proof; `None` if it convicts nobody who was not convicted before.
    ///
    /// Convictions only grow, and which proof came first makes no difference to who is out: two sides of a
    /// partition that exchange theirs hold the same afterwards.
    pub fn with_conviction(&self, proof: Proof) -> Option<Self> {
        if self.holds(&proof) {
            return None;
        }
        let mut grown = self.clone();
        match proof.convicts() {
            Some(device) => {
                Arc::make_mut(&mut grown.convicted).insert(device, Arc::new(proof));
            }
            None => grown.alarms.push(Arc::new(proof)),
        }
        Some(grown)
    }

    /// The roster with what came by itself to another one as well, which may stand behind a shorter log:
    /// convictions and cosignatures.
    pub fn with_news_of(mut self, other: &Self) -> Self {
        if self.turn != other.turn {
            (self.turn, self.rings) = (other.turn.afresh(), Arc::default());
        }
        for cosigned in other.cosigned() {
            if let Some(grown) = self.with_cosigned(cosigned.clone()) {
                self = grown;
            }
        }
        if other.convictions().any(|proof| !self.holds(proof)) {
            let convicted = Arc::make_mut(&mut self.convicted);
            for (&device, proof) in other.convicted.iter() {
                convicted.entry(device).or_insert_with(|| Arc::clone(proof));
            }
        }
        let news = other.alarms.iter().filter(|proof| !self.holds(proof));
        let news: Vec<_> = news.cloned().collect();
        self.alarms.extend(news);
        self
    }

    /// The charter in force behind the last entry.
    pub fn charter(&self) -> &Arc<Charter> {
        &self.log.charter
    }

    /// The root and the charter in force.
    pub fn trust(&self) -> Trust {
        self.log.trust()
    }

    /// What led from the first root and charter to those in force.
    pub fn succession(&self) -> &Succession {
        &self.log.succession
    }

    /// Whoever holds the log up to here holds the charter in force.
    pub fn in_force_from(&self) -> u64 {
        self.log.in_force_from
    }

    /// How much of the log a head claims that no admission key known here has signed: a later charter may name its
    /// key, and then the entries tell, with the charter among them.
    pub(crate) fn claimed_size(&self, head: &[u8]) -> Option<u64> {
        let head = Unchecked::<LogHead>::parse(head).ok()?;
        let claim = head.claim();
        let possible = claim.mesh == self.charter().mesh && self.trust().root().is_some();
        let more = self.size() + 1..=limits::LOG_ENTRIES as u64;
        Some(claim.size).filter(|size| possible && more.contains(size))
    }

    /// Judges a member by the dates of its membership and by the key that signed it.
    pub fn standing(&self, member: &Member, now: Timestamp) -> Result<Standing, Refusal> {
        let trusted = self.charter().trusts_until(&member.admission);
        if trusted.is_none_or(|until| now > until) {
            return Err(Refusal::Expired);
        }
        self.dates(&member.membership, now)
    }

    /// A membership that begins after `now`, though the log has grown since, shows that this clock is behind, not
    /// that the membership is too early: a device whose clock was set back keeps its neighbours.
    fn dates(&self, membership: &Membership, now: Timestamp) -> Result<Standing, Refusal> {
        let has_begun = self.head().is_some_and(|head| {
            membership.not_before <= head.time.saturating_add(limits::CLOCK_AHEAD)
        });
        match membership.standing(now) {
            Err(Refusal::ClockWrong) if has_begun => Ok(Standing::Valid),
            standing => standing,
        }
    }

    /// Entries of the identity log behind this roster.
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    pub fn head(&self) -> Option<&Signed<LogHead>> {
        self.log.head.as_ref()
    }

    pub fn tree(&self) -> &Tree {
        &self.log.tree
    }

    pub fn member(&self, device: &DeviceId) -> Option<&Arc<Member>> {
        self.log.members.get(device)
    }

    pub fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.log.members.values()
    }

    /// The device that holds a key by its newest membership.
    pub fn device(&self, key: PeerKey) -> Option<DeviceId> {
        self.log.keys.get(&key).copied()
    }

    /// Entries of the log from an index on, at most `limit` of them.
    pub fn entries(&self, from: u64, limit: usize) -> &[Arc<[u8]>] {
        let entries = &self.log.entries;
        let from = usize::try_from(from).map_or(entries.len(), |from| from.min(entries.len()));
        &entries[from..entries.len().min(from + limit)]
    }

    /// The device whose membership stands at this place of the log.
    pub fn admitted_at(&self, place: u64) -> Option<DeviceId> {
        let entry = self.log.entries.get(usize::try_from(place).ok()?)?;
        match Entry::decode(entry).ok()? {
            Entry::Admission(envelope) => {
                let membership = Unchecked::<Membership>::parse(&envelope).ok()?;
                Some(membership.claim().device)
            }
            _ => None,
        }
    }

    /// Every proof that convicts a device, in the order of the devices.
    pub fn convictions(&self) -> impl Iterator<Item = &Arc<Proof>> {
        self.convicted.values()
    }

    /// The proof that convicts a device.
    pub fn conviction(&self, device: &DeviceId) -> Option<&Arc<Proof>> {
        self.convicted.get(device)
    }

    /// Proofs that the admission key is in wrong hands, one of each kind at most.
    pub fn alarms(&self) -> impl Iterator<Item = &Arc<Proof>> {
        self.alarms.iter()
    }

    pub fn is_convicted(&self, device: &DeviceId) -> bool {
        self.convicted.contains_key(device)
    }

    /// Convictions that the log may hold and does not.
    pub fn unlogged(&self) -> impl Iterator<Item = &Arc<Proof>> {
        let fits = |proof: &&Arc<Proof>| {
            let device = proof.convicts();
            device.is_some_and(|device| !self.is_convicted_in_log(&device))
                && self.log.vouches_for(proof)
        };
        self.convictions().filter(fits)
    }

    /// Whether everybody who holds the identity log holds the conviction as well.
    pub fn is_convicted_in_log(&self, device: &DeviceId) -> bool {
        self.log.convicted.contains_key(device)
    }

    /// Whether a proof says nothing that is not known.
    pub fn holds(&self, proof: &Proof) -> bool {
        match proof.convicts() {
            Some(device) => self.is_convicted(&device),
            None => {
                let kind = std::mem::discriminant(proof.accused());
                let of_it = |known: &Arc<Proof>| std::mem::discriminant(known.accused()) == kind;
                self.alarms.iter().any(of_it)
            }
        }
    }

    /// Whether a device is out at this time: suspended, revoked, or convicted by what it signed.
    pub fn shuts_out(&self, device: &DeviceId, now: Timestamp) -> bool {
        let withdrawn = self
            .member(device)
            .is_some_and(|member| member.is_withdrawn(now));
        withdrawn || self.is_convicted(device)
    }

    /// Whether one more suspension at this time would count.
    pub fn may_suspend(&self, now: Timestamp) -> bool {
        let log = &self.log;
        log.suspensions.admit(now, log.members.len())
    }

    /// The seats by the identity log, so that all who hold the same log agree on them: those withdrawn or
    /// convicted there have none, and those whom no gateway has seen are watched and have none. A conviction
    /// that came by itself makes its device one of the dead.
    pub fn rings(&self) -> &Rings {
        self.rings.get_or_init(|| self.drawn_by(self.turn.seeds))
    }

    /// This roster with another state of its log.
    fn over(self, log: Log) -> Self {
        let mut convicted = log.convicted.clone();
        for (&device, proof) in self.convicted.iter() {
            convicted.entry(device).or_insert_with(|| Arc::clone(proof));
        }
        let mut roster = Self {
            log: Arc::new(log),
            rings: Arc::default(),
            convicted: Arc::new(convicted),
            turn: self.turn.afresh(),
            ..self
        };
        roster.cover();
        roster
    }
}
