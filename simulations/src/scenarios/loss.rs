//! What the scenarios of bad links and slow hosts share: minutes of trouble in which nobody dies, and then one death.

use std::collections::BTreeSet;

use serde_json::json;

use super::watch::{Delays, SETTLED_MS, Watched, seconds};
use crate::checks::Check;
use crate::host::HostId;
use crate::scenario::{Outcome, ScenarioError, Setup, rounded};
use crate::world::Fault;

/// How long the trouble lasts, unless the run is told.
const MINUTES: f64 = 10.0;
/// How long everybody may take to learn of the one real death.
const LATEST_MS: u64 = 45_000;

/// Runs the trouble, lets one device die, and judges.
pub(super) fn endure(setup: &Setup, mut watched: Watched) -> Result<Outcome, ScenarioError> {
    let minutes = setup.options.minutes.unwrap_or(MINUTES);
    let death_ms = SETTLED_MS + (minutes * 60_000.0) as u64;
    let victim = victim(&watched);
    let hosts = vec![HostId::node(victim)];
    watched.plan(death_ms, Fault::Die { hosts });
    watched.run(death_ms)?;
    let bytes = watched.traffic.mean(SETTLED_MS, death_ms);
    let degraded = degraded(&watched);
    let misjudged = misjudged(&watched, &degraded);
    let living: Vec<usize> = healthy(&watched).filter(|seat| *seat != victim).collect();
    let known = |watched: &Watched| {
        living
            .iter()
            .all(|seat| watched.verdicts.is_down(victim, *seat))
    };
    watched.run_until_true(death_ms + LATEST_MS, known)?;
    let mut delays = Delays::default();
    delays.add(watched.verdicts.delays(victim, death_ms, &living));
    let wrong = wrong_announcements(&watched);
    let missed = wrong.len() as u64;
    let missing = delays.missing as u64;
    let checks = vec![
        watched.nobody_healthy_is_down(),
        Check::that(
            "anytime_the_coordinator_misses_nobody_healthy",
            wrong.is_empty(),
            || wrong.join(", "),
        ),
        Check::none(
            "eventually_a_real_death_is_known_to_all",
            missing,
            "nodes do not know",
        ),
        Check::that(
            "eventually_the_slow_are_shown_as_degraded_and_nobody_else",
            misjudged.is_empty(),
            || named(&misjudged),
        ),
    ];
    let figures = [
        (
            "false_down",
            json!(watched.verdicts.wronged() as u64 + missed),
        ),
        ("degraded", json!(degraded.len())),
        ("slow_called_silent", json!(slow_called_silent(&watched))),
        ("bytes_per_node_s", rounded(bytes)),
        ("death_s_p99", seconds(delays.percentile(99))),
    ];
    Ok(watched.conclude(checks, figures))
}

/// Seats that the coordinator shows as degraded.
fn degraded(watched: &Watched) -> BTreeSet<usize> {
    let is_degraded = |seat: &usize| {
        let coordinator = watched.world.coordinator();
        let presence = coordinator.and_then(|one| one.presence(&watched.world.device(*seat)));
        presence.is_some_and(|presence| presence.degraded().is_some())
    };
    (0..watched.world.size()).filter(is_degraded).collect()
}

/// Slow hosts that are not shown as such, and others that are, a line for each.
fn misjudged(watched: &Watched, degraded: &BTreeSet<usize>) -> Vec<String> {
    let healthy: BTreeSet<usize> = healthy(watched).collect();
    let wronged = degraded.intersection(&healthy);
    let wronged = wronged.map(|seat| format!("node {seat} is not slow"));
    let slow = (0..watched.world.size()).filter(|seat| !healthy.contains(seat));
    let missed = slow.filter(|seat| !degraded.contains(seat));
    let missed = missed.map(|seat| format!("slow node {seat} is not shown"));
    wronged.chain(missed).collect()
}

/// Slow hosts that the coordinator has called silent at some time.
fn slow_called_silent(watched: &Watched) -> usize {
    let healthy: BTreeSet<usize> = healthy(watched).collect();
    let slow = (0..watched.world.size()).filter(|seat| !healthy.contains(seat));
    let called = |seat: &usize| {
        let device = watched.world.device(*seat);
        watched.announcements.touching(&[device]) > 0
    };
    slow.filter(called).count()
}

/// Those of many that are worth a line.
fn named(lines: &[String]) -> String {
    const NAMED: usize = 12;
    let named = lines.iter().take(NAMED).cloned().collect::<Vec<_>>();
    format!("{} of {}", named.join(", "), lines.len())
}

/// The first seat that is in no trouble of its own.
fn victim(watched: &Watched) -> usize {
    healthy(watched).next().unwrap_or(0)
}

fn healthy(watched: &Watched) -> impl Iterator<Item = usize> + '_ {
    let steady = |seat: &usize| {
        watched.world.model().pace(HostId::node(*seat)) == crate::model::Pace::Steady
    };
    (0..watched.world.size()).filter(steady)
}

/// What the coordinator said of devices that were there all the time, a line for each.
fn wrong_announcements(watched: &Watched) -> Vec<String> {
    let model = watched.world.model();
    let healthy = |seat: &usize| {
        let host = HostId::node(*seat);
        model.is_up(host) && model.pace(host) == crate::model::Pace::Steady
    };
    let mut wrong = Vec::new();
    for (at_ms, verdict) in watched.announcements.verdicts() {
        let seats = verdict.devices.iter();
        let seats = seats.filter_map(|device| watched.world.seat_of(*device));
        wrong.extend(
            seats
                .filter(healthy)
                .map(|seat| format!("{:?} of node {seat} at {at_ms} ms", verdict.cause)),
        );
    }
    wrong
}
