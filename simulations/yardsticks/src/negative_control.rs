//! `negative_control`: a thermostat whose attacks left no trace in its readings. Who finds them has looked at the label.

use std::path::Path;

use detect::forest::{Forest, ForestConfig};

use crate::auc::{auc, mean};
use crate::sources::npz::Labelled;
use crate::sources::table::Table;
use crate::{Metrics, Options, YardstickError};

const FILE: &str = "ton-iot-negative-control/Train_Test_IoT_Thermostat.csv";
const FEATURES: [&str; 2] = ["current_temperature", "thermostat_status"];

/// Fitted to every second benign row, asked about all others.
pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let (fitted, asked) = halves(&data.join(FILE))?;
    let areas = (0..u64::from(options.repeats.max(1))).map(|repeat| {
        let wrong = |why: &dyn std::fmt::Display| YardstickError::data(FILE, why);
        let forest = Forest::fit(
            fitted.rows(),
            ForestConfig::default(),
            options.seed + repeat,
        )
        .map_err(|why| wrong(&why))?;
        let scores = forest.scores(asked.rows()).map_err(|why| wrong(&why))?;
        Ok(auc(&scores, &asked.anomalous))
    });
    let areas = areas.collect::<Result<Vec<_>, YardstickError>>()?;
    let mut metrics = Metrics::default();
    metrics.set("auc", mean(areas));
    Ok(metrics)
}

fn halves(path: &Path) -> Result<(Labelled, Labelled), YardstickError> {
    let table = Table::load(path, b',')?;
    let column = |name: &str| {
        table
            .column(name)
            .ok_or_else(|| YardstickError::data(FILE, format!("no column `{name}`")))
    };
    let features = [column(FEATURES[0])?, column(FEATURES[1])?];
    let label = column("label")?;
    let empty = || Labelled {
        name: FILE.to_owned(),
        width: 2,
        values: Vec::new(),
        anomalous: Vec::new(),
    };
    let (mut fitted, mut asked) = (empty(), empty());
    let mut benign = 0usize;
    for row in &table.rows {
        let attack = row[label] != "0";
        benign += usize::from(!attack);
        let half = if !attack && benign % 2 == 1 {
            &mut fitted
        } else {
            &mut asked
        };
        for feature in features {
            let number = row[feature]
                .parse()
                .map_err(|why| YardstickError::data(FILE, why))?;
            half.values.push(number);
        }
        half.anomalous.push(attack);
    }
    Ok((fitted, asked))
}
