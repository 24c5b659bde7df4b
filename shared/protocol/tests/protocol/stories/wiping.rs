//! An administrator orders a device to wipe itself: who may, how it hears of it, and what it says last.

use minicbor::Encode;
use minicbor::bytes::ByteVec;
use protocol::coordinator::save::Link;
use protocol::coordinator::{Command, Event, Input, RevocationError};
use protocol::key::Strict;
use protocol::ledger::{Entry, LogHead, Strength};
use protocol::merkle::Tree;
use protocol::message::Message;
use protocol::node::{self, Notice};
use protocol::record::{Flags, Head};
use protocol::refusal::Refusal;
use protocol::roster::{ExtendError, OrderError};
use protocol::signed::{OpenError, Signed};
use protocol::statement::{Farewell, Statement};
use protocol::time::Timestamp;

use crate::rig::Mesh;
use crate::samples as sample;

fn confirmed(mesh: &Mesh, index: usize) -> Option<Timestamp> {
    let hub = mesh.hub.machine.as_ref().expect("the coordinator runs");
    hub.retired(&mesh.members[index].device)
}

fn is_retiring(mesh: &Mesh, index: usize) -> bool {
    mesh.members[index].notices.contains(&Notice::Retiring)
}

/// A mesh in which the first device was away when its order came, and comes back after the coordinator has gone.
fn ordered_in_its_absence() -> Mesh {
    let mut mesh = Mesh::of(4);
    let (device, peer) = (mesh.members[0].device, mesh.members[0].peer());
    mesh.cut(peer);
    mesh.retire_and_wipe(device);
    mesh.run(5);
    mesh.stop_hub();
    mesh.mend(peer);
    mesh
}

#[test]
fn a_device_that_is_ordered_to_wipe_says_so_last_of_all() {
    let mut mesh = Mesh::of(4);
    let (device, peer) = (mesh.members[0].device, mesh.members[0].peer());
    let ordered = mesh.wall();
    mesh.retire_and_wipe(device);
    mesh.run(5);
    let (order, at) = mesh.members[0].wiped.clone().expect("it has obeyed");
    assert_eq!(
        (order.device, order.strength),
        (device, Strength::Retirement)
    );
    assert!(at.since(ordered).as_secs() < 5);
    assert!(confirmed(&mesh, 0).is_some());
    assert_eq!(
        mesh.hub.count(|event| *event == Event::Retired { device }),
        1
    );
    let last = mesh.hub.records(device).last().expect("it has recorded");
    assert!(last.flags.has(Flags::RETIRED.with(Flags::GOODBYE)));
    let retired = Statement::Goodbye(Farewell::Retired);
    assert_eq!(
        (last.link, &last.statement),
        (Link::Chained, &Some(retired))
    );
    assert_eq!(mesh.linked(peer), []);
    assert!(mesh.members[0].machine.is_none());
}

#[test]
fn a_coordinator_that_starts_again_knows_who_has_confirmed() {
    let mut mesh = Mesh::of(2);
    mesh.retire_and_wipe(mesh.members[0].device);
    mesh.run(5);
    let before = confirmed(&mesh, 0);
    mesh.stop_hub();
    mesh.start_hub();
    assert!(before.is_some());
    assert_eq!(confirmed(&mesh, 0), before);
}

/// Story: a coordinator restored from an old backup wrote an administrator's word into a log that had gone on
/// without it, and split it.
#[test]
fn a_coordinator_that_does_not_know_its_log_yet_takes_no_order() {
    let mut mesh = Mesh::of(3);
    mesh.stop_hub();
    mesh.start_hub();
    let (device, size) = (mesh.members[0].device, mesh.hub.roster.size());
    let withdrawal = mesh.order(device, sample::ADMINISTRATOR, size);
    let order = || {
        let withdrawal = withdrawal.clone();
        Input::Command(Command::Revoke { withdrawal })
    };
    mesh.tell_hub(order());
    assert_eq!(mesh.hub.roster.size(), size);
    mesh.run(120);
    mesh.tell_hub(order());
    assert_eq!(mesh.hub.roster.size(), size + 1);
}

#[test]
fn everybody_else_turns_the_device_away_at_once() {
    let mut mesh = Mesh::of(4);
    let (device, peer) = (mesh.members[0].device, mesh.members[0].peer());
    mesh.block(peer, mesh.hub.peer());
    mesh.retire_and_wipe(device);
    mesh.run(5);
    assert_eq!(mesh.linked(peer), []);
    for member in &mesh.members[1..] {
        assert_eq!(mesh.judge(member.peer(), peer), Err(Refusal::Revoked));
    }
}

#[test]
fn a_device_that_was_off_obeys_when_it_comes_back() {
    let mut mesh = Mesh::of(4);
    mesh.stop(0);
    mesh.retire_and_wipe(mesh.members[0].device);
    mesh.run(3600);
    assert_eq!(confirmed(&mesh, 0), None);
    mesh.start(0);
    mesh.run(30);
    assert!(mesh.members[0].wiped.is_some());
    assert!(confirmed(&mesh, 0).is_some());
}

