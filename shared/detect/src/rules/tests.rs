use super::*;

mod bursts;

const SECOND: u64 = 1_000_000;
const START: u64 = 1_700_000_000 * SECOND;
const SCANNER: Subject = Subject(66);
const CAMERA: Subject = Subject(7);

fn rules() -> Rules {
    Rules::new(&Parameters::default())
}

fn target(destination: u128, port: u16) -> Target {
    Target {
        destination: Subject(destination),
        port,
    }
}

fn observe(rules: &mut Rules, at_us: u64, source: Subject, what: What) -> Vec<Verdict> {
    rules.observe(Observation {
        at_us: START + at_us,
        source,
        what,
    })
}

fn scan(rules: &mut Rules, ports: std::ops::Range<u16>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for port in ports {
        let at = u64::from(port) * SECOND / 10;
        verdicts.extend(observe(rules, at, SCANNER, What::Opened(target(9, port))));
    }
    verdicts
}

#[test]
fn a_scan_is_named_within_two_seconds_with_its_numbers() {
    let mut rules = rules();
    let verdicts = scan(&mut rules, 0..40);
    let [verdict] = &verdicts[..] else {
        panic!("{verdicts:?}")
    };
    assert_eq!((verdict.rule, verdict.source), (Rule::FanOut, SCANNER));
    assert!(
        verdict.at_us - verdict.began_us <= 2 * SECOND,
        "{verdict:?}"
    );
    assert_eq!(
        verdict.why(),
        "10 places asked that did not answer in 3 s; 10 are too many"
    );
    assert!(rules.is_suspect(START + 4 * SECOND, SCANNER));
    assert!(!rules.is_suspect(START + 4 * SECOND, CAMERA));
}

#[test]
fn a_patient_scan_is_named_by_its_thirtieth_place_and_slow_answers_are_none() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for step in 0..60_u16 {
        let at = u64::from(step) * 10 * SECOND;
        verdicts.extend(observe(
            &mut rules,
            at,
            SCANNER,
            What::Opened(target(9, step)),
        ));
        let asked = target(u128::from(step), 443);
        verdicts.extend(observe(&mut rules, at, CAMERA, What::Opened(asked)));
        // The answer comes when the camera has gone on to the next place already.
        let before = target(u128::from(step.saturating_sub(1)), 443);
        let late = What::Answered(before, Outcome::Accepted);
        verdicts.extend(observe(&mut rules, at + 1_000, CAMERA, late));
        verdicts.extend(rules.tick(START + at + 9 * SECOND));
    }
    let first = verdicts.first().expect("it is named");
    assert!(
        verdicts.iter().all(|one| one.source == SCANNER),
        "{verdicts:?}"
    );
    assert_eq!((first.rule, first.observed), (Rule::FanOut, 30));
    assert_eq!(
        first.why(),
        "30 places asked that did not answer in 600 s; 30 are too many"
    );
    assert_eq!(first.examples.len(), 1);
}

#[test]
fn somebody_who_asks_the_same_few_places_for_ever_is_no_scanner() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for step in 0..600_u64 {
        let asked = What::Opened(target(u128::from(step % 20), 443));
        verdicts.extend(observe(&mut rules, step * SECOND, CAMERA, asked));
        verdicts.extend(rules.tick(START + step * SECOND + SECOND / 2));
    }
    assert_eq!(verdicts, []);
}

#[test]
fn a_scan_by_datagrams_is_named_and_looking_for_a_way_through_a_router_is_not() {
    for (ports, expected) in [(60, 1), (30, 0)] {
        let mut rules = rules();
        let mut verdicts = Vec::new();
        for port in 0..ports {
            // Too fast for silence to be told but by the clock.
            let at = u64::from(port) * SECOND / 1_000;
            let sounded = What::Sounded(target(9, port));
            verdicts.extend(observe(&mut rules, at, SCANNER, sounded));
            let served = target(u128::from(port), 53);
            verdicts.extend(observe(&mut rules, at, CAMERA, What::Sounded(served)));
            verdicts.extend(observe(
                &mut rules,
                at + 1_000,
                CAMERA,
                What::Echoed(served),
            ));
        }
        for tenth in 0..40 {
            verdicts.extend(rules.tick(START + 2 * SECOND + tenth * SECOND / 10));
        }
        assert_eq!(verdicts.len(), expected, "{verdicts:?}");
        assert!(verdicts.iter().all(|one| one.source == SCANNER));
    }
}

