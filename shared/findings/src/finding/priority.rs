//! What comes first: exploited, then probable where it can be reached, then bad. All inputs are kept to be shown.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::Subject;
use crate::advisory::catalogue::Catalogue;
use crate::advisory::severity::Severity;
use crate::scan::compare::DifferenceKind;
use crate::time::Moment;

/// From where the most exposed open device of a finding can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Exposure {
    /// Nobody knows; it counts as its own segment does.
    Unknown,
    Segment,
    /// Other segments of the site.
    Site,
    Internet,
}

/// The inputs of the order. A greater priority comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priority {
    /// Since when it is known to be exploited.
    pub exploited: Option<Moment>,
    /// Until when CISA asks to have it fixed.
    pub due: Option<Moment>,
    pub likelihood: Likelihood,
    pub exposure: Exposure,
    /// From 0 to 100.
    pub severity_tenths: u8,
    /// Devices on which it is open.
    pub devices: usize,
}

/// How probable abuse is, in millionths, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Likelihood {
    Unknown,
    /// The rule for a weak service says so.
    Rule(u32),
    Epss(u32),
}

impl Exposure {
    /// By how much reach multiplies likelihood.
    pub fn weight(self) -> u32 {
        match self {
            Self::Unknown | Self::Segment => 1,
            Self::Site => 2,
            Self::Internet => 4,
        }
    }
}

impl Likelihood {
    pub fn ppm(self) -> u32 {
        match self {
            Self::Unknown => 0,
            Self::Rule(ppm) | Self::Epss(ppm) => ppm,
        }
    }
}

impl Priority {
    pub(super) fn of(
        subject: &Subject,
        catalogue: &Catalogue,
        exposure: Exposure,
        devices: usize,
    ) -> Self {
        let mut priority = Self {
            exploited: None,
            due: None,
            likelihood: Likelihood::Unknown,
            exposure,
            severity_tenths: 0,
            devices,
        };
        match subject {
            Subject::Vulnerability(id) => {
                if let Some(advisory) = catalogue.find(id) {
                    priority.exploited = advisory.kev.as_ref().map(|kev| kev.added);
                    priority.due = advisory.kev.as_ref().and_then(|kev| kev.due);
                    priority.likelihood = advisory.epss.map_or(Likelihood::Unknown, |epss| {
                        Likelihood::Epss(epss.probability_ppm)
                    });
                    priority.severity_tenths = advisory
                        .severities
                        .first()
                        .map_or(0, |severity: &Severity| severity.tenths);
                }
            }
            Subject::Weakness(rule) => {
                let advice = rule.advice();
                priority.likelihood = Likelihood::Rule(advice.likelihood_ppm);
                priority.severity_tenths = middle(advice.level);
            }
            Subject::Difference(DifferenceKind::OpenToOne) => priority.severity_tenths = 30,
            Subject::Difference(DifferenceKind::OtherService) => priority.severity_tenths = 50,
        }
        priority
    }

    /// Likelihood times exposure: what the second step of the order compares.
    pub fn reach_ppm(&self) -> u64 {
        u64::from(self.likelihood.ppm()) * u64::from(self.exposure.weight())
    }
}

/// The middle of a level's scores.
fn middle(level: crate::advisory::severity::Level) -> u8 {
    use crate::advisory::severity::Level;
    match level {
        Level::None => 0,
        Level::Low => 25,
        Level::Medium => 55,
        Level::High => 80,
        Level::Critical => 95,
    }
}

impl Ord for Priority {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |priority: &Self| {
            (
                priority.exploited.is_some(),
                priority.reach_ppm(),
                priority.severity_tenths,
                priority.devices,
            )
        };
        // What is left only makes the order agree with equality.
        let rest = |priority: &Self| {
            (
                priority.exploited,
                priority.due,
                priority.likelihood,
                priority.exposure,
            )
        };
        key(self)
            .cmp(&key(other))
            .then_with(|| rest(self).cmp(&rest(other)))
    }
}

impl PartialOrd for Priority {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Priority = Priority {
        exploited: None,
        due: None,
        likelihood: Likelihood::Unknown,
        exposure: Exposure::Unknown,
        severity_tenths: 0,
        devices: 1,
    };

    #[test]
    fn exploited_comes_before_probable_before_bad_before_many() {
        let exploited = Priority {
            exploited: Some(Moment(1)),
            ..NOTHING
        };
        let probable = Priority {
            likelihood: Likelihood::Epss(900_000),
            exposure: Exposure::Internet,
            ..NOTHING
        };
        let near = Priority {
            likelihood: Likelihood::Epss(900_000),
            exposure: Exposure::Segment,
            ..NOTHING
        };
        let bad = Priority {
            severity_tenths: 100,
            ..NOTHING
        };
        let many = Priority {
            devices: 500,
            ..NOTHING
        };
        let order = [exploited, probable, near, bad, many, NOTHING];
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn reach_weighs_likelihood() {
        let far = Priority {
            likelihood: Likelihood::Epss(300_000),
            exposure: Exposure::Internet,
            ..NOTHING
        };
        let near = Priority {
            likelihood: Likelihood::Epss(500_000),
            exposure: Exposure::Site,
            ..NOTHING
        };
        assert!(far > near);
        assert_eq!(far.reach_ppm(), 1_200_000);
    }
}
