//! What is to be fixed: vulnerabilities and weak services over devices, in the order in which they hurt.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::advisory::catalogue::Catalogue;
use crate::advisory::severity::Level;
use crate::scan::PortKey;
use crate::scan::compare::DifferenceKind;
use crate::time::Moment;
use crate::weakness::Rule;

pub mod decision;
pub mod export;
pub mod inventory;
pub mod matching;
pub mod priority;

use decision::{Ledger, State};
use priority::{Exposure, Priority};

/// What a finding is about. It prints as `CVE-2014-0160`, `service:telnet` or `difference:open-to-one`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subject {
    Vulnerability(String),
    Weakness(Rule),
    Difference(DifferenceKind),
}

/// That one device has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Occurrence {
    pub subject: Subject,
    pub device: String,
    pub place: Place,
    /// What was seen: a name, a package, words of a scanner.
    pub evidence: String,
    pub confidence: Confidence,
    /// The first version without it, where an advisory says so.
    pub fixed_in: Option<String>,
    /// What the maker says about it, when that closes it.
    pub vendor: Option<decision::VendorWord>,
}

/// Where on the device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    Port(PortKey),
    /// The operating system or the firmware.
    System,
    /// Part of what is installed.
    Component(String),
}

/// How sure it is, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Confidence {
    /// A scanner tried it, or the service was seen.
    Seen,
    /// The package manager's own version is in the range.
    Package,
    /// Name and version that a banner told are in the range; a distribution may have mended it without changing them.
    Banner,
    /// The version is in the range, and nobody knows whether the device is the platform that the advisory asks for.
    PlatformUnknown,
}

/// One subject with all devices that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub subject: Subject,
    pub title: String,
    pub priority: Priority,
    /// By device, then by place.
    pub occurrences: Vec<(Occurrence, State)>,
    /// Devices on which it is open; a finding without any is closed and stands at the end.
    pub open_devices: usize,
}

/// A device as findings look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub class: String,
    pub exposure: Exposure,
}

/// Groups what was found by subject and puts first what is to be fixed first.
///
/// A device that is not in `devices` has no class and an unknown exposure.
pub fn findings(
    occurrences: Vec<Occurrence>,
    devices: &BTreeMap<String, Device>,
    catalogue: &Catalogue,
    ledger: &Ledger,
    now: Moment,
) -> Vec<Finding> {
    let mut groups: BTreeMap<Subject, Vec<(Occurrence, State)>> = BTreeMap::new();
    for occurrence in occurrences {
        let class = devices
            .get(&occurrence.device)
            .map_or("", |device| &device.class);
        let state = ledger.state(&occurrence, class, now);
        groups
            .entry(occurrence.subject.clone())
            .or_default()
            .push((occurrence, state));
    }
    let grouped = groups
        .into_iter()
        .map(|(subject, occurrences)| group(subject, occurrences, devices, catalogue));
    let mut findings: Vec<Finding> = grouped.collect();
    findings.sort_by(Finding::order);
    findings
}

impl Finding {
    /// The order of [`findings`]: what is to be fixed first, and then what is closed.
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |finding: &Self| {
            (
                finding.open_devices == 0,
                std::cmp::Reverse(finding.priority),
            )
        };
        let same = || self.subject.cmp(&other.subject);
        key(self).cmp(&key(other)).then_with(same)
    }

    /// The places of a device's occurrences among all of them.
    pub fn places_on(&self, device: &str) -> std::ops::Range<usize> {
        let before = |found: &(Occurrence, State)| found.0.device.as_str() < device;
        let upto = |found: &(Occurrence, State)| found.0.device.as_str() <= device;
        self.occurrences.partition_point(before)..self.occurrences.partition_point(upto)
    }
}

fn group(
    subject: Subject,
    mut occurrences: Vec<(Occurrence, State)>,
    devices: &BTreeMap<String, Device>,
    catalogue: &Catalogue,
) -> Finding {
    occurrences.sort_by(|(a, _), (b, _)| {
        (&a.device, &a.place, &a.evidence).cmp(&(&b.device, &b.place, &b.evidence))
    });
    let open = occurrences.iter().filter(|(_, state)| state.is_open());
    let open: BTreeSet<&str> = open
        .map(|(occurrence, _)| occurrence.device.as_str())
        .collect();
    let exposures = open.iter().map(|device| {
        devices
            .get(*device)
            .map_or(Exposure::Unknown, |device| device.exposure)
    });
    let exposure = exposures.max().unwrap_or(Exposure::Unknown);
    Finding {
        title: subject.title(catalogue),
        priority: Priority::of(&subject, catalogue, exposure, open.len()),
        open_devices: open.len(),
        occurrences,
        subject,
    }
}

impl Subject {
    /// One line for people.
    pub fn title(&self, catalogue: &Catalogue) -> String {
        match self {
            Self::Weakness(rule) => rule.advice().title.into(),
            Self::Difference(DifferenceKind::OpenToOne) => {
                "A port is open to one node and shut to another".into()
            }
            Self::Difference(DifferenceKind::OtherService) => {
                "Two nodes get answers of different services".into()
            }
            Self::Vulnerability(id) => {
                let advisory = catalogue.find(id);
                let title = advisory.map(|advisory| match &advisory.kev {
                    Some(kev) if !kev.title.is_empty() => kev.title.as_str(),
                    _ => advisory.summary.as_str(),
                });
                crate::shown::line(
                    title.filter(|title| !title.is_empty()).unwrap_or(id),
                    crate::limits::LINE_CHARS,
                )
            }
        }
    }

    /// The level in words, from the best score or from the rule.
    pub fn level(&self, catalogue: &Catalogue) -> Level {
        match self {
            Self::Weakness(rule) => rule.advice().level,
            Self::Difference(DifferenceKind::OpenToOne) => Level::Low,
            Self::Difference(DifferenceKind::OtherService) => Level::Medium,
            Self::Vulnerability(id) => {
                let severity = catalogue
                    .find(id)
                    .and_then(|advisory| advisory.severities.first());
                severity.map_or(Level::None, crate::advisory::severity::Severity::level)
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vulnerability(id) => f.write_str(id),
            Self::Weakness(rule) => write!(f, "service:{}", rule.word()),
            Self::Difference(DifferenceKind::OpenToOne) => f.write_str("difference:open-to-one"),
            Self::Difference(DifferenceKind::OtherService) => {
                f.write_str("difference:other-service")
            }
        }
    }
}
