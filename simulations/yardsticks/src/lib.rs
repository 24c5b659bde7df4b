//! What the detectors reach on public data: one figure after the other, from files that the caller has.
//!
//! A yardstick reads data, lets `detect` do the work and prints what came out. It tunes nothing to a data set.
#![forbid(unsafe_code)]

pub mod metrics;

mod auc;
mod sources;

mod abtest;
mod boosting;
mod conformal;
mod drift;
mod iforest;
mod mud_transfer;
mod multivariate;
mod nab;
mod negative_control;
mod same_model;
mod sequence;
mod streaming;
mod threat;

use std::path::Path;

use thiserror::Error;

pub use metrics::Metrics;
use sources::SourceError;

/// What the caller may choose; the defaults are what the goals are stated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Of everything that is drawn.
    pub seed: u64,
    /// Forests per data set whose figures are averaged.
    pub repeats: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            repeats: 5,
        }
    }
}

/// One yardstick and the goal that it measures.
#[derive(Debug, Clone, Copy)]
pub struct Yardstick {
    pub name: &'static str,
    pub about: &'static str,
    run: fn(&Path, Options) -> Result<Metrics, YardstickError>,
}

pub const ALL: &[Yardstick] = &[
    Yardstick {
        name: "iforest",
        about: "isolation forest on adbench/: AUC, time to fit and to score",
        run: iforest::run,
    },
    Yardstick {
        name: "conformal",
        about: "false alarms at 1 % asked on benign rows never seen",
        run: conformal::run,
    },
    Yardstick {
        name: "streaming",
        about: "one device's numbers as they come: test, then train",
        run: streaming::run,
    },
    Yardstick {
        name: "nab",
        about: "58 series with known anomalies, scored by the standard profile for being early",
        run: nab::run,
    },
    Yardstick {
        name: "mud_transfer",
        about: "profiles of one country held against devices of another",
        run: mud_transfer::run,
    },
    Yardstick {
        name: "sequence",
        about: "behaviour letters of botnets, split by source",
        run: sequence::run,
    },
    Yardstick {
        name: "multivariate",
        about: "device telemetry of many sensors: T² of smoothed rows",
        run: multivariate::run,
    },
    Yardstick {
        name: "abtest",
        about: "two equal models told apart, and a better one found",
        run: abtest::run,
    },
    Yardstick {
        name: "boosting",
        about: "gradient boosting on NSL-KDD, attacks of the test set partly new",
        run: boosting::run,
    },
    Yardstick {
        name: "threat",
        about: "kinds of threat in IoT-23, with and without the port",
        run: threat::run,
    },
    Yardstick {
        name: "drift",
        about: "a stream whose times change, judged before it is learnt",
        run: drift::run,
    },
    Yardstick {
        name: "same_model",
        about: "the same seed and data give the same bytes: hold the seals of two builds against each other",
        run: same_model::run,
    },
    Yardstick {
        name: "negative_control",
        about: "a thermostat whose labels no honest model can know: AUC is one half",
        run: negative_control::run,
    },
];

#[derive(Debug, Error)]
pub enum YardstickError {
    #[error("there is no yardstick `{0}`: give one of {names}", names = names())]
    Unknown(String),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{name}: {why}")]
    Data { name: String, why: String },
}

impl YardstickError {
    fn data(name: &str, why: impl std::fmt::Display) -> Self {
        Self::Data {
            name: name.to_owned(),
            why: why.to_string(),
        }
    }
}

/// Runs one yardstick on the data below a folder laid out like the public one.
pub fn run(name: &str, data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let found = ALL.iter().find(|one| one.name == name);
    let yardstick = found.ok_or_else(|| YardstickError::Unknown(name.to_owned()))?;
    (yardstick.run)(data, options)
}

fn names() -> String {
    ALL.iter()
        .map(|one| one.name)
        .collect::<Vec<_>>()
        .join(", ")
}
