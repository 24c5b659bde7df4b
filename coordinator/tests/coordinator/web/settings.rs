//! Settings of devices as people and programs see them.

use axum::http::StatusCode;
use coordinator::store::operators::{Operator, Role};

use super::entrance::planted_session;
use super::rig::{Rig, form, name, now};

const PAGE: &str = "/settings";
const NEW: &str = "/settings/new";

#[tokio::test]
async fn where_nothing_is_signed_everybody_does_what_is_usual() {
    let (rig, admin) = Rig::with_admin().await;
    let page = rig.get(&admin, PAGE).await.body;
    assert!(page.contains("every device does what is usual"), "{page}");
    let told = rig.get(&admin, "/api/v1/settings").await.json();
    assert_eq!(told["wanted"].as_array().map(Vec::len), Some(0));
    let devices = told["devices"].as_array().expect("a list");
    assert!(!devices.is_empty());
    for device in devices {
        assert_eq!(device["in_step"], true, "{device}");
        assert_eq!(device["wanted_hash"], device["obeyed_hash"]);
    }
}

#[tokio::test]
async fn what_is_no_scope_or_no_number_is_said_beside_its_field_and_kept() {
    let (rig, admin) = Rig::with_admin().await;
    let typed = form(&[
        ("scope", "class:robot"),
        ("record", "soon"),
        ("accounts", ""),
    ]);
    let refused = rig.post(&admin, PAGE, &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = &refused.body;
    assert!(
        page.contains("is no scope") && page.contains("class:robot"),
        "{page}"
    );
    assert!(page.contains("Write a number of seconds."), "{page}");
}

#[tokio::test]
async fn whoever_only_looks_is_offered_no_form() {
    let (rig, admin) = Rig::with_admin().await;
    assert!(rig.get(&admin, PAGE).await.body.contains(NEW));
    let viewer = Operator {
        name: name("viewer"),
        role: Role::Viewer,
        created: now(),
        password: zeroize::Zeroizing::default(),
    };
    rig.writer
        .write(|changes| changes.add_operator(&viewer))
        .unwrap();
    let (age, idle) = <_>::default();
    let viewer = planted_session(&rig, "viewer", age, idle);
    let page = rig.get(&viewer, PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains(NEW), "{}", page.body);
    assert_eq!(rig.get(&viewer, NEW).await.status, StatusCode::FORBIDDEN);
}
