//! One row at rest: its content behind a checksum that covers the table and the key as well.

use protocol::id::Digest;
use thiserror::Error;

const CHECKSUM: usize = 16;

/// A table whose rows cannot be taken for those of another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    pub(super) table: &'static str,
    domain: &'static str,
}

/// A row that is not what was written; nothing that comes from it is to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("row {key} of the journal's table `{table}` is damaged: {what}")]
pub struct DamagedRow {
    pub table: &'static str,
    /// The key in hexadecimal.
    pub key: String,
    pub what: String,
}

impl Family {
    pub(super) const fn new(table: &'static str, domain: &'static str) -> Self {
        Self { table, domain }
    }

    pub(super) fn seal(&self, key: &[u8], content: &[u8]) -> Vec<u8> {
        [&self.checksum(key, content)[..], content].concat()
    }

    pub(super) fn open<'a>(&self, key: &[u8], row: &'a [u8]) -> Result<&'a [u8], DamagedRow> {
        match row.split_at_checked(CHECKSUM) {
            Some((checksum, content)) if *checksum == self.checksum(key, content) => Ok(content),
            _ => Err(self.damaged(key, &"its checksum does not match")),
        }
    }

    pub(super) fn damaged(&self, key: &[u8], what: &dyn std::fmt::Display) -> DamagedRow {
        DamagedRow {
            table: self.table,
            key: data_encoding::HEXLOWER.encode(key),
            what: what.to_string(),
        }
    }

    fn checksum(&self, key: &[u8], content: &[u8]) -> [u8; CHECKSUM] {
        let length = (key.len() as u64).to_be_bytes();
        let digest = Digest::of(self.domain, &[&length, key, content]);
        let mut checksum = [0; CHECKSUM];
        checksum.copy_from_slice(&digest.as_bytes()[..CHECKSUM]);
        checksum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILY: Family = Family::new("tests", "palisade 2026 journal test");

    #[test]
    fn every_flipped_bit_of_a_row_is_found() {
        let row = FAMILY.seal(b"key", b"content");
        assert_eq!(FAMILY.open(b"key", &row), Ok(&b"content"[..]));
        for bit in 0..row.len() * 8 {
            let mut flipped = row.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(FAMILY.open(b"key", &flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_row_does_not_open_under_another_key_or_table() {
        let row = FAMILY.seal(b"key", b"content");
        let other = Family::new("tests", "palisade 2026 journal other test");
        assert!(FAMILY.open(b"kez", &row).is_err());
        assert!(other.open(b"key", &row).is_err());
        assert_eq!(
            FAMILY.open(b"key", b"short").expect_err("it is short").key,
            "6b6579"
        );
    }
}
