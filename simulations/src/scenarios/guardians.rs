//! Ten devices that run no node on every second segment, three nodes to guard them; one of the three dies while the
//! coordinator is gone. Everything is watched by two again soon, and the dossiers have no hole.

mod dossier;

use std::collections::{BTreeMap, BTreeSet};

use protocol::class::DeviceClass;
use protocol::heard::{Mac, Presence};
use serde_json::json;

use super::watch::{SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::observers::Observer;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup, rounded};
use crate::world::{Dumb, Fault, GuardFlaw, Sabotage, Said, Stop, World};
use dossier::Dossiers;

pub const SCENARIO: Scenario = Scenario {
    name: "guardians",
    about: "one of three guardians dies on every segment while the coordinator is gone: all devices are watched by two again within 20 s, no hole in a dossier",
    mutations: &[
        Mutation {
            name: "nobody_takes_over",
            sabotage: Sabotage {
                guard: GuardFlaw::TheDeadSpeak,
                unsaid: &["accuse", "accusation"],
                ..Sabotage::NONE
            },
        },
        Mutation {
            name: "nobody_tells_the_others",
            sabotage: Sabotage::unsaid(&["hearing"]),
        },
    ],
    run,
};

/// Later than this is too late.
const LATEST_MS: u64 = 20_000;
const PER_SWITCH: usize = 3;
const PER_SITE: usize = 30;
const DEVICES: usize = 10;
/// The coordinator is away from here on, for so long.
const AWAY_MS: (u64, u64) = (SETTLED_MS + 80_000, 180_000);
/// When guardians die, at the earliest.
const DEATH_MS: u64 = SETTLED_MS + 120_000;
const END_MS: u64 = DEATH_MS + 300_000;
/// Every class in turn: two that may only be asked for their hardware address among them.
const CLASSES: [DeviceClass; 5] = [
    DeviceClass::Camera,
    DeviceClass::Plc,
    DeviceClass::Printer,
    DeviceClass::Medical,
    DeviceClass::Sensor,
];

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let ground = Ground {
        per_switch: PER_SWITCH,
        per_site: PER_SITE,
    };
    let mut watched = Watched::new(setup, Conditions::CALM, ground)?;
    let mut chance = Chance::new(setup.seed, "guardians");
    let dumb = inhabitants(setup.nodes, &mut chance);
    watched.world.inhabit(dumb.clone());
    let (host, (at_ms, down_ms)) = (HostId::COORDINATOR, AWAY_MS);
    let stop = Stop::Unplugged;
    watched.plan(
        at_ms,
        Fault::Restart {
            host,
            stop,
            down_ms,
        },
    );
    let deaths = deaths(&dumb, &mut chance);
    for (&seat, &at_ms) in &deaths {
        let hosts = vec![HostId::node(seat)];
        watched.plan(at_ms, Fault::Die { hosts });
    }
    let mut duties = Duties::new(&dumb, &deaths);
    watched.run_with(END_MS, &mut duties)?;
    Ok(judge(watched, &dumb, &deaths, &duties))
}

/// Half of them speak every now and then; the others once, and then only when they are asked.
fn inhabitants(nodes: usize, chance: &mut Chance) -> Vec<Dumb> {
    let switches = (0..nodes / PER_SWITCH).step_by(2);
    let places = switches.flat_map(|switch| (0..DEVICES).map(move |n| (switch, n)));
    let inhabitant = |(switch, n): (usize, usize)| {
        let [.., high, low] = (switch as u64).to_be_bytes();
        Dumb {
            switch,
            class: CLASSES[n % CLASSES.len()],
            mac: Mac([0x02, 0xdd, 0, high, low, n as u8]),
            first_ms: 15_000 + chance.below(30_000),
            every_ms: (n < DEVICES / 2).then(|| chance.within(10_000..=50_000)),
        }
    };
    places.map(inhabitant).collect()
}

/// Who dies when: one behind each switch that has devices.
fn deaths(dumb: &[Dumb], chance: &mut Chance) -> BTreeMap<usize, u64> {
    let switches: BTreeSet<usize> = dumb.iter().map(|one| one.switch).collect();
    let death = |switch| {
        let seat = switch * PER_SWITCH + chance.below(PER_SWITCH as u64) as usize;
        (seat, DEATH_MS + chance.below(15_000))
    };
    switches.into_iter().map(death).collect()
}

/// Who is on duty, as the machines themselves have it, looked at twice a second.
#[derive(Debug)]
struct Duties {
    /// Each device with its switch and when a guardian of it may have died.
    devices: BTreeMap<Mac, (usize, u64)>,
    /// How many guarded it just before that death, and whether the dead one did.
    before: BTreeMap<Mac, usize>,
    bereft: BTreeSet<Mac>,
    dead: BTreeMap<usize, u64>,
    /// When two who live had met it since.
    again_ms: BTreeMap<Mac, u64>,
}

