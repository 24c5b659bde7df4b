//! Names of things: meshes, devices, epochs, and the hashes that commit to bytes.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::time::Timestamp;

/// A BLAKE3 hash under a domain of its own, so that no two kinds of bytes share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Digest(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl Digest {
    pub const ZERO: Self = Self([0; 32]);

    /// Hashes the parts one after the other; callers keep all but one part of fixed length.
    pub fn of(domain: &'static str, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(domain);
        for part in parts {
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight bytes, for places where a hint is enough.
    pub fn short(&self) -> [u8; 8] {
        let mut short = [0; 8];
        short.copy_from_slice(&self.0[..8]);
        short
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a digest is 64 hexadecimal digits")]
pub struct DigestError;

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let bytes = HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .map_err(|_| DigestError)?;
        bytes.try_into().map(Self).map_err(|_| DigestError)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A mesh: SHA-256 of its first root document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct MeshId(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl MeshId {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MeshId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for MeshId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a mesh id is 64 hexadecimal digits, as `init` printed it")]
pub struct MeshIdError;

impl FromStr for MeshId {
    type Err = MeshIdError;

    fn from_str(text: &str) -> Result<Self, MeshIdError> {
        let bytes = HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .map_err(|_| MeshIdError)?;
        bytes.try_into().map(Self).map_err(|_| MeshIdError)
    }
}

/// A device, as the coordinator numbered it at admission; nobody can grind one for a place on a ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct DeviceId(#[cbor(n(0), with = "minicbor::bytes")] [u8; 8]);

/// The order of short names is that of their bytes, told by one comparison of numbers: maps of them are looked up all
/// the time.
pub(crate) fn compare_short(one: &[u8; 8], other: &[u8; 8]) -> Ordering {
    u64::from_be_bytes(*one).cmp(&u64::from_be_bytes(*other))
}

impl Ord for DeviceId {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_short(&self.0, &other.0)
    }
}

impl PartialOrd for DeviceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a device id is 13 letters and digits, as the devices page shows it")]
pub struct DeviceIdError;

impl DeviceId {
    pub const BYTES: usize = 8;

    /// The id that follows from a place in the identity log and the log's root before it.
    pub fn assigned(mesh: &MeshId, index: u64, root_before: &[u8; 32]) -> Self {
        let digest = Digest::of(
            "palisade 2026 device id",
            &[mesh.as_bytes(), &index.to_be_bytes(), root_before],
        );
        Self(digest.short())
    }

    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0).to_lowercase())
    }
}

impl FromStr for DeviceId {
    type Err = DeviceIdError;

    fn from_str(text: &str) -> Result<Self, DeviceIdError> {
        let bytes = BASE32_NOPAD
            .decode(text.to_uppercase().as_bytes())
            .map_err(|_| DeviceIdError)?;
        bytes.try_into().map(Self).map_err(|_| DeviceIdError)
    }
}

/// The hour that a set of witnesses serves; frozen at zero until seeds are dealt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Epoch(#[n(0)] u32);

impl Epoch {
    pub const FROZEN: Self = Self(0);

    /// The epoch that a clock shows, and how much of it is over; all of one length since 1970.
    pub fn at(wall: Timestamp, length: Duration) -> (Self, Duration) {
        let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX).max(1);
        let number = u32::try_from(wall.as_millis() / length).unwrap_or(u32::MAX);
        (
            Self(number),
            Duration::from_millis(wall.as_millis() % length),
        )
    }

    /// When it begins by the clock that [`Self::at`] reads.
    pub fn begins(self, length: Duration) -> Timestamp {
        let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(length.saturating_mul(u64::from(self.0)))
    }

    pub const fn number(self) -> u32 {
        self.0
    }

    pub const fn plus(self, epochs: u32) -> Self {
        Self(self.0.saturating_add(epochs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_id_reads_back_from_its_text() {
        let id = DeviceId::from_bytes([7, 0, 255, 3, 9, 8, 1, 2]);
        assert_eq!(id.to_string().len(), 13);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("nonsense".parse::<DeviceId>(), Err(DeviceIdError));
    }

    #[test]
    fn devices_stand_in_the_order_of_their_bytes() {
        let mut names: Vec<[u8; 8]> = (0_u8..200)
            .map(|n| [n.wrapping_mul(67) % 3, 255 - n, 0, 0, 0, 0, n, 1])
            .collect();
        let mut devices: Vec<_> = names.iter().copied().map(DeviceId::from_bytes).collect();
        names.sort_unstable();
        devices.sort_unstable();
        let sorted: Vec<_> = devices.iter().map(|device| *device.as_bytes()).collect();
        assert_eq!(sorted, names);
    }
}
