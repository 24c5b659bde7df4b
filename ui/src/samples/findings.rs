//! Findings, with everything that strangers may write into them.

use maud::Markup;

use super::{HOSTILE, NOW_MS};
use crate::layout::Shell;
use crate::pages::findings::device::{self, DeviceFindingRow, DeviceFindingsView};
use crate::pages::findings::libraries::{self, LibrariesView, LibraryRow};
use crate::pages::findings::one::{self, AffectedRow, DecisionRow, FindingView};
use crate::pages::findings::{
    self, DecisionForm, FeedView, FindingRow, FindingsView, PartView, ScoreView,
};
use crate::pages::overview::RiskCard;
use crate::parts::form::Field;
use crate::parts::text::DeviceRef;

const DAY_MS: u64 = 86_400_000;

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let nothing = FindingsView {
        rows: Vec::new(),
        matching: 0,
        feed: FeedView::default(),
        fleet: None,
        filter: Field::default(),
        ..findings_view()
    };
    let wrong = FindingsView {
        filter: Field::wrong(
            "class=camera",
            "column 6: after class write one of ==, != and :",
        ),
        ..findings_view()
    };
    let found = LibrariesView {
        text: "log4j".into(),
        rows: vec![LibraryRow {
            component: "maven/org.apache.logging.log4j/log4j-core".into(),
            version: "2.14.1".into(),
            owners: 312,
            first: vec![DeviceRef {
                id: "mac:b8:27:eb:00:00:01".into(),
                name: HOSTILE.into(),
            }],
        }],
    };
    vec![
        ("findings", findings::page(inside, &findings_view())),
        ("findings-none", findings::page(inside, &nothing)),
        ("findings-wrong", findings::page(inside, &wrong)),
        ("finding", one::page(inside, &finding_view())),
        ("findings-device", device::page(inside, &device_view())),
        ("libraries", libraries::page(inside, &found)),
        (
            "libraries-none",
            libraries::page(inside, &LibrariesView::default()),
        ),
    ]
}

pub fn risk_card() -> RiskCard {
    RiskCard {
        tenths: 713,
        open: 41,
        lost: vec![("exploited", 180), ("weak services", 75), ("not known", 32)],
        first: rows(),
        feed: feed(),
    }
}

fn feed() -> FeedView {
    FeedView {
        sources: vec![("NVD".into(), 3), ("CISA KEV".into(), 1)],
        advisories: 212_004,
        signed: true,
    }
}

fn rows() -> Vec<FindingRow> {
    let exploited = FindingRow {
        id: "CVE-2021-36260".into(),
        title: "Hikvision Improper Input Validation".into(),
        level: "critical",
        exploited: Some("2022-01-10".into()),
        ransomware: true,
        due: Some("2022-01-24".into()),
        likelihood: Some((97.2, "EPSS")),
        exposure: "segment",
        cvss: Some(9.8),
        open: 14,
        devices: 16,
    };
    let weak = FindingRow {
        id: "service:telnet".into(),
        title: HOSTILE.into(),
        level: "high",
        likelihood: Some((30.0, "our rule")),
        exposure: "segment",
        open: 3,
        devices: 3,
        ..FindingRow::default()
    };
    vec![exploited, weak]
}

fn findings_view() -> FindingsView {
    FindingsView {
        filter: Field::new("state==open"),
        rows: rows(),
        matching: 41,
        after: None,
        next: Some("service:telnet".into()),
        feed: feed(),
        fleet: Some(score()),
        saved: vec![(HOSTILE.into(), "class:camera".into())],
    }
}

fn score() -> ScoreView {
    let part = |name, lost_tenths, reason: &str| {
        PartView {
        name,
        lost_tenths,
        reason: reason.into(),
        remedy: (lost_tenths > 0).then(|| "Turn telnet off in the device's settings; where it must stay, let only one management host reach it.".to_owned()),
    }
    };
    ScoreView {
        tenths: 713,
        parts: vec![
            part("Exploited elsewhere", 180, HOSTILE),
            part(
                "Other vulnerabilities",
                0,
                "No other vulnerabilities are open.",
            ),
            part(
                "Weak services",
                75,
                "3 weak services are open; the worst is service:telnet.",
            ),
            part("Not known", 32, "It was not scanned for 30 days."),
        ],
        trend: (0..14)
            .map(|day| (NOW_MS - (14 - day) * DAY_MS, 600 + 8 * day as u32))
            .collect(),
    }
}

fn finding_view() -> FindingView {
    FindingView {
        row: rows().remove(0),
        summary: format!("A command can be injected. {HOSTILE}"),
        aliases: vec!["GHSA-xxxx".into()],
        references: vec!["https://example.com/advisory".into()],
        next_step: "Update to V5.7.0 or later.".into(),
        devices: vec![AffectedRow {
            device: "mac:b8:27:eb:00:00:01".into(),
            name: HOSTILE.into(),
            class: "camera".into(),
            place: "80/tcp".into(),
            evidence: HOSTILE.into(),
            confidence: "its banner",
            fixed_in: Some("5.7.0".into()),
            state: "accepted",
            why: Some("amina: The port is shut by the switch, until 2027-01-01".into()),
        }],
        after: Some("x".into()),
        next: Some("y".into()),
        decisions: vec![DecisionRow {
            verdict: "not_affected",
            scope: "class:camera".into(),
            reason: HOSTILE.into(),
            by: "amina".into(),
            at_ms: NOW_MS - DAY_MS,
            until: Some("2027-01-01".into()),
            holds: false,
        }],
        form: DecisionForm {
            verdict: Field::wrong("maybe", "Choose accepted or not_affected."),
            ..DecisionForm::default()
        },
        justifications: vec!["code_not_present".into()],
    }
}

fn device_view() -> DeviceFindingsView {
    DeviceFindingsView {
        id: "mac:b8:27:eb:00:00:01".into(),
        name: HOSTILE.into(),
        class: "camera".into(),
        cell: String::new(),
        vendor: HOSTILE.into(),
        groups: super::groups(),
        addresses: vec!["10.0.0.7".into()],
        exposure: "segment",
        has_node: false,
        last_scan_ms: Some(NOW_MS - DAY_MS),
        has_sbom: false,
        score: score(),
        feed: feed(),
        rows: vec![DeviceFindingRow {
            id: "service:telnet".into(),
            title: "Telnet answers".into(),
            level: "high",
            exploited: false,
            place: "23/tcp".into(),
            evidence: HOSTILE.into(),
            state: "open",
            next_step: "Turn telnet off in the device's settings; where it must stay, let only one management host reach it.".into(),
        }],
        more: 12,
        undecided: vec!["CVE-2016-7406".into()],
    }
}
