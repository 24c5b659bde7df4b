//! `bench`: what a machine can do, beside what a bare loop could.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::exit_code;
use crate::bench::{ingest, killed};
use crate::scenario::rounded;

/// The least share of bare verification that ingest has to reach.
const RATIO: f64 = 0.6;
/// Batches after which the ingesting process is killed.
const KILL_AFTER: usize = 12;

#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Signed records checked and durably stored on one core.
    Ingest(Ingest),
    #[command(hide = true)]
    IngestChild(Child),
}

#[derive(Debug, Args)]
pub struct Ingest {
    #[arg(long, default_value_t = 30_000)]
    records: usize,
    #[arg(long, default_value_t = 500)]
    devices: usize,
    /// Print nothing but the line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Child {
    #[arg(long)]
    records: usize,
    #[arg(long)]
    devices: usize,
    #[arg(long)]
    dir: PathBuf,
}

impl Bench {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Ingest(ingest) => ingest.run(),
            Self::IngestChild(child) => {
                killed::child(&ingest::load(child.devices, child.records)?, &child.dir)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Ingest {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let load = ingest::load(self.devices, self.records)?;
        let dir = tempfile::tempdir()?;
        let measured = ingest::measure(&load, dir.path())?;
        drop(load);
        let crashed = tempfile::tempdir()?;
        let killed = killed::run(crashed.path(), self.devices, self.records, KILL_AFTER)?;
        let lost = killed.acknowledged.saturating_sub(killed.recovered);
        let passed = measured.ratio() >= RATIO && lost == 0;
        if !self.json {
            println!(
                "{} records, batches of one transaction each, one core",
                measured.records
            );
        }
        let metrics = json!({
            "records": measured.records,
            "records_per_s": rounded(measured.records_per_s),
            "verify_only_per_s": rounded(measured.verify_only_per_s),
            "ratio": rounded(measured.ratio()),
            "acknowledged": killed.acknowledged,
            "recovered": killed.recovered,
            "lost": lost,
        });
        println!(
            "{}",
            json!({ "bench": "ingest", "passed": passed, "metrics": metrics })
        );
        Ok(exit_code(passed))
    }
}