#[test]
fn without_the_coordinator_a_neighbours_door_shows_the_order() {
    let mut mesh = ordered_in_its_absence();
    mesh.run(90);
    assert!(is_retiring(&mesh, 0));
    assert_eq!(mesh.members[0].wiped, None, "it waits for the coordinator");
    mesh.run(60);
    assert!(mesh.members[0].wiped.is_some(), "but not for ever");
    mesh.start_hub();
    mesh.run(300);
    assert_eq!(confirmed(&mesh, 0), None, "nobody has taken its last word");
}

#[test]
fn a_coordinator_that_comes_back_in_time_takes_the_last_word() {
    let mut mesh = ordered_in_its_absence();
    mesh.run(60);
    assert!(is_retiring(&mesh, 0));
    mesh.start_hub();
    mesh.run(60);
    assert!(mesh.members[0].wiped.is_some());
    assert!(confirmed(&mesh, 0).is_some());
}

#[test]
fn an_order_that_a_door_has_shown_outlives_a_power_cut() {
    let mut mesh = ordered_in_its_absence();
    mesh.run(60);
    assert!(is_retiring(&mesh, 0));
    let peer = mesh.members[0].peer();
    mesh.stop(0);
    mesh.cut(peer);
    mesh.members[0].notices.clear();
    mesh.start(0);
    assert!(is_retiring(&mesh, 0), "nobody has told it again");
    mesh.run(130);
    assert!(mesh.members[0].wiped.is_some());
}

/// Story: whoever holds the admission key writes the log, and could have wiped the whole fleet.
#[test]
fn a_stolen_admission_key_wipes_nobody() {
    let mut mesh = Mesh::of(3);
    let (device, size) = (mesh.members[0].device, mesh.hub.roster.size());
    let forged = mesh.order(device, sample::ADMISSION, size);
    let hub = mesh.hub.machine.as_ref().expect("the coordinator runs");
    let refused = hub.judge_revocation(&forged).map(|_| ());
    assert_eq!(refused, Err(RevocationError::NotAnAdministrator));
    let withdrawal = forged.clone();
    mesh.tell_hub(Input::Command(Command::Revoke { withdrawal }));
    assert_eq!(mesh.hub.roster.size(), size);

    let entry = Entry::Withdrawal(forged.clone().into()).encode();
    let (tree, head) = log_with(&mesh, &entry);
    let written = mesh.members[0]
        .roster
        .extend(size, &[entry], head.bytes(), &Strict);
    let why = OpenError::BadSignature("withdrawal");
    let refused = ExtendError::Signature {
        index: size,
        source: why,
    };
    assert_eq!(written.map(|_| ()), Err(refused));
    let shown = Shown::of(forged, &tree, &head, size);
    let by = mesh.members[1].peer();
    mesh.tell(
        0,
        node::Input::Ordered {
            by,
            order: shown.encode(),
        },
    );
    mesh.run(300);
    assert!(!is_retiring(&mesh, 0));
    assert!(mesh.members.iter().all(|member| member.wiped.is_none()));
}

#[test]
fn each_order_that_is_not_ours_has_its_reason() {
    let mut mesh = Mesh::of(3);
    let (device, other) = (mesh.members[0].device, mesh.members[1].device);
    let size = mesh.hub.roster.size();
    let judged = |mesh: &Mesh, order: Vec<u8>, index: u64| {
        let entry = Entry::Withdrawal(order.clone().into()).encode();
        let (tree, head) = log_with(mesh, &entry);
        let shown = Shown::of(order, &tree, &head, index).encode();
        let roster = &mesh.members[0].roster;
        roster.open_order(&shown, &device, &Strict).map(|_| ())
    };
    let by = |seed| mesh.order(device, seed, size);
    let right = by(sample::ADMINISTRATOR);
    assert_eq!(judged(&mesh, right.clone(), size), Ok(()));
    let for_another = mesh.order(other, sample::ADMINISTRATOR, size);
    assert_eq!(judged(&mesh, for_another, size), Err(OrderError::Foreign));
    let by_admission = by(sample::ADMISSION);
    let refused = Err(OrderError::NotAnAdministrator);
    assert_eq!(judged(&mesh, by_admission, size), refused);
    let elsewhere = mesh.order(device, sample::ADMINISTRATOR, size + 1);
    let refused = Err(OrderError::NotInTheLog);
    assert_eq!(judged(&mesh, elsewhere, size + 1), refused);
    // Signed for a place that another entry took meanwhile: it was never carried out, and never will be.
    mesh.join();
    mesh.run(5);
    assert_eq!(judged(&mesh, right, size), refused);
    let garbage = mesh.members[0].roster.open_order(&[0x80], &device, &Strict);
    assert!(matches!(garbage, Err(OrderError::Decode(_))));
}

#[test]
fn a_machine_that_joins_again_is_not_wiped_by_its_old_order() {
    let mut mesh = Mesh::of(3);
    let peer = mesh.members[0].peer();
    mesh.retire_and_wipe(mesh.members[0].device);
    mesh.run(10);
    let shown = mesh.members[1].roster.order_for(peer).expect("it has one");
    let again = mesh.join();
    mesh.run(30);
    let (by, order) = (mesh.members[1].peer(), shown.encode());
    mesh.tell(again, node::Input::Ordered { by, order });
    mesh.run(300);
    assert!(!is_retiring(&mesh, again));
    assert!(mesh.is_linked(mesh.hub.peer(), mesh.members[again].peer()));
}

