//! What makes a command hold, and what a device remembers of it.

use std::collections::BTreeSet;
use std::time::Duration;

use tuf_core::file::Hashes;

use super::*;
use crate::class::DeviceClass;
use crate::id::DeviceId;

const CAMERAS: Scope = Scope::Class(DeviceClass::Camera);
const NOW: Timestamp = Timestamp::from_millis(1_900_000_000_000);

fn place() -> Place {
    Place {
        device: DeviceId::from_bytes([7; 8]),
        class: DeviceClass::Camera,
        cell: Name::new("hall 2").expect("it fits"),
    }
}

fn command(kind: Kind, to: &Scope) -> Command {
    let until = NOW.saturating_add(Duration::from_secs(600));
    Command::new(
        MeshId::from_bytes([1; 32]),
        CommandId([2; 16]),
        kind,
        to,
        until,
    )
}

fn judge(command: &Command, by: By) -> Result<Kind, Refusal> {
    command.judge(by, &place(), Kinds::USUAL, NOW)
}

#[test]
fn what_administrators_sign_is_what_is_read() {
    for to in place().scopes() {
        let command = command(Kind::Logs, &to);
        let target = Target {
            length: 1,
            hashes: Hashes {
                sha256: Some([1; 32]),
                sha512: None,
            },
            custom: Some(Json::Object(command.custom())),
        };
        let read = Command::of(&command.path(), &target, command.mesh);
        assert_eq!(read.as_ref(), Some(&command));
        assert_eq!(command.path().split('/').count(), 3, "the role's pattern");
        let elsewhere = Command::of("policy/settings/fleet", &target, command.mesh);
        assert_eq!(elsewhere, None);
    }
}

#[test]
fn a_command_holds_for_whom_it_names_and_nobody_else() {
    for to in place().scopes().into_iter().skip(1) {
        assert_eq!(
            judge(&command(Kind::Restart, &to), By::Online),
            Ok(Kind::Restart)
        );
    }
    for to in [
        "fleet",
        "device:aaaaaaaaaaaaa",
        "class:plc",
        "cell:hall 3",
        "nobody",
    ] {
        let mut other = command(Kind::Restart, &CAMERAS);
        other.to = Path::new(to).expect("it fits");
        assert_eq!(
            judge(&other, By::Online),
            Err(Refusal::NotAddressed),
            "{to}"
        );
    }
}

#[test]
fn a_command_that_is_over_unknown_or_too_long_is_refused() {
    let good = command(Kind::Logs, &CAMERAS);
    let late = Command {
        until: NOW,
        ..good.clone()
    };
    assert_eq!(judge(&late, By::Administrators), Err(Refusal::Expired));
    let unknown = Command {
        kind: 99,
        ..good.clone()
    };
    assert_eq!(
        judge(&unknown, By::Administrators),
        Err(Refusal::UnknownKind)
    );
    for by in [By::Online, By::Administrators] {
        let until = NOW.saturating_add(by.longest());
        let longest = Command {
            until,
            ..good.clone()
        };
        assert_eq!(judge(&longest, by), Ok(Kind::Logs));
        let until = until.saturating_add(Duration::from_millis(1));
        let longer = Command {
            until,
            ..good.clone()
        };
        assert_eq!(judge(&longer, by), Err(Refusal::TooLong));
    }
}

#[test]
fn nothing_but_the_identity_log_wipes_and_the_coordinator_signs_what_it_may() {
    let wipe = command(Kind::Wipe, &CAMERAS);
    assert_eq!(judge(&wipe, By::Online), Err(Refusal::NotOnline));
    assert_eq!(judge(&wipe, By::Administrators), Err(Refusal::ByTheLog));
    let scan = command(Kind::Scan, &CAMERAS);
    assert_eq!(judge(&scan, By::Online), Err(Refusal::NotOnline));
    let only_logs = Kinds::NONE.with(Kind::Logs);
    let judged = scan.judge(By::Online, &place(), only_logs, NOW);
    assert_eq!(judged, Err(Refusal::NotOnline));
    let judged = scan.judge(By::Administrators, &place(), only_logs, NOW);
    assert_eq!(judged, Ok(Kind::Scan));
}

#[test]
fn kinds_read_back_from_their_words() {
    for text in ["none", "restart", "restart,logs,scan"] {
        let kinds: Kinds = text.parse().expect("words of ours");
        assert_eq!(kinds.to_string(), text);
    }
    assert_eq!("restart, logs".parse(), Ok(Kinds::USUAL));
    assert!("reboot".parse::<Kinds>().is_err() && "".parse::<Kinds>().is_err());
    for kind in Kind::ALL {
        assert_eq!(kind.word().parse(), Ok(kind));
        assert_eq!(Kind::of(kind.number()), Some(kind));
    }
    assert_eq!(Kind::of(Kind::UNKNOWN), None);
}

#[test]
fn what_came_is_known_after_a_restart_and_while_a_clock_is_set_back() {
    let mut book = Book::default();
    let command = command(Kind::Logs, &CAMERAS);
    assert_eq!(book.known(&command, By::Online), Known::New);
    book.begin(&command, By::Online);
    let mut book = Book::recall(Some(&book.encode()));
    assert_eq!(book.known(&command, By::Online), Known::Repeated);
    let owed = book.say();
    assert!(
        matches!(
            &owed[..],
            [Answer {
                outcome: Outcome::Failed { .. },
                ..
            }]
        ),
        "{owed:?}"
    );
    assert_eq!(book.say(), [], "it is said once");
    book.repeated(command.id);
    assert_eq!(book.known(&command, By::Online), Known::RepeatedAndSaid);
    assert!(!book.forget(None, NOW), "it has not ended");
    assert!(book.forget(None, command.until));
    assert_eq!(book.known(&command, By::Online), Known::Forgotten);
}

#[test]
fn a_document_that_is_still_listed_is_not_begun_again() {
    let mut book = Book::default();
    let command = command(Kind::Restart, &CAMERAS);
    book.begin(&command, By::Administrators);
    assert!(book.end(command.id, Outcome::Done { result: None }));
    assert!(
        !book.end(command.id, Outcome::Done { result: None }),
        "once"
    );
    book.say();
    let listed = BTreeSet::from([command.id]);
    let later = command.until.saturating_add(Duration::from_secs(1));
    assert!(!book.forget(Some(&listed), later) && !book.forget(None, later));
    assert_eq!(book.known(&command, By::Administrators), Known::Here);
    assert_eq!(book.known(&command, By::Online), Known::Repeated);
    assert!(book.forget(Some(&BTreeSet::new()), later));
}

#[test]
fn many_online_commands_leave_room_for_those_of_administrators_and_all_fit_the_journal() {
    let mut book = Book::default();
    let mut next = 0_u8;
    for by in [By::Online, By::Administrators] {
        while book.has_room(by) {
            let mut command = command(Kind::Restart, &CAMERAS);
            (command.id, next) = (CommandId([next; 16]), next + 1);
            let why = Name::new("w".repeat(64)).expect("it fits");
            book.decline(&command, by, Outcome::Failed { why });
        }
    }
    assert_eq!(
        usize::from(next),
        limits::COMMANDS_ONLINE + limits::COMMANDS_SIGNED
    );
    assert!(book.encode().len() <= limits::COMMANDS_BYTES);
    assert_eq!(Book::recall(Some(&book.encode())), book);
}
