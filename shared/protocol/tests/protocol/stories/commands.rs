//! Commands: done once by whom they name, whoever may sign them, and answered in the device's log.

use std::time::Duration;

use protocol::class::DeviceClass;
use protocol::command::{
    Answer, By, Command, CommandId, CommandPart, CommandWord, Kind, Kinds, Outcome, Refusal, Yield,
};
use protocol::coordinator::{self, Event};
use protocol::id::MeshId;
use protocol::key::PeerKey;
use protocol::message::Message;
use protocol::node::{CommandAsked, CommandTold, Input};
use protocol::settings::{Scope, Settings};
use protocol::signed::Signed;
use protocol::time::Timestamp;

use crate::rig::Mesh;
use crate::samples as sample;
use crate::samples::repository::Edited;

const FAR: Duration = Duration::from_secs(3600);

fn command(mesh: &Mesh, number: u8, kind: Kind, to: &Scope) -> Command {
    let charter = mesh.hub.roster.charter();
    let until = mesh.wall().saturating_add(FAR);
    Command::new(charter.mesh, CommandId([number; 16]), kind, to, until)
}

fn device(mesh: &Mesh, index: usize) -> Scope {
    Scope::Device(mesh.members[index].device)
}

/// The coordinator hands it over.
fn instruct(mesh: &mut Mesh, to: usize, command: &Command) {
    let device = mesh.members[to].device;
    let command = Box::new(command.clone());
    let order = coordinator::Command::Instruct { device, command };
    mesh.tell_hub(coordinator::Input::Command(order));
    mesh.run(3);
}

fn bring(mesh: &mut Mesh, to: usize, from: PeerKey, command: Vec<u8>) {
    let word = CommandWord::Order {
        command: command.into(),
    };
    let message = Message::Command { word };
    mesh.tell(to, Input::Frame { from, message });
}

/// What the device was told to do.
fn begun(mesh: &Mesh, index: usize) -> Vec<(u8, Kind)> {
    let asked = mesh.members[index].commands.iter();
    let done = asked.filter_map(|asked| match asked {
        CommandAsked::Do { command, kind } => Some((command.0[0], *kind)),
        CommandAsked::Wanted { .. } => None,
    });
    done.collect()
}

/// What it has said, as the coordinator was told.
fn answers(mesh: &Mesh, index: usize) -> Vec<Answer> {
    let me = mesh.members[index].device;
    let events = mesh.hub.events.iter();
    let said = events.filter_map(|event| match event {
        Event::Answered { device, answer } if *device == me => Some(answer.clone()),
        _ => None,
    });
    said.collect()
}

fn refused(number: u8, by: By, why: Refusal) -> Answer {
    Answer {
        command: CommandId([number; 16]),
        by,
        outcome: Outcome::Refused { why },
    }
}

fn finish(mesh: &mut Mesh, index: usize, number: u8, outcome: Outcome) {
    let command = CommandId([number; 16]);
    let told = CommandTold::Ended { command, outcome };
    mesh.tell(index, Input::Command(told));
    mesh.run(5);
}

fn publish(mesh: &mut Mesh, version: u64, settings: &[(Scope, Settings)], commands: &[Command]) {
    let edition = Edited {
        version,
        settings,
        commands,
        ..Edited::default()
    };
    mesh.publish(edition.publish(), &[]);
    mesh.run(10);
}

#[test]
fn a_command_of_the_coordinator_is_done_and_what_came_of_it_is_handed_over_in_parts() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let logs = command(&mesh, 1, Kind::Logs, &device(&mesh, 2));
    instruct(&mut mesh, 2, &logs);
    assert_eq!(begun(&mesh, 2), [(1, Kind::Logs)]);
    let result = Some(Yield {
        digest: protocol::command::digest(b"log"),
        bytes: 3,
    });
    finish(&mut mesh, 2, 1, Outcome::Done { result });
    let expected = Answer {
        command: logs.id,
        by: By::Online,
        outcome: Outcome::Done { result },
    };
    assert_eq!(answers(&mesh, 2), [expected]);
    let wanted = coordinator::Command::WantResult {
        device: mesh.members[2].device,
        command: logs.id,
        from: 0,
    };
    mesh.tell_hub(coordinator::Input::Command(wanted));
    mesh.run(1);
    let last = mesh.members[2].commands.last();
    let wanted = CommandAsked::Wanted {
        command: logs.id,
        from: 0,
    };
    assert_eq!(last, Some(&wanted));
    let part = CommandPart {
        command: logs.id,
        from: 0,
        total: 3,
        bytes: b"log".to_vec().into(),
    };
    mesh.tell(2, Input::Command(CommandTold::Part(part.clone())));
    mesh.run(1);
    assert_eq!(mesh.hub.results, [(mesh.members[2].device, part)]);
}

