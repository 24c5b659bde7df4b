//! Scans: what the coordinator orders a member to look at, and what the member says and sends of it.
//!
//! The order is signed, names one member and ends by itself. What a scan has found goes up in parts that the coordinator asks
//! for one after the other, so that nothing of it is lost with a frame and nobody sends more than was asked for.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor::DecodeError;
use crate::class::{Classified, DataClass};
use crate::id::{DeviceId, Digest, MeshId};
use crate::key::Verifier;
use crate::limits;
use crate::roster::Roster;
use crate::signed::{OpenError, Signable, Signed, Unchecked};
use crate::text::Name;
use crate::time::Timestamp;

/// One member is to scan, or to stop.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ScanOrder {
    #[n(0)]
    pub mesh: MeshId,
    /// The coordinator's number for the job.
    #[n(1)]
    pub job: u64,
    /// Who is to scan.
    #[n(2)]
    pub device: DeviceId,
    /// Nobody begins after this.
    #[n(3)]
    pub until: Timestamp,
    #[n(4)]
    pub wish: Wish,
    #[n(5)]
    pub depth: Depth,
    /// Addresses and networks: `10.0.0.7`, `10.0.0.0/24`.
    #[n(6)]
    pub targets: Vec<Name>,
    /// Addresses that are left alone though they lie in a target.
    #[n(7)]
    pub spared: Vec<Name>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Wish {
    #[n(0)]
    Begin,
    #[n(1)]
    Cancel,
}

/// Which ports are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Depth {
    /// Those by which devices are managed and taken over.
    #[n(0)]
    Known,
    /// Every one of TCP.
    #[n(1)]
    Every,
}

/// What the two say to each other.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ScanWord {
    /// The envelope of a [`ScanOrder`].
    #[n(0)]
    Order {
        #[n(0)]
        order: ByteVec,
    },
    /// The coordinator asks for what was found, from a byte on.
    #[n(1)]
    Wanted {
        #[n(0)]
        job: u64,
        #[n(1)]
        from: u64,
    },
    /// A part of it; an empty one where there is nothing.
    #[n(2)]
    Part {
        #[n(0)]
        part: ScanPart,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ScanPart {
    #[n(0)]
    pub job: u64,
    #[n(1)]
    pub from: u64,
    /// Bytes of the whole.
    #[n(2)]
    pub total: u64,
    #[n(3)]
    pub bytes: ByteVec,
}

/// How a job goes, in the member's log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ScanStep {
    #[n(0)]
    pub job: u64,
    #[n(1)]
    pub stage: ScanStage,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ScanStage {
    /// It is not done, and why.
    #[n(0)]
    Refused {
        #[n(0)]
        why: Name,
    },
    /// The scanner is in a phase; hosts are those that are finished.
    #[n(1)]
    Running {
        #[n(0)]
        phase: Name,
        /// Hundredths of a percent of the phase.
        #[n(1)]
        done: u16,
        #[n(2)]
        hosts: u32,
    },
    /// What was found can be asked for.
    #[n(2)]
    Finished {
        #[n(0)]
        hosts: u32,
        #[n(1)]
        bytes: u64,
        /// Commits to what was found.
        #[n(2)]
        digest: Digest,
    },
    #[n(3)]
    Failed {
        #[n(0)]
        why: Name,
    },
    #[n(4)]
    Cancelled,
}

/// Why an order is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScanOrderError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("the admission key has not signed it: {0}")]
    Unsigned(#[from] OpenError),
    #[error("it is of another mesh")]
    Foreign,
    #[error("it is for another device")]
    Other,
    #[error("it has ended")]
    Late,
    #[error(
        "it names no target, or more than {} targets and {} spared addresses",
        limits::SCAN_TARGETS,
        limits::SCAN_SPARED
    )]
    Targets,
}

impl Signable for ScanOrder {
    const NAME: &'static str = "scan order";
    const DOMAIN: &'static [u8] = b"palisade/scan-order/v1\0";
    const BOUND: usize = limits::SCAN_ORDER_BYTES;
}

impl Classified for ScanOrder {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("mesh", DataClass::Public),
        ("job", DataClass::Internal),
        ("device", DataClass::Internal),
        ("until", DataClass::Internal),
        ("wish", DataClass::Internal),
        ("depth", DataClass::Internal),
        ("targets", DataClass::Sensitive),
        ("spared", DataClass::Sensitive),
    ];
}

impl Classified for ScanStep {
    const FIELDS: &'static [(&'static str, DataClass)] =
        &[("job", DataClass::Internal), ("stage", DataClass::Internal)];
}

impl ScanOrder {
    /// Checks that it is the coordinator's order to this member, and that it holds.
    pub fn open(
        bytes: &[u8],
        me: &DeviceId,
        roster: &Roster,
        verifier: &dyn Verifier,
        now: Timestamp,
    ) -> Result<Signed<Self>, ScanOrderError> {
        let unchecked = Unchecked::<Self>::parse(bytes)?;
        let charter = roster.charter();
        let order = unchecked.check(&charter.admission, verifier)?;
        if order.mesh != charter.mesh {
            return Err(ScanOrderError::Foreign);
        }
        if order.device != *me {
            return Err(ScanOrderError::Other);
        }
        if order.wish == Wish::Begin && order.until <= now {
            return Err(ScanOrderError::Late);
        }
        let names = order.targets.len();
        let fits = (1..=limits::SCAN_TARGETS).contains(&names)
            && order.spared.len() <= limits::SCAN_SPARED;
        match fits || order.wish == Wish::Cancel {
            true => Ok(order),
            false => Err(ScanOrderError::Targets),
        }
    }
}

impl ScanStage {
    /// The stable word used in logs and interfaces.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Running { .. } => "running",
            Self::Finished { .. } => "finished",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the member does nothing more about it.
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Running { .. })
    }
}

/// Commits to what a scan has found.
pub fn digest(found: &[u8]) -> Digest {
    Digest::of("palisade 2026 scan", &[found])
}
