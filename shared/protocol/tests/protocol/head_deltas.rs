//! Heads that follow each other on one link: shorter on the way, and the same to the byte behind it.

use proptest::collection::vec;
use proptest::prelude::*;
use protocol::dice::Dice;
use protocol::head_delta::{DeltaError, Passed};
use protocol::id::{DeviceId, Digest, Epoch};
use protocol::key::{SecretKey, Signer as _, Strict};
use protocol::message::Message;
use protocol::record::{Body, Flags, Head, Incarnation, Position, Record};
use protocol::seal::DataKey;
use protocol::signed::Signed;
use protocol::statement::Statement;
use protocol::time::Timestamp;

use crate::canonical::strategies;
use crate::forms::{Form, form};

/// What a delta saves at least: device, place, digest, network and the shell around them.
const SAVED: usize = 60;

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn first() -> Head {
    Head {
        device: DeviceId::from_bytes([3; 8]),
        position: Position::first(Incarnation(4)),
        time: Timestamp::from_millis(1_790_000_000_000),
        previous: Digest::from_bytes([1; 32]),
        body: body().digest(),
        epoch: Epoch::FROZEN,
        entangled: Some([5; 8]),
        flags: Flags::NONE,
        ring_mask: 0,
        attachment: Some([6; 8]),
        checkpoint: None,
    }
}

/// The head after another, ten seconds later.
fn after(head: &Signed<Head>) -> Head {
    Head {
        position: head.position.next(),
        time: Timestamp::from_millis(head.time.as_millis() + 10_000),
        previous: head.digest(),
        entangled: Some([head.position.sequence as u8; 8]),
        ..Head::clone(head)
    }
}

fn body() -> Body {
    let key = DataKey::from_bytes([9; 32]);
    Body::seal(&Statement::Present, &key, &mut Dice::from_seed([2; 32])).unwrap()
}

fn head_frame(head: &Signed<Head>) -> Vec<u8> {
    let head = head.bytes().to_vec().into();
    Message::Head { head }.encode()
}

fn record_frame(head: &Signed<Head>) -> Vec<u8> {
    let record = Record::new(head, body());
    Message::Record { record }.encode()
}

/// How many bytes each frame has on its way; what arrives is what was sent.
fn passes(frames: &[Vec<u8>]) -> Vec<usize> {
    let (mut sender, mut receiver) = (Passed::default(), Passed::default());
    let lengths = frames.iter().map(|frame| {
        let travels = sender.shorten(frame).into_owned();
        assert_eq!(&*receiver.restore(&travels).unwrap(), &frame[..]);
        travels.len()
    });
    lengths.collect()
}

/// Both kinds as they travel behind the first head, each with the one way to read it and write it again.
pub fn forms() -> Vec<Form> {
    let last = Signed::seal(first(), &key());
    let next = Signed::seal(after(&last), &key());
    let form = |name, next: Vec<u8>| {
        let before = head_frame(&last);
        let passed = move || {
            let mut passed = Passed::default();
            passed.shorten(&before);
            passed
        };
        let travels = passed().shorten(&next).into_owned();
        form(name, travels, move |bytes| {
            let mut receiver = passed();
            let whole = receiver.restore(bytes).map_err(|error| error.to_string())?;
            let message = Message::decode(&whole).map_err(|error| error.to_string())?;
            Ok::<_, String>(passed().shorten(&message.encode()).into_owned())
        })
    };
    vec![
        form("head_delta", head_frame(&next)),
        form("record_delta", record_frame(&next)),
    ]
}

#[test]
fn whoever_hears_a_device_regularly_is_told_what_is_new() {
    for frame in [head_frame, record_frame] {
        let mut frames = Vec::new();
        let mut head = Signed::seal(first(), &key());
        for _ in 0..4 {
            frames.push(frame(&head));
            head = Signed::seal(after(&head), &key());
        }
        let lengths = passes(&frames);
        assert_eq!(lengths[0], frames[0].len(), "nothing passed before");
        for (short, whole) in lengths.iter().zip(&frames).skip(1) {
            assert!(short + SAVED < whole.len(), "{short} of {}", whole.len());
        }
    }
}

