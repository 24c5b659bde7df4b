//! Lines of a device's logs on their way to the coordinator.

use protocol::message::Message;
use protocol::tail::{Batch, TailWord};

pub fn batch() -> Batch {
    Batch {
        number: 1_700_000_000_000,
        dropped: 7,
        salt: [0x5a; 16],
        lines: b"sealed".to_vec().into(),
    }
}

pub fn messages() -> [(&'static str, Message); 2] {
    let tail = |word| Message::Tail { word };
    [
        ("tail_batch", tail(TailWord::Batch { batch: batch() })),
        (
            "tail_taken",
            tail(TailWord::Taken {
                number: batch().number,
            }),
        ),
    ]
}
