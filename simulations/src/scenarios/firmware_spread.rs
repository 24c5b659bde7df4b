//! A release spreads among nodes whose links are capped, beside liars, nodes that come and go, and a coordinator that leaves.

use serde_json::{Value, json};

use crate::checks::Check;
use crate::scenario::options::Presence;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::spread::{Coordinator, Plan, Report, Spread};
use crate::world::{Sabotage, SpreadFlaw};

pub const SCENARIO: Scenario = Scenario {
    name: "firmware_spread",
    about: "--mib of firmware reach every node over links of --rate-mib: hardly later than one link takes, and the coordinator sends it about once; where --changed of it is new, little more than that is fetched",
    mutations: &[
        Mutation {
            name: "unchecked",
            sabotage: Sabotage::spread(SpreadFlaw::Unchecked),
        },
        Mutation {
            name: "unannounced",
            sabotage: Sabotage::spread(SpreadFlaw::Unannounced),
        },
        Mutation {
            name: "unmarked",
            sabotage: Sabotage::spread(SpreadFlaw::Unmarked),
        },
    ],
    run,
};

const MIB: f64 = 1024.0 * 1024.0;
/// What is spread, and how fast hosts send and take, unless the run is told.
const SIZE_MIB: f64 = 16.0;
const RATE_MIB: f64 = 1.0;
/// What is fetched beside what is new: chunks that are new in part, and the index.
const AROUND: f64 = 0.04;
/// Liars and comings and goings that a mutation needs to show.
const MUTATED_LIARS: f64 = 0.05;
const MUTATED_CHURN: f64 = 0.1;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = std::time::Instant::now();
    let plan = plan(setup);
    let report = Spread::new(plan, setup.trace()).run();
    let checks = judge(&plan, &report);
    let metrics = metrics(&report, watch.elapsed().as_secs_f64());
    Ok(Outcome::new(checks, metrics, report.checkpoints))
}

fn plan(setup: &Setup) -> Plan {
    let flaw = setup.sabotage.spread;
    let (liars, churn) = match flaw {
        SpreadFlaw::Unchecked => (MUTATED_LIARS, 0.0),
        SpreadFlaw::Unmarked => (0.0, MUTATED_CHURN),
        SpreadFlaw::None | SpreadFlaw::Unannounced => (0.0, 0.0),
    };
    Plan {
        nodes: setup.nodes,
        seed: setup.seed,
        bytes: (setup.options.mib.unwrap_or(SIZE_MIB) * MIB) as u64,
        bytes_per_s: (setup.options.rate_mib.unwrap_or(RATE_MIB) * MIB) as u64,
        liars: setup.options.liars.unwrap_or(liars),
        churn: setup.options.churn.unwrap_or(churn),
        changed: setup.options.changed.unwrap_or(0.0),
        coordinator: match setup.options.coordinator {
            Some(Presence::Off) => Coordinator::LeavesOneCopy,
            Some(Presence::On) | None => Coordinator::Stays,
        },
        flaw,
    }
}

/// How many times as long as the least time it may take, where anything is promised.
fn time_goal(plan: &Plan) -> Option<f64> {
    match plan.liars {
        // Whoever was away has less time for the same.
        _ if plan.churn > 0.0 => None,
        // Of what takes a moment, most is the way.
        _ if plan.changed > 0.0 => None,
        liars if liars <= 0.0 => Some(1.3),
        liars if liars <= 0.05 => Some(1.5),
        liars if liars <= 0.2 => Some(2.0),
        _ => None,
    }
}

/// How many times its size the coordinator may send, where anything is promised.
fn egress_goal(plan: &Plan) -> Option<f64> {
    match (plan.liars > 0.0, plan.churn) {
        (true, _) => None,
        (false, churn) if churn <= 0.0 => Some(1.5),
        (false, churn) if churn <= 0.1 => Some(2.0),
        _ => None,
    }
}

/// How many times the size of the image a node may fetch, where everybody has most of it.
fn fetched_goal(plan: &Plan) -> Option<f64> {
    (plan.changed > 0.0).then_some(plan.changed + AROUND)
}

fn judge(plan: &Plan, report: &Report) -> Vec<Check> {
    let (bound_ratio, egress) = (report.last_s / report.bound_s, report.egress_ratio);
    let within = |goal: Option<f64>, figure: f64| goal.is_none_or(|goal| figure <= goal);
    let again = u64::from(report.chunks).div_ceil(100).max(1);
    vec![
        Check::none(
            "anytime_no_wrong_byte_is_stored",
            report.bad_bytes_stored,
            "bytes",
        ),
        Check::none(
            "anytime_nobody_honest_is_named",
            report.dropped_honest as u64,
            "nodes",
        ),
        Check::none(
            "eventually_everybody_has_everything",
            report.incomplete as u64,
            "nodes do not",
        ),
        Check::that(
            "finally_it_took_hardly_longer_than_one_link_needs",
            within(time_goal(plan), bound_ratio),
            || format!("{bound_ratio:.2} times as long"),
        ),
        Check::that(
            "finally_the_coordinator_sent_it_about_once",
            within(egress_goal(plan), egress),
            || format!("{egress:.2} times its size"),
        ),
        Check::that(
            "finally_only_what_is_new_was_fetched",
            within(fetched_goal(plan), report.fetched_ratio),
            || format!("{:.3} times its size", report.fetched_ratio),
        ),
        Check::that(
            "finally_a_restart_fetched_next_to_nothing_again",
            report.fetched_again <= again,
            || format!("{} chunks of {}", report.fetched_again, report.chunks),
        ),
    ]
}

fn metrics(report: &Report, wall_s: f64) -> [(&'static str, Value); 16] {
    [
        ("bound_s", rounded(report.bound_s)),
        ("last_s", rounded(report.last_s)),
        ("bound_ratio", rounded(report.last_s / report.bound_s)),
        ("egress_ratio", rounded(report.egress_ratio)),
        ("bad_bytes_stored", json!(report.bad_bytes_stored)),
        ("liars", json!(report.liars)),
        ("dropped_liars", json!(report.dropped_liars)),
        ("dropped_honest", json!(report.dropped_honest)),
        ("incomplete", json!(report.incomplete)),
        ("fetched_again", json!(report.fetched_again)),
        ("coordinator_left_s", json!(report.coordinator_left_s)),
        ("one_copy_s", json!(report.one_copy_s)),
        ("sent_ratio", rounded(report.sent_ratio)),
        ("fetched_ratio", rounded(report.fetched_ratio)),
        ("half_s", rounded(report.half_s)),
        ("wall_s", rounded(wall_s)),
    ]
}