impl Duties {
    fn new(dumb: &[Dumb], deaths: &BTreeMap<usize, u64>) -> Self {
        let death = |switch| {
            let of_it = deaths.iter().find(|(seat, _)| *seat / PER_SWITCH == switch);
            of_it.map_or(u64::MAX, |(_, at_ms)| *at_ms)
        };
        let devices = dumb.iter();
        let devices = devices.map(|one| (one.mac, (one.switch, death(one.switch))));
        Self {
            devices: devices.collect(),
            before: BTreeMap::new(),
            bereft: BTreeSet::new(),
            dead: deaths.clone(),
            again_ms: BTreeMap::new(),
        }
    }

    /// How long after the death, for every device that the dead one guarded.
    fn delays(&self) -> Vec<Option<u64>> {
        let delay = |mac: &Mac| {
            let (_, died_ms) = self.devices[mac];
            self.again_ms.get(mac).map(|at_ms| at_ms - died_ms)
        };
        self.bereft.iter().map(delay).collect()
    }

    fn look_at(&mut self, world: &World, mac: Mac, switch: usize, died_ms: u64) {
        let seats = world.ground().behind(switch, world.size());
        let guards = seats.filter_map(|seat| {
            let node = world.node(seat)?;
            let mut views = node.guarded();
            let presence = views.find(|one| one.mac == mac)?.presence?;
            Some((seat, presence))
        });
        let guards: Vec<(usize, Presence)> = guards.collect();
        if world.now_ms() < died_ms {
            self.before.insert(mac, guards.len());
            let dies = guards.iter().any(|(seat, _)| self.dead.contains_key(seat));
            if dies {
                self.bereft.insert(mac);
            } else {
                self.bereft.remove(&mac);
            }
            return;
        }
        let there = guards
            .iter()
            .filter(|(_, presence)| *presence == Presence::There);
        if there.count() >= 2 {
            self.again_ms.entry(mac).or_insert(world.now_ms());
        }
    }
}

impl Observer for Duties {
    fn heard(&mut self, _world: &World, _said: &Said) {}

    fn looked(&mut self, world: &World) {
        let devices: Vec<_> = self.devices.iter().map(|(mac, at)| (*mac, *at)).collect();
        for (mac, (switch, died_ms)) in devices {
            if !self.again_ms.contains_key(&mac) {
                self.look_at(world, mac, switch, died_ms);
            }
        }
    }
}

fn judge(
    watched: Watched,
    dumb: &[Dumb],
    deaths: &BTreeMap<usize, u64>,
    duties: &Duties,
) -> Outcome {
    let delays = duties.delays();
    let worst = delays
        .iter()
        .copied()
        .max_by_key(|delay| delay.unwrap_or(u64::MAX));
    let worst = worst
        .flatten()
        .filter(|_| delays.iter().all(Option::is_some));
    let late = delays
        .iter()
        .filter(|delay| delay.is_none_or(|ms| ms > LATEST_MS));
    let late = late.count();
    let not_two = duties.before.values().filter(|count| **count != 2).count();
    let dossiers = Dossiers::read(&watched.world);
    let gaps = dossiers.gaps(&watched.world, dumb, deaths, AWAY_MS.0);
    let (calls, rude) = watched.world.calls();
    let minutes = watched.world.now_ms() as f64 / 60_000.0;
    let words = watched.world.traffic().get("hearing").copied().unwrap_or(0);
    let words = words as f64 / dumb.len().max(1) as f64 / minutes;
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::that(
            "eventually_two_guard_each_device",
            not_two == 0 && duties.before.len() == dumb.len(),
            || format!("{not_two} of {} devices have other than two", dumb.len()),
        ),
        Check::that(
            "eventually_what_the_dead_guarded_is_watched_again",
            late == 0 && !delays.is_empty(),
            || {
                format!(
                    "{late} of {} devices not within {LATEST_MS} ms",
                    delays.len()
                )
            },
        ),
        Check::that("finally_dossiers_have_no_hole", gaps.is_empty(), || {
            let shown: Vec<_> = gaps.iter().take(3).collect();
            format!("{} gaps, {shown:?}", gaps.len())
        }),
        Check::none(
            "anytime_controllers_are_only_asked_by_arp",
            rude,
            "calls that their class forbids",
        ),
    ];
    let figures = [
        ("rewatch_s_max", seconds(worst)),
        ("dossier_gaps", json!(gaps.len())),
        ("devices", json!(dumb.len())),
        ("bereft", json!(delays.len())),
        ("calls", json!(calls)),
        ("lines", json!(dossiers.lines())),
        ("words_bytes_per_device_minute", rounded(words)),
    ];
    watched.conclude(checks, figures)
}
