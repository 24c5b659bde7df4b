//! What spreads through the whole mesh: bounded by the number of its members, never by what one of them sends.

use std::cmp::Ordering;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::accusation::Accusation;
use crate::appeal::Vote;
use crate::id::{DeviceId, Digest, compare_short};
use crate::limits;
use crate::name::ShortId;
use crate::proof::Proof;
use crate::record::Head;
use crate::signed::{Signed, Unchecked};

/// One piece of evidence as it travels: an envelope that everybody checks before passing it on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Evidence {
    /// An [`crate::accusation::Accusation`]: one slot for each witness, the newest counts.
    #[n(0)]
    Accusation(#[n(0)] ByteVec),
    /// A [`crate::record::Head`] that refutes whoever holds its device to be silent.
    #[n(1)]
    Head(#[n(0)] ByteVec),
    /// A proof: convicts by itself, for good.
    #[n(2)]
    Proof(#[n(0)] ByteVec),
    /// An [`crate::alert::Alert`].
    #[n(3)]
    Alert(#[n(0)] ByteVec),
    /// A [`crate::alert::Delivery`]: a deputy has told somebody outside.
    #[n(4)]
    Delivery(#[n(0)] ByteVec),
    /// A [`crate::suspicion::Report`]: one slot for each witness, the newest counts.
    #[n(5)]
    Report(#[n(0)] ByteVec),
    /// A [`crate::cosign::Cosignature`]: of each gateway the newest counts.
    #[n(6)]
    Cosigned(#[n(0)] ByteVec),
    /// A [`crate::ruling::Ruling`]: one slot for each device and author.
    #[n(7)]
    Ruling(#[n(0)] ByteVec),
    /// A [`crate::beacon::Dealing`].
    #[n(8)]
    Dealing(#[n(0)] ByteVec),
    /// A [`crate::beacon::Share`]: of no use when its epoch's secret is known.
    #[n(9)]
    Share(#[n(0)] ByteVec),
    /// A [`crate::beacon::Opened`].
    #[n(10)]
    Secret(#[n(0)] ByteVec),
    /// A [`crate::appeal::Vote`]: of each member of a committee one.
    #[n(11)]
    Vote(#[n(0)] ByteVec),
    /// A [`crate::rollout::Halt`]: of each target the newest word.
    #[n(12)]
    Halt(#[n(0)] ByteVec),
    /// A [`crate::errand::Errand`]: of each source the one that ends last.
    #[n(13)]
    Errand(#[n(0)] ByteVec),
}

/// The first eight bytes of a hash of the evidence: names it between neighbours.
///
/// Whoever makes two pieces collide hides its own only: the other was signed by somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct EvidenceId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 8]);

impl EvidenceId {
    /// Its first half.
    pub fn short(&self) -> ShortId {
        let (short, _) = self.0.split_at(4);
        ShortId(short.try_into().expect("four of eight"))
    }

    /// Names whatever certifies that a device is silent: words differ between those who agree.
    pub fn of_silence(device: &DeviceId) -> Self {
        Self(Digest::of("palisade 2026 silent", &[device.as_bytes()]).short())
    }
}

impl Ord for EvidenceId {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_short(&self.0, &other.0)
    }
}

impl PartialOrd for EvidenceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What can be of interest in one version only: a newer one takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    WordOf(DeviceId),
    HeadOf(DeviceId),
}

impl Slot {
    /// Whose word or head it is.
    pub fn device(self) -> DeviceId {
        match self {
            Self::WordOf(device) | Self::HeadOf(device) => device,
        }
    }
}

impl From<&Signed<Accusation>> for Evidence {
    fn from(accusation: &Signed<Accusation>) -> Self {
        Self::Accusation(accusation.bytes().to_vec().into())
    }
}

impl From<&Signed<Head>> for Evidence {
    fn from(head: &Signed<Head>) -> Self {
        Self::Head(head.bytes().to_vec().into())
    }
}

impl From<&Signed<Vote>> for Evidence {
    fn from(vote: &Signed<Vote>) -> Self {
        Self::Vote(vote.bytes().to_vec().into())
    }
}

impl From<&Proof> for Evidence {
    fn from(proof: &Proof) -> Self {
        Self::Proof(proof.bytes().to_vec().into())
    }
}

impl Evidence {
    /// The slot that this piece fills, by its own claim; proofs, alerts and receipts stand beside each other.
    pub fn slot(&self) -> Option<Slot> {
        match self {
            Self::Accusation(bytes) => {
                let accusation = Unchecked::<Accusation>::parse(bytes).ok()?;
                Some(Slot::WordOf(accusation.claim().witness))
            }
            Self::Head(bytes) => {
                let head = Unchecked::<Head>::parse(bytes).ok()?;
                Some(Slot::HeadOf(head.claim().device))
            }
            _ => None,
        }
    }

    pub fn id(&self) -> EvidenceId {
        let (kind, bytes) = match self {
            Self::Accusation(bytes) => (0, bytes),
            Self::Head(bytes) => (1, bytes),
            Self::Proof(bytes) => (2, bytes),
            Self::Alert(bytes) => (3, bytes),
            Self::Delivery(bytes) => (4, bytes),
            Self::Report(bytes) => (5, bytes),
            Self::Cosigned(bytes) => (6, bytes),
            Self::Ruling(bytes) => (7, bytes),
            Self::Dealing(bytes) => (8, bytes),
            Self::Share(bytes) => (9, bytes),
            Self::Secret(bytes) => (10, bytes),
            Self::Vote(bytes) => (11, bytes),
            Self::Halt(bytes) => (12, bytes),
            Self::Errand(bytes) => (13, bytes),
        };
        EvidenceId(Digest::of("palisade 2026 evidence", &[&[kind], bytes]).short())
    }

    pub fn is_oversize(&self) -> bool {
        match self {
            Self::Accusation(bytes) => bytes.len() > limits::ACCUSATION_BYTES,
            Self::Head(bytes) => bytes.len() > limits::HEAD_BYTES,
            Self::Proof(bytes) => bytes.len() > limits::PROOF_BYTES,
            Self::Alert(bytes) | Self::Delivery(bytes) => bytes.len() > limits::ALERT_BYTES,
            Self::Report(bytes) => bytes.len() > limits::REPORT_BYTES,
            Self::Cosigned(bytes) => bytes.len() > limits::COSIGNATURE_BYTES,
            Self::Ruling(bytes) => bytes.len() > limits::RULING_BYTES,
            Self::Dealing(bytes) => bytes.len() > limits::DEALING_BYTES,
            Self::Share(bytes) | Self::Secret(bytes) => bytes.len() > limits::OPENING_BYTES,
            Self::Vote(bytes) => bytes.len() > limits::VOTE_BYTES,
            Self::Halt(bytes) => bytes.len() > limits::HALT_BYTES,
            Self::Errand(bytes) => bytes.len() > limits::ERRAND_BYTES,
        }
    }

    /// Bytes that it occupies on the wire, without the frame around it.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Accusation(bytes)
            | Self::Head(bytes)
            | Self::Proof(bytes)
            | Self::Alert(bytes)
            | Self::Delivery(bytes)
            | Self::Report(bytes)
            | Self::Cosigned(bytes)
            | Self::Ruling(bytes)
            | Self::Dealing(bytes)
            | Self::Share(bytes)
            | Self::Secret(bytes)
            | Self::Vote(bytes)
            | Self::Halt(bytes)
            | Self::Errand(bytes) => bytes.len(),
        }
    }

    /// The stable word used in logs and counters.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accusation(_) => "accusation",
            Self::Head(_) => "refutation",
            Self::Proof(_) => "proof",
            Self::Alert(_) => "alert",
            Self::Delivery(_) => "delivery",
            Self::Report(_) => "report",
            Self::Cosigned(_) => "cosignature",
            Self::Ruling(_) => "ruling",
            Self::Dealing(_) => "dealing",
            Self::Share(_) => "share",
            Self::Secret(_) => "secret",
            Self::Vote(_) => "vote",
            Self::Halt(_) => "halt",
            Self::Errand(_) => "errand",
        }
    }
}
