//! What is said of log lines.

use proptest::prelude::*;
use protocol::message::Message;
use protocol::tail::{Batch, TailWord};

use super::bytes;

pub fn message() -> impl Strategy<Value = Message> {
    let parts = (any::<u64>(), any::<u64>(), any::<[u8; 16]>(), bytes(300));
    let batch = parts.prop_map(|(number, dropped, salt, lines)| Batch {
        number,
        dropped,
        salt,
        lines,
    });
    let word = prop_oneof![
        batch.prop_map(|batch| TailWord::Batch { batch }),
        any::<u64>().prop_map(|number| TailWord::Taken { number }),
    ];
    word.prop_map(|word| Message::Tail { word })
}
