//! IEC 62443-3-3 (system) and 62443-4-2 (component): requirements of the seven foundational ones.

use language::word;

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "iec-62443",
    name: "IEC 62443-3-3 / 62443-4-2",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control(
        "SR 1.1",
        word!("Human user identification and authentication"),
        Roles,
    ),
    control(
        "SR 1.2",
        word!("Software process and device identification and authentication"),
        Inventory,
    ),
    control("SR 1.3", word!("Account management"), Roles),
    control("SR 1.4", word!("Identifier management"), Inventory),
    control("SR 1.5", word!("Authenticator management"), AuditLog),
    control(
        "SR 1.8",
        word!("Public key infrastructure certificates"),
        Encryption,
    ),
    control("SR 1.11", word!("Unsuccessful login attempts"), AuditLog),
    control(
        "SR 1.13",
        word!("Access via untrusted networks"),
        Encryption,
    ),
    control("SR 2.1", word!("Authorization enforcement"), Roles),
    control("SR 2.4", word!("Mobile code"), SignedUpdates),
    control("SR 2.8", word!("Auditable events"), AuditLog),
    control("SR 2.9", word!("Audit storage capacity"), AuditLog),
    control("SR 2.11", word!("Timestamps"), SignedRecords),
    control("SR 2.12", word!("Non-repudiation"), Countersigned),
    control("SR 3.1", word!("Communication integrity"), Encryption),
    control("SR 3.2", word!("Malicious code protection"), Alerts),
    control(
        "SR 3.4",
        word!("Software and information integrity"),
        SignedRecords,
    ),
    control(
        "SR 3.9",
        word!("Protection of audit information"),
        Countersigned,
    ),
    control("SR 4.1", word!("Information confidentiality"), Encryption),
    control("SR 4.2", word!("Information persistence"), Retirement),
    control("SR 4.3", word!("Use of cryptography"), Encryption),
    control(
        "SR 5.1",
        word!("Network segmentation"),
        NotMet(word!(
            "Separate the networks of devices, and name them as cells."
        )),
    ),
    control(
        "SR 5.2",
        word!("Zone boundary protection"),
        NotMet(word!("Put a firewall between the zones; Palisade is none.")),
    ),
    control("SR 6.1", word!("Audit log accessibility"), AuditLog),
    control("SR 6.2", word!("Continuous monitoring"), Alerts),
    control("SR 7.1", word!("Denial of service protection"), Silence),
    control("SR 7.3", word!("Control system backup"), Backup),
    control(
        "SR 7.4",
        word!("Control system recovery and reconstitution"),
        Restore,
    ),
    control(
        "SR 7.8",
        word!("Control system component inventory"),
        Inventory,
    ),
    control(
        "CR 3.10",
        word!("Support for updates (component)"),
        SignedUpdates,
    ),
    control(
        "CR 3.12",
        word!("Provisioning product supplier roots of trust (component)"),
        SignedUpdates,
    ),
    control(
        "CR 3.14",
        word!("Integrity of the boot process (component)"),
        NotMet(word!(
            "Use devices with verified boot; a node sees its own files only."
        )),
    ),
    control("CR 7.7", word!("Least functionality (component)"), Scans),
];
