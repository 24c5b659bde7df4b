//! Who is told what, when, and how often.

use std::time::Duration;

use alerts::act::Act;
use alerts::letter::Kind;
use alerts::outbox::{GIVE_UP, Hope, Outbox, State};
use alerts::route::{Digest, Quiet, Warning};
use alerts::severity::Severity;
use alerts::text::fitted;
use language::Language;

use crate::rig::{LOGINS, PACE, Rig, name, route};

#[test]
fn twenty_copies_of_one_cause_are_one_letter_with_a_count() {
    let mut rig = Rig::new();
    for _ in 0..20 {
        rig.see(&LOGINS, 1);
        assert_eq!(rig.letters().len(), 0, "copies are gathered first");
    }
    let letters = rig.wait(3).letters();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].count, letters[0].kind), (20, Kind::New));
    assert!(
        letters[0].subject().contains("(20 times)"),
        "{}",
        letters[0].subject()
    );
    for _ in 0..100 {
        rig.wait(20).see(&LOGINS, 1);
        rig.letters();
    }
    assert_eq!(
        rig.outbox.newest().count(),
        1,
        "within the hour nothing is said again"
    );
    let again = rig.wait(3_600).letters();
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].kind, again[0].count), (Kind::Again, 120));
    assert!(
        rig.wait(86_400).letters().is_empty(),
        "nothing new, nothing said"
    );
}

#[test]
fn twenty_devices_of_one_cause_are_one_letter() {
    let mut rig = Rig::new();
    for number in 1..=20 {
        let sighting = rig.sighting(&LOGINS, number).cause("203.0.113.9");
        rig.take(&sighting);
    }
    let letters = rig.wait(3).letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (
            letters[0].items.len() + letters[0].more as usize,
            letters[0].count
        ),
        (20, 20)
    );
}

#[test]
fn the_night_rule_sends_what_is_critical_only_and_the_rest_in_the_morning() {
    let mut rig = Rig::new();
    let night = "22:00-06:00".parse().expect("hours");
    rig.plan.quiet = Some(Quiet {
        hours: night,
        unless: Severity::Critical,
    });
    rig.wait(13 * 3_600); // 23:00
    for number in 1..=6 {
        rig.see(&LOGINS, number);
    }
    assert!(rig.wait(10).letters().is_empty());
    let mut grave = rig.sighting(&LOGINS, 50);
    grave.rule.severity = Severity::Critical;
    rig.take(&grave);
    let letters = rig.wait(10).letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].severity, Severity::Critical);
    let morning = rig.wait(7 * 3_600).letters();
    assert_eq!(morning.len(), 1, "what waited shares a letter");
    assert_eq!(morning[0].incidents.len(), 6);
}

#[test]
fn what_nobody_acknowledges_goes_to_the_next_person() {
    let mut rig = Rig::new();
    let mut next = route("next", &["phone"], Severity::High);
    next.after = Duration::from_secs(15 * 60);
    rig.plan.routes.push(next);
    rig.see(&LOGINS, 1);
    rig.see(&LOGINS, 2);
    assert_eq!(rig.wait(3).letters().len(), 2);
    rig.act(2, &Act::Acknowledge);
    assert!(rig.wait(14 * 60).letters().is_empty());
    let letters = rig.wait(60).letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].kind, letters[0].channel.as_str()),
        (Kind::Escalation, "phone")
    );
    assert_eq!(letters[0].items[0].alert, 1);
    assert!(rig.wait(60).letters().is_empty());
}

#[test]
fn a_channel_is_used_so_often_in_an_hour_and_what_is_over_shares_a_letter() {
    let mut rig = Rig::new();
    rig.plan.pace.per_hour = 3;
    for number in 1..=3 {
        rig.see(&LOGINS, number);
        assert_eq!(rig.wait(5).letters().len(), 1);
    }
    for number in 10..=19 {
        rig.see(&LOGINS, number);
        assert!(rig.wait(5).letters().is_empty());
    }
    let letters = rig.wait(3_600).letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].incidents.len(), 10);
}

#[test]
fn two_routes_to_one_channel_tell_it_once_and_a_class_or_severity_keeps_others_out() {
    let mut rig = Rig::new();
    rig.plan
        .routes
        .push(route("grave", &["mail", "phone"], Severity::High));
    let mut meters = route("meters", &["phone"], Severity::Info);
    meters.classes = [protocol::class::DeviceClass::Meter].into();
    rig.plan.routes.push(meters);
    rig.see(&LOGINS, 1);
    rig.see(&PACE, 2);
    let letters = rig.wait(3).letters();
    let told: Vec<_> = letters
        .iter()
        .map(|it| (it.channel.as_str(), it.items[0].alert))
        .collect();
    assert_eq!(told, [("mail", 1), ("mail", 2), ("phone", 1)]);
}

#[test]
fn what_became_graver_is_said_at_once() {
    let mut rig = Rig::new();
    rig.see(&PACE, 1);
    assert_eq!(rig.wait(3).letters().len(), 1);
    rig.see(&LOGINS, 1);
    let letters = rig.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (letters[0].kind, letters[0].severity),
        (Kind::Worse, Severity::High)
    );
}

