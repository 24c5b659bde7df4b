use std::collections::BTreeMap;

use protocol::dice::Dice;
use protocol::record::Flags;
use protocol::statement::Statement;

use super::rig::{self, Disk, at, collected, device, position, saved};
use crate::store::Store;
use crate::store::samples::metric::Metric;
use crate::store::samples::series::{Point, lookup_level};

const HOUR: u64 = 3_600_000;

/// Three hours of one device with figures from dice, in batches of odd sizes.
fn filled() -> (Store, Vec<(u64, i64)>) {
    let (mut store, _) = Disk::default().open();
    let mut dice = Dice::from_seed([8; 32]);
    let raw: Vec<(u64, i64)> = (0..1080_u64)
        .map(|n| {
            (
                n * 10_000 + dice.below(9_000),
                i64::try_from(dice.below(1000)).expect("small"),
            )
        })
        .collect();
    let mut sequence = 0;
    for part in raw.chunks(97) {
        let batch: Vec<_> = part
            .iter()
            .map(|(time, figure)| {
                let said = rig::reading(u16::try_from(*figure).expect("below a thousand"));
                sequence += 1;
                saved(collected(1, position(0, sequence - 1), at(*time), said))
            })
            .collect();
        store.commit(&batch).expect("it is stored");
    }
    (store, raw)
}

fn expected(raw: &[(u64, i64)], width_ms: u64) -> Vec<Point> {
    let mut buckets: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
    for (time, figure) in raw {
        buckets
            .entry(time - time % width_ms)
            .or_default()
            .push(*figure);
    }
    let point = |(start, figures): (u64, Vec<i64>)| Point {
        time: at(start),
        min: *figures.iter().min().expect("a figure"),
        max: *figures.iter().max().expect("a figure"),
        mean: figures.iter().sum::<i64>().div_euclid(figures.len() as i64),
    };
    buckets.into_iter().map(point).collect()
}

#[test]
fn every_level_says_what_the_samples_said() {
    let (store, raw) = filled();
    for (level, width_s) in [10, 300, 3600].into_iter().enumerate() {
        let found = lookup_level(&store.reader(), level, &device(1), at(0), at(4 * HOUR));
        assert_eq!(
            found.expect("it is read"),
            expected(&raw, width_s * 1000),
            "level {level}"
        );
    }
}

#[test]
fn a_series_takes_the_level_that_fits_and_no_more_points_than_asked() {
    let (store, raw) = filled();
    let reader = store.reader();
    let series = |to, points| {
        reader
            .series(&device(1), Metric::CpuPermille, at(0), at(to), points)
            .expect("it is read")
    };
    assert_eq!(series(4 * HOUR, 2_000), expected(&raw, 10_000));
    assert_eq!(series(48 * HOUR, 2_000), expected(&raw, 300_000));
    assert_eq!(series(900 * HOUR, 2_000), expected(&raw, 3_600_000));
    let few = series(4 * HOUR, 100);
    assert!(few.len() <= 100 && few.len() > 90, "{} points", few.len());
    let all = expected(&raw, 4 * HOUR);
    assert_eq!(few.iter().map(|point| point.max).max(), Some(all[0].max));
    let none = reader.series(&device(1), Metric::TemperatureMc, at(0), at(HOUR), 100);
    assert!(none.expect("it is read").is_empty());
}

#[test]
fn a_clock_that_cannot_be_right_does_not_decide_where_a_figure_lies() {
    let (mut store, _) = Disk::default().open();
    let said = || Statement::clone(&rig::reading(500));
    let mut ahead = collected(1, position(0, 0), at(90 * 86_400_000), said());
    ahead.received = at(0);
    let mut doubted = collected(1, position(0, 1), at(-1_000_i64 as u64 & 0xffff), said());
    doubted.received = at(10_000);
    doubted.flags = Flags::CLOCK_DOUBTED;
    let mut late = collected(1, position(0, 2), at(20_000), said());
    late.received = at(HOUR);
    store
        .commit(&[ahead, doubted, late].map(saved))
        .expect("it is stored");
    let series = store
        .reader()
        .series(&device(1), Metric::CpuPermille, at(0), at(HOUR), 100);
    let times: Vec<_> = series
        .expect("it is read")
        .iter()
        .map(|point| point.time)
        .collect();
    assert_eq!(times, [at(0), at(10_000), at(20_000)]);
}
