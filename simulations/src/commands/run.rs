//! `run`: one scenario from one seed.

use std::process::ExitCode;

use clap::Args;

use super::exit_code;
use super::request::Request;
use crate::scenario::Tracing;

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    request: Request,
    /// Print nothing but the line of JSON on standard output.
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let finished = self.request.run(Tracing::Off)?;
        if !self.json {
            for check in &finished.outcome.checks {
                println!(
                    "{:<7} {}",
                    if check.held() { "held" } else { "BROKEN" },
                    check.name
                );
            }
        }
        self.request.explain(&finished.outcome);
        println!("{}", finished.line);
        Ok(exit_code(finished.outcome.passed()))
    }
}