#[test]
fn the_digest_comes_once_a_day_where_something_is_open() {
    let mut rig = Rig::new();
    rig.plan.routes.clear();
    rig.plan.digest = Some(Digest {
        at: 11 * 60,
        to: vec![name("mail")],
        language: Language::English,
    });
    rig.see(&LOGINS, 1);
    assert!(rig.letters().is_empty());
    let letters = rig.wait(3_600).letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].kind, Kind::Digest);
    assert!(rig.wait(600).letters().is_empty());
    assert_eq!(rig.wait(86_400 - 600).letters().len(), 1);
    rig.act(1, &Act::Close);
    assert!(rig.wait(86_400).letters().is_empty());
}

#[test]
fn a_route_tells_in_its_own_language() {
    let mut rig = Rig::new();
    rig.plan.routes[0].language = Language::French;
    for _ in 0..1_200 {
        rig.see(&LOGINS, 1);
    }
    let letters = rig.wait(3).letters();
    assert_eq!(
        letters[0].subject(),
        "Palisade\u{202f}: gravité élevée\u{202f}: Connexions échouées sur cam-1 (1200 fois)"
    );
    assert_eq!(letters[0].opening(), "1 nouvelle, vue 1200 fois en tout.");
    let stored = minicbor::to_vec(&letters[0]).expect("memory takes every byte");
    let again: alerts::letter::Letter = minicbor::decode(&stored).expect("it is a letter");
    assert_eq!(again, letters[0]);
}

/// Story: letters that wait were written by a coordinator that knew one language.
#[test]
fn a_letter_of_before_is_read_in_english() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    let letter = rig.wait(3).letters().remove(0);
    let stored = minicbor::to_vec(&letter).expect("memory takes every byte");
    assert_eq!(
        stored[0], 0x89,
        "an English letter is a list of nine, as ever"
    );
    let again: alerts::letter::Letter = minicbor::decode(&stored).expect("it is a letter");
    assert_eq!(again.language, Language::English);
    assert_eq!(again, letter);
}

#[test]
fn a_restart_loses_no_letter_and_sends_none_twice() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    rig.wait(3);
    let called = |_: &protocol::id::DeviceId| name("cam");
    let written = |rig: &mut Rig| {
        alerts::planner::write_letters(&rig.plan, &mut rig.book, &mut rig.outbox, &called, rig.now)
    };
    assert_eq!(written(&mut rig), 1);
    let stored = rig
        .outbox
        .unstored()
        .into_iter()
        .filter_map(|(_, row)| row)
        .collect();
    rig.outbox = Outbox::restore(stored);
    assert_eq!(written(&mut rig), 0);
    let due = rig.outbox.due(rig.now);
    assert_eq!(due.len(), 1);
    rig.outbox.sent(due[0].number, rig.now);
    let stored = rig.outbox.newest().cloned().collect();
    rig.outbox = Outbox::restore(stored);
    assert!(rig.outbox.due(rig.now).is_empty());
    assert_eq!(
        rig.outbox.put(due[0].letter.clone()),
        due[0].number,
        "the same letter is one"
    );
}

#[test]
fn a_letter_is_tried_again_ever_more_rarely_and_given_up_after_a_day() {
    let mut rig = Rig::new();
    rig.see(&LOGINS, 1);
    rig.wait(3);
    let called = |_: &protocol::id::DeviceId| name("cam");
    alerts::planner::write_letters(&rig.plan, &mut rig.book, &mut rig.outbox, &called, rig.now);
    let mut attempts = 0;
    for _ in 0..(GIVE_UP.as_secs() + 7_200) {
        for entry in rig.outbox.due(rig.now) {
            attempts += 1;
            rig.outbox
                .failed(entry.number, fitted("refused"), Hope::Some, rig.now);
        }
        rig.wait(1);
    }
    assert!((20..40).contains(&attempts), "{attempts}");
    let entry = rig.outbox.entry(1).expect("it is remembered");
    assert!(matches!(entry.state, State::GivenUp(_)));
    assert!(rig.outbox.standing(&name("mail")).error.is_some());
}

#[test]
fn a_route_without_recipient_warns() {
    let mut rig = Rig::new();
    assert_eq!(rig.plan.warnings(), []);
    rig.plan.routes = vec![
        route("all", &[], Severity::Low),
        route("b", &["pager"], Severity::High),
    ];
    assert_eq!(
        rig.plan.warnings(),
        [
            Warning::NoRecipient(name("all")),
            Warning::NoSuchChannel {
                from: name("b"),
                channel: name("pager")
            },
            Warning::NoRecipient(name("b")),
        ]
    );
    rig.plan.routes.clear();
    assert_eq!(rig.plan.warnings(), [Warning::NoRoute]);
    let mut day = route("day", &["mail"], Severity::Low);
    day.hours = Some("08:00-18:00".parse().expect("hours"));
    rig.plan.routes = vec![day];
    assert_eq!(
        rig.plan.warnings(),
        [Warning::Uncovered(Severity::Critical)]
    );
}
