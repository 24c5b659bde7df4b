//! Small worlds as ordinary tests: what must hold holds, what is broken on purpose is noticed.

use simulations::host::HostId;
use simulations::network::{Conditions, Loss};
use simulations::scenario::options::Options;
use simulations::scenario::{OF_THE_MACHINE, Outcome, Scenario, Setup, Tracing};
use simulations::scenarios::{offline, telemetry};
use simulations::signing::Signing;
use simulations::trace::Trace;
use simulations::world::{Fault, Sabotage, Settings, Stop, World};

fn setup(nodes: usize, seed: u64) -> Setup {
    let plain = Setup::new(nodes, seed).expect("the profiles are built in");
    let options = Options {
        hours: Some(0.1),
        ..Options::default()
    };
    Setup { options, ..plain }
}

fn run(scenario: &Scenario, setup: &Setup) -> Outcome {
    (scenario.run)(setup).expect("the world can be built")
}

fn broken(outcome: &Outcome) -> Vec<String> {
    outcome
        .broken()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect()
}

fn world(setup: &Setup, conditions: Conditions) -> World {
    let settings = Settings {
        conditions,
        sabotage: Sabotage::default(),
        trace: Trace::default(),
        power_on_ms: 1_000,
    };
    World::new(setup.fleet().expect("the fleet can be built"), settings)
        .expect("the store is empty")
}

#[test]
fn telemetry_survives_loss_and_restarts() {
    for seed in 1..=3 {
        let outcome = run(&telemetry::SCENARIO, &setup(12, seed));
        assert!(outcome.passed(), "seed {seed}: {:?}", broken(&outcome));
        assert!(outcome.metrics["coordinator_restarts"].as_u64() >= Some(2));
    }
}

#[test]
fn a_cut_of_two_hours_loses_nothing() {
    let outcome = run(&offline::SCENARIO, &setup(6, 1));
    assert!(outcome.passed(), "{:?}", broken(&outcome));
    assert!(outcome.metrics["late_records"].as_u64() > Some(1_000));
}

#[test]
fn every_mutation_is_noticed() {
    for (scenario, nodes) in [(&telemetry::SCENARIO, 20), (&offline::SCENARIO, 5)] {
        for mutation in scenario.mutations {
            let setup = Setup {
                sabotage: mutation.sabotage,
                ..setup(nodes, 1)
            };
            let outcome = run(scenario, &setup);
            assert!(
                !outcome.passed(),
                "{} passes with {}",
                scenario.name,
                mutation.name
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_events_and_figures() {
    let traced = |seed| {
        let mut outcome = run(
            &telemetry::SCENARIO,
            &Setup {
                tracing: Tracing::On,
                ..setup(10, seed)
            },
        );
        OF_THE_MACHINE
            .iter()
            .for_each(|figure| drop(outcome.metrics.remove(*figure)));
        (outcome.checkpoints, outcome.metrics)
    };
    let first = traced(7);
    assert_eq!(first, traced(7));
    assert_ne!(first.0, traced(8).0);
}

#[test]
fn bursts_of_loss_delay_records_and_lose_none() {
    let loss = Loss::Bursts {
        begin: 0.02,
        end: 0.1,
        lost: 0.6,
    };
    let mut world = world(
        &setup(10, 3),
        Conditions {
            loss,
            ..Conditions::CALM
        },
    );
    world.run_until(120_000).expect("the coordinator starts");
    world.stop_sampling();
    world.set_conditions(Conditions::CALM);
    world.run_until(240_000).expect("the coordinator starts");
    let difference = world.difference();
    assert!(difference.stored > 100);
    assert_eq!(
        (
            difference.lost,
            difference.duplicated,
            difference.out_of_order
        ),
        (0, 0, 0)
    );
}

#[test]
fn a_coordinator_that_is_away_finds_everything_when_it_is_back() {
    let mut world = world(&setup(10, 9), Conditions::lossy(0.02));
    let stop = Fault::Restart {
        host: HostId::COORDINATOR,
        stop: Stop::PowerCut,
        down_ms: 120_000,
    };
    world.plan(60_000, stop);
    world.run_until(300_000).expect("the coordinator starts");
    world.stop_sampling();
    world.run_until(400_000).expect("the coordinator starts");
    let difference = world.difference();
    assert_eq!(
        (
            difference.lost,
            difference.duplicated,
            difference.out_of_order
        ),
        (0, 0, 0)
    );
    assert!(
        world
            .coordinator()
            .is_some_and(|coordinator| coordinator.is_linked(&world.device(0)))
    );
}

#[test]
fn worlds_with_mock_signatures_behave_alike() {
    let outcome = run(
        &telemetry::SCENARIO,
        &Setup {
            signing: Signing::Mock,
            ..setup(10, 2)
        },
    );
    assert!(outcome.passed(), "{:?}", broken(&outcome));
}

#[test]
fn a_large_fleet_is_admitted_at_once() {
    let fleet = setup(300, 1).fleet().expect("the fleet can be built");
    assert_eq!(fleet.roster.members().count(), 300);
    assert_eq!(fleet.members.len(), 300);
}
