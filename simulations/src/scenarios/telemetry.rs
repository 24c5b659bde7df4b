//! Telemetry under loss and restarts: whatever a journal made durable is stored in order, and once.

use protocol::class::Classified as _;
use protocol::statement::host::Reading;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::disk::JournalFlaw;
use crate::host::HostId;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, Stopwatch};
use crate::scenarios::delivery::{self, Delivery};
use crate::store::StoreFlaw;
use crate::world::{Fault, Sabotage, Stop, World};

pub const SCENARIO: Scenario = Scenario {
    name: "telemetry",
    about: "a fleet reports under 5 % loss while nodes and the coordinator restart: nothing is lost, doubled or swapped",
    mutations: &[
        Mutation {
            name: "forget_unacknowledged",
            sabotage: Sabotage::journal(JournalFlaw::ForgetsUnacknowledged),
        },
        Mutation {
            name: "ack_before_store",
            sabotage: Sabotage::store(StoreFlaw::AcknowledgesFirst),
        },
        Mutation {
            name: "forget_cursor",
            sabotage: Sabotage::store(StoreFlaw::ForgetsCursor),
        },
    ],
    run,
};

/// Nodes restarted in an hour, in thousandths of the fleet.
const RESTARTS_PERMILLE: u64 = 50;
/// Restarts of nodes in any run, however short or small.
const RESTARTS_LEAST: u64 = 4;
/// Restarts of the coordinator in an hour, and in any run.
const COORDINATOR_RESTARTS: (f64, u64) = (4.0, 2);
/// How long a node and the coordinator stay down.
const NODE_DOWN_MS: (u64, u64) = (1_000, 45_000);
const COORDINATOR_DOWN_MS: (u64, u64) = (2_000, 30_000);

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let watch = Stopwatch::start();
    let hours = setup.options.hours.unwrap_or(1.0);
    let mut world = delivery::world(setup)?;
    let end_ms = plan(setup, hours, &mut world);
    let told = [("classes", classes(&world)), ("labels", labels())];
    Ok(Delivery::run(world, watch, end_ms)?.conclude(Vec::new(), &told))
}

/// How many devices of each class report, how often, and what else the class decides.
fn classes(world: &World) -> Value {
    let fleet = world.fleet();
    let profiles = fleet.blueprint.profiles.iter().enumerate();
    let rows = profiles.map(|(place, (class, profile))| {
        let template = class.template();
        let members = fleet.members.iter();
        let row = json!({
            "nodes": members.filter(|member| member.profile == place).count(),
            "period_s": profile.period_s,
            "quarantine": template.quarantine.word(),
            "scans": template.scans.word(),
            "calls": template.calls.word(),
            "telling": template.telling.word(),
        });
        (class.word().to_owned(), row)
    });
    Value::Object(rows.collect())
}

/// How far each field of a reading may go.
fn labels() -> Value {
    let fields = Reading::FIELDS.iter();
    let labels = fields.map(|(field, label)| ((*field).to_owned(), label.word().into()));
    Value::Object(labels.collect())
}

fn plan(setup: &Setup, hours: f64, world: &mut World) -> u64 {
    let end_ms = (hours * 3_600_000.0) as u64;
    let mut chance = Chance::new(setup.seed, "telemetry faults");
    let stops = ((COORDINATOR_RESTARTS.0 * hours) as u64).max(COORDINATOR_RESTARTS.1);
    let slot_ms = end_ms * 8 / 10 / stops;
    for stop in 0..stops {
        let at_ms = end_ms / 10 + stop * slot_ms + chance.below(slot_ms.max(1));
        let down_ms = chance.within(COORDINATOR_DOWN_MS.0..=COORDINATOR_DOWN_MS.1);
        world.plan(
            at_ms,
            Fault::Restart {
                host: HostId::COORDINATOR,
                stop: crash(&mut chance),
                down_ms,
            },
        );
        // A node that crashes in the meantime holds records that nobody has acknowledged.
        let host = HostId::node(chance.below(setup.nodes as u64) as usize);
        let at_ms = at_ms + chance.within(500..=down_ms);
        world.plan(
            at_ms,
            Fault::Restart {
                host,
                stop: crash(&mut chance),
                down_ms: node_pause(&mut chance),
            },
        );
    }
    let restarts = (setup.nodes as u64 * RESTARTS_PERMILLE) as f64 / 1000.0 * hours;
    for _ in 0..(restarts as u64).max(RESTARTS_LEAST) {
        let host = HostId::node(chance.below(setup.nodes as u64) as usize);
        let stop = [Stop::Asked, Stop::Crash, Stop::PowerCut][chance.below(3) as usize];
        let at_ms = end_ms / 20 + chance.below(end_ms * 17 / 20);
        world.plan(
            at_ms,
            Fault::Restart {
                host,
                stop,
                down_ms: node_pause(&mut chance),
            },
        );
    }
    end_ms
}

fn crash(chance: &mut Chance) -> Stop {
    [Stop::Crash, Stop::PowerCut][chance.below(2) as usize]
}

fn node_pause(chance: &mut Chance) -> u64 {
    chance.within(NODE_DOWN_MS.0..=NODE_DOWN_MS.1)
}
