//! `peers`: other programs in the same run as ours.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::exit_code;
use crate::peers::comparison::Comparison;
use crate::peers::foca::{self, Pace};
use crate::peers::ours;
use crate::peers::schedule::Schedule;
use crate::scenario::{Setup, rounded};

#[derive(Debug, Subcommand)]
pub enum Peers {
    /// SWIM with suspicion: who is down, with the same distances, loss and deaths.
    Foca(Foca),
}

#[derive(Debug, Args)]
pub struct Foca {
    #[arg(long, default_value_t = 100)]
    nodes: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The share of packets that is lost: a datagram for good, a segment until it is sent again.
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// How many nodes lose their power, one after the other.
    #[arg(long, default_value_t = 5)]
    kill: usize,
    /// Virtual minutes that are counted, behind one of warming up.
    #[arg(long, default_value_t = 3.0)]
    minutes: f64,
    /// Whose settings foca runs with.
    #[arg(long, value_enum, default_value_t)]
    pace: Pace,
    /// Print nothing but the line of JSON.
    #[arg(long)]
    json: bool,
}

impl Peers {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Foca(foca) => foca.run(),
        }
    }
}

impl Foca {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let schedule = Schedule::new(self.nodes, self.seed, self.loss, self.kill, self.minutes)?;
        let setup = Setup::new(self.nodes, self.seed)?;
        let ours = ours::run(&schedule, &setup)?;
        let theirs = foca::run(&schedule, self.pace);
        let comparison = Comparison {
            peer: "foca",
            ours: ours.tally.figures(),
            theirs: theirs.tally.figures(),
        };
        if !self.json {
            println!("{}", self.heading());
            println!("{comparison}");
        }
        let mut metrics = comparison.metrics();
        let node_seconds = theirs.tally.node_seconds();
        let more = [
            ("ours_traffic", ours.traffic()),
            ("foca_pace", json!(self.pace.to_string())),
            (
                "foca_datagrams_per_node_s",
                rounded(theirs.datagrams as f64 / node_seconds),
            ),
            ("foca_errors", json!(theirs.errors)),
        ];
        metrics.extend(more.map(|(key, value)| (key.to_owned(), value)));
        let line = json!({
            "peers": "foca",
            "nodes": self.nodes,
            "seed": self.seed,
            "loss": self.loss,
            "kill": self.kill,
            "minutes": self.minutes,
            "passed": comparison.passed(),
            "signer": setup.signing.word(),
            "metrics": metrics,
        });
        println!("{line}");
        Ok(exit_code(comparison.passed()))
    }

    fn heading(&self) -> String {
        let config = self.pace.config(self.nodes);
        format!(
            "{} nodes, seed {}, {} % of packets lost, {} deaths, {} min; foca with {}: probe {:.1} s, suspicion {:.1} s",
            self.nodes,
            self.seed,
            self.loss * 100.0,
            self.kill,
            self.minutes,
            self.pace.settings(),
            config.probe_period.as_secs_f64(),
            config.suspect_to_down_after.as_secs_f64(),
        )
    }
}
