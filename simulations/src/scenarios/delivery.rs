//! What telemetry and offline share: the drain, and the judgement that nothing is lost, doubled or swapped.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::checks::Check;
use crate::network::Conditions;
use crate::scenario::{Outcome, ScenarioError, Setup, Stopwatch, rounded};
use crate::world::{Settings, World};

/// The share of segments that is lost while the faults last.
pub(super) const LOSS: f64 = 0.05;
/// Nodes are switched on over this time.
const POWER_ON_MS: u64 = 10_000;
/// How long what exists may take to be delivered once the faults have stopped.
const DRAIN_MS: u64 = 240_000;
/// How often the drain looks whether it is done.
const LOOK_MS: u64 = 5_000;

/// A world with the usual loss, unless another is asked for.
pub(super) fn world(setup: &Setup) -> Result<World, ScenarioError> {
    let settings = Settings {
        conditions: Conditions::lossy(setup.options.loss.unwrap_or(LOSS)),
        sabotage: setup.sabotage,
        trace: setup.trace(),
        power_on_ms: POWER_ON_MS,
    };
    Ok(World::new(setup.fleet()?, settings)?)
}

/// A run whose faults last until `end_ms`: lets it happen, drains it, and judges.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) world: World,
    watch: Stopwatch,
    end_ms: u64,
    /// Bytes that the nodes had sent when the faults stopped.
    sent_bytes: u64,
    traffic: BTreeMap<&'static str, u64>,
    drained: Option<u64>,
}

impl Delivery {
    pub(super) fn run(
        mut world: World,
        watch: Stopwatch,
        end_ms: u64,
    ) -> Result<Self, ScenarioError> {
        world.run_until(end_ms)?;
        let (sent_bytes, traffic) = (world.sent_by_nodes(), world.traffic().clone());
        world.set_conditions(Conditions::CALM);
        world.stop_sampling();
        let mut drained = None;
        while drained.is_none() && world.now_ms() < end_ms + DRAIN_MS {
            world.run_until(world.now_ms() + LOOK_MS)?;
            let everything = world.store().records() >= world.truth().count();
            drained = everything.then_some(world.now_ms() - end_ms);
        }
        Ok(Self {
            world,
            watch,
            end_ms,
            sent_bytes,
            traffic,
            drained,
        })
    }

    pub(super) fn conclude(
        self,
        more_checks: Vec<Check>,
        more_metrics: &[(&str, Value)],
    ) -> Outcome {
        let mut checks = self.checks();
        checks.extend(more_checks);
        let mut metrics = self.metrics();
        metrics.extend(
            more_metrics
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone())),
        );
        Outcome {
            checks,
            metrics,
            checkpoints: self.world.into_trace().finish(),
        }
    }

    fn checks(&self) -> Vec<Check> {
        let (violations, counts, difference) = (
            self.world.store().violations(),
            self.world.counts(),
            self.world.difference(),
        );
        let waiting = || {
            self.world
                .truth()
                .count()
                .saturating_sub(self.world.store().records())
        };
        vec![
            Check::none(
                "anytime_no_record_is_stored_twice",
                violations.duplicated,
                "records stored twice",
            ),
            Check::none(
                "anytime_records_are_stored_in_order",
                violations.out_of_order,
                "records stored out of order",
            ),
            Check::none(
                "anytime_only_members_are_stored",
                violations.unknown,
                "records of unknown devices",
            ),
            Check::none(
                "anytime_nobody_honest_is_accused",
                counts.misbehaviour + counts.equivocations,
                "accusations",
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
            Check::none(
                "anytime_every_door_opens_to_members",
                counts.refusals,
                "members refused",
            ),
            Check::that(
                "eventually_everything_is_delivered",
                self.drained.is_some(),
                || {
                    format!(
                        "{} records still wait {} s after the faults",
                        waiting(),
                        DRAIN_MS / 1000
                    )
                },
            ),
            Check::none(
                "finally_nothing_is_lost",
                difference.lost,
                "durable records lost",
            ),
            Check::none(
                "finally_nothing_is_doubled",
                difference.duplicated,
                "records doubled",
            ),
            Check::none(
                "finally_the_order_is_kept",
                difference.out_of_order,
                "records out of order",
            ),
            Check::none(
                "finally_nothing_was_sent_before_it_was_saved",
                difference.unsaved,
                "records never saved",
            ),
            Check::that(
                "finally_something_was_delivered",
                difference.stored > 0,
                || "the store is empty".to_owned(),
            ),
        ]
    }

    fn metrics(&self) -> Map<String, Value> {
        let (difference, counts) = (self.world.difference(), self.world.counts());
        let drained = self.drained.map(|ms| rounded(ms as f64 / 1000.0));
        let figures = [
            ("records_sent", json!(difference.saved)),
            ("records_stored", json!(difference.stored)),
            ("lost", json!(difference.lost)),
            ("duplicated", json!(difference.duplicated)),
            ("out_of_order", json!(difference.out_of_order)),
            ("bytes_per_node_s", self.per_node_s(self.sent_bytes)),
            ("bytes_by_message", self.bytes_by_message()),
            ("drained_s", drained.unwrap_or_default()),
            ("node_restarts", json!(counts.node_restarts)),
            ("coordinator_restarts", json!(counts.coordinator_restarts)),
            ("unlinked", json!(counts.unlinked)),
            ("virtual_s", rounded(self.world.now_ms() as f64 / 1000.0)),
            ("events", json!(counts.events)),
        ];
        let figures = figures.into_iter().chain(self.watch.figures(&self.world));
        figures
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// The same bytes by kind of message; bare acknowledgements and handshakes are the rest.
    fn bytes_by_message(&self) -> Value {
        let rest = self.sent_bytes - self.traffic.values().sum::<u64>();
        let kinds = self.traffic.iter().map(|(word, bytes)| (*word, *bytes));
        let kinds = kinds.chain([("acknowledgements_and_handshakes", rest)]);
        kinds
            .map(|(word, bytes)| (word.to_owned(), self.per_node_s(bytes)))
            .collect()
    }

    fn per_node_s(&self, bytes: u64) -> Value {
        let node_seconds = self.world.fleet().members.len() as f64 * self.end_ms as f64 / 1000.0;
        rounded(bytes as f64 / node_seconds)
    }
}
