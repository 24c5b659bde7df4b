//! A week without the coordinator: witnesses change by the hour while the dealt seeds last, and stay when they run out.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::beacon::{DEALT, EPOCH, Rotation, threshold};
use protocol::node::Notice;
use protocol::roster::Pair;
use serde_json::json;

use super::watch::{SETTLED_MS, Watched};
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::observers::Observer;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::{Fault, Sabotage, Said, World};

pub const SCENARIO: Scenario = Scenario {
    name: "beacon_starved",
    about: "the coordinator is gone and holders of seeds with it (--days: 7.5 for hours as they are, fewer make them shorter): witnesses change while seeds last, then stay, nobody disagrees",
    mutations: &[
        Mutation {
            name: "nobody_releases_a_share",
            sabotage: Sabotage::unsaid(&["share", "secret"]),
        },
        Mutation {
            name: "nobody_passes_a_dealing_on",
            sabotage: Sabotage::unsaid(&["dealing"]),
        },
    ],
    run,
};

/// Gateways that hold shares.
const HOLDERS: usize = 8;
/// Epochs that a run covers: until the coordinator is gone, all that were dealt, and some of hunger.
const EPOCHS: u32 = 180;
/// Days of a run whose hours last an hour.
const WEEK: f64 = 7.5;
/// Epochs last a minute unless the run is told to take longer.
const SHORT: f64 = WEEK / 60.0;
/// Epochs after which the coordinator is gone, and after which holders are.
const GONE: u64 = 4;
const HOLDERS_GONE: u64 = 24;

/// What nodes say about their seats.
#[derive(Debug, Default)]
struct Hunger {
    starved: BTreeSet<usize>,
    turns: u64,
}

impl Observer for Hunger {
    fn heard(&mut self, _world: &World, said: &Said) {
        match said {
            Said::Node {
                seat,
                notice: Notice::Rotation(Rotation::Frozen { .. }),
            } => {
                self.starved.insert(*seat);
            }
            Said::Node {
                notice: Notice::Turned { .. },
                ..
            } => self.turns += 1,
            _ => {}
        }
    }
}

/// The seeds by which nodes held their seats in the middle of each epoch.
#[derive(Debug, Default)]
struct Views {
    seen: BTreeSet<Pair>,
    last: BTreeSet<Pair>,
    disagreements: u64,
    same: u32,
}

impl Views {
    fn look(&mut self, watched: &Watched) {
        let living = watched.living().into_iter();
        let nodes = living.filter_map(|seat| watched.world.node(seat));
        let views: BTreeSet<Pair> = nodes.map(|node| node.roster().seeds()).collect();
        self.disagreements += u64::from(views.len() > 1);
        self.same = if views == self.last { self.same + 1 } else { 0 };
        self.seen.extend(views.iter().copied());
        self.last = views;
    }
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let days = setup.options.days.unwrap_or(SHORT);
    let epoch = EPOCH.mul_f64((days / WEEK).clamp(SHORT / WEEK, 1.0));
    let setup = Setup {
        gateways: HOLDERS,
        epoch,
        ..setup.clone()
    };
    let epoch_ms = u64::try_from(epoch.as_millis()).unwrap_or(u64::MAX);
    let mut watched = Watched::new(&setup, Conditions::CALM, Ground::default())?;
    let hosts = vec![HostId::COORDINATOR];
    let gone_ms = SETTLED_MS + GONE * epoch_ms;
    watched.plan(gone_ms, Fault::Die { hosts });
    let missing = HOLDERS - threshold(HOLDERS);
    let hosts = (0..missing).map(HostId::node).collect();
    watched.plan(SETTLED_MS + HOLDERS_GONE * epoch_ms, Fault::Die { hosts });
    let (mut hunger, mut views) = (Hunger::default(), Views::default());
    let begun = watched.world.wall().as_millis();
    let first = begun.next_multiple_of(epoch_ms) - begun + epoch_ms / 2;
    for number in 0..u64::from(EPOCHS) {
        let middle = first + number * epoch_ms;
        watched.run_with(middle, &mut hunger)?;
        if middle > gone_ms {
            views.look(&watched);
        }
    }
    Ok(judge(watched, &hunger, &views, epoch, gone_ms))
}

fn judge(
    watched: Watched,
    hunger: &Hunger,
    views: &Views,
    epoch: Duration,
    gone_ms: u64,
) -> Outcome {
    let living = watched.living();
    let starving = |seat: &&usize| {
        let node = watched.world.node(**seat);
        let frozen = node.is_some_and(|node| matches!(node.rotation(), Rotation::Frozen { .. }));
        frozen && hunger.starved.contains(*seat)
    };
    let starved = living.iter().filter(starving).count();
    let turned = views.seen.len();
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::none(
            "anytime_no_node_disagrees_on_the_seeds",
            views.disagreements,
            "epochs with more than one view",
        ),
        Check::that(
            "eventually_every_dealt_epoch_has_its_own_witnesses",
            turned + 3 >= usize::from(DEALT),
            || format!("{turned} different seats of {DEALT}"),
        ),
        Check::that(
            "finally_seats_stay_where_they_are",
            views.same >= 3 && views.last.len() == 1,
            || format!("the same for {} epochs", views.same),
        ),
        Check::that(
            "finally_everybody_says_that_the_seeds_have_run_out",
            starved == living.len(),
            || format!("{starved} of {}", living.len()),
        ),
    ];
    let end_ms = watched.world.now_ms();
    let mean = watched.traffic.mean(gone_ms, end_ms);
    let peak = watched.traffic.peak(gone_ms, end_ms, 60_000);
    let figures = [
        ("honest_evicted", json!(watched.verdicts.wronged())),
        ("epoch_s", json!(epoch.as_secs())),
        ("epochs_turned", json!(turned)),
        ("turns", json!(hunger.turns)),
        ("disagreements", json!(views.disagreements)),
        ("starved", json!(starved)),
        ("bytes_per_node_s", rounded(mean)),
        ("peak_bytes_per_node_s", rounded(peak)),
        ("traffic_ratio", rounded(peak / mean.max(1.0))),
    ];
    watched.conclude(checks, figures)
}
