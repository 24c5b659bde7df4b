//! The statement that a device makes of each step: bound to one target and one order.

use minicbor::{Decode, Encode};

use super::{Nonce, State};
use crate::class::{Classified, DataClass};
use crate::id::Digest;
use crate::text::Name;

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Step {
    #[n(0)]
    pub target: Digest,
    #[n(1)]
    pub nonce: Nonce,
    /// Known once the metadata was verified.
    #[n(2)]
    pub version: Option<Name>,
    #[n(3)]
    pub state: State,
}

impl Classified for Step {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("target", DataClass::Internal),
        ("nonce", DataClass::Internal),
        ("version", DataClass::Internal),
        ("state", DataClass::Internal),
    ];
}
