//! A scan, a feed and a decision together: what is first, what a decision closes, when it comes back, what is exported.

use std::collections::{BTreeMap, BTreeSet};

use findings::advisory::catalogue::Catalogue;
use findings::advisory::vex::Justification;
use findings::advisory::{epss, kev, nvd};
use findings::finding::decision::{Decision, Ledger, Scope, Verdict};
use findings::finding::inventory::Inventory;
use findings::finding::matching::Matcher;
use findings::finding::priority::Exposure;
use findings::finding::{Device, Finding, Subject, export, findings};
use findings::scan::nmap;
use findings::time::Moment;
use serde_json::Value;

const NOW: Moment = Moment(1_800_000_000);

fn cve(id: &str, product: &str, vector: &str) -> String {
    format!(
        r#"{{"cve":{{"id":"{id}","vulnStatus":"Analyzed","descriptions":[{{"lang":"en","value":"{product} is bad"}}],
"metrics":{{"cvssMetricV31":[{{"cvssData":{{"vectorString":"{vector}"}}}}]}},
"configurations":[{{"nodes":[{{"operator":"OR","cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:acme:{product}:*:*:*:*:*:*:*:*","versionEndExcluding":"2.0"}}]}}]}}]}}}}"#
    )
}

fn catalogue() -> Catalogue {
    let worst = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let mild = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
    let entries = [
        cve("CVE-2025-0001", "web", worst),
        cve("CVE-2025-0002", "web", mild),
        cve("CVE-2025-0003", "sshd", mild),
    ];
    let file = format!("{{\"vulnerabilities\":[{}]}}", entries.join(","));
    let mut catalogue = Catalogue::default();
    for advisory in nvd::import(file.as_bytes()).expect("a file of NVD").items {
        catalogue.add(advisory).expect("there is room");
    }
    let scores = b"cve,epss,percentile\nCVE-2025-0001,0.001,0.2\nCVE-2025-0002,0.4,0.97\n";
    catalogue.add_epss(epss::import(scores).expect("scores").items);
    let exploited = br#"{"vulnerabilities":[{"cveID":"CVE-2025-0003","dateAdded":"2025-05-01","dueDate":"2025-05-22","vulnerabilityName":"ACME sshd"}]}"#;
    catalogue
        .add_kev(kev::import(exploited).expect("a list").items)
        .expect("there is room");
    catalogue
}

fn inventory(device: &str) -> Inventory {
    let port = |number: u16, name: &str| {
        format!(
            "<port protocol='tcp' portid='{number}'><state state='open'/><service name='{name}' version='1.0'><cpe>cpe:/a:acme:{name}:1.0</cpe></service></port>"
        )
    };
    let ports = [port(80, "web"), port(22, "sshd"), port(23, "telnet")].concat();
    let scan =
        format!("<nmaprun><host><status state='up'/><ports>{ports}</ports></host></nmaprun>");
    let mut inventory = Inventory::new(device);
    inventory.add_host(&nmap::import(scan.as_bytes()).expect("a scan").hosts[0]);
    inventory
}

fn devices() -> BTreeMap<String, Device> {
    let device = |class: &str, exposure| Device {
        class: class.into(),
        exposure,
    };
    BTreeMap::from([
        ("cam-1".into(), device("camera", Exposure::Site)),
        ("cam-2".into(), device("camera", Exposure::Segment)),
        ("gw-1".into(), device("gateway", Exposure::Internet)),
    ])
}

fn fleet(catalogue: &Catalogue, ledger: &Ledger, now: Moment) -> Vec<Finding> {
    let matcher = Matcher::new(catalogue, &[]);
    let devices = devices();
    let found = devices
        .keys()
        .flat_map(|device| matcher.device(&inventory(device)).occurrences);
    findings(found.collect(), &devices, catalogue, ledger, now)
}

fn subjects(findings: &[Finding]) -> Vec<(String, usize)> {
    findings
        .iter()
        .map(|finding| (finding.subject.to_string(), finding.open_devices))
        .collect()
}

