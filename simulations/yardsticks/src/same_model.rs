//! `same_model`: the same seed and data give the same bytes, whatever build has fitted them.
//!
//! Prints the end of each forest's seal, to be held against what another build prints; and fits each once more itself.

use std::fmt::Write as _;
use std::path::Path;

use detect::forest::{Forest, ForestConfig};

use crate::sources::npz::{self, Labelled};
use crate::{Metrics, Options, YardstickError};

/// Bytes of a seal that are printed.
const SHOWN: usize = 8;

pub(crate) fn run(data: &Path, options: Options) -> Result<Metrics, YardstickError> {
    let mut metrics = Metrics::default();
    let mut same = 1.0;
    for set in npz::adbench(data)? {
        let first = fitted(&set, options.seed)?;
        if first != fitted(&set, options.seed)? {
            same = 0.0;
        }
        metrics.set_text("seal", &set.name, &end(&first));
    }
    metrics.set("same", same);
    Ok(metrics)
}

fn fitted(set: &Labelled, seed: u64) -> Result<Vec<u8>, YardstickError> {
    let forest = Forest::fit(set.rows(), ForestConfig::default(), seed)
        .map_err(|why| YardstickError::data(&set.name, why))?;
    Ok(forest.to_bytes())
}

fn end(bytes: &[u8]) -> String {
    let from = bytes.len().saturating_sub(SHOWN);
    bytes[from..].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
