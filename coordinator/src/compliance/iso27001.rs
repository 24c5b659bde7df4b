//! ISO/IEC 27001:2022, Annex A: the technological controls, and those of the others that a program can show something for.

use language::word;

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "iso-27001",
    name: "ISO/IEC 27001:2022 Annex A",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("5.7", word!("Threat intelligence"), Feed),
    control(
        "5.9",
        word!("Inventory of information and other associated assets"),
        Inventory,
    ),
    control("5.11", word!("Return of assets"), Retirement),
    control("5.15", word!("Access control"), Roles),
    control("5.16", word!("Identity management"), Inventory),
    control("5.17", word!("Authentication information"), Roles),
    control("5.18", word!("Access rights"), Roles),
    control(
        "5.24",
        word!("Incident management planning and preparation"),
        Delivery,
    ),
    control(
        "5.25",
        word!("Assessment and decision on information security events"),
        Alerts,
    ),
    control(
        "5.26",
        word!("Response to information security incidents"),
        Alerts,
    ),
    control("5.28", word!("Collection of evidence"), SignedRecords),
    control(
        "5.30",
        word!("ICT readiness for business continuity"),
        Restore,
    ),
    control("5.33", word!("Protection of records"), Countersigned),
    control("5.34", word!("Privacy and protection of PII"), Retention),
    control(
        "7.14",
        word!("Secure disposal or re-use of equipment"),
        Retirement,
    ),
    control("8.1", word!("User end point devices"), Inventory),
    control("8.2", word!("Privileged access rights"), Roles),
    control("8.3", word!("Information access restriction"), Roles),
    control("8.5", word!("Secure authentication"), Roles),
    control(
        "8.6",
        word!("Capacity management"),
        NotMet(word!(
            "Watch the coordinator's disk; the overview shows the size of the store."
        )),
    ),
    control("8.7", word!("Protection against malware"), Alerts),
    control(
        "8.8",
        word!("Management of technical vulnerabilities"),
        Findings,
    ),
    control("8.9", word!("Configuration management"), SignedRecords),
    control("8.10", word!("Information deletion"), Retention),
    control(
        "8.12",
        word!("Data leakage prevention"),
        NotMet(word!(
            "Watch what leaves the network; Palisade sees it where a node counts flows."
        )),
    ),
    control("8.13", word!("Information backup"), Backup),
    control("8.15", word!("Logging"), AuditLog),
    control("8.16", word!("Monitoring activities"), Alerts),
    control(
        "8.17",
        word!("Clock synchronization"),
        NotMet(word!(
            "Run a time service on every device; Palisade tells a clock that is wrong, and sets none."
        )),
    ),
    control(
        "8.19",
        word!("Installation of software on operational systems"),
        SignedUpdates,
    ),
    control("8.20", word!("Networks security"), Encryption),
    control("8.21", word!("Security of network services"), Scans),
    control(
        "8.22",
        word!("Segregation of networks"),
        NotMet(word!(
            "Separate the networks of devices, and name them as cells."
        )),
    ),
    control("8.24", word!("Use of cryptography"), Encryption),
    control(
        "8.29",
        word!("Security testing in development and acceptance"),
        Scans,
    ),
    control("8.32", word!("Change management"), Rollouts),
    control(
        "8.34",
        word!("Protection of information systems during audit testing"),
        Scans,
    ),
];
