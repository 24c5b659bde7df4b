//! Rows that are JSON, pressed: what scans, bills and feeds say is text that repeats itself.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that one row may unfold to.
const UNFOLDED: u64 = 256 * 1024 * 1024;

pub fn pack<T: Serialize>(value: &T) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("rows have text keys only");
    press(&json)
}

pub fn unpack<T: DeserializeOwned>(row: &[u8]) -> Option<T> {
    serde_json::from_slice(&unfold(row)?).ok()
}

pub fn press(bytes: &[u8]) -> Vec<u8> {
    let mut pressed = DeflateEncoder::new(Vec::new(), Compression::fast());
    pressed.write_all(bytes).expect("memory takes every byte");
    pressed.finish().expect("memory takes every byte")
}

/// What was pressed; nothing where the row is no such thing, or larger than any of ours.
pub fn unfold(row: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut unfolding = DeflateDecoder::new(row).take(UNFOLDED + 1);
    unfolding.read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= UNFOLDED).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_nonsense_does_not() {
        let words = vec!["telnet".to_owned(); 500];
        let row = pack(&words);
        assert!(row.len() < 100, "{} bytes", row.len());
        assert_eq!(unpack(&row), Some(words));
        assert_eq!(unpack::<Vec<String>>(b"no row"), None);
    }
}
