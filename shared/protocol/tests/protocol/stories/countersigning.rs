//! Gateways countersign the audit log: it grows under their eyes, and whoever cuts or rewrites it is told so by a log that
//! is not theirs.

use protocol::coordinator::{self, Command, Event};
use protocol::countersign::{AuditHead, AuditWord, Countersigned};
use protocol::id::Digest;
use protocol::merkle::Tree;
use protocol::message::Message;
use protocol::node::{Input, Notice};

use crate::rig::Mesh;

/// A log of so many entries, all of them others from `twist` on.
fn log(entries: u64, twist: u64) -> Tree {
    let mut tree = Tree::new();
    for number in 0..entries {
        let said = number + if number >= twist { 1_000 } else { 0 };
        tree.push(AuditHead::leaf(&Digest::of(
            "test entry",
            &[&said.to_be_bytes()],
        )));
    }
    tree
}

const WHOLE: u64 = u64::MAX;

fn mesh_with_gateways(gateways: usize) -> Mesh {
    let mut mesh = Mesh::new();
    for place in 0..gateways {
        mesh.join_gateway(place);
    }
    mesh.join();
    mesh.run(40);
    mesh
}

fn show(mesh: &mut Mesh, index: usize, log: &Tree, since: u64) {
    let gateway = mesh.members[index].device;
    let word = AuditWord::shown(log, since);
    mesh.tell_hub(coordinator::Input::Command(Command::ShowAudit {
        gateway,
        word,
    }));
    mesh.run(5);
}

fn held(mesh: &Mesh, index: usize) -> Option<u64> {
    let node = mesh.members[index].machine.as_ref().expect("it runs");
    node.countersigned().map(|head| head.entries)
}

/// What gateways have said of the log, in their own logs.
fn said(mesh: &Mesh) -> Vec<(u64, Option<u64>)> {
    let events = mesh.hub.events.iter();
    let words = events.filter_map(|event| match event {
        Event::Countersigned {
            word: Countersigned { held, refused },
            ..
        } => Some((held.entries, refused.map(|head| head.entries))),
        _ => None,
    });
    words.collect()
}

fn alarms(mesh: &Mesh, index: usize) -> usize {
    let notices = mesh.members[index].notices.iter();
    notices
        .filter(|notice| matches!(notice, Notice::AuditRewritten { .. }))
        .count()
}

#[test]
fn a_log_that_goes_on_is_countersigned_in_the_gateways_own_log() {
    let mut mesh = mesh_with_gateways(2);
    show(&mut mesh, 0, &log(5, WHOLE), 0);
    show(&mut mesh, 1, &log(5, WHOLE), 0);
    show(&mut mesh, 0, &log(12, WHOLE), 5);
    show(&mut mesh, 0, &log(12, WHOLE), 5);
    assert_eq!(said(&mesh), [(5, None), (5, None), (12, None)]);
    assert_eq!((held(&mesh, 0), held(&mesh, 1)), (Some(12), Some(5)));
    assert_eq!((alarms(&mesh, 0), alarms(&mesh, 1)), (0, 0));
}

#[test]
fn whoever_shows_a_proof_from_elsewhere_is_told_what_is_held() {
    let mut mesh = mesh_with_gateways(1);
    show(&mut mesh, 0, &log(5, WHOLE), 0);
    show(&mut mesh, 0, &log(9, WHOLE), 0);
    let told = |event: &Event| matches!(event, Event::HoldsAudit { head, .. } if head.entries == 5);
    assert!(mesh.hub.events.iter().any(told));
    assert_eq!(held(&mesh, 0), Some(5), "nothing is signed without a proof");
    show(&mut mesh, 0, &log(9, WHOLE), 5);
    assert_eq!(held(&mesh, 0), Some(9));
}

#[test]
fn a_log_that_was_cut_or_rewritten_is_refused_and_told_even_after_a_restart() {
    let mut mesh = mesh_with_gateways(1);
    show(&mut mesh, 0, &log(20, WHOLE), 0);
    mesh.stop(0);
    mesh.start(0);
    mesh.run(40);
    assert_eq!(held(&mesh, 0), Some(20), "its journal holds it");
    show(&mut mesh, 0, &log(10, WHOLE), 0);
    assert_eq!(said(&mesh).last(), Some(&(20, Some(10))), "it was cut");
    mesh.run(60);
    show(&mut mesh, 0, &log(20, 7), 20);
    assert_eq!(
        said(&mesh).last(),
        Some(&(20, Some(20))),
        "it was rewritten"
    );
    show(&mut mesh, 0, &log(30, 7), 20);
    assert_eq!(said(&mesh).len(), 3, "one word a minute is enough");
    mesh.run(60);
    show(&mut mesh, 0, &log(30, 7), 20);
    assert_eq!(said(&mesh).last(), Some(&(20, Some(30))));
    assert_eq!((held(&mesh, 0), alarms(&mesh, 0)), (Some(20), 3));
}

#[test]
fn nobody_but_the_coordinator_shows_a_log_and_nobody_but_a_gateway_countersigns() {
    let mut mesh = mesh_with_gateways(1);
    let (gateway, other) = (0, 1);
    show(&mut mesh, other, &log(5, WHOLE), 0);
    assert_eq!(held(&mesh, other), None);
    let from = mesh.members[other].peer();
    let word = AuditWord::shown(&log(5, WHOLE), 0);
    let message = Message::Audit { word };
    mesh.tell(gateway, Input::Frame { from, message });
    mesh.run(5);
    assert_eq!((held(&mesh, gateway), said(&mesh).len()), (None, 0));
}
