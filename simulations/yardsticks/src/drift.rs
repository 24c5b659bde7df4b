//! `drift`: CICIDS-2017 in the order of the stream, each row judged before it is learnt, by a classifier that is fitted
//! anew to the last rows.
//!
//! It is fitted when its mistakes become more than they were, which ADWIN notices, and after a while anyway.

use std::path::Path;
use std::time::Instant;

use detect::boosting::{Boosting, BoostingConfig};
use detect::drift::Adwin;
use detect::rows::Rows;

use crate::sources::table::Table;
use crate::{Metrics, Options, YardstickError};

const FILE: &str = "drift-pwpae/data/cic_0.01km.csv";
const LABEL: &str = "Labelb";
/// The share of the stream that is there at the start, and not counted.
const BEFORE: usize = 10;
const WINDOW: usize = 5_000;
const REMEMBERED: usize = 500;
/// Rows judged with one model at least, unless its mistakes grow.
const BETWEEN: usize = 1_000;
/// Rows judged at once.
const STEP: usize = 250;

pub(crate) fn run(data: &Path, _options: Options) -> Result<Metrics, YardstickError> {
    let (values, labels, width) = load(&data.join(FILE))?;
    let first = labels.len() / BEFORE;
    let started = Instant::now();
    let mut model = fit(&values, &labels, width, first)?;
    let (mut adwin, mut fitted_at, mut right, mut fits, mut alarms) =
        (Adwin::default(), first, 0usize, 1.0, 0.0);
    for from in (first..labels.len()).step_by(STEP) {
        let to = (from + STEP).min(labels.len());
        let rows = Rows::new(&values[from * width..to * width], width)
            .map_err(|why| YardstickError::data(FILE, why))?;
        let chances = model
            .probabilities(rows)
            .map_err(|why| YardstickError::data(FILE, why))?;
        let mut drifted = false;
        for (chances, label) in chances.chunks_exact(2).zip(&labels[from..to]) {
            let is_right = (chances[1] > 0.5) == (*label == 1);
            right += usize::from(is_right);
            drifted |= adwin.push(f64::from(u8::from(!is_right))) == detect::drift::Change::Up;
        }
        alarms += f64::from(u8::from(drifted));
        if drifted || to - fitted_at >= BETWEEN {
            model = fit(&values, &labels, width, to)?;
            (fitted_at, fits) = (to, fits + 1.0);
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let mut metrics = Metrics::default();
    metrics.set("acc", right as f64 / (labels.len() - first) as f64);
    metrics.set("rows_per_s", (labels.len() - first) as f64 / seconds);
    metrics.set("fits", fits);
    metrics.set("drifts", alarms);
    Ok(metrics)
}

/// Learns the last rows, and of each class the last few however long ago they came: what is rare is remembered longer.
fn fit(values: &[f32], labels: &[u8], width: usize, to: usize) -> Result<Boosting, YardstickError> {
    let from = to.saturating_sub(WINDOW);
    let mut picked: Vec<usize> = (from..to).collect();
    for class in [0, 1] {
        let there = labels[from..to]
            .iter()
            .filter(|label| **label == class)
            .count();
        let before = (0..from).rev().filter(|row| labels[*row] == class);
        picked.extend(before.take(REMEMBERED.saturating_sub(there)));
    }
    picked.sort_unstable();
    let part: Vec<f32> = picked
        .iter()
        .flat_map(|row| &values[row * width..(row + 1) * width])
        .copied()
        .collect();
    let labels: Vec<u8> = picked.iter().map(|row| labels[*row]).collect();
    let wrong = |why: &dyn std::fmt::Display| YardstickError::data(FILE, why);
    let rows = Rows::new(&part, width).map_err(|why| wrong(&why))?;
    let config = BoostingConfig {
        rounds: 20,
        leaves: 31,
        rate: 0.3,
    };
    Boosting::fit(rows, &labels, config).map_err(|why| wrong(&why))
}

fn load(path: &Path) -> Result<(Vec<f32>, Vec<u8>, usize), YardstickError> {
    let table = Table::load(path, b',')?;
    let label = table
        .column(LABEL)
        .ok_or_else(|| YardstickError::data(FILE, format!("no column `{LABEL}`")))?;
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for row in &table.rows {
        for (column, field) in row
            .iter()
            .enumerate()
            .filter(|(column, _)| *column != label)
        {
            let number: f32 = field.parse().map_err(|why| {
                YardstickError::data(FILE, format!("column `{}`: {why}", table.columns[column]))
            })?;
            values.push(number);
        }
        labels.push(u8::from(row[label] != "0"));
    }
    Ok((values, labels, table.columns.len() - 1))
}
