//! `demo`: an invented week in a coordinator's folder.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use crate::demo::{Made, Wish, fill};

#[derive(Debug, Args)]
pub struct Demo {
    /// A folder that does not exist yet; `palisade-coordinator serve --dir` of it shows the week.
    #[arg(long)]
    into: PathBuf,
    #[arg(long, default_value_t = 60)]
    devices: usize,
    #[arg(long, default_value_t = 7)]
    days: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints one line of JSON.
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let clock = Instant::now();
        let wish = Wish {
            devices: self.devices,
            days: self.days,
            seed: self.seed,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let made = runtime.block_on(fill(&self.into, &wish, mesh::wall()));
        let made = made.with_context(|| format!("{} was not filled", self.into.display()))?;
        self.tell(&made, clock.elapsed().as_secs_f64());
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, made: &Made, took_s: f64) {
        let names: Vec<_> = made
            .login
            .names
            .iter()
            .map(|(name, role)| json!({"name": name, "role": role}))
            .collect();
        if self.json {
            println!(
                "{}",
                json!({
                    "members": made.members, "without_node": made.without_node, "records": made.records,
                    "alerts": made.alerts, "findings": made.findings, "audit": made.audit,
                    "took_s": took_s, "people": names, "password": made.login.password,
                })
            );
            return;
        }
        println!(
            "{} members and {} devices beside them, {} records, {} alerts, {} findings in {took_s:.1} s",
            made.members, made.without_node, made.records, made.alerts, made.findings
        );
        println!(
            "Serve it: palisade-coordinator serve --dir {}",
            self.into.display()
        );
        for (name, role) in &made.login.names {
            println!("  {name} ({role})");
        }
        println!("The password of all of them: {}", made.login.password);
    }
}
