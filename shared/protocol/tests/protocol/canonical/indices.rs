//! Numbers that stand for a kind: only those that have a meaning are read.

use minicbor::{Decode, Encode};
use protocol::accounts::Difference;
use protocol::appeal::Finding;
use protocol::bulk::Question;
use protocol::cbor;
use protocol::class::DeviceClass;
use protocol::command::{self, CommandPart, CommandWord};
use protocol::enrolment::{EnrolAnswer, EnrolRefusal};
use protocol::evidence::{Evidence, EvidenceId};
use protocol::flows;
use protocol::guard::Word;
use protocol::heard::{Mac, Means, Missing, Presence, What};
use protocol::install::{Act, Mishap, Reason, Sight, State, Worry};
use protocol::ledger::{Entry, Strength};
use protocol::limits;
use protocol::message::Message;
use protocol::name::{ShortId, ShortIds};
use protocol::reconcile::{Part, Range};
use protocol::refusal::Refusal;
use protocol::rollout::Standing;
use protocol::roster::Credentials;
use protocol::ruling::Decision;
use protocol::spread::frame::Frame;
use protocol::statement::Farewell;
use protocol::statement::Statement;
use protocol::statement::host::{EvidenceKind, Reach, Transport};
use protocol::suspicion::Ground;
use protocol::tail::{Batch, TailWord};

use crate::samples as sample;

#[test]
fn an_index_without_a_meaning_is_refused() {
    assert_eq!(meanings::<DeviceClass>(), (0..=10).collect::<Vec<_>>());
    assert_eq!(meanings::<Refusal>(), (1..=6).collect::<Vec<_>>());
    assert_eq!(meanings::<EnrolRefusal>(), (1..=10).collect::<Vec<_>>());
    assert_eq!(meanings::<EvidenceKind>(), (0..=6).collect::<Vec<_>>());
    assert_eq!(meanings::<command::Refusal>(), (0..=9).collect::<Vec<_>>());
    assert_eq!(meanings::<command::By>(), [0, 1]);
    assert_eq!(meanings::<Farewell>(), [0, 1, 2]);
    assert_eq!(meanings::<Ground>(), [0, 1, 2, 3]);
    assert_eq!(meanings::<Difference>(), [0, 1, 2]);
    assert_eq!(meanings::<Decision>(), [0, 1]);
    assert_eq!(meanings::<Standing>(), [0, 1]);
    assert_eq!(meanings::<Transport>(), [0, 1]);
    assert_eq!(meanings::<Means>(), [0, 1, 2, 3]);
    assert_eq!(meanings::<Presence>(), [0, 1, 2]);
    assert_eq!(meanings::<Missing>(), (0..=5).collect::<Vec<_>>());
    assert_eq!(meanings::<Reach>(), [0, 1]);
    assert_eq!(meanings::<flows::Stage>(), [0, 1, 2]);
    assert_eq!(meanings::<flows::Origin>(), [0, 1, 2, 3]);
    assert_eq!(meanings::<flows::Sight>(), [0, 1, 2, 3]);
    assert_eq!(meanings::<Act>(), (0..=6).collect::<Vec<_>>());
    assert_eq!(meanings::<Mishap>(), (0..=5).collect::<Vec<_>>());
}

#[test]
fn a_variant_without_a_meaning_is_refused() {
    for form in crate::forms::messages() {
        let index = index_of(&form.bytes);
        assert!(index < 40, "{}", form.name);
    }
    Message::decode(&[0x82, 0x18, 40, 0x80]).expect_err("there is no such message");
    refused::<State>(&[0x82, 0x08, 0x80]);
    refused::<Reason>(&[0x82, 0x0e, 0x80]);
    refused::<Sight>(&[0x82, 0x02, 0x80]);
    refused::<Worry>(&[0x82, 0x03, 0x80]);
    refused::<What>(&[0x82, 0x08, 0x80]);
    refused::<flows::Whose>(&[0x82, 0x03, 0x80]);
    refused::<flows::HabitWord>(&[0x82, 0x05, 0x80]);
    refused::<Question>(&[0x82, 0x02, 0x80]);
    refused::<Strength>(&[0x82, 0x03, 0x80]);
    refused::<Finding>(&[0x82, 0x03, 0x80]);
    refused::<Credentials>(&[0x82, 0x02, 0x80]);
    refused::<EnrolAnswer>(&[0x82, 0x03, 0x80]);
    Entry::decode(&[0x82, 0x00, 0x81, 0x40]).expect_err("entries begin at 1");
    Entry::decode(&[0x82, 0x06, 0x81, 0x40]).expect_err("kinds end at 5");
}

#[test]
fn an_envelope_names_an_algorithm_that_is_known() {
    for form in crate::forms::documents() {
        if !["membership", "log_head", "contact"].contains(&form.name) {
            continue;
        }
        for algorithm in (0..24).filter(|algorithm| *algorithm != 1) {
            let mut bytes = form.bytes.clone();
            assert_eq!((bytes[0], bytes[1]), (0x83, 0x01));
            bytes[1] = algorithm;
            assert!((form.reread)(&bytes).is_err(), "{}", form.name);
        }
    }
}

