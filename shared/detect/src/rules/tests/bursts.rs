//! Bytes out of the network: what is said of a burst, how often, and what is learnt of it.

use super::*;

const MINUTE: u64 = 60 * SECOND;
/// From the beginning of the other tests to a whole minute.
const WHOLE: u64 = MINUTE - START % MINUTE;

/// Sends as much in every minute, ten times in each.
fn minutes(rules: &mut Rules, which: std::ops::Range<u64>, bytes: u64) -> Vec<Verdict> {
    minutes_to(rules, &[target(9, 443)], which, bytes)
}

/// The same to several places in turn.
fn minutes_to(
    rules: &mut Rules,
    places: &[Target],
    which: std::ops::Range<u64>,
    bytes: u64,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for tenth in which.start * 10..which.end * 10 {
        let place = places[tenth as usize % places.len()];
        let sent = What::Sent(place, bytes / 10);
        let at = WHOLE + tenth * MINUTE / 10;
        verdicts.extend(observe(rules, at, CAMERA, sent));
    }
    verdicts
}

fn minutes_of(verdicts: &[Verdict]) -> Vec<u64> {
    verdicts
        .iter()
        .map(|verdict| (verdict.at_us - START - WHOLE) / MINUTE)
        .collect()
}

#[test]
fn a_burst_is_judged_against_the_devices_own_past_and_a_short_one_teaches_nothing() {
    let mut rules = rules();
    for number in 0..30 {
        let usual = 400_000 + number % 3 * 10_000;
        assert_eq!(minutes(&mut rules, number..number + 1, usual), []);
    }
    let before = rules.baseline(CAMERA).expect("there is enough");
    let verdicts = minutes(&mut rules, 30..45, 9_000_000);
    assert_eq!(minutes_of(&verdicts), [30]);
    assert_eq!(verdicts[0].rule, Rule::ByteBurst);
    assert_eq!(verdicts[0].usual, 410_000);
    assert_eq!(rules.baseline(CAMERA), Some(before));
}

/// Whoever reads of it asks first where it went.
#[test]
fn a_burst_names_where_its_bytes_go_and_nothing_of_the_time_before() {
    let mut rules = rules();
    assert_eq!(minutes(&mut rules, 0..30, 500), []);
    let thief = target(66, 8443);
    let verdicts = minutes_to(&mut rules, &[thief], 30..31, 3_000_000);
    assert_eq!(
        verdicts[0].examples,
        [thief],
        "the cloud got nothing by now"
    );
    assert_eq!(minutes(&mut rules, 31..60, 500), []);
    let others = [target(67, 443), target(68, 443)];
    let verdicts = minutes_to(&mut rules, &others, 60..61, 9_000_000);
    assert_eq!(verdicts[0].examples, others);
}

/// The floor is a setting of the rule and no habit of the device.
#[test]
fn a_device_that_sends_little_is_told_its_own_baseline() {
    let mut rules = rules();
    assert_eq!(minutes(&mut rules, 0..30, 500), []);
    let verdicts = minutes(&mut rules, 30..31, 3_000_000);
    let [verdict] = &verdicts[..] else {
        panic!("{verdicts:?}")
    };
    assert_eq!(verdict.usual, 500);
    assert_eq!(verdict.why(), "1200000 bytes sent in 60 s; 500 is usual");
}

#[test]
fn what_goes_on_for_hours_is_said_once_and_becomes_usual() {
    for past in [20, 90] {
        let mut rules = rules();
        assert_eq!(minutes(&mut rules, 0..past, 500), []);
        let verdicts = minutes(&mut rules, past..past + 600, 3_000_000);
        assert_eq!(minutes_of(&verdicts), [past], "after {past} minutes");
        let own = rules.baseline(CAMERA).expect("there is enough");
        assert_eq!(own.median, 3_000_000);
    }
}

/// Twenty million times what is usual takes more than one step: meanwhile it is said every hour.
#[test]
fn a_vast_burst_is_learnt_in_steps_and_said_once_an_hour_meanwhile() {
    let mut rules = rules();
    assert_eq!(minutes(&mut rules, 0..90, 500), []);
    let verdicts = minutes(&mut rules, 90..140, 10_000_000_000);
    assert_eq!(minutes_of(&verdicts), [90]);
    let own = rules.baseline(CAMERA).expect("there is enough");
    assert!(own.median <= 16_000_000, "{own:?}");
    let verdicts = minutes(&mut rules, 140..690, 10_000_000_000);
    assert_eq!(minutes_of(&verdicts), [150]);
}

#[test]
fn a_burst_that_grows_or_comes_back_is_another_one() {
    let mut rules = rules();
    assert_eq!(minutes(&mut rules, 0..64, 500), []);
    assert_eq!(minutes_of(&minutes(&mut rules, 64..69, 3_000_000)), [64]);
    let grown = minutes(&mut rules, 69..74, 30_000_000);
    assert_eq!(minutes_of(&grown), [69], "it is said once that it grows");
    assert_eq!(minutes(&mut rules, 74..79, 500), []);
    let stutters = minutes(&mut rules, 79..81, 3_000_000);
    assert_eq!(stutters, [], "a pause of five minutes does not end it");
    assert_eq!(minutes(&mut rules, 81..92, 500), []);
    let again = minutes(&mut rules, 92..94, 3_000_000);
    assert_eq!(minutes_of(&again), [92]);
}

#[test]
fn a_device_without_a_past_learns_its_lasting_burst_too() {
    let mut rules = rules();
    let lent = Baseline {
        median: 500,
        deviation: 10,
    };
    rules.lend(START, CAMERA, lent);
    let verdicts = minutes(&mut rules, 0..600, 3_000_000);
    assert_eq!(minutes_of(&verdicts), [0]);
    assert_eq!(verdicts[0].usual, 500);
    let own = rules.baseline(CAMERA).expect("there is enough");
    assert_eq!(own.median, 3_000_000);
}
