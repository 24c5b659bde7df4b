//! One number for a device or a fleet, made of parts that add up to it exactly.

use serde::{Deserialize, Serialize};

use crate::advisory::severity::Level;
use crate::finding::priority::{Likelihood, Priority};
use crate::time::Moment;

/// Points in tenths: 1000 is the best, and each part says how many it takes away.
pub const FULL_TENTHS: u32 = 1000;

/// A score with everything that made it. The tenths of the score and of its parts add up to [`FULL_TENTHS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub tenths: u32,
    /// Every kind once, in order, also those that take nothing away.
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub kind: PartKind,
    pub lost_tenths: u32,
    pub reason: String,
    /// What would give points back; none where nothing is lost.
    pub remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PartKind {
    /// Vulnerabilities that are known to be exploited.
    Exploited,
    /// Other vulnerabilities, by severity and likelihood.
    Vulnerable,
    /// Services that are weak whatever their version.
    Weak,
    /// What nobody looked at.
    Unseen,
}

/// What a score is made from: the open findings of a device, and how well it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    pub findings: Vec<OpenFinding>,
    pub last_scan: Option<Moment>,
    pub has_sbom: bool,
    /// The age of what is known about vulnerabilities.
    pub feed_as_of: Option<Moment>,
}

/// One finding that is open on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    pub name: String,
    pub priority: Priority,
    pub next_step: String,
}

/// What each kind can take away at most; together [`FULL_TENTHS`], so that a score never falls below 0.
const CAPS: [(PartKind, u32); 4] = [
    (PartKind::Exploited, 400),
    (PartKind::Vulnerable, 300),
    (PartKind::Weak, 200),
    (PartKind::Unseen, 100),
];

/// Days after which a scan or a feed is old.
const OLD_DAYS: u64 = 30;

impl Score {
    /// Scores one device.
    pub fn of_device(standing: &Standing, now: Moment) -> Self {
        let parts = CAPS.map(|(kind, cap)| match kind {
            PartKind::Unseen => unseen(standing, now, cap),
            kind => found(kind, standing, cap),
        });
        Self::of(parts.into())
    }

    /// Scores a fleet: each part takes away the mean of what it takes from the devices, rounded down.
    pub fn of_fleet(devices: &[Self]) -> Self {
        let parts = CAPS.map(|(kind, _)| {
            let lost = devices.iter().map(|device| device.lost(kind));
            let sum: u64 = lost.clone().map(u64::from).sum();
            let touched = lost.filter(|lost| *lost > 0).count();
            let mean = sum.checked_div(devices.len() as u64).unwrap_or(0);
            Part {
                kind,
                lost_tenths: u32::try_from(mean).unwrap_or(FULL_TENTHS).min(FULL_TENTHS),
                reason: format!("{touched} of {} devices lose points here", devices.len()),
                remedy: (touched > 0).then(|| kind.fleet_remedy().to_owned()),
            }
        });
        Self::of(parts.into())
    }

    /// What one kind takes away.
    pub fn lost(&self, kind: PartKind) -> u32 {
        self.parts
            .iter()
            .filter(|part| part.kind == kind)
            .map(|part| part.lost_tenths)
            .sum()
    }

    fn of(parts: Vec<Part>) -> Self {
        let lost: u32 = parts.iter().map(|part| part.lost_tenths).sum();
        Self {
            tenths: FULL_TENTHS.saturating_sub(lost),
            parts,
        }
    }
}

impl PartKind {
    fn of(finding: &OpenFinding) -> Self {
        match (finding.priority.exploited, finding.priority.likelihood) {
            (Some(_), _) => Self::Exploited,
            (None, Likelihood::Rule(_)) => Self::Weak,
            _ => Self::Vulnerable,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Exploited => "vulnerabilities that are exploited elsewhere",
            Self::Vulnerable => "other vulnerabilities",
            Self::Weak => "weak services",
            Self::Unseen => "gaps in what is known",
        }
    }

    fn fleet_remedy(self) -> &'static str {
        match self {
            Self::Exploited => "Fix the findings marked as exploited, from the top of the list.",
            Self::Vulnerable => "Update the devices with the most probable vulnerabilities.",
            Self::Weak => "Turn off the services that the list names.",
            Self::Unseen => "Scan what was not scanned for a month, and bring in a new feed.",
        }
    }
}

/// What open findings of a kind take away: the worst whole, each further one half of the one before.
fn found(kind: PartKind, standing: &Standing, cap: u32) -> Part {
    let mut of_kind: Vec<(u32, &OpenFinding)> = standing
        .findings
        .iter()
        .filter(|finding| PartKind::of(finding) == kind)
        .map(|finding| (weight(kind, &finding.priority, cap), finding))
        .collect();
    of_kind.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.name.cmp(&y.name)));
    let halves = of_kind
        .iter()
        .enumerate()
        .map(|(at, (weight, _))| weight >> at.min(31));
    let lost = halves.sum::<u32>().min(cap);
    let (reason, remedy) = match of_kind.first() {
        None => (format!("No {} are open.", kind.noun()), None),
        Some((_, worst)) => (
            format!(
                "{} {} are open; the worst is {}.",
                of_kind.len(),
                kind.noun(),
                worst.name
            ),
            Some(worst.next_step.clone()).filter(|_| lost > 0),
        ),
    };
    Part {
        kind,
        lost_tenths: lost,
        reason,
        remedy,
    }
}

