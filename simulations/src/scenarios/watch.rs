//! What the scenarios of the neighbourhood watch share: a fleet that has settled, those who look on, and the
//! checks that hold whatever happens.

use serde_json::{Value, json};

use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::observers::Observer;
use crate::observers::announcements::Announcements;
use crate::observers::traffic::Traffic;
use crate::observers::verdicts::{FOUND_MS, Verdicts, percentile};
use crate::scenario::{Outcome, ScenarioError, Setup, Stopwatch, rounded};
use crate::world::{Fault, Settings, World};

/// When every fleet is up and has found its links.
pub(super) const SETTLED_MS: u64 = 60_000;
/// Nodes are switched on over this time.
const POWER_ON_MS: u64 = 10_000;

/// A world that is watched.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) world: World,
    pub(super) verdicts: Verdicts,
    pub(super) announcements: Announcements,
    pub(super) traffic: Traffic,
    stopwatch: Stopwatch,
}

impl Watched {
    /// A fleet on its ground under these conditions, not yet settled.
    pub(super) fn new(
        setup: &Setup,
        conditions: Conditions,
        ground: Ground,
    ) -> Result<Self, ScenarioError> {
        let stopwatch = Stopwatch::start();
        let settings = Settings {
            conditions,
            sabotage: setup.sabotage,
            trace: setup.trace(),
            power_on_ms: POWER_ON_MS,
        };
        Ok(Self {
            world: World::new(setup.fleet_on(ground)?, settings)?,
            verdicts: Verdicts::default(),
            announcements: Announcements::default(),
            traffic: Traffic::of(0..setup.nodes),
            stopwatch,
        })
    }

    pub(super) fn plan(&mut self, at_ms: u64, fault: Fault) {
        self.world.plan(at_ms, fault);
    }

    pub(super) fn run(&mut self, until_ms: u64) -> Result<(), ScenarioError> {
        self.world.run_watched(
            until_ms,
            &mut [
                &mut self.verdicts,
                &mut self.announcements,
                &mut self.traffic,
            ],
        )?;
        Ok(())
    }

    /// The same while a scenario looks on by itself.
    pub(super) fn run_with(
        &mut self,
        until_ms: u64,
        observer: &mut dyn Observer,
    ) -> Result<(), ScenarioError> {
        self.world.run_watched(
            until_ms,
            &mut [
                observer,
                &mut self.verdicts,
                &mut self.announcements,
                &mut self.traffic,
            ],
        )?;
        Ok(())
    }

    /// Runs until something is true, at most until a moment; says when it became true.
    pub(super) fn run_until_true(
        &mut self,
        latest_ms: u64,
        mut holds: impl FnMut(&Self) -> bool,
    ) -> Result<Option<u64>, ScenarioError> {
        while !holds(self) {
            if self.world.now_ms() >= latest_ms {
                return Ok(None);
            }
            let next_ms = self.world.now_ms() + crate::observers::LOOK_MS;
            self.run(next_ms.min(latest_ms))?;
        }
        Ok(Some(self.world.now_ms()))
    }

    /// Seats whose hosts are up.
    pub(super) fn living(&self) -> Vec<usize> {
        let up = |seat: &usize| self.world.model().is_up(HostId::node(*seat));
        (0..self.world.size()).filter(up).collect()
    }

    /// Seats that this one's machine holds down at this moment.
    pub(super) fn held_down_by(&self, seat: usize) -> impl Iterator<Item = usize> + '_ {
        let down = self.world.node(seat).map(|node| node.silence().down());
        let named = down.into_iter().flatten();
        named.filter_map(|device| self.world.seat_of(*device))
    }

    pub(super) fn conclude<const N: usize>(
        self,
        checks: Vec<Check>,
        metrics: [(&'static str, Value); N],
    ) -> Outcome {
        let mut all = self.always();
        all.extend(checks);
        let general = [
            ("virtual_s", rounded(self.world.now_ms() as f64 / 1000.0)),
            ("events", json!(self.world.counts().events)),
            ("bytes_by_message", self.bytes_by_message()),
        ];
        let figures = metrics
            .into_iter()
            .chain(general)
            .chain(self.stopwatch.figures(&self.world));
        let figures: Vec<_> = figures.collect();
        Outcome::new(all, figures, self.world.into_trace().finish())
    }

    /// That nobody whom the model knows to be healthy is called down, by nodes or by the coordinator; but for as
    /// long as links are still being found by somebody who has brought words from beyond a cut, and answers by others.
    pub(super) fn nobody_healthy_is_down(&self) -> Check {
        let wrong = self.verdicts.wronged();
        let behind = self.verdicts.longest_behind(self.world.now_ms());
        let held = wrong == 0 && behind.ms <= FOUND_MS;
        Check::that("anytime_nobody_healthy_is_held_down", held, || {
            let first = self.verdicts.first_wrong().unwrap_or_default();
            format!("{wrong} devices; first: {first}; by late words: {behind:?}")
        })
    }

    fn always(&self) -> Vec<Check> {
        let counts = self.world.counts();
        vec![
            Check::none(
                "anytime_nobody_honest_is_said_to_break_the_protocol",
                counts.misbehaviour,
                "words against somebody honest",
            ),
            Check::none(
                "anytime_nobody_honest_is_said_to_contradict_itself",
                counts.equivocations,
                "words against somebody honest",
            ),
            Check::none(
                "anytime_no_place_is_signed_twice",
                self.world.truth().forks(),
                "places signed twice",
            ),
            Check::none(
                "anytime_every_frame_can_be_read",
                counts.malformed,
                "malformed frames",
            ),
        ]
    }

    /// Bytes of one node in one second by kind of message, over the whole run.
    fn bytes_by_message(&self) -> Value {
        let node_seconds = self.world.size() as f64 * self.world.now_ms() as f64 / 1000.0;
        let sent: u64 = self.world.traffic().values().sum();
        let rest = self.world.sent_by_nodes() - sent;
        let kinds = self
            .world
            .traffic()
            .iter()
            .map(|(word, bytes)| (*word, *bytes));
        kinds
            .chain([("acknowledgements_and_handshakes", rest)])
            .map(|(word, bytes)| (word.to_owned(), rounded(bytes as f64 / node_seconds)))
            .collect()
    }
}

/// Seconds out of milliseconds; nothing for nothing.
pub(super) fn seconds(ms: Option<u64>) -> Value {
    ms.map_or(Value::Null, |ms| rounded(ms as f64 / 1000.0))
}

/// How soon observers knew of subjects: those that did, and how many never did.
#[derive(Debug, Default)]
pub(super) struct Delays {
    known: Vec<u64>,
    pub(super) missing: usize,
}

impl Delays {
    pub(super) fn add(&mut self, delays: Vec<Option<u64>>) {
        self.missing += delays.iter().filter(|delay| delay.is_none()).count();
        self.known.extend(delays.into_iter().flatten());
    }

    /// Takes what others have found.
    pub(super) fn join(&mut self, others: Self) {
        self.missing += others.missing;
        self.known.extend(others.known);
    }

    /// The share of those that did; none where nobody was asked.
    pub(super) fn share(&self) -> f64 {
        let asked = self.known.len() + self.missing;
        self.known.len() as f64 / asked.max(1) as f64
    }

    pub(super) fn percentile(&mut self, percent: usize) -> Option<u64> {
        percentile(&mut self.known, percent)
    }
}