#[test]
fn what_administrators_sign_is_done_once_by_all_whom_it_names_with_the_coordinator_off() {
    let mut mesh = Mesh::of(5);
    mesh.run(10);
    let whom = mesh.members[3].device;
    let restart = command(&mesh, 7, Kind::Restart, &Scope::Device(whom));
    let all = command(&mesh, 8, Kind::Scan, &Scope::Class(DeviceClass::Camera));
    let cameras: Vec<usize> = (0..5)
        .filter(|index| {
            let member = mesh.hub.roster.member(&mesh.members[*index].device);
            member.is_some_and(|member| member.membership.class == DeviceClass::Camera)
        })
        .collect();
    publish(&mut mesh, 2, &[], &[restart.clone(), all.clone()]);
    for index in 0..5 {
        let mut expected = Vec::new();
        expected.extend((index == 3).then_some((7, Kind::Restart)));
        expected.extend(cameras.contains(&index).then_some((8, Kind::Scan)));
        assert_eq!(begun(&mesh, index), expected, "{index}");
    }
    finish(&mut mesh, 3, 7, Outcome::Done { result: None });
    mesh.stop_hub();
    mesh.stop(3);
    mesh.start(3);
    mesh.run(30);
    let done = begun(&mesh, 3);
    assert_eq!(
        done.iter().filter(|(id, _)| *id == 7).count(),
        1,
        "not again"
    );
}

/// Story: a command of the coordinator's is recorded and sent again, to the same device and in its next life.
#[test]
fn a_command_that_came_before_is_refused_and_said_once_also_after_a_restart() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let restart = command(&mesh, 1, Kind::Restart, &device(&mesh, 2));
    instruct(&mut mesh, 2, &restart);
    finish(&mut mesh, 2, 1, Outcome::Done { result: None });
    mesh.stop(2);
    mesh.start(2);
    mesh.run(40);
    for _ in 0..3 {
        instruct(&mut mesh, 2, &restart);
    }
    mesh.run(10);
    assert_eq!(begun(&mesh, 2), [(1, Kind::Restart)]);
    let said = answers(&mesh, 2);
    let expected = refused(1, By::Online, Refusal::Seen);
    assert_eq!(said.iter().filter(|said| **said == expected).count(), 1);
    // As a document it is no more welcome.
    publish(&mut mesh, 2, &[], std::slice::from_ref(&restart));
    assert_eq!(begun(&mesh, 2), [(1, Kind::Restart)]);
}

#[test]
fn what_was_begun_when_the_power_failed_is_not_begun_again_and_said_to_have_failed() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let logs = command(&mesh, 1, Kind::Logs, &device(&mesh, 2));
    instruct(&mut mesh, 2, &logs);
    mesh.stop(2);
    mesh.start(2);
    mesh.run(60);
    assert_eq!(begun(&mesh, 2).len(), 1);
    let said = answers(&mesh, 2);
    let failed = |said: &Answer| matches!(said.outcome, Outcome::Failed { .. });
    assert_eq!(
        said.iter().filter(|said| failed(said)).count(),
        1,
        "{said:?}"
    );
}

#[test]
fn each_way_in_which_a_command_does_not_hold_is_refused_and_said() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let good = command(&mesh, 1, Kind::Restart, &device(&mesh, 2));
    let numbered = |number: u8| Command {
        id: CommandId([number; 16]),
        ..good.clone()
    };
    let late = Command {
        until: Timestamp::from_millis(1),
        ..numbered(2)
    };
    let unknown = Command {
        kind: 77,
        ..numbered(3)
    };
    let other = Command {
        to: command(&mesh, 4, Kind::Restart, &device(&mesh, 1)).to,
        ..numbered(4)
    };
    let everybody = Command {
        to: sample::path("fleet"),
        ..numbered(5)
    };
    let wipe = Command {
        kind: Kind::Wipe.number(),
        ..numbered(6)
    };
    let for_ever = Command {
        until: mesh.wall().saturating_add(2 * By::Online.longest()),
        ..numbered(7)
    };
    let wrong = [
        (late, Refusal::Expired),
        (unknown, Refusal::UnknownKind),
        (other, Refusal::NotAddressed),
        (everybody, Refusal::NotAddressed),
        (wipe, Refusal::NotOnline),
        (for_ever, Refusal::TooLong),
    ];
    for (command, _) in &wrong {
        instruct(&mut mesh, 2, command);
    }
    mesh.run(5);
    let expected: Vec<Answer> = wrong
        .iter()
        .map(|(command, why)| refused(command.id.0[0], By::Online, *why))
        .collect();
    assert_eq!(answers(&mesh, 2), expected);
    assert_eq!(begun(&mesh, 2), []);
}

