//! Lines of devices: sent, kept, shown as they came, and read by rules.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use coordinator::logbook::new_key;
use coordinator::store::logs::LINES_PER_DEVICE;
use coordinator::store::operators::Role;
use serde_json::json;

use super::mesh::device_id;
use super::rig::{Answer, Asker, HOSTILE, Rig, now};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/x-ndjson";

fn failed(port: u16) -> String {
    format!(
        "<38>1 2026-11-27T10:00:00Z cam sshd 4 - - Failed password for root from 203.0.113.9 port {port} ssh2\n"
    )
}

async fn send(rig: &Rig, asker: &Asker, query: &str, kind: &str, body: &str) -> Answer {
    let request = asker
        .request(Method::POST, &format!("/logs/send{query}"))
        .header(CONTENT_TYPE, kind);
    rig.ask(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

async fn by_key(rig: &Rig, key: &str, body: &str) -> Answer {
    let request = Asker::default()
        .request(Method::POST, "/logs/send")
        .header(AUTHORIZATION, format!("Bearer {key}"))
        .header(CONTENT_TYPE, TEXT);
    rig.ask(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

#[tokio::test]
async fn five_failed_logins_are_an_alert_within_five_seconds() {
    let rig = Rig::new();
    let token = rig.token(Role::Operator);
    let began = Instant::now();
    let device = format!("?device={}", device_id(1));
    let lines: String = (0..4).map(failed).collect();
    assert_eq!(
        send(&rig, &token, &device, TEXT, &lines).await.status,
        StatusCode::ACCEPTED
    );
    let alerts = || async { rig.get(&token, "/api/v1/alerts").await.json()["items"].clone() };
    assert_eq!(alerts().await, json!([]), "four are none");
    send(&rig, &token, &device, TEXT, &failed(5)).await;
    let told = alerts().await;
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(told[0]["rule"], "failed_logins");
    assert_eq!(told[0]["count"], 5);
    assert_eq!(told[0]["cause"], "address 203.0.113.9");
    assert_eq!(told[0]["attack"], "T1110");
    for _ in 0..15 {
        send(&rig, &token, &device, TEXT, &failed(9)).await;
    }
    assert_eq!(alerts().await[0]["count"], 20);
    assert_eq!(alerts().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
pub async fn a_device_s_own_key_speaks_for_it_alone() {
    let rig = Rig::new();
    let key = new_key(&rig.writer, &device_id(1)).unwrap();
    let sent = by_key(&rig, &key, &failed(1)).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    assert_eq!(sent.json()["device"], device_id(1).to_string());
    let request = Asker::default()
        .request(Method::POST, &format!("/logs/send?device={}", device_id(2)))
        .header(AUTHORIZATION, format!("Bearer {}", key.as_str()))
        .header(CONTENT_TYPE, TEXT);
    let other = rig.ask(request.body(Body::from(failed(1))).unwrap()).await;
    assert_eq!(
        other.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        other.body
    );
    let read = Asker::default()
        .request(Method::GET, "/api/v1/devices")
        .header(AUTHORIZATION, format!("Bearer {}", key.as_str()));
    assert_eq!(
        rig.ask(read.body(Body::empty()).unwrap()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let newer = new_key(&rig.writer, &device_id(1)).unwrap();
    assert_eq!(
        by_key(&rig, &key, &failed(1)).await.status,
        StatusCode::UNAUTHORIZED,
        "an earlier key is void"
    );
    assert_eq!(
        by_key(&rig, &newer, &failed(1)).await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(
        by_key(&rig, "plsd_log_guess", &failed(1)).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn an_error_names_the_line_and_the_field_and_nothing_is_taken() {
    let rig = Rig::new();
    let token = rig.token(Role::Operator);
    let device = format!("?device={}", device_id(1));
    let place = |answer: &Answer| answer.json()["errors"][0]["pointer"].clone();
    let body = "{\"message\":\"a\"}\n{\"text\":\"b\"}\n";
    let wrong = send(&rig, &token, &device, JSON, body).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.header("content-type"), "application/problem+json");
    assert_eq!(place(&wrong), "/1/message");
    let wrong = send(
        &rig,
        &token,
        &device,
        TEXT,
        "<13>1 - - - - - - a\nold style\n",
    )
    .await;
    assert_eq!(place(&wrong), "/1/PRI");
    let wrong = send(&rig, &token, "", TEXT, &failed(1)).await;
    assert_eq!(wrong.json()["errors"][0]["parameter"], "device");
    let wrong = send(&rig, &token, "?device=nobody", TEXT, &failed(1)).await;
    assert_eq!(wrong.json()["errors"][0]["parameter"], "device");
    let kind = send(&rig, &token, &device, "image/png", "x").await;
    assert_eq!(kind.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = "x".repeat(80 * 1024);
    let large = send(&rig, &token, &device, TEXT, &large).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let lines = rig
        .get(&token, &format!("/api/v1/devices/{}/logs", device_id(1)))
        .await
        .json();
    assert_eq!(lines["items"], json!([]));
}

#[tokio::test]
async fn hostile_lines_show_as_they_came() {
    let (rig, admin) = Rig::with_admin().await;
    let token = rig.token(Role::Operator);
    let line = json!({"message": format!("{HOSTILE} \u{1b}[31m\u{202e}"), "program": HOSTILE, "level": "err"});
    let device = format!("?device={}", device_id(1));
    let sent = send(&rig, &token, &device, JSON, &line.to_string()).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    let page = rig
        .get(&admin, &format!("/devices/{}/logs", device_id(1)))
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("&lt;script&gt;alert(1)"),
        "{}",
        page.body
    );
    assert!(page.body.contains("\\x1b[31m"), "{}", page.body);
    assert!(
        !page.body.contains("<script>alert(1)") && !page.body.contains('\u{1b}'),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn the_newest_lines_of_each_device_stay_and_are_paged() {
    let rig = Rig::new();
    let token = rig.token(Role::Viewer);
    let (one, two) = (device_id(1), device_id(2));
    let lines: Vec<_> = (0..500)
        .map(|number| logs::line::Line::of(&format!("line {number}")))
        .collect();
    rig.logbook.take(two, &lines[..3], now()).unwrap();
    for _ in 0..5 {
        rig.logbook.take(one, &lines, now()).unwrap();
    }
    let (mut seen, mut cursor) = (0_u64, String::new());
    loop {
        let page = rig
            .get(
                &token,
                &format!("/api/v1/devices/{one}/logs?limit=900{cursor}"),
            )
            .await
            .json();
        seen += page["items"].as_array().unwrap().len() as u64;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, LINES_PER_DEVICE);
    let other = rig
        .get(&token, &format!("/api/v1/devices/{two}/logs"))
        .await
        .json();
    let said: Vec<_> = other["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["message"].clone())
        .collect();
    assert_eq!(said, ["line 2", "line 1", "line 0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_datagram_is_the_device_s_that_it_names_and_says_how_it_came() {
    let rig = Rig::new();
    let here = "127.0.0.1:0".parse().unwrap();
    let live = rig.live.subscribe();
    let (logbook, stopping) = (rig.logbook.clone(), rig.stopping.clone());
    let bound = coordinator::logbook::syslog::listen(logbook, live, here, stopping).await;
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(bound.unwrap()).await.unwrap();
    let id = device_id(1);
    for line in [
        format!("<38>1 - {id} sshd - - [x came_by=\"proven\"] hello"),
        "<38>1 - nobody sshd - - - lost".to_owned(),
        "old form".to_owned(),
    ] {
        socket.send(line.as_bytes()).await.unwrap();
    }
    let mut lines = Vec::new();
    for _ in 0..50 {
        lines = rig.reader.log_lines(&id, None, 10).unwrap();
        if !lines.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].line.message, "hello");
    let came_by = lines[0].line.field("came_by").unwrap();
    assert_eq!(came_by, "UDP from 127.0.0.1, unproven");
}
