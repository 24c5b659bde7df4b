//! Scans that wait, run and have ended, with what strangers may write into them.

use maud::Markup;

use super::{HOSTILE, NOW_MS};
use crate::layout::Shell;
use crate::pages::scans::{
    self, ErrandRow, JobRow, KeptRow, NewScanView, ScanView, ScansView, ScheduleRow,
};
use crate::parts::form::Field;

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let wrong = NewScanView {
        targets: Field::wrong("the moon", "The moon is no device."),
        ..NewScanView::default()
    };
    vec![
        ("scans", scans::page(inside, &scans_view())),
        ("scans-none", scans::page(inside, &ScansView::default())),
        ("scan-new", scans::new_page(inside, &NewScanView::default())),
        ("scan-wrong", scans::new_page(inside, &wrong)),
        ("scan", scans::one(inside, &scan_view())),
    ]
}

fn scans_view() -> ScansView {
    ScansView {
        jobs: vec![JobRow {
            id: 12,
            asked_ms: NOW_MS - 60_000,
            by: HOSTILE.into(),
            targets: "10.0.0.0/24".into(),
            state: "running".into(),
            over: false,
        }],
        schedules: vec![ScheduleRow {
            id: 1,
            targets: "everything that is known".into(),
            every: "7 days".into(),
            next_ms: NOW_MS + 3_600_000,
            trouble: Some(HOSTILE.into()),
        }],
        kept: vec![KeptRow {
            number: 3,
            at_ms: NOW_MS - 120_000,
            by: "amina".into(),
            scanner: "OpenVAS",
            hosts: 41,
            lacks: Some("the text breaks off".into()),
        }],
    }
}

pub fn scan_view() -> ScanView {
    let row = |state, detail: &str, done| ErrandRow {
        node: "aaaaaaaaaaaaa".into(),
        name: HOSTILE.into(),
        targets: "10.0.0.0/24".into(),
        state,
        detail: detail.into(),
        done,
        hosts: Some(3),
        since_ms: NOW_MS - 9_000,
    };
    ScanView {
        id: 12,
        asked_ms: NOW_MS - 60_000,
        by: "amina".into(),
        targets: "10.0.0.0/24".into(),
        over: false,
        errands: vec![
            row("running", "Service scan", Some(4_250)),
            row("refused", HOSTILE, None),
        ],
        spared: vec![(HOSTILE.into(), "the class plc is never scanned".into())],
    }
}
