//! The twenty-first camera of a known class carries data away in its first hour.

use replays::exfiltration::{Lending, Metrics, Scene, exfiltration};
use serde_json::json;

use crate::checks::Check;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::{RulesFlaw, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "exfiltration",
    about: "a new camera borrows the baseline of twenty others, and is caught in its first hour when it carries data away; --nodes counts for nothing",
    mutations: &[Mutation {
        name: "nothing_is_lent",
        sabotage: Sabotage::rules(RulesFlaw::Patient),
    }],
    run,
};

/// When it begins to steal: long before it could have learnt what is usual by itself.
const AFTER_S: u32 = 60;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let lending = match setup.sabotage.rules {
        RulesFlaw::None => Lending::OfTheClass,
        RulesFlaw::Patient | RulesFlaw::Hasty => Lending::Nothing,
    };
    let found = exfiltration(&Scene {
        seed: setup.seed,
        lending,
        after_s: AFTER_S,
        ..Scene::default()
    });
    Ok(judge(&found))
}

fn judge(found: &Metrics) -> Outcome {
    let checks = vec![
        Check::that(
            "eventually_the_new_camera_is_named_in_its_first_hour",
            found.detected == 1,
            || "nobody is named".to_owned(),
        ),
        Check::none(
            "anytime_nobody_else_is_accused",
            found.false_alerts.into(),
            "alarms about others",
        ),
    ];
    let figures = [
        ("detected", json!(found.detected)),
        ("delay_s", rounded(found.delay_s)),
        ("rule", json!(found.rule)),
        ("source_right", json!(found.source_right)),
        ("false_alerts", json!(found.false_alerts)),
    ];
    Outcome::new(checks, figures, Vec::new())
}
