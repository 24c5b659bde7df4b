//! Why a peer is turned away: one reason per kind, the same words on both sides.

use minicbor::{Decode, Encode};

/// The verdict on somebody who asks to be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Refusal {
    /// No membership of this mesh was shown, or its inclusion in the identity log could not be verified.
    #[n(1)]
    Unknown,
    /// The membership and its grace are over.
    #[n(2)]
    Expired,
    /// The identity log revokes this member.
    #[n(3)]
    Revoked,
    /// The membership belongs to another mesh.
    #[n(4)]
    WrongMesh,
    /// The membership is not valid yet by this side's clock, so one of the two clocks is wrong.
    #[n(5)]
    ClockWrong,
    /// The credentials could not be parsed, or do not belong to the key that Noise proved.
    #[n(6)]
    Malformed,
}

impl Refusal {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::WrongMesh => "wrong_mesh",
            Self::ClockWrong => "clock_wrong",
            Self::Malformed => "malformed",
        }
    }

    /// What the person who reads the log can do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Unknown => "enrol the device with a join string of this mesh",
            Self::Expired => "let the device reach the coordinator to renew, or enrol it again",
            Self::Revoked => "enrol the device again if its revocation was a mistake",
            Self::WrongMesh => "join the device to this mesh, or correct its addresses",
            Self::ClockWrong => "set the clocks of both devices",
            Self::Malformed => "run the same version of palisade-node on both sides",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
