//! `all`: every scenario with several seeds.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::exit_code;
use super::request::Request;
use crate::scenario::Tracing;
use crate::scenarios;

#[derive(Debug, Args)]
pub struct All {
    #[arg(long, default_value_t = 20)]
    nodes: usize,
    /// Seeds for each scenario, from 1 on.
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// Kept for scripts: every line is JSON anyway.
    #[arg(long)]
    json: bool,
}

impl All {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let (mut runs, mut passed) = (0_u64, 0_u64);
        for scenario in scenarios::ALL {
            for seed in 1..=self.seeds {
                let request = Request::plain(scenario, self.nodes, seed);
                let finished = request.run(Tracing::Off)?;
                request.explain(&finished.outcome);
                println!("{}", finished.line);
                runs += 1;
                passed += u64::from(finished.outcome.passed());
            }
        }
        println!("{}", json!({ "runs": runs, "passed": passed }));
        Ok(exit_code(runs == passed))
    }
}
