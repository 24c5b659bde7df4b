//! Settings that administrators sign: obeyed by whom they speak to, said so, and never by a document that is not theirs.

use protocol::alert::Matter;
use protocol::class::DeviceClass;
use protocol::coordinator::Event;
use protocol::library::Flaw;
use protocol::node;
use protocol::settings::{Scope, Settings};
use protocol::statement::Statement;

use crate::rig::Mesh;
use crate::samples::repository::Edited;

fn record_s(seconds: u32) -> Settings {
    Settings {
        record_s: Some(seconds),
        ..Settings::default()
    }
}

/// A mesh in which this is published, and everybody knows.
fn mesh_with(members: usize, settings: &[(Scope, Settings)]) -> Mesh {
    let mut mesh = Mesh::of(members);
    publish(
        &mut mesh,
        Edited {
            version: 2,
            settings,
            ..Edited::default()
        },
    );
    mesh
}

fn publish(mesh: &mut Mesh, edition: Edited<'_>) {
    mesh.publish(edition.publish(), &[]);
    mesh.run(5);
}

fn obeyed(mesh: &Mesh, index: usize) -> Settings {
    let machine = mesh.members[index].machine.as_ref().expect("it runs");
    machine.obeyed().settings
}

/// How many alerts say that a document of the role has this flaw.
fn refusals(mesh: &Mesh, flaw: Flaw) -> usize {
    mesh.hub.count(|event| match event {
        Event::Alert(alert) => match &alert.alarm.matter {
            Matter::DocumentRefused(refused) => {
                assert_eq!(refused.role.as_str(), "policy");
                refused.flaw == flaw
            }
            _ => false,
        },
        _ => false,
    })
}

fn readings(mesh: &Mesh, index: usize) -> usize {
    let records = mesh.hub.records(mesh.members[index].device).iter();
    let said = records.filter(|record| matches!(record.statement, Some(Statement::Reading(_))));
    said.count()
}

#[test]
fn a_longer_period_is_in_force_and_said_by_all_whom_it_speaks_to_within_thirty_seconds() {
    let mut mesh = Mesh::of(6);
    mesh.run(60);
    let hub = mesh.hub.peer();
    let far = mesh.members[5].peer();
    mesh.part(hub, far);
    mesh.block(hub, far);
    let device = mesh.members[2].device;
    let settings = [
        (Scope::Fleet, record_s(60)),
        (Scope::Class(DeviceClass::Plc), record_s(3600)),
        (Scope::Device(device), record_s(20)),
    ];
    let edition = Edited {
        version: 2,
        settings: &settings,
        ..Edited::default()
    };
    mesh.publish(edition.publish(), &[]);
    mesh.run(30);
    for index in 0..6 {
        let wanted = if index == 2 { 20 } else { 60 };
        assert_eq!(obeyed(&mesh, index), record_s(wanted), "{index}");
    }
    let said = |event: &Event| matches!(event, Event::Obeys { obeyed, .. } if obeyed.policy == 2);
    assert_eq!(
        mesh.hub.count(said),
        5,
        "one is out of reach and says it later"
    );
    let before: Vec<usize> = (0..5).map(|index| readings(&mesh, index)).collect();
    mesh.run(240);
    for (index, before) in before.into_iter().enumerate() {
        let expected = if index == 2 { 12 } else { 4 };
        let made = readings(&mesh, index) - before;
        assert!(made.abs_diff(expected) <= 1, "{index}: {made}");
    }
    let silent = |event: &Event| {
        matches!(
            event,
            Event::Status {
                status: protocol::coordinator::presence::Status::Silent,
                ..
            }
        )
    };
    assert_eq!(mesh.hub.count(silent), 0, "signs of life go on");
}

#[test]
fn what_was_obeyed_outlives_a_restart_and_the_end_of_its_document() {
    let settings = [(Scope::Fleet, record_s(60))];
    let mut mesh = mesh_with(4, &settings);
    let ended = mesh.wall().as_millis() / 1000 - 1;
    let edition = Edited {
        version: 3,
        settings: &[],
        ends: Some(("policy", ended)),
        ..Edited::default()
    };
    publish(&mut mesh, edition);
    mesh.stop(1);
    mesh.stop_hub();
    mesh.start(1);
    assert_eq!(
        obeyed(&mesh, 1),
        record_s(60),
        "from the beginning of its next life"
    );
    mesh.run(30);
    assert_eq!(obeyed(&mesh, 1), record_s(60));
}

#[test]
fn what_is_no_longer_wanted_is_no_longer_done() {
    let settings = [(Scope::Fleet, record_s(600))];
    let mut mesh = mesh_with(3, &settings);
    publish(
        &mut mesh,
        Edited {
            version: 3,
            ..Edited::default()
        },
    );
    assert_eq!(obeyed(&mesh, 0), Settings::default());
    let before = readings(&mesh, 0);
    mesh.run(100);
    assert!(readings(&mesh, 0) - before >= 9, "as often as usual again");
}

/// Story: whoever holds the keys that sign online publishes settings that administrators have never signed.
#[test]
fn settings_that_nobody_may_sign_are_not_obeyed_and_a_few_devices_say_so() {
    let settings = [(Scope::Fleet, record_s(30))];
    let mut mesh = mesh_with(20, &settings);
    for version in [5, 6, 7] {
        let wish = [(Scope::Fleet, record_s(3600))];
        let edition = Edited {
            version,
            settings: &wish,
            forged: Some("policy"),
            ..Edited::default()
        };
        publish(&mut mesh, edition);
        mesh.run(30);
    }
    for index in 0..20 {
        assert_eq!(obeyed(&mesh, index), record_s(30), "{index}");
    }
    let said = refusals(&mesh, Flaw::Unsigned);
    assert!((1..=6).contains(&said), "{said} devices have said so");
}

#[test]
fn older_settings_are_not_obeyed_and_a_few_devices_say_so() {
    let new = [(Scope::Fleet, record_s(30))];
    let mut mesh = mesh_with(20, &new);
    let old = [(Scope::Fleet, record_s(3600))];
    let edition = Edited {
        version: 9,
        settings: &old,
        other: Some(("policy", 1)),
        ..Edited::default()
    };
    publish(&mut mesh, edition);
    mesh.run(30);
    for index in 0..20 {
        assert_eq!(obeyed(&mesh, index), record_s(30), "{index}");
    }
    let said = refusals(&mesh, Flaw::Older);
    assert!((1..=6).contains(&said), "{said} devices have said so");
}

#[test]
fn settings_out_of_their_bounds_are_not_obeyed_whoever_has_signed_them() {
    let mut mesh = mesh_with(4, &[(Scope::Fleet, record_s(1))]);
    mesh.run(30);
    assert_eq!(obeyed(&mesh, 0), Settings::default());
    assert!(refusals(&mesh, Flaw::Unreadable) >= 1);
    let period = node::Config::default().telemetry.as_secs() as usize;
    let before = readings(&mesh, 0);
    mesh.run(60);
    assert!((readings(&mesh, 0) - before).abs_diff(60 / period) <= 1);
}
