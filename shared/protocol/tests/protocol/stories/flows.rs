//! Traffic: pages and alerts at a bounded pace, and words about profiles from the coordinator alone.

use protocol::coordinator::{self, Command};
use protocol::flows::{HabitOrder, HabitWord, Stage, Strange, Whose};
use protocol::id::MeshId;
use protocol::key::PeerKey;
use protocol::limits;
use protocol::message::Message;
use protocol::node::{FlowsTold, Input};
use protocol::signed::Signed;
use protocol::time::Timestamp;

use crate::rig::Mesh;
use crate::samples as sample;

fn order(mesh: &Mesh, index: usize) -> HabitOrder {
    let member = &mesh.members[index];
    let roster = member.machine.as_ref().expect("it runs").roster();
    HabitOrder {
        mesh: roster.charter().mesh,
        device: member.device,
        until: Timestamp::from_millis(u64::MAX),
        ..sample::flows::order()
    }
}

fn bring(mesh: &mut Mesh, to: usize, from: PeerKey, order: Vec<u8>) {
    let order = order.into();
    let message = Message::Habit { order };
    mesh.tell(to, Input::Frame { from, message });
}

fn alerts(mesh: &Mesh) -> usize {
    let events = mesh.hub.events.iter();
    let alerts = events.filter(|event| matches!(event, coordinator::Event::Alert(_)));
    alerts.count()
}

#[test]
fn a_word_about_a_profile_reaches_the_one_it_names() {
    let mut mesh = Mesh::of(4);
    let wanted = order(&mesh, 2);
    mesh.tell_hub(coordinator::Input::Command(Command::Habit(Box::new(
        wanted.clone(),
    ))));
    mesh.run(1);
    assert_eq!(mesh.members[2].habits, [wanted]);
    assert_eq!(mesh.members[1].habits, []);
}

#[test]
fn nobody_but_the_coordinator_speaks_of_profiles_and_no_word_is_for_another_or_for_ever() {
    let mut mesh = Mesh::of(4);
    let wanted = order(&mesh, 2);
    let (hub, stranger) = (mesh.hub.peer(), mesh.members[1].peer());
    let seal = |order: HabitOrder, key: u8| Signed::seal(order, &sample::key(key)).bytes().to_vec();
    let rightful = seal(wanted.clone(), sample::ADMISSION);
    bring(&mut mesh, 2, stranger, rightful);
    assert_eq!(mesh.members[2].habits, [], "a neighbour hands it over");
    let habit = protocol::flows::Words::new("out any any any").expect("it is one line");
    let many = HabitWord::Declare {
        habits: vec![habit; limits::HABITS_PER_ORDER + 1],
    };
    let with = |change: &dyn Fn(&mut HabitOrder)| {
        let mut order = wanted.clone();
        change(&mut order);
        order
    };
    let wrong = [
        with(&|order| order.device = protocol::id::DeviceId::from_bytes([0; 8])),
        with(&|order| order.until = Timestamp::from_millis(1)),
        with(&|order| order.mesh = MeshId::from_bytes([9; 32])),
        with(&|order| order.word = many.clone()),
    ];
    let wrong = wrong.map(|order| seal(order, sample::ADMISSION));
    let forged = seal(wanted.clone(), sample::DEVICE);
    for order in wrong.into_iter().chain([forged]) {
        bring(&mut mesh, 2, hub, order);
        assert_eq!(mesh.members[2].habits, []);
        mesh.run(60);
    }
}

#[test]
fn a_flood_of_what_is_strange_is_a_few_alerts_and_no_more() {
    let mut mesh = Mesh::of(4);
    mesh.run(5);
    for number in 0..100 {
        let strange = Strange {
            observed: number,
            ..sample::flows::strange()
        };
        mesh.tell(1, Input::Flows(FlowsTold::Strange(Box::new(strange))));
    }
    mesh.run(5);
    assert_eq!(alerts(&mesh), limits::STRANGE_PER_MINUTE);
    mesh.run(60);
    let strange = Box::new(sample::flows::strange());
    mesh.tell(1, Input::Flows(FlowsTold::Strange(strange)));
    mesh.run(5);
    assert_eq!(alerts(&mesh), limits::STRANGE_PER_MINUTE + 1);
}

#[test]
fn the_longest_strange_thing_has_room_in_an_alert() {
    let long = "x".repeat(64);
    let strange = Strange {
        whose: Whose::Address {
            address: std::net::Ipv6Addr::LOCALHOST.to_bits().to_be_bytes().into(),
        },
        rule: sample::name(&long),
        examples: vec![sample::name(&long); 3],
        habit: protocol::flows::Words::new("y".repeat(160)).ok(),
        observed: u64::MAX,
        usual: u64::MAX,
        ..sample::flows::strange()
    };
    let fitted = strange.fitted();
    assert!(protocol::cbor::encode(&fitted).len() <= limits::STRANGE_BYTES);
    assert_eq!(
        Stage::ALL.map(Stage::word),
        ["learning", "trial", "enforcing"]
    );
}
