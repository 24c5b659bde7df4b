//! The audit log, as it is shown to gateways and countersigned.

use protocol::countersign::{AuditHead, AuditWord, Countersigned};
use protocol::message::Message;

use super::digest;

pub fn head(number: u8) -> AuditHead {
    AuditHead {
        entries: u64::from(number) * 100,
        root: digest(number),
    }
}

pub fn words() -> [(&'static str, Countersigned); 2] {
    [
        (
            "countersigned",
            Countersigned {
                held: head(3),
                refused: None,
            },
        ),
        (
            "countersign_refused",
            Countersigned {
                held: head(3),
                refused: Some(head(2)),
            },
        ),
    ]
}

pub fn messages() -> [(&'static str, Message); 2] {
    let audit = |word| Message::Audit { word };
    [
        (
            "audit_shown",
            audit(AuditWord::Shown {
                head: head(3),
                since: 200,
                proof: vec![digest(7), digest(8)],
            }),
        ),
        ("audit_held", audit(AuditWord::Held { head: head(2) })),
    ]
}
