//! What people see and do.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use protocol::coordinator::save::{Save, Token, TokenState};
use protocol::id::Digest;
use protocol::statement::host::{Reading, WatchedFile};
use protocol::text::Path;

use super::mesh::device_id;
use super::rig::{Asker, HOSTILE, Rig, form};

async fn page(rig: &Rig, asker: &Asker, path: &str) -> String {
    let answer = rig.get(asker, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert!(
        answer.header("content-type").starts_with("text/html"),
        "{path}"
    );
    assert!(
        answer.header("vary").to_lowercase().contains("hx-request"),
        "{path}"
    );
    answer.body
}

#[tokio::test]
async fn every_page_is_drawn_and_what_devices_call_themselves_stays_text() {
    let (rig, admin) = Rig::with_admin().await;
    let device = device_id(5);
    let pages = [
        "/".to_owned(),
        "/devices".to_owned(),
        "/devices/new".to_owned(),
        "/devices/7/approve".to_owned(),
        format!("/devices/{device}"),
        format!("/devices/{device}/telemetry?range=1h"),
        format!("/devices/{device}/peers"),
        "/mesh".to_owned(),
        "/mesh?view=table".to_owned(),
        "/audit".to_owned(),
    ];
    let mut shown = 0;
    for path in &pages {
        let body = page(&rig, &admin, path).await;
        assert!(body.starts_with("<!DOCTYPE html>"), "{path}");
        assert!(
            !body.contains("<script>alert") && !body.contains("<img"),
            "{path}"
        );
        shown += body.matches("&lt;script&gt;alert(1)").count();
    }
    assert!(shown > 6, "the hostile name was shown {shown} times");
}

#[tokio::test]
async fn counters_filter_and_the_filter_is_in_the_address() {
    let (rig, admin) = Rig::with_admin().await;
    let silent = page(&rig, &admin, "/devices?status=silent").await;
    assert!(
        silent.contains("gate-camera")
            && silent.contains("press")
            && !silent.contains("boiler-sensor")
    );
    let cameras = page(&rig, &admin, "/devices?class=camera&q=GATE").await;
    assert!(
        cameras.contains("1 device<") && cameras.contains("gate-camera"),
        "{cameras}"
    );
    let none = page(&rig, &admin, "/devices?q=no-such-device").await;
    assert!(none.contains("No device matches"));
}

#[tokio::test]
async fn htmx_gets_the_region_and_everybody_else_the_page() {
    let (rig, admin) = Rig::with_admin().await;
    let ask = async |kind: &str| {
        let request = admin
            .request(Method::GET, "/devices?q=gate")
            .header("hx-request", "true")
            .header("hx-request-type", kind);
        rig.ask(request.body(Body::empty()).unwrap()).await.body
    };
    let partial = ask("partial").await;
    assert!(!partial.contains("<html") && partial.contains("<hx-partial hx-target=\"#chips\""));
    assert!(ask("full").await.contains("<html"));
}

#[tokio::test]
async fn the_list_for_spreadsheets_holds_no_formula() {
    let (rig, admin) = Rig::with_admin().await;
    rig.change_live(|live| live.devices[0].name = super::rig::name("=1+1"));
    let answer = rig.get(&admin, "/devices.csv").await;
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert!(answer.header("content-disposition").contains("devices.csv"));
    assert!(answer.body.contains("\"'=1+1\""), "{}", answer.body);
    assert_eq!(answer.body.lines().count(), 7);
}

#[tokio::test]
pub async fn a_join_line_is_shown_to_who_made_it_until_the_device_came() {
    let (rig, admin) = Rig::with_admin().await;
    let typed = form(&[("name", "pump"), ("class", "meter"), ("cell", "cellar")]);
    let made = rig.post(&admin, "/devices/new", &typed).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let place = made.location().to_owned();
    assert!(!place.contains("SECRET"));
    let waiting = page(&rig, &admin, &place).await;
    assert!(waiting.contains("palisade-node join plsd1_SECRET1") && waiting.contains("<svg"));
    assert!(waiting.contains("Waiting for the device"));

    let entered = rig.log_in("amina", super::rig::PASSWORD).await;
    let elsewhere = page(&rig, &Asker::with_session(&entered), &place).await;
    assert!(!elsewhere.contains("SECRET"));

    use_token(&rig);
    let came = page(&rig, &admin, &place).await;
    assert!(
        came.contains("is online") && !came.contains("SECRET"),
        "{came}"
    );
    assert_eq!(rig.audited()[1], "join_token.create");
    assert_eq!(
        rig.get(&admin, "/devices/new/aaaaaaaaaaaaa").await.status,
        StatusCode::NOT_FOUND
    );
}

/// The device that the run loop's store says has used the first token.
fn use_token(rig: &Rig) {
    let now = super::rig::now();
    let token = Token {
        id: protocol::enrolment::TokenId([1; 8]),
        psk: zeroize::Zeroizing::default(),
        name: super::rig::name("pump"),
        class: protocol::class::DeviceClass::Meter,
        cell: super::rig::name("cellar"),
        created: now,
        expires: now,
        state: TokenState::Used {
            by: device_id(1),
            at: now,
        },
    };
    rig.save(Save::Token(token));
}

#[tokio::test]
async fn a_form_that_does_not_fit_comes_back_with_what_was_typed() {
    let (rig, admin) = Rig::with_admin().await;
    let typed = form(&[
        ("name", "gate-camera"),
        ("class", "meter"),
        ("cell", "cellar"),
    ]);
    let answer = rig.post(&admin, "/devices/new", &typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("A device of this name exists.")
            && answer.body.contains("value=\"cellar\"")
    );
    let typed = form(&[("name", ""), ("class", "toaster"), ("cell", "cellar")]);
    let answer = rig.post(&admin, "/devices/new", &typed).await;
    assert!(
        answer.body.contains("The text is empty.")
            && answer.body.contains("`toaster` is no device class")
    );
    assert_eq!(rig.audited(), ["user.create"]);
}

#[tokio::test]
pub async fn a_device_is_retired_once_its_name_is_typed() {
    let (rig, admin) = Rig::with_admin().await;
    let path = format!("/devices/{}/retire", device_id(1));
    let refused = rig
        .post(&admin, &path, &form(&[("confirm", "boiler")]))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("Type the whole name: boiler-sensor.")
            && refused.body.contains("value=\"boiler\"")
    );
    let retired = rig
        .post(&admin, &path, &form(&[("confirm", "boiler-sensor")]))
        .await;
    assert_eq!(retired.status, StatusCode::SEE_OTHER);
    let shown = page(&rig, &admin, retired.location()).await;
    assert!(shown.contains("boiler-sensor is retired.") && shown.contains("Retired"));
    assert!(
        !page(&rig, &admin, retired.location())
            .await
            .contains("boiler-sensor is retired.")
    );
    let again = rig
        .post(&admin, &path, &form(&[("confirm", "boiler-sensor")]))
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("The device is retired already."));
    let entry = &rig.reader.audit_page(None, 1).unwrap()[0].act;
    assert_eq!(entry.actor.as_str(), "amina");
    assert_eq!(
        entry.object.as_str(),
        format!("boiler-sensor ({})", device_id(1))
    );
    assert_eq!(entry.before.as_ref().unwrap().as_str(), "online");
    assert_eq!(entry.address.as_ref().unwrap().as_str(), "10.0.0.50");
    assert_eq!(
        entry.request.as_ref().unwrap().as_str(),
        retired.header("x-request-id")
    );
}

