//! `iforest`: the isolation forest alone, fitted to all rows of a set and asked about them.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use detect::forest::{Forest, ForestConfig};

use crate::auc::{auc, mean};
use crate::sources::npz::{self, Labelled};
use crate::{Metrics, Options, YardstickError};

/// Times are the best of so many, as in the Python that they are compared with.
const TIMED: u32 = 5;
const ONE_ROW: usize = 2_000;

pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let mut metrics = Metrics::default();
    let (mut areas, mut fits, mut rates, mut alone) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for set in npz::adbench(data)? {
        let seeds = (0..u64::from(options.repeats.max(1))).map(|repeat| options.seed + repeat);
        let of_seeds = seeds
            .map(|seed| area(&set, seed))
            .collect::<Result<Vec<_>, _>>()?;
        let area = mean(of_seeds.iter().copied());
        metrics.set_for("auc", &set.name, area);
        metrics.set_for("auc_sd", &set.name, deviation(&of_seeds, area));
        areas.push(area);
        let speed = Speed::of(&set, options.seed)?;
        metrics.set_for("set_fit_ms", &set.name, speed.fit_ms);
        metrics.set_for("set_rows_per_s", &set.name, speed.rows_per_s);
        metrics.set_for("set_row_us", &set.name, speed.row_us);
        fits.push(speed.fit_ms);
        rates.push(speed.rows_per_s);
        alone.push(speed.row_us);
    }
    metrics.set("auc_mean", mean(areas));
    metrics.set("fit_ms", median(fits));
    metrics.set("rows_per_s", median(rates));
    metrics.set("row_us", median(alone));
    Ok(metrics)
}

fn fit(set: &Labelled, seed: u64) -> Result<Forest, YardstickError> {
    Forest::fit(set.rows(), ForestConfig::default(), seed)
        .map_err(|why| YardstickError::data(&set.name, why))
}

fn area(set: &Labelled, seed: u64) -> Result<f64, YardstickError> {
    let forest = fit(set, seed)?;
    let scores = forest
        .scores(set.rows())
        .map_err(|why| YardstickError::data(&set.name, why))?;
    Ok(auc(&scores, &set.anomalous))
}

struct Speed {
    fit_ms: f64,
    rows_per_s: f64,
    row_us: f64,
}

impl Speed {
    fn of(set: &Labelled, seed: u64) -> Result<Self, YardstickError> {
        let (mut fit_s, mut score_s) = (f64::INFINITY, f64::INFINITY);
        let mut forest = fit(set, seed)?;
        for _ in 0..TIMED {
            let started = Instant::now();
            forest = black_box(fit(set, seed)?);
            fit_s = fit_s.min(started.elapsed().as_secs_f64());
            let started = Instant::now();
            black_box(forest.scores(set.rows()))
                .map_err(|why| YardstickError::data(&set.name, why))?;
            score_s = score_s.min(started.elapsed().as_secs_f64());
        }
        let rows = set.anomalous.len();
        let times = (0..ONE_ROW).map(|index| {
            let row = set.row(index % rows);
            let started = Instant::now();
            let score = black_box(forest.score(black_box(row)));
            (started.elapsed().as_secs_f64(), score.is_ok())
        });
        let row_us = median(times.map(|(seconds, _)| seconds * 1e6).collect());
        Ok(Self {
            fit_ms: fit_s * 1e3,
            rows_per_s: rows as f64 / score_s,
            row_us,
        })
    }
}

fn deviation(figures: &[f64], mean: f64) -> f64 {
    let squares: f64 = figures.iter().map(|one| (one - mean) * (one - mean)).sum();
    (squares / (figures.len() as f64 - 1.0).max(1.0)).sqrt()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
