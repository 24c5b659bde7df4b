//! Alerts: raised by a device, known to everybody at once, told to the outside while the coordinator is gone.

use std::collections::{BTreeMap, BTreeSet};

use protocol::alert::{Alert, Delivery, Matter};
use protocol::coordinator::{Command, Event, Input as HubInput};
use protocol::deputies;
use protocol::evidence::Evidence;
use protocol::message::Message;
use protocol::node::{Input, Notice};
use protocol::signed::Signed;
use protocol::statement::host::WatchedFile;

use crate::rig::Mesh;
use crate::samples as sample;

fn watched(seed: u8) -> Option<Vec<WatchedFile>> {
    Some(vec![WatchedFile {
        path: sample::path("/etc/passwd"),
        digest: Some(sample::digest(seed)),
    }])
}

fn alerted(mesh: &Mesh) -> usize {
    let knows = |notices: &Vec<Notice>| {
        notices
            .iter()
            .any(|notice| matches!(notice, Notice::Alert { .. }))
    };
    mesh.members
        .iter()
        .filter(|member| knows(&member.notices))
        .count()
}

fn told(mesh: &Mesh) -> Vec<Vec<u8>> {
    let outside = mesh.members.iter().flat_map(|member| &member.outside);
    outside.map(|(id, _)| id.0.to_vec()).collect()
}

/// A mesh whose deputies hold what they need.
fn with_deputies(members: usize) -> Mesh {
    let mut mesh = Mesh::of(members);
    let devices = deputies::candidates(&mesh.hub.roster);
    let capabilities: BTreeMap<_, _> = devices
        .into_iter()
        .map(|device| (device, vec![7]))
        .collect();
    mesh.tell_hub(HubInput::Command(Command::Appoint(capabilities)));
    mesh.run(1);
    mesh
}

fn change_a_file(mesh: &mut Mesh, index: usize) {
    mesh.members[index].reading.files = watched(1);
    mesh.run(12);
    mesh.members[index].reading.files = watched(2);
}

#[test]
fn a_changed_file_is_known_to_everybody_before_the_next_reading() {
    let mut mesh = Mesh::of(12);
    change_a_file(&mut mesh, 3);
    mesh.run(11);
    assert_eq!(alerted(&mesh), 12);
    let device = mesh.members[3].device;
    let is_it = |event: &Event| {
        matches!(event, Event::Alert(alert) if alert.device == device && matches!(
            &alert.alarm.matter,
            Matter::FileChanged { before: Some(_), after: Some(after), .. } if *after == sample::digest(2)
        ))
    };
    assert_eq!(
        mesh.hub.count(is_it),
        1,
        "once, though record and gossip both say it"
    );
    let stored = mesh.hub.records(device).iter();
    let words: BTreeSet<_> = stored
        .filter_map(|record| Some(record.statement.as_ref()?.word()))
        .collect();
    assert!(words.contains("alert"), "it is in the log for good");
    mesh.run(60);
    assert_eq!(mesh.hub.count(is_it), 1);
}

/// Story: all neighbours of a device were somebody else's, and none of them handed anything on.
#[test]
fn an_alert_that_neighbours_keep_back_comes_from_the_coordinator() {
    let mut mesh = Mesh::of(12);
    let deaf = mesh.members[7].peer();
    for member in &mesh.members {
        mesh.losing.insert((member.peer(), deaf, "gossip"));
    }
    mesh.members[3].reading.files = watched(1);
    mesh.run(12);
    mesh.members[3].reading.files = watched(2);
    mesh.run(11);
    let notices = |index: usize| {
        let heard = mesh.members[index].notices.iter();
        heard
            .filter(|notice| matches!(notice, Notice::Alert { .. }))
            .count()
    };
    assert_eq!(notices(7), 1);
    let asks = |index: usize| mesh.count(mesh.members[index].peer(), mesh.hub.peer(), "want");
    let others: usize = (0..12).filter(|index| *index != 7).map(asks).sum();
    assert_eq!((asks(7), others), (1, 0), "nobody else has to ask");
}

/// Story: somebody stops the node, changes a file, and starts the node again.
#[test]
fn a_file_that_changed_while_the_node_was_off_is_noticed_at_its_start() {
    let mut mesh = Mesh::of(8);
    mesh.members[2].reading.files = watched(1);
    mesh.run(12);
    mesh.stop(2);
    mesh.run(30);
    mesh.members[2].reading.files = watched(9);
    mesh.start(2);
    mesh.run(25);
    assert_eq!(alerted(&mesh), 8);
}

#[test]
fn an_alert_that_is_played_again_is_no_news() {
    let mut mesh = Mesh::of(8);
    change_a_file(&mut mesh, 0);
    mesh.run(11);
    let notices = |mesh: &Mesh| {
        let all = mesh.members.iter().flat_map(|member| &member.notices);
        all.filter(|notice| matches!(notice, Notice::Alert { .. }))
            .count()
    };
    let before = notices(&mesh);
    let alert = Alert {
        device: mesh.members[0].device,
        position: mesh.members[0].made[0],
        ..sample::alert()
    };
    let forged = Signed::seal(alert, &mesh.members[1].key());
    let evidence = vec![Evidence::Alert(forged.bytes().to_vec().into())];
    let from = mesh.members[1].peer();
    let frame = Input::Frame {
        from,
        message: Message::Gossip { evidence },
    };
    mesh.tell(5, frame);
    mesh.run(30);
    assert_eq!(notices(&mesh), before, "nobody signs for another");
}

#[test]
fn while_the_coordinator_is_there_no_deputy_speaks() {
    let mut mesh = with_deputies(12);
    change_a_file(&mut mesh, 4);
    mesh.run(60);
    assert_eq!(told(&mesh), Vec::<Vec<u8>>::new());
}

