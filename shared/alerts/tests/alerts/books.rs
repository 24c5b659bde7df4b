//! What becomes of sightings, and what people do about alerts.

use std::time::Duration;

use alerts::act::{Act, ActError};
use alerts::alert::State;
use alerts::book::{Book, Outcome, TuneError};
use alerts::filter::{Filter, Shown};
use alerts::limits;
use alerts::severity::Severity;
use alerts::text::fitted;
use alerts::tuning::{Effect, Of, Tuning};
use protocol::class::DeviceClass;
use protocol::record::{Incarnation, Position};

use crate::rig::{LOGINS, PACE, Rig, device, name};

fn restored(book: &Book) -> Book {
    let alerts = book.page(&all(), None, usize::MAX, <_>::default());
    Book::restore(
        alerts.into_iter().cloned().collect(),
        book.incidents().cloned().collect(),
        book.tunings().to_vec(),
    )
}

fn all() -> Filter {
    Filter {
        states: Shown::All,
        ..Filter::default()
    }
}

#[test]
fn one_rule_of_one_device_is_one_alert_with_a_count() {
    let mut rig = Rig::new();
    let first = rig.now;
    assert_eq!(rig.see(&LOGINS, 1), Outcome::New(1));
    for _ in 0..19 {
        rig.wait(1);
        assert_eq!(rig.see(&LOGINS, 1), Outcome::Counted(1));
    }
    let alert = rig.book.alert(1).expect("it is there");
    assert_eq!((alert.count, alert.first, alert.last), (20, first, rig.now));
    assert_eq!(rig.see(&LOGINS, 2), Outcome::New(2));
    assert_eq!(rig.see(&PACE, 1), Outcome::New(3));
}

#[test]
fn the_same_record_is_counted_once_however_often_it_comes() {
    let mut rig = Rig::new();
    let position = Position::first(Incarnation(1));
    let told = |rig: &Rig, position| rig.sighting(&LOGINS, 1).witness(device(9), Some(position));
    let first = told(&rig, position);
    assert_eq!(rig.take(&first), Outcome::New(1));
    assert_eq!(rig.take(&first), Outcome::Known(1));
    let later = told(&rig, position.next());
    assert_eq!(rig.take(&later), Outcome::Counted(1));
    assert_eq!(rig.take(&first), Outcome::Known(1));
    rig.act(1, &Act::Close);
    assert_eq!(
        rig.take(&later),
        Outcome::Known(1),
        "what was closed does not come back by an echo"
    );
}

#[test]
fn what_was_closed_begins_anew_and_a_false_positive_stays_quiet() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    rig.act(1, &Act::Close);
    assert_eq!(rig.see(&LOGINS, 1), Outcome::New(2));
    assert_eq!(rig.book.alert(2).expect("it is there").before, Some(1));
    rig.act(2, &Act::FalsePositive);
    assert_eq!(rig.see(&LOGINS, 1), Outcome::Counted(2));
    assert_eq!(rig.book.open(rig.now).count(), 0);
    rig.act(2, &Act::Reopen);
    assert_eq!(rig.book.open(rig.now).count(), 1);
}

#[test]
fn a_snooze_ends_by_itself() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    rig.act(1, &Act::Snooze(Duration::from_secs(600)));
    assert_eq!(rig.book.open(rig.now).count(), 0);
    rig.wait(600);
    assert_eq!(
        rig.book.alert(1).expect("there").state_at(rig.now),
        State::Open
    );
}

#[test]
fn what_hides_an_alert_needs_a_reason_and_what_is_over_needs_opening_first() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    let mut act = |act: &Act, why: Option<&str>| {
        let done = rig
            .book
            .act(1, act, &name("amina"), why.map(fitted), rig.now);
        done.map(|_| ())
    };
    let hour = Act::Snooze(Duration::from_secs(3_600));
    assert_eq!(act(&hour, None), Err(ActError::WhyMissing));
    assert_eq!(act(&Act::FalsePositive, None), Err(ActError::WhyMissing));
    assert_eq!(
        act(&Act::Snooze(Duration::MAX), Some("x")),
        Err(ActError::Length)
    );
    assert_eq!(act(&Act::Reopen, None), Err(ActError::OpenAlready));
    assert_eq!(act(&Act::Close, None), Ok(()));
    assert_eq!(act(&Act::Acknowledge, None), Err(ActError::Over));
    let missing = rig.book.act(7, &Act::Close, &name("amina"), None, rig.now);
    assert_eq!(missing.map(|_| ()), Err(ActError::NoSuchAlert));
}

