//! Log lines of a device on their way to the coordinator: one sealed batch at a time, which the device keeps until it is
//! told that it is stored.
//!
//! What a log says is nobody's business but the coordinator's: no witness sees a line, and none is part of a record. The
//! link says whose the lines are.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::seal::{DataKey, SealError};

/// What the two say to each other.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum TailWord {
    #[n(0)]
    Batch {
        #[n(0)]
        batch: Batch,
    },
    /// The coordinator has stored the batch of this number.
    #[n(1)]
    Taken {
        #[n(0)]
        number: u64,
    },
}

/// Lines under the device's data key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Batch {
    /// Rises with each batch of a device, over its starts; the same batch is sent again under the same number.
    #[n(0)]
    pub number: u64,
    /// Lines that the device let go since the batch before, because too many came.
    #[n(1)]
    pub dropped: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// JSON, one object a line.
    #[n(3)]
    pub lines: ByteVec,
}

/// The same in clear, as a shell has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tailed {
    pub number: u64,
    pub dropped: u64,
    /// JSON, one object a line; [`crate::limits::TAIL_BYTES`] at most.
    pub lines: Vec<u8>,
}

impl Classified for Batch {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("number", DataClass::Internal),
        ("dropped", DataClass::Internal),
        ("salt", DataClass::Internal),
        ("lines", DataClass::Sensitive),
    ];
}

impl Tailed {
    pub fn seal(&self, key: &DataKey, salt: [u8; 16]) -> Batch {
        Batch {
            number: self.number,
            dropped: self.dropped,
            salt,
            lines: key.seal(&salt, &self.lines).into(),
        }
    }
}

impl Batch {
    pub fn open(&self, key: &DataKey) -> Result<Tailed, SealError> {
        Ok(Tailed {
            number: self.number,
            dropped: self.dropped,
            lines: key.open(&self.salt, &self.lines)?,
        })
    }
}
