//! Devices that run no node: registered with a key and a tag, and heard with it alone.

use axum::http::StatusCode;
use coordinator::keyed::SILENT_AFTER;
use coordinator::keyed::silence::{Watch, pauses};
use protocol::id::DeviceId;
use serde_json::{Value, json};

use super::rig::{Answer, Asker, Rig, form, now};

async fn register(rig: &Rig, by: &Asker, name: &str) -> Answer {
    let asked = json!({"name": name, "class": "sensor"}).to_string();
    rig.post_json(by, "/devices/register", &asked).await
}

fn device(registered: &Value) -> Asker {
    Asker::with_token(registered["api_key"].as_str().unwrap())
}

#[tokio::test]
pub async fn a_device_is_registered_with_a_key_that_is_shown_once_and_a_tag_that_stays() {
    let (rig, admin) = Rig::with_admin().await;
    let registered = register(&rig, &admin, "pump-2").await;
    assert_eq!(
        registered.status,
        StatusCode::CREATED,
        "{}",
        registered.body
    );
    assert_eq!(registered.header("cache-control"), "no-store");
    let body = registered.json();
    let (id, key) = (
        body["id"].as_str().unwrap(),
        body["api_key"].as_str().unwrap(),
    );
    let tag = body["tag"].as_str().unwrap();
    assert!(key.starts_with("plsd_dev_"));
    assert!(tag.starts_with("PLS-"));
    for path in [
        "/devices/keys".to_owned(),
        format!("/devices/keys/{id}"),
        "/api/v1/keyed-devices".to_owned(),
        format!("/api/v1/keyed-devices/{id}"),
    ] {
        let shown = rig.get(&admin, &path).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}");
        assert!(shown.body.contains(tag), "{path}");
        assert!(!shown.body.contains(key), "{path}");
    }
    assert_eq!(rig.audited()[0], "device_key.create");
    assert!(!rig.get(&admin, "/audit").await.body.contains(key));
    let twice = register(&rig, &admin, "pump-2").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let empty = register(&rig, &admin, "").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(empty.json()["errors"][0]["pointer"], "/name");
}

