//! `threat`: IoT-23 connections of six kinds, de-duplicated, 70 % to learn from, with and without the port.
//!
//! A port names the botnet of one capture, not the threat: the port-blind twin says what is left without it.

use std::collections::BTreeSet;
use std::path::Path;

use detect::boosting::{Boosting, BoostingConfig};
use detect::dice::Dice;
use detect::rows::Rows;

use crate::auc::mean;
use crate::sources::files;
use crate::sources::table::Table;
use crate::{Metrics, Options, YardstickError};

const FOLDER: &str = "iot23-samples/jelkee/filtered";
const BENIGN: &str = "iot23-samples/jelkee/honey_optimized/honey0.csv";
const LABEL: &str = "detailed-label";
const PORT: &str = "id.resp_p";
/// Benign, port scan, command and control, its heartbeat, flood, attack, as the files number them.
const CLASSES: [&str; 6] = ["0", "1", "2", "4", "6", "9"];
const SPLITS: u64 = 3;
const LEARNT: f64 = 0.7;

pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let flows = load(data)?;
    let splits = || (0..SPLITS).map(|split| options.seed + split);
    let sighted = splits()
        .map(|seed| macro_f1(&flows, None, seed))
        .collect::<Result<Vec<_>, _>>()?;
    let port = flows.columns.iter().position(|column| column == PORT);
    let blind = splits()
        .map(|seed| macro_f1(&flows, port, seed))
        .collect::<Result<Vec<_>, _>>()?;
    let mut metrics = Metrics::default();
    metrics.set("f1", mean(sighted));
    metrics.set("f1_blind", mean(blind));
    metrics.set("flows", flows.labels.len() as f64);
    Ok(metrics)
}

struct Flows {
    columns: Vec<String>,
    values: Vec<f32>,
    labels: Vec<u8>,
}

fn load(data: &Path) -> Result<Flows, YardstickError> {
    let mut paths = files(&data.join(FOLDER), "csv")?;
    paths.push(data.join(BENIGN));
    let mut flows = Flows {
        columns: Vec::new(),
        values: Vec::new(),
        labels: Vec::new(),
    };
    let mut known = BTreeSet::new();
    for path in paths {
        let table = Table::load(&path, b',')?;
        let wrong = |why: &str| YardstickError::data(&path.display().to_string(), why);
        let label = table
            .column(LABEL)
            .ok_or_else(|| wrong("no column of detailed labels"))?;
        let features: Vec<usize> = (0..table.columns.len())
            .filter(|at| !["label", LABEL].contains(&table.columns[*at].as_str()))
            .collect();
        let columns: Vec<String> = features
            .iter()
            .map(|at| table.columns[*at].clone())
            .collect();
        if flows.columns.is_empty() {
            flows.columns = columns;
        } else if flows.columns != columns {
            return Err(wrong("other columns than the files before"));
        }
        for row in &table.rows {
            let Some(class) = CLASSES
                .iter()
                .position(|class| row[label].parse::<f64>().ok() == class.parse().ok())
            else {
                continue;
            };
            let values: Vec<f32> = features
                .iter()
                .map(|at| row[*at].parse().unwrap_or(-1.0))
                .collect();
            let key: Vec<u32> = values
                .iter()
                .map(|value| value.to_bits())
                .chain([class as u32])
                .collect();
            if known.insert(key) {
                flows.values.extend(values);
                flows.labels.push(class as u8);
            }
        }
    }
    Ok(flows)
}

/// The mean over the classes of the F1 on what was not learnt; `without` is a column left out.
fn macro_f1(flows: &Flows, without: Option<usize>, seed: u64) -> Result<f64, YardstickError> {
    let wide = flows.columns.len();
    let kept: Vec<usize> = (0..wide)
        .filter(|column| Some(*column) != without)
        .collect();
    let (mut learnt, mut asked) = (Part::default(), Part::default());
    let mut dice = Dice::new(seed);
    for class in 0..CLASSES.len() as u8 {
        let mut rows: Vec<usize> = (0..flows.labels.len())
            .filter(|row| flows.labels[*row] == class)
            .collect();
        for last in (1..rows.len()).rev() {
            rows.swap(last, dice.below(last + 1));
        }
        let share = (LEARNT * rows.len() as f64).round() as usize;
        for (number, row) in rows.into_iter().enumerate() {
            let part = if number < share {
                &mut learnt
            } else {
                &mut asked
            };
            part.values
                .extend(kept.iter().map(|column| flows.values[row * wide + column]));
            part.labels.push(class);
        }
    }
    let wrong = |why: &dyn std::fmt::Display| YardstickError::data(FOLDER, why);
    let rows = Rows::new(&learnt.values, kept.len()).map_err(|why| wrong(&why))?;
    let model = Boosting::fit(rows, &learnt.labels, BoostingConfig::default())
        .map_err(|why| wrong(&why))?;
    let rows = Rows::new(&asked.values, kept.len()).map_err(|why| wrong(&why))?;
    let chances = model.probabilities(rows).map_err(|why| wrong(&why))?;
    Ok(asked.macro_f1(&chances))
}

#[derive(Default)]
struct Part {
    values: Vec<f32>,
    labels: Vec<u8>,
}

impl Part {
    fn macro_f1(&self, chances: &[f64]) -> f64 {
        let said: Vec<usize> = chances
            .chunks_exact(CLASSES.len())
            .map(|chances| {
                (0..chances.len())
                    .max_by(|one, other| chances[*one].total_cmp(&chances[*other]))
                    .unwrap_or(0)
            })
            .collect();
        let count = |holds: &dyn Fn(usize, usize) -> bool| {
            said.iter()
                .zip(&self.labels)
                .filter(|(said, label)| holds(**said, usize::from(**label)))
                .count() as f64
        };
        mean((0..CLASSES.len()).map(|class| {
            let right = count(&|said, label| said == class && label == class);
            let wrong = count(&|said, label| (said == class) != (label == class));
            if right + wrong == 0.0 {
                0.0
            } else {
                2.0 * right / (2.0 * right + wrong)
            }
        }))
    }
}
