//! `twice`: one seed in two processes; every event and every output must be the same.

use std::io::{self, Write as _};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::exit_code;
use super::request::Request;
use crate::scenario::{OF_THE_MACHINE, Tracing};

#[derive(Debug, Args)]
pub struct Twice {
    #[command(flatten)]
    request: Request,
    /// Kept for scripts: the last line is JSON anyway.
    #[arg(long)]
    json: bool,
}

/// The hidden child of `twice`.
#[derive(Debug, Args)]
pub struct Recording {
    #[command(flatten)]
    request: Request,
}

/// What one child printed: a line for each checkpoint, and the figures.
#[derive(Debug, PartialEq, Eq)]
struct Printed {
    checkpoints: Vec<String>,
    figures: Value,
}

impl Recording {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let finished = self.request.run(Tracing::On)?;
        let mut out = io::stdout().lock();
        for checkpoint in &finished.outcome.checkpoints {
            writeln!(out, "{} {}", checkpoint.events, checkpoint.hash)?;
        }
        let mut metrics = finished.outcome.metrics;
        OF_THE_MACHINE
            .iter()
            .for_each(|figure| drop(metrics.remove(*figure)));
        writeln!(out, "{}", Value::from(metrics))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Twice {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let (first, second) = (self.child()?, self.child()?);
        let (first, second) = (Printed::read(first)?, Printed::read(second)?);
        let difference = first.difference(&second);
        if let Some(difference) = &difference {
            eprintln!("{difference}");
            eprintln!(
                "repeat with: {}",
                self.request.command().replacen("run", "twice", 1)
            );
        }
        let identical = difference.is_none();
        let line = json!({
            "scenario": self.request.scenario,
            "nodes": self.request.nodes,
            "seed": self.request.seed,
            "passed": identical,
            "signer": self.request.signer.word(),
            "metrics": { "identical": identical, "events": first.events() },
        });
        println!("{line}");
        Ok(exit_code(identical))
    }

    fn child(&self) -> anyhow::Result<std::process::Child> {
        let program = std::env::current_exe().context("cannot find this program on the disk")?;
        let mut command = Command::new(program);
        command
            .arg("trace")
            .args(self.request.arguments())
            .stdout(Stdio::piped());
        command.spawn().context("cannot start a second process")
    }
}

impl Printed {
    fn read(child: std::process::Child) -> anyhow::Result<Self> {
        let output = child
            .wait_with_output()
            .context("a run could not be read")?;
        anyhow::ensure!(
            output.status.success(),
            "a run ended with {}",
            output.status
        );
        let text =
            String::from_utf8(output.stdout).context("a run printed something that is no text")?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let figures = lines.pop().context("a run printed nothing")?;
        let figures =
            serde_json::from_str(&figures).context("a run did not end with its figures")?;
        Ok(Self {
            checkpoints: lines,
            figures,
        })
    }

    fn events(&self) -> u64 {
        self.checkpoints
            .last()
            .and_then(|line| line.split(' ').next()?.parse().ok())
            .unwrap_or(0)
    }

    /// Names the first stretch in which two runs differ.
    fn difference(&self, other: &Self) -> Option<String> {
        let stretches = self.checkpoints.iter().zip(&other.checkpoints);
        if let Some((place, (one, _))) = stretches.enumerate().find(|(_, (one, two))| one != two) {
            let before = place
                .checked_sub(1)
                .map_or("0", |before| event_count(&self.checkpoints[before]));
            return Some(format!(
                "the runs differ between events {before} and {}",
                event_count(one)
            ));
        }
        if self.checkpoints.len() != other.checkpoints.len() {
            return Some("one run has more events than the other".to_owned());
        }
        (self.figures != other.figures)
            .then(|| format!("the figures differ: {} and {}", self.figures, other.figures))
    }
}

fn event_count(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(checkpoints: &[&str], figure: u64) -> Printed {
        let checkpoints = checkpoints.iter().map(|line| (*line).to_owned()).collect();
        Printed {
            checkpoints,
            figures: json!({ "stored": figure }),
        }
    }

    #[test]
    fn the_first_different_stretch_is_named() {
        let one = printed(&["10000 aa", "20000 bb", "23000 cc"], 1);
        assert_eq!(
            one.difference(&printed(&["10000 aa", "20000 bb", "23000 cc"], 1)),
            None
        );
        let other = printed(&["10000 aa", "20000 xx", "23000 yy"], 1);
        assert_eq!(
            one.difference(&other).as_deref(),
            Some("the runs differ between events 10000 and 20000")
        );
        assert!(
            one.difference(&printed(&["10000 aa", "20000 bb", "23000 cc"], 2))
                .is_some()
        );
        assert_eq!(one.events(), 23_000);
    }
}
