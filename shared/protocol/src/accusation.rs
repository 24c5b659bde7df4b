//! A witness's signed word on which of its subjects it hears no more; any later word of its own replaces it.
//!
//! The name is that of Fireflies (Johansen et al., EuroSys 2006). An accusation rests on silence after
//! probes, so it proves nothing: enough of them make a certificate, and one fresh head refutes it.

use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::id::{DeviceId, Epoch};
use crate::limits;
use crate::record::Position;
use crate::signed::Signable;
use crate::time::Timestamp;

/// Everybody whom one witness holds to be silent at a moment; nobody, if it takes all back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Accusation {
    #[n(0)]
    pub witness: DeviceId,
    /// The witness's incarnation, and its accusations within it so far.
    #[n(1)]
    pub number: Position,
    /// The epoch and the size of the identity log by which the witness holds its seats.
    #[n(2)]
    pub epoch: Epoch,
    #[n(3)]
    pub log_size: u64,
    #[n(4)]
    pub time: Timestamp,
    /// At most [`limits::ACCUSED`], in ascending order of the subject.
    #[n(5)]
    pub silent: Vec<Silent>,
}

/// One subject, and the newest of its records that the witness knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Silent {
    #[n(0)]
    pub subject: DeviceId,
    #[n(1)]
    pub last: Option<Position>,
}

impl Signable for Accusation {
    const NAME: &'static str = "accusation";
    const DOMAIN: &'static [u8] = b"palisade/accusation/v1\0";
    const BOUND: usize = limits::ACCUSATION_BYTES;
}

impl Classified for Accusation {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("witness", DataClass::Internal),
        ("number", DataClass::Internal),
        ("epoch", DataClass::Internal),
        ("log_size", DataClass::Internal),
        ("time", DataClass::Internal),
        ("silent", DataClass::Internal),
    ];
}

impl Accusation {
    /// Whether the list is as long as it may be and in its one order.
    pub fn is_well_formed(&self) -> bool {
        let ordered = self
            .silent
            .windows(2)
            .all(|pair| pair[0].subject < pair[1].subject);
        ordered && self.silent.len() <= limits::ACCUSED
    }

    /// What this witness says of one device, if it accuses it.
    pub fn of(&self, subject: &DeviceId) -> Option<&Silent> {
        let place = self
            .silent
            .binary_search_by_key(subject, |silent| silent.subject);
        place.ok().map(|place| &self.silent[place])
    }
}
