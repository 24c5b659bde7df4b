//! Links whose ends do not agree: on the pages of both devices and for programs, and nobody is accused.

use axum::http::StatusCode;
use protocol::accounts::{Difference, Observation, Total};
use protocol::coordinator::save::Save;
use protocol::time::Timestamp;

use super::mesh::device_id;
use super::rig::{Rig, now};

fn observed(rig: &Rig, at: Timestamp) {
    rig.save(Save::Observation(Observation {
        sender: device_id(1),
        receiver: device_id(2),
        difference: Difference::More,
        said: Total::of(108, 43_000),
        counted: Total::of(1_093, 410_000),
        at,
    }));
}

#[tokio::test]
async fn the_pages_of_both_ends_name_both_and_accuse_neither() {
    let (rig, admin) = Rig::with_admin().await;
    observed(&rig, now());
    let pages = [
        "/evidence".to_owned(),
        format!("/devices/{}/peers", device_id(1)),
        format!("/devices/{}/peers", device_id(2)),
    ];
    for path in pages {
        let page = rig.get(&admin, &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("Links that do not add up"), "{path}");
        assert!(page.body.contains("sent 108 frames"), "{}", page.body);
        assert!(page.body.contains("cannot be known from this"), "{path}");
    }
    let other = rig
        .get(&admin, &format!("/devices/{}/peers", device_id(3)))
        .await;
    assert!(!other.body.contains("Links that do not add up"));
}

#[tokio::test]
async fn programs_get_one_row_for_each_direction_however_often_it_is_seen() {
    let (rig, admin) = Rig::with_admin().await;
    let at = now();
    observed(&rig, at);
    observed(&rig, at);
    observed(
        &rig,
        at.saturating_add(std::time::Duration::from_secs(3_600)),
    );
    let list = rig.get(&admin, "/api/v1/observations").await.json();
    let items = list["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["times"], 2, "a batch may be stored twice");
    assert_eq!(items[0]["difference"], "more");
    assert_eq!(items[0]["counted"]["frames"], 1_093);
    let of = |number| format!("/api/v1/devices/{}/observations", device_id(number));
    for (number, expected) in [(1, 1), (2, 1), (3, 0)] {
        let list = rig.get(&admin, &of(number)).await.json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(expected));
    }
}
