//! Who belongs: the document that admits a device, and the judgement on whoever shows one.

use std::fmt;

use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass, DeviceClass};
use crate::id::{DeviceId, Digest, MeshId};
use crate::key::PublicKey;
use crate::limits;
use crate::record::Incarnation;
use crate::refusal::Refusal;
use crate::seal::SealingKey;
use crate::signed::Signable;
use crate::text::Name;
use crate::time::Timestamp;

/// The admission key's word that a device belongs to a mesh, for at most thirty days.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Membership {
    #[n(0)]
    pub mesh: MeshId,
    #[n(1)]
    pub device: DeviceId,
    /// Position of the entry in the identity log.
    #[n(2)]
    pub log_index: u64,
    /// Signs the device's log, and is its identity on the mesh.
    #[n(3)]
    pub key: PublicKey,
    /// What others seal to this device.
    #[n(4)]
    pub sealing: SealingKey,
    #[n(5)]
    pub name: Name,
    #[n(6)]
    pub class: DeviceClass,
    /// The site or segment.
    #[n(7)]
    pub cell: Name,
    #[n(8)]
    pub not_before: Timestamp,
    #[n(9)]
    pub not_after: Timestamp,
    /// Records of an earlier incarnation are not this membership's.
    #[n(10)]
    pub incarnation_floor: Incarnation,
    /// Digest of the key that may replace this one (pre-rotation).
    #[n(11)]
    pub next_key: Option<Digest>,
}

impl Signable for Membership {
    const NAME: &'static str = "membership";
    const DOMAIN: &'static [u8] = b"palisade/membership/v1\0";
    const BOUND: usize = limits::ENTRY_BYTES;
}

impl Classified for Membership {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("device", DataClass::Internal),
        ("log_index", DataClass::Internal),
        ("key", DataClass::Internal),
        ("sealing", DataClass::Internal),
        ("name", DataClass::Internal),
        ("class", DataClass::Internal),
        ("cell", DataClass::Internal),
        ("not_before", DataClass::Internal),
        ("not_after", DataClass::Internal),
        ("incarnation_floor", DataClass::Internal),
        ("next_key", DataClass::Internal),
    ];
}

/// How far a member may be trusted with, by its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A full member.
    Valid,
    /// Over, yet within the grace: may talk, holds no seat.
    Grace,
}

impl Membership {
    /// Judges the dates against a clock.
    pub fn standing(&self, now: Timestamp) -> Result<Standing, Refusal> {
        if now.saturating_add(limits::CLOCK_AHEAD) < self.not_before {
            return Err(Refusal::ClockWrong);
        }
        if now <= self.not_after {
            return Ok(Standing::Valid);
        }
        if now <= self.not_after.saturating_add(limits::GRACE) {
            return Ok(Standing::Grace);
        }
        Err(Refusal::Expired)
    }

    /// The last third of the life is the time to renew.
    pub fn renews_from(&self) -> Timestamp {
        let life = self.not_after.since(self.not_before);
        self.not_after.saturating_sub(life / 3)
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Membership({} \"{}\" {} until {})",
            self.device,
            self.name,
            self.class,
            self.not_after.as_millis()
        )
    }
}