#[test]
fn whoever_calls_a_place_in_vain_again_and_again_is_named_and_who_is_answered_is_not() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for call in 0..200_u64 {
        let at = call * SECOND / 2;
        let home = What::Called(target(66, 5888));
        verdicts.extend(observe(&mut rules, at, SCANNER, home));
        let cloud = target(1, 443);
        verdicts.extend(observe(&mut rules, at, CAMERA, What::Called(cloud)));
        if call % 50 == 49 {
            verdicts.extend(observe(&mut rules, at, CAMERA, What::Reached(cloud)));
        }
        if call % 3 == 0 {
            let patient = What::Called(target(2, 443));
            verdicts.extend(observe(&mut rules, at, Subject(8), patient));
        }
    }
    let [first, again] = &verdicts[..] else {
        panic!("{verdicts:?}")
    };
    assert_eq!((first.rule, first.source), (Rule::Knocking, SCANNER));
    assert_eq!(first.examples, [target(66, 5888)]);
    assert_eq!(again.at_us - first.at_us, 60 * SECOND);
}

#[test]
fn a_worm_that_knocks_at_login_ports_is_named_sooner() {
    for (port, expected) in [(23, 1), (8080, 0)] {
        let mut rules = rules();
        let mut verdicts = Vec::new();
        for number in 0..6 {
            let at = number as u64 * 300_000;
            let knock = What::Opened(target(number, port));
            verdicts.extend(observe(&mut rules, at, SCANNER, knock));
        }
        verdicts.extend(rules.tick(START + 1_700_000));
        assert_eq!(verdicts.len(), expected, "{verdicts:?}");
    }
}

#[test]
fn a_burst_that_stops_is_judged_by_the_clock() {
    let mut rules = rules();
    for port in 0..10 {
        assert_eq!(
            observe(&mut rules, 1_000, SCANNER, What::Opened(target(9, port))),
            []
        );
    }
    assert_eq!(rules.tick(START + 400_000), []);
    assert_eq!(rules.tick(START + 600_000).len(), 1);
    assert_eq!(rules.tick(START + 700_000), []);
}

#[test]
fn a_client_that_is_answered_is_no_scanner() {
    let mut rules = rules();
    for number in 0..200 {
        let place = target(number, 443);
        let at = number as u64 * 20_000;
        assert_eq!(observe(&mut rules, at, CAMERA, What::Opened(place)), []);
        let answered = What::Answered(place, Outcome::Accepted);
        assert_eq!(observe(&mut rules, at + 100_000, CAMERA, answered), []);
    }
    assert_eq!(rules.tick(START + 10 * SECOND), []);
}

#[test]
fn refusals_count_at_once_and_repeated_segments_once() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for port in 0..10 {
        let place = target(9, port);
        for _ in 0..3 {
            verdicts.extend(observe(
                &mut rules,
                u64::from(port) * 1_000,
                SCANNER,
                What::Opened(place),
            ));
        }
        let refused = What::Answered(place, Outcome::Refused);
        verdicts.extend(observe(
            &mut rules,
            u64::from(port) * 1_000,
            SCANNER,
            refused,
        ));
    }
    assert_eq!(verdicts.len(), 1);
    assert_eq!(verdicts[0].observed, 10);
    let mut rules = self::rules();
    for again in 0..100 {
        assert_eq!(
            observe(
                &mut rules,
                again * 20_000,
                CAMERA,
                What::Opened(target(9, 1))
            ),
            []
        );
    }
}