#[test]
fn nobody_but_the_coordinator_brings_commands_and_none_of_another_key_or_mesh() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let good = command(&mesh, 1, Kind::Restart, &device(&mesh, 2));
    let seal = |command: &Command, key: u8| {
        let sealed = Signed::seal(command.clone(), &sample::key(key));
        sealed.bytes().to_vec()
    };
    let (hub, neighbour) = (mesh.hub.peer(), mesh.members[1].peer());
    let rightful = seal(&good, sample::ADMISSION);
    bring(&mut mesh, 2, neighbour, rightful);
    assert_eq!(begun(&mesh, 2), [], "a neighbour hands it over");
    let foreign = Command {
        mesh: MeshId::from_bytes([9; 32]),
        ..good.clone()
    };
    for wrong in [
        seal(&good, sample::DEVICE),
        seal(&foreign, sample::ADMISSION),
    ] {
        bring(&mut mesh, 2, hub, wrong);
        assert_eq!(begun(&mesh, 2), []);
        mesh.run(60);
    }
}

#[test]
fn administrators_say_which_kinds_the_coordinator_may_sign() {
    let mut mesh = Mesh::of(4);
    let only_logs = Settings {
        online: Some(Kinds::NONE.with(Kind::Logs)),
        ..Settings::default()
    };
    publish(&mut mesh, 2, &[(Scope::Fleet, only_logs)], &[]);
    let to = device(&mesh, 2);
    let (restart, logs) = (
        command(&mesh, 1, Kind::Restart, &to),
        command(&mesh, 2, Kind::Logs, &to),
    );
    instruct(&mut mesh, 2, &restart);
    instruct(&mut mesh, 2, &logs);
    assert_eq!(begun(&mesh, 2), [(2, Kind::Logs)]);
    let expected = refused(1, By::Online, Refusal::NotOnline);
    assert_eq!(answers(&mesh, 2), [expected]);
    let signed = command(&mesh, 3, Kind::Restart, &to);
    let settings = [(Scope::Fleet, only_logs)];
    publish(&mut mesh, 3, &settings, std::slice::from_ref(&signed));
    assert_eq!(begun(&mesh, 2), [(2, Kind::Logs), (3, Kind::Restart)]);
}

#[test]
fn documents_that_ended_or_wipe_are_refused_once_however_often_they_are_seen() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let to = device(&mesh, 2);
    let mut late = command(&mesh, 1, Kind::Restart, &to);
    late.until = Timestamp::from_millis(mesh.wall().as_millis() / 1000 * 1000 - 5000);
    let wipe = command(&mesh, 2, Kind::Wipe, &to);
    for version in 2..5 {
        publish(&mut mesh, version, &[], &[late.clone(), wipe.clone()]);
    }
    mesh.stop(2);
    mesh.start(2);
    mesh.run(40);
    assert_eq!(begun(&mesh, 2), []);
    let by = By::Administrators;
    let expected = [
        refused(1, by, Refusal::Expired),
        refused(2, by, Refusal::ByTheLog),
    ];
    assert_eq!(answers(&mesh, 2), expected);
    let others: Vec<Answer> = [0, 1, 3]
        .iter()
        .flat_map(|at| answers(&mesh, *at))
        .collect();
    assert_eq!(others, [], "it is no business of theirs");
}

/// Story: whoever has the coordinator floods a device; its log stays readable, and administrators are heard.
#[test]
fn a_flood_of_commands_is_bounded_and_leaves_room_for_administrators() {
    let mut mesh = Mesh::of(4);
    mesh.run(10);
    let to = device(&mesh, 2);
    for number in 0..120 {
        let command = command(&mesh, number, Kind::Restart, &to);
        let device = mesh.members[2].device;
        let command = Box::new(command);
        let order = coordinator::Command::Instruct { device, command };
        mesh.tell_hub(coordinator::Input::Command(order));
    }
    mesh.run(5);
    let most = protocol::limits::COMMANDS_ONLINE;
    assert_eq!(begun(&mesh, 2).len(), most);
    let said = answers(&mesh, 2).len();
    assert_eq!(said, protocol::limits::COMMANDS_REFUSED);
    let signed = command(&mesh, 200, Kind::Logs, &to);
    publish(&mut mesh, 2, &[], std::slice::from_ref(&signed));
    assert_eq!(begun(&mesh, 2).last(), Some(&(200, Kind::Logs)));
}
