//! Halts: signed once, told by neighbours, held to for good, and lifted by a newer word alone.

use protocol::coordinator::{self, Command};
use protocol::evidence::Evidence;
use protocol::id::Digest;
use protocol::message::Message;
use protocol::node::{Input, Notice};
use protocol::rollout::{Halt, RolloutId, Standing};
use protocol::signed::Signed;

use crate::rig::Mesh;
use crate::samples as sample;

fn target() -> Digest {
    sample::digest(0x31)
}

fn order(mesh: &mut Mesh, standing: Standing) {
    mesh.tell_hub(coordinator::Input::Command(Command::Halt {
        target: target(),
        rollout: RolloutId(1),
        standing,
    }));
}

/// Members that hold the target to be halted.
fn halted(mesh: &Mesh) -> usize {
    let machines = mesh
        .members
        .iter()
        .filter_map(|member| member.machine.as_ref());
    machines.filter(|machine| machine.halted(&target())).count()
}

/// Bytes of a halt that this key has signed.
fn halt(signer: u8, sequence: u64, standing: Standing) -> Vec<u8> {
    let halt = Halt {
        target: target(),
        sequence,
        standing,
        ..sample::updates::halt()
    };
    Signed::seal(halt, &sample::key(signer)).bytes().to_vec()
}

fn bring(mesh: &mut Mesh, to: usize, from: usize, halt: Vec<u8>) {
    let from = mesh.members[from].peer();
    let message = Message::Gossip {
        evidence: vec![Evidence::Halt(halt.into())],
    };
    mesh.tell(to, Input::Frame { from, message });
}

#[test]
fn a_halt_reaches_everybody_with_the_coordinator_gone() {
    let mut mesh = Mesh::of(12);
    // The coordinator signs, tells one member, and is gone.
    let hub = mesh.hub.peer();
    let heard = mesh.members[3].peer();
    for index in (0..12).filter(|index| *index != 3) {
        let peer = mesh.members[index].peer();
        mesh.block(hub, peer);
        mesh.part(hub, peer);
    }
    assert!(mesh.is_linked(hub, heard));
    order(&mut mesh, Standing::Halted);
    mesh.run(1);
    mesh.stop_hub();
    mesh.run(1);
    assert_eq!(halted(&mesh), 12, "neighbours pass it on");
    mesh.stop(5);
    mesh.start(5);
    assert_eq!(halted(&mesh), 12, "a restart does not forget it");
}

#[test]
fn whoever_was_away_hears_of_a_halt_from_neighbours() {
    let mut mesh = Mesh::of(6);
    mesh.stop(2);
    order(&mut mesh, Standing::Halted);
    mesh.run(2);
    assert_eq!(halted(&mesh), 5);
    mesh.stop_hub();
    mesh.start(2);
    mesh.run(60);
    assert_eq!(halted(&mesh), 6);
}

#[test]
fn a_halt_is_lifted_by_a_newer_word_and_an_older_one_does_not_bring_it_back() {
    let mut mesh = Mesh::of(6);
    order(&mut mesh, Standing::Halted);
    mesh.run(2);
    let machine = mesh.members[0].machine.as_ref().expect("it runs");
    let old = machine.halts().newest(&target()).expect("it is known");
    let old = old.bytes().to_vec();
    order(&mut mesh, Standing::Lifted);
    mesh.run(2);
    assert_eq!(halted(&mesh), 0);
    bring(&mut mesh, 1, 0, old);
    mesh.run(60);
    assert_eq!(halted(&mesh), 0);
}

#[test]
fn nobody_but_the_coordinator_halts_or_lifts() {
    let mut mesh = Mesh::of(6);
    bring(&mut mesh, 0, 1, halt(sample::DEVICE, 9, Standing::Halted));
    mesh.run(2);
    assert_eq!(halted(&mesh), 0);
    order(&mut mesh, Standing::Halted);
    mesh.run(2);
    let forged = halt(sample::ROOT, u64::MAX, Standing::Lifted);
    bring(&mut mesh, 0, 1, forged);
    mesh.run(2);
    assert_eq!(halted(&mesh), 6);
}

#[test]
fn a_restored_coordinator_hears_what_it_halted_and_its_next_word_is_newer() {
    let mut mesh = Mesh::of(6);
    order(&mut mesh, Standing::Halted);
    mesh.run(2);
    mesh.stop_hub();
    mesh.hub.store.memory.halts.clear();
    mesh.start_hub();
    mesh.run(60);
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    assert!(hub.halts().stands(&target()), "its members tell it");
    mesh.stop_hub();
    mesh.hub.store.memory.halts.clear();
    mesh.start_hub();
    order(&mut mesh, Standing::Lifted);
    mesh.run(60);
    assert_eq!(halted(&mesh), 0);
}

#[test]
fn a_halt_outlives_the_key_that_signed_it() {
    let mut mesh = Mesh::of(6);
    order(&mut mesh, Standing::Halted);
    mesh.run(2);
    let next = sample::charter_entry(&sample::next_charter(), sample::ROOT);
    mesh.succeed(vec![next], sample::NEXT_ADMISSION);
    mesh.run(30);
    let newcomer = mesh.join();
    mesh.run(30);
    let machine = mesh.members[newcomer].machine.as_ref().expect("it runs");
    assert!(machine.halted(&target()), "it is signed anew");
    let wrong = |notice: &&Notice| matches!(notice, Notice::Misbehaviour { .. });
    let notices = mesh.members.iter().flat_map(|member| &member.notices);
    assert_eq!(notices.filter(wrong).count(), 0, "and nobody is blamed");
}
