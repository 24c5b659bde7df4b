//! GDPR, Regulation (EU) 2016/679: the articles that a program can show something for.

use language::word;

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "gdpr",
    name: "GDPR",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("Art. 5(1)(c)", word!("Data minimisation"), Retention),
    control("Art. 5(1)(e)", word!("Storage limitation"), Retention),
    control(
        "Art. 5(1)(f)",
        word!("Integrity and confidentiality"),
        SignedRecords,
    ),
    control("Art. 5(2)", word!("Accountability"), AuditLog),
    control("Art. 15", word!("Right of access"), Export),
    control("Art. 17", word!("Right to erasure"), Export),
    control(
        "Art. 25",
        word!("Data protection by design and by default"),
        Encryption,
    ),
    control(
        "Art. 30",
        word!("Records of processing activities"),
        NotMet(word!(
            "Whoever runs the mesh keeps them; the inventory names what is processed."
        )),
    ),
    control(
        "Art. 32(1)(a)",
        word!("Encryption of personal data"),
        Encryption,
    ),
    control(
        "Art. 32(1)(b)",
        word!("Ongoing confidentiality, integrity, availability and resilience"),
        Silence,
    ),
    control(
        "Art. 32(1)(c)",
        word!("Ability to restore availability and access"),
        Restore,
    ),
    control(
        "Art. 32(1)(d)",
        word!("Regular testing of the measures"),
        Scans,
    ),
    control(
        "Art. 33",
        word!("Notification of a breach to the authority"),
        Delivery,
    ),
    control(
        "Art. 35",
        word!("Data protection impact assessment"),
        NotMet(word!("Whoever runs the mesh makes it.")),
    ),
];
