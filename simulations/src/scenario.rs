//! What a scenario is: a name, its mutations, and a run that returns checks and figures.

pub mod options;

use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::beacon::EPOCH;
use protocol::class::DeviceClass;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::checks::{Check, Verdict};
use crate::fleet::{Blueprint, Fleet, FleetError, Ground};
use crate::profile::{Profile, ProfileError};
use crate::signing::Signing;
use crate::trace::{Checkpoint, Trace};
use crate::world::{Sabotage, World, WorldError};
use options::Options;

/// One scenario of the list.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    pub mutations: &'static [Mutation],
    pub run: fn(&Setup) -> Result<Outcome, ScenarioError>,
}

/// A way to break the feature on purpose: with it the scenario must not pass.
#[derive(Debug, Clone, Copy)]
pub struct Mutation {
    pub name: &'static str,
    pub sabotage: Sabotage,
}

/// What a run is told.
#[derive(Debug, Clone)]
pub struct Setup {
    pub nodes: usize,
    pub seed: u64,
    pub options: Options,
    pub profiles: Arc<[(DeviceClass, Profile)]>,
    pub sabotage: Sabotage,
    pub signing: Signing,
    pub tracing: Tracing,
    /// How many of the first seats are gateways by the charter.
    pub gateways: usize,
    /// How long a set of witnesses serves.
    pub epoch: Duration,
}

/// Whether events are hashed for a comparison of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tracing {
    #[default]
    Off,
    On,
}

/// What a run found.
#[derive(Debug)]
pub struct Outcome {
    pub checks: Vec<Check>,
    pub metrics: Map<String, Value>,
    pub checkpoints: Vec<Checkpoint>,
}

#[derive(Debug, Error)]
pub enum ScenarioError {
    #[error(transparent)]
    Fleet(#[from] FleetError),
    #[error(transparent)]
    Captures(#[from] replays::captures::CapturesError),
    #[error(transparent)]
    World(#[from] WorldError),
}

impl Setup {
    /// A plain run of all profiles in turn.
    pub fn new(nodes: usize, seed: u64) -> Result<Self, ProfileError> {
        Ok(Self {
            nodes,
            seed,
            options: Options::default(),
            profiles: Profile::pick(None)?.into(),
            sabotage: Sabotage::default(),
            signing: Signing::default(),
            tracing: Tracing::default(),
            gateways: 0,
            epoch: EPOCH,
        })
    }

    pub fn fleet(&self) -> Result<Fleet, FleetError> {
        self.fleet_on(Ground::default())
    }

    pub fn fleet_on(&self, ground: Ground) -> Result<Fleet, FleetError> {
        Fleet::build(Blueprint {
            gateways: self.gateways,
            epoch: self.epoch,
            seed: self.seed,
            nodes: self.nodes,
            ground,
            signing: self.signing,
            profiles: self.profiles(),
        })
    }

    /// The profiles, with the period of this run where it has one.
    fn profiles(&self) -> Arc<[(DeviceClass, Profile)]> {
        let Some(period) = self.options.period else {
            return Arc::clone(&self.profiles);
        };
        let mut profiles = self.profiles.to_vec();
        for (_, profile) in &mut profiles {
            profile.period_s = (period as u64).max(1);
        }
        profiles.into()
    }

    pub fn trace(&self) -> Trace {
        match self.tracing {
            Tracing::Off => Trace::default(),
            Tracing::On => Trace::recording(),
        }
    }
}

impl Outcome {
    /// What a run has to say, its figures by their names.
    pub fn new(
        checks: Vec<Check>,
        metrics: impl IntoIterator<Item = (&'static str, Value)>,
        checkpoints: Vec<Checkpoint>,
    ) -> Self {
        let metrics = metrics.into_iter();
        Self {
            checks,
            metrics: metrics
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            checkpoints,
        }
    }

    pub fn passed(&self) -> bool {
        self.checks.iter().all(Check::held)
    }

    /// The checks that did not hold, with the reason of each.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.checks.iter().filter_map(|check| match &check.verdict {
            Verdict::Held => None,
            Verdict::Broken { why } => Some((check.name, why.as_str())),
        })
    }
}

/// Times a run by the clock of the machine that it runs on: for figures, never for decisions.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// What every run reports about its own speed.
    pub fn figures(&self, world: &World) -> [(&'static str, Value); 3] {
        let wall_s = self.0.elapsed().as_secs_f64();
        let node_seconds = world.fleet().members.len() as f64 * world.now_ms() as f64 / 1000.0;
        let speed = node_seconds / wall_s.max(0.001);
        [
            ("wall_s", rounded(wall_s)),
            ("rss_mb", json!(peak_memory_mb())),
            ("node_seconds_per_wall_s", rounded(speed)),
        ]
    }
}

/// Figures that differ from run to run on the same seed.
pub const OF_THE_MACHINE: [&str; 3] = ["wall_s", "rss_mb", "node_seconds_per_wall_s"];

/// A figure with two places: more of them would only pretend.
pub fn rounded(figure: f64) -> Value {
    json!((figure * 100.0).round() / 100.0)
}

/// The highest resident memory of this process, as Linux reports it; zero elsewhere.
fn peak_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| {
        rest.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
    });
    kib.unwrap_or(0) / 1024
}
