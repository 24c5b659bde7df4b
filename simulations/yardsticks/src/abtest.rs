//! `abtest`: a thousand trials of two models that are equally good, and a thousand with one that is two points better.
//!
//! Nothing is read: both models' answers are drawn, .90 right against .90 or .92, independently of each other. The
//! standing is asked after every case, which is what an operator who watches would do.

use std::path::Path;

use detect::dice::Dice;
use detect::trial::{Standing, Trial};

use crate::{Metrics, Options, YardstickError};

const RUNS: u64 = 1_000;
const CASES: u32 = 20_000;
const RIGHT: f64 = 0.90;
const BETTER: f64 = 0.92;
const ALPHA: f64 = 0.05;

pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    crate::sources::entries(data)?;
    let share = |right: f64, wanted: fn(Standing) -> bool| {
        let switched =
            (0..RUNS).filter(|run| wanted(end(right, Dice::of_part(options.seed, *run))));
        switched.count() as f64 / RUNS as f64
    };
    let mut metrics = Metrics::default();
    metrics.set(
        "false_switch",
        share(RIGHT, |standing| standing != Standing::Open),
    );
    metrics.set(
        "power",
        share(BETTER, |standing| standing == Standing::Challenger),
    );
    Ok(metrics)
}

/// What was said first, if anything was.
fn end(right: f64, mut dice: Dice) -> Standing {
    let mut trial = Trial::new();
    for _ in 0..CASES {
        trial.push(dice.unit() < RIGHT, dice.unit() < right);
        let standing = trial.standing(ALPHA);
        if standing != Standing::Open {
            return standing;
        }
    }
    Standing::Open
}
