//! Where a device can be reached, signed by itself so that anybody may pass it on.

use minicbor::{Decode, Encode};

use crate::class::{Classified, DataClass};
use crate::id::DeviceId;
use crate::limits;
use crate::signed::Signable;
use crate::text::Path;
use crate::time::Timestamp;

/// A device's own word on its addresses; the newest counts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Contact {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub time: Timestamp,
    /// Multiaddresses, at most [`limits::ADDRESSES`].
    #[n(2)]
    pub addresses: Vec<Path>,
}

impl Signable for Contact {
    const NAME: &'static str = "contact";
    const DOMAIN: &'static [u8] = b"palisade/contact/v1\0";
    const BOUND: usize = 1024;
}

impl Classified for Contact {
    const FIELDS: &'static [(&'static str, DataClass)] = &[
        ("device", DataClass::Internal),
        ("time", DataClass::Internal),
        ("addresses", DataClass::Internal),
    ];
}

impl Contact {
    pub fn is_oversize(&self) -> bool {
        self.addresses.len() > limits::ADDRESSES
    }
}
