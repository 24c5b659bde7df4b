//! `streaming`: test, then train, row after row in an order that the seed shuffles; nothing is known beforehand.

use std::path::Path;
use std::time::Instant;

use detect::dice::Dice;
use detect::stream::Stream;

use crate::auc::auc;
use crate::sources::npz::{self, Labelled};
use crate::{Metrics, Options, YardstickError};

const SETS: &[&str] = &["16_http", "34_smtp", "32_shuttle"];
const MOST_ROWS: usize = 150_000;
/// Rows at the start that are not counted, as in the Python that this is compared with.
const BEFORE: usize = 500;
/// A speed is the best of so many runs.
const TIMED: u32 = 3;

pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let mut metrics = Metrics::default();
    let mut slowest = f64::INFINITY;
    let mut state = 0;
    for set in npz::named(data, SETS)? {
        let set = shuffled(&set, options.seed);
        let rows: Vec<Vec<f64>> = set
            .rows()
            .iter()
            .map(|row| row.iter().copied().map(f64::from).collect())
            .collect();
        let mut fastest = f64::INFINITY;
        let mut readings = Vec::new();
        for _ in 0..TIMED {
            let mut stream = Stream::new(set.width, options.seed)
                .map_err(|why| YardstickError::data(&set.name, why))?;
            let started = Instant::now();
            let read = rows
                .iter()
                .map(|row| stream.score_and_learn(row))
                .collect::<Result<_, _>>();
            fastest = fastest.min(started.elapsed().as_secs_f64());
            readings = read.map_err(|why| YardstickError::data(&set.name, why))?;
            state = state.max(stream.state_bytes());
        }
        slowest = slowest.min(rows.len() as f64 / fastest);
        let counted = &set.anomalous[BEFORE.min(set.anomalous.len())..];
        let mut area = |name: &str, figure: fn(&detect::stream::Reading) -> f64| {
            let scores: Vec<f64> = readings.iter().skip(BEFORE).map(figure).collect();
            metrics.set_for(name, &set.name, auc(&scores, counted));
        };
        area("auc", |one| one.score);
        area("auc_spread", |one| one.spread);
        area("auc_together", |one| one.together);
        area("auc_rarity", |one| one.rarity);
        area("auc_isolation", |one| one.isolation);
    }
    metrics.set("rows_per_s", slowest);
    metrics.set("state_kb", state as f64 / 1024.0);
    Ok(metrics)
}

fn shuffled(set: &Labelled, seed: u64) -> Labelled {
    let mut dice = Dice::of_part(seed, 1);
    let mut order = dice.distinct(MOST_ROWS, set.anomalous.len());
    for last in (1..order.len()).rev() {
        order.swap(last, dice.below(last + 1));
    }
    set.picked(
        &order
            .into_iter()
            .map(|index| index as usize)
            .collect::<Vec<_>>(),
    )
}
