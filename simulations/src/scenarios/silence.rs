//! Silences of every kind: devices die, a switch is cut, a site loses its way out, somebody says goodbye. Each is
//! called what it is, once, and soon.

use protocol::coordinator::presence::Status;
use protocol::coordinator::verdict::{Cause, Return};
use protocol::id::DeviceId;
use serde_json::json;

use super::watch::{Delays, SETTLED_MS, Watched, seconds};
use crate::chance::Chance;
use crate::checks::Check;
use crate::fleet::Ground;
use crate::host::HostId;
use crate::network::Conditions;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::world::{Fault, Hints, Sabotage, Stop};

pub const SCENARIO: Scenario = Scenario {
    name: "silence",
    about: "three deaths, a switch of eight, a site without its way out, a goodbye: the right kind of silence each, once, within 15 s",
    mutations: &[
        Mutation {
            name: "no_hints",
            sabotage: Sabotage {
                hints: Hints::Unknown,
                ..Sabotage::NONE
            },
        },
        Mutation {
            name: "nobody_accuses",
            sabotage: Sabotage::unsaid(&["accuse", "accusation"]),
        },
    ],
    run,
};

/// A verdict that comes later is too late.
const LATEST_MS: u64 = 15_000;
/// Between two stories, so that one cannot be taken for the other.
const STORY_MS: u64 = 40_000;
/// How long the switch, the site and the device that reboots are away.
const AWAY_MS: u64 = 30_000;
const REBOOT_MS: u64 = 25_000;
const PER_SWITCH: usize = 8;

/// What really happened, and what should be said of it.
#[derive(Debug)]
struct Story {
    at_ms: u64,
    cause: Cause,
    seats: Vec<usize>,
    back: Option<Return>,
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let per_site = (setup.nodes / 80 * PER_SWITCH).max(2 * PER_SWITCH);
    let ground = Ground {
        per_switch: PER_SWITCH,
        per_site,
    };
    let mut watched = Watched::new(setup, Conditions::CALM, ground)?;
    let mut chance = Chance::new(setup.seed, "silence");
    let stories = stories(&watched, &mut chance);
    let leaver = free_seat(&watched, &stories, &mut chance);
    let host = HostId::node(leaver);
    watched.plan(SETTLED_MS + chance.below(5_000), Fault::Leave { host });
    for story in &stories {
        plan(&mut watched, story);
    }
    let end_ms = stories.iter().map(|story| story.at_ms).max().unwrap_or(0) + 2 * STORY_MS;
    watched.run(end_ms)?;
    Ok(judge(watched, &stories, leaver))
}

/// Three devices of their own, one of which reboots; one switch; one site.
fn stories(watched: &Watched, chance: &mut Chance) -> Vec<Story> {
    let (nodes, ground) = (watched.world.size(), watched.world.ground());
    let sites = nodes / ground.per_site;
    let site = chance.below(sites as u64) as usize;
    let far = ground.site(site, nodes);
    let switches = nodes / ground.per_switch;
    let switch = loop {
        let switch = chance.below(switches as u64) as usize;
        if !far.contains(&(switch * ground.per_switch)) {
            break switch;
        }
    };
    let near = ground.behind(switch, nodes);
    let others: Vec<usize> = (0..nodes)
        .filter(|seat| !far.contains(seat) && !near.contains(seat))
        .collect();
    let dead = chance.choose(3, others.len());
    let mut at_ms = SETTLED_MS + chance.below(5_000);
    let mut story = |cause, seats: Vec<usize>, back| {
        at_ms += STORY_MS + chance.below(5_000);
        Story {
            at_ms,
            cause,
            seats,
            back,
        }
    };
    let restarted = Some(Return::Restarted);
    vec![
        story(Cause::Device, vec![others[dead[0]]], None),
        story(Cause::Device, vec![others[dead[1]]], restarted),
        story(Cause::Segment, near.collect(), Some(Return::CutOff)),
        story(Cause::Device, vec![others[dead[2]]], None),
        story(Cause::Uplink, far.collect(), Some(Return::CutOff)),
    ]
}

fn free_seat(watched: &Watched, stories: &[Story], chance: &mut Chance) -> usize {
    loop {
        let seat = chance.below(watched.world.size() as u64) as usize;
        if stories.iter().all(|story| !story.seats.contains(&seat)) {
            return seat;
        }
    }
}

