//! A proof convicts by itself: two things under one key that no honest holder of that key signs both.
//!
//! It carries the membership under which they were signed, so whoever holds the charter of the mesh
//! can check it alone. What two heads contradict is never claimed, it is found anew at every check.

mod contradiction;
mod dossier;
mod split;
mod words;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::cbor::{self, DecodeError};
use crate::charter::Charter;
use crate::id::{DeviceId, Digest};
use crate::key::{PublicKey, Verifier};
use crate::ledger::{Entry, LogHead};
use crate::limits;
use crate::membership::Membership;
use crate::merkle;
use crate::record::Head;
use crate::signed::{OpenError, Signable as _, Signed, Unchecked};
use crate::text::Name;
use crate::time::Timestamp;

pub use dossier::{Dossier, DossierError};

pub use contradiction::{Contradiction, between_admissions, between_heads};
pub use split::Past;

/// A checked proof: it can only come from [`Proof::open`], or from parts that were checked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    bytes: Vec<u8>,
    accused: Accused,
    contradiction: Contradiction,
    signed: [Mark; 2],
    /// `None` where it rests on no membership.
    basis: Option<Basis>,
}

/// The entry of the identity log on which a proof rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    pub index: u64,
    pub leaf: [u8; 32],
    pub signer: Signer,
}

/// Which admission key signed a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signer {
    InForce,
    Former,
}

/// What tells one of the two parts from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The time that it carries.
    pub time: Timestamp,
    pub digest: Digest,
}

/// Whose key signed both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accused {
    /// The holder of a membership: it is out of the mesh for good.
    Device {
        device: DeviceId,
        name: Name,
        key: PublicKey,
    },
    /// The admission key. Nobody is shut out by this: whoever stole the key could evict at will.
    Admission { device: DeviceId, key: PublicKey },
    /// The admission key again: it has signed two versions of the identity log.
    Log { key: PublicKey },
}

/// Two checked parts that contradict each other, in their one order.
#[derive(Encode, Decode)]
enum Form {
    #[n(0)]
    Heads {
        #[n(0)]
        membership: ByteVec,
        #[n(1)]
        first: ByteVec,
        #[n(2)]
        second: ByteVec,
    },
    #[n(1)]
    Admissions {
        #[n(0)]
        first: ByteVec,
        #[n(1)]
        second: ByteVec,
    },
    #[n(2)]
    Logs {
        #[n(0)]
        first: ByteVec,
        #[n(1)]
        second: ByteVec,
        #[cbor(n(2), with = "minicbor::bytes")]
        past_root: merkle::Hash,
        #[n(3)]
        past_path: ByteVec,
    },
}

/// Why bytes prove nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofError {
    #[error("it cannot be read: {0}")]
    Decode(#[from] DecodeError),
    #[error("its membership is not the word of an admission key of this mesh: {0}")]
    Membership(OpenError),
    #[error("what it carries belongs to another mesh")]
    WrongMesh,
    #[error(
        "a replaced admission key has signed its membership, and the identity log does not hold it"
    )]
    NotInLog,
    #[error("its {which} head is not signed by the device of its membership: {source}")]
    Head { which: Part, source: OpenError },
    #[error("its {0} head is of another device than its membership")]
    OtherDevice(Part),
    #[error(
        "its {which} head of the identity log is not the word of this mesh's admission key: {source}"
    )]
    LogHead { which: Part, source: OpenError },
    #[error("what it says of the past of its second head does not check: {0}")]
    Past(merkle::ProofError),
    #[error("its two parts do not stand in their order")]
    Order,
    #[error("its two parts are one and the same")]
    Same,
    #[error(
        "its heads have the same predecessor, but one of them says that it began without word of its past: a restored disk does that too"
    )]
    Unlinked,
    #[error("its two parts do not contradict each other")]
    NoContradiction,
}

/// Which of the two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    First,
    Second,
}

