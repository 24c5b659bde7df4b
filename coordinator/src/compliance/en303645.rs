//! ETSI EN 303 645 (consumer IoT): provisions that a fleet shows something for.

use language::word;

use super::Evidence::*;
use super::{Control, Framework, control};

pub const FRAMEWORK: Framework = Framework {
    slug: "en-303-645",
    name: "ETSI EN 303 645",
    controls: CONTROLS,
};

const CONTROLS: &[Control] = &[
    control("5.1-1", word!("No universal default passwords"), Scans),
    control(
        "5.1-3",
        word!("Authentication uses best practice cryptography"),
        Encryption,
    ),
    control(
        "5.1-5",
        word!("Brute force on network interfaces is impracticable"),
        Alerts,
    ),
    control(
        "5.2-1",
        word!("A vulnerability disclosure policy is published"),
        NotMet(word!(
            "The maker publishes one; keep its address with the device."
        )),
    ),
    control(
        "5.2-2",
        word!("Disclosed vulnerabilities are acted on in a timely manner"),
        Findings,
    ),
    control(
        "5.2-3",
        word!("Vulnerabilities are monitored continually"),
        Feed,
    ),
    control(
        "5.3-1",
        word!("Software components can be updated securely"),
        SignedUpdates,
    ),
    control(
        "5.3-2",
        word!("An update mechanism is there and allows secure installation"),
        SignedUpdates,
    ),
    control(
        "5.3-5",
        word!("The device checks for updates after initialization, and periodically"),
        Rollouts,
    ),
    control("5.3-8", word!("Security updates are timely"), Findings),
    control(
        "5.3-9",
        word!("Authenticity and integrity of updates are verified"),
        SignedUpdates,
    ),
    control(
        "5.3-13",
        word!("The support period is published"),
        NotMet(word!("The maker publishes it; note it with the device.")),
    ),
    control(
        "5.4-1",
        word!("Sensitive security parameters are stored securely"),
        Encryption,
    ),
    control(
        "5.4-3",
        word!("No hard-coded critical security parameters"),
        NotMet(word!(
            "The maker shows it for the device; each node makes keys of its own."
        )),
    ),
    control(
        "5.5-1",
        word!("Communication is secure by best practice cryptography"),
        Encryption,
    ),
    control(
        "5.5-5",
        word!("Security changes need authentication"),
        AuditLog,
    ),
    control(
        "5.6-1",
        word!("Unused network interfaces are disabled"),
        Scans,
    ),
    control(
        "5.6-2",
        word!("Unauthenticated disclosure of information is minimized"),
        Scans,
    ),
    control(
        "5.7-1",
        word!("Software is verified by secure boot"),
        NotMet(word!("Use devices with verified boot.")),
    ),
    control(
        "5.7-2",
        word!("An unauthorized change is told, and the device limits its connections"),
        Alerts,
    ),
    control(
        "5.8-2",
        word!("Confidentiality of sensitive personal data in transit"),
        Encryption,
    ),
    control("5.9-1", word!("Resilience against outages"), Silence),
    control(
        "5.10-1",
        word!("Telemetry is examined for security anomalies"),
        Alerts,
    ),
    control(
        "5.11-1",
        word!("Users can erase their data easily"),
        Retirement,
    ),
    control(
        "5.12-1",
        word!("Installation and maintenance need few decisions"),
        Inventory,
    ),
    control(
        "5.13-1",
        word!("Input is validated"),
        NotMet(word!(
            "The maker shows it for the device; Palisade fuzzes its own parsers."
        )),
    ),
];
