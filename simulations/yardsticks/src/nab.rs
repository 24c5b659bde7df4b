//! `nab`: the Numenta Anomaly Benchmark's series, one detector in one configuration, the standard profile.

mod score;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use detect::stream::shape::Shapes;

use crate::sources::table::Table;
use crate::sources::{SourceError, read};
use crate::{Metrics, Options, YardstickError};
use score::{Profile, Series};

const WINDOWS: &str = "nab/labels/combined_windows.json";

pub(crate) fn run(data: &Path, _options: Options) -> Result<Metrics, YardstickError> {
    let mut metrics = Metrics::default();
    let started = Instant::now();
    let mut scored = Vec::new();
    for (name, windows) in labels(data)? {
        let series = load(data, &name, &windows)?;
        let probation = score::probation(series.values.len());
        let mut shapes = Shapes::new(probation).map_err(|why| YardstickError::data(&name, why))?;
        let scores: Vec<f64> = series
            .values
            .iter()
            .map(|value| shapes.push(*value))
            .collect();
        scored.push((series, scores));
    }
    let rows: usize = scored.iter().map(|(series, _)| series.values.len()).sum();
    metrics.set("rows_per_s", rows as f64 / started.elapsed().as_secs_f64());
    metrics.set("score", score::score(&scored, Profile::STANDARD));
    metrics.set("low_fp", score::score(&scored, Profile::LOW_FP));
    metrics.set("low_fn", score::score(&scored, Profile::LOW_FN));
    Ok(metrics)
}

type Labels = BTreeMap<String, Vec<(String, String)>>;

fn labels(data: &Path) -> Result<Labels, SourceError> {
    let path = data.join(WINDOWS);
    serde_json::from_slice(&read(&path)?).map_err(|why| SourceError::malformed(&path, why))
}

fn load(data: &Path, name: &str, windows: &[(String, String)]) -> Result<Series, YardstickError> {
    let table = Table::load(&data.join("nab/data").join(name), b',')?;
    let values = table.rows.iter().map(|row| row[1].parse());
    let values: Vec<f64> = values
        .collect::<Result<_, _>>()
        .map_err(|why| YardstickError::data(name, why))?;
    let find = |label: &String| {
        // Labels carry a fraction of a second that the rows do not.
        let time = label.split('.').next().unwrap_or(label);
        let found = table.rows.iter().position(|row| row[0] == time);
        found.ok_or_else(|| YardstickError::data(name, format!("no row at {label}")))
    };
    let windows = windows
        .iter()
        .map(|(from, to)| Ok((find(from)?, find(to)?)));
    let windows = windows.collect::<Result<Vec<_>, YardstickError>>()?;
    Ok(Series { values, windows })
}
