//! What members say to each other of updates.

use proptest::collection::vec;
use proptest::prelude::*;
use protocol::alert::Matter;
use protocol::bulk::{File, Question};
use protocol::install::{Act, Mishap, Nonce, Order, Reason, Sight, State, Step, Worry};
use protocol::library::{Flaw, Refused};
use protocol::message::Message;
use protocol::rollout::{Halt, RolloutId, Standing};
use protocol::settings::{Obeyed, Settings};
use protocol::spread::frame::{Frame, Want};
use protocol::spread::image::ImageId;

use super::{bytes, device, digest, mesh, name, of, path, time};

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce)
}

fn image() -> impl Strategy<Value = ImageId> {
    any::<[u8; 8]>().prop_map(ImageId)
}

fn worry() -> impl Strategy<Value = Worry> {
    prop_oneof![
        Just(Worry::Silent),
        any::<u16>().prop_map(Worry::Port),
        Just(Worry::Traffic),
    ]
}

fn sight() -> impl Strategy<Value = Sight> {
    prop_oneof![Just(Sight::Answers), worry().prop_map(Sight::Worries)]
}

fn reason() -> impl Strategy<Value = Reason> {
    prop_oneof![
        Just(Reason::Untrusted),
        Just(Reason::Failed(Act::Switch, Mishap::Program)),
        Just(Reason::Hung(Act::Fetch)),
        (worry(), vec(device(), 0..9)).prop_map(|(worry, by)| Reason::Seen(worry, by)),
        Just(Reason::OtherHardware),
    ]
}

pub fn step() -> impl Strategy<Value = Step> {
    let state = prop_oneof![
        Just(State::Announced),
        Just(State::Probation),
        reason().prop_map(State::RolledBack),
        reason().prop_map(State::Refused),
    ];
    (digest(), nonce(), of(name()), state).prop_map(|(target, nonce, version, state)| Step {
        target,
        nonce,
        version,
        state,
    })
}

pub fn wrong_chunk() -> impl Strategy<Value = Matter> {
    (image(), any::<u32>(), digest()).prop_map(|(image, chunk, found)| Matter::WrongChunk {
        image,
        chunk,
        found,
    })
}

pub fn document_refused() -> impl Strategy<Value = Matter> {
    let flaw = prop_oneof![
        Just(Flaw::Unsigned),
        Just(Flaw::Older),
        Just(Flaw::Unreadable),
    ];
    (name(), any::<u64>(), flaw).prop_map(|(role, version, flaw)| {
        Matter::DocumentRefused(Refused {
            role,
            version,
            flaw,
        })
    })
}

pub fn obeyed() -> impl Strategy<Value = Obeyed> {
    let period = || of(any::<u32>());
    let fields = (
        any::<u64>(),
        period(),
        period(),
        of(super::commands::kinds()),
        of(time()),
    );
    fields.prop_map(|(policy, record_s, accounts_s, online, stale)| Obeyed {
        stale,
        policy,
        settings: Settings {
            record_s,
            accounts_s,
            online,
        },
    })
}

pub fn question() -> impl Strategy<Value = Question> {
    let want = prop_oneof![
        bytes(60).prop_map(|held| Want::Any { held }),
        any::<u32>().prop_map(|chunk| Want::Chunk { chunk }),
    ];
    prop_oneof![
        (image(), want).prop_map(|(image, want)| Question::of_chunk(image, want)),
        (name(), any::<u64>()).prop_map(|(role, version)| Question::File(File { role, version })),
    ]
}

pub fn message() -> impl Strategy<Value = Message> {
    let order = (digest(), nonce(), path()).prop_map(|(target, nonce, path)| Order {
        target,
        nonce,
        path,
    });
    let frame = prop_oneof![
        bytes(60).prop_map(|bits| Frame::Map { bits }),
        vec(any::<u32>(), 0..9).prop_map(|chunks| Frame::Holds { chunks }),
        Just(Frame::Wanted),
    ];
    prop_oneof![
        bytes(300).prop_map(|timestamp| Message::Timestamp { timestamp }),
        (image(), frame).prop_map(|(image, frame)| Message::Chunks { image, frame }),
        order.prop_map(|order| Message::Install { order }),
        vec(any::<u16>(), 0..9).prop_map(|listened| Message::LookWanted { listened }),
        sight().prop_map(|sight| Message::Looked { sight }),
    ]
}

pub fn halt() -> impl Strategy<Value = Halt> {
    let standing = prop::sample::select(vec![Standing::Halted, Standing::Lifted]);
    let what = (mesh(), digest(), any::<u64>(), any::<u64>(), standing);
    what.prop_map(|(mesh, target, rollout, sequence, standing)| Halt {
        mesh,
        target,
        rollout: RolloutId(rollout),
        sequence,
        standing,
    })
}
