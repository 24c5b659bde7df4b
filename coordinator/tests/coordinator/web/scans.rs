//! Scans as jobs: planned for the nearest node, told again until it answers, fetched, compared, cancelled, and never of a PLC.

use std::time::Duration;

use axum::http::StatusCode;
use coordinator::live::State;
use coordinator::risk::holder::Holder;
use coordinator::risk::said::Said;
use coordinator::store::operators::Role;
use protocol::class::DeviceClass;
use protocol::contact::Contact;
use protocol::coordinator::Event;
use protocol::coordinator::save::Save;
use protocol::id::DeviceId;
use protocol::key::SecretKey;
use protocol::scan::{ScanPart, ScanStage, ScanStep, digest};
use protocol::signed::Signed;
use protocol::text::Path;
use serde_json::Value;
use tokio::sync::mpsc;

use super::findings::{CAMERA, DROPBEAR, TELNET, act, bring, scan};
use super::mesh::device_id;
use super::rig::{Asker, Rig, form, name, now};

const PLC: &str = "mac:00:0e:8c:00:00:01";

/// A coordinator that works on scans, with nodes 1 and 4 in the camera's subnet.
struct Bench {
    rig: Rig,
    admin: Asker,
    parts: mpsc::Sender<(DeviceId, ScanPart)>,
}

impl Bench {
    async fn new() -> Self {
        let (rig, admin) = Rig::with_admin().await;
        rig.change_live(|live| {
            for device in &mut live.devices {
                if device.device == device_id(4) {
                    (device.state, device.linked) = (State::Online, true);
                }
            }
        });
        for (number, address) in [(1, "10.0.0.2"), (4, "10.0.0.3")] {
            let contact = Contact {
                device: device_id(number),
                time: now(),
                addresses: vec![Path::new(format!("/ip4/{address}/tcp/7445")).unwrap()],
            };
            let contact = Signed::seal(contact, &SecretKey::from_seed(&[number; 32]));
            rig.save(Save::Contact {
                device: device_id(number),
                contact: contact.bytes().to_vec(),
            });
        }
        bring(&rig, "");
        let (parts, received) = mpsc::channel(8);
        let work = rig
            .scans
            .clone()
            .work(rig.events.subscribe(), received, rig.stopping.clone());
        tokio::spawn(work);
        Self { rig, admin, parts }
    }

    fn describe_plc(&self) {
        let said = Said {
            name: Some("press-plc".into()),
            class: Some(DeviceClass::Plc),
            ..Said::default()
        };
        let holder: Holder = PLC.parse().unwrap();
        self.rig
            .risk
            .describe(holder, &said, act("device.describe"))
            .unwrap();
        let of_plc = scan("")
            .replace("10.0.0.77", "10.0.0.88")
            .replace("B8:27:EB:00:00:01", "00:0E:8C:00:00:01");
        let by = coordinator::risk::intake::Bringer {
            by: "amina".into(),
            job: None,
        };
        self.rig
            .risk
            .import_scan(of_plc.as_bytes(), None, &by, None)
            .unwrap();
    }

    async fn ask(&self, json: &str) -> (StatusCode, Value) {
        let answer = self.rig.post_json(&self.admin, "/api/v1/scans", json).await;
        (answer.status, answer.json())
    }

    async fn job(&self, id: &Value) -> Value {
        self.rig
            .get(&self.admin, &format!("/api/v1/scans/{id}"))
            .await
            .json()
    }

    fn steps(&self, node: u8, job: &Value, stage: ScanStage) {
        let (device, job) = (device_id(node), job.as_u64().unwrap());
        let step = ScanStep { job, stage };
        self.rig.happens([Event::Scanned { device, step }]);
    }

