//! Lists that are longer than a page.

#[path = "fleet/measured.rs"]
mod measured;

use coordinator::live::State;
use protocol::contact::Contact;
use protocol::coordinator::save::Save;
use protocol::key::SecretKey;
use protocol::signed::Signed;
use protocol::statement::host::Reading;
use protocol::text::Path;
use serde_json::Value;

use super::mesh::{device, device_id};
use super::rig::{Asker, Rig, name, now};

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

/// Story: the order by load read an hour of figures of every device at each request; the newest figure decides.
#[tokio::test]
async fn the_busiest_by_its_newest_figure_comes_first() {
    let (rig, admin) = crowd(4).await;
    let busy = |cpu_permille| Reading {
        cpu_permille,
        ..Reading::default()
    };
    rig.readings(device_id(1), vec![busy(900), busy(100)]);
    rig.readings(device_id(2), vec![busy(200), busy(300)]);
    let id = |number| Value::from(device_id(number).to_string());
    let order = async |sort: &str| {
        let path = format!("/api/v1/devices?sort={sort}&limit=2");
        let page = rig.get(&admin, &path).await.json();
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(order("-cpu").await, [id(2), id(1)]);
    rig.readings(device_id(3), vec![busy(150)]);
    assert_eq!(order("-cpu").await, [id(2), id(3)], "it said so since");
    assert_eq!(order("cpu").await[0], id(4), "nothing is less than any");
    rig.change_live(|live| live.devices[1].heard = None);
    assert_eq!(order("-cpu").await, [id(3), id(1)], "who was never heard");
}

/// What a device says of itself is kept until it says something else.
#[tokio::test]
async fn a_new_address_is_found_at_once() {
    let (rig, admin) = crowd(3).await;
    let found = async |text: &str| {
        let path = format!("/api/v1/devices?q={text}");
        rig.get(&admin, &path).await.json()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(found("192.0.2.9").await, 0);
    rig.save(contact(2, "/ip4/192.0.2.9/tcp/7400"));
    assert_eq!(found("192.0.2.9").await, 1);
    rig.save(contact(2, "/ip4/192.0.2.8/tcp/7400"));
    assert_eq!(found("192.0.2.9").await, 0);
    assert_eq!(found("192.0.2.8:7400").await, 1);
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

/// What a device says of where it is, as the core has checked it.
fn contact(number: u8, address: &str) -> Save {
    let contact = Contact {
        device: device_id(number),
        time: now(),
        addresses: vec![Path::new(address).unwrap()],
    };
    let sealed = Signed::seal(contact, &SecretKey::from_seed(&[number; 32]));
    Save::Contact {
        device: device_id(number),
        contact: sealed.bytes().to_vec(),
    }
}

/// Devices name themselves by habit, so a name that looks like another's is let in, and said.
#[tokio::test]
async fn a_name_that_looks_like_anothers_is_marked() {
    let (rig, admin) = Rig::with_admin().await;
    rig.change_live(|live| {
        live.devices[3].name = name("g\u{430}te-camera");
        live.pending[0].name = name("Boiler-Sensor");
    });
    let hint = "Its name looks like that of";
    let page = |path: String| {
        let (rig, admin) = (&rig, &admin);
        async move { rig.get(admin, &path).await.body }
    };
    let camera = page(format!("/devices/{}", device_id(2))).await;
    let (_, after) = camera.split_once(hint).expect("it is marked");
    let link = format!("href=\"/devices/{}\"", device_id(4));
    assert!(after[..400].contains(&link), "{after}");
    let other = page(format!("/devices/{}", device_id(4))).await;
    assert!(other.contains(hint), "{other}");
    let boiler = page(format!("/devices/{}", device_id(1))).await;
    assert!(!boiler.contains(hint), "who waits is no member: {boiler}");
    let waiting = page("/devices/7/approve".to_owned()).await;
    let (_, after) = waiting.split_once(hint).expect("it is marked");
    let link = format!("href=\"/devices/{}\"", device_id(1));
    assert!(after[..400].contains(&link), "{after}");
}