#[tokio::test]
pub async fn a_key_speaks_for_its_own_device_and_opens_nothing_else() {
    let (rig, admin) = Rig::with_admin().await;
    let (one, other) = (
        register(&rig, &admin, "pump-1").await.json(),
        register(&rig, &admin, "pump-2").await.json(),
    );
    let pump = device(&one);
    let beat = rig.post_json(&pump, "/api/v1/self/heartbeat", r#"{"uptime_s": 77}"#);
    assert_eq!(beat.await.status, StatusCode::NO_CONTENT);
    let told = r#"{"values": {"load": 0.25, "temp_c": -3.5}}"#;
    let told = rig.post_json(&pump, "/api/v1/self/telemetry", told).await;
    assert_eq!(told.status, StatusCode::NO_CONTENT, "{}", told.body);
    let line = r#"{"message": "valve opened"}"#;
    let sent = rig.post_json(&pump, "/logs/send", line).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.body);
    let of_other = format!("/logs/send?device={}", other["id"].as_str().unwrap());
    assert_eq!(
        rig.post_json(&pump, &of_other, line).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let path = format!("/api/v1/keyed-devices/{}", one["id"].as_str().unwrap());
    let shown = rig.get(&admin, &path).await.json();
    assert_eq!(shown["state"], "online");
    assert_eq!(shown["uptime_s"], 77);
    assert_eq!(shown["address"], "10.0.0.50");
    assert_eq!(shown["readings"][0]["values"]["temp_c"], -3.5);
    let page = format!("/devices/keys/{}", one["id"].as_str().unwrap());
    let page = rig.get(&admin, &page).await;
    assert!(page.body.contains("valve opened"), "{}", page.body);
    let quiet = format!("/api/v1/keyed-devices/{}", other["id"].as_str().unwrap());
    assert_eq!(rig.get(&admin, &quiet).await.json()["state"], "never_heard");
    for door in ["/api/v1/devices", "/api/v1/keyed-devices", "/api/v1/audit"] {
        let refused = rig.get(&pump, door).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{door}");
    }
}

#[tokio::test]
pub async fn another_key_ends_the_one_before_at_once() {
    let (rig, admin) = Rig::with_admin().await;
    let first = register(&rig, &admin, "pump-1").await.json();
    let id = first["id"].as_str().unwrap();
    let path = format!("/api/v1/keyed-devices/{id}/rotate");
    let second = rig.post_json(&admin, &path, "").await.json();
    assert_eq!(first["tag"], second["tag"]);
    let beat = async |body: &Value| {
        rig.post_json(&device(body), "/api/v1/self/heartbeat", "{}")
            .await
            .status
    };
    assert_eq!(beat(&first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(beat(&second).await, StatusCode::NO_CONTENT);
    let remove = form(&[("order", "remove")]);
    let removed = rig
        .post(&admin, &format!("/devices/keys/{id}"), &remove)
        .await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(beat(&second).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        rig.audited()[..3],
        [
            "device_key.remove",
            "device_key.rotate",
            "device_key.create"
        ]
    );
}

#[tokio::test]
pub async fn a_device_that_floods_is_paced_alone() {
    let (rig, admin) = Rig::with_admin_at_a_standstill().await;
    let (one, other) = (
        register(&rig, &admin, "pump-1").await.json(),
        register(&rig, &admin, "pump-2").await.json(),
    );
    let beat = async |body: &Value, number: usize| {
        let from = device(body).at(&format!("10.3.0.{}:1", number % 200));
        let sent = rig.post_json(&from, "/api/v1/self/heartbeat", "{}");
        sent.await.status
    };
    let mut paced = 0;
    for number in 0..90 {
        paced += usize::from(beat(&one, number).await == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(paced, 30, "sixty may be sent at once");
    assert_eq!(beat(&other, 7).await, StatusCode::NO_CONTENT);
}

#[tokio::test]
pub async fn the_page_registers_and_says_what_is_wrong_beside_its_field() {
    let (rig, admin) = Rig::with_admin().await;
    let good = form(&[("name", "tank"), ("class", "sensor")]);
    let made = rig.post(&admin, "/devices/keys", &good).await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.body.contains("plsd_dev_") && made.body.contains("PLS-"));
    let again = rig.post(&admin, "/devices/keys", &good).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again
            .body
            .contains("There is a device of this name already.")
    );
}

/// Story: a meter that posts every minute stops. Nobody watches it, so that it says nothing is all there is to tell.
#[tokio::test]
async fn a_device_that_stops_speaking_raises_an_alert_as_a_silent_node_does() {
    let (rig, admin) = Rig::with_admin().await;
    let made = register(&rig, &admin, "pump-1").await.json();
    let pump = device(&made);
    for _ in 0..3 {
        let values = r#"{"values": {"load": 0.3}}"#;
        let sent = rig.post_json(&pump, "/api/v1/self/telemetry", values).await;
        assert_eq!(sent.status, StatusCode::NO_CONTENT);
    }
    let devices = rig.reader.keyed_devices().unwrap();
    let pauses = |device: &DeviceId| pauses(&rig.reader, device).unwrap();
    assert_eq!(pauses(&devices[0].0).len(), 2);
    let mut watch = Watch::begun(now());
    let later = now().saturating_add(SILENT_AFTER);
    assert!(watch.look(&devices, pauses, now()).is_empty());
    let told = watch.look(&devices, pauses, later);
    rig.delivery.bulletin().take(&told, later).unwrap();
    let alerts = rig.get(&admin, "/api/v1/alerts").await.json();
    let alert = &alerts["items"][0];
    assert_eq!(alert["rule"], "keyed_silent", "{alerts}");
    assert_eq!(alert["about"], "key:pump-1");
    assert!(
        alert["says"]
            .as_str()
            .unwrap()
            .starts_with("pump-1 has said nothing")
    );
    let page = rig.get(&admin, "/alerts").await.body;
    assert!(
        page.contains("A device with a key fell silent") && page.contains("key:pump-1"),
        "{page}"
    );
}