/// Story: deputies kept every alert in hand that the coordinator had taken long ago, and told them when it went.
#[test]
fn an_alert_that_the_coordinator_has_is_not_told_when_it_goes_later() {
    let mut mesh = with_deputies(12);
    change_a_file(&mut mesh, 4);
    mesh.run(60);
    mesh.stop_hub();
    mesh.run(60);
    assert_eq!(told(&mesh), Vec::<Vec<u8>>::new());
}

#[test]
fn while_the_coordinator_is_gone_one_deputy_tells_the_outside_once() {
    let mut mesh = with_deputies(12);
    mesh.stop_hub();
    change_a_file(&mut mesh, 4);
    mesh.run(60);
    assert_eq!(alerted(&mesh), 12);
    assert_eq!(told(&mesh).len(), 1);
    mesh.start_hub();
    mesh.run(120);
    let delivered = |event: &Event| matches!(event, Event::Delivered(_));
    assert_eq!(
        mesh.hub.count(delivered),
        1,
        "the coordinator learns who spoke for it"
    );
    let alerts = |event: &Event| matches!(event, Event::Alert(_));
    assert_eq!(mesh.hub.count(alerts), 1);
    let made = mesh.members[4].made.len();
    assert_eq!(
        mesh.hub.records(mesh.members[4].device).len(),
        made,
        "and misses nothing"
    );
}

#[test]
fn when_the_first_deputy_reaches_nobody_the_second_speaks_under_the_same_name() {
    let mut mesh = with_deputies(12);
    mesh.stop_hub();
    for member in &mut mesh.members {
        member.outside_answers = false;
    }
    change_a_file(&mut mesh, 4);
    mesh.run(40);
    let names: BTreeSet<Vec<u8>> = told(&mesh).into_iter().collect();
    assert_eq!(names.len(), 1, "one idempotency key");
    let speakers = mesh
        .members
        .iter()
        .filter(|member| !member.outside.is_empty());
    assert_eq!(speakers.count(), 2);
}

/// Story: a cut healed, and the receipt of the other side came around while its alert was still on its way.
#[test]
fn a_receipt_that_comes_before_its_alert_counts() {
    let mut mesh = with_deputies(12);
    let device = deputies::candidates(&mesh.hub.roster)[0];
    let deputy = mesh.members.iter().find(|member| member.device == device);
    let deputy = deputy.expect("deputies are members").key();
    mesh.stop_hub();
    mesh.run(60);
    let alert = Alert {
        device: mesh.members[4].device,
        position: mesh.members[4].made[0],
        ..sample::alert()
    };
    let alert = Signed::seal(alert, &mesh.members[4].key());
    let alert = Evidence::Alert(alert.bytes().to_vec().into());
    let delivery = Delivery {
        deputy: device,
        alert: alert.id(),
        time: mesh.wall(),
    };
    let receipt = Signed::seal(delivery, &deputy).bytes().to_vec();
    for piece in [Evidence::Delivery(receipt.into()), alert] {
        for index in 0..12 {
            let machine = mesh.members[index].machine.as_ref();
            let from = machine.and_then(|node| node.links().find(|peer| *peer != mesh.hub.peer()));
            let from = from.expect("everybody has a link");
            let evidence = vec![piece.clone()];
            let message = Message::Gossip { evidence };
            mesh.tell(index, Input::Frame { from, message });
        }
    }
    mesh.run(60);
    assert_eq!(alerted(&mesh), 12);
    assert_eq!(told(&mesh), Vec::<Vec<u8>>::new());
}

#[test]
fn only_the_coordinator_appoints_deputies() {
    let mut mesh = Mesh::of(4);
    let from = mesh.members[1].peer();
    let sealed = vec![1].into();
    let message = Message::Capability { sealed };
    mesh.tell(0, Input::Frame { from, message });
    let refused = |notice: &Notice| matches!(notice, Notice::Misbehaviour { .. });
    assert!(mesh.members[0].notices.iter().any(refused));
    assert_eq!(mesh.members[0].disk.memory.capability, None);
}

#[test]
fn what_was_given_to_deputies_can_be_taken_back() {
    let mut mesh = with_deputies(12);
    let devices = deputies::candidates(&mesh.hub.roster);
    let nothing: BTreeMap<_, _> = devices.into_iter().map(|it| (it, Vec::new())).collect();
    mesh.tell_hub(HubInput::Command(Command::Appoint(nothing)));
    mesh.run(1);
    mesh.stop_hub();
    change_a_file(&mut mesh, 4);
    mesh.run(60);
    assert_eq!(alerted(&mesh), 12);
    assert_eq!(told(&mesh), Vec::<Vec<u8>>::new());
    let kept = mesh
        .members
        .iter()
        .map(|member| &member.disk.memory.capability);
    assert!(kept.flatten().all(Vec::is_empty), "and no disk keeps it");
}

/// Story: whoever took a device over was also the one to tell of it.
#[test]
fn nobody_speaks_of_itself_while_others_can() {
    let mut mesh = with_deputies(12);
    mesh.stop_hub();
    let devices = deputies::candidates(&mesh.hub.roster);
    let own: Vec<usize> = (0..12)
        .filter(|index| devices.contains(&mesh.members[*index].device))
        .collect();
    assert_eq!(own.len(), protocol::limits::DEPUTIES);
    for &index in &own {
        mesh.members[index].reading.files = watched(1);
    }
    mesh.run(12);
    for (change, &index) in (2..).zip(&own) {
        let before = mesh.members[index].outside.len();
        mesh.members[index].reading.files = watched(change);
        mesh.run(30);
        assert_eq!(mesh.members[index].outside.len(), before, "member {index}");
        assert_eq!(told(&mesh).len(), usize::from(change) - 1);
    }
}
