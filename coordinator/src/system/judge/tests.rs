//! Each judgement at its edges.

use super::*;
use crate::integrity::Checkup;
use crate::system::figures::{ClockFigures, DocumentEnd, QueueFigures};

const NOW: Timestamp = Timestamp::from_millis(1_795_254_000_000);

/// A coordinator of which nothing is to be said.
fn well() -> Figures {
    let now_s = NOW.as_millis() / 1_000;
    let mut figures = Figures {
        version: "0.1.0".to_owned(),
        uptime_s: 90_000,
        resident_memory_bytes: Some(90 * MIB),
        store_bytes: Some(700 * MIB),
        disk_free_bytes: Some(60 * 1024 * MIB),
        disk_bytes: Some(100 * 1024 * MIB),
        checkup: Some(checkup(&[])),
        backup: Some(now_s - DAY_S),
        certificate_until: Some(now_s + 400 * DAY_S),
        timestamp_until: Some(now_s + 20 * HOUR_S),
        signed_until: Some(DocumentEnd {
            role: "targets".to_owned(),
            until: now_s + 90 * DAY_S,
        }),
        feed: Some(now_s - 3 * DAY_S),
        queues: vec![QueueFigures {
            name: "orders".to_owned(),
            waiting: 1,
            room: 64,
        }],
        clock: ClockFigures::of(vec![20, -40, 12]),
        ..Figures::default()
    };
    figures.delivery.channels = 2;
    figures
}

fn checkup(troubles: &[&str]) -> Checkup {
    Checkup {
        at_ms: NOW.as_millis() - 3_600_000,
        cause: Cause::Night,
        took_ms: 900,
        rows: 12_000,
        audit_entries: 90,
        identity_entries: 40,
        troubles: troubles.iter().map(|it| (*it).to_owned()).collect(),
    }
}

/// What is not fine after a change, by its name.
fn after(change: impl FnOnce(&mut Figures)) -> Vec<(String, Judgement)> {
    let mut figures = well();
    change(&mut figures);
    let items = items(&figures, NOW).into_iter();
    let bad = items.filter(|item| item.judgement != Fine);
    bad.map(|item| {
        assert!(item.remedy.is_some(), "{} says nothing to do", item.id);
        (item.id, item.judgement)
    })
    .collect()
}

fn only(id: &str, judgement: Judgement) -> Vec<(String, Judgement)> {
    vec![(id.to_owned(), judgement)]
}

#[test]
fn a_coordinator_that_is_well_has_nothing_to_do() {
    assert_eq!(after(|_| {}), []);
    let ids: std::collections::BTreeSet<_> = items(&well(), NOW)
        .into_iter()
        .map(|item| item.id)
        .collect();
    assert_eq!(ids.len(), 15, "each item has a name of its own");
}

#[test]
fn a_failed_check_calls_for_an_act_and_a_missing_one_for_a_look() {
    let failed = after(|figures| figures.checkup = Some(checkup(&["a row cannot be read"])));
    assert_eq!(failed, only("integrity", Act));
    let old = after(|figures| {
        let mut found = checkup(&[]);
        found.at_ms -= 3 * DAY_S * 1_000;
        figures.checkup = Some(found);
    });
    assert_eq!(old, only("integrity", Look));
    let young = after(|figures| {
        figures.checkup = None;
        figures.uptime_s = 60;
    });
    assert_eq!(young, []);
}

#[test]
fn backups_and_feeds_age() {
    let now_s = NOW.as_millis() / 1_000;
    for (days, judgement) in [(9, Look), (31, Act)] {
        let then = Some(now_s - days * DAY_S);
        assert_eq!(after(|it| it.backup = then), only("backup", judgement));
        assert_eq!(after(|it| it.feed = then), only("feed", judgement));
    }
    assert_eq!(after(|it| it.backup = None), only("backup", Look));
    assert_eq!(after(|it| it.feed = None), only("feed", Look));
}

#[test]
fn a_disk_that_fills_is_told_before_it_is_full() {
    let free = |mib: u64| after(|it| it.disk_free_bytes = Some(mib * MIB));
    assert_eq!(free(14 * 1024), only("disk", Look));
    assert_eq!(free(4 * 1024), only("disk", Act));
    let small = after(|it| {
        (it.disk_bytes, it.disk_free_bytes) = (Some(2_000 * MIB), Some(500 * MIB));
    });
    assert_eq!(small, only("disk", Act), "a quarter of little is little");
}

#[test]
fn what_ends_is_told_in_time() {
    let now_s = NOW.as_millis() / 1_000;
    let certificate = |days: u64| after(|it| it.certificate_until = Some(now_s + days * DAY_S));
    assert_eq!(certificate(20), only("certificate", Look));
    assert_eq!(certificate(3), only("certificate", Act));
    let timestamp = |until| after(|it| it.timestamp_until = Some(until));
    assert_eq!(timestamp(now_s + 6 * HOUR_S), only("timestamp", Look));
    assert_eq!(timestamp(now_s - 1), only("timestamp", Act));
    let documents = after(|it| {
        it.signed_until = Some(DocumentEnd {
            role: "root".to_owned(),
            until: now_s + 30 * DAY_S,
        });
    });
    assert_eq!(documents, only("documents", Look));
}

#[test]
fn letters_that_nobody_takes_and_settings_that_nobody_reads_call_for_an_act() {
    let failing = after(|it| it.delivery.failing = vec!["mail: refused".to_owned()]);
    assert_eq!(failing, only("delivery", Act));
    let wrong = after(|it| it.delivery.error = Some("no such key".to_owned()));
    assert_eq!(wrong, only("delivery", Act));
    assert_eq!(after(|it| it.delivery.channels = 0), only("delivery", Look));
}

#[test]
fn queues_clocks_errors_and_logs_are_judged() {
    let queue = |waiting| after(|it| it.queues[0].waiting = waiting);
    assert_eq!(queue(32), only("queues", Look));
    assert_eq!(queue(58), only("queues", Act));
    assert_eq!(after(|it| it.sightings_missed = 1), only("queues", Act));
    let clock = |ahead| after(|it| it.clock = ClockFigures::of(vec![ahead]));
    assert_eq!(clock(-7_000), only("clock", Look));
    assert_eq!(clock(90_000), only("clock", Act));
    assert_eq!(after(|it| it.panics = 1), only("errors", Look));
    let memory = after(|it| it.resident_memory_bytes = Some(2_000 * MIB));
    assert_eq!(memory, only("memory", Look));
    let log = after(|it| it.identity_log = Some("it is behind".to_owned()));
    assert_eq!(log, only("identity_log", Act));
}
