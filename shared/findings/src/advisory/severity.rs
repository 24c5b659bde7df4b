//! How bad a vulnerability is by itself: CVSS of all versions, weighed by the cvss crate.

use serde::{Deserialize, Serialize};

use crate::limits;

/// One CVSS vector with its score. The order is the one to go by: the newest version first, in it the highest score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    pub version: CvssVersion,
    /// From 0 to 100: the score times ten.
    pub tenths: u8,
    pub vector: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CvssVersion {
    V4,
    V31,
    V30,
    V2,
}

/// The words for a score, as CVSS 3 and 4 have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    None,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Reads and weighs a vector; none when it is no vector of CVSS 2, 3 or 4.
    pub fn parse(vector: &str) -> Option<Self> {
        let vector = vector.trim().trim_start_matches('(').trim_end_matches(')');
        if vector.len() > limits::LINE_CHARS {
            return None;
        }
        let parsed: cvss::Cvss = vector.parse().ok()?;
        let version = match parsed {
            cvss::Cvss::CvssV20(_) => CvssVersion::V2,
            cvss::Cvss::CvssV30(_) => CvssVersion::V30,
            cvss::Cvss::CvssV31(_) => CvssVersion::V31,
            cvss::Cvss::CvssV40(_) => CvssVersion::V4,
            _ => return None,
        };
        // The crate keeps scores between 0 and 10.
        let tenths = (parsed.score() * 10.0).round().clamp(0.0, 100.0) as u8;
        Some(Self {
            version,
            tenths,
            vector: vector.to_owned(),
        })
    }

    pub fn level(&self) -> Level {
        Level::of(self.tenths)
    }
}

impl Ord for Severity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |severity: &Self| (severity.version, u8::MAX - severity.tenths);
        key(self)
            .cmp(&key(other))
            .then_with(|| self.vector.cmp(&other.vector))
    }
}

impl PartialOrd for Severity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Level {
    /// The level of a score times ten.
    pub fn of(tenths: u8) -> Self {
        match tenths {
            0 => Self::None,
            1..=39 => Self::Low,
            40..=69 => Self::Medium,
            70..=89 => Self::High,
            _ => Self::Critical,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vectors_of_all_versions_are_weighed() {
        for (vector, version, tenths) in [
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                CvssVersion::V4,
                93,
            ),
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                CvssVersion::V31,
                98,
            ),
            (
                "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                CvssVersion::V30,
                75,
            ),
            ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", CvssVersion::V2, 75),
        ] {
            let severity = Severity::parse(vector).unwrap();
            assert_eq!(
                (severity.version, severity.tenths),
                (version, tenths),
                "{vector}"
            );
        }
        assert_eq!(Severity::parse("CVSS:9.0/AV:N"), None);
        assert_eq!(Level::of(90), Level::Critical);
        assert_eq!(Level::of(69), Level::Medium);
    }

    proptest! {
        #[test]
        fn no_vector_makes_it_panic(text in any::<String>(), tail in "[A-Z:/.0-9]{0,60}") {
            for text in [text, tail.clone(), format!("CVSS:4.0/{tail}"), format!("CVSS:3.1/{tail}"), format!("AV:{tail}")] {
                let _ = Severity::parse(&text);
            }
        }
    }
}
