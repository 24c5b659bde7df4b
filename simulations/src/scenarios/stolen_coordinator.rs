//! A thief has the coordinator with every key that it holds: its link key, the admission key, and the two keys that sign
//! the repository online. What he cannot do is shown by doing it.

mod commands;
mod forgery;

use std::collections::BTreeSet;

use protocol::alert::Matter;
use protocol::command::{Kind, Kinds};
use protocol::coordinator::Event;
use protocol::id::DeviceId;
use protocol::install::{Nonce, Order};
use protocol::ledger::Strength;
use protocol::limits;
use protocol::message::Message;
use protocol::settings::{Scope, Settings};
use protocol::time::Timestamp;
use serde_json::json;

use super::watch::{SETTLED_MS, Watched};
use crate::checks::Check;
use crate::disk::JournalFlaw;
use crate::fleet::{Edited, Ground};
use crate::network::Conditions;
use crate::observers::Observer;
use crate::scenario::{Mutation, Outcome, Scenario, ScenarioError, Setup};
use crate::slots::{Firmware, Nature};
use crate::world::{Sabotage, Said, World};
use forgery::Forgery;

pub const SCENARIO: Scenario = Scenario {
    name: "stolen_coordinator",
    about: "a thief with all of the coordinator's keys forges and repeats firmware, settings and commands, revokes, suspends everybody, and admits a device that half of the fleet is not shown: nothing is taken, few are suspended, and the second log is proven",
    mutations: &[
        Mutation {
            name: "nobody_compares",
            sabotage: Sabotage::unsaid(&["log_grown", "gossip", "words", "have", "compare"]),
        },
        Mutation {
            name: "nobody_complains",
            sabotage: Sabotage::unsaid(&["timestamp"]),
        },
        Mutation {
            name: "commands_are_forgotten",
            sabotage: Sabotage::journal(JournalFlaw::ForgetsCommands),
        },
    ],
    run,
};

const CHUNKS: usize = 4;
const GATEWAYS: usize = 4;
const PUBLISHED_MS: u64 = SETTLED_MS + 5_000;
const THEFT_MS: u64 = PUBLISHED_MS + 20_000;
/// Between two things that the thief does.
const STEP_MS: u64 = 40_000;
/// How soon after a head its entries are handed over, as if they had been asked for.
const PAGE_MS: u64 = 400;
const DAY_MS: u64 = 25 * 3_600_000;
const WANTED: Settings = Settings {
    record_s: Some(20),
    accounts_s: None,
    online: Some(Kinds::NONE.with(Kind::Restart).with(Kind::Logs)),
};
const FORGED: Settings = Settings {
    record_s: Some(3600),
    accounts_s: None,
    online: Some(Kinds::USUAL),
};

/// Who has said that a document is not signed as it should be.
#[derive(Debug, Default)]
struct Complaints {
    by: BTreeSet<DeviceId>,
}

impl Observer for Complaints {
    fn heard(&mut self, _: &World, said: &Said) {
        if let Said::Coordinator(Event::Alert(alert)) = said
            && matches!(alert.alarm.matter, Matter::DocumentRefused(_))
        {
            self.by.insert(alert.device);
        }
    }
}

/// What the fleet ran before the theft, and what the thief offers.
struct Images {
    old: Firmware,
    good: Firmware,
    evil: Firmware,
}

fn run(setup: &Setup) -> Result<Outcome, ScenarioError> {
    let setup = Setup {
        gateways: GATEWAYS.min(setup.nodes / 4),
        ..setup.clone()
    };
    let mut watched = Watched::new(&setup, Conditions::CALM, Ground::default())?;
    let image = |counter, nature| Firmware::new(setup.seed, counter, CHUNKS, nature);
    let images = Images {
        old: image(1, Nature::Good),
        good: image(2, Nature::Good),
        evil: image(9, Nature::Lying(23)),
    };
    let all = [images.old.clone(), images.good.clone(), images.evil.clone()];
    (0..setup.nodes).for_each(|place| watched.world.preinstall(place, &images.good));
    watched.world.equip(&all, |terms| terms);
    watched.run(PUBLISHED_MS)?;
    let honest = Edited {
        version: 10,
        releases: std::slice::from_ref(&images.good),
        settings: &[(Scope::Fleet, WANTED)],
        ..Edited::default()
    };
    publish(&mut watched.world, &honest);
    watched.run(THEFT_MS)?;
    let mut complaints = Complaints::default();
    offer_documents(&mut watched, &images, &mut complaints)?;
    commands::give(&mut watched, &mut complaints)?;
    let suspended = suspend(&mut watched, &mut complaints)?;
    let admitted = admit_in_secret(&mut watched, &mut complaints)?;
    Ok(judge(watched, &images, &complaints, &suspended, &admitted))
}

