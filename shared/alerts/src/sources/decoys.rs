//! Somebody at a port on which nobody has any business.

use protocol::alert::Alert;
use protocol::tripwire::Touched;

use crate::severity::Severity;
use crate::sighting::{Known, Sighting};

pub(super) const RULES: [Known; 1] = [TOUCHED];

const TOUCHED: Known = Known {
    name: "decoy_touched",
    title: "Somebody touched a decoy",
    severity: Severity::Critical,
    attack: Some("T1046"),
    stops: "The source connects to no decoy any more. Find out what it is; if it is a scanner of yours, let the coordinator order its scans.",
};

pub(super) fn touched(alert: &Alert, touched: &Touched) -> Sighting {
    let (source, service) = (touched.source, touched.service.word());
    let says = format!(
        "{source} connected to the {service} decoy on port {}",
        touched.port
    );
    let sighting = TOUCHED
        .sighting(Some(alert.alarm.subject), alert.time, &says)
        .value("connections", Some("none"), &format!("from {source}"))
        .value(
            "names with passwords that were tried",
            Some("none"),
            &touched.credentials.to_string(),
        )
        .cause(&format!("source {source}"));
    match &touched.said {
        Some(said) => sighting.value("said", None, said.as_str()),
        None => sighting,
    }
}
