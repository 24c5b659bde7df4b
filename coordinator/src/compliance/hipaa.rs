//! HIPAA Security Rule, technical safeguards: 45 CFR 164.312.

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "hipaa",
    name: "HIPAA 45 CFR 164.312",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("164.312(a)(1)", "Access control", Roles),
    control("164.312(a)(2)(i)", "Unique user identification", Roles),
    control(
        "164.312(a)(2)(ii)",
        "Emergency access procedure",
        NotMet(
            "Write down who may make a new first link on the coordinator's console: palisade-coordinator setup-token.",
        ),
    ),
    control(
        "164.312(a)(2)(iii)",
        "Automatic logoff",
        NotMet("Sessions end by themselves after idling; no page shows a figure of it."),
    ),
    control("164.312(a)(2)(iv)", "Encryption and decryption", Encryption),
    control("164.312(b)", "Audit controls", AuditLog),
    control("164.312(c)(1)", "Integrity", Countersigned),
    control(
        "164.312(c)(2)",
        "Mechanism to authenticate electronic protected health information",
        SignedRecords,
    ),
    control("164.312(d)", "Person or entity authentication", Inventory),
    control("164.312(e)(1)", "Transmission security", Encryption),
    control("164.312(e)(2)(i)", "Integrity controls", SignedRecords),
    control("164.312(e)(2)(ii)", "Encryption", Encryption),
];