#[test]
fn the_most_particular_tuning_holds_until_its_day() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    let tuning = |of, effect, rig: &Rig, days: u64| Tuning {
        number: 0,
        rule: name("failed_logins"),
        of,
        effect,
        why: fitted("a scanner of ours"),
        by: name("amina"),
        since: rig.now,
        until: rig.now.saturating_add(Duration::from_secs(days * 86_400)),
    };
    let low = tuning(
        Of::Class(DeviceClass::Camera),
        Effect::Severity(Severity::Low),
        &rig,
        2,
    );
    rig.book.tune(low, rig.now).expect("it fits");
    assert_eq!(rig.book.alert(1).expect("there").severity, Severity::Low);
    let off = tuning(Of::Device(device(2)), Effect::Off, &rig, 1);
    rig.book.tune(off, rig.now).expect("it fits");
    assert_eq!(rig.see(&LOGINS, 2), Outcome::Off);
    assert_eq!(rig.see(&LOGINS, 3), Outcome::New(2));
    rig.wait(86_400);
    assert_eq!(rig.see(&LOGINS, 2), Outcome::New(3));
    rig.wait(86_400);
    rig.book.prune(rig.now);
    assert_eq!(rig.book.alert(1).expect("there").severity, Severity::High);
    let late = tuning(Of::Everybody, Effect::Off, &rig, 400);
    assert_eq!(rig.book.tune(late, rig.now), Err(TuneError::Until));
}

#[test]
fn alerts_of_one_device_or_of_one_cause_are_one_incident() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    rig.wait(60).see(&PACE, 1);
    rig.see(&LOGINS, 2);
    let incident = |rig: &Rig, number| rig.book.alert(number).expect("there").incident;
    assert_eq!(incident(&rig, 1), incident(&rig, 2), "one device");
    assert_ne!(incident(&rig, 1), incident(&rig, 3), "another device");
    for number in 10..20 {
        let sighting = rig.sighting(&LOGINS, number).cause("203.0.113.9");
        rig.take(&sighting);
    }
    let shared = incident(&rig, 4);
    assert_eq!(rig.book.of_incident(shared).count(), 10, "one cause");
    rig.wait(3_601);
    let late = rig.sighting(&LOGINS, 30).cause("203.0.113.9");
    rig.take(&late);
    assert_ne!(incident(&rig, 14), shared, "long after");
}

#[test]
fn everything_is_as_before_after_a_restart() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    rig.see(&PACE, 2);
    rig.act(2, &Act::Assign(name("bela")));
    let rows = rig.book.unstored();
    assert_eq!((rows.alerts.len(), rows.incidents.len()), (2, 2));
    rig.book.stored();
    assert!(rig.book.unstored().is_empty());
    rig.book = restored(&rig.book);
    assert_eq!(rig.see(&LOGINS, 1), Outcome::Counted(1));
    assert_eq!(rig.see(&LOGINS, 3), Outcome::New(3));
    assert_eq!(rig.book.alert(2).expect("there").state.word(), "assigned");
}

#[test]
fn a_flood_of_rules_and_devices_stays_within_its_bound() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    for number in 0..limits::ALERTS as u32 + 50 {
        let mut sighting = rig.sighting(&PACE, 1);
        sighting.device = Some(protocol::id::DeviceId::from_bytes(
            (u64::from(number) + 1_000).to_be_bytes(),
        ));
        rig.wait(1).take(&sighting);
    }
    assert_eq!(rig.book.count(&all(), rig.now), limits::ALERTS);
    assert!(rig.book.alert(1).is_none(), "the oldest has gone");
    assert!(rig.book.incidents().count() <= limits::INCIDENTS);
}

#[test]
fn a_list_is_paged_without_holes() {
    let mut rig = Rig::new();
    for number in 1..=25 {
        rig.wait(1).see(&LOGINS, number);
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = rig.book.page(&Filter::default(), after, 10, rig.now);
        let Some(last) = page.last() else { break };
        let cursor = alerts::book::Cursor::of(last);
        after = alerts::book::Cursor::parse(&cursor.to_string());
        seen.extend(page.iter().map(|alert| alert.number));
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<u64>>());
}

#[test]
fn no_number_is_given_twice_though_everything_was_dropped() {
    let mut rig = Rig::new();
    for number in 1..=3 {
        rig.see(&LOGINS, number);
        rig.act(u64::from(number), &Act::Close);
    }
    rig.wait(limits::OVER_KEPT.as_secs() + 1);
    rig.book.prune(rig.now);
    assert_eq!(rig.book.count(&all(), rig.now), 1);
    rig.book = restored(&rig.book);
    assert_eq!(rig.see(&PACE, 9), Outcome::New(4));
}
