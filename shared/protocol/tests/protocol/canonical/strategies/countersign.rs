//! What is said of the audit log.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use protocol::countersign::{AuditHead, AuditWord, Countersigned};
use protocol::message::Message;

use super::digest;

fn head() -> impl Strategy<Value = AuditHead> {
    (any::<u64>(), digest()).prop_map(|(entries, root)| AuditHead { entries, root })
}

pub fn word() -> impl Strategy<Value = Countersigned> {
    (head(), option::of(head())).prop_map(|(held, refused)| Countersigned { held, refused })
}

pub fn message() -> impl Strategy<Value = Message> {
    let shown = (head(), any::<u64>(), vec(digest(), 0..20));
    let word = prop_oneof![
        shown.prop_map(|(head, since, proof)| AuditWord::Shown { head, since, proof }),
        head().prop_map(|head| AuditWord::Held { head }),
    ];
    word.prop_map(|word| Message::Audit { word })
}