fn order(names: &[(&str, usize)]) -> Vec<(String, usize)> {
    names
        .iter()
        .map(|(name, open)| ((*name).to_owned(), *open))
        .collect()
}

fn decision(id: &str, scope: Scope, verdict: Verdict, days: u64) -> Decision {
    Decision {
        subject: Subject::Vulnerability(id.into()),
        verdict,
        reason: "The page is shut off.".into(),
        scope,
        by: "ana".into(),
        at: NOW,
        expires: Some(Moment(NOW.0 + days * 86_400)),
    }
}

#[test]
fn exploited_comes_first_then_probable_then_bad() {
    let found = fleet(&catalogue(), &Ledger::default(), NOW);
    assert_eq!(
        subjects(&found),
        order(&[
            ("CVE-2025-0003", 3),
            ("CVE-2025-0002", 3),
            ("service:telnet", 3),
            ("CVE-2025-0001", 3)
        ])
    );
    assert_eq!(found[0].priority.due, Moment::parse("2025-05-22"));
    assert_eq!(found[1].priority.reach_ppm(), 1_600_000);
    assert_eq!(found[0].title, "ACME sshd");
}

#[test]
fn not_affected_for_a_class_drops_the_count_and_returns_on_its_date() {
    let catalogue = catalogue();
    let mut ledger = Ledger::default();
    let verdict = Verdict::NotAffected(Justification::CodeNotReachable);
    ledger
        .add(decision(
            "CVE-2025-0003",
            Scope::Class("camera".into()),
            verdict,
            30,
        ))
        .expect("a decision");
    let open = |now| subjects(&fleet(&catalogue, &ledger, now))[0].clone();
    assert_eq!(open(NOW), ("CVE-2025-0003".into(), 1));
    let end = ledger.next_expiry(NOW).expect("it ends");
    assert_eq!(open(Moment(end.0 - 1)), ("CVE-2025-0003".into(), 1));
    assert_eq!(open(end), ("CVE-2025-0003".into(), 3));
}

#[test]
fn what_is_closed_everywhere_stands_at_the_end() {
    let catalogue = catalogue();
    let mut ledger = Ledger::default();
    ledger
        .add(decision(
            "CVE-2025-0003",
            Scope::Fleet,
            Verdict::Accepted,
            1,
        ))
        .expect("a decision");
    let found = fleet(&catalogue, &ledger, NOW);
    assert_eq!(
        subjects(&found).last(),
        Some(&("CVE-2025-0003".to_owned(), 0))
    );
}

