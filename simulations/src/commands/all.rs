//! `all`: every scenario with several seeds, as many worlds at once as there are processors.

use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use clap::Args;
use serde_json::json;

use super::exit_code;
use super::request::{Finished, Request};
use crate::scenario::Tracing;
use crate::scenarios;
use crate::signing::Signing;

/// Worlds that run at once: each may need hundreds of megabytes.
const MOST_AT_ONCE: usize = 4;

#[derive(Debug, Args)]
pub struct All {
    #[arg(long, default_value_t = 20)]
    nodes: usize,
    /// Seeds for each scenario, from 1 on.
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// The kind of signatures: `mock` makes long runs affordable.
    #[arg(long, default_value = "ed25519")]
    signer: Signing,
    /// Print nothing but lines of JSON on standard output; the table goes to standard error.
    #[arg(long)]
    json: bool,
}

/// How the runs of one scenario went.
#[derive(Debug, Default)]
struct Row {
    runs: u64,
    passed: u64,
    wall_s: f64,
}

impl All {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let requests: Vec<Request> = scenarios::ALL
            .iter()
            .flat_map(|scenario| (1..=self.seeds).map(move |seed| (scenario, seed)))
            .map(|(scenario, seed)| Request::plain(scenario, self.nodes, seed, self.signer))
            .collect();
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        in_order(&requests, |request, finished| {
            request.explain(&finished.outcome);
            println!("{}", finished.line);
            let row = rows.entry(request.scenario.clone()).or_default();
            row.runs += 1;
            row.passed += u64::from(finished.outcome.passed());
            row.wall_s += finished.line["metrics"]["wall_s"].as_f64().unwrap_or(0.0);
        })?;
        if self.json {
            eprint!("{}", Table(&rows));
        } else {
            print!("{}", Table(&rows));
        }
        let runs: u64 = rows.values().map(|row| row.runs).sum();
        let passed: u64 = rows.values().map(|row| row.passed).sum();
        let signer = self.signer.word();
        println!(
            "{}",
            json!({ "runs": runs, "passed": passed, "signer": signer })
        );
        Ok(exit_code(runs == passed))
    }
}

/// The rows for a person.
struct Table<'a>(&'a BTreeMap<String, Row>);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<18} {:>5} {:>7} {:>9}",
            "scenario", "runs", "passed", "seconds"
        )?;
        for (name, row) in self.0 {
            let Row {
                runs,
                passed,
                wall_s,
            } = row;
            writeln!(f, "{name:<18} {runs:>5} {passed:>7} {wall_s:>9.1}")?;
        }
        Ok(())
    }
}

/// Runs everything, several at once, and hands over what finished in the order of the requests.
fn in_order(requests: &[Request], mut done: impl FnMut(&Request, Finished)) -> anyhow::Result<()> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let (next, (sender, receiver)) = (AtomicUsize::new(0), mpsc::channel());
    thread::scope(|scope| {
        for _ in 0..processors.min(MOST_AT_ONCE) {
            let (next, sender) = (&next, sender.clone());
            scope.spawn(move || work(requests, next, &sender));
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (place, finished) in receiver {
            early.insert(place, finished);
            while let Some(finished) = early.remove(&turn) {
                done(&requests[turn], finished?);
                turn += 1;
            }
        }
        Ok(())
    })
}

fn work(
    requests: &[Request],
    next: &AtomicUsize,
    sender: &Sender<(usize, anyhow::Result<Finished>)>,
) {
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = requests.get(place) else {
            return;
        };
        if sender.send((place, request.run(Tracing::Off))).is_err() {
            return;
        }
    }
}
