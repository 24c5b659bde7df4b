//! What members say to each other of updates.

use protocol::alert::Matter;
use protocol::bulk::{File, Question};
use protocol::id::Digest;
use protocol::install::{Act, Mishap, Nonce, Order, Reason, Sight, State, Step, Worry};
use protocol::library::{Flaw, Refused};
use protocol::message::Message;
use protocol::rollout::{Halt, RolloutId, Standing};
use protocol::settings::{Obeyed, Settings};
use protocol::spread::frame::{Frame, Want};
use protocol::spread::image::ImageId;

use super::{device, digest, mesh, name, path};

pub fn order() -> Order {
    Order {
        target: digest(0x61),
        nonce: Nonce([0x62; 16]),
        path: path("firmware/camera/2.1.0"),
    }
}

pub fn step(state: State) -> Step {
    Step {
        target: digest(0x61),
        nonce: Nonce([0x62; 16]),
        version: Some(name("2.1.0")),
        state,
    }
}

/// Every state, and every reason for an end.
pub fn states() -> Vec<(&'static str, State)> {
    let rolled_back = State::RolledBack;
    vec![
        ("announced", State::Announced),
        ("trusted", State::Trusted),
        ("fetched", State::Fetched),
        ("installed", State::Installed),
        ("probation", State::Probation),
        ("committed", State::Committed),
        ("untrusted", State::Refused(Reason::Untrusted)),
        ("below_floor", State::Refused(Reason::BelowFloor)),
        ("already_runs", State::Refused(Reason::AlreadyRuns)),
        (
            "failed",
            State::Refused(Reason::Failed(Act::Stage, Mishap::Space)),
        ),
        ("hung", rolled_back(Reason::Hung(Act::Check))),
        ("restarts", rolled_back(Reason::Restarts)),
        ("halted", rolled_back(Reason::Halted)),
        ("unhealthy", rolled_back(Reason::Unhealthy)),
        (
            "seen",
            rolled_back(Reason::Seen(Worry::Port(23), vec![device()])),
        ),
        ("unwitnessed", rolled_back(Reason::Unwitnessed)),
        ("fell_back", rolled_back(Reason::FellBack)),
        ("other_product", State::Refused(Reason::OtherProduct)),
        ("other_hardware", State::Refused(Reason::OtherHardware)),
        ("no_slots", State::Refused(Reason::NoSlots)),
    ]
}

pub fn image() -> ImageId {
    ImageId([0x63; 8])
}

pub fn wrong_chunk() -> Matter {
    Matter::WrongChunk {
        image: image(),
        chunk: 7,
        found: Digest::from_bytes([0x64; 32]),
    }
}

pub fn document_refused() -> Matter {
    Matter::DocumentRefused(Refused {
        role: name("policy"),
        version: 1_795_254_000,
        flaw: Flaw::Unsigned,
    })
}

pub fn obeyed() -> Obeyed {
    Obeyed {
        stale: None,
        policy: 12,
        settings: Settings {
            record_s: Some(30),
            ..Settings::default()
        },
    }
}

pub fn questions() -> Vec<(&'static str, Question)> {
    let any = Want::Any {
        held: vec![0x80].into(),
    };
    let file = File {
        role: name("firmware"),
        version: 7,
    };
    vec![
        (
            "question_chunk",
            Question::of_chunk(image(), Want::Chunk { chunk: 3 }),
        ),
        ("question_any_chunk", Question::of_chunk(image(), any)),
        ("question_file", Question::File(file)),
    ]
}

pub fn messages() -> [(&'static str, Message); 8] {
    let chunks = |frame| Message::Chunks {
        image: image(),
        frame,
    };
    [
        (
            "timestamp",
            Message::Timestamp {
                timestamp: b"{}".to_vec().into(),
            },
        ),
        (
            "chunks_map",
            chunks(Frame::Map {
                bits: vec![0xf0].into(),
            }),
        ),
        (
            "chunks_holds",
            chunks(Frame::Holds {
                chunks: vec![1, 300],
            }),
        ),
        ("chunks_wanted", chunks(Frame::Wanted)),
        ("install", Message::Install { order: order() }),
        (
            "look_wanted",
            Message::LookWanted {
                listened: vec![22, 8080],
            },
        ),
        (
            "looked_answers",
            Message::Looked {
                sight: Sight::Answers,
            },
        ),
        (
            "looked_port",
            Message::Looked {
                sight: Sight::Worries(Worry::Port(23)),
            },
        ),
    ]
}

pub fn halt() -> Halt {
    Halt {
        mesh: mesh(),
        target: digest(0x31),
        rollout: RolloutId(3),
        sequence: 1_700_000_000_000,
        standing: Standing::Lifted,
    }
}
