//! How long lists take with 5,000 devices and 200,000 findings: figures to be read, not asserted.
//!
//! `cargo test -p coordinator --test coordinator -- --ignored --nocapture measured`

use coordinator::risk::intake::{Bringer, FeedKind, Owner};

use super::act;
use crate::web::rig::Rig;
use crate::web::timing::{self, timed};

const DEVICES: usize = 5_000;
const PRODUCTS: usize = 100;
const PER_PRODUCT: usize = 40;

#[tokio::test]
#[ignore = "it measures, and takes minutes"]
async fn measured_lists_of_200_000_findings_on_5_000_devices() {
    let (rig, admin) = Rig::with_admin().await;
    timed("4,000 advisories imported", || {
        let feed = advisories();
        rig.risk
            .import_feed(FeedKind::Nvd, feed.as_bytes(), None, act("feed.import"))
            .unwrap();
    });
    let by = Bringer {
        by: "amina".into(),
        job: None,
    };
    timed("a scan of 5,000 hosts imported and matched", || {
        rig.risk
            .import_scan(hosts().as_bytes(), None, &by, None)
            .unwrap();
    });
    let index = rig.risk.index();
    println!(
        "{} devices, {} occurrences in {} findings",
        index.devices.len(),
        index.occurrences().count(),
        index.findings.len()
    );
    assert_eq!(index.occurrences().count(), DEVICES * PER_PRODUCT);
    let pages = [
        "/findings",
        "/findings?q=state%3D%3Dopen%20%26%26%20class%3Aother",
        "/findings?q=state%3D%3Dopen&after=CVE-2025-02000",
        "/findings/CVE-2025-00001",
        "/findings/on/mac:b8:27:eb:00:00:01",
        "/api/v1/vulnerabilities?limit=100",
        "/api/v1/vulnerabilities?limit=100&filter=cvss%3E%3D9%20%26%26%20devices%3E10",
        "/api/v1/devices/mac:b8:27:eb:00:00:01/findings",
    ];
    timing::pages(&rig, &admin, &pages).await;
    let id = "mac:b8:27:eb:00:00:02";
    let one = hosts_of(2..3);
    timed("one device scanned again", || {
        rig.risk
            .import_scan(one.as_bytes(), None, &by, None)
            .unwrap();
    });
    let bill = bill();
    let owner: Owner = id.parse().unwrap();
    timed("one bill of materials imported", || {
        rig.risk
            .import_sbom(bill.as_bytes(), &owner, act("sbom.import"))
            .unwrap();
    });
}

fn advisories() -> String {
    let entries: Vec<String> = (0..PRODUCTS * PER_PRODUCT)
        .map(|at| {
            let product = at / PER_PRODUCT;
            format!(
                r#"{{"cve":{{"id":"CVE-2025-{at:05}","vulnStatus":"Analyzed","descriptions":[{{"lang":"en","value":"Something is wrong"}}],"metrics":{{"cvssMetricV31":[{{"cvssData":{{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}}}]}},"configurations":[{{"nodes":[{{"operator":"OR","cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:acme:product{product}:*:*:*:*:*:*:*:*","versionEndExcluding":"2.0"}}]}}]}}]}}}}"#
            )
        })
        .collect();
    format!(
        "{{\"resultsPerPage\":1,\"vulnerabilities\":[{}]}}",
        entries.join(",")
    )
}

fn hosts() -> String {
    hosts_of(0..DEVICES)
}

fn hosts_of(which: std::ops::Range<usize>) -> String {
    let hosts: Vec<String> = which
        .map(|at| {
            let (high, low, product) = (at / 256, at % 256, at % PRODUCTS);
            format!(
                r#"<host><status state="up"/><address addr="10.0.{high}.{low}" addrtype="ipv4"/><address addr="B8:27:EB:00:{high:02X}:{low:02X}" addrtype="mac"/><ports><port protocol="tcp" portid="8443"><state state="open"/><service name="acme" product="Acme" version="1.0" method="probed"><cpe>cpe:/a:acme:product{product}:1.0</cpe></service></port></ports></host>"#
            )
        })
        .collect();
    format!("<nmaprun scanner=\"nmap\">{}</nmaprun>", hosts.join(""))
}

fn bill() -> String {
    let components: Vec<String> = (0..400)
        .map(|at| format!(r#"{{"type":"library","name":"library-{at}","version":"1.{at}"}}"#))
        .collect();
    format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{}]}}"#,
        components.join(",")
    )
}