/// The points of one finding, at most half of the cap where it stands alone (exploited: all but a quarter).
fn weight(kind: PartKind, priority: &Priority, cap: u32) -> u32 {
    let severity = match kind {
        PartKind::Exploited => return cap * 3 / 4,
        _ => u32::from(priority.severity_tenths.min(100)),
    };
    let by_severity = match Level::of(priority.severity_tenths) {
        Level::None => 0,
        _ => cap / 4 * severity / 100,
    };
    let reach = u32::try_from(priority.reach_ppm().min(1_000_000)).unwrap_or(1_000_000);
    by_severity + (u64::from(cap / 4) * u64::from(reach) / 1_000_000) as u32
}

/// What is not known: no scan for long, no bill of materials, an old feed.
fn unseen(standing: &Standing, now: Moment, cap: u32) -> Part {
    let is_old = |at: Option<Moment>| at.is_none_or(|at| now.days_since(at) > OLD_DAYS);
    let gaps = [
        (
            is_old(standing.last_scan),
            cap * 5 / 10,
            "it was not scanned for 30 days",
            "Scan the device.",
        ),
        (
            !standing.has_sbom,
            cap * 2 / 10,
            "nobody knows what its software is made of",
            "Import a bill of materials for its firmware.",
        ),
        (
            is_old(standing.feed_as_of),
            cap * 3 / 10,
            "what is known about vulnerabilities is older than 30 days",
            "Bring in a new feed.",
        ),
    ];
    let open: Vec<_> = gaps.into_iter().filter(|(is_open, ..)| *is_open).collect();
    let reasons: Vec<&str> = open.iter().map(|(_, _, reason, _)| *reason).collect();
    Part {
        kind: PartKind::Unseen,
        lost_tenths: open.iter().map(|(_, lost, ..)| lost).sum(),
        reason: match reasons.is_empty() {
            true => "It was looked at lately.".into(),
            false => format!("Not all is known: {}.", reasons.join("; ")),
        },
        remedy: open.first().map(|(.., remedy)| (*remedy).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::priority::Exposure;

    const NOW: Moment = Moment(1_800_000_000);

    fn open(
        name: &str,
        exploited: bool,
        likelihood: Likelihood,
        severity_tenths: u8,
    ) -> OpenFinding {
        OpenFinding {
            name: name.into(),
            priority: Priority {
                exploited: exploited.then_some(Moment(1)),
                due: None,
                likelihood,
                exposure: Exposure::Site,
                severity_tenths,
                devices: 1,
            },
            next_step: format!("Fix {name}."),
        }
    }

    fn known(findings: Vec<OpenFinding>) -> Standing {
        Standing {
            findings,
            last_scan: Some(NOW),
            has_sbom: true,
            feed_as_of: Some(NOW),
        }
    }

    fn adds_up(score: &Score) -> bool {
        score.tenths + score.parts.iter().map(|part| part.lost_tenths).sum::<u32>() == FULL_TENTHS
    }

    #[test]
    fn a_device_without_findings_that_is_well_known_has_all_points() {
        let score = Score::of_device(&known(Vec::new()), NOW);
        assert_eq!(score.tenths, FULL_TENTHS);
        assert!(score.parts.iter().all(|part| part.remedy.is_none()));
        assert_eq!(
            Score::of_device(&Standing::default(), NOW).lost(PartKind::Unseen),
            100
        );
    }

    #[test]
    fn stopping_telnet_raises_the_score_and_the_part_says_so() {
        let telnet = open("service:telnet", false, Likelihood::Rule(300_000), 80);
        let cve = open("CVE-2025-0001", false, Likelihood::Epss(10_000), 98);
        let before = Score::of_device(&known(vec![telnet.clone(), cve.clone()]), NOW);
        let after = Score::of_device(&known(vec![cve]), NOW);
        assert!(adds_up(&before) && adds_up(&after));
        assert_eq!(after.tenths - before.tenths, before.lost(PartKind::Weak));
        let part = before
            .parts
            .iter()
            .find(|part| part.kind == PartKind::Weak)
            .unwrap();
        assert_eq!(part.remedy.as_deref(), Some("Fix service:telnet."));
        assert!(part.lost_tenths > 0);
    }

    #[test]
    fn a_fleet_loses_the_mean_of_its_devices() {
        let bad = Score::of_device(
            &known(vec![open("CVE-1", true, Likelihood::Unknown, 50)]),
            NOW,
        );
        let good = Score::of_device(&known(Vec::new()), NOW);
        let fleet = Score::of_fleet(&[bad.clone(), good.clone(), good]);
        assert!(adds_up(&fleet));
        assert_eq!(
            fleet.lost(PartKind::Exploited),
            bad.lost(PartKind::Exploited) / 3
        );
        assert_eq!(Score::of_fleet(&[]).tenths, FULL_TENTHS);
    }

    proptest! {
        #[test]
        fn parts_always_add_up_and_fixing_never_lowers(
            seeds in proptest::collection::vec((any::<bool>(), 0_u32..=1_000_000, any::<bool>(), 0_u8..=100), 0..30),
            fixed in any::<prop::sample::Index>(),
        ) {
            let findings: Vec<OpenFinding> = seeds.iter().enumerate().map(|(at, (exploited, ppm, is_rule, severity))| {
                let likelihood = if *is_rule { Likelihood::Rule(*ppm) } else { Likelihood::Epss(*ppm) };
                open(&format!("f{at}"), *exploited, likelihood, *severity)
            }).collect();
            let mut standing = Standing { findings, ..Standing::default() };
            let before = Score::of_device(&standing, NOW);
            prop_assert!(adds_up(&before));
            if !standing.findings.is_empty() {
                let at = fixed.index(standing.findings.len());
                standing.findings.remove(at);
                prop_assert!(Score::of_device(&standing, NOW).tenths >= before.tenths);
            }
            prop_assert!(adds_up(&Score::of_fleet(&[before.clone(), before])));
        }
    }
}