    async fn state(&self, id: &Value, node: usize, expected: &str) -> Value {
        for _ in 0..200 {
            let job = self.job(id).await;
            if job["nodes"][node]["state"] == expected {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{expected}: {}", self.job(id).await);
    }

    async fn finds(&self, node: u8, place: usize, id: &Value, found: &str) {
        self.steps(
            node,
            id,
            ScanStage::Finished {
                hosts: 1,
                bytes: found.len() as u64,
                digest: digest(found.as_bytes()),
            },
        );
        self.state(id, place, "fetching").await;
        let half = found.len() / 2;
        for (from, to) in [(0, half), (half, found.len())] {
            let part = ScanPart {
                job: id.as_u64().unwrap(),
                from: from as u64,
                total: found.len() as u64,
                bytes: found.as_bytes()[from..to].to_vec().into(),
            };
            self.parts.send((device_id(node), part)).await.unwrap();
        }
    }
}

#[tokio::test]
pub async fn a_job_goes_to_the_nearest_node_and_what_it_finds_becomes_findings() {
    let bench = Bench::new().await;
    let (status, job) = bench.ask(&format!(r#"{{"targets":["{CAMERA}"]}}"#)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job}");
    assert_eq!(job["nodes"][0]["targets"][0], "10.0.0.77", "{job}");
    assert_eq!(job["nodes"].as_array().map(Vec::len), Some(1));
    let id = &job["id"];
    bench.steps(
        1,
        id,
        ScanStage::Running {
            phase: name("Service scan"),
            done: 4_250,
            hosts: 0,
        },
    );
    bench.state(id, 0, "running").await;
    let page = bench
        .rig
        .get(&bench.admin, &format!("/scans/{id}"))
        .await
        .body;
    assert!(
        page.contains("Service scan") && page.contains("42 % of this phase"),
        "{page}"
    );
    bench
        .finds(1, 0, id, &scan(&format!("{TELNET}{DROPBEAR}")))
        .await;
    let done = bench.state(id, 0, "finished").await;
    assert_eq!(done["over"], true);
    let found = bench
        .rig
        .get(&bench.admin, "/api/v1/vulnerabilities/service:telnet")
        .await
        .json();
    assert_eq!(found["open_devices"], 1, "{found}");
    let raw = bench
        .rig
        .get(
            &bench.admin,
            &format!("/api/v1/scans/kept/{}", done["nodes"][0]["scan"]),
        )
        .await;
    assert_eq!(raw.body, scan(&format!("{TELNET}{DROPBEAR}")));
    let cancel = bench
        .rig
        .post_json(&bench.admin, &format!("/api/v1/scans/{id}/cancel"), "{}")
        .await;
    assert_eq!(cancel.status, StatusCode::CONFLICT, "it is over");
}

#[tokio::test]
async fn two_nodes_look_and_what_is_open_to_one_alone_is_a_finding() {
    let bench = Bench::new().await;
    let (_, job) = bench
        .ask(&format!(r#"{{"targets":["{CAMERA}"],"views":"two"}}"#))
        .await;
    let id = &job["id"];
    assert_eq!(job["nodes"].as_array().map(Vec::len), Some(2), "{job}");
    let shut = TELNET.replace("state=\"open\"", "state=\"closed\"");
    bench.finds(1, 0, id, &scan(TELNET)).await;
    bench.state(id, 0, "finished").await;
    bench.finds(4, 1, id, &scan(&shut)).await;
    bench.state(id, 1, "finished").await;
    let found = bench
        .rig
        .get(
            &bench.admin,
            "/api/v1/vulnerabilities/difference:open-to-one",
        )
        .await
        .json();
    assert_eq!(found["open_devices"], 1, "{found}");
}

#[tokio::test]
async fn a_plc_is_never_scanned_unless_an_administrator_types_its_name() {
    let bench = Bench::new().await;
    bench.describe_plc();
    let (status, refused) = bench.ask(&format!(r#"{{"targets":["{PLC}"]}}"#)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.to_string().contains("types its name"), "{refused}");
    let (status, _) = bench
        .ask(r#"{"targets":["10.0.0.88"],"confirm":"another"}"#)
        .await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "by its address neither"
    );
    let (_, job) = bench
        .ask(r#"{"targets":["10.0.0.0/24"],"confirm":"press-plc"}"#)
        .await;
    let kept = bench
        .rig
        .reader
        .job(job["id"].as_u64().unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(
        kept.errands[0].spared,
        ["10.0.0.88"],
        "a network never holds it"
    );
    let (_, all) = bench.ask("{}").await;
    assert!(all["spared"].to_string().contains("press-plc"), "{all}");
    assert!(!all["nodes"].to_string().contains("10.0.0.88"), "{all}");
    let operator = bench.rig.token(Role::Operator);
    let confirmed = format!(r#"{{"targets":["{PLC}"],"confirm":"press-plc"}}"#);
    let refused = bench
        .rig
        .post_json(&operator, "/api/v1/scans", &confirmed)
        .await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "an operator is no administrator"
    );
    let (status, job) = bench.ask(&confirmed).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job}");
    assert_eq!(job["nodes"][0]["targets"][0], "10.0.0.88");
}

#[tokio::test]
async fn targets_without_a_node_and_words_that_are_none_are_refused_beside_their_field() {
    let bench = Bench::new().await;
    for target in [
        "10.9.0.0/24",
        "127.0.0.1",
        "the-moon",
        "10.0.0.0/8",
        "--script=x",
    ] {
        let (status, told) = bench.ask(&format!(r#"{{"targets":["{target}"]}}"#)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{target}: {told}");
    }
    let typed = form(&[
        ("targets", "10.9.0.0/24"),
        ("depth", "deep"),
        ("views", "one"),
        ("confirm", ""),
        ("every", ""),
    ]);
    let page = bench.rig.post(&bench.admin, "/scans", &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body.contains("Write known or every.") && page.body.contains("10.9.0.0/24"),
        "{}",
        page.body
    );
    let typed = typed.replace("depth=deep", "depth=known");
    let page = bench.rig.post(&bench.admin, "/scans", &typed).await;
    assert!(
        page.body.contains("nobody else may scan it"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn what_a_node_sends_is_held_against_what_it_signed() {
    let bench = Bench::new().await;
    let (_, job) = bench.ask(&format!(r#"{{"targets":["{CAMERA}"]}}"#)).await;
    let id = &job["id"];
    let (signed, sent) = (scan(TELNET), scan(DROPBEAR));
    let sent = &sent[..signed.len().min(sent.len())];
    bench.steps(
        1,
        id,
        ScanStage::Finished {
            hosts: 1,
            bytes: sent.len() as u64,
            digest: digest(signed.as_bytes()),
        },
    );
    bench.state(id, 0, "fetching").await;
    let part = ScanPart {
        job: id.as_u64().unwrap(),
        from: 0,
        total: sent.len() as u64,
        bytes: sent.as_bytes().to_vec().into(),
    };
    bench
        .parts
        .send((device_id(4), part.clone()))
        .await
        .unwrap();
    bench.parts.send((device_id(1), part)).await.unwrap();
    let job = bench.state(id, 0, "failed").await;
    assert!(
        job.to_string()
            .contains("something else than it has signed"),
        "{job}"
    );
    assert!(bench.rig.risk.index().findings.is_empty());
}

#[tokio::test]
pub async fn a_job_is_cancelled_and_a_schedule_asks_again_by_itself() {
    let bench = Bench::new().await;
    let (_, job) = bench.ask(&format!(r#"{{"targets":["{CAMERA}"]}}"#)).await;
    let id = &job["id"];
    bench.steps(
        1,
        id,
        ScanStage::Running {
            phase: name("Connect Scan"),
            done: 1,
            hosts: 0,
        },
    );
    bench.state(id, 0, "running").await;
    let done = bench
        .rig
        .post(&bench.admin, &format!("/scans/{id}/cancel"), "")
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    bench.state(id, 0, "cancelling").await;
    bench.steps(1, id, ScanStage::Cancelled);
    bench.state(id, 0, "cancelled").await;
    let typed = form(&[
        ("targets", CAMERA),
        ("depth", "known"),
        ("views", "one"),
        ("confirm", ""),
        ("every", "24"),
    ]);
    let done = bench.rig.post(&bench.admin, "/scans", &typed).await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, "/scans"),
        "{}",
        done.body
    );
    for _ in 0..100 {
        let jobs = bench.rig.get(&bench.admin, "/api/v1/scans").await.json();
        if jobs["items"].as_array().is_some_and(|jobs| jobs.len() == 2) {
            let schedules = bench
                .rig
                .get(&bench.admin, "/api/v1/scans/schedules")
                .await
                .json();
            assert_eq!(schedules["items"][0]["every_s"], 86_400);
            let stop = bench
                .rig
                .post(&bench.admin, "/scans/schedules", "schedule=1")
                .await;
            assert_eq!(stop.status, StatusCode::SEE_OTHER);
            assert!(bench.rig.reader.schedules().unwrap().is_empty());
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the schedule asks within ten seconds");
}
