//! What is kept, exported and erased, as people and programs see it.

use axum::http::StatusCode;
use coordinator::live::Withdrawn;
use coordinator::store::operators::Role;

use super::mesh::device_id;
use super::rig::{Asker, Rig, form, name, now};

const DEVICE: u8 = 1;

fn retire(rig: &Rig) -> (String, String) {
    let device = device_id(DEVICE);
    rig.change_live(|live| {
        let found = live.devices.iter_mut().find(|one| one.device == device);
        found.expect("a device of the mesh").withdrawal = Some(Withdrawn {
            at: now(),
            reason: name("sold"),
            until: None,
            wipe: None,
        });
    });
    let live = rig.live.borrow();
    let found = live.device(&device).expect("a device");
    (device.to_string(), found.name.to_string())
}

#[tokio::test]
async fn an_export_has_everything_and_leaves_an_entry() {
    let (rig, admin) = Rig::with_admin().await;
    rig.record(device_id(DEVICE), 5);
    let path = format!("/api/v1/devices/{}/export?limit=3", device_id(DEVICE));
    let first = rig.get(&admin, &path).await.json();
    assert_eq!(first["records"].as_array().map(Vec::len), Some(3));
    assert_eq!(first["records"][0]["statement"], "reading");
    assert!(
        first["figures"][0]["points"]
            .as_array()
            .is_some_and(|points| !points.is_empty())
    );
    let next = first["next_cursor"].as_str().expect("more");
    let rest = rig
        .get(&admin, &format!("{path}&cursor={next}"))
        .await
        .json();
    assert_eq!(rest["records"].as_array().map(Vec::len), Some(2));
    assert!(rest["next_cursor"].is_null() && rest["figures"] == serde_json::json!([]));
    assert_eq!(
        rig.audited()[0],
        "device.export",
        "one entry, and not one for each page"
    );
    let person = rig.get(&admin, "/api/v1/people/amina/export").await.json();
    assert_eq!(person["account"]["role"], "admin");
    assert_eq!(person["sessions"].as_array().map(Vec::len), Some(1));
    let did = person["did"].as_array().expect("a list");
    assert!(
        did.iter().all(|entry| entry["actor"] == "amina") && did.len() >= 2,
        "{did:?}"
    );
    let nobody = rig.get(&admin, "/api/v1/people/nemo/export").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let operator = rig.token(Role::Operator);
    assert_eq!(
        rig.get(&operator, &path).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
pub async fn only_a_retired_device_is_erased_by_whoever_types_its_name() {
    let (rig, admin) = Rig::with_admin().await;
    rig.record(device_id(DEVICE), 5);
    let path = format!("/api/v1/devices/{}/erase", device_id(DEVICE));
    let ask = |name: &str, why: &str| serde_json::json!({"name": name, "why": why}).to_string();
    let called = rig
        .live
        .borrow()
        .device(&device_id(DEVICE))
        .expect("it")
        .name
        .to_string();
    let there = rig
        .post_json(&admin, &path, &ask(&called, "asked for"))
        .await;
    assert_eq!(there.status, StatusCode::CONFLICT, "{}", there.body);
    let (id, called) = retire(&rig);
    let wrong = rig.post_json(&admin, &path, &ask("another", " ")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.json()["errors"].as_array().map(Vec::len), Some(2));
    let done = rig
        .post_json(&admin, &path, &ask(&called, "asked for"))
        .await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    assert_eq!(rig.audited()[0], "device.erase");
    let told = rig
        .get(&admin, &format!("/api/v1/devices/{id}/export"))
        .await
        .json();
    assert_eq!(told["erased"], true);
    assert_eq!(
        told["records"].as_array().map(Vec::len),
        Some(5),
        "they are there"
    );
    assert!(
        told["records"][0]["said"].is_null(),
        "and say nothing: {told}"
    );
    let again = rig
        .post_json(&admin, &path, &ask(&called, "asked for"))
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let page = rig.get(&admin, "/privacy").await.body;
    assert!(page.contains("erased: nobody can open it"), "{page}");
}

#[tokio::test]
pub async fn the_page_lists_what_is_kept_and_keeps_a_wrong_form() {
    let (rig, admin) = Rig::with_admin().await;
    rig.record(device_id(DEVICE), 5);
    let (id, called) = retire(&rig);
    let page = rig.get(&admin, "/privacy").await.body;
    assert!(
        page.contains("Figures by the hour") && page.contains("400 days"),
        "{page}"
    );
    let typed = form(&[
        ("device", id.as_str()),
        ("name", "wrong"),
        ("why", "asked for"),
    ]);
    let again = rig.post(&admin, "/privacy/erase", &typed).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.body.contains("Type the name of the device"),
        "{}",
        again.body
    );
    assert!(again.body.contains("asked for"));
    let typed = form(&[
        ("device", id.as_str()),
        ("name", called.as_str()),
        ("why", "asked for"),
    ]);
    let done = rig.post(&admin, "/privacy/erase", &typed).await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, "/privacy")
    );
    let told = rig
        .get(&rig.token(Role::Viewer), "/api/v1/retention")
        .await
        .json();
    assert!(
        told["items"]
            .as_array()
            .is_some_and(|items| items.len() > 15)
    );
    let stranger = rig.get(&Asker::default(), "/api/v1/retention").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
