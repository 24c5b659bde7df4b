//! What is read is written again as the same bytes; nothing else is read.

use minicbor::{Decode, Encode};
use protocol::cbor;
use protocol::enrolment::{self, EnrolAnswer, EnrolHello, EnrolOffer, EnrolRequest};
use protocol::head_delta::Passed;
use protocol::id::{Digest, Epoch};
use protocol::join::JoinString;
use protocol::ledger::Entry;
use protocol::message::Message;
use protocol::record::{Flags, Head, Incarnation, Position};
use protocol::statement::Statement;
use protocol::words;

use crate::world::{self, WORLD};

/// Frames, entries, statements, and the conversation of an enrolment.
pub fn message(data: &[u8]) {
    if let Ok(message) = Message::decode(data) {
        assert_eq!(message.encode(), data, "{}", message.word());
    }
    if let Ok(statement) = Statement::decode(data) {
        assert_eq!(statement.encode(), data, "{}", statement.word());
    }
    if let Ok(entry) = Entry::decode(data) {
        assert_eq!(entry.encode(), data);
    }
    passes(data);
    conversation::<EnrolHello>(data);
    conversation::<EnrolOffer>(data);
    conversation::<EnrolRequest>(data);
    conversation::<EnrolAnswer>(data);
}

/// Whatever a link carries arrives as it was sent, also behind a head from which it may follow.
fn passes(data: &[u8]) {
    let before = any_head();
    let (mut sender, mut receiver) = (Passed::default(), Passed::default());
    for frame in [&before[..], data] {
        let travels = sender.shorten(frame);
        let arrives = receiver.restore(&travels);
        assert_eq!(arrives.as_deref(), Ok(frame));
    }
    // What a stranger sends need not be anything that `shorten` made.
    _ = receiver.restore(data);
}

/// A frame with a head of some member.
fn any_head() -> Vec<u8> {
    let author = &WORLD.people[0];
    let head = Head {
        device: author.device,
        position: Position::first(Incarnation(1)),
        time: world::START,
        previous: Digest::ZERO,
        body: Digest::ZERO,
        epoch: Epoch::FROZEN,
        entangled: None,
        flags: Flags::NONE,
        ring_mask: 0,
        attachment: None,
        checkpoint: None,
    };
    let head = author.sign(head).bytes().to_vec().into();
    Message::Head { head }.encode()
}

fn conversation<T>(data: &[u8])
where
    T: Encode<()> + for<'b> Decode<'b, ()>,
{
    if let Ok(value) = enrolment::decode::<T>("part of an enrolment", data) {
        assert_eq!(cbor::encode(&value), data);
    }
}

/// A join string in any shape in which it can be read comes back from its own text.
pub fn join_string(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(join) = JoinString::parse(text) {
        let written = join.to_string();
        let again = JoinString::parse(&written).expect("what is written can be read");
        assert_eq!(again.to_string(), written);
        assert_eq!((again.mesh(), again.pin()), (join.mesh(), join.pin()));
        assert_eq!(
            (again.token_id(), again.secret()),
            (join.token_id(), join.secret())
        );
        assert_eq!(again.addresses(), join.addresses());
    }
    if let Ok(seed) = words::read(text) {
        let again = words::read(&words::spell(&seed)).expect("what is spelt can be read");
        assert_eq!(again, seed);
    }
}