impl Proof {
    /// Parses a proof and checks all of it against the charter of a mesh.
    pub fn open(
        bytes: &[u8],
        charter: &Charter,
        verifier: &dyn Verifier,
    ) -> Result<Self, ProofError> {
        match cbor::decode("proof", limits::PROOF_BYTES, bytes)? {
            Form::Heads {
                membership,
                first,
                second,
            } => {
                let (membership, key) = admission(&membership, charter, verifier)?;
                let first = head(&first, &membership, Part::First, verifier)?;
                let second = head(&second, &membership, Part::Second, verifier)?;
                in_order(&place_of(&first), &place_of(&second))?;
                match between_heads(&first, &second) {
                    Some(found) => {
                        let basis = Basis::of(&membership, Signer::of(&key, charter));
                        Ok(Self::found_in_heads(
                            &membership,
                            basis,
                            &first,
                            &second,
                            found,
                        ))
                    }
                    None if first.previous == second.previous => Err(ProofError::Unlinked),
                    None => Err(ProofError::NoContradiction),
                }
            }
            Form::Admissions { first, second } => {
                let (first, key) = admission(&first, charter, verifier)?;
                let (second, other) = admission(&second, charter, verifier)?;
                in_order(&row_of(&first), &row_of(&second))?;
                let found = between_admissions(&first, &second).filter(|_| key == other);
                let found = found.ok_or(ProofError::NoContradiction)?;
                let signer = Signer::of(&key, charter);
                Ok(Self::found_in_admissions(
                    (key, signer),
                    &first,
                    &second,
                    found,
                ))
            }
            Form::Logs {
                first,
                second,
                past_root,
                past_path,
            } => {
                let (first, key) = log_head(&first, charter, Part::First, verifier)?;
                let (second, other) = log_head(&second, charter, Part::Second, verifier)?;
                in_order(&size_of(&first), &size_of(&second))?;
                if key != other {
                    return Err(ProofError::NoContradiction);
                }
                let past = Past::split(past_root, &past_path)
                    .ok_or(ProofError::Past(merkle::ProofError::WrongLength))?;
                let found = split::between_logs(&first, &second, &past)?;
                Ok(Self::found_in_logs(key, &first, &second, &past, found))
            }
        }
    }

    /// What two heads prove that were checked under the key of this membership of the log, if they do.
    pub fn of_heads(
        membership: &Signed<Membership>,
        one: &Signed<Head>,
        other: &Signed<Head>,
    ) -> Option<Self> {
        let (first, second) = if place_of(one) <= place_of(other) {
            (one, other)
        } else {
            (other, one)
        };
        let ours = first.device == membership.device && second.device == membership.device;
        let found = between_heads(first, second).filter(|_| ours)?;
        let basis = Basis::of(membership, Signer::InForce);
        Some(Self::found_in_heads(
            membership, basis, first, second, found,
        ))
    }

    /// What two memberships prove that the admission key of this charter has signed, if they do.
    pub fn of_admissions(
        charter: &Charter,
        one: &Signed<Membership>,
        other: &Signed<Membership>,
    ) -> Option<Self> {
        let (first, second) = if row_of(one) <= row_of(other) {
            (one, other)
        } else {
            (other, one)
        };
        let found = between_admissions(first, second)?;
        let key = (charter.admission, Signer::InForce);
        Some(Self::found_in_admissions(key, first, second, found))
    }

    /// What two heads of the identity log prove that the admission key of this charter has signed, and the
    /// past of the longer one, if they do.
    pub fn of_logs(
        charter: &Charter,
        one: &Signed<LogHead>,
        other: &Signed<LogHead>,
        past: &Past,
    ) -> Option<Self> {
        let (first, second) = if size_of(one) <= size_of(other) {
            (one, other)
        } else {
            (other, one)
        };
        // Of two heads of one size neither has a past at that size but itself.
        let level = Past {
            root: second.root,
            path: Vec::new(),
        };
        let past = if first.size == second.size {
            &level
        } else {
            past
        };
        let found = split::between_logs(first, second, past).ok()?;
        Some(Self::found_in_logs(
            charter.admission,
            first,
            second,
            past,
            found,
        ))
    }

    /// Whom unchecked bytes accuse: good for telling that he was convicted before, nothing else.
    pub fn claims(bytes: &[u8]) -> Option<DeviceId> {
        match cbor::decode("proof", limits::PROOF_BYTES, bytes).ok()? {
            Form::Heads { membership, .. } => {
                let membership = Unchecked::<Membership>::parse(&membership).ok()?;
                Some(membership.claim().device)
            }
            Form::Admissions { .. } | Form::Logs { .. } => None,
        }
    }

    /// The proof as it travels.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Names the proof among others.
    pub fn digest(&self) -> Digest {
        Self::digest_of(&self.bytes)
    }

    /// The name of a proof that was checked before.
    pub fn digest_of(bytes: &[u8]) -> Digest {
        Digest::of("palisade 2026 proof", &[bytes])
    }

    pub fn accused(&self) -> &Accused {
        &self.accused
    }

    /// The device that is convicted; `None` where the admission key is.
    pub fn convicts(&self) -> Option<DeviceId> {
        match self.accused {
            Accused::Device { device, .. } => Some(device),
            Accused::Admission { .. } | Accused::Log { .. } => None,
        }
    }

    pub fn contradiction(&self) -> Contradiction {
        self.contradiction
    }

    /// The two signed parts, in their order.
    pub fn signed(&self) -> [Mark; 2] {
        self.signed
    }

    /// On which entry of the identity log it rests.
    pub(crate) fn basis(&self) -> Option<Basis> {
        self.basis
    }

