//! A worm goes through a network whose hosts have one weak service each: decoys stop it, or nothing does.

mod outbreak;

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::coordinator::Command;
use protocol::node::Notice;
use protocol::tripwire::{Service, Touched};
use serde_json::json;

use super::watch::{SETTLED_MS, Watched, seconds};
use crate::checks::Check;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::observers::Observer;
use crate::scenario::options::Presence;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Sabotage, Said, World};
use outbreak::{Outbreak, address};

pub const SCENARIO: Scenario = Scenario {
    name: "worm",
    about: "a worm scans a /24 and breaks into one weak service of each host: with decoys at most 5 fall, without all do; a scanner on an errand triggers nothing",
    mutations: &[Mutation {
        name: "nobody_passes_on",
        sabotage: Sabotage::unsaid(&["alert"]),
    }],
    run,
};

/// Between two looks at what the worm does.
const STEP_MS: u64 = 50;
/// How long the worm has.
const OUTBREAK_MS: u64 = 300_000;
/// For the scan of our own that comes first.
const SCAN_MS: u64 = 10_000;
/// What the goal allows.
const FALLEN: usize = 5;
/// The node that scans on an errand.
const SCANNER: usize = 0;

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let decoys = setup.options.decoys.unwrap_or(Presence::On);
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    watched.run(SETTLED_MS)?;
    let mut heard = Heard::default();
    if decoys == Presence::On {
        scan_on_an_errand(&mut watched, &mut heard)?;
    }
    let scanned = (heard.touches, heard.blocks);
    let begin_ms = watched.world.now_ms();
    let mut outbreak = Outbreak::new(setup.seed, setup.nodes, decoys, begin_ms);
    let mut immune_ms = None;
    while watched.world.now_ms() < begin_ms + OUTBREAK_MS {
        let next_ms = watched.world.now_ms() + STEP_MS;
        watched.run_with(next_ms, &mut heard)?;
        outbreak.go_on(&mut watched.world);
        if immune_ms.is_none() && is_immune(&watched.world, &outbreak) {
            immune_ms = Some(watched.world.now_ms() - begin_ms);
        }
    }
    let fallen = outbreak.fallen().len();
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::none(
            "anytime_a_scanner_on_an_errand_triggers_nothing",
            (scanned.0 + scanned.1) as u64,
            "alerts and blocks",
        ),
        match decoys {
            Presence::On => Check::that("finally_few_have_fallen", fallen <= FALLEN, || {
                format!("{fallen} of {}", setup.nodes)
            }),
            Presence::Off => Check::that(
                "finally_nothing_else_has_stopped_it",
                fallen == setup.nodes,
                || format!("only {fallen} of {} have fallen", setup.nodes),
            ),
        },
    ];
    let first_ms = heard.first_ms.map(|at_ms| at_ms - begin_ms);
    let figures = [
        ("infected", json!(fallen)),
        ("first_alert_s", seconds(first_ms)),
        ("immunised_s", seconds(immune_ms)),
        ("alerts", json!(heard.raised.len())),
    ];
    Ok(watched.conclude(checks, figures))
}

/// A scan that the coordinator has announced: it touches every decoy.
fn scan_on_an_errand(watched: &mut Watched, heard: &mut Heard) -> Result<(), ScenarioError> {
    let scanner = watched.world.device(SCANNER);
    watched.world.order(Command::Excuse {
        scanner,
        source: address(SCANNER),
        length: Duration::from_millis(2 * SCAN_MS),
    });
    let begin_ms = watched.world.now_ms() + SCAN_MS / 2;
    watched.run_with(begin_ms, heard)?;
    for seat in 0..watched.world.size() {
        watched.world.touch(seat, touched(SCANNER));
    }
    watched.run_with(begin_ms + SCAN_MS / 2, heard)
}

/// How a decoy tells of a host that has touched it.
fn touched(by: usize) -> Touched {
    Touched {
        source: address(by),
        service: Service::Telnet,
        port: 23,
        credentials: 1,
        said: None,
    }
}

/// Whether every host that has not fallen keeps the first one away.
fn is_immune(world: &World, outbreak: &Outbreak) -> bool {
    let source = address(outbreak.first());
    let left = (0..world.size()).filter(|seat| !outbreak.fallen().contains(seat));
    let left: Vec<usize> = left.collect();
    !left.is_empty() && left.iter().all(|seat| world.keeps_away(*seat, &source))
}

/// What was said of decoys.
#[derive(Debug, Default)]
struct Heard {
    touches: usize,
    blocks: usize,
    first_ms: Option<u64>,
    raised: BTreeSet<(usize, u64)>,
}

impl Observer for Heard {
    fn heard(&mut self, world: &World, said: &Said) {
        let Said::Node { seat, notice } = said else {
            return;
        };
        match notice {
            Notice::Alert { device, matter, .. } if *matter == "decoy_touched" => {
                self.touches += 1;
                self.first_ms.get_or_insert(world.now_ms());
                if world.seat_of(*device) == Some(*seat) {
                    self.raised.insert((*seat, world.now_ms()));
                }
            }
            Notice::Blocked(_) => self.blocks += 1,
            _ => {}
        }
    }
}
