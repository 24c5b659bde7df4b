//! What is said of commands.

use proptest::prelude::*;
use protocol::command::{
    Answer, By, Command, CommandId, CommandPart, CommandWord, Kind, Kinds, Outcome, Refusal, Yield,
};
use protocol::message::Message;

use super::{bytes, digest, mesh, name, of, path, time};

fn id() -> impl Strategy<Value = CommandId> {
    any::<[u8; 16]>().prop_map(CommandId)
}

pub fn kinds() -> impl Strategy<Value = Kinds> {
    proptest::sample::subsequence(Kind::ALL.to_vec(), 0..=4)
        .prop_map(|kinds| kinds.into_iter().collect())
}

pub fn answer() -> impl Strategy<Value = Answer> {
    let result = of((digest(), any::<u64>()).prop_map(|(digest, bytes)| Yield { digest, bytes }));
    let why = prop::sample::select(vec![Refusal::Expired, Refusal::Seen, Refusal::NoScanner]);
    let outcome = prop_oneof![
        result.prop_map(|result| Outcome::Done { result }),
        why.prop_map(|why| Outcome::Refused { why }),
        name().prop_map(|why| Outcome::Failed { why }),
    ];
    let by = prop::sample::select(vec![By::Online, By::Administrators]);
    (id(), by, outcome).prop_map(|(command, by, outcome)| Answer {
        command,
        by,
        outcome,
    })
}

pub fn message() -> impl Strategy<Value = Message> {
    let part = (id(), any::<u64>(), any::<u64>(), bytes(300));
    let word = prop_oneof![
        bytes(300).prop_map(|command| CommandWord::Order { command }),
        (id(), any::<u64>()).prop_map(|(command, from)| CommandWord::Wanted { command, from }),
        part.prop_map(|(command, from, total, bytes)| CommandWord::Part {
            part: CommandPart {
                command,
                from,
                total,
                bytes,
            },
        }),
    ];
    word.prop_map(|word| Message::Command { word })
}

pub fn command() -> impl Strategy<Value = Command> {
    (mesh(), id(), any::<u16>(), path(), time()).prop_map(|(mesh, id, kind, to, until)| Command {
        mesh,
        id,
        kind,
        to,
        until,
    })
}
