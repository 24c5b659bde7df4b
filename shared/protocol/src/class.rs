//! Two classifications: what a device is, and how far one of its fields may travel.

pub mod template;

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};
use thiserror::Error;

/// What a device is; decides its rules, its scan policy and whether anything may be automated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum DeviceClass {
    #[n(0)]
    Sensor,
    #[n(1)]
    Meter,
    #[n(2)]
    Camera,
    #[n(3)]
    Plc,
    #[n(4)]
    Medical,
    #[n(5)]
    Vehicle,
    #[n(6)]
    Gateway,
    #[n(7)]
    Printer,
    #[n(8)]
    Phone,
    #[n(9)]
    Computer,
    #[n(10)]
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no device class; use one of {list}", list = DeviceClass::words().join(", "))]
pub struct DeviceClassError(String);

impl DeviceClass {
    pub const ALL: [Self; 11] = [
        Self::Sensor,
        Self::Meter,
        Self::Camera,
        Self::Plc,
        Self::Medical,
        Self::Vehicle,
        Self::Gateway,
        Self::Printer,
        Self::Phone,
        Self::Computer,
        Self::Other,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Sensor => "sensor",
            Self::Meter => "meter",
            Self::Camera => "camera",
            Self::Plc => "plc",
            Self::Medical => "medical",
            Self::Vehicle => "vehicle",
            Self::Gateway => "gateway",
            Self::Printer => "printer",
            Self::Phone => "phone",
            Self::Computer => "computer",
            Self::Other => "other",
        }
    }

    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|class| class.word()).collect()
    }
}

impl fmt::Display for DeviceClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for DeviceClass {
    type Err = DeviceClassError;

    fn from_str(word: &str) -> Result<Self, DeviceClassError> {
        let found = Self::ALL.into_iter().find(|class| class.word() == word);
        found.ok_or_else(|| DeviceClassError(word.to_owned()))
    }
}

/// How far a field may travel: decides gossip, sealing, retention and export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataClass {
    /// Anybody may see it.
    Public,
    /// Metadata, logs and performance figures: members of the mesh may see it.
    Internal,
    /// Configuration, location and usage: sealed under the device's data key.
    Sensitive,
    /// Credentials, keys and health data: sealed to the coordinator alone.
    HighlySensitive,
}

impl DataClass {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Sensitive => "sensitive",
            Self::HighlySensitive => "highly_sensitive",
        }
    }
}

/// A type that is signed or stored says for every field how far it may travel.
pub trait Classified {
    /// Field names in the order of their indices, with the class of each.
    const FIELDS: &'static [(&'static str, DataClass)];
}
