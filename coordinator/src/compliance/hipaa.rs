//! HIPAA Security Rule, technical safeguards: 45 CFR 164.312.

use language::word;

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "hipaa",
    name: "HIPAA 45 CFR 164.312",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("164.312(a)(1)", word!("Access control"), Roles),
    control(
        "164.312(a)(2)(i)",
        word!("Unique user identification"),
        Roles,
    ),
    control(
        "164.312(a)(2)(ii)",
        word!("Emergency access procedure"),
        NotMet(word!(
            "Write down who may make a new first link on the coordinator's console: palisade-coordinator setup-token."
        )),
    ),
    control(
        "164.312(a)(2)(iii)",
        word!("Automatic logoff"),
        NotMet(word!(
            "Sessions end by themselves after idling; no page shows a figure of it."
        )),
    ),
    control(
        "164.312(a)(2)(iv)",
        word!("Encryption and decryption"),
        Encryption,
    ),
    control("164.312(b)", word!("Audit controls"), AuditLog),
    control("164.312(c)(1)", word!("Integrity"), Countersigned),
    control(
        "164.312(c)(2)",
        word!("Mechanism to authenticate electronic protected health information"),
        SignedRecords,
    ),
    control(
        "164.312(d)",
        word!("Person or entity authentication"),
        Inventory,
    ),
    control("164.312(e)(1)", word!("Transmission security"), Encryption),
    control(
        "164.312(e)(2)(i)",
        word!("Integrity controls"),
        SignedRecords,
    ),
    control("164.312(e)(2)(ii)", word!("Encryption"), Encryption),
];
