//! Names on the wire (RFC 1035 §3.1, §4.1.4): labels, and pointers that only ever lead back.

use crate::limits::{DNS_LABELS, DNS_NAME_BYTES};
use crate::text::plain_within;

use super::{DnsError, Form};

const LABEL_BYTES: usize = 63;

/// Reads the name at `at` and moves behind it. A pointer leads before the place where its own run of labels began, so
/// there is no circle.
pub(super) fn read(bytes: &[u8], at: &mut usize) -> Result<String, DnsError> {
    let cut = DnsError::CutOff("name");
    let mut here = *at;
    let mut run_start = here;
    let mut behind = None;
    let mut length = 0;
    let mut name = String::new();
    for _ in 0..=DNS_LABELS {
        let size = *bytes.get(here).ok_or(cut)?;
        match (size >> 6, usize::from(size)) {
            (0, 0) => {
                *at = behind.unwrap_or(here + 1);
                return Ok(name);
            }
            (0, size) => {
                let label = bytes.get(here + 1..here + 1 + size).ok_or(cut)?;
                length += size + 1;
                if length >= DNS_NAME_BYTES {
                    return Err(DnsError::Name);
                }
                push(&mut name, label);
                here += 1 + size;
            }
            (3, high) => {
                let low = *bytes.get(here + 1).ok_or(cut)?;
                behind.get_or_insert(here + 2);
                let target = (high & 0x3f) << 8 | usize::from(low);
                if target >= run_start {
                    return Err(DnsError::Name);
                }
                (here, run_start) = (target, target);
            }
            _ => return Err(DnsError::Name),
        }
    }
    Err(DnsError::Name)
}

/// A dot within a label must not look like the end of it (RFC 4343 §2.1).
fn push(name: &mut String, label: &[u8]) {
    if !name.is_empty() {
        name.push('.');
    }
    for char in plain_within(label, LABEL_BYTES).chars() {
        if matches!(char, '.' | '\\') {
            name.push('\\');
        }
        name.push(char);
    }
}

/// Thirty-two letters from A to P (RFC 1001 §14.1).
pub(super) fn is_netbios(name: &str) -> Form {
    let label = name.split('.').next().unwrap_or_default();
    if label.len() == 32 && label.bytes().all(|byte| matches!(byte, b'A'..=b'P')) {
        Form::NetBios
    } else {
        Form::Plain
    }
}