fn publish(world: &mut World, edited: &Edited<'_>) {
    let published = world.fleet().edition(edited);
    world.publish(published.expect("every document has a signature"));
}

fn order(world: &mut World, firmware: &Firmware) {
    for seat in 0..world.size() {
        let mut nonce = [firmware.counter as u8; 16];
        nonce[..8].copy_from_slice(&(seat as u64).to_be_bytes());
        let order = Order {
            target: firmware.target,
            nonce: Nonce(nonce),
            path: firmware.path(),
        };
        world.impersonate(seat, Message::Install { order });
    }
}

/// Firmware and settings, each first signed by somebody else, then as they were signed once.
fn offer_documents(
    watched: &mut Watched,
    images: &Images,
    complaints: &mut Complaints,
) -> Result<(), ScenarioError> {
    let (evil, old) = (
        std::slice::from_ref(&images.evil),
        std::slice::from_ref(&images.old),
    );
    let (wanted, forged) = ([(Scope::Fleet, WANTED)], [(Scope::Fleet, FORGED)]);
    let offers = [
        (evil, &wanted, Some("firmware"), None, Some(&images.evil)),
        (old, &wanted, None, Some(("firmware", 5)), Some(&images.old)),
        (evil, &forged, Some("policy"), None, Some(&images.evil)),
        (evil, &forged, None, Some(("policy", 5)), None),
    ];
    for (number, (releases, settings, forged, former, ordered)) in (1..).zip(offers) {
        // What is forged is not the whole of it: a release that administrators have not signed is in no edition.
        let releases = match forged == Some("policy") || former == Some(("policy", 5)) {
            true => std::slice::from_ref(&images.good),
            false => releases,
        };
        let edited = Edited {
            version: 10 + 10 * number,
            releases,
            settings,
            forged,
            former,
        };
        publish(&mut watched.world, &edited);
        if let Some(firmware) = ordered {
            order(&mut watched.world, firmware);
        }
        watched.run_with(watched.world.now_ms() + STEP_MS, complaints)?;
    }
    Ok(())
}

/// Revokes one for good, which he may not, and suspends as many as a page holds. Returns who is shut out then.
fn suspend(
    watched: &mut Watched,
    complaints: &mut Complaints,
) -> Result<BTreeSet<DeviceId>, ScenarioError> {
    let until = watched.world.wall().saturating_add(limits::SUSPENSION);
    let suspension = Strength::Suspension { until };
    for (strength, share) in [(Strength::Revocation, 50), (suspension, 1)] {
        let forgery = Forgery::withdrawing(&watched.world, strength, share);
        let everybody = 0..watched.world.size();
        show(watched, &forgery, everybody, complaints)?;
    }
    Ok(shut_out(&watched.world, watched.world.wall()))
}

fn shut_out(world: &World, at: Timestamp) -> BTreeSet<DeviceId> {
    let nodes = (0..world.size()).filter_map(|seat| world.node(seat));
    let rosters = nodes.map(protocol::node::Node::roster);
    let devices = || (0..world.size()).map(|seat| world.device(seat));
    let out = rosters.flat_map(|roster| devices().filter(|device| roster.shuts_out(device, at)));
    out.collect()
}

