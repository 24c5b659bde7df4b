//! Counting within a time, by device and by field, within bounds.

use logs::judge::Judge;
use logs::limits;
use logs::line::Line;
use logs::sigma::Rule;

const NOW: u64 = 1_795_773_600_000;

fn judge(condition: &str) -> Judge {
    let text =
        format!("title: x\ndetection:\n  a: [x]\n  timeframe: 1m\n  condition: a | {condition}\n");
    Judge::new(vec![Rule::parse("x", &text).expect("it reads")])
}

fn hits(judge: &mut Judge, device: u8, line: &Line, now: u64) -> u32 {
    judge
        .hear([device; 8], line, now)
        .iter()
        .map(|hit| hit.times)
        .sum()
}

#[test]
fn the_first_hit_stands_for_all_that_are_in_the_window() {
    let mut judge = judge("count() >= 3");
    let line = Line::of("x");
    let said: Vec<u32> = (0..5)
        .map(|number| hits(&mut judge, 1, &line, NOW + number))
        .collect();
    assert_eq!(said, [0, 0, 3, 1, 1]);
    assert_eq!(
        hits(&mut judge, 2, &line, NOW),
        0,
        "another device counts for itself"
    );
    assert_eq!(
        hits(&mut judge, 1, &line, NOW + 61_000),
        0,
        "the window is empty again"
    );
}

#[test]
fn a_hit_says_how_many_lines_were_counted_within_the_time() {
    let mut judge = judge("count() >= 3");
    let line = Line::of("x");
    let mut counted = |now| {
        let hits = judge.hear([1; 8], &line, now);
        hits.first().map(|hit| hit.counted)
    };
    let said: Vec<_> = (0..11).map(|number| counted(NOW + number)).collect();
    assert_eq!(said[..3], [None, None, Some(3)]);
    assert_eq!(said[10], Some(11));
    assert_eq!(counted(NOW + 60_005), Some(6), "the first six are over");
    let flood = (0..1_000).map(|_| counted(NOW + 60_005)).max().flatten();
    assert_eq!(flood, Some(limits::COUNT));
}

#[test]
fn lines_that_differ_in_the_field_are_counted_apart() {
    let mut judge = judge("count() by user >= 2");
    let line = |user: &str| {
        let mut line = Line::of("x");
        line.fields.insert("user".to_owned(), user.to_owned());
        line
    };
    assert_eq!(hits(&mut judge, 1, &line("a"), NOW), 0);
    assert_eq!(hits(&mut judge, 1, &line("b"), NOW), 0);
    assert_eq!(hits(&mut judge, 1, &line("a"), NOW), 2);
}

/// Lines that a device kept for a day and sends at once are no burst.
#[test]
fn the_time_of_a_line_counts_where_it_can_be_believed() {
    let mut judge = judge("count() >= 3");
    let at = |at| Line {
        at_ms: Some(at),
        ..Line::of("x")
    };
    let apart: u32 = (0..9)
        .map(|hour| hits(&mut judge, 1, &at(NOW - hour * 3_600_000), NOW))
        .sum();
    assert_eq!(apart, 0);
    let ahead: u32 = (1..4)
        .map(|year| hits(&mut judge, 2, &at(NOW + year * 30_000_000_000), NOW))
        .sum();
    assert_eq!(ahead, 3, "a clock that is years ahead is not believed");
}

#[test]
fn a_flood_of_windows_stays_within_its_bound() {
    let mut judge = judge("count() by user >= 2");
    let line = |user: usize| {
        let mut line = Line::of("x");
        line.fields.insert("user".to_owned(), user.to_string());
        line
    };
    for user in 0..limits::WINDOWS + 100 {
        hits(&mut judge, 1, &line(user), NOW);
    }
    assert_eq!(
        hits(&mut judge, 1, &line(0), NOW),
        0,
        "the first is forgotten"
    );
    assert_eq!(
        hits(&mut judge, 1, &line(limits::WINDOWS + 99), NOW),
        2,
        "the last is not"
    );
}