/// A node sends its list when something has changed, so the lists lie far apart in its log.
#[tokio::test]
async fn a_changed_file_is_shown_however_long_ago_the_list_before_it_was_sent() {
    let (rig, admin) = Rig::with_admin().await;
    let listing = |seed: u8| Reading {
        files: Some(vec![WatchedFile {
            path: Path::new("/etc/passwd").unwrap(),
            digest: Some(Digest::from_bytes([seed; 32])),
        }]),
        ..Reading::default()
    };
    let mut readings = vec![Reading::default(); 300];
    readings[0] = listing(1);
    rig.readings(device_id(1), readings.clone());
    let summary = format!("/devices/{}", device_id(1));
    assert!(
        page(&rig, &admin, &summary)
            .await
            .contains("No change in its newest lists")
    );
    readings[299] = listing(2);
    rig.readings(device_id(2), readings);
    let shown = page(&rig, &admin, &format!("/devices/{}", device_id(2))).await;
    assert!(
        shown.contains("/etc/passwd") && shown.contains("b3:0101010101010101"),
        "{shown}"
    );
    assert!(shown.contains("b3:0202020202020202") && shown.contains("changed"));
}

#[tokio::test]
pub async fn a_waiting_device_is_approved_or_turned_down() {
    let (rig, admin) = Rig::with_admin().await;
    let shown = page(&rig, &admin, "/devices/7/approve").await;
    assert!(shown.contains("4PK9-7TWM-XQ2H"));
    let typed = form(&[
        ("name", "door"),
        ("class", "sensor"),
        ("cell", "yard"),
        ("decision", "approve"),
    ]);
    let approved = rig.post(&admin, "/devices/7/approve", &typed).await;
    assert_eq!(
        (approved.status, approved.location()),
        (StatusCode::SEE_OTHER, "/devices")
    );
    assert!(
        page(&rig, &admin, "/devices")
            .await
            .contains("door was approved.")
    );
    assert_eq!(
        rig.get(&admin, "/devices/7/approve").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(rig.audited()[0], "device.approve");

    let (rig, admin) = Rig::with_admin().await;
    let typed = form(&[
        ("name", ""),
        ("class", ""),
        ("cell", ""),
        ("decision", "reject"),
    ]);
    let rejected = rig.post(&admin, "/devices/7/approve", &typed).await;
    assert_eq!(rejected.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.audited()[0], "device.reject");
}

#[tokio::test]
async fn the_audit_page_checks_the_chain() {
    let (rig, admin) = Rig::with_admin().await;
    let shown = page(&rig, &admin, "/audit").await;
    assert!(shown.contains("The chain holds.") && shown.contains("user.create"));
}

#[tokio::test]
pub async fn the_theme_is_remembered_without_a_script() {
    let (rig, admin) = Rig::with_admin().await;
    let typed = form(&[("theme", "dark"), ("next", "/devices?status=silent")]);
    let chosen = rig.post(&admin, "/theme", &typed).await;
    assert!(chosen.header("set-cookie").starts_with("__Host-"));
    assert_eq!(
        (chosen.status, chosen.location()),
        (StatusCode::SEE_OTHER, "/devices?status=silent")
    );
    let cookie = chosen
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let page = rig.get(&Asker::with_cookie(&cookie), "/login").await;
    assert!(page.body.contains("data-theme=\"dark\""));
    let away = form(&[("theme", "dark"), ("next", "https://evil.example")]);
    assert_eq!(rig.post(&admin, "/theme", &away).await.location(), "/");
}

#[tokio::test]
async fn errors_are_pages_that_say_what_to_do() {
    let (rig, admin) = Rig::with_admin().await;
    for (path, status) in [
        ("/no-such-page", 404),
        ("/devices/nonsense", 404),
        ("/events?page=nonsense", 404),
    ] {
        let answer = rig.get(&admin, path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(
            answer.body.contains(answer.header("x-request-id")),
            "{path}"
        );
        assert!(answer.body.contains("<h1>"), "{path}");
    }
    let wrong = rig.post(&admin, "/devices", "").await;
    assert_eq!(
        (wrong.status, wrong.header("allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD")
    );
    assert!(!HOSTILE.is_empty());
}