#[test]
fn asking_again_keeps_an_attempt_in_the_window() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for second in 0..5_u16 {
        for again in 0..=second {
            for number in 0..2 {
                let place = target(9, again * 2 + number);
                let what = if again == second {
                    What::Opened(place)
                } else {
                    What::Retried(place)
                };
                verdicts.extend(observe(
                    &mut rules,
                    u64::from(second) * SECOND,
                    SCANNER,
                    what,
                ));
            }
        }
    }
    verdicts.extend(rules.tick(START + 9 * SECOND / 2));
    assert_eq!(verdicts.len(), 1, "{verdicts:?}");
}

#[test]
fn a_few_slow_attempts_stay_below() {
    let mut rules = rules();
    for number in 0..29_u16 {
        let at = u64::from(number) * 400_000;
        assert_eq!(
            observe(&mut rules, at, CAMERA, What::Opened(target(9, number))),
            []
        );
    }
}

#[test]
fn a_scanner_with_a_job_is_quiet_and_others_are_not() {
    let mut rules = rules();
    rules.exempt(Job {
        scanner: SCANNER,
        from_us: START,
        until_us: START + 3600 * SECOND,
    });
    assert_eq!(scan(&mut rules, 0..40), []);
    for number in 0..50 {
        assert_eq!(
            observe(&mut rules, 0, SCANNER, What::ArpAsked(Subject(number))),
            []
        );
        assert_eq!(
            observe(&mut rules, 0, SCANNER, What::Pinged(Subject(number))),
            []
        );
    }
    let mut others = 0;
    for number in 0..50 {
        others += observe(&mut rules, 0, CAMERA, What::ArpAsked(Subject(number))).len();
    }
    assert_eq!(others, 1);
    let mut later = 0;
    for number in 0..50 {
        later += observe(
            &mut rules,
            3601 * SECOND,
            SCANNER,
            What::Pinged(Subject(number)),
        )
        .len();
    }
    assert_eq!(later, 1);
}

#[test]
fn no_job_lasts_longer_than_a_day() {
    let mut rules = rules();
    rules.exempt(Job {
        scanner: SCANNER,
        from_us: START,
        until_us: u64::MAX,
    });
    let tomorrow = limits::JOB_US + SECOND;
    let mut verdicts = 0;
    for number in 0..50 {
        verdicts += observe(&mut rules, tomorrow, SCANNER, What::Pinged(Subject(number))).len();
    }
    assert_eq!(verdicts, 1);
}

#[test]
fn failed_logins_weigh_more_than_tried_ones() {
    let mut rules = rules();
    let ssh = target(9, 22);
    for number in 0..4 {
        let failed = What::Login(ssh, Attempt::Failed);
        assert_eq!(observe(&mut rules, number * SECOND, SCANNER, failed), []);
    }
    let verdicts = observe(
        &mut rules,
        5 * SECOND,
        SCANNER,
        What::Login(ssh, Attempt::Failed),
    );
    assert_eq!(verdicts[0].rule, Rule::LoginBurst);
    for number in 0..9 {
        let tried = What::Login(ssh, Attempt::Tried);
        assert_eq!(observe(&mut rules, number * SECOND, CAMERA, tried), []);
    }
    assert_eq!(
        observe(
            &mut rules,
            9 * SECOND,
            CAMERA,
            What::Login(ssh, Attempt::Tried)
        )
        .len(),
        1
    );
}

#[test]
fn a_port_is_new_after_the_time_of_learning_and_once() {
    let mut rules = rules();
    let day = 24 * 3600 * SECOND;
    assert_eq!(observe(&mut rules, 0, CAMERA, What::Listens(554)), []);
    assert_eq!(observe(&mut rules, day - 1, CAMERA, What::Listens(80)), []);
    let verdicts = observe(&mut rules, day, CAMERA, What::Listens(23));
    assert_eq!(
        verdicts[0].why(),
        "23 is the port it listens on; it was on 2 others before"
    );
    assert_eq!(observe(&mut rules, day + 1, CAMERA, What::Listens(23)), []);
    assert_eq!(observe(&mut rules, day + 1, CAMERA, What::Listens(554)), []);
}

