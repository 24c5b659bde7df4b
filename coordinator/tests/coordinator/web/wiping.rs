//! An order to wipe: what pages, interface and the list of devices say of it before and after it is confirmed.

use coordinator::live::{State, Wipe, Withdrawn};

use super::mesh::{device, device_id};
use super::rig::{Rig, name, now};

fn order(rig: &Rig, wipe: Wipe) {
    rig.change_live(|live| {
        let mut ordered = device(1, "boiler-sensor", State::Retired);
        ordered.withdrawal = Some(Withdrawn {
            at: now(),
            reason: name("stolen"),
            until: None,
            wipe: Some(wipe),
        });
        live.devices[0] = ordered;
    });
}

#[tokio::test]
async fn an_order_that_nobody_has_confirmed_is_shown_as_such() {
    let (rig, admin) = Rig::with_admin().await;
    order(&rig, Wipe::Ordered);
    let page = rig.get(&admin, &format!("/devices/{}", device_id(1))).await;
    let words = "Ordered to wipe, not confirmed";
    assert!(page.body.contains(words), "{}", page.body);
    let list = rig.get(&admin, "/devices?q=boiler").await;
    let words = "stolen; wiping not confirmed";
    assert!(list.body.contains(words), "{}", list.body);
    let api = format!("/api/v1/devices/{}", device_id(1));
    let told = rig.get(&admin, &api).await.json();
    let wipe = serde_json::json!({ "state": "ordered" });
    assert_eq!(told["withdrawal"]["wipe"], wipe);
}

#[tokio::test]
async fn a_confirmation_is_shown_with_its_time() {
    let (rig, admin) = Rig::with_admin().await;
    order(&rig, Wipe::Confirmed { at: now() });
    let page = rig.get(&admin, &format!("/devices/{}", device_id(1))).await;
    assert!(page.body.contains("Retired, wiped at "), "{}", page.body);
    let api = format!("/api/v1/devices/{}", device_id(1));
    let told = rig.get(&admin, &api).await.json();
    assert_eq!(told["withdrawal"]["wipe"]["state"], "confirmed");
    let at = told["withdrawal"]["wipe"]["at"].as_str();
    assert!(at.is_some_and(|at| at.ends_with('Z')), "{told}");
    let api = format!("/api/v1/devices/{}", device_id(3));
    let retired = rig.get(&admin, &api).await.json();
    assert_eq!(retired["withdrawal"]["wipe"], serde_json::Value::Null);
}