#[test]
fn a_device_with_more_to_hand_over_than_there_is_time_for_confirms_all_the_same() {
    let mut mesh = Mesh::of(2);
    let (device, peer) = (mesh.members[0].device, mesh.members[0].peer());
    mesh.cut(peer);
    mesh.run(10_000);
    mesh.losing.insert((mesh.hub.peer(), peer, "ack"));
    mesh.retire_and_wipe(device);
    mesh.mend(peer);
    mesh.run(300);
    assert!(mesh.members[0].wiped.is_some());
    assert!(confirmed(&mesh, 0).is_some());
    let last = mesh.hub.records(device).last().expect("it has recorded");
    assert_eq!(
        last.link,
        Link::Gap,
        "what lay before it is lost, and shown so"
    );
}

#[test]
fn who_is_to_say_its_last_word_is_heard_on_nothing_else_and_not_for_long() {
    let mut mesh = Mesh::of(2);
    let (device, peer, hub) = (
        mesh.members[0].device,
        mesh.members[0].peer(),
        mesh.hub.peer(),
    );
    mesh.stop(0);
    mesh.run(1);
    mesh.retire_and_wipe(device);
    mesh.tell_hub(Input::LinkUp { peer });
    mesh.sent.clear();
    let message = Message::ContactRequest {
        devices: vec![mesh.members[1].device],
    };
    mesh.tell_hub(Input::Frame {
        from: peer,
        message,
    });
    assert_eq!(mesh.count(hub, peer, "contacts"), 0);
    mesh.refusals.clear();
    mesh.run(59);
    assert_eq!(mesh.refusals, []);
    mesh.run(2);
    assert_eq!(mesh.refusals, [(hub, peer, Refusal::Revoked)]);
}

/// Story: a stolen key can sign a last statement as well as any other; without an order it confirms nothing.
#[test]
fn a_last_statement_without_an_order_confirms_nothing() {
    let mut mesh = Mesh::of(2);
    mesh.stop(0);
    let (head, body) = mesh.forge(0, &Statement::Goodbye(Farewell::Retired));
    let head = Head {
        flags: Flags::GOODBYE.with(Flags::RETIRED),
        ..head
    };
    let record = mesh.sign(0, head, body);
    let peer = mesh.members[0].peer();
    mesh.tell_hub(Input::LinkUp { peer });
    mesh.hand_in(0, record);
    let last = mesh.hub.records(mesh.members[0].device).last();
    assert!(last.is_some_and(|last| last.flags.has(Flags::RETIRED)));
    assert_eq!(confirmed(&mesh, 0), None);
}

#[test]
fn a_revoked_device_can_still_be_ordered_to_wipe_and_that_is_the_last_word() {
    let mut mesh = Mesh::of(2);
    let device = mesh.members[0].device;
    mesh.retire(device, true);
    mesh.run(60);
    assert_eq!(mesh.members[0].wiped, None);
    mesh.retire_and_wipe(device);
    mesh.run(90);
    assert!(mesh.members[0].wiped.is_some());
    let again = mesh.order(device, sample::ADMINISTRATOR, mesh.hub.roster.size());
    let hub = mesh.hub.machine.as_ref().expect("the coordinator runs");
    let refused = hub.judge_revocation(&again).map(|_| ());
    assert_eq!(refused, Err(RevocationError::Before));
    mesh.retire(device, true);
    let member = mesh.hub.roster.member(&device).expect("it was one");
    assert!(member.order_to_retire().is_some());
}

/// The parts of an order, so that each can be forged apart.
#[derive(Encode)]
#[cbor(array)]
struct Shown {
    #[n(0)]
    withdrawal: ByteVec,
    #[n(1)]
    log_head: ByteVec,
    #[n(2)]
    inclusion: Vec<ByteVec>,
}

impl Shown {
    fn of(withdrawal: Vec<u8>, tree: &Tree, head: &Signed<LogHead>, index: u64) -> Self {
        let proof = tree.inclusion_proof(index, head.size).unwrap_or_default();
        Self {
            withdrawal: withdrawal.into(),
            log_head: head.bytes().to_vec().into(),
            inclusion: proof.into_iter().map(|node| node.to_vec().into()).collect(),
        }
    }

    fn encode(&self) -> Vec<u8> {
        protocol::cbor::encode(self)
    }
}

/// The log with one entry more, as whoever holds the admission key can sign it.
fn log_with(mesh: &Mesh, entry: &[u8]) -> (Tree, Signed<LogHead>) {
    let mut tree = mesh.hub.roster.tree().clone();
    tree.push(Entry::leaf(entry));
    let head = LogHead {
        mesh: sample::mesh(),
        size: tree.size(),
        root: tree.root(),
        time: mesh.wall(),
    };
    let head = Signed::seal(head, &sample::key(sample::ADMISSION));
    (tree, head)
}
