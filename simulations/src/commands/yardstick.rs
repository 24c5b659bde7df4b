//! `yardstick`: what the detectors reach on public data.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use detect::rules::Parameters;
use replays::exfiltration::{Scene, exfiltration};
use replays::{agent, botnet, connections, fingerprint, scan, setups};
use serde_json::{Value, json};
use yardsticks::Options;

#[derive(Debug, Args)]
pub struct Yardstick {
    /// A yardstick, the goal that one measures (G18), or `list`.
    name: String,
    /// The folder of the data, laid out like the public one.
    #[arg(long, env = "PALISADE_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Captures to learn devices from, a folder for each type, in place of the data's.
    #[arg(long)]
    train: Option<PathBuf>,
    /// Captures to judge; without them a part of those that are learnt from is set aside.
    #[arg(long)]
    test: Option<PathBuf>,
    /// Of everything that is drawn.
    #[arg(long, default_value_t = Options::default().seed)]
    seed: u64,
    /// Seeds, from this one on, whose figures are averaged.
    #[arg(long, default_value_t = Options::default().repeats)]
    repeats: u32,
    /// Print nothing but the line of JSON.
    #[arg(long)]
    json: bool,
}

/// Those that replay captures and logs.
const REPLAYS: [(&str, &str); 7] = [
    (
        "agent",
        "what the lookout of a node costs at a thousand flows a second and under floods, made up",
    ),
    (
        "scan",
        "scans named from packets: how soon, with the right source, and never on quiet ones",
    ),
    ("fingerprint", "devices told by how they talk"),
    (
        "botnet_replay",
        "captures of bots: named or not, and who else",
    ),
    (
        "setups",
        "devices that are set up again and again: how often the lookout speaks of them",
    ),
    ("connections", "scans named from Zeek's conn.log"),
    (
        "exfiltration",
        "a new camera of a known kind that carries data away, made up",
    ),
];

/// Goals, and the yardsticks that measure them; one may measure several.
const GOALS: [(&str, &str); 18] = [
    ("G1", "iforest"),
    ("G2", "iforest"),
    ("G3", "conformal"),
    ("G4", "streaming"),
    ("G5", "nab"),
    ("G6", "multivariate"),
    ("G7", "fingerprint"),
    ("G8", "fingerprint"),
    ("G9", "boosting"),
    ("G10", "threat"),
    ("G11", "sequence"),
    ("G12", "scan"),
    ("G13", "mud_transfer"),
    ("G16", "drift"),
    ("G17", "abtest"),
    ("G18", "agent"),
    ("G19", "same_model"),
    ("G20", "negative_control"),
];

/// A yardstick by its own name, or by that of a goal.
fn named(name: &str) -> &str {
    let goal = GOALS
        .iter()
        .find(|(goal, _)| goal.eq_ignore_ascii_case(name));
    goal.map_or(name, |(_, yardstick)| yardstick)
}

fn goals_of(yardstick: &str) -> String {
    let goals = GOALS.iter().filter(|(_, name)| *name == yardstick);
    let goals: Vec<&str> = goals.map(|(goal, _)| *goal).collect();
    goals.join(" ")
}

impl Yardstick {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.name == "list" {
            let tables = yardsticks::ALL.iter().map(|one| (one.name, one.about));
            for (name, about) in tables.chain(REPLAYS) {
                println!("{name:<17} {:<6} {about}", goals_of(name));
            }
            return Ok(ExitCode::SUCCESS);
        }
        let metrics = match self.replayed()? {
            Some(metrics) => metrics,
            None => self.tabled()?,
        };
        let (name, seed) = (named(&self.name), self.seed);
        if !self.json {
            println!("{name} on {}, seed {seed}", self.data.display());
        }
        println!(
            "{}",
            json!({ "yardstick": name, "seed": seed, "metrics": metrics })
        );
        Ok(ExitCode::SUCCESS)
    }

    fn replayed(&self) -> anyhow::Result<Option<Value>> {
        let data = &self.data;
        let metrics = match named(&self.name) {
            "agent" => serde_json::to_value(agent::agent(agent::Length::default())),
            "scan" => serde_json::to_value(scan::scan(data)?),
            "botnet_replay" => {
                serde_json::to_value(botnet::botnet_replay(data, &Parameters::default())?)
            }
            "setups" => serde_json::to_value(setups::setups(data)?),
            "connections" => serde_json::to_value(connections::connections(data)?),
            "exfiltration" => serde_json::to_value(exfiltration(&Scene::default())),
            "fingerprint" => {
                let train = self.train.as_ref().unwrap_or(data);
                serde_json::to_value(fingerprint::fingerprint(train, self.test.as_deref())?)
            }
            _ => return Ok(None),
        };
        Ok(Some(metrics?))
    }

    fn tabled(&self) -> anyhow::Result<Value> {
        let options = Options {
            seed: self.seed,
            repeats: self.repeats,
        };
        let metrics = yardsticks::run(named(&self.name), &self.data, options)?;
        Ok(serde_json::to_value(metrics)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_goal_names_a_yardstick_that_is_there() {
        let known = |name: &str| {
            yardsticks::ALL.iter().any(|one| one.name == name)
                || REPLAYS.iter().any(|(replay, _)| *replay == name)
        };
        for (goal, yardstick) in GOALS {
            assert!(known(yardstick), "{goal}: {yardstick}");
            assert_eq!(named(&goal.to_lowercase()), yardstick);
        }
        assert_eq!(named("setups"), "setups");
        assert_eq!(goals_of("iforest"), "G1 G2");
    }
}
