//! The bytes of a trained model: a head that names it, a bounded body, and a digest that refuses what was damaged.
//!
//! `PLSM` | kind | version | length of the body (u32) | body | first 16 bytes of BLAKE3 over all before. Numbers are
//! little-endian. Each model has exactly one such form: what decodes encodes to the same bytes.

use thiserror::Error;

use crate::limits::MODEL_BYTES;

const MAGIC: &[u8; 4] = b"PLSM";
const HEAD: usize = 10;
const DIGEST: usize = 16;

/// What the bytes are a model of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    IsolationForest = 1,
    Robust = 2,
    Hotelling = 3,
    Calibration = 4,
    Fusion = 5,
    HalfSpaceTrees = 6,
    Markov = 7,
    NgramRegression = 8,
    Boosting = 9,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ModelError {
    #[error("{0} bytes are more than a model may have ({MODEL_BYTES}): train a smaller one")]
    TooLong(usize),
    #[error("the bytes end before the model does: fetch it again")]
    Short,
    #[error("bytes follow after the model: fetch it again")]
    Trailing,
    #[error("the bytes do not begin like a model")]
    Magic,
    #[error("the model is of kind {found}, not {expected:?}: load it as what it is")]
    Kind { expected: Kind, found: u8 },
    #[error(
        "version {0} of the model's form is not known here: train it anew or update this program"
    )]
    Version(u8),
    #[error("the digest does not match: the model was damaged, fetch it again")]
    Digest,
    #[error("the field `{0}` holds what no training gives")]
    Field(&'static str),
}

/// Writes the body of one model.
#[derive(Debug)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(kind: Kind, version: u8) -> Self {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([kind as u8, version, 0, 0, 0, 0]);
        Self(bytes)
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn f32(&mut self, value: f32) {
        self.u32(value.to_bits());
    }

    pub(crate) fn f64(&mut self, value: f64) {
        self.u64(value.to_bits());
    }

    pub(crate) fn f64s(&mut self, values: &[f64]) {
        values.iter().for_each(|value| self.f64(*value));
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        let body = (self.0.len() - HEAD) as u32;
        self.0[HEAD - 4..HEAD].copy_from_slice(&body.to_le_bytes());
        let digest = blake3::hash(&self.0);
        self.0.extend(&digest.as_bytes()[..DIGEST]);
        self.0
    }
}

/// Reads the body of one model whose digest holds.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn open(bytes: &'a [u8], expected: Kind, version: u8) -> Result<Self, ModelError> {
        if bytes.len() > MODEL_BYTES {
            return Err(ModelError::TooLong(bytes.len()));
        }
        if bytes.len() < HEAD + DIGEST {
            return Err(ModelError::Short);
        }
        let (head, rest) = bytes.split_at(HEAD);
        if &head[..4] != MAGIC {
            return Err(ModelError::Magic);
        }
        let length = u32::from_le_bytes([head[6], head[7], head[8], head[9]]) as usize;
        match rest.len().cmp(&(length.saturating_add(DIGEST))) {
            std::cmp::Ordering::Less => return Err(ModelError::Short),
            std::cmp::Ordering::Greater => return Err(ModelError::Trailing),
            std::cmp::Ordering::Equal => {}
        }
        let (body, digest) = rest.split_at(length);
        if blake3::hash(&bytes[..HEAD + length]).as_bytes()[..DIGEST] != *digest {
            return Err(ModelError::Digest);
        }
        if head[4] != expected as u8 {
            return Err(ModelError::Kind {
                expected,
                found: head[4],
            });
        }
        if head[5] != version {
            return Err(ModelError::Version(head[5]));
        }
        Ok(Self(body))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(ModelError::Short)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, ModelError> {
        Ok(u16::from_le_bytes(self.take()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, ModelError> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, ModelError> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    /// A count between the two bounds, both included.
    pub(crate) fn count(
        &mut self,
        field: &'static str,
        bounds: std::ops::RangeInclusive<usize>,
    ) -> Result<usize, ModelError> {
        let count = self.u32()? as usize;
        if bounds.contains(&count) {
            Ok(count)
        } else {
            Err(ModelError::Field(field))
        }
    }

    pub(crate) fn finite_f32(&mut self, field: &'static str) -> Result<f32, ModelError> {
        let value = f32::from_bits(self.u32()?);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(ModelError::Field(field))
        }
    }

    pub(crate) fn finite(&mut self, field: &'static str) -> Result<f64, ModelError> {
        let value = f64::from_bits(self.u64()?);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(ModelError::Field(field))
        }
    }

    pub(crate) fn finites(
        &mut self,
        field: &'static str,
        count: usize,
    ) -> Result<Vec<f64>, ModelError> {
        if self.0.len() < count.saturating_mul(8) {
            return Err(ModelError::Short);
        }
        (0..count).map(|_| self.finite(field)).collect()
    }

    pub(crate) fn finish(self) -> Result<(), ModelError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ModelError::Trailing)
        }
    }
}

/// The form of any body whatever, as a forger who knows the digest would write it: for tests and fuzzers.
pub fn sealed(kind: Kind, version: u8, body: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new(kind, version);
    writer.0.extend(body);
    writer.finish()
}

/// The form with its digest made anew.
#[cfg(test)]
pub(crate) fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len() - DIGEST;
    let digest = blake3::hash(&bytes[..body]);
    bytes[body..].copy_from_slice(&digest.as_bytes()[..DIGEST]);
    bytes
}

/// Where the body lies, for tests that change it.
#[cfg(test)]
pub(crate) fn body_of(bytes: &[u8]) -> std::ops::Range<usize> {
    HEAD..bytes.len() - DIGEST
}
