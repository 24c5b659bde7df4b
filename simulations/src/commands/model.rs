//! `model`: explores a small world to its last state, as it is or with one rule broken.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::exit_code;
use crate::models::explore::{Broken, Report};
use crate::models::{self, Model};
use crate::scenario::rounded;

#[derive(Debug, Args)]
pub struct Explore {
    /// A model, or `list`.
    name: String,
    /// Break one rule on purpose: the model must then find a counterexample.
    #[arg(long)]
    weaken: Option<String>,
    /// Print nothing but the line of JSON on standard output.
    #[arg(long)]
    json: bool,
}

impl Explore {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.name == "list" {
            self.list();
            return Ok(ExitCode::SUCCESS);
        }
        let model = models::find(&self.name)
            .with_context(|| format!("there is no model `{}`: see `model list`", self.name))?;
        let started = Instant::now();
        let report = self.search(model)?();
        let wall_s = started.elapsed().as_secs_f64();
        if !self.json {
            print(model, &report);
        }
        println!("{}", self.line(model, &report, wall_s));
        Ok(exit_code(report.broken.is_empty()))
    }

    fn search(&self, model: &Model) -> anyhow::Result<fn() -> Report> {
        let Some(name) = &self.weaken else {
            return Ok(model.explore);
        };
        let known = model.weakenings.iter().find(|known| known.name == name);
        let known = known.with_context(|| {
            format!("{} has no weakening `{name}`: see `model list`", model.name)
        })?;
        Ok(known.explore)
    }

    fn line(&self, model: &Model, report: &Report, wall_s: f64) -> Value {
        let broken: Vec<&str> = report.broken.iter().map(|one| one.claim).collect();
        let story = report.broken.iter().find_map(|one| one.story.as_ref());
        json!({
            "model": model.name,
            "weaken": self.weaken,
            "passed": report.broken.is_empty(),
            "broken": broken,
            "story": story,
            "metrics": {
                "states": report.states,
                "unique_states": report.unique,
                "depth": report.depth,
                "wall_s": rounded(wall_s),
            },
        })
    }

    fn list(&self) {
        if self.json {
            let row = |model: &Model| {
                let weakenings: Vec<&str> = model.weakenings.iter().map(|one| one.name).collect();
                json!({ "name": model.name, "weakenings": weakenings, "about": model.about, "bounds": model.bounds })
            };
            println!("{}", models::ALL.iter().map(row).collect::<Value>());
            return;
        }
        for model in models::ALL {
            let weakenings: Vec<&str> = model.weakenings.iter().map(|one| one.name).collect();
            println!("{:<12} {}", model.name, model.about);
            println!("{:<12} bounds: {}", "", model.bounds);
            println!("{:<12} weakenings: {}", "", weakenings.join(", "));
        }
    }
}

fn print(model: &Model, report: &Report) {
    println!("{}: {}", model.name, model.about);
    println!("bounds: {}", model.bounds);
    if report.broken.is_empty() {
        println!("held in all {} states", report.unique);
    }
    for Broken { claim, story } in &report.broken {
        let Some(story) = story else {
            println!("BROKEN  {claim}: no order of events leads there");
            continue;
        };
        println!("BROKEN  {claim}:");
        for (number, event) in story.iter().enumerate() {
            println!("{:>7}. {event}", number + 1);
        }
    }
}
