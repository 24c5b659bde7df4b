//! IEC 62443-3-3 (system) and 62443-4-2 (component): requirements of the seven foundational ones.

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
        "Human user identification and authentication",
        Roles,
    ),
    control(
        "SR 1.2",
        "Software process and device identification and authentication",
        Inventory,
    ),
    control("SR 1.3", "Account management", Roles),
    control("SR 1.4", "Identifier management", Inventory),
    control("SR 1.5", "Authenticator management", AuditLog),
    control(
        "SR 1.8",
        "Public key infrastructure certificates",
        Encryption,
    ),
    control("SR 1.11", "Unsuccessful login attempts", AuditLog),
    control("SR 1.13", "Access via untrusted networks", Encryption),
    control("SR 2.1", "Authorization enforcement", Roles),
    control("SR 2.4", "Mobile code", SignedUpdates),
    control("SR 2.8", "Auditable events", AuditLog),
    control("SR 2.9", "Audit storage capacity", AuditLog),
    control("SR 2.11", "Timestamps", SignedRecords),
    control("SR 2.12", "Non-repudiation", Countersigned),
    control("SR 3.1", "Communication integrity", Encryption),
    control("SR 3.2", "Malicious code protection", Alerts),
    control(
        "SR 3.4",
        "Software and information integrity",
        SignedRecords,
    ),
    control("SR 3.9", "Protection of audit information", Countersigned),
    control("SR 4.1", "Information confidentiality", Encryption),
    control("SR 4.2", "Information persistence", Retirement),
    control("SR 4.3", "Use of cryptography", Encryption),
    control(
        "SR 5.1",
        "Network segmentation",
        NotMet("Separate the networks of devices, and name them as cells."),
    ),
    control(
        "SR 5.2",
        "Zone boundary protection",
        NotMet("Put a firewall between the zones; Palisade is none."),
    ),
    control("SR 6.1", "Audit log accessibility", AuditLog),
    control("SR 6.2", "Continuous monitoring", Alerts),
    control("SR 7.1", "Denial of service protection", Silence),
    control(
        "SR 7.3",
        "Control system backup",
        NotMet("Make a backup now and then, off this machine."),
    ),
    control(
        "SR 7.4",
        "Control system recovery and reconstitution",
        NotMet("Restore a backup on another machine, and write down when."),
    ),
    control("SR 7.8", "Control system component inventory", Inventory),
    control("CR 3.10", "Support for updates (component)", SignedUpdates),
    control(
        "CR 3.12",
        "Provisioning product supplier roots of trust (component)",
        SignedUpdates,
    ),
    control(
        "CR 3.14",
        "Integrity of the boot process (component)",
        NotMet("Use devices with verified boot; a node sees its own files only."),
    ),
    control("CR 7.7", "Least functionality (component)", Scans),
];
