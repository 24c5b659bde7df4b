//! Devices whose metadata has ended: shown, found, counted, and an alert where several are kept from what is newer.

use std::sync::Arc;
use std::time::Duration;

use alerts::severity::Severity;
use coordinator::live::Live;
use coordinator::staleness::{Published, Watch};
use protocol::time::Timestamp;

use super::mesh::{device, device_id, mesh};
use super::rig::{Rig, now};
use coordinator::live::State;

fn ended() -> Timestamp {
    now().saturating_sub(Duration::from_secs(7_200))
}

/// Six devices of which so many say that their metadata has ended.
fn fleet(stale: u8) -> Live {
    let mut live = mesh();
    live.devices = (1..=6)
        .map(|number| device(number, &format!("sensor-{number}"), State::Online))
        .collect();
    for device in live.devices.iter_mut().take(stale.into()) {
        device.stale = Some(ended());
    }
    live
}

#[tokio::test]
async fn a_device_whose_metadata_has_ended_is_shown_found_and_counted() {
    let (rig, admin) = Rig::with_admin().await;
    let page = async |path: &str| rig.get(&admin, path).await.body;
    let (list, one) = ("/devices", format!("/devices/{}", device_id(1)));
    for path in [list, &one, "/firmware"] {
        assert!(!page(path).await.to_lowercase().contains("stale metadata"));
    }
    rig.live.send_replace(Arc::new(fleet(2)));
    let all = page(list).await;
    assert!(all.contains("/devices?metadata=stale"), "{all}");
    assert!(all.contains("its metadata has ended"), "{all}");
    let found = page("/devices?metadata=stale").await;
    assert!(found.contains("sensor-1") && found.contains("sensor-2"));
    assert!(!found.contains("sensor-3"), "{found}");
    let one = page(&one).await;
    assert!(one.contains("takes no new order"), "{one}");
    let firmware = page("/firmware").await;
    assert!(firmware.contains("2 devices"), "{firmware}");
    // Nothing is published in this mesh, so nobody is kept from anything.
    assert!(firmware.contains("has ended too"), "{firmware}");
    let figures = page("/metrics").await;
    assert!(
        figures.contains("palisade_devices_stale_metadata 2"),
        "{figures}"
    );
    let listed = rig
        .get(&admin, "/api/v1/devices?metadata=stale")
        .await
        .json();
    let listed = listed["items"].as_array().expect("a list");
    assert_eq!(listed.len(), 2);
    assert!(listed[0]["metadata_stale_since"].is_string());
    let fresh = rig
        .get(&admin, &format!("/api/v1/devices/{}", device_id(6)))
        .await
        .json();
    assert!(fresh["metadata_stale_since"].is_null());
    let wrong = rig.get(&admin, "/api/v1/devices?metadata=old").await;
    assert_eq!(wrong.status.as_u16(), 422, "{}", wrong.body);
}

#[test]
fn several_that_stay_stale_while_what_is_published_is_fresh_are_one_grave_alert() {
    let at = |seconds: u64| now().saturating_add(Duration::from_secs(seconds));
    let fresh = Published::Fresh;
    let mut watch = Watch::default();
    assert_eq!(
        watch.look(&fleet(4), fresh, at(0)),
        [],
        "they may be about to take it"
    );
    assert_eq!(watch.look(&fleet(4), fresh, at(240)), []);
    let told = watch.look(&fleet(4), fresh, at(301));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].rule.name.as_str(), "metadata_frozen");
    assert_eq!(told[0].rule.severity, Severity::High);
    assert_eq!(told[0].values[0].seen.as_str(), "4 of 6");
    assert_eq!(watch.look(&fleet(4), fresh, at(331)), [], "it was said");
    assert_eq!(watch.look(&fleet(4), fresh, at(2_200)).len(), 1, "it lasts");
    assert_eq!(watch.look(&fleet(0), fresh, at(2_230)), []);
    assert_eq!(
        watch.look(&fleet(4), fresh, at(2_260)),
        [],
        "from the beginning"
    );
}

#[test]
fn nobody_is_kept_from_anything_where_what_is_published_has_ended_or_the_device_is_not_there() {
    let at = |seconds: u64| now().saturating_add(Duration::from_secs(seconds));
    let mut watch = Watch::default();
    for seconds in [0, 301, 900] {
        assert_eq!(watch.look(&fleet(6), Published::Ended, at(seconds)), []);
    }
    let mut gone = fleet(6);
    for device in &mut gone.devices {
        device.linked = false;
    }
    for seconds in [1_000, 1_400] {
        assert_eq!(watch.look(&gone, Published::Fresh, at(seconds)), []);
    }
    assert_eq!(watch.look(&fleet(1), Published::Fresh, at(2_000)), []);
    let one = watch.look(&fleet(1), Published::Fresh, at(2_400));
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].rule.severity, Severity::Low);
    assert_eq!(one[0].device, Some(device_id(1)));
}
