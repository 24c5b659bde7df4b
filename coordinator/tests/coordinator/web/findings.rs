//! Findings as people and programs see them: brought in by files, put in order, decided about, and gone when they are fixed.

use axum::http::StatusCode;
use coordinator::risk::holder::Holder;
use coordinator::risk::intake::{Bringer, FeedKind, Owner};
use coordinator::store::audit::Act;
use coordinator::store::operators::Role;
use findings::finding::decision::{Decision, Scope, Verdict};
use findings::time::Moment;
use protocol::id::DeviceId;
use protocol::text::Path;

use super::mesh::device_id;
use super::rig::{Asker, HOSTILE, Rig, form, name, now};

#[path = "findings/measured.rs"]
mod measured;

pub const NVD: &str = r#"{"resultsPerPage":1,"format":"NVD_CVE","version":"2.0","timestamp":"2026-11-01T00:00:00.000","vulnerabilities":[
{"cve":{"id":"CVE-2016-7406","vulnStatus":"Modified","published":"2017-03-03T16:59:00.173","lastModified":"2024-11-21T02:57:57.860",
"descriptions":[{"lang":"en","value":"Format string vulnerability in <b>Dropbear</b> SSH before 2016.74"}],
"metrics":{"cvssMetricV30":[{"source":"nvd@nist.gov","type":"Primary","cvssData":{"version":"3.0","vectorString":"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8}}]},
"configurations":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:dropbear_ssh_project:dropbear_ssh:*:*:*:*:*:*:*:*","versionEndExcluding":"2016.74","matchCriteriaId":"X"}]}]}]}}]}"#;
const KEV: &str = r#"{"catalogVersion":"2026.11.01","dateReleased":"2026-11-01T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2016-7406","vendorProject":"Dropbear","product":"SSH","vulnerabilityName":"Dropbear format string","dateAdded":"2026-10-01","shortDescription":"x","requiredAction":"Update.","dueDate":"2026-12-01","knownRansomwareCampaignUse":"Known"}]}"#;
/// An old server that the scanner has no name for.
const UNNAMED: &str = r#"<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><service name="ssh" method="table" conf="3" servicefp="SF-Port22-TCP:V=7.93%I=2%D=11/1%r(NULL,19,&quot;SSH-2\.0-dropbear_2013\.59\r\n&quot;);"/></port>"#;
/// Written by hand in recog's form.
const PATTERNS: &str = r#"<?xml version="1.0"?><fingerprints matches="ssh.banner" protocol="ssh"><fingerprint pattern="^dropbear_([\d.]+)$"><description>Dropbear</description>
<param pos="1" name="service.version"/><param pos="0" name="service.cpe23" value="cpe:/a:dropbear_ssh_project:dropbear_ssh:{service.version}"/></fingerprint></fingerprints>"#;
const BILL: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"log4j-core","version":"2.14.1","purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]}"#;

pub const CAMERA: &str = "mac:b8:27:eb:00:00:01";

/// What nmap says of a camera without a node, with the given services.
pub fn scan(services: &str) -> String {
    format!(
        r#"<nmaprun scanner="nmap" version="7.93" args="nmap -sV"><host><status state="up" reason="arp-response"/><address addr="10.0.0.77" addrtype="ipv4"/><address addr="B8:27:EB:00:00:01" addrtype="mac" vendor="{}"/><hostnames><hostname name="cam-lobby" type="PTR"/></hostnames><ports>{services}</ports></host><runstats><finished time="1795254000" exit="success"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>"#,
        "&lt;script&gt;alert(1)&lt;/script&gt;"
    )
}

pub const TELNET: &str = r#"<port protocol="tcp" portid="23"><state state="open" reason="syn-ack"/><service name="telnet" product="BusyBox telnetd" method="probed" conf="10"/></port>"#;
pub const DROPBEAR: &str = r#"<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><service name="ssh" product="Dropbear sshd" version="2013.59" method="probed" conf="10"><cpe>cpe:/a:matt_johnston:dropbear_ssh_server:2013.59</cpe></service></port>"#;

pub fn act(action: &str) -> Act {
    Act {
        time: now(),
        actor: name("amina"),
        action: name(action),
        object: Path::new("test").unwrap(),
        before: None,
        after: None,
        address: None,
        request: None,
    }
}

pub fn bring(rig: &Rig, services: &str) {
    let by = Bringer {
        by: "amina".into(),
        job: None,
    };
    rig.risk
        .import_scan(
            scan(services).as_bytes(),
            None,
            &by,
            Some(act("scan.import")),
        )
        .unwrap();
}

fn advise(rig: &Rig) {
    for (kind, file) in [(FeedKind::Nvd, NVD), (FeedKind::Kev, KEV)] {
        assert_eq!(FeedKind::guess(file.as_bytes()), Some(kind));
        rig.risk
            .import_feed(kind, file.as_bytes(), None, act("feed.import"))
            .unwrap();
    }
}

async fn score(rig: &Rig, asker: &Asker) -> (f64, f64) {
    let path = format!("/api/v1/devices/{CAMERA}/score");
    let told = rig.get(asker, &path).await.json();
    let lost = told["parts"].as_array().expect("parts").iter();
    let lost: f64 = lost.map(|part| part["lost"].as_f64().unwrap()).sum();
    (told["score"].as_f64().unwrap(), lost)
}

#[tokio::test]
async fn a_scan_and_a_feed_become_findings_in_order_and_vanish_when_they_are_fixed() {
    let (rig, admin) = Rig::with_admin().await;
    let empty = rig.get(&admin, "/findings").await.body;
    assert!(
        empty.contains("Nothing is known about vulnerabilities yet"),
        "{empty}"
    );
    bring(&rig, &format!("{TELNET}{DROPBEAR}"));
    advise(&rig);
    let page = rig.get(&admin, "/findings").await.body;
    let places: Vec<_> = ["CVE-2016-7406", "service:telnet"]
        .map(|id| {
            page.find(id)
                .unwrap_or_else(|| panic!("{id} is listed: {page}"))
        })
        .to_vec();
    assert!(places[0] < places[1], "what is exploited comes first");
    assert!(page.contains("days old"), "the age of the feed is shown");
    let told = rig.get(&admin, "/api/v1/vulnerabilities").await.json();
    assert_eq!(told["items"][0]["id"], "CVE-2016-7406");
    assert_eq!(told["items"][0]["cvss"], 9.8);
    assert_eq!(told["items"][0]["ransomware"], true);
    let (before, lost) = score(&rig, &admin).await;
    assert!((before + lost - 100.0).abs() < 1e-9, "{before} + {lost}");
    bring(&rig, DROPBEAR);
    let told = rig
        .get(&admin, "/api/v1/vulnerabilities?filter=kind%3D%3Dservice")
        .await
        .json();
    let ids: Vec<_> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].clone())
        .collect();
    assert_eq!(ids, ["service:old-ssh"], "telnet is gone");
    let (after, _) = score(&rig, &admin).await;
    assert!(after > before, "{after} after {before}");
    let overview = rig.get(&admin, "/").await.body;
    assert!(
        overview.contains("Fix first") && overview.contains("CVE-2016-7406"),
        "{overview}"
    );
}

#[tokio::test]
async fn a_service_that_the_scanner_cannot_name_is_known_by_patterns_of_the_feed() {
    let (rig, admin) = Rig::with_admin().await;
    bring(&rig, UNNAMED);
    advise(&rig);
    let known = async || {
        let told = rig.get(&admin, "/api/v1/vulnerabilities").await.json();
        let mut items = told["items"].as_array().expect("items").iter();
        items.any(|item| item["id"] == "CVE-2016-7406")
    };
    assert!(!known().await, "nobody knows what answers there");
    let kind = FeedKind::guess(PATTERNS.as_bytes());
    assert_eq!(kind, Some(FeedKind::Patterns));
    let bring_patterns = |file: &str| {
        let act = act("feed.import");
        rig.risk
            .import_feed(FeedKind::Patterns, file.as_bytes(), None, act)
    };
    for _ in 0..2 {
        let brought = bring_patterns(PATTERNS).unwrap();
        assert_eq!((brought.entries, brought.skipped), (1, 0));
        assert!(known().await);
    }
    let refused = bring_patterns("<fingerprints><fingerprint/></fingerprints>");
    assert!(refused.unwrap_err().to_string().contains("`matches`"));
    let told = rig.get(&admin, "/api/v1/feed").await.json();
    assert_eq!(told["patterns"], 1);
    let mut sources = told["sources"].as_array().unwrap().iter();
    assert!(sources.any(|one| one["source"] == "recog" && one["entries"] == 1));
    let exported = rig.risk.index().feed.write();
    rig.risk
        .import_feed(FeedKind::Feed, &exported, None, act("feed.import"))
        .unwrap();
    assert!(known().await, "patterns travel with the feed");
}

#[tokio::test]
pub async fn a_decision_closes_its_scope_is_audited_and_is_exported() {
    let (rig, admin) = Rig::with_admin().await;
    bring(&rig, DROPBEAR);
    advise(&rig);
    let page = "/findings/CVE-2016-7406";
    let typed = |until: &str| {
        form(&[
            ("verdict", "not_affected"),
            ("justification", "code_not_reachable"),
            ("reason", "The port is shut by the switch."),
            ("scope", "fleet"),
            ("until", until),
        ])
    };
    let wrong = rig.post(&admin, page, &typed("soon")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("Write a number of days"),
        "{}",
        wrong.body
    );
    assert!(
        wrong.body.contains("The port is shut by the switch."),
        "what was typed is kept"
    );
    let (before, _) = score(&rig, &admin).await;
    let done = rig.post(&admin, page, &typed("30")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let told = rig
        .get(&admin, "/api/v1/vulnerabilities/CVE-2016-7406")
        .await
        .json();
    assert_eq!(told["open_devices"], 0);
    assert_eq!(told["occurrences"][0]["state"], "not_affected");
    assert_eq!(told["decisions"][0]["by"], "amina");
    assert!(rig.audited().contains(&"finding.decide".to_owned()));
    assert!(score(&rig, &admin).await.0 > before);
    let vex = rig.get(&admin, "/api/v1/vex").await.json();
    assert_eq!(
        vex["vulnerabilities"][0]["analysis"]["state"],
        "not_affected"
    );
    let shown = rig.get(&admin, page).await.body;
    assert!(
        shown.contains("not affected") && shown.contains("amina"),
        "{shown}"
    );
}

#[tokio::test]
async fn what_a_decision_closed_is_open_again_on_its_day() {
    let (rig, admin) = Rig::with_admin().await;
    bring(&rig, DROPBEAR);
    advise(&rig);
    let second = now().as_millis() / 1000;
    let decision = Decision {
        subject: coordinator::risk::decide::subject("CVE-2016-7406").unwrap(),
        verdict: Verdict::Accepted,
        reason: "Until the update.".into(),
        scope: Scope::Fleet,
        by: "amina".into(),
        at: Moment(second - 10),
        expires: Some(Moment(second + 1)),
    };
    rig.writer
        .write(|changes| changes.add_decision(&decision))
        .unwrap();
    rig.risk.reread().unwrap();
    let open = async || {
        let told = rig
            .get(&admin, "/api/v1/vulnerabilities/CVE-2016-7406")
            .await
            .json();
        told["open_devices"].as_u64().unwrap()
    };
    assert_eq!(open().await, 0);
    while now().as_millis() / 1000 <= second {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    rig.risk.look().unwrap();
    assert_eq!(open().await, 1);
}

#[tokio::test]
pub async fn programs_filter_page_and_decide_and_viewers_only_look() {
    let (rig, admin) = Rig::with_admin().await;
    bring(&rig, &format!("{TELNET}{DROPBEAR}"));
    advise(&rig);
    let first = rig.get(&admin, "/api/v1/vulnerabilities?limit=1").await;
    assert!(
        first.header("link").contains("cursor=CVE-2016-7406"),
        "{:?}",
        first.headers
    );
    let second = rig
        .get(
            &admin,
            "/api/v1/vulnerabilities?limit=1&cursor=CVE-2016-7406",
        )
        .await
        .json();
    assert_eq!(second["items"][0]["id"], "service:telnet");
    let wrong = rig
        .get(&admin, "/api/v1/vulnerabilities?filter=colour%3D%3Dred")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong_page = rig.get(&admin, "/findings?q=colour%3D%3Dred").await;
    assert_eq!(wrong_page.status, StatusCode::OK);
    assert!(
        wrong_page.body.contains("there is no field colour"),
        "{}",
        wrong_page.body
    );
    let decisions = "/api/v1/vulnerabilities/service:telnet/decisions";
    let json = format!(
        r#"{{"verdict":"accepted","reason":"The bench needs it.","scope":"device:{CAMERA}"}}"#
    );
    let viewer = rig.token(Role::Viewer);
    assert_eq!(
        rig.post_json(&viewer, decisions, &json).await.status,
        StatusCode::FORBIDDEN
    );
    let program = rig.token(Role::Operator);
    let done = rig.post_json(&program, decisions, &json).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    let missing = rig
        .post_json(
            &program,
            "/api/v1/vulnerabilities/CVE-1999-0001/decisions",
            &json,
        )
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let on = rig
        .get(&viewer, &format!("/api/v1/devices/{CAMERA}/findings"))
        .await
        .json();
    let states: Vec<_> = on["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["state"].clone())
        .collect();
    assert!(states.contains(&"accepted".into()), "{on}");
}

#[tokio::test]
pub async fn a_kept_filter_and_a_tag_mean_the_same_to_pages_and_programs() {
    let (rig, admin) = Rig::with_admin().await;
    bring(&rig, TELNET);
    let said = coordinator::risk::said::Said {
        tags: Some(["floor2".to_owned()].into()),
        ..Default::default()
    };
    rig.risk
        .describe(CAMERA.parse().unwrap(), &said, act("device.describe"))
        .unwrap();
    let keep = |name: &str, filter: &str| form(&[("name", name), ("filter", filter)]);
    let done = rig
        .post(&admin, "/findings/views", &keep("upstairs", "tag:floor2"))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = rig.get(&admin, done.location()).await.body;
    assert!(
        page.contains("upstairs") && page.contains("service:telnet"),
        "{page}"
    );
    let views = rig.get(&admin, "/api/v1/views").await.json();
    let filter = views["upstairs"].as_str().unwrap();
    let query = serde_urlencoded::to_string([("filter", filter)]).unwrap();
    let told = rig
        .get(&admin, &format!("/api/v1/vulnerabilities?{query}"))
        .await
        .json();
    assert_eq!(told["items"][0]["id"], "service:telnet");
    let other = rig
        .get(&admin, "/api/v1/vulnerabilities?filter=tag%3Afloor3")
        .await
        .json();
    assert_eq!(other["items"].as_array().map(Vec::len), Some(0));
    let wrong = rig
        .post(&admin, "/findings/views", &keep("x", "colour==red"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    rig.post(&admin, "/findings/views", &keep("upstairs", ""))
        .await;
    assert_eq!(rig.get(&admin, "/api/v1/views").await.body, "{}");
}

#[tokio::test]
async fn a_library_is_found_on_whoever_has_it() {
    let (rig, admin) = Rig::with_admin().await;
    let owner = Owner::Device(Holder::Member(device_id(1)));
    rig.risk
        .import_sbom(BILL.as_bytes(), &owner, act("sbom.import"))
        .unwrap();
    let firmware: Owner = "firmware:cam@1.2".parse().unwrap();
    rig.risk
        .import_sbom(BILL.as_bytes(), &firmware, act("sbom.import"))
        .unwrap();
    let nobody = Owner::Device(Holder::Member(DeviceId::from_bytes([9; 8])));
    assert!(
        rig.risk
            .import_sbom(BILL.as_bytes(), &nobody, act("sbom.import"))
            .is_err()
    );
    let told = rig.get(&admin, "/api/v1/libraries?q=LOG4J").await.json();
    let devices = told["items"][0]["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 2, "{told}");
    let page = rig.get(&admin, "/findings/libraries?q=log4j").await.body;
    assert!(
        page.contains("boiler-sensor") && page.contains("2.14.1"),
        "{page}"
    );
}

#[tokio::test]
async fn what_strangers_call_themselves_stays_text() {
    let (rig, admin) = Rig::with_admin().await;
    bring(&rig, TELNET);
    for path in [
        "/findings".to_owned(),
        "/findings/service:telnet".to_owned(),
        format!("/findings/on/{CAMERA}"),
    ] {
        let page = rig.get(&admin, &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert!(!page.body.contains("<script>alert"), "{path}");
        assert!(!page.body.contains(HOSTILE), "{path}");
    }
}

#[tokio::test]
async fn a_whole_feed_is_not_taken_back_and_nonsense_changes_nothing() {
    let (rig, admin) = Rig::with_admin().await;
    advise(&rig);
    let before = rig.get(&admin, "/api/v1/feed").await.json();
    let old = findings::advisory::feed::Feed {
        issued: Moment(1),
        ..Default::default()
    };
    for (kind, file) in [
        (FeedKind::Feed, old.write()),
        (FeedKind::Feed, b"{}".to_vec()),
        (FeedKind::Nvd, b"[]".to_vec()),
        (FeedKind::Kev, b"<nmaprun/>".to_vec()),
    ] {
        assert!(
            rig.risk
                .import_feed(kind, &file, None, act("feed.import"))
                .is_err(),
            "{kind:?}"
        );
    }
    let by = Bringer {
        by: "amina".into(),
        job: None,
    };
    for file in [
        &b"<report id='x'/>"[..],
        b"",
        b"<nmaprun/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><nmaprun>&b;</nmaprun>",
    ] {
        assert!(rig.risk.import_scan(file, None, &by, None).is_err());
    }
    assert_eq!(rig.get(&admin, "/api/v1/feed").await.json(), before);
}
