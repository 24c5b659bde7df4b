//! Scans: ordered by the coordinator alone, of one member, for a time; told in its log, and handed over when asked for.

use protocol::coordinator::{self, Command, Event};
use protocol::id::MeshId;
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::{Input, ScanAsked, ScanTold};
use protocol::scan::{Depth, ScanOrder, ScanPart, ScanStage, ScanStep, ScanWord, Wish};
use protocol::signed::Signed;
use protocol::time::Timestamp;

use crate::rig::Mesh;
use crate::samples as sample;

fn order(mesh: &Mesh, index: usize) -> ScanOrder {
    let member = &mesh.members[index];
    let roster = member.machine.as_ref().expect("it runs").roster();
    ScanOrder {
        mesh: roster.charter().mesh,
        job: 7,
        device: member.device,
        until: Timestamp::from_millis(u64::MAX),
        wish: Wish::Begin,
        depth: Depth::Known,
        targets: vec![sample::name("10.0.0.0/24")],
        spared: Vec::new(),
    }
}

fn bring(mesh: &mut Mesh, to: usize, from: PeerKey, order: Vec<u8>) {
    let word = ScanWord::Order {
        order: order.into(),
    };
    let message = Message::Scan { word };
    mesh.tell(to, Input::Frame { from, message });
}

fn asked(mesh: &Mesh, index: usize) -> Vec<u64> {
    let orders = mesh.members[index].scans.iter();
    let jobs = orders.filter_map(|asked| match asked {
        ScanAsked::Order(order) => Some(order.job),
        ScanAsked::Wanted { .. } => None,
    });
    jobs.collect()
}

#[test]
fn an_order_reaches_the_one_it_names_and_what_it_finds_comes_back_in_parts() {
    let mut mesh = Mesh::of(4);
    let wanted = order(&mesh, 2);
    let device = wanted.device;
    mesh.tell_hub(coordinator::Input::Command(Command::Scan(Box::new(wanted))));
    mesh.run(1);
    assert_eq!((asked(&mesh, 2), asked(&mesh, 1)), (vec![7], vec![]));
    let stage = ScanStage::Finished {
        hosts: 1,
        bytes: 3,
        digest: protocol::scan::digest(b"<a>"),
    };
    let step = ScanStep { job: 7, stage };
    mesh.tell(2, Input::Scan(ScanTold::Step(step.clone())));
    mesh.run(5);
    let said = |event: &Event| matches!(event, Event::Scanned { device: by, step: said } if *by == device && *said == step);
    assert!(mesh.hub.events.iter().any(said), "its log says so");
    mesh.tell_hub(coordinator::Input::Command(Command::WantScan {
        device,
        job: 7,
        from: 0,
    }));
    mesh.run(1);
    let last = mesh.members[2].scans.last();
    assert_eq!(last, Some(&ScanAsked::Wanted { job: 7, from: 0 }));
    let part = ScanPart {
        job: 7,
        from: 0,
        total: 3,
        bytes: b"<a>".to_vec().into(),
    };
    mesh.tell(2, Input::Scan(ScanTold::Part(part.clone())));
    mesh.run(1);
    assert_eq!(mesh.hub.parts, [(device, part)]);
}

#[test]
fn nobody_but_the_coordinator_orders_a_scan_and_no_order_holds_for_another_or_for_ever() {
    let mut mesh = Mesh::of(4);
    let wanted = order(&mesh, 2);
    let hub = mesh.hub.peer();
    let stranger = mesh.members[1].peer();
    let seal = |order: ScanOrder, key: u8| Signed::seal(order, &sample::key(key)).bytes().to_vec();
    let rightful = seal(wanted.clone(), sample::ADMISSION);
    bring(&mut mesh, 2, stranger, rightful);
    assert_eq!(asked(&mesh, 2), [] as [u64; 0], "a neighbour hands it over");
    let other = ScanOrder {
        device: mesh.members[1].device,
        ..wanted.clone()
    };
    let late = ScanOrder {
        until: Timestamp::from_millis(1),
        ..wanted.clone()
    };
    let nothing = ScanOrder {
        targets: Vec::new(),
        ..wanted.clone()
    };
    let foreign = ScanOrder {
        mesh: MeshId::from_bytes([9; 32]),
        ..wanted.clone()
    };
    let forged = seal(wanted, sample::DEVICE);
    let wrong = [other, late, nothing, foreign].map(|order| seal(order, sample::ADMISSION));
    for order in wrong.into_iter().chain([forged]) {
        bring(&mut mesh, 2, hub, order);
        assert_eq!(asked(&mesh, 2), [] as [u64; 0]);
        mesh.run(60);
    }
}