/// A later version may say more: what it says is kept to the byte and not judged.
#[test]
fn unknown_kinds_of_statement_are_kept_verbatim() {
    for kind in [0, 22, 23, 24, 255, 256, u16::MAX] {
        for body in [&b""[..], b"\xff\x00", &[7; 900]] {
            let body = body.to_vec();
            let bytes = Statement::Unknown { kind, body }.encode();
            let read = Statement::decode(&bytes).unwrap();
            assert_eq!(read.word(), "unknown");
            assert_eq!(read.encode(), bytes);
        }
    }
}

#[test]
fn the_bounds_of_every_list_of_a_frame_hold_at_their_edges() {
    type Framed = fn(usize) -> Message;
    let frames: [(usize, Framed); 20] = [
        (limits::TAIL_BYTES + 16, |count| Message::Tail {
            word: TailWord::Batch {
                batch: Batch {
                    lines: vec![1; count].into(),
                    ..sample::tail::batch()
                },
            },
        }),
        (limits::COMMAND_BYTES, |count| Message::Command {
            word: CommandWord::Order {
                command: vec![1; count].into(),
            },
        }),
        (limits::COMMAND_PART_BYTES, |count| Message::Command {
            word: CommandWord::Part {
                part: CommandPart {
                    command: sample::commands::ID,
                    from: 0,
                    total: 9,
                    bytes: vec![1; count].into(),
                },
            },
        }),
        (limits::EVIDENCE_PER_FRAME, |count| Message::Gossip {
            evidence: vec![Evidence::Head(vec![1].into()); count],
        }),
        (limits::EVIDENCE_PER_FRAME, |count| {
            let mut brief = sample::brief();
            brief.words = vec![brief.words.remove(0); count];
            Message::Words { brief }
        }),
        (limits::ACCUSED, |count| {
            let mut brief = sample::brief();
            brief.words[0].silent = vec![brief.words[0].silent[0]; count];
            Message::Words { brief }
        }),
        (limits::EVIDENCE_IDS_PER_FRAME, |count| Message::Have {
            ids: vec![EvidenceId([1; 8]); count],
            words: ShortIds::default(),
        }),
        (limits::EVIDENCE_IDS_PER_FRAME, |count| Message::Want {
            ids: vec![EvidenceId([1; 8]); 2],
            words: ShortIds(vec![ShortId([1; 4]); count - 2]),
        }),
        (limits::RANGES_PER_FRAME, |count| Message::Compare {
            parts: vec![sample::parts().remove(0); count],
        }),
        (limits::NAMES_PER_RANGE, |count| Message::Compare {
            parts: vec![Part::Names {
                range: Range::ALL,
                ids: vec![EvidenceId([1; 8]); count],
            }],
        }),
        (limits::TIMESTAMP_BYTES, |count| Message::Timestamp {
            timestamp: vec![1; count].into(),
        }),
        (limits::MAP_BYTES, |count| Message::Chunks {
            image: sample::updates::image(),
            frame: Frame::Map {
                bits: vec![1; count].into(),
            },
        }),
        (limits::CHUNKS_NAMED, |count| Message::Chunks {
            image: sample::updates::image(),
            frame: Frame::Holds {
                chunks: vec![1; count],
            },
        }),
        (limits::TOLD_PER_WORD, |count| Message::Hearing {
            word: Word {
                own: Vec::new(),
                told: vec![sample::neighbours::told(); count],
            },
        }),
        (limits::OWN_MACS, |count| Message::Hearing {
            word: Word {
                own: vec![Mac([2; 6]); count],
                told: Vec::new(),
            },
        }),
        (limits::LISTENING, |count| Message::LookWanted {
            listened: vec![80; count],
        }),
        (limits::ACCUSED, |count| Message::Vouch {
            heads: vec![vec![1].into(); count],
        }),
        (limits::ENTRIES_PER_FRAME, |count| Message::LogEntries {
            from: 0,
            entries: vec![vec![1].into(); count],
            head: None,
        }),
        (limits::CONTACTS_PER_FRAME, |count| {
            Message::ContactRequest {
                devices: vec![sample::device(); count],
            }
        }),
        (limits::CONTACTS_PER_FRAME, |count| Message::Contacts {
            contacts: vec![vec![1].into(); count],
        }),
    ];
    for (bound, frame) in frames {
        assert!(Message::decode(&frame(bound).encode()).is_ok());
        Message::decode(&frame(bound + 1).encode()).expect_err("one too many");
    }
}

/// The number that stands for the kind of a message.
fn index_of(bytes: &[u8]) -> u8 {
    match bytes[1] {
        0x18 => bytes[2],
        index => index,
    }
}

/// The indices of an enumeration that can be read, each as exactly one number.
fn meanings<T>() -> Vec<u8>
where
    T: Encode<()> + for<'b> Decode<'b, ()>,
{
    let known = |index: &u8| {
        let bytes = cbor::encode(index);
        cbor::decode::<T>("index", 16, &bytes).is_ok()
    };
    (0..=u8::MAX).filter(known).collect()
}

fn refused<T>(bytes: &[u8])
where
    T: Encode<()> + for<'b> Decode<'b, ()>,
{
    assert!(cbor::decode::<T>("variant", 16, bytes).is_err());
}