fn plan(watched: &mut Watched, story: &Story) {
    let hosts: Vec<HostId> = story.seats.iter().copied().map(HostId::node).collect();
    let at_ms = story.at_ms;
    match (story.cause, story.back) {
        (Cause::Device, None) => watched.plan(at_ms, Fault::Die { hosts }),
        (Cause::Device, Some(_)) => {
            let stop = Stop::Unplugged;
            for host in hosts {
                let down_ms = REBOOT_MS;
                watched.plan(
                    at_ms,
                    Fault::Restart {
                        host,
                        stop,
                        down_ms,
                    },
                );
            }
        }
        (Cause::Segment | Cause::Uplink, _) => {
            let cut = |hosts, island| Fault::Cut { hosts, island };
            watched.plan(at_ms, cut(hosts.clone(), 1));
            watched.plan(at_ms + AWAY_MS, cut(hosts, 0));
        }
    }
}

fn judge(watched: Watched, stories: &[Story], leaver: usize) -> Outcome {
    let said = &watched.announcements;
    let delays: Vec<Option<u64>> = stories
        .iter()
        .map(|story| {
            let named = said.named(story.cause, &devices(&watched, story), story.at_ms);
            named.map(|at_ms| at_ms - story.at_ms)
        })
        .collect();
    let right = delays.iter().flatten().count();
    let alerts = said.verdicts().len();
    let worst = delays.iter().flatten().max().copied();
    let switch = stories.iter().find(|story| story.cause == Cause::Segment);
    let switch_alerts = switch.map_or(0, |story| said.touching(&devices(&watched, story)));
    let late = delays
        .iter()
        .filter(|delay| delay.is_none_or(|delay| delay > LATEST_MS))
        .count();
    let neighbours = neighbours_know(&watched, stories);
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::that(
            "eventually_every_silence_is_called_what_it_is",
            late == 0,
            || format!("{delays:?} ms for {stories:?}; said: {:?}", said.verdicts()),
        ),
        Check::that("finally_nothing_else_was_said", alerts == right, || {
            format!(
                "{alerts} verdicts of which {right} are right: {:?}",
                said.verdicts()
            )
        }),
        Check::that(
            "finally_one_alert_names_the_switch",
            switch_alerts == 1,
            || format!("{switch_alerts} alerts"),
        ),
        Check::none(
            "eventually_all_neighbours_know_of_each_death",
            neighbours.missing as u64,
            "pairs of a neighbour and a dead device",
        ),
        goodbye_is_believed(&watched, leaver),
        returns_are_told(&watched, stories),
    ];
    let mut neighbours = neighbours;
    let figures = [
        ("verdict_s_max", seconds(worst)),
        ("verdicts_right", json!(right)),
        ("verdicts_wrong", json!(alerts - right)),
        ("alerts", json!(alerts)),
        ("switch_alerts", json!(switch_alerts)),
        ("neighbours_s_p99", seconds(neighbours.percentile(99))),
    ];
    watched.conclude(checks, figures)
}

fn devices(watched: &Watched, story: &Story) -> Vec<DeviceId> {
    let mut devices: Vec<_> = story
        .seats
        .iter()
        .map(|seat| watched.world.device(*seat))
        .collect();
    devices.sort_unstable();
    devices
}

/// How soon those who live to the end knew of each device that died.
fn neighbours_know(watched: &Watched, stories: &[Story]) -> Delays {
    let living = watched.living();
    let mut delays = Delays::default();
    for story in stories.iter().filter(|story| story.cause == Cause::Device) {
        for &seat in &story.seats {
            let others: Vec<usize> = living.iter().copied().filter(|one| *one != seat).collect();
            delays.add(watched.verdicts.delays(seat, story.at_ms, &others));
        }
    }
    delays
}

fn goodbye_is_believed(watched: &Watched, leaver: usize) -> Check {
    let status = watched.announcements.status(watched.world.device(leaver));
    let holds = status == Some(Status::Stopped);
    Check::that("finally_a_goodbye_is_believed", holds, || {
        format!("the device that said goodbye is {status:?}")
    })
}

fn returns_are_told(watched: &Watched, stories: &[Story]) -> Check {
    let told = watched.announcements.returns();
    let missing: Vec<usize> = stories
        .iter()
        .filter_map(|story| Some((story, story.back?)))
        .flat_map(|(story, back)| story.seats.iter().map(move |seat| (*seat, back)))
        .filter(|(seat, back)| {
            let device = watched.world.device(*seat);
            !told
                .iter()
                .any(|(_, one, what)| *one == device && what == back)
        })
        .map(|(seat, _)| seat)
        .collect();
    let holds = missing.is_empty();
    Check::that(
        "finally_each_return_tells_what_the_silence_was",
        holds,
        || format!("not of nodes {missing:?}; told: {told:?}"),
    )
}
