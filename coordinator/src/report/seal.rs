//! The last line of a report: what everything before it hashes to, and the coordinator's signature over that.

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use protocol::key::{PublicKey, Signature, Signer, Strict, Verifier as _};
use reports::csv;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::store::reports::ReportFormat;

const DOMAIN: &[u8] = b"palisade/report/v1\0";
const WORD: &str = "palisade-report";

/// A report whose content is what was signed; by whom, the reader compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub format: ReportFormat,
    pub sha256: String,
    pub key: PublicKey,
    /// Bytes before the seal.
    pub bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SealError {
    #[error("its last line is not a seal: it is no report of Palisade, or its end is gone")]
    NoSeal,
    #[error("its seal cannot be read: the last line was changed")]
    Unreadable,
    #[error("its content was changed: it hashes to {found}, and the seal says {said}")]
    Content { found: String, said: String },
    #[error("the signature is not by the key that the seal names: the seal was changed or forged")]
    Signature,
}

/// The report with its last line.
pub fn seal(mut report: Vec<u8>, format: ReportFormat, signer: &dyn Signer) -> (Vec<u8>, String) {
    if report.last() != Some(&b'\n') {
        report.push(b'\n');
    }
    let hash = Sha256::digest(&report);
    let signature = signer.sign(&[DOMAIN, hash.as_slice()].concat());
    let hash = HEXLOWER.encode(&hash);
    let key = HEXLOWER.encode(signer.public().as_bytes());
    let signature = HEXLOWER.encode(&signature.0);
    let line = match format {
        // A comment behind the end of the file, near enough for readers to find that end.
        ReportFormat::Pdf => {
            let mut line = String::new();
            writeln!(line, "%{WORD} {hash} {key} {signature}").expect("memory takes every letter");
            line
        }
        ReportFormat::Csv => csv::line(&[WORD, &hash, &key, &signature]),
    };
    report.extend_from_slice(line.as_bytes());
    (report, hash)
}

/// Checks the last line of a report against everything before it.
pub fn open(report: &[u8]) -> Result<Sealed, SealError> {
    let end = report.strip_suffix(b"\n").ok_or(SealError::NoSeal)?;
    let start = end.iter().rposition(|byte| *byte == b'\n');
    let start = start.map(|before| before + 1).ok_or(SealError::NoSeal)?;
    let (content, line) = (&report[..start], &end[start..]);
    let line = std::str::from_utf8(line).map_err(|_| SealError::NoSeal)?;
    let (format, words) = words(line).ok_or(SealError::NoSeal)?;
    let [hash, key, signature] = words;
    let said: [u8; 32] = bytes(&hash).ok_or(SealError::Unreadable)?;
    let key: [u8; 32] = bytes(&key).ok_or(SealError::Unreadable)?;
    let key = PublicKey::from_bytes(&key).map_err(|_| SealError::Unreadable)?;
    let signature = Signature(bytes(&signature).ok_or(SealError::Unreadable)?);
    let found = Sha256::digest(content);
    if found.as_slice() != said {
        return Err(SealError::Content {
            found: HEXLOWER.encode(&found),
            said: hash,
        });
    }
    let signed = [DOMAIN, said.as_slice()].concat();
    Strict
        .verify(&key, &signed, &signature)
        .map_err(|_| SealError::Signature)?;
    Ok(Sealed {
        format,
        sha256: hash,
        key,
        bytes: content.len(),
    })
}

fn words(line: &str) -> Option<(ReportFormat, [String; 3])> {
    if let Some(rest) = line.strip_prefix('%') {
        let words: Vec<&str> = rest.split(' ').collect();
        let [WORD, hash, key, signature] = words.as_slice() else {
            return None;
        };
        return Some((
            ReportFormat::Pdf,
            [hash, key, signature].map(|word| (*word).to_owned()),
        ));
    }
    let cells: Vec<&str> = line.trim_end_matches('\r').split(',').collect();
    let [first, hash, key, signature] = cells.as_slice() else {
        return None;
    };
    let plain = |cell: &str| cell.trim_matches('"').to_owned();
    (plain(first) == WORD).then(|| {
        (
            ReportFormat::Csv,
            [hash, key, signature].map(|cell| plain(cell)),
        )
    })
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use protocol::key::SecretKey;

    use super::*;

    #[test]
    fn a_sealed_report_opens_and_every_changed_byte_is_told() {
        let signer = SecretKey::from_seed(&[7; 32]);
        for (format, content) in [
            (ReportFormat::Pdf, &b"%PDF-1.7\nwords\n%%EOF"[..]),
            (ReportFormat::Csv, &b"\"a\",\"b\"\r\n"[..]),
        ] {
            let (report, hash) = seal(content.to_vec(), format, &signer);
            let opened = open(&report).expect("it is as it was made");
            assert_eq!((opened.format, &opened.sha256), (format, &hash));
            assert_eq!(opened.key, signer.public());
            for place in 0..report.len() {
                let mut changed = report.clone();
                changed[place] ^= 1;
                let told = open(&changed);
                // A quote or a carriage return of the seal may be another byte; what it says stays signed.
                let same = told.as_ref().is_ok_and(|told| *told == opened);
                let in_seal = place >= opened.bytes;
                assert!(told.is_err() || (same && in_seal), "{place}");
                if place < opened.bytes - 1 {
                    assert!(matches!(told, Err(SealError::Content { .. })), "{place}");
                }
            }
            for cut in 0..report.len() {
                open(&report[..cut]).expect_err("its end is gone");
            }
        }
    }

    #[test]
    fn somebody_elses_signature_is_told() {
        let (report, _) = seal(
            b"a\n".to_vec(),
            ReportFormat::Pdf,
            &SecretKey::from_seed(&[1; 32]),
        );
        let (other, _) = seal(
            b"a\n".to_vec(),
            ReportFormat::Pdf,
            &SecretKey::from_seed(&[2; 32]),
        );
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
        let (report, other) = (text(&report), text(&other));
        let signature = report.trim_end().rsplit(' ').next().expect("it has one");
        let foreign = other.trim_end().rsplit(' ').next().expect("it has one");
        let forged = report.replace(signature, foreign);
        assert_eq!(open(forged.as_bytes()), Err(SealError::Signature));
    }
}
