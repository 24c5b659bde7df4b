//! The Big List of Naughty Strings, as log lines and as names of devices: refused with a reason, or shown as they are.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use naughty_strings::BLNS;
use protocol::text::Name;
use serde_json::json;

use super::mesh::device_id;
use super::rig::{Asker, Rig, name};

/// Names that are tried at once, one for each device.
const AT_ONCE: usize = 3;

/// What stands in a page for a text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Whether every letter of it is shown as it is, and not as another because nobody sees it or it turns text around.
fn is_plain(text: &str) -> bool {
    let bare = text.chars().filter(|letter| !letter.is_whitespace());
    let bare: String = bare.take(15).collect();
    let short = text
        .chars()
        .all(|letter| Name::new(letter.to_string()).is_ok());
    short && !bare.is_empty() && text.trim() == text
}

async fn send(rig: &Rig, asker: &Asker, lines: &[&str]) -> (StatusCode, String) {
    let lines: Vec<_> = lines.iter().map(|text| json!({"message": text})).collect();
    let path = format!("/logs/send?device={}", device_id(1));
    let request = asker
        .request(Method::POST, &path)
        .header("content-type", "application/json");
    let body = Body::from(json!(lines).to_string());
    let answer = rig.ask(request.body(body).unwrap()).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn naughty_log_lines_are_kept_and_shown_as_they_came() {
    let (rig, admin) = Rig::with_admin().await;
    let mut taken = Vec::new();
    for text in BLNS {
        match send(&rig, &admin, &[text]).await {
            (StatusCode::ACCEPTED, _) => taken.push(*text),
            (StatusCode::UNPROCESSABLE_ENTITY, why) => assert!(why.contains("detail"), "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
        if taken.len() == 400 {
            break;
        }
    }
    let path = format!("/api/v1/devices/{}/logs?limit=1000", device_id(1));
    let told = rig.get(&admin, &path).await.json();
    let told = told["items"].as_array().unwrap().iter().rev();
    let told: Vec<&str> = told.map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(told.len(), taken.len());
    let plain = taken.iter().zip(&told).filter(|(text, _)| is_plain(text));
    let plain: Vec<_> = plain.collect();
    assert!(plain.len() > 200, "{} of {}", plain.len(), BLNS.len());
    for (text, told) in plain {
        assert_eq!(told, text);
    }
    let path = format!("/devices/{}/logs", device_id(1));
    let page = rig.get(&admin, &path).await.body;
    assert!(page.contains(&escaped(told[told.len() - 1])));
    assert!(!page.contains("<script>"));
}

#[tokio::test]
async fn naughty_names_are_shown_as_they_are_and_are_no_formula() {
    let (rig, admin) = Rig::with_admin().await;
    let fitting = BLNS.iter().copied().filter(|text| Name::new(*text).is_ok());
    let fitting: Vec<&str> = fitting.collect();
    assert!(fitting.len() > 250, "{} fit", fitting.len());
    for texts in fitting.chunks(AT_ONCE) {
        rig.change_live(|live| {
            for (device, text) in live.devices.iter_mut().zip(texts) {
                device.name = name(text);
            }
        });
        let told = rig.get(&admin, "/api/v1/devices").await.json();
        let page = rig.get(&admin, "/devices").await.body;
        let table = rig.get(&admin, "/devices.csv").await.body;
        let mut rows = csv::Reader::from_reader(table.as_bytes());
        let cells: Vec<String> = rows
            .records()
            .map(|row| row.expect("it is a table")[1].to_owned())
            .collect();
        for text in texts {
            let named = |item: &serde_json::Value| item["name"] == **text;
            assert!(
                told["items"].as_array().unwrap().iter().any(named),
                "{text:?}"
            );
            assert!(page.contains(&escaped(text)), "{text:?}");
            let bare = |cell: &str| cell.trim_start_matches('\'').to_owned();
            assert!(
                cells.iter().any(|cell| bare(cell) == bare(text)),
                "{text:?} in {cells:?}"
            );
        }
        let formula = |cell: &String| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!cells.iter().any(formula), "{texts:?}");
    }
}
