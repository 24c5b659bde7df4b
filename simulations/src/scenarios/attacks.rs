//! The nine attacks of the GossipSub v1.1 evaluation report (Vyzovitis et al., 2020) at four sybils to one honest node.
//!
//! There an identity costs nothing, and whoever dials enough links crowds a mesh. Here an identity is a membership and
//! neighbours follow from the roster, so a stranger gets no link at all. To be attacked in earnest the sybils are
//! therefore members: four of five seats, far beyond the third for which the mesh vouches by itself. What they keep
//! back the coordinator names a moment later to everybody; `--coordinator off` with `--liars 0.2` shows the mesh alone.
//!
//! | in the report | here |
//! |---|---|
//! | eclipse of a single target | sybils hand the target nothing and nothing of it on, but name everything |
//! | eclipse of the entire network | they hand nothing to anybody honest |
//! | eclipse of all publishers | as the first, around all who raise alerts |
//! | censorship of a single target | they hand on everything but the alerts of one |
//! | network degradation | they lose half of what they should hand on |
//! | cold boot | they eclipse the network from the first second on |
//! | covert flash | they behave for two minutes, then eclipse the network together |
//! | attack at dawn | the honest were off for the night and come back among sybils only |
//! | IP collocation | many machines share what is costly, one membership: a few are stolen and copied |

mod siege;

use serde_json::{Map, Value, json};

use super::watch::{Delays, seconds};
use crate::checks::Check;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::trace::Checkpoint;
use crate::world::Sabotage;
use siege::{ATTACKS, Attack, Siege};

pub const SCENARIO: Scenario = Scenario {
    name: "attacks",
    about: "the nine attacks of the GossipSub v1.1 report, four sybils to one honest (--liars): 99.9 % of honest alerts arrive, nobody is eclipsed",
    mutations: &[Mutation {
        name: "nobody_names",
        sabotage: Sabotage::unsaid(&["have"]),
    }],
    run,
};

/// Of all pairs of an alert and an honest node so many have to be met, and so soon.
const DELIVERY: f64 = 0.999;
const P99_MS: u64 = 6_000;

/// All nine together.
#[derive(Debug, Default)]
struct Tally {
    delays: Delays,
    worst: Option<f64>,
    eclipsed: usize,
    unraised: usize,
    broken: Vec<String>,
    attacks: Map<String, Value>,
    checkpoints: Vec<Checkpoint>,
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = std::time::Instant::now();
    let mut tally = Tally::default();
    for attack in ATTACKS {
        let siege = Siege::lay(setup, attack)?;
        tally.take(attack, siege);
    }
    Ok(tally.conclude(watch.elapsed().as_secs_f64()))
}

impl Tally {
    fn take(&mut self, attack: Attack, siege: Siege) {
        let Siege {
            mut delays,
            honest,
            eclipsed,
            unraised,
            outcome,
        } = siege;
        let delivery = delays.share();
        self.worst = Some(self.worst.map_or(delivery, |worst| worst.min(delivery)));
        self.eclipsed += eclipsed;
        self.unraised += unraised;
        let broken = outcome.broken();
        self.broken
            .extend(broken.map(|(name, why)| format!("{}: {name}: {why}", attack.word())));
        let row = json!({
            "delivery": share(delivery),
            "eclipsed": eclipsed,
            "honest": honest,
            "deliver_s_p99": seconds(delays.percentile(99)),
            "virtual_s": outcome.metrics.get("virtual_s"),
            "wall_s": outcome.metrics.get("wall_s"),
        });
        self.attacks.insert(attack.word().to_owned(), row);
        self.delays.join(delays);
        self.checkpoints.extend(outcome.checkpoints);
    }

    fn conclude(mut self, wall_s: f64) -> Outcome {
        let delivery = self.worst.unwrap_or(0.0);
        let p99 = self.delays.percentile(99);
        let attacks = Value::from(self.attacks);
        let checks = vec![
            Check::that(
                "anytime_nobody_honest_is_wronged",
                self.broken.is_empty(),
                || self.broken.join("; "),
            ),
            Check::none(
                "eventually_every_change_is_noticed",
                self.unraised as u64,
                "changes raised no alert",
            ),
            Check::that("eventually_alerts_arrive", delivery >= DELIVERY, || {
                format!("in the worst of them {delivery:.5}: {attacks}")
            }),
            Check::that(
                "eventually_they_arrive_soon",
                p99.is_some_and(|p99| p99 <= P99_MS),
                || format!("p99 is {p99:?} ms"),
            ),
            Check::none(
                "finally_nobody_is_eclipsed",
                self.eclipsed as u64,
                "honest nodes",
            ),
        ];
        let figures = [
            ("delivery", share(delivery)),
            ("eclipsed", json!(self.eclipsed)),
            ("deliver_s_p99", seconds(p99)),
            ("wall_s", rounded(wall_s)),
            ("attacks", attacks.clone()),
        ];
        Outcome::new(checks, figures, self.checkpoints)
    }
}

/// A share with the five places that 99.9 % needs; never rounded up to all.
fn share(share: f64) -> Value {
    json!((share * 100_000.0).floor() / 100_000.0)
}