#[test]
fn a_head_that_does_not_follow_from_the_last_is_told_in_full() {
    let last = Signed::seal(first(), &key());
    let follows = after(&last);
    let breaks: [fn(&mut Head); 9] = [
        |head| head.device = DeviceId::from_bytes([4; 8]),
        |head| head.position = head.position.next(),
        |head| head.position.incarnation = Incarnation(5),
        |head| head.time = Timestamp::from_millis(1),
        |head| head.previous = Digest::from_bytes([8; 32]),
        |head| head.flags = Flags::GOODBYE,
        |head| head.ring_mask = 1,
        |head| head.attachment = None,
        |head| head.checkpoint = Some(Digest::from_bytes([8; 32])),
    ];
    for (place, breaks) in breaks.into_iter().enumerate() {
        let mut next = follows.clone();
        breaks(&mut next);
        let frames = [&last, &Signed::seal(next, &key())].map(head_frame);
        assert_eq!(passes(&frames)[1], frames[1].len(), "break {place}");
    }
    let foreign = Head {
        body: Digest::from_bytes([8; 32]),
        ..follows
    };
    let frames = [&last, &Signed::seal(foreign, &key())].map(record_frame);
    assert_eq!(passes(&frames)[1], frames[1].len(), "another body");
}

/// A link that comes up anew begins with a whole head: what passed on the old one is not counted on.
#[test]
fn a_delta_without_the_head_before_it_is_refused() {
    let last = Signed::seal(first(), &key());
    let next = Signed::seal(after(&last), &key());
    let mut sender = Passed::default();
    sender.shorten(&head_frame(&last));
    let delta = sender.shorten(&head_frame(&next)).into_owned();
    let refused = Passed::default().restore(&delta).unwrap_err();
    assert_eq!(refused, DeltaError::WithoutHead);
}

/// A delta says nothing that its author has not signed: from another head, or with another byte, it makes an envelope
/// that nobody takes.
#[test]
fn what_is_restored_wrongly_is_not_signed() {
    let last = Signed::seal(first(), &key());
    let next = Signed::seal(after(&last), &key());
    let mut sender = Passed::default();
    sender.shorten(&head_frame(&last));
    let delta = sender.shorten(&head_frame(&next)).into_owned();
    let other = Head {
        attachment: Some([7; 8]),
        ..first()
    };
    let takes = |before: &Signed<Head>, delta: &[u8]| {
        let mut receiver = Passed::default();
        receiver.restore(&head_frame(before)).unwrap();
        let Ok(frame) = receiver.restore(delta) else {
            return false;
        };
        let Ok(Message::Head { head }) = Message::decode(&frame) else {
            return false;
        };
        Signed::<Head>::open(&head, &key().public(), &Strict).is_ok()
    };
    assert!(takes(&last, &delta));
    assert!(!takes(&Signed::seal(other, &key()), &delta));
    for at in 0..delta.len() {
        let mut altered = delta.clone();
        altered[at] ^= 1;
        assert!(!takes(&last, &altered), "byte {at}");
    }
}

/// What a sender may say next: mostly the head after the last.
#[derive(Debug, Clone)]
enum Turn {
    Next { elapsed: u64, with_body: bool },
    Other(Box<Head>),
    Message(Box<Message>),
    Bytes(Vec<u8>),
}

/// What a frame may begin with that is no message.
fn mark() -> impl Strategy<Value = u8> {
    prop::sample::select(vec![0x82, 0x84, 0xff])
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        6 => (0..100_000_u64, any::<bool>())
            .prop_map(|(elapsed, with_body)| Turn::Next { elapsed, with_body }),
        2 => strategies::head().prop_map(|head| Turn::Other(Box::new(head))),
        2 => strategies::message().prop_map(|message| Turn::Message(Box::new(message))),
        1 => vec(any::<u8>(), 0..40).prop_map(Turn::Bytes),
        1 => (mark(), vec(any::<u8>(), 0..40))
            .prop_map(|(first, rest)| Turn::Bytes([&[first], &rest[..]].concat())),
    ]
}

proptest! {
    #[test]
    fn every_frame_arrives_as_it_was_sent(turns in vec(turn(), 1..20)) {
        let mut head = Signed::seal(first(), &key());
        let mut frames = Vec::new();
        for turn in turns {
            let next = match turn {
                Turn::Next { elapsed, with_body } => {
                    let mut next = after(&head);
                    next.time = Timestamp::from_millis(head.time.as_millis().saturating_add(elapsed));
                    head = Signed::seal(next, &key());
                    if with_body { record_frame(&head) } else { head_frame(&head) }
                }
                Turn::Other(other) => {
                    head = Signed::seal(*other, &key());
                    head_frame(&head)
                }
                Turn::Message(message) => message.encode(),
                Turn::Bytes(bytes) => bytes,
            };
            frames.push(next);
        }
        passes(&frames);
    }

    #[test]
    fn no_bytes_disturb_whoever_restores_them(frames in vec((mark(), vec(any::<u8>(), 0..80)), 1..8)) {
        let mut receiver = Passed::default();
        for (first, rest) in frames {
            _ = receiver.restore(&[&[first], &rest[..]].concat());
        }
    }
}
