//! Commands: one of them, what is answered, and the frames between the two.

use protocol::command::{
    Answer, By, Command, CommandId, CommandPart, CommandWord, Kind, Outcome, Refusal, Yield,
};
use protocol::message::Message;
use protocol::time::Timestamp;

use super::{digest, mesh, name, path};

pub const ID: CommandId = CommandId([0x5c; 16]);

pub fn command() -> Command {
    Command {
        mesh: mesh(),
        id: ID,
        kind: Kind::Logs.number(),
        to: path("class:camera"),
        until: Timestamp::from_millis(1_700_000_600_000),
    }
}

pub fn answers() -> [(&'static str, Answer); 4] {
    let answer = |by, outcome| Answer {
        command: ID,
        by,
        outcome,
    };
    let result = Some(Yield {
        digest: digest(0x52),
        bytes: 70_000,
    });
    let why = Refusal::NotOnline;
    [
        (
            "command_done",
            answer(By::Administrators, Outcome::Done { result: None }),
        ),
        (
            "command_collected",
            answer(By::Online, Outcome::Done { result }),
        ),
        (
            "command_refused",
            answer(By::Online, Outcome::Refused { why }),
        ),
        (
            "command_failed",
            answer(
                By::Online,
                Outcome::Failed {
                    why: name("the service cannot be started"),
                },
            ),
        ),
    ]
}

pub fn messages() -> [(&'static str, Message); 3] {
    let command = |word| Message::Command { word };
    [
        (
            "command_order",
            command(CommandWord::Order {
                command: vec![1, 2, 3].into(),
            }),
        ),
        (
            "command_wanted",
            command(CommandWord::Wanted {
                command: ID,
                from: 48,
            }),
        ),
        (
            "command_part",
            command(CommandWord::Part {
                part: CommandPart {
                    command: ID,
                    from: 48,
                    total: 51,
                    bytes: b"log".to_vec().into(),
                },
            }),
        ),
    ]
}
