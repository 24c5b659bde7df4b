//! ISO/IEC 27001:2022, Annex A: the technological controls, and those of the others that a program can show something for.

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "iso-27001",
    name: "ISO/IEC 27001:2022 Annex A",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("5.7", "Threat intelligence", Feed),
    control(
        "5.9",
        "Inventory of information and other associated assets",
        Inventory,
    ),
    control("5.11", "Return of assets", Retirement),
    control("5.15", "Access control", Roles),
    control("5.16", "Identity management", Inventory),
    control("5.17", "Authentication information", Roles),
    control("5.18", "Access rights", Roles),
    control(
        "5.24",
        "Incident management planning and preparation",
        Delivery,
    ),
    control(
        "5.25",
        "Assessment and decision on information security events",
        Alerts,
    ),
    control("5.26", "Response to information security incidents", Alerts),
    control("5.28", "Collection of evidence", SignedRecords),
    control(
        "5.30",
        "ICT readiness for business continuity",
        NotMet("Restore a backup on another machine now and then, and write down when."),
    ),
    control("5.33", "Protection of records", Countersigned),
    control("5.34", "Privacy and protection of PII", Retention),
    control("7.14", "Secure disposal or re-use of equipment", Retirement),
    control("8.1", "User end point devices", Inventory),
    control("8.2", "Privileged access rights", Roles),
    control("8.3", "Information access restriction", Roles),
    control("8.5", "Secure authentication", Roles),
    control(
        "8.6",
        "Capacity management",
        NotMet("Watch the coordinator's disk; the overview shows the size of the store."),
    ),
    control("8.7", "Protection against malware", Alerts),
    control("8.8", "Management of technical vulnerabilities", Findings),
    control("8.9", "Configuration management", SignedRecords),
    control("8.10", "Information deletion", Retention),
    control(
        "8.12",
        "Data leakage prevention",
        NotMet("Watch what leaves the network; Palisade sees it where a node counts flows."),
    ),
    control(
        "8.13",
        "Information backup",
        NotMet("Make a backup now and then, off this machine, and restore one."),
    ),
    control("8.15", "Logging", AuditLog),
    control("8.16", "Monitoring activities", Alerts),
    control(
        "8.17",
        "Clock synchronization",
        NotMet(
            "Run a time service on every device; Palisade tells a clock that is wrong, and sets none.",
        ),
    ),
    control(
        "8.19",
        "Installation of software on operational systems",
        SignedUpdates,
    ),
    control("8.20", "Networks security", Encryption),
    control("8.21", "Security of network services", Scans),
    control(
        "8.22",
        "Segregation of networks",
        NotMet("Separate the networks of devices, and name them as cells."),
    ),
    control("8.24", "Use of cryptography", Encryption),
    control(
        "8.29",
        "Security testing in development and acceptance",
        Scans,
    ),
    control("8.32", "Change management", Rollouts),
    control(
        "8.34",
        "Protection of information systems during audit testing",
        Scans,
    ),
];
