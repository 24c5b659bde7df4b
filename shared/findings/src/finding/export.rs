//! Findings as a VEX document of CycloneDX 1.6: what is open, borne or not affected, on which device, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::decision::{Ledger, State, Verdict};
use super::{Finding, Subject};
use crate::advisory::catalogue::Catalogue;
use crate::advisory::severity::{CvssVersion, Severity};
use crate::advisory::vex::{Justification, Status};
use crate::sbom::cyclonedx::urn;
use crate::time::Moment;

/// Writes all findings that have an id of a vulnerability; weak services have none and are left out.
/// A finding with several states becomes one entry for each, because an entry has one analysis.
pub fn vex<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    ledger: &Ledger,
    catalogue: &Catalogue,
    serial: [u8; 16],
    at: Moment,
) -> Vec<u8> {
    let mut devices = BTreeSet::new();
    let mut vulnerabilities = Vec::new();
    for finding in findings {
        let Subject::Vulnerability(id) = &finding.subject else {
            continue;
        };
        let mut groups: BTreeMap<&State, BTreeSet<&str>> = BTreeMap::new();
        for (occurrence, state) in &finding.occurrences {
            groups.entry(state).or_default().insert(&occurrence.device);
            devices.insert(occurrence.device.as_str());
        }
        for (number, (state, holders)) in groups.into_iter().enumerate() {
            vulnerabilities.push(json!({
                "bom-ref": format!("{id}#{number}"),
                "id": id,
                "source": {"name": source(id)},
                "ratings": ratings(id, catalogue),
                "analysis": analysis(state, ledger),
                "affects": holders.iter().map(|device| json!({"ref": reference(device)})).collect::<Vec<_>>(),
            }));
        }
    }
    let components: Vec<Value> = devices
        .iter()
        .map(|device| json!({"type": "device", "bom-ref": reference(device), "name": device}))
        .collect();
    let whole = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": urn(serial),
        "version": 1,
        "metadata": {"timestamp": at.rfc3339()},
        "components": components,
        "vulnerabilities": vulnerabilities,
    });
    serde_json::to_vec_pretty(&whole).expect("a value of JSON has text keys only")
}

fn reference(device: &str) -> String {
    format!("device:{device}")
}

fn source(id: &str) -> &'static str {
    match id.starts_with("CVE-") {
        true => "NVD",
        false => "OSV",
    }
}

fn ratings(id: &str, catalogue: &Catalogue) -> Vec<Value> {
    let severities = catalogue
        .find(id)
        .map_or(&[][..], |advisory| &advisory.severities);
    severities.iter().map(rating).collect()
}

fn rating(severity: &Severity) -> Value {
    json!({
        "score": f64::from(severity.tenths) / 10.0,
        "severity": severity.level().word(),
        "method": match severity.version {
            CvssVersion::V4 => "CVSSv4",
            CvssVersion::V31 => "CVSSv31",
            CvssVersion::V30 => "CVSSv3",
            CvssVersion::V2 => "CVSSv2",
        },
        "vector": severity.vector,
    })
}

fn analysis(state: &State, ledger: &Ledger) -> Value {
    let decided = |place: &usize, until: &Option<Moment>| {
        let decision = ledger.get(*place);
        let reason = decision.map_or("", |decision| &decision.reason);
        let detail = match until {
            Some(end) => format!("{reason} (until {})", end.rfc3339()),
            None => reason.to_owned(),
        };
        (decision, detail)
    };
    match state {
        State::Open => json!({"state": "in_triage"}),
        State::Accepted { decision, until } => {
            let (found, detail) = decided(decision, until);
            dated(
                json!({"state": "exploitable", "response": ["will_not_fix"], "detail": detail}),
                found.map(|found| found.at),
            )
        }
        State::NotAffected { decision, until } => {
            let (found, detail) = decided(decision, until);
            let justification = found.and_then(|found| match found.verdict {
                Verdict::NotAffected(justification) => Some(justification),
                Verdict::Accepted => None,
            });
            let value = justified(
                json!({"state": "not_affected", "detail": detail}),
                justification,
            );
            dated(value, found.map(|found| found.at))
        }
        State::Vendor(word) => {
            let state = match word.status {
                Status::Fixed => "resolved",
                Status::NotAffected => "not_affected",
                Status::Affected => "exploitable",
                Status::UnderInvestigation => "in_triage",
            };
            let detail = format!(
                "{} says so in {}. {}",
                word.issuer, word.document, word.detail
            );
            justified(
                json!({"state": state, "detail": detail.trim()}),
                word.justification,
            )
        }
    }
}

fn justified(mut value: Value, justification: Option<Justification>) -> Value {
    if let Some(justification) = justification {
        value["justification"] = json!(justification.word());
    }
    value
}

fn dated(mut value: Value, at: Option<Moment>) -> Value {
    if let Some(at) = at {
        value["firstIssued"] = json!(at.rfc3339());
    }
    value
}