    fn found_in_heads(
        membership: &Signed<Membership>,
        basis: Basis,
        first: &Signed<Head>,
        second: &Signed<Head>,
        contradiction: Contradiction,
    ) -> Self {
        let form = Form::Heads {
            membership: membership.bytes().to_vec().into(),
            first: first.bytes().to_vec().into(),
            second: second.bytes().to_vec().into(),
        };
        Self {
            bytes: cbor::encode(&form),
            accused: Accused::Device {
                device: membership.device,
                name: membership.name.clone(),
                key: membership.key,
            },
            contradiction,
            signed: [first, second].map(|head| Mark {
                time: head.time,
                digest: head.digest(),
            }),
            basis: Some(basis),
        }
    }

    fn found_in_admissions(
        (key, signer): (PublicKey, Signer),
        first: &Signed<Membership>,
        second: &Signed<Membership>,
        contradiction: Contradiction,
    ) -> Self {
        let form = Form::Admissions {
            first: first.bytes().to_vec().into(),
            second: second.bytes().to_vec().into(),
        };
        Self {
            bytes: cbor::encode(&form),
            accused: Accused::Admission {
                device: first.device,
                key,
            },
            contradiction,
            signed: [first, second].map(|membership| Mark {
                time: membership.not_before,
                digest: membership.digest(),
            }),
            basis: Some(Basis::of(first, signer)),
        }
    }

    fn found_in_logs(
        key: PublicKey,
        first: &Signed<LogHead>,
        second: &Signed<LogHead>,
        past: &Past,
        contradiction: Contradiction,
    ) -> Self {
        let form = Form::Logs {
            first: first.bytes().to_vec().into(),
            second: second.bytes().to_vec().into(),
            past_root: past.root,
            past_path: past.joined().into(),
        };
        Self {
            bytes: cbor::encode(&form),
            accused: Accused::Log { key },
            contradiction,
            signed: [first, second].map(|head| Mark {
                time: head.time,
                digest: head.digest(),
            }),
            basis: None,
        }
    }
}

impl Basis {
    fn of(membership: &Signed<Membership>, signer: Signer) -> Self {
        Self {
            index: membership.log_index,
            leaf: Entry::leaf(&Entry::admission(membership).encode()),
            signer,
        }
    }
}

impl Signer {
    fn of(key: &PublicKey, charter: &Charter) -> Self {
        if *key == charter.admission {
            Self::InForce
        } else {
            Self::Former
        }
    }
}

/// What a key has admitted stays its word when another key has taken its place.
fn admission(
    bytes: &[u8],
    charter: &Charter,
    verifier: &dyn Verifier,
) -> Result<(Signed<Membership>, PublicKey), ProofError> {
    let unchecked = Unchecked::<Membership>::parse(bytes)
        .map_err(|error| ProofError::Membership(error.into()))?;
    let bad = ProofError::Membership(OpenError::BadSignature(Membership::NAME));
    let (membership, key) = charter.open_membership(&unchecked, verifier).ok_or(bad)?;
    if membership.mesh == charter.mesh {
        Ok((membership, key))
    } else {
        Err(ProofError::WrongMesh)
    }
}

fn head(
    bytes: &[u8],
    membership: &Membership,
    which: Part,
    verifier: &dyn Verifier,
) -> Result<Signed<Head>, ProofError> {
    let refused = |source| ProofError::Head { which, source };
    let unchecked = Unchecked::<Head>::parse(bytes).map_err(|error| refused(error.into()))?;
    if unchecked.claim().device != membership.device {
        return Err(ProofError::OtherDevice(which));
    }
    unchecked.check(&membership.key, verifier).map_err(refused)
}

fn log_head(
    bytes: &[u8],
    charter: &Charter,
    which: Part,
    verifier: &dyn Verifier,
) -> Result<(Signed<LogHead>, PublicKey), ProofError> {
    let refused = |source| ProofError::LogHead { which, source };
    let head = Unchecked::<LogHead>::parse(bytes).map_err(|error| refused(error.into()))?;
    if let Some(opened) = charter.open_log_head(bytes, verifier) {
        return Ok(opened);
    }
    if head.claim().mesh == charter.mesh {
        Err(refused(OpenError::BadSignature(LogHead::NAME)))
    } else {
        Err(ProofError::WrongMesh)
    }
}

fn place_of(head: &Signed<Head>) -> (crate::record::Position, Digest) {
    (head.position, head.digest())
}

fn row_of(membership: &Signed<Membership>) -> (u64, Digest) {
    (membership.log_index, membership.digest())
}

fn size_of(head: &Signed<LogHead>) -> (u64, Digest) {
    (head.size, head.digest())
}

fn in_order<T: Ord>(first: &T, second: &T) -> Result<(), ProofError> {
    match first.cmp(second) {
        std::cmp::Ordering::Less => Ok(()),
        std::cmp::Ordering::Equal => Err(ProofError::Same),
        std::cmp::Ordering::Greater => Err(ProofError::Order),
    }
}