#[test]
fn a_new_device_of_a_known_class_is_judged_from_its_first_minute() {
    let mut rules = rules();
    let baseline = Baseline {
        median: 400_000,
        deviation: 10_000,
    };
    assert_eq!(
        observe(&mut rules, 0, CAMERA, What::Sent(target(9, 443), 9_000_000)),
        []
    );
    rules.lend(START, SCANNER, baseline);
    assert_eq!(
        observe(
            &mut rules,
            0,
            SCANNER,
            What::Sent(target(9, 443), 9_000_000)
        )
        .len(),
        1
    );
}

#[test]
fn an_even_beat_to_a_new_place_is_a_sign_and_an_uneven_one_is_none() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for number in 0..12 {
        let at = number * 30 * SECOND + number % 2 * 100_000;
        verdicts.extend(observe(
            &mut rules,
            at,
            CAMERA,
            What::Opened(target(9, 6667)),
        ));
    }
    assert_eq!(verdicts[0].rule, Rule::Beacon);
    assert_eq!(verdicts[0].rule.strength(), Strength::Sign);
    let uneven = [3, 40, 5, 17, 90, 8, 30, 61, 12, 44, 2, 70];
    let mut at = 0;
    for wait in uneven {
        at += wait * SECOND;
        assert_eq!(
            observe(&mut rules, at, SCANNER, What::Opened(target(9, 6667))),
            []
        );
    }
}

#[test]
fn too_many_connections_are_said_even_if_all_are_answered() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for number in 0..1_000 {
        let place = target(number % 5, 443);
        verdicts.extend(observe(
            &mut rules,
            number as u64 * 1_000,
            CAMERA,
            What::Opened(place),
        ));
        observe(
            &mut rules,
            number as u64 * 1_000,
            CAMERA,
            What::Answered(place, Outcome::Accepted),
        );
    }
    let rules: Vec<_> = verdicts.iter().map(|verdict| verdict.rule).collect();
    assert_eq!(rules, [Rule::RateCap]);
}

#[test]
fn invented_sources_stay_within_their_bound_and_spare_who_is_active() {
    let mut rules = rules();
    let mut verdicts = Vec::new();
    for number in 0..100_000_u128 {
        let at = number as u64 * 10;
        observe(
            &mut rules,
            at,
            Subject(1_000 + number),
            What::Opened(target(9, 1)),
        );
        if number % 1_000 == 0 && number < 10_000 {
            let port = (number / 1_000) as u16;
            observe(&mut rules, at, SCANNER, What::Opened(target(8, port)));
        }
        if number % 1_000 == 0 {
            verdicts.extend(observe(&mut rules, at, SCANNER, What::Opened(target(8, 0))));
        }
    }
    assert_eq!(rules.fan_out.len(), limits::SOURCES);
    assert_eq!(verdicts.len(), 1);
    assert_eq!(verdicts[0].source, SCANNER);
}

#[test]
fn time_that_goes_back_and_absurd_numbers_break_nothing() {
    let mut rules = rules();
    let mut dice = 7_u64;
    for _ in 0..20_000 {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let place = target(u128::from(dice % 30), (dice % 40) as u16);
        let what = match dice >> 8 & 7 {
            0 => What::Opened(place),
            1 => What::Answered(place, Outcome::Accepted),
            2 => What::Answered(place, Outcome::Refused),
            3 if dice & 2 == 0 => What::Retried(place),
            3 => What::ArpAsked(place.destination),
            4 => What::Pinged(place.destination),
            5 => What::Login(place, Attempt::Tried),
            6 => What::Listens(place.port),
            _ => What::Sent(place, dice),
        };
        let at_us = if dice & 1 == 0 { dice } else { START };
        let source = Subject(u128::from(dice % 5));
        for verdict in rules.observe(Observation {
            at_us,
            source,
            what,
        }) {
            assert!(!verdict.why().is_empty() && !verdict.stopped_by().is_empty());
        }
        rules.tick(at_us);
    }
}