/// The words that the schema of CycloneDX 1.6 allows, and the fields that it requires, written down by hand from it.
fn check_shape(bom: &Value) {
    let keys = |value: &Value, allowed: &[&str], required: &[&str]| {
        let object = value.as_object().expect("an object");
        for key in object.keys() {
            assert!(
                allowed.contains(&key.as_str()),
                "{key} is not in the schema"
            );
        }
        for key in required {
            assert!(object.contains_key(*key), "{key} is required");
        }
    };
    let word = |value: &Value, allowed: &[&str]| {
        assert!(
            allowed.contains(&value.as_str().expect("a word")),
            "{value} is not in the schema"
        );
    };
    keys(
        bom,
        &[
            "bomFormat",
            "specVersion",
            "serialNumber",
            "version",
            "metadata",
            "components",
            "vulnerabilities",
        ],
        &["bomFormat", "specVersion"],
    );
    assert_eq!(
        (bom["bomFormat"].as_str(), bom["specVersion"].as_str()),
        (Some("CycloneDX"), Some("1.6"))
    );
    let serial = bom["serialNumber"]
        .as_str()
        .expect("a text")
        .strip_prefix("urn:uuid:")
        .expect("a urn");
    let lengths: Vec<usize> = serial.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert!(bom["version"].as_u64().expect("a number") >= 1);
    let mut references = BTreeSet::new();
    for component in bom["components"].as_array().expect("a list") {
        keys(component, &["type", "bom-ref", "name"], &["type", "name"]);
        word(
            &component["type"],
            &[
                "application",
                "framework",
                "library",
                "container",
                "platform",
                "operating-system",
                "device",
                "device-driver",
                "firmware",
                "file",
                "machine-learning-model",
                "data",
                "cryptographic-asset",
            ],
        );
        assert!(
            references.insert(component["bom-ref"].as_str().expect("a text")),
            "bom-ref is unique"
        );
    }
    for entry in bom["vulnerabilities"].as_array().expect("a list") {
        keys(
            entry,
            &["bom-ref", "id", "source", "ratings", "analysis", "affects"],
            &[],
        );
        for rating in entry["ratings"].as_array().expect("a list") {
            keys(
                rating,
                &[
                    "source",
                    "score",
                    "severity",
                    "method",
                    "vector",
                    "justification",
                ],
                &[],
            );
            word(
                &rating["severity"],
                &[
                    "critical", "high", "medium", "low", "info", "none", "unknown",
                ],
            );
            word(
                &rating["method"],
                &[
                    "CVSSv2", "CVSSv3", "CVSSv31", "CVSSv4", "OWASP", "SSVC", "other",
                ],
            );
        }
        let analysis = &entry["analysis"];
        keys(
            analysis,
            &[
                "state",
                "justification",
                "response",
                "detail",
                "firstIssued",
                "lastUpdated",
            ],
            &[],
        );
        word(
            &analysis["state"],
            &[
                "resolved",
                "resolved_with_pedigree",
                "exploitable",
                "in_triage",
                "false_positive",
                "not_affected",
            ],
        );
        if let Some(justification) = analysis.get("justification") {
            word(
                justification,
                &[
                    "code_not_present",
                    "code_not_reachable",
                    "requires_configuration",
                    "requires_dependency",
                    "requires_environment",
                    "protected_by_compiler",
                    "protected_at_runtime",
                    "protected_at_perimeter",
                    "protected_by_mitigating_control",
                ],
            );
        }
        for response in analysis
            .get("response")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            word(
                response,
                &[
                    "can_not_fix",
                    "will_not_fix",
                    "update",
                    "rollback",
                    "workaround_available",
                ],
            );
        }
        for affected in entry["affects"].as_array().expect("a list") {
            keys(affected, &["ref", "versions"], &["ref"]);
            assert!(
                references.contains(affected["ref"].as_str().expect("a text")),
                "the ref is in the document"
            );
        }
    }
}

#[test]
fn decisions_are_exported_as_vex_in_the_shape_of_cyclonedx() {
    let catalogue = catalogue();
    let mut ledger = Ledger::default();
    let verdict = Verdict::NotAffected(Justification::CodeNotReachable);
    ledger
        .add(decision(
            "CVE-2025-0003",
            Scope::Class("camera".into()),
            verdict,
            30,
        ))
        .expect("a decision");
    ledger
        .add(decision(
            "CVE-2025-0002",
            Scope::Fleet,
            Verdict::Accepted,
            30,
        ))
        .expect("a decision");
    let found = fleet(&catalogue, &ledger, NOW);
    let bytes = export::vex(&found, &ledger, &catalogue, [9; 16], NOW);
    let bom: Value = serde_json::from_slice(&bytes).expect("JSON");
    check_shape(&bom);
    let states: BTreeSet<(&str, &str, usize)> = bom["vulnerabilities"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            let affects = entry["affects"].as_array().expect("a list").len();
            (
                entry["id"].as_str().expect("an id"),
                entry["analysis"]["state"].as_str().expect("a state"),
                affects,
            )
        })
        .collect();
    assert_eq!(
        states,
        BTreeSet::from([
            ("CVE-2025-0001", "in_triage", 3),
            ("CVE-2025-0002", "exploitable", 3),
            ("CVE-2025-0003", "in_triage", 1),
            ("CVE-2025-0003", "not_affected", 2),
        ])
    );
}
