//! The arguments that name one run: parsed into a setup, and printed as the command that repeats it.

use std::ffi::OsString;
use std::fmt::Write as _;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use crate::profile::Profile;
use crate::scenario::options::Options;
use crate::scenario::{Outcome, Scenario, Setup, Tracing};
use crate::scenarios;
use crate::signing::Signing;
use crate::world::Sabotage;

/// One run of one scenario.
#[derive(Debug, Clone, Args)]
pub(super) struct Request {
    pub(super) scenario: String,
    #[arg(long, default_value_t = 50)]
    pub(super) nodes: usize,
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    #[command(flatten)]
    options: Options,
    /// The kind of signatures: `mock` makes long runs affordable.
    #[arg(long, default_value = "ed25519")]
    pub(super) signer: Signing,
    /// Device classes, with commas between them; dealt to the nodes in turn.
    #[arg(long)]
    profile: Option<String>,
    /// Break the feature on purpose, in this way.
    #[arg(long)]
    mutate: Option<String>,
}

/// A run that is over.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    /// The line that other programs read.
    pub(super) line: Value,
}

impl Request {
    pub(super) fn plain(scenario: &Scenario, nodes: usize, seed: u64, signer: Signing) -> Self {
        Self {
            scenario: scenario.name.to_owned(),
            nodes,
            seed,
            options: Options::default(),
            signer,
            profile: None,
            mutate: None,
        }
    }

    pub(super) fn run(&self, tracing: Tracing) -> anyhow::Result<Finished> {
        let scenario = self.scenario()?;
        let setup = self.setup(scenario, tracing)?;
        let outcome = (scenario.run)(&setup)
            .with_context(|| format!("{} could not be run", self.command()))?;
        let broken: Vec<&str> = outcome.broken().map(|(name, _)| name).collect();
        let line = json!({
            "scenario": scenario.name,
            "nodes": self.nodes,
            "seed": self.seed,
            "passed": outcome.passed(),
            "signer": setup.signing.word(),
            "broken": broken,
            "metrics": &outcome.metrics,
        });
        Ok(Finished { outcome, line })
    }

    /// Says on standard error what did not hold, and how to see it again.
    pub(super) fn explain(&self, outcome: &Outcome) {
        for (name, why) in outcome.broken() {
            eprintln!("{name}: {why}");
        }
        if !outcome.passed() {
            eprintln!("repeat with: {}", self.command());
        }
    }

    /// The command that repeats this run.
    pub(super) fn command(&self) -> String {
        let mut command = "palisade-sim run".to_owned();
        for argument in self.arguments() {
            let _infallible = write!(command, " {}", argument.to_string_lossy());
        }
        command
    }

    /// The arguments that name this run, for another process.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec![self.scenario.clone().into()];
        let mut option = |name: &str, value: String| arguments.extend([name.into(), value.into()]);
        option("--nodes", self.nodes.to_string());
        option("--seed", self.seed.to_string());
        for (name, value) in self.options.given() {
            option(&format!("--{name}"), value);
        }
        if self.signer != Signing::default() {
            option("--signer", self.signer.word().to_owned());
        }
        if let Some(profile) = &self.profile {
            option("--profile", profile.clone());
        }
        if let Some(mutation) = &self.mutate {
            option("--mutate", mutation.clone());
        }
        arguments
    }

    fn scenario(&self) -> anyhow::Result<&'static Scenario> {
        scenarios::find(&self.scenario)
            .with_context(|| format!("there is no scenario `{}`: see `list`", self.scenario))
    }

    fn setup(&self, scenario: &Scenario, tracing: Tracing) -> anyhow::Result<Setup> {
        self.options.check()?;
        let sabotage = self.sabotage(scenario)?;
        let profiles = Profile::pick(self.profile.as_deref())?.into();
        let plain = Setup::new(self.nodes, self.seed)?;
        Ok(Setup {
            options: self.options.clone(),
            profiles,
            sabotage,
            signing: self.signer,
            tracing,
            ..plain
        })
    }

    fn sabotage(&self, scenario: &Scenario) -> anyhow::Result<Sabotage> {
        let Some(name) = &self.mutate else {
            return Ok(Sabotage::default());
        };
        let known = scenario
            .mutations
            .iter()
            .find(|mutation| mutation.name == name);
        let known = known
            .with_context(|| format!("{} has no mutation `{name}`: see `list`", scenario.name))?;
        Ok(known.sabotage)
    }
}
