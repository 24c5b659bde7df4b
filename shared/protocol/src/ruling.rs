//! Quarantine: a person's order to refuse a device for a day at most, and the word that ends it early.
//!
//! The coordinator orders and ends it; a gateway, whose office is the root's, can end it from its own console. It
//! shuts nobody out of the roster: neighbours go on watching the device and pass on its alerts, and take
//! nothing else from it. Whom the root exempts, and how many may be held at once, each node judges itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor::DecodeError;
use crate::class::template::Quarantine;
use crate::class::{Classified, DataClass, DeviceClass};
use crate::id::{DeviceId, MeshId};
use crate::key::{PublicKey, Verifier};
use crate::limits;
use crate::roster::Roster;
use crate::signed::{Signable, Signed, Unchecked};
use crate::text::Name;
use crate::time::Timestamp;

/// One member in so many may be held at once, and one in any case: a wrong order must not stop a fleet.
const SHARE: usize = 50;

/// One word about one device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Ruling {
    #[n(0)]
    pub mesh: MeshId,
    #[n(1)]
    pub device: DeviceId,
    #[n(2)]
    pub decision: Decision,
    /// The gateway from whose console it was given; otherwise the coordinator.
    #[n(3)]
    pub gateway: Option<DeviceId>,
    #[n(4)]
    pub time: Timestamp,
    /// At most [`limits::QUARANTINE`] later.
    #[n(5)]
    pub until: Timestamp,
    #[n(6)]
    pub reason: Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Decision {
    #[n(0)]
    Hold,
    #[n(1)]
    Release,
}

impl Signable for Ruling {
    const NAME: &'static str = "ruling";
    const DOMAIN: &'static [u8] = b"palisade/ruling/v1\0";
    const BOUND: usize = limits::RULING_BYTES;
}

impl Classified for Ruling {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("device", DataClass::Internal),
        ("decision", DataClass::Internal),
        ("gateway", DataClass::Internal),
        ("time", DataClass::Internal),
        ("until", DataClass::Internal),
        ("reason", DataClass::Internal),
    ];
}

impl Decision {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hold => "quarantine",
            Self::Release => "clear",
        }
    }
}

/// Why a ruling is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RulingError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("it is of another mesh, or about no member of this one")]
    Foreign,
    #[error("nobody with the right to do so has signed it")]
    NoRight,
    #[error("it lasts longer than a day")]
    TooLong,
}

/// Why a device cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HoldError {
    #[error("devices of this class are exempt: nothing of the kind is done to them")]
    Exempt,
    #[error("as many devices are in quarantine as may be at once ({0}): clear one of them first")]
    Full(usize),
}

impl Ruling {
    /// Checks who signed it and that it may say what it says.
    pub fn open(
        bytes: &[u8],
        roster: &Roster,
        verifier: &dyn Verifier,
    ) -> Result<Signed<Self>, RulingError> {
        let unchecked = Unchecked::<Self>::parse(bytes)?;
        let claim = unchecked.claim();
        if claim.mesh != roster.charter().mesh || roster.member(&claim.device).is_none() {
            return Err(RulingError::Foreign);
        }
        if claim.until > claim.time.saturating_add(limits::QUARANTINE) {
            return Err(RulingError::TooLong);
        }
        let key = claim.author(roster).ok_or(RulingError::NoRight)?;
        let checked = unchecked.check(&key, verifier);
        checked.map_err(|_| RulingError::NoRight)
    }

    /// The key that has to sign it: a gateway's console ends a quarantine, and orders none.
    fn author(&self, roster: &Roster) -> Option<PublicKey> {
        let Some(gateway) = self.gateway else {
            return Some(roster.charter().admission);
        };
        let key = roster.member(&gateway)?.membership.key;
        let office = roster.charter().gateways.contains(&key);
        let allowed = office && self.decision == Decision::Release && self.device != gateway;
        (allowed && !roster.is_convicted(&gateway)).then_some(key)
    }

    fn holds_at(&self, now: Timestamp) -> bool {
        let begun = self.time <= now.saturating_add(limits::CLOCK_AHEAD);
        begun && now < self.until
    }
}

/// The newest word of each author about each device.
#[derive(Debug, Default)]
pub struct Rulings {
    newest: BTreeMap<(DeviceId, Option<DeviceId>), Signed<Ruling>>,
}

