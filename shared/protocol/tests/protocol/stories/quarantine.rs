//! Quarantine: ordered by a person, held to by every neighbour, capped, and ended from a gateway's console.

use std::time::Duration;

use protocol::charter::Charter;
use protocol::class::DeviceClass;
use protocol::coordinator::{self, Command, Event};
use protocol::evidence::Evidence;
use protocol::id::DeviceId;
use protocol::key::{SecretKey, Signer as _, Strict};
use protocol::limits;
use protocol::message::Message;
use protocol::node::{Input, Notice};
use protocol::ruling::{Decision, HoldError, Ruling, RulingError, is_exempt};
use protocol::signed::Signed;
use protocol::statement::host::WatchedFile;

use crate::rig::Mesh;
use crate::samples as sample;

fn order(mesh: &mut Mesh, of: usize, decision: Decision) {
    let device = mesh.members[of].device;
    mesh.tell_hub(coordinator::Input::Command(Command::Rule {
        device,
        decision,
        reason: sample::name("its accounts do not agree"),
    }));
    mesh.run(5);
}

/// Members that hold a device to be in quarantine.
fn holders(mesh: &Mesh, of: usize) -> usize {
    let device = mesh.members[of].device;
    let now = mesh.wall();
    let machines = mesh
        .members
        .iter()
        .filter_map(|member| member.machine.as_ref());
    machines
        .filter(|machine| {
            machine
                .rulings()
                .held(machine.roster(), now)
                .contains(&device)
        })
        .count()
}

fn alerts_heard(mesh: &Mesh, by: usize, of: DeviceId) -> usize {
    let heard = |notice: &&Notice| matches!(notice, Notice::Alert { device, .. } if *device == of);
    mesh.members[by].notices.iter().filter(heard).count()
}

#[test]
fn everybody_holds_to_a_quarantine_and_it_ends_by_itself_after_a_day() {
    let mut mesh = Mesh::of(6);
    order(&mut mesh, 2, Decision::Hold);
    assert_eq!(holders(&mesh, 2), 6);
    assert!(
        mesh.members.iter().all(|member| member.partings.is_empty()),
        "its links stay"
    );
    mesh.stop(4);
    mesh.start(4);
    mesh.run(60);
    assert_eq!(holders(&mesh, 2), 6, "whoever was away hears of it");
    mesh.stop_hub();
    mesh.start_hub();
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    assert_eq!(
        hub.rulings().held(hub.roster(), mesh.wall()).len(),
        1,
        "the store remembers"
    );
    let tomorrow = mesh.wall().saturating_add(limits::QUARANTINE);
    assert_eq!(hub.rulings().held(hub.roster(), tomorrow).len(), 0);
}

#[test]
fn a_device_in_quarantine_has_no_word_and_its_alerts_are_heard() {
    let mut mesh = Mesh::of(6);
    order(&mut mesh, 2, Decision::Hold);
    let (held, from) = (mesh.members[2].device, mesh.members[2].peer());
    let before = mesh.members[0].notices.len();
    let junk = Message::Vouch {
        heads: vec![vec![1].into()],
    };
    mesh.tell(
        0,
        Input::Frame {
            from,
            message: junk,
        },
    );
    let misbehaviour = |notice: &Notice| matches!(notice, Notice::Misbehaviour { .. });
    assert!(
        !mesh.members[0].notices[before..].iter().any(misbehaviour),
        "it is not even looked at"
    );
    mesh.run(60);
    for content in [1, 2] {
        mesh.members[2].reading.files = Some(vec![WatchedFile {
            path: sample::path("/etc/passwd"),
            digest: Some(sample::digest(content)),
        }]);
        mesh.run(20);
    }
    assert_eq!(alerts_heard(&mesh, 0, held), 1);
    let down = |notice: &Notice| matches!(notice, Notice::Down { .. });
    let downs = mesh
        .members
        .iter()
        .flat_map(|member| &member.notices)
        .filter(|notice| down(notice));
    assert_eq!(
        downs.count(),
        0,
        "it is still watched, and seen to be there"
    );
    order(&mut mesh, 2, Decision::Release);
    assert_eq!(holders(&mesh, 2), 0);
}

