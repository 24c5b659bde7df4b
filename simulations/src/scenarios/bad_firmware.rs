//! A release that lies: it says that it is healthy, hides its port, and opens a door that only neighbours can find.

use std::collections::BTreeSet;

use protocol::coordinator::{Command, Event};
use protocol::id::{DeviceId, Digest};
use protocol::install::{Reason, State, Terms};
use protocol::release::Counter;
use protocol::rollout::{
    Approval, Fault, Image, Plan, Progress, Reach, Ring, RolloutId, Stage, Word,
};
use protocol::text::Name;
use serde_json::json;

use super::watch::{SETTLED_MS, Watched, seconds};
use crate::checks::Check;
use crate::fleet::Ground;
use crate::network::Conditions;
use crate::observers::Observer;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::slots::{Firmware, MODEL, Nature, PRODUCT};
use crate::world::{Looks, Sabotage, Said, World};

pub const SCENARIO: Scenario = Scenario {
    name: "bad_firmware",
    about: "a release that says it is healthy opens a telnet port: the canary goes back, its witnesses are named, and nobody else is touched",
    mutations: &[
        Mutation {
            name: "nobody_looks",
            sabotage: Sabotage::looks(Looks::Blind),
        },
        Mutation {
            name: "nobody_answers",
            sabotage: Sabotage::unsaid(&["looked"]),
        },
    ],
    run,
};

/// Telnet.
const PORT: u16 = 23;
const CHUNKS: usize = 16;
const CANARY: u32 = 2;
const PUBLISHED_MS: u64 = SETTLED_MS + 5_000;
const STARTED_MS: u64 = PUBLISHED_MS + 5_000;
/// A release that nobody stops is everywhere by then.
const END_MS: u64 = STARTED_MS + 900_000;

/// When the rollout was stopped.
#[derive(Debug, Default)]
struct Halts {
    at_ms: Option<u64>,
}

impl Observer for Halts {
    fn heard(&mut self, world: &World, said: &Said) {
        if let Said::Coordinator(Event::Rollout {
            stage: Stage::Halted(_),
            ..
        }) = said
        {
            self.at_ms.get_or_insert(world.now_ms());
        }
    }
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let mut watched = Watched::new(setup, Conditions::CALM, Ground::default())?;
    let good = Firmware::new(setup.seed, 1, CHUNKS, Nature::Good);
    let bad = Firmware::new(setup.seed, 2, CHUNKS, Nature::Lying(PORT));
    let both = [good, bad];
    let shorter = |terms: Terms| Terms {
        probation: std::time::Duration::from_secs(60),
        ..terms
    };
    (0..setup.nodes).for_each(|place| watched.world.preinstall(place, &both[0]));
    watched.world.equip(&both, shorter);
    watched.run(PUBLISHED_MS)?;
    let published = watched.world.fleet().repository(1, &both);
    watched
        .world
        .publish(published.expect("the fleet's root has signed it"));
    watched.run(STARTED_MS)?;
    let [good, bad] = both;
    watched
        .world
        .order(Command::PlanRollout(Box::new(plan(&bad))));
    watched.world.order(Command::TellRollout {
        id: RolloutId(1),
        word: Word::Start,
        by: person(),
    });
    let mut halts = Halts::default();
    watched.run_with(END_MS, &mut halts)?;
    Ok(judge(watched, &halts, &good, &bad))
}

fn person() -> Name {
    Name::new("anna").expect("a short name")
}

fn plan(bad: &Firmware) -> Plan {
    let name = |text: &str| Name::new(text).expect("a short name");
    let ring = |reach| Ring {
        soak_s: 30,
        ..Ring::usual(reach)
    };
    Plan {
        image: Image {
            path: bad.path(),
            target: bad.target,
            product: name(PRODUCT),
            version: bad.version.clone(),
            counter: Counter(bad.counter),
            hardware: vec![name(MODEL)],
        },
        rings: vec![
            ring(Reach::Count(CANARY)),
            ring(Reach::Share(25)),
            ring(Reach::Share(100)),
        ],
        patience_s: 3_600,
        approval: Approval::None,
        by: person(),
    }
}

fn judge(watched: Watched, halts: &Halts, good: &Firmware, bad: &Firmware) -> Outcome {
    let world = &watched.world;
    let seats = || 0..world.size();
    let ran = |target: Digest| seats().filter(move |seat| world.slots(*seat).ran.contains(&target));
    let touched = ran(bad.target).count();
    let back = seats().filter(|seat| world.slots(*seat).runs == Some(good.target));
    let back = back.count();
    let states = || seats().filter_map(|seat| Some(world.node(seat)?.updater().step()?.state));
    let committed = states().filter(|state| *state == State::Committed).count();
    let rolled_back = states().filter(|state| matches!(state, State::RolledBack(_)));
    let rolled_back = rolled_back.count();
    let named = states().filter(|state| match state {
        State::RolledBack(Reason::Seen(_, witnesses)) => witnesses.len() >= 2,
        _ => false,
    });
    let (named, witnesses) = (named.count(), witnesses(world));
    let halt_s = seconds(halts.at_ms.map(|at| at - STARTED_MS));
    let size = world.size();
    let checks = vec![
        Check::that(
            "anytime_only_the_canary_is_touched",
            (1..=CANARY as usize).contains(&touched),
            || format!("{touched} devices ran it"),
        ),
        Check::none(
            "finally_nobody_has_committed_it",
            committed as u64,
            "devices",
        ),
        Check::that("eventually_all_are_back", back == size, || {
            format!("{} devices do not run the version before", size - back)
        }),
        Check::that(
            "eventually_it_is_halted_and_the_reason_names_witnesses",
            halts.at_ms.is_some() && witnesses >= 2 && named > 0,
            || format!("halted: {}, {witnesses} witnesses", halts.at_ms.is_some()),
        ),
    ];
    watched.conclude(
        checks,
        [
            ("touched", json!(touched)),
            ("committed_bad", json!(committed)),
            ("rolled_back", json!(rolled_back)),
            ("halt_s", halt_s),
            ("witnesses", json!(witnesses)),
        ],
    )
}

/// How many witnesses the rollout's failures name.
fn witnesses(world: &World) -> usize {
    let rollout = world
        .coordinator()
        .and_then(|coordinator| coordinator.rollout(RolloutId(1)));
    let mut named: BTreeSet<DeviceId> = BTreeSet::new();
    for entry in rollout.into_iter().flat_map(|one| one.entries().values()) {
        if let Progress::Failed(Fault::Ended(State::RolledBack(Reason::Seen(_, witnesses)))) =
            &entry.progress
        {
            named.extend(witnesses);
        }
    }
    named.len()
}
