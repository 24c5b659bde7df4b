//! `yardstick`: what the detectors reach on public data.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use yardsticks::Options;

#[derive(Debug, Args)]
pub struct Yardstick {
    /// A yardstick, or `list`.
    name: String,
    /// The folder of the data, laid out like the public one.
    #[arg(long, env = "PALISADE_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Of everything that is drawn.
    #[arg(long, default_value_t = Options::default().seed)]
    seed: u64,
    /// Seeds, from this one on, whose figures are averaged.
    #[arg(long, default_value_t = Options::default().repeats)]
    repeats: u32,
    /// Print nothing but the line of JSON.
    #[arg(long)]
    json: bool,
}

impl Yardstick {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.name == "list" {
            yardsticks::ALL
                .iter()
                .for_each(|one| println!("{:<17} {}", one.name, one.about));
            return Ok(ExitCode::SUCCESS);
        }
        let options = Options {
            seed: self.seed,
            repeats: self.repeats,
        };
        let metrics = yardsticks::run(&self.name, &self.data, options)?;
        if !self.json {
            println!(
                "{} on {}, seed {}",
                self.name,
                self.data.display(),
                self.seed
            );
        }
        println!(
            "{}",
            json!({ "yardstick": self.name, "seed": self.seed, "metrics": metrics })
        );
        Ok(ExitCode::SUCCESS)
    }
}
