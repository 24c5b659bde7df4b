//! ETSI EN 303 645 (consumer IoT): provisions that a fleet shows something for.

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "en-303-645",
    name: "ETSI EN 303 645",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("5.1-1", "No universal default passwords", Scans),
    control(
        "5.1-3",
        "Authentication uses best practice cryptography",
        Encryption,
    ),
    control(
        "5.1-5",
        "Brute force on network interfaces is impracticable",
        Alerts,
    ),
    control(
        "5.2-1",
        "A vulnerability disclosure policy is published",
        NotMet("The maker publishes one; keep its address with the device."),
    ),
    control(
        "5.2-2",
        "Disclosed vulnerabilities are acted on in a timely manner",
        Findings,
    ),
    control("5.2-3", "Vulnerabilities are monitored continually", Feed),
    control(
        "5.3-1",
        "Software components can be updated securely",
        SignedUpdates,
    ),
    control(
        "5.3-2",
        "An update mechanism is there and allows secure installation",
        SignedUpdates,
    ),
    control(
        "5.3-5",
        "The device checks for updates after initialization, and periodically",
        Rollouts,
    ),
    control("5.3-8", "Security updates are timely", Findings),
    control(
        "5.3-9",
        "Authenticity and integrity of updates are verified",
        SignedUpdates,
    ),
    control(
        "5.3-13",
        "The support period is published",
        NotMet("The maker publishes it; note it with the device."),
    ),
    control(
        "5.4-1",
        "Sensitive security parameters are stored securely",
        Encryption,
    ),
    control(
        "5.4-3",
        "No hard-coded critical security parameters",
        NotMet("The maker shows it for the device; each node makes keys of its own."),
    ),
    control(
        "5.5-1",
        "Communication is secure by best practice cryptography",
        Encryption,
    ),
    control("5.5-5", "Security changes need authentication", AuditLog),
    control("5.6-1", "Unused network interfaces are disabled", Scans),
    control(
        "5.6-2",
        "Unauthenticated disclosure of information is minimized",
        Scans,
    ),
    control(
        "5.7-1",
        "Software is verified by secure boot",
        NotMet("Use devices with verified boot."),
    ),
    control(
        "5.7-2",
        "An unauthorized change is told, and the device limits its connections",
        Alerts,
    ),
    control(
        "5.8-2",
        "Confidentiality of sensitive personal data in transit",
        Encryption,
    ),
    control("5.9-1", "Resilience against outages", Silence),
    control(
        "5.10-1",
        "Telemetry is examined for security anomalies",
        Alerts,
    ),
    control("5.11-1", "Users can erase their data easily", Retirement),
    control(
        "5.12-1",
        "Installation and maintenance need few decisions",
        Inventory,
    ),
    control(
        "5.13-1",
        "Input is validated",
        NotMet("The maker shows it for the device; Palisade fuzzes its own parsers."),
    ),
];
