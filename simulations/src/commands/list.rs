//! `list`: what can be run.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::scenarios;

#[derive(Debug, Args)]
pub struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.json {
            println!("{}", self.as_json());
            return Ok(ExitCode::SUCCESS);
        }
        for scenario in scenarios::ALL {
            let mutations: Vec<&str> = scenario
                .mutations
                .iter()
                .map(|mutation| mutation.name)
                .collect();
            println!(
                "{:<12} {}\n{:<12} mutations: {}",
                scenario.name,
                scenario.about,
                "",
                mutations.join(", ")
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    fn as_json(&self) -> serde_json::Value {
        let row = |scenario: &crate::scenario::Scenario| {
            let mutations: Vec<&str> = scenario
                .mutations
                .iter()
                .map(|mutation| mutation.name)
                .collect();
            json!({
                "name": scenario.name,
                "mutations": mutations,
                "about": scenario.about,
                "open": scenarios::open(scenario.name),
            })
        };
        scenarios::ALL.iter().map(row).collect()
    }
}
