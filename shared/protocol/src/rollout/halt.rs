//! The word that nobody goes on with a target: signed by the coordinator, spread as evidence, outlived by nothing but a newer one.
//!
//! It reaches whoever the coordinator cannot, and holds with the coordinator gone. It makes nobody install anything: a
//! device goes on with a target only on an order, and a halt can only take that away.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use thiserror::Error;

use super::RolloutId;
use crate::cbor::DecodeError;
use crate::class::{Classified, DataClass};
use crate::evidence::Evidence;
use crate::id::{Digest, MeshId};
use crate::key::Verifier;
use crate::limits;
use crate::roster::Roster;
use crate::signed::{Signable, Signed, Unchecked};

/// One word about one target.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Halt {
    #[n(0)]
    pub mesh: MeshId,
    /// The SHA-256 of the image.
    #[n(1)]
    pub target: Digest,
    /// The rollout in which it turned out to be bad.
    #[n(2)]
    pub rollout: RolloutId,
    /// Of two words about one target the higher counts. It is no lower than the coordinator's clock, in milliseconds: a
    /// coordinator that was restored and forgot what it said still says something newer.
    #[n(3)]
    pub sequence: u64,
    #[n(4)]
    pub standing: Standing,
}

/// Whether anybody may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Standing {
    #[n(0)]
    Halted,
    #[n(1)]
    Lifted,
}

impl Signable for Halt {
    const NAME: &'static str = "halt";
    const DOMAIN: &'static [u8] = b"palisade/halt/v1\0";
    const BOUND: usize = limits::HALT_BYTES;
}

impl Classified for Halt {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("target", DataClass::Internal),
        ("rollout", DataClass::Internal),
        ("sequence", DataClass::Internal),
        ("standing", DataClass::Internal),
    ];
}

impl Standing {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Halted => "halted",
            Self::Lifted => "lifted",
        }
    }
}

/// Why a halt is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HaltError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("it is of another mesh")]
    Foreign,
    #[error("an admission key that was replaced has signed it")]
    Former,
    #[error("the coordinator has not signed it")]
    NoRight,
}

impl Halt {
    /// Checks that the admission key in force has signed it.
    pub fn open(
        bytes: &[u8],
        roster: &Roster,
        verifier: &dyn Verifier,
    ) -> Result<Signed<Self>, HaltError> {
        match Self::attributed(bytes, roster, verifier)? {
            (halt, Office::InForce) => Ok(halt),
            (_, Office::Former) => Err(HaltError::Former),
        }
    }

    /// What this node or this coordinator has held before: that the key was replaced since does not undo it.
    pub fn recall(
        bytes: &[u8],
        roster: &Roster,
        verifier: &dyn Verifier,
    ) -> Result<Signed<Self>, HaltError> {
        Self::attributed(bytes, roster, verifier).map(|(halt, _)| halt)
    }

    fn attributed(
        bytes: &[u8],
        roster: &Roster,
        verifier: &dyn Verifier,
    ) -> Result<(Signed<Self>, Office), HaltError> {
        let unchecked = Unchecked::<Self>::parse(bytes)?;
        if unchecked.claim().mesh != roster.charter().mesh {
            return Err(HaltError::Foreign);
        }
        let in_force = roster.charter().admission;
        for key in roster.charter().admission_keys() {
            if let Ok(halt) = unchecked.clone().check(key, verifier) {
                let office = if *key == in_force {
                    Office::InForce
                } else {
                    Office::Former
                };
                return Ok((halt, office));
            }
        }
        Err(HaltError::NoRight)
    }
}

/// By which of the coordinator's keys something is signed.
enum Office {
    InForce,
    Former,
}

impl From<&Signed<Halt>> for Evidence {
    fn from(halt: &Signed<Halt>) -> Self {
        Self::Halt(halt.bytes().to_vec().into())
    }
}

