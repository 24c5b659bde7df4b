//! What co-hearers tell each other over their links.

use minicbor::{Decode, Encode};

use crate::class::DeviceClass;
use crate::heard::{Address, Mac};
use crate::limits;
use crate::record::Position;
use crate::time::Timestamp;

/// A word to a member who hears, or may hear, the same segment. Without devices it is a sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Word {
    /// The sender's own hardware: whoever hears it shares the segment.
    #[n(0)]
    pub own: Vec<Mac>,
    /// What is new to the receiver.
    #[n(1)]
    pub told: Vec<Told>,
}

impl Word {
    pub(crate) fn is_oversize(&self) -> bool {
        self.own.len() > limits::OWN_MACS || self.told.len() > limits::TOLD_PER_WORD
    }
}

/// One device, as somebody who cannot hear it needs to know it to guard it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Told {
    #[n(0)]
    pub mac: Mac,
    #[n(1)]
    pub address: Option<Address>,
    #[n(2)]
    pub class: DeviceClass,
    /// The newest line that the sender has written of its dossier.
    #[n(3)]
    pub line: Option<Line>,
}

/// Where a line stands in its author's log, and until when it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Line {
    #[n(0)]
    pub position: Position,
    #[n(1)]
    pub until: Timestamp,
}
