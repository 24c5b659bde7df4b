//! The word that a scanner is ours: signed by the coordinator before the scan, so that decoys stay quiet.
//!
//! It makes nobody do anything. Whoever stole the coordinator's key can keep decoys quiet for one source for an hour at
//! a time; each such word spreads, and people read it.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::address::Address;
use crate::cbor::DecodeError;
use crate::class::{Classified, DataClass};
use crate::evidence::Evidence;
use crate::id::{DeviceId, MeshId};
use crate::key::Verifier;
use crate::limits;
use crate::roster::Roster;
use crate::signed::{Signable, Signed, Unchecked};
use crate::time::Timestamp;

/// One scan that is ours.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Errand {
    #[n(0)]
    pub mesh: MeshId,
    /// The member that scans.
    #[n(1)]
    pub scanner: DeviceId,
    /// The address from which it does.
    #[n(2)]
    pub source: Address,
    #[n(3)]
    pub from: Timestamp,
    /// At most [`limits::ERRAND`] after `from`.
    #[n(4)]
    pub until: Timestamp,
}

impl Signable for Errand {
    const NAME: &'static str = "errand";
    const DOMAIN: &'static [u8] = b"palisade/errand/v1\0";
    const BOUND: usize = limits::ERRAND_BYTES;
}

impl Classified for Errand {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("scanner", DataClass::Internal),
        ("source", DataClass::Internal),
        ("from", DataClass::Internal),
        ("until", DataClass::Internal),
    ];
}

/// Why an errand is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ErrandError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("it is of another mesh")]
    Foreign,
    #[error("the admission key in force has not signed it")]
    NoRight,
    #[error("it lasts longer than an hour, or ends before it begins")]
    TooLong,
}

impl Errand {
    /// Checks that the admission key in force has signed it, and that it lasts no longer than one may.
    pub fn open(
        bytes: &[u8],
        roster: &Roster,
        verifier: &dyn Verifier,
    ) -> Result<Signed<Self>, ErrandError> {
        let unchecked = Unchecked::<Self>::parse(bytes)?;
        if unchecked.claim().mesh != roster.charter().mesh {
            return Err(ErrandError::Foreign);
        }
        let errand = unchecked
            .check(&roster.charter().admission, verifier)
            .map_err(|_| ErrandError::NoRight)?;
        if errand.until <= errand.from || errand.until.since(errand.from) > limits::ERRAND {
            return Err(ErrandError::TooLong);
        }
        Ok(errand)
    }

    pub fn is_on(&self, now: Timestamp) -> bool {
        self.from.saturating_sub(limits::CLOCKS_APART) <= now
            && now < self.until.saturating_add(limits::CLOCKS_APART)
    }
}

impl From<&Signed<Errand>> for Evidence {
    fn from(errand: &Signed<Errand>) -> Self {
        Self::Errand(errand.bytes().to_vec().into())
    }
}

/// The newest errand from each source, at most [`limits::ERRANDS`].
#[derive(Debug, Default)]
pub struct Errands {
    of: BTreeMap<Address, Signed<Errand>>,
}

impl Errands {
    /// Takes a checked errand unless one is known that ends later; what it takes the place of is handed out.
    pub fn take(&mut self, errand: Signed<Errand>) -> Option<Vec<Signed<Errand>>> {
        let known = self.of.get(&errand.source);
        if known.is_some_and(|known| known.until >= errand.until) {
            return None;
        }
        let source = errand.source;
        let mut gone: Vec<_> = self.of.insert(source, errand).into_iter().collect();
        if self.of.len() > limits::ERRANDS {
            let first = self.of.iter().min_by_key(|(_, one)| one.until);
            let first = first.map_or(source, |(source, _)| *source);
            gone.extend(self.of.remove(&first));
            if first == source {
                return None;
            }
        }
        Some(gone)
    }

    /// The errand on which a source is at this moment.
    pub fn of(&self, source: &Address, now: Timestamp) -> Option<&Errand> {
        let errand = self.of.get(source)?;
        errand.is_on(now).then_some(&**errand)
    }

    pub fn all(&self) -> impl Iterator<Item = &Signed<Errand>> {
        self.of.values()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::key::SecretKey;

    fn source(last: u8) -> Address {
        IpAddr::from([10, 0, 0, last]).into()
    }

    fn errand(last: u8, until: u64) -> Signed<Errand> {
        let errand = Errand {
            mesh: MeshId::from_bytes([1; 32]),
            scanner: DeviceId::from_bytes([2; 8]),
            source: source(last),
            from: Timestamp::from_millis(1_000_000),
            until: Timestamp::from_millis(until),
        };
        Signed::seal(errand, &SecretKey::from_seed(&[7; 32]))
    }

    #[test]
    fn a_source_is_on_an_errand_for_its_time_and_clocks_may_differ_a_little() {
        let mut errands = Errands::default();
        errands.take(errand(1, 2_000_000)).expect("it is new");
        let on = |millis| {
            errands
                .of(&source(1), Timestamp::from_millis(millis))
                .is_some()
        };
        let apart = u64::try_from(limits::CLOCKS_APART.as_millis()).expect("it is short");
        assert!(on(1_000_000) && on(1_000_000 - apart) && on(1_999_999 + apart));
        assert!(!on(1_000_000 - apart - 1) && !on(2_000_000 + apart));
        assert!(
            errands
                .of(&source(2), Timestamp::from_millis(1_500_000))
                .is_none()
        );
    }

    #[test]
    fn the_later_end_counts_in_whatever_order_they_come() {
        let mut errands = Errands::default();
        errands.take(errand(1, 3_000_000)).expect("it is new");
        assert_eq!(errands.take(errand(1, 2_000_000)), None);
        let gone = errands.take(errand(1, 4_000_000)).expect("it ends later");
        assert_eq!(gone[0].until, Timestamp::from_millis(3_000_000));
    }

    #[test]
    fn of_too_many_the_one_that_ends_first_goes() {
        let mut errands = Errands::default();
        let many = u8::try_from(limits::ERRANDS).expect("it is few");
        for number in 1..=many {
            errands.take(errand(number, 2_000_000 + u64::from(number)));
        }
        assert_eq!(errands.take(errand(200, 1_999_999)), None);
        let gone = errands.take(errand(201, 3_000_000)).expect("it lasts");
        assert_eq!(gone[0].source, source(1));
        assert_eq!(errands.all().count(), limits::ERRANDS);
    }
}