/// The newest word about each target.
#[derive(Debug, Default)]
pub struct Halts {
    newest: BTreeMap<Digest, Signed<Halt>>,
}

/// Something newer is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale;

impl Halts {
    /// Takes a checked halt if nothing newer is known of its target; what it makes out of date is handed out. Beyond
    /// [`limits::HALTS`] the one with the lowest sequence goes, whatever the order in which they came.
    pub fn take(&mut self, halt: Signed<Halt>) -> Result<Vec<Signed<Halt>>, Stale> {
        let known = self.newest.get(&halt.target);
        if known.is_some_and(|known| rank(known) >= rank(&halt)) {
            return Err(Stale);
        }
        let (target, rank_of_it) = (halt.target, rank(&halt));
        let mut gone: Vec<_> = self.newest.insert(target, halt).into_iter().collect();
        if self.newest.len() > limits::HALTS {
            let oldest = self.newest.values().min_by_key(|halt| rank(halt));
            let oldest = oldest.map(|halt| halt.target).unwrap_or(target);
            let dropped = self.newest.remove(&oldest);
            if dropped.as_ref().is_some_and(|one| rank(one) == rank_of_it) {
                return Err(Stale);
            }
            gone.extend(dropped);
        }
        Ok(gone)
    }

    pub fn all(&self) -> impl Iterator<Item = &Signed<Halt>> {
        self.newest.values()
    }

    pub fn newest(&self, target: &Digest) -> Option<&Signed<Halt>> {
        self.newest.get(target)
    }

    pub fn stands(&self, target: &Digest) -> bool {
        self.newest(target)
            .is_some_and(|halt| halt.standing == Standing::Halted)
    }
}

/// What orders the words; of two with one sequence, which one honest coordinator never signs, the halt counts.
fn rank(halt: &Signed<Halt>) -> (u64, bool, Digest) {
    let halted = halt.standing == Standing::Halted;
    (halt.sequence, halted, halt.digest())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SecretKey;

    fn halt(target: u8, sequence: u64, standing: Standing) -> Signed<Halt> {
        let halt = Halt {
            mesh: MeshId::from_bytes([1; 32]),
            target: Digest::from_bytes([target; 32]),
            rollout: RolloutId(1),
            sequence,
            standing,
        };
        Signed::seal(halt, &SecretKey::from_seed(&[7; 32]))
    }

    fn target(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    #[test]
    fn of_two_words_the_higher_sequence_counts_in_whatever_order_they_come() {
        for turn in [[1, 2], [2, 1]] {
            let mut halts = Halts::default();
            for sequence in turn {
                let standing = match sequence {
                    1 => Standing::Lifted,
                    _ => Standing::Halted,
                };
                drop(halts.take(halt(1, sequence, standing)));
            }
            assert!(halts.stands(&target(1)), "{turn:?}");
        }
    }

    #[test]
    fn of_two_with_one_sequence_the_halt_counts() {
        let mut halts = Halts::default();
        halts.take(halt(1, 5, Standing::Lifted)).expect("it is new");
        halts.take(halt(1, 5, Standing::Halted)).expect("it counts");
        assert_eq!(halts.take(halt(1, 5, Standing::Lifted)), Err(Stale));
        assert!(halts.stands(&target(1)));
    }

    #[test]
    fn of_too_many_targets_the_oldest_word_goes() {
        let mut halts = Halts::default();
        for number in 1..=u8::try_from(limits::HALTS).expect("it is few") {
            let taken = halts.take(halt(number, 100 + u64::from(number), Standing::Halted));
            assert_eq!(taken, Ok(Vec::new()));
        }
        assert_eq!(halts.take(halt(200, 1, Standing::Halted)), Err(Stale));
        let gone = halts.take(halt(201, 1_000, Standing::Halted));
        assert_eq!(gone.expect("it is the newest")[0].target, target(1));
        assert_eq!(halts.all().count(), limits::HALTS);
    }
}
