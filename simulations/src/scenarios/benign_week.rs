//! A week of devices that do nothing wrong, through the lookout that nodes run.

use std::time::Duration;

use replays::week::{Metrics, Week, week};
use serde_json::json;

use crate::checks::Check;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::{RulesFlaw, Sabotage};

pub const SCENARIO: Scenario = Scenario {
    name: "benign_week",
    about: "--nodes devices of several classes live a week of made-up traffic and do nothing wrong: at most one alert in a hundred device-days; a camera that is taken over at the end is named",
    mutations: &[
        Mutation {
            name: "hasty_profiles",
            sabotage: Sabotage::rules(RulesFlaw::Hasty),
        },
        Mutation {
            name: "endless_learning",
            sabotage: Sabotage::rules(RulesFlaw::Patient),
        },
    ],
    run,
};

/// Alerts that people bear: `DESIGN` says at most one in a hundred device-days.
const MOST: f64 = 1.0;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let usual = Week {
        seed: setup.seed,
        devices: u32::try_from(setup.nodes).unwrap_or(u32::MAX),
        ..Week::default()
    };
    let found = week(&match setup.sabotage.rules {
        RulesFlaw::None => usual,
        RulesFlaw::Hasty => Week {
            learning: Duration::from_secs(60),
            flows: 1,
            ..usual
        },
        RulesFlaw::Patient => Week {
            learning: Duration::from_secs(365 * 24 * 3600),
            ..usual
        },
    });
    Ok(judge(&found))
}

fn judge(found: &Metrics) -> Outcome {
    let checks = vec![
        Check::that(
            "finally_people_are_left_alone",
            found.alerts_per_100_device_days <= MOST,
            || {
                format!(
                    "{:.2} alerts in a hundred device-days, by {}",
                    found.alerts_per_100_device_days,
                    found.rules.join(", ")
                )
            },
        ),
        Check::that(
            "finally_the_camera_that_is_taken_over_is_named",
            found.control_found == 1,
            || "nobody is named".to_owned(),
        ),
    ];
    let figures = [
        ("alerts", json!(found.alerts)),
        ("device_days", json!(found.device_days)),
        (
            "alerts_per_100_device_days",
            rounded(found.alerts_per_100_device_days),
        ),
        ("control_found", json!(found.control_found)),
        ("moved", json!(found.moved)),
        ("flows", json!(found.flows)),
        ("rules", json!(found.rules)),
    ];
    Outcome::new(checks, figures, Vec::new())
}
