//! Reports that are kept, and controls with and without evidence.

use maud::Markup;

use super::{HOSTILE, NOW_MS, device_ref};
use crate::layout::Shell;
use crate::links;
use crate::pages::compliance::{self, ComplianceView, ControlRow, FrameworkLink};
use crate::pages::reports::{self, KeptRow, ReportsView, ScheduleRow};

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    vec![
        ("reports", reports::page(inside, &reports_view(4))),
        ("reports-none", reports::page(inside, &reports_view(0))),
        ("compliance", compliance::page(inside, &compliance_view())),
    ]
}

fn reports_view(kept: u64) -> ReportsView {
    ReportsView {
        kinds: vec!["fleet", "device", "scan", "incident", "audit", "compliance"],
        periods: vec!["daily", "weekly", "monthly"],
        devices: (1..5).map(device_ref).collect(),
        key: "5e".repeat(32),
        kept: (0..kept)
            .map(|number| KeptRow {
                number: kept - number,
                kind: if number == 1 { "device" } else { "fleet" },
                device: (number == 1).then(|| device_ref(2)),
                format: if number == 2 { "csv" } else { "pdf" },
                made_ms: NOW_MS - number * 86_400_000,
                by: if number == 3 {
                    HOSTILE.into()
                } else {
                    "amina".into()
                },
                bytes: 48_211 + number,
                sha256: "9f".repeat(32),
            })
            .collect(),
        schedules: (0..kept.min(1))
            .map(|number| ScheduleRow {
                number: number + 1,
                kind: "compliance",
                format: "pdf",
                every: "monthly",
                next_ms: NOW_MS + 86_400_000,
            })
            .collect(),
    }
}

fn compliance_view() -> ComplianceView {
    let row = |id: &str, title: &str, shows: Option<&str>| ControlRow {
        id: id.to_owned(),
        title: title.to_owned(),
        shows: shows.map(|figure| (figure.to_owned(), links::reports().to_owned())),
        would: shows
            .is_none()
            .then(|| "Make a backup now and then, off this machine, and restore one.".to_owned()),
    };
    ComplianceView {
        name: "ISO/IEC 27001:2022 Annex A".to_owned(),
        frameworks: vec![
            FrameworkLink {
                slug: "iso-27001",
                name: "ISO/IEC 27001:2022 Annex A",
                chosen: true,
            },
            FrameworkLink {
                slug: "gdpr",
                name: "GDPR",
                chosen: false,
            },
        ],
        rows: vec![
            row(
                "5.9",
                "Inventory of information and other associated assets",
                Some("48 members, 31 heard beside them"),
            ),
            row("8.13", "Information backup", None),
            row("8.15", "Logging", Some("190 entries, the chain holds")),
        ],
    }
}
