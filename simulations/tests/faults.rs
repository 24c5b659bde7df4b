//! What faults do to a world, seen from outside: halting hosts, cut ways, copied and restored disks, liars.

use protocol::record::{Head, Incarnation};
use protocol::rings::Rings;
use protocol::signed::Unchecked;
use simulations::actors::Role;
use simulations::host::HostId;
use simulations::network::Conditions;
use simulations::scenario::Setup;
use simulations::trace::Trace;
use simulations::world::{Fault, Line, Sabotage, Settings, Stalls, World};

fn world(nodes: usize, seed: u64) -> World {
    let setup = Setup::new(nodes, seed).expect("the profiles are built in");
    let settings = Settings {
        conditions: Conditions::CALM,
        sabotage: Sabotage::NONE,
        trace: Trace::default(),
        power_on_ms: 1_000,
    };
    World::new(setup.fleet().expect("the fleet can be built"), settings)
        .expect("the store is empty")
}

fn run(world: &mut World, until_ms: u64) {
    world.run_until(until_ms).expect("the coordinator starts");
}

fn stored(world: &World, seat: usize) -> usize {
    world.store().marks(&world.device(seat)).len()
}

fn witnesses(world: &World, seat: usize) -> Vec<usize> {
    let rings: &Rings = world.fleet().roster.rings();
    let witnesses = rings.witnesses(&world.device(seat));
    let seats = witnesses.iter().map(|device| world.seat_of(*device));
    seats.map(|seat| seat.expect("a member")).collect()
}

#[test]
fn a_halting_host_does_nothing_while_it_stands_still_and_loses_nothing() {
    let mut world = world(12, 1);
    let stalls = Stalls {
        period_ms: 20_000,
        stall_ms: 12_000,
        phase_ms: 0,
    };
    world.plan(
        20_000,
        Fault::Stall {
            seat: 3,
            stalls: Some(stalls),
        },
    );
    run(&mut world, 29_000);
    let before = stored(&world, 3);
    run(&mut world, 39_900);
    assert_eq!(
        stored(&world, 3),
        before,
        "it stands still from 28 s to 40 s"
    );
    assert!(stored(&world, 4) > before);
    world.plan(
        61_000,
        Fault::Stall {
            seat: 3,
            stalls: None,
        },
    );
    run(&mut world, 80_000);
    assert!(stored(&world, 3) > before);
    world.stop_sampling();
    run(&mut world, 90_000);
    let difference = world.difference();
    assert_eq!((difference.lost, difference.duplicated), (0, 0));
    assert_eq!(world.counts().misbehaviour, 0);
}

#[test]
fn a_cut_uplink_silences_a_node_for_the_coordinator_and_for_nobody_else() {
    let mut world = world(12, 2);
    run(&mut world, 60_000);
    let line = Line::Cut;
    world.plan(
        60_000,
        Fault::Uplink {
            seats: vec![5],
            line,
        },
    );
    run(&mut world, 61_000);
    let before = stored(&world, 5);
    run(&mut world, 120_000);
    assert_eq!(stored(&world, 5), before);
    let device = world.device(5);
    for witness in witnesses(&world, 5) {
        let held = world.disk(witness).witnessed(&device).expect("a head");
        let head = Unchecked::<Head>::parse(held).expect("a head");
        assert!(head.claim().position.sequence > 9, "the witness hears it");
    }
    let line = Line::Whole;
    world.plan(
        120_000,
        Fault::Uplink {
            seats: vec![5],
            line,
        },
    );
    run(&mut world, 300_000);
    world.stop_sampling();
    run(&mut world, 330_000);
    assert_eq!(world.difference().lost, 0);
}

/// Somebody restores a backup of a device: it signs again from where the backup stood. The others
/// remember a newer head, so the device must go on behind it and contradict nothing.
#[test]
fn a_node_with_a_restored_disk_does_not_convict_itself() {
    let mut world = world(12, 5);
    world.plan(60_000, Fault::Backup { seat: 4 });
    let down_ms = 5_000;
    world.plan(180_000, Fault::Rollback { seat: 4, down_ms });
    run(&mut world, 300_000);
    assert_eq!(world.counts().rollbacks, 1);
    assert_eq!(world.counts().equivocations, 0);
    assert_eq!(world.counts().misbehaviour, 0);
    assert_eq!(world.counts().unlinked, 0);
    assert_eq!(world.truth().forks(), 0);
    let marks = world.store().marks(&world.device(4));
    let newest = marks.last().expect("the node reported").0;
    assert_eq!(newest.incarnation, Incarnation(1));
    assert!(newest.sequence > 5, "the node reports again");
}

#[test]
fn a_copied_host_runs_beside_its_original() {
    let mut world = world(12, 3);
    world.plan(60_000, Fault::Copy { seat: 2 });
    run(&mut world, 200_000);
    let copy = HostId::node(12);
    assert!(world.sent_bytes(copy) > 20_000, "the copy takes part");
    assert!(!world.model().is_honest(HostId::node(2)));
    assert_eq!(world.counts().misbehaviour, 0);
    assert_eq!(world.counts().equivocations, 0, "nobody honest is meant");
}

#[test]
fn hosts_that_die_stay_dead_until_somebody_revives_them() {
    let mut world = world(12, 4);
    let hosts = vec![HostId::node(1), HostId::node(7)];
    world.plan(
        30_000,
        Fault::Die {
            hosts: hosts.clone(),
        },
    );
    run(&mut world, 200_000);
    assert!(world.node(1).is_none() && world.node(7).is_none());
    assert!(!world.model().is_up(HostId::node(7)));
    world.plan(200_000, Fault::Revive { hosts });
    run(&mut world, 240_000);
    assert!(world.node(1).is_some() && world.node(7).is_some());
    assert!(world.model().is_up(HostId::node(7)));
}

#[test]
fn an_equivocator_shows_its_witnesses_two_histories() {
    let mut world = world(30, 6);
    let role = Role::Equivocator;
    world.plan(30_000, Fault::Turn { seat: 9, role });
    run(&mut world, 90_000);
    let device = world.device(9);
    let key = world.fleet().members[9].key;
    let verifier = &world.fleet().verifier;
    let mut heads: Vec<_> = witnesses(&world, 9)
        .into_iter()
        .map(|witness| {
            let held = world.disk(witness).witnessed(&device).expect("a head");
            let head = Unchecked::<Head>::parse(held).expect("a head");
            head.check(&key, verifier.as_ref())
                .expect("its own signature")
        })
        .collect();
    heads.sort_by_key(|head| (head.position, *head.digest().as_bytes()));
    let contradiction = heads
        .windows(2)
        .any(|pair| pair[0].position == pair[1].position && pair[0].digest() != pair[1].digest());
    assert!(contradiction, "two witnesses hold two heads for one place");
}
