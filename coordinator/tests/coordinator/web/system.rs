//! How the coordinator itself is, as people, programs and a monitor see it.

use axum::http::StatusCode;
use coordinator::backup::{self, BackupDocument};
use coordinator::integrity::{self, Cause, Checkup};
use coordinator::store::operators::Role;

use super::rig::{Rig, now};

fn judged(told: &serde_json::Value, id: &str) -> String {
    let items = told["items"].as_array().expect("a list");
    let item = items.iter().find(|item| item["id"] == id).expect("an item");
    item["judgement"].as_str().expect("a word").to_owned()
}

fn checkup(troubles: Vec<String>) -> Checkup {
    Checkup {
        at_ms: now().as_millis(),
        cause: Cause::Night,
        took_ms: 5,
        rows: 12,
        audit_entries: 3,
        identity_entries: 0,
        troubles,
    }
}

#[tokio::test]
async fn the_page_the_interface_and_the_metrics_say_the_same_of_a_failed_check() {
    let (rig, admin) = Rig::with_admin().await;
    let told = rig.get(&admin, "/api/v1/system").await.json();
    assert_eq!(judged(&told, "integrity"), "fine");
    let troubles = vec!["entry 4 of the audit log: <b>".to_owned()];
    integrity::keep(&rig.writer, &checkup(troubles)).expect("it is stored");
    let told = rig.get(&admin, "/api/v1/system").await.json();
    assert_eq!(judged(&told, "integrity"), "act");
    assert_eq!(told["judgement"], "act");
    let page = rig.get(&admin, "/system").await.body;
    assert!(
        page.contains("entry 4 of the audit log: &lt;b&gt;"),
        "{page}"
    );
    assert!(page.contains("restore the newest backup"), "{page}");
    let metrics = rig.get(&admin, "/metrics").await.body;
    assert!(
        metrics.contains("palisade_checkup_troubles{} 1"),
        "{metrics}"
    );
    assert!(
        metrics.contains("palisade_judgement{item=\"integrity\"} 2"),
        "{metrics}"
    );
}

#[tokio::test]
async fn the_age_of_a_backup_is_told_once_one_was_made() {
    let (rig, admin) = Rig::with_admin().await;
    let told = rig.get(&admin, "/api/v1/system").await.json();
    assert_eq!(judged(&told, "backup"), "look");
    let metrics = rig.get(&admin, "/metrics").await.body;
    assert!(
        !metrics.contains("palisade_backup_age_seconds{}"),
        "{metrics}"
    );
    let done = BackupDocument {
        files: 3,
        rows: 12,
        state: "5e".to_owned(),
    };
    backup::note(
        &rig.writer,
        (backup::Deed::Made, "/mnt/one.plsd".as_ref()),
        &done,
        now(),
    )
    .expect("it is stored");
    let told = rig.get(&admin, "/api/v1/system").await.json();
    assert_eq!(judged(&told, "backup"), "fine");
    let metrics = rig.get(&admin, "/metrics").await.body;
    assert!(
        metrics.contains("palisade_backup_age_seconds{} 0"),
        "{metrics}"
    );
}

#[tokio::test]
async fn whoever_may_see_may_see_how_the_coordinator_is() {
    let rig = Rig::new();
    rig.person("amina", Role::Admin);
    let viewer = rig.token(Role::Viewer);
    let told = rig.get(&viewer, "/api/v1/system").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let nobody = rig
        .get(&super::rig::Asker::default(), "/api/v1/system")
        .await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}
