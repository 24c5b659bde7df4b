//! EPSS: how probable it is that a vulnerability is exploited within thirty days (FIRST's daily CSV).

use serde::{Deserialize, Serialize};

use super::{ImportError, Imported};
use crate::limits;
use crate::scan::is_cve;
use crate::time::Moment;

/// Both figures in millionths, as the file gives them: whole numbers compare and sign alike everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epss {
    pub probability_ppm: u32,
    pub percentile_ppm: u32,
}

/// Reads `epss_scores-….csv`, unpacked.
pub fn import(bytes: &[u8]) -> Result<Imported<(String, Epss)>, ImportError> {
    if bytes.len() > limits::CATALOGUE_BYTES {
        let limit = limits::CATALOGUE_BYTES;
        return Err(ImportError::Long {
            bytes: bytes.len(),
            limit,
        });
    }
    let text =
        std::str::from_utf8(bytes).map_err(|_| shape("it is not text; unpack the .gz first"))?;
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let (as_of, header) = match first.strip_prefix('#') {
        Some(words) => (score_date(words), lines.next().unwrap_or_default()),
        None => (None, first),
    };
    if header.trim() != "cve,epss,percentile" {
        return Err(shape("the line cve,epss,percentile is missing"));
    }
    let mut imported = Imported {
        items: Vec::new(),
        as_of,
        skipped: 0,
    };
    for line in lines.filter(|line| !line.trim().is_empty()) {
        match row(line) {
            Some(entry) if imported.items.len() < limits::ADVISORIES => imported.items.push(entry),
            _ => imported.skipped += 1,
        }
    }
    Ok(imported)
}

fn shape(reason: &str) -> ImportError {
    ImportError::Shape {
        what: "EPSS scores as CSV",
        reason: reason.into(),
    }
}

fn score_date(words: &str) -> Option<Moment> {
    Moment::parse(
        words
            .split(',')
            .find_map(|word| word.strip_prefix("score_date:"))?,
    )
}

fn row(line: &str) -> Option<(String, Epss)> {
    let mut fields = line.trim().split(',');
    let id = fields.next().filter(|id| is_cve(id))?;
    let epss = Epss {
        probability_ppm: millionths(fields.next()?)?,
        percentile_ppm: millionths(fields.next()?)?,
    };
    Some((id.to_owned(), epss))
}

/// A decimal between 0 and 1, also as `1e-05`.
fn millionths(text: &str) -> Option<u32> {
    let value: f64 = text.trim().parse().ok()?;
    // The range is checked, so the cast loses nothing but the fraction.
    (0.0..=1.0)
        .contains(&value)
        .then(|| (value * 1e6).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_broken_ones_counted() {
        let text = "#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z\ncve,epss,percentile\nCVE-2014-0160,0.94459,0.99997\nCVE-2020-1,1,1\nCVE-2024-0001,1e-05,0.1\nCVE-2024-0002,1.5,0\nCVE-2024-0003,0.5\n";
        let read = import(text.as_bytes()).unwrap();
        let of = |id: &str, probability_ppm, percentile_ppm| {
            (
                id.to_owned(),
                Epss {
                    probability_ppm,
                    percentile_ppm,
                },
            )
        };
        assert_eq!(
            read.items,
            [
                of("CVE-2014-0160", 944_590, 999_970),
                of("CVE-2024-0001", 10, 100_000)
            ]
        );
        assert_eq!(
            (read.skipped, read.as_of),
            (3, Moment::parse("2025-08-25T12:55:00Z"))
        );
    }

    #[test]
    fn another_file_is_refused_with_the_reason() {
        assert!(
            import(b"\x1f\x8b\x08")
                .unwrap_err()
                .to_string()
                .contains("unpack")
        );
        assert!(
            import(b"a,b,c\n")
                .unwrap_err()
                .to_string()
                .contains("cve,epss,percentile")
        );
    }
}
