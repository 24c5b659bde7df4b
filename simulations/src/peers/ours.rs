//! Our own nodes through the schedule: what their certified views say, and what they send.

use std::collections::{BTreeMap, BTreeSet};

use protocol::id::DeviceId;
use protocol::node::Node;
use serde_json::{Value, json};

use super::schedule::{BEGINS_MS, Schedule};
use super::tally::Tally;
use crate::scenario::{ScenarioError, Setup, rounded};
use crate::trace::Trace;
use crate::world::{Sabotage, Settings, World};

/// Nodes are switched on one after the other over this time.
const POWER_ON_MS: u64 = 10_000;
/// How often the views are looked at, and so how much later than it happens a verdict may be counted.
const LOOK_MS: u64 = 50;

/// What a run left behind.
#[derive(Debug)]
pub struct Finished {
    pub tally: Tally,
    /// Bytes while bytes were counted, by the word of the message.
    traffic: BTreeMap<&'static str, u64>,
}

/// Lets a fleet of ours live through the schedule.
pub fn run(schedule: &Schedule, setup: &Setup) -> Result<Finished, ScenarioError> {
    let settings = Settings {
        conditions: schedule.conditions(),
        sabotage: Sabotage::default(),
        trace: Trace::default(),
        power_on_ms: POWER_ON_MS,
    };
    let mut world = World::new(setup.fleet()?, settings)?;
    world.run_until(BEGINS_MS)?;
    let (sent_bytes, traffic) = (world.sent_by_nodes(), world.traffic().clone());
    let mut onlooker = Onlooker::new(&world, schedule);
    for death in &schedule.deaths {
        onlooker.watch(&mut world, death.at_ms)?;
        world.pull_plug(death.seat, schedule.ends_ms);
    }
    onlooker.watch(&mut world, schedule.ends_ms)?;
    let mut tally = onlooker.tally;
    tally.sent(world.sent_by_nodes() - sent_bytes, world.now_ms());
    Ok(Finished {
        tally,
        traffic: since(world.traffic(), &traffic),
    })
}

impl Finished {
    /// Bytes per node and second of each kind of message; acknowledgements and handshakes are not among them.
    pub fn traffic(&self) -> Value {
        let node_seconds = self.tally.node_seconds();
        let rates = self.traffic.iter();
        let rates = rates.map(|(word, &bytes)| (*word, rounded(bytes as f64 / node_seconds)));
        json!(rates.collect::<BTreeMap<_, _>>())
    }
}

/// Sees what changes in anybody's view.
#[derive(Debug)]
struct Onlooker {
    tally: Tally,
    seats: BTreeMap<DeviceId, usize>,
    /// Whom each node holds for down.
    views: Vec<BTreeSet<usize>>,
}

impl Onlooker {
    fn new(world: &World, schedule: &Schedule) -> Self {
        let seats = 0..schedule.nodes;
        Self {
            tally: Tally::new(schedule),
            seats: seats.map(|seat| (world.device(seat), seat)).collect(),
            views: vec![BTreeSet::new(); schedule.nodes],
        }
    }

    fn watch(&mut self, world: &mut World, until_ms: u64) -> Result<(), ScenarioError> {
        while world.now_ms() < until_ms {
            world.run_until((world.now_ms() + LOOK_MS).min(until_ms))?;
            for observer in 0..self.views.len() {
                if let Some(node) = world.node(observer) {
                    self.look(observer, node, world.now_ms());
                }
            }
        }
        Ok(())
    }

    fn look(&mut self, observer: usize, node: &Node, now_ms: u64) {
        let down: BTreeSet<usize> = node
            .silence()
            .down()
            .iter()
            .map(|device| self.seats[device])
            .collect();
        let before = std::mem::take(&mut self.views[observer]);
        for &subject in down.difference(&before) {
            self.tally.down(observer, subject, now_ms);
        }
        for &subject in before.difference(&down) {
            self.tally.up(observer, subject);
        }
        self.views[observer] = down;
    }
}

fn since(
    later: &BTreeMap<&'static str, u64>,
    before: &BTreeMap<&'static str, u64>,
) -> BTreeMap<&'static str, u64> {
    let more = |word: &&'static str, bytes: u64| bytes - before.get(word).copied().unwrap_or(0);
    later
        .iter()
        .map(|(word, &bytes)| (*word, more(word, bytes)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::tally::Figures;

    fn figures(loss: f64, killed: usize, seed: u64) -> Figures {
        let schedule = Schedule::new(20, seed, loss, killed, 2.0).expect("a plain run");
        let setup = Setup::new(20, seed).expect("the profiles are built in");
        let finished = run(&schedule, &setup).expect("the world can be built");
        finished.tally.figures()
    }

    #[test]
    fn every_survivor_learns_of_every_death_and_nobody_is_wronged() {
        for loss in [0.0, 0.1] {
            let figures = figures(loss, 2, 1);
            assert_eq!((figures.missed, figures.false_down), (0, 0), "{figures:?}");
            // Nobody can know it before a beat was missed.
            assert!(figures.first_s > 5.0 && figures.all_s < 30.0, "{figures:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_figures() {
        assert_eq!(figures(0.05, 2, 3), figures(0.05, 2, 3));
        assert_ne!(figures(0.05, 2, 3), figures(0.05, 2, 4));
    }
}