#[test]
fn who_is_exempt_is_never_held_and_no_more_than_a_share_at_once() {
    let mut mesh = Mesh::of(6);
    order(&mut mesh, 1, Decision::Hold);
    order(&mut mesh, 2, Decision::Hold);
    assert_eq!(
        (holders(&mesh, 1), holders(&mesh, 2)),
        (6, 0),
        "one of six at once"
    );
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    let refused = hub.judge_hold(&mesh.members[2].device, mesh.wall());
    assert_eq!(refused, Err(HoldError::Full(1)));
    // A stolen admission key signs for more: every node still judges by itself.
    let forged = ruling(&mesh, 3, Decision::Hold, None);
    let bytes = Signed::seal(forged, &sample::key(sample::ADMISSION))
        .bytes()
        .to_vec();
    let from = mesh.members[5].peer();
    let message = Message::Gossip {
        evidence: vec![Evidence::Ruling(bytes.into())],
    };
    mesh.tell(0, Input::Frame { from, message });
    mesh.run(5);
    assert_eq!(holders(&mesh, 3), 0);
}

/// Story: the root names a gateway and exempts a class. Neither is held whatever the coordinator signs, and on
/// the gateway's own console somebody ends a quarantine while the coordinator is gone.
#[test]
fn a_gateways_console_ends_a_quarantine_while_the_coordinator_is_gone() {
    let gateway_key = SecretKey::from_seed(&[0x83; 32]).public();
    let mut mesh = Mesh::under(Charter {
        gateways: vec![gateway_key],
        ..sample::charter()
    });
    for _ in 0..6 {
        mesh.join();
    }
    mesh.run(40);
    let gateway = mesh.members[2].device;
    assert_eq!(mesh.members[2].key().public(), gateway_key);
    order(&mut mesh, 2, Decision::Hold);
    assert_eq!(holders(&mesh, 2), 0, "a gateway is exempt");
    order(&mut mesh, 4, Decision::Hold);
    assert_eq!(holders(&mesh, 4), 6);
    mesh.stop_hub();
    mesh.run(10);
    let release = ruling(&mesh, 4, Decision::Release, Some(gateway));
    let signed = Signed::seal(release, &mesh.members[2].key());
    let ruling = signed.bytes().to_vec();
    mesh.tell(2, Input::Ruled { ruling });
    mesh.run(10);
    assert_eq!(holders(&mesh, 4), 0);
    mesh.start_hub();
    mesh.run(60);
    let told =
        |event: &Event| matches!(event, Event::Ruled { gateway: Some(by), .. } if *by == gateway);
    assert_eq!(mesh.hub.count(told), 1, "the coordinator hears who did it");
    assert_eq!(holders(&mesh, 4), 0, "and does not take it back");
}

#[test]
fn classes_that_the_root_exempts_are_never_held() {
    let mut mesh = Mesh::under(Charter {
        exempt: vec![DeviceClass::Sensor],
        ..sample::charter()
    });
    for _ in 0..4 {
        mesh.join();
    }
    mesh.run(40);
    let device = mesh.members[1].device;
    assert!(is_exempt(&device, &mesh.hub.roster));
    order(&mut mesh, 1, Decision::Hold);
    assert_eq!(holders(&mesh, 1), 0);
    let hub = mesh.hub.machine.as_ref().expect("it runs");
    assert_eq!(hub.judge_hold(&device, mesh.wall()), Err(HoldError::Exempt));
}

#[test]
fn only_a_gateway_releases_from_its_console_and_no_gateway_holds() {
    let mesh = Mesh::of(4);
    let roster = &mesh.hub.roster;
    let gateway = mesh.members[3].device;
    let open = |ruling: Ruling, key: u8| {
        let signed = match key {
            0 => Signed::seal(ruling, &mesh.members[3].key()),
            key => Signed::seal(ruling, &sample::key(key)),
        };
        Ruling::open(signed.bytes(), roster, &Strict).map(drop)
    };
    let release = ruling(&mesh, 1, Decision::Release, Some(gateway));
    assert_eq!(
        open(release, 0),
        Err(RulingError::NoRight),
        "it has no such office"
    );
    let hold = ruling(&mesh, 1, Decision::Hold, None);
    assert_eq!(open(hold.clone(), sample::ADMISSION), Ok(()));
    assert_eq!(open(hold.clone(), 0), Err(RulingError::NoRight));
    let long = Ruling {
        until: hold
            .time
            .saturating_add(limits::QUARANTINE + Duration::from_secs(1)),
        ..hold
    };
    assert_eq!(open(long, sample::ADMISSION), Err(RulingError::TooLong));
}

fn ruling(mesh: &Mesh, of: usize, decision: Decision, gateway: Option<DeviceId>) -> Ruling {
    Ruling {
        mesh: mesh.charter.mesh,
        device: mesh.members[of].device,
        decision,
        gateway,
        time: mesh.wall(),
        until: mesh.wall().saturating_add(limits::QUARANTINE),
        reason: sample::name("looked at on site"),
    }
}
