//! The Big List of Naughty Strings, as log lines and as names of devices: refused with a reason, or shown as they are.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use naughty_strings::BLNS;
use protocol::text::Name;
use serde_json::json;

use super::mesh::device_id;
use super::rig::{Rig, name};

/// What stands in a page for a text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// What is shown as another character, because it is none that can be seen, or turns text around.
fn is_plain(text: &str) -> bool {
    Name::new(format!("x{text}")).is_ok() && text.trim() == text && !text.contains("  ")
}

#[tokio::test]
async fn naughty_log_lines_are_kept_and_shown_as_they_came() {
    let (rig, admin) = Rig::with_admin().await;
    let device = device_id(1);
    let mut plain = 0;
    for text in BLNS {
        let line = json!([{"message": text}]).to_string();
        let request = admin
            .request(Method::POST, &format!("/logs/send?device={device}"))
            .header("content-type", "application/json");
        let answer = rig.ask(request.body(Body::from(line)).unwrap()).await;
        if answer.status != StatusCode::ACCEPTED {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{text:?}");
            let problem = answer.json();
            assert!(problem["errors"][0]["detail"].is_string(), "{text:?}");
            continue;
        }
        if !is_plain(text) {
            continue;
        }
        plain += 1;
        let path = format!("/api/v1/devices/{device}/logs?limit=1");
        let told = rig.get(&admin, &path).await.json();
        assert_eq!(told["items"][0]["message"], *text);
        let page = rig.get(&admin, &format!("/devices/{device}/logs")).await;
        assert!(page.body.contains(&escaped(text)), "{text:?}");
    }
    assert!(plain > 250, "{plain} of {} were looked at", BLNS.len());
    let page = rig.get(&admin, &format!("/devices/{device}/logs")).await;
    assert!(!page.body.contains("<script>"));
}

#[tokio::test]
async fn naughty_names_are_shown_as_they_are_and_are_no_formula() {
    let (rig, admin) = Rig::with_admin().await;
    let fitting: Vec<&str> = BLNS
        .iter()
        .copied()
        .filter(|text| Name::new(*text).is_ok())
        .collect();
    assert!(fitting.len() > 250, "{} fit", fitting.len());
    for text in fitting {
        rig.change_live(|live| live.devices[0].name = name(text));
        let path = format!("/api/v1/devices/{}", device_id(1));
        assert_eq!(rig.get(&admin, &path).await.json()["name"], text);
        let page = rig.get(&admin, "/devices").await.body;
        assert!(page.contains(&escaped(text)), "{text:?}");
        let table = rig.get(&admin, "/devices.csv").await.body;
        let mut rows = csv::Reader::from_reader(table.as_bytes());
        let cells: Vec<String> = rows
            .records()
            .map(|row| row.expect("it is a table")[1].to_owned())
            .collect();
        let found = cells
            .iter()
            .any(|cell| cell.trim_start_matches('\'') == text.trim_start_matches('\''));
        assert!(found, "{text:?} is not in {cells:?}");
        let formula = |cell: &String| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!cells.iter().any(formula), "{text:?}");
    }
}
