//! `multivariate`: telemetry of several sensors, the first 400 rows of each file being clean.
//!
//! Every row's T² by the clean rows, on a logarithm and in units of how it varies there, smoothed; all files pooled.
//! The F1 is that of the threshold at which so many of the normal rows are false alarms.

use std::path::Path;

use detect::hotelling::Hotelling;
use detect::rows::Rows;

use crate::auc::{auc, mean};
use crate::sources::table::Table;
use crate::sources::{entries, files, read};
use crate::{Metrics, Options, YardstickError};

const CLEAN: usize = 400;
/// The share of the latest row in the smoothed score.
const SHARE: f64 = 0.1;

pub(crate) fn run(data: &Path, _options: Options) -> Result<Metrics, YardstickError> {
    let mut judged = Judged::default();
    let mut count = 0.0;
    for folder in entries(data)?.iter().filter(|path| path.is_dir()) {
        for path in files(folder, "csv")? {
            if let Some(series) = Series::load(&path)? {
                judged.add(&series)?;
                count += 1.0;
            }
        }
    }
    if judged.scores.is_empty() {
        return Err(YardstickError::data(
            "multivariate",
            "no csv with `;`, `datetime` and `anomaly` below the folder",
        ));
    }
    let mut metrics = Metrics::default();
    metrics.set("files", count);
    metrics.set("auc", auc(&judged.scores, &judged.anomalous));
    metrics.set("f1_at_25", judged.f1_at(0.25));
    metrics.set("f1_at_15", judged.f1_at(0.15));
    Ok(metrics)
}

#[derive(Debug)]
struct Series {
    name: String,
    width: usize,
    values: Vec<f32>,
    anomalous: Vec<bool>,
}

impl Series {
    /// `None` for a table of another shape.
    fn load(path: &Path) -> Result<Option<Self>, YardstickError> {
        if !read(path)?.starts_with(b"datetime;") {
            return Ok(None);
        }
        let table = Table::load(path, b';')?;
        let Some(anomaly) = table.column("anomaly") else {
            return Ok(None);
        };
        let name = path.display().to_string();
        let sensors: Vec<usize> = (1..table.columns.len())
            .filter(|at| !["anomaly", "changepoint"].contains(&table.columns[*at].as_str()))
            .collect();
        let mut series = Self {
            width: sensors.len(),
            values: Vec::new(),
            anomalous: Vec::new(),
            name,
        };
        for row in &table.rows {
            for sensor in &sensors {
                let number = row[*sensor].parse();
                series
                    .values
                    .push(number.map_err(|why| YardstickError::data(&series.name, why))?);
            }
            let label: f64 = row[anomaly]
                .parse()
                .map_err(|why| YardstickError::data(&series.name, why))?;
            series.anomalous.push(label != 0.0);
        }
        Ok((series.anomalous.len() > CLEAN && series.width > 0).then_some(series))
    }
}

/// Rows behind the clean ones, of all files.
#[derive(Debug, Default)]
struct Judged {
    scores: Vec<f64>,
    anomalous: Vec<bool>,
}

impl Judged {
    fn add(&mut self, series: &Series) -> Result<(), YardstickError> {
        let wrong = |why: &dyn std::fmt::Display| YardstickError::data(&series.name, why);
        let rows = Rows::new(&series.values, series.width).map_err(|why| wrong(&why))?;
        let clean = Rows::new(&series.values[..CLEAN * series.width], series.width)
            .map_err(|why| wrong(&why))?;
        let model = Hotelling::fit(clean).map_err(|why| wrong(&why))?;
        let scores: Result<Vec<f64>, _> = rows
            .iter()
            .map(|row| model.score(row).map(f64::ln_1p))
            .collect();
        let scores = scores.map_err(|why| wrong(&why))?;
        let middle = mean(scores[..CLEAN].iter().copied());
        let spread = mean(
            scores[..CLEAN]
                .iter()
                .map(|one| (one - middle) * (one - middle)),
        )
        .sqrt()
        .max(1e-9);
        let mut smooth = 0.0;
        for (row, score) in scores.iter().enumerate() {
            smooth += SHARE * ((score - middle) / spread - smooth);
            if row >= CLEAN {
                self.scores.push(smooth);
                self.anomalous.push(series.anomalous[row]);
            }
        }
        Ok(())
    }

    fn f1_at(&self, false_alarms: f64) -> f64 {
        let pairs = || self.scores.iter().zip(&self.anomalous);
        let mut normal: Vec<f64> = pairs()
            .filter(|(_, is)| !**is)
            .map(|(score, _)| *score)
            .collect();
        normal.sort_unstable_by(|one, other| other.total_cmp(one));
        let threshold = normal
            .get((false_alarms * normal.len() as f64) as usize)
            .copied()
            .unwrap_or(f64::INFINITY);
        let counted = |is: bool| {
            pairs()
                .filter(|(score, anomalous)| **score > threshold && **anomalous == is)
                .count() as f64
        };
        let all = self.anomalous.iter().filter(|is| **is).count() as f64;
        2.0 * counted(true) / (counted(true) + counted(false) + all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detect::dice::Dice;

    #[test]
    fn a_made_up_plant_is_read_and_its_fault_found() {
        let folder =
            std::env::temp_dir().join(format!("yardsticks-multivariate-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("valve")).unwrap();
        let mut dice = Dice::new(1);
        let mut text = "datetime;Current;Pressure;anomaly;changepoint\n".to_owned();
        for row in 0..1_000 {
            let fault = (600..800).contains(&row);
            let current = dice.unit() + dice.unit();
            let pressure = if fault { 2.0 - current } else { current } + 0.1 * dice.unit();
            let label = if fault { "1.0" } else { "0.0" };
            text += &format!(
                "2020-03-09 10:14:{:02};{current};{pressure};{label};0.0\n",
                row % 60
            );
        }
        std::fs::write(folder.join("valve/1.csv"), text).unwrap();
        std::fs::write(folder.join("valve/other.csv"), "a,b\n1,2\n").unwrap();
        let metrics = run(&folder, Options::default());
        std::fs::remove_dir_all(&folder).unwrap();
        let metrics = metrics.unwrap();
        assert_eq!(metrics.number("files"), Some(1.0));
        assert!(metrics.number("auc").unwrap() > 0.9, "{metrics:?}");
        assert!(metrics.number("f1_at_15").unwrap() > 0.7, "{metrics:?}");
    }

    #[test]
    fn the_f1_at_a_rate_is_that_counted_by_hand() {
        let judged = Judged {
            scores: vec![1.0, 2.0, 3.0, 4.0, 2.5, 5.0],
            anomalous: vec![false, false, false, false, true, true],
        };
        // A quarter of four normal rows may lie above: the threshold is 3, one anomaly is found, one normal row too.
        assert!((judged.f1_at(0.25) - 2.0 / 4.0).abs() < 1e-12);
    }
}
