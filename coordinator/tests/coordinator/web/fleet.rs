//! Lists that are longer than a page.

#[path = "fleet/measured.rs"]
mod measured;

use coordinator::live::State;
use serde_json::Value;

use super::mesh::device;
use super::rig::{Asker, Rig};

/// A mesh of so many sensors, whose names have no order.
async fn crowd(count: u8) -> (Rig, Asker) {
    let (rig, admin) = Rig::with_admin().await;
    rig.change_live(|live| {
        let called = |number: u8| format!("sensor-{:03}", number.wrapping_mul(37));
        live.devices = (1..=count)
            .map(|number| device(number, &called(number), State::Online))
            .collect();
    });
    (rig, admin)
}

async fn names(rig: &Rig, admin: &Asker, query: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut path = format!("/api/v1/devices?limit=7&{query}");
    loop {
        let page = rig.get(admin, &path).await.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 7);
        names.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        match &page["next_cursor"] {
            Value::Null => return names,
            cursor => {
                path = format!(
                    "/api/v1/devices?limit=7&{query}&cursor={}",
                    cursor.as_str().unwrap()
                );
            }
        }
    }
}

#[tokio::test]
async fn pages_of_a_list_hold_each_device_once_in_every_order() {
    let (rig, admin) = crowd(40).await;
    let by_name = names(&rig, &admin, "sort=name").await;
    let mut sorted = by_name.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((by_name.len(), &by_name), (40, &sorted));
    for order in [
        "-name",
        "status",
        "-status",
        "last_seen",
        "-last_seen",
        "cpu",
        "-cpu",
    ] {
        let mut names = names(&rig, &admin, &format!("sort={order}")).await;
        names.sort();
        assert_eq!(names, sorted, "{order}");
    }
}

#[tokio::test]
async fn a_list_names_its_next_page_in_a_header() {
    let (rig, admin) = crowd(12).await;
    let answer = rig
        .get(&admin, "/api/v1/devices?limit=5&status=online&q=sensor")
        .await;
    let link = answer.header("link").to_owned();
    let next = link
        .strip_prefix('<')
        .and_then(|link| link.strip_suffix(">; rel=\"next\""))
        .unwrap();
    let page = rig.get(&admin, next).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 5);
    assert_ne!(page["items"][0]["id"], answer.json()["items"][0]["id"]);
}

#[tokio::test]
async fn a_page_for_people_holds_fifty_rows_and_leads_on() {
    let (rig, admin) = crowd(60).await;
    let first = rig.get(&admin, "/devices").await.body;
    assert_eq!(first.matches("<tr id=\"device-").count(), 50);
    assert!(first.contains("61 devices"));
    let (_, after) = first.split_once("/devices?after=").unwrap();
    let after = after.split('"').next().unwrap().replace("&amp;", "&");
    let second = rig
        .get(&admin, &format!("/devices?after={after}"))
        .await
        .body;
    assert_eq!(second.matches("<tr id=\"device-").count(), 11);
}
