//! A scan of what runs no node, a small feed of advisories, and a decision about one finding.

use std::fmt::Write as _;

use ::findings::time::Moment;
use coordinator::risk::Risk;
use coordinator::risk::intake::{Bringer, FeedKind};
use coordinator::store::fault::ChangeError;
use coordinator::store::jobs::{Errand, Job, ScanWish, Spared, Stage};
use protocol::class::DeviceClass;
use protocol::time::Timestamp;

use super::act;
use super::site::Site;

/// Facts of public advisories, in the form that NVD gives them.
const ADVISORIES: [(&str, &str, &str, &str, f64); 3] = [
    (
        "CVE-2016-7406",
        "Dropbear SSH before 2016.74 takes a format string from outside.",
        "dropbear_ssh_project:dropbear_ssh",
        "2016.74",
        9.8,
    ),
    (
        "CVE-2023-48795",
        "SSH servers that leave out messages of a handshake (Terrapin).",
        "openbsd:openssh",
        "9.6",
        5.9,
    ),
    (
        "CVE-2021-41773",
        "Apache 2.4.49 leads out of its folder.",
        "apache:http_server",
        "2.4.50",
        7.5,
    ),
];

pub fn arrive(risk: &Risk, site: &Site, now: Timestamp) -> anyhow::Result<()> {
    let noted = |action, object| act(now, "otto", action, object);
    let nvd = nvd();
    risk.import_feed(
        FeedKind::Nvd,
        nvd.as_bytes(),
        None,
        noted("feed.import", "nvd"),
    )?;
    risk.import_feed(
        FeedKind::Kev,
        KEV.as_bytes(),
        None,
        noted("feed.import", "kev"),
    )?;
    let by = Bringer {
        by: "otto".to_owned(),
        job: None,
    };
    let scan = scan(site, now);
    let noted = noted("scan.import", "strangers.xml");
    let brought = risk.import_scan(scan.as_bytes(), None, &by, Some(noted))?;
    let job = job(site, brought.scan.unwrap_or_default(), now);
    let stored = site.store.writer().write(|changes| changes.put_job(&job));
    stored.map_err(|error: ChangeError| anyhow::anyhow!(error))?;
    risk.look()?;
    Ok(())
}

/// The job that made the scan; what must not be scanned was spared.
fn job(site: &Site, scan: u64, now: Timestamp) -> Job {
    let asked = Moment(now.as_millis() / 1_000 - 3_600);
    let plcs = site
        .seats
        .iter()
        .filter(|seat| seat.class == DeviceClass::Plc);
    Job {
        number: 1,
        asked,
        by: "otto".to_owned(),
        wish: ScanWish::default(),
        spared: plcs
            .map(|seat| Spared {
                device: seat.device.to_string(),
                name: seat.name.to_string(),
                why: "a plc is scanned when an administrator types its name".to_owned(),
            })
            .collect(),
        errands: vec![Errand {
            node: site.seats[0].device.to_string(),
            name: site.seats[0].name.to_string(),
            targets: site
                .strangers
                .iter()
                .map(|one| one.address.to_string())
                .collect(),
            spared: Vec::new(),
            until: asked,
            at: Moment(now.as_millis() / 1_000),
            stage: Stage::Finished {
                hosts: u32::try_from(site.strangers.len()).unwrap_or(u32::MAX),
                scan,
            },
        }],
    }
}

fn nvd() -> String {
    let mut text = String::from(
        r#"{"resultsPerPage":3,"format":"NVD_CVE","version":"2.0","timestamp":"2026-11-20T00:00:00.000","vulnerabilities":["#,
    );
    for (place, (id, says, product, before, score)) in ADVISORIES.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(text, r#"{comma}{{"cve":{{"id":"{id}","vulnStatus":"Modified","published":"2024-01-01T00:00:00.000","lastModified":"2026-11-01T00:00:00.000","descriptions":[{{"lang":"en","value":"{says}"}}],"metrics":{{"cvssMetricV31":[{{"source":"nvd@nist.gov","type":"Primary","cvssData":{{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":{score}}}}}]}},"configurations":[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:{product}:*:*:*:*:*:*:*:*","versionEndExcluding":"{before}","matchCriteriaId":"X{place}"}}]}}]}}]}}}}"#).expect("a text grows");
    }
    text.push_str("]}");
    text
}

const KEV: &str = r#"{"catalogVersion":"2026.11.20","dateReleased":"2026-11-20T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2021-41773","vendorProject":"Apache","product":"HTTP Server","vulnerabilityName":"Apache path traversal","dateAdded":"2021-11-03","shortDescription":"x","requiredAction":"Update.","dueDate":"2026-12-15","knownRansomwareCampaignUse":"Known"}]}"#;

/// What nmap would say of every stranger.
fn scan(site: &Site, now: Timestamp) -> String {
    let mut text = String::from(r#"<nmaprun scanner="nmap" version="7.93" args="nmap -sV">"#);
    for one in &site.strangers {
        let (address, mac, name) = (one.address, one.mac, &one.name);
        write!(text, r#"<host><status state="up" reason="arp-response"/><address addr="{address}" addrtype="ipv4"/><address addr="{mac}" addrtype="mac" vendor="{}"/><hostnames><hostname name="{name}" type="PTR"/></hostnames><ports>"#, one.vendor).expect("a text grows");
        for port in &one.ports {
            text.push_str(&service(*port));
        }
        text.push_str("</ports></host>");
    }
    let (finished, hosts) = (now.as_millis() / 1_000, site.strangers.len());
    write!(text, r#"<runstats><finished time="{finished}" exit="success"/><hosts up="{hosts}" down="0" total="{hosts}"/></runstats></nmaprun>"#).expect("a text grows");
    text
}

fn service(port: u16) -> String {
    let known = match port {
        22 => {
            r#"<service name="ssh" product="Dropbear sshd" version="2013.59" method="probed" conf="10"><cpe>cpe:/a:matt_johnston:dropbear_ssh_server:2013.59</cpe></service>"#
        }
        23 => r#"<service name="telnet" product="BusyBox telnetd" method="probed" conf="10"/>"#,
        80 => {
            r#"<service name="http" product="Apache httpd" version="2.4.49" method="probed" conf="10"><cpe>cpe:/a:apache:http_server:2.4.49</cpe></service>"#
        }
        1883 => r#"<service name="mqtt" method="probed" conf="10"/>"#,
        _ => r#"<service name="unknown" method="table" conf="3"/>"#,
    };
    format!(
        r#"<port protocol="tcp" portid="{port}"><state state="open" reason="syn-ack"/>{known}</port>"#
    )
}
