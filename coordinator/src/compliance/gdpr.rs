//! GDPR, Regulation (EU) 2016/679: the articles that a program can show something for.

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "gdpr",
    name: "GDPR",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("Art. 5(1)(c)", "Data minimisation", Retention),
    control("Art. 5(1)(e)", "Storage limitation", Retention),
    control(
        "Art. 5(1)(f)",
        "Integrity and confidentiality",
        SignedRecords,
    ),
    control("Art. 5(2)", "Accountability", AuditLog),
    control("Art. 15", "Right of access", Export),
    control("Art. 17", "Right to erasure", Export),
    control(
        "Art. 25",
        "Data protection by design and by default",
        Encryption,
    ),
    control(
        "Art. 30",
        "Records of processing activities",
        NotMet("Whoever runs the mesh keeps them; the inventory names what is processed."),
    ),
    control("Art. 32(1)(a)", "Encryption of personal data", Encryption),
    control(
        "Art. 32(1)(b)",
        "Ongoing confidentiality, integrity, availability and resilience",
        Silence,
    ),
    control(
        "Art. 32(1)(c)",
        "Ability to restore availability and access",
        NotMet("Restore a backup on another machine now and then, and write down when."),
    ),
    control("Art. 32(1)(d)", "Regular testing of the measures", Scans),
    control(
        "Art. 33",
        "Notification of a breach to the authority",
        Delivery,
    ),
    control(
        "Art. 35",
        "Data protection impact assessment",
        NotMet("Whoever runs the mesh makes it."),
    ),
];
