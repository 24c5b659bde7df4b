//! A proof in words, for whoever has to decide what to do about it.

use std::fmt;

use super::{Accused, Contradiction, Part, Proof};
use crate::record::Position;

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.accused {
            Accused::Device { device, name, .. } => write!(f, "device {device} ({name}) ")?,
            Accused::Admission { .. } | Accused::Log { .. } => {
                f.write_str("the admission key of this mesh ")?;
            }
        }
        write!(f, "signed {}", self.contradiction)
    }
}

impl Proof {
    /// What this usually means, and what to do.
    pub const fn remedy(&self) -> &'static str {
        match self.accused {
            Accused::Device { .. } => {
                "two copies of this device run, its disk was set back, or whoever holds its key lies: \
                 find out which, then enrol the device again"
            }
            Accused::Admission { .. } => {
                "somebody else uses the coordinator's admission key: take the coordinator off the \
                 network and certify a new one with the offline root"
            }
            Accused::Log { .. } => {
                "some members were shown another list of members than others: either the coordinator went on \
                 alone over an old copy of its store, or somebody who holds its admission key hides members; \
                 in that case take it off the network and certify a new one with the offline root"
            }
        }
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => {
                write!(f, "two different heads for one place, {}", Place(*place))
            }
            Self::Predecessor { first, second } => write!(
                f,
                "two heads that follow the same head, {} and {}",
                Place(*first),
                Place(*second)
            ),
            Self::Chain(place) => write!(
                f,
                "a head, {}, that does not name the one before it",
                Place(*place)
            ),
            Self::Sequence { first, second } => write!(
                f,
                "a head, {}, that names a later one, {}, as the one before it",
                Place(*first),
                Place(*second)
            ),
            Self::Time { first, second } => write!(
                f,
                "a head, {}, with an earlier time than one before it, {}",
                Place(*second),
                Place(*first)
            ),
            Self::Entry(index) => {
                write!(
                    f,
                    "two different entries for one place of the identity log, {index}"
                )
            }
            Self::Admission { first, second } => write!(
                f,
                "two memberships of one device under different keys, entries {first} and {second}"
            ),
            Self::Logs { first, second } if first == second => write!(
                f,
                "two versions of the identity log: two heads of {first} entries with different roots"
            ),
            Self::Logs { first, second } => write!(
                f,
                "two versions of the identity log: its head of {second} entries does not continue its head of {first}"
            ),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Second => "second",
        })
    }
}

struct Place(Position);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position {
            incarnation,
            sequence,
        } = self.0;
        write!(f, "record {sequence} of start {}", incarnation.0)
    }
}