/// Two logs: each half is shown another newcomer. Returns both.
fn admit_in_secret(
    watched: &mut Watched,
    complaints: &mut Complaints,
) -> Result<[DeviceId; 2], ScenarioError> {
    let half = watched.world.size() / 2;
    let forgeries = [0, 1].map(|number| Forgery::admitting(&watched.world, number));
    let devices = [0, 1].map(|number| forgeries[number].newcomer.expect("it admits one"));
    let [first, second] = forgeries;
    for seat in 0..half {
        watched.world.impersonate(seat, first.head());
    }
    for seat in half..watched.world.size() {
        watched.world.impersonate(seat, second.head());
    }
    watched.run_with(watched.world.now_ms() + PAGE_MS, complaints)?;
    for seat in 0..half {
        watched.world.impersonate(seat, first.page());
    }
    for seat in half..watched.world.size() {
        watched.world.impersonate(seat, second.page());
    }
    watched.run_with(watched.world.now_ms() + STEP_MS, complaints)?;
    Ok(devices)
}

fn show(
    watched: &mut Watched,
    forgery: &Forgery,
    seats: std::ops::Range<usize>,
    complaints: &mut Complaints,
) -> Result<(), ScenarioError> {
    for seat in seats.clone() {
        watched.world.impersonate(seat, forgery.head());
    }
    watched.run_with(watched.world.now_ms() + PAGE_MS, complaints)?;
    for seat in seats {
        watched.world.impersonate(seat, forgery.page());
    }
    watched.run_with(watched.world.now_ms() + STEP_MS, complaints)
}

fn judge(
    watched: Watched,
    images: &Images,
    complaints: &Complaints,
    suspended: &BTreeSet<DeviceId>,
    admitted: &[DeviceId; 2],
) -> Outcome {
    let world = &watched.world;
    let seats = || 0..world.size();
    let nodes = || seats().filter_map(|seat| world.node(seat));
    let taken = [images.evil.target, images.old.target];
    let ran = |seat: &usize| {
        taken
            .iter()
            .any(|target| world.slots(*seat).ran.contains(target))
    };
    let firmware = seats().filter(ran).count();
    let policy = nodes()
        .filter(|node| node.obeyed().settings != WANTED)
        .count();
    // Whom he has suspended nobody talks to, and it takes part in nothing: it hears of the second log on its return.
    let takes_part = |seat: &usize| !suspended.contains(&world.device(*seat));
    let secret = seats()
        .filter(takes_part)
        .filter_map(|seat| world.node(seat))
        .filter(|node| {
            let roster = node.roster();
            let knows = admitted
                .iter()
                .any(|device| roster.member(device).is_some());
            knows && !roster.is_split()
        });
    let secret = secret.count();
    let in_a_day = world
        .wall()
        .saturating_add(std::time::Duration::from_millis(DAY_MS));
    let silenced = shut_out(world, in_a_day).len();
    let most = (world.size() * limits::SUSPENDED_PERCENT / 100).max(limits::SUSPENDED_LEAST);
    let commanded = commands::Tally::of(world);
    let mut checks = vec![
        Check::none(
            "finally_no_firmware_of_his_has_run",
            firmware as u64,
            "devices",
        ),
        Check::none(
            "finally_no_settings_of_his_are_obeyed",
            policy as u64,
            "devices",
        ),
        Check::none(
            "finally_nobody_holds_a_secret_member_unknowing",
            secret as u64,
            "nodes",
        ),
        Check::none(
            "finally_nobody_is_silenced_for_good",
            silenced as u64,
            "devices",
        ),
        Check::that(
            "anytime_few_are_suspended",
            (1..=most).contains(&suspended.len()),
            || format!("{} are, and {most} may be", suspended.len()),
        ),
        Check::that(
            "eventually_somebody_says_what_was_offered",
            !complaints.by.is_empty(),
            || "nobody complained of a document".to_owned(),
        ),
    ];
    checks.extend(commanded.checks());
    let metrics = [
        ("commands_obeyed", json!(commanded.obeyed)),
        ("commands_not_his", json!(commanded.not_his)),
        ("firmware_accepted", json!(firmware)),
        ("policy_accepted", json!(policy)),
        ("silent_admissions", json!(secret)),
        ("silenced_nodes", json!(silenced)),
        ("suspended_for_a_day", json!(suspended.len())),
        ("suspended_at_most", json!(most)),
        ("complaints", json!(complaints.by.len())),
    ];
    watched.conclude(checks, metrics)
}
