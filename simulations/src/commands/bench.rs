//! `bench`: what a machine can do, beside what a bare loop could.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::exit_code;
use crate::bench::{chart, fill, ingest, killed, sealed};
use crate::scenario::rounded;

/// The least share of bare verification that ingest has to reach.
const RATIO: f64 = 0.6;
/// A chart over thirty days may take so long.
const CHART_MS: f64 = 200.0;
/// Batches after which the ingesting process is killed.
const KILL_AFTER: usize = 12;

#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Signed records checked and durably stored on one core.
    Ingest(Ingest),
    /// The same records into a sealed store and into one in the clear.
    Sealed(Sealed),
    /// Thirty days of readings: the time of a chart and the room on disk.
    Chart(Chart),
    /// A coordinator's folder as a large fleet leaves it; `ops/bench-memory` serves it.
    Fill(Fill),
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
            Self::Chart(chart) => chart.run(),
            Self::Fill(fill) => fill.run(),
            Self::Sealed(sealed) => sealed.run(),
            Self::IngestChild(child) => {
                killed::child(&ingest::load(child.devices, child.records)?, &child.dir)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

#[derive(Debug, Args)]
pub struct Sealed {
    #[arg(long, default_value_t = 30_000)]
    records: usize,
    #[arg(long, default_value_t = 500)]
    devices: usize,
}

impl Sealed {
    /// Prints one line of JSON; a share of 1.1 is a tenth more for the sealed store.
    fn run(&self) -> anyhow::Result<ExitCode> {
        let load = ingest::load(self.devices, self.records)?;
        let dir = tempfile::tempdir()?;
        let measured = sealed::measure(&load, dir.path())?;
        let (sealed, plain) = (measured.sealed, measured.plain);
        let pair = |sealed: f64, plain: f64| json!({ "sealed_s": rounded(sealed), "plain_s": rounded(plain), "share": rounded(sealed / plain) });
        let metrics = json!({
            "records": measured.records,
            "ingest": pair(sealed.ingest_s, plain.ingest_s),
            "read_all": pair(sealed.read_s, plain.read_s),
            "check": pair(sealed.check_s, plain.check_s),
            "bytes_share": rounded(sealed.bytes as f64 / plain.bytes as f64),
        });
        println!("{}", json!({ "bench": "sealed", "metrics": metrics }));
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Args)]
pub struct Chart {
    #[arg(long, default_value_t = 30)]
    days: u64,
    #[arg(long, default_value_t = 2)]
    devices: u64,
    /// Print nothing but the line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Fill {
    /// A folder that does not exist yet.
    #[arg(long)]
    into: PathBuf,
    #[arg(long, default_value_t = 5_000)]
    devices: usize,
    /// Days of roll-ups; of the last one every reading is kept, one a minute.
    #[arg(long, default_value_t = 7)]
    days: u64,
}

impl Fill {
    /// Prints one line of JSON, with who can log in.
    fn run(&self) -> anyhow::Result<ExitCode> {
        let filled = fill::fill(&self.into, self.devices, self.days, mesh::wall())?;
        println!(
            "{}",
            json!({
                "devices": filled.devices, "records": filled.records, "store_bytes": filled.bytes,
                "took_s": rounded(filled.took_s), "name": filled.login.names[0].0, "password": filled.login.password,
            })
        );
        Ok(ExitCode::SUCCESS)
    }
}

impl Chart {
    fn run(&self) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            self.days > 0 && self.devices > 0,
            "--days and --devices must be more than zero"
        );
        let dir = tempfile::tempdir()?;
        let measured = chart::measure(dir.path(), self.days, self.devices)?;
        let passed = measured.query_ms_p95 <= CHART_MS;
        if !self.json {
            println!(
                "{} days of {} devices, by default retention",
                measured.days, measured.devices
            );
        }
        let metrics = json!({
            "days": measured.days,
            "devices": measured.devices,
            "query_ms_p95": rounded(measured.query_ms_p95),
            "bytes_per_device_day": measured.bytes_per_device_day,
        });
        println!(
            "{}",
            json!({ "bench": "chart", "passed": passed, "metrics": metrics })
        );
        Ok(exit_code(passed))
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