impl Rulings {
    /// Takes a checked ruling; whether its author had said nothing newer. What it replaces is handed out.
    pub fn take(&mut self, ruling: Signed<Ruling>) -> Result<Option<Signed<Ruling>>, Stale> {
        let slot = (ruling.device, ruling.gateway);
        let known = self.newest.get(&slot);
        let full = known.is_none() && self.newest.len() >= limits::RULINGS;
        if full || known.is_some_and(|known| known.time >= ruling.time) {
            return Err(Stale);
        }
        Ok(self.newest.insert(slot, ruling))
    }

    pub fn all(&self) -> impl Iterator<Item = &Signed<Ruling>> {
        self.newest.values()
    }

    /// Forgets what is over, and who left.
    pub fn retain(&mut self, roster: &Roster, now: Timestamp) -> Vec<Signed<Ruling>> {
        let over = |ruling: &Signed<Ruling>| {
            now >= ruling.until || roster.member(&ruling.device).is_none()
        };
        let slots = self.newest.iter();
        let slots: Vec<_> = slots
            .filter(|(_, ruling)| over(ruling))
            .map(|(slot, _)| *slot)
            .collect();
        slots
            .into_iter()
            .filter_map(|slot| self.newest.remove(&slot))
            .collect()
    }

    /// The newest word on a device that is not over.
    pub fn newest(&self, device: &DeviceId, now: Timestamp) -> Option<&Signed<Ruling>> {
        let of = self.newest.range((*device, None)..);
        let of = of.take_while(|((about, _), _)| about == device);
        let standing = of.map(|(_, ruling)| ruling);
        standing
            .filter(|ruling| ruling.holds_at(now))
            .max_by_key(|ruling| (ruling.time, ruling.decision == Decision::Release))
    }

    /// When a device was last cleared.
    pub fn cleared(&self, device: &DeviceId) -> Option<Timestamp> {
        let of = self.newest.range((*device, None)..);
        let of = of.take_while(|((about, _), _)| about == device);
        let released = of.filter(|(_, ruling)| ruling.decision == Decision::Release);
        released.map(|(_, ruling)| ruling.time).max()
    }

    /// Everybody in quarantine. Of too many those who were held first stay, so that all who hold the same
    /// rulings agree.
    pub fn held(&self, roster: &Roster, now: Timestamp) -> BTreeSet<DeviceId> {
        let devices: BTreeSet<DeviceId> = self.newest.keys().map(|(device, _)| *device).collect();
        let ruled = devices
            .iter()
            .filter_map(|device| self.newest(device, now))
            .filter(|ruling| ruling.decision == Decision::Hold)
            .filter(|ruling| !is_exempt(&ruling.device, roster));
        let mut held: Vec<_> = ruled.map(|ruling| (ruling.time, ruling.device)).collect();
        held.sort_unstable();
        held.truncate(at_once(roster));
        held.into_iter().map(|(_, device)| device).collect()
    }

    /// Whether a device may be held now.
    pub fn may_hold(
        &self,
        device: &DeviceId,
        roster: &Roster,
        now: Timestamp,
    ) -> Result<(), HoldError> {
        if is_exempt(device, roster) {
            return Err(HoldError::Exempt);
        }
        let held = self.held(roster, now);
        let most = at_once(roster);
        if held.len() >= most && !held.contains(device) {
            return Err(HoldError::Full(most));
        }
        Ok(())
    }
}

/// The author has said something newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale;

/// How long a ruling lasts if nobody says less.
pub const fn lasts() -> Duration {
    limits::QUARANTINE
}

/// How many devices of this mesh may be held at once.
pub fn at_once(roster: &Roster) -> usize {
    (roster.members().count() / SHARE).max(1)
}

/// Whether devices of this class are never held, whatever the charter says.
pub fn is_never_held(class: DeviceClass) -> bool {
    class.template().quarantine == Quarantine::Never
}

/// Whether a device is of a class, or holds an office, to which this is never done.
pub fn is_exempt(device: &DeviceId, roster: &Roster) -> bool {
    let Some(member) = roster.member(device) else {
        return true;
    };
    let (membership, charter) = (&member.membership, roster.charter());
    is_never_held(membership.class)
        || charter.exempt.contains(&membership.class)
        || charter.gateways.contains(&membership.key)
}
