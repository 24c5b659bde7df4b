//! Tags, sites and filters of devices: said on a page or by a program, and understood alike by every list.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use coordinator::store::operators::Role;
use naughty_strings::BLNS;
use protocol::class::DeviceClass;
use protocol::coordinator::save::Save;
use protocol::heard::{Device, Heard, Mac, Means, Met, Presence, Watched};
use protocol::id::Digest;
use protocol::seal::DataKey;
use protocol::statement::Statement;
use protocol::text::Name;
use serde_json::{Value, json};

use super::mesh::{collected, device_id};
use super::rig::{Asker, HOSTILE, Rig, form, name, now};

const PLUG: &str = "02:00:00:00:00:09";

/// Member 1 hears a plug that runs no node, and guards it.
pub fn hear_a_plug(rig: &Rig) {
    let mac: Mac = PLUG.parse().unwrap();
    let met = Some(Met {
        at: now(),
        means: Means::Arp,
    });
    let plug = Device {
        mac,
        addresses: vec![[10, 0, 0, 44].into()],
        names: vec![name("plug")],
        vendor: Some(name("Espressif")),
        class: DeviceClass::Other,
        confidence: 10,
        reasons: vec![name("listens on port 554 (RTSP)")],
        ports: vec![80],
        first: now(),
        last: now(),
    };
    let line = Watched {
        mac,
        from: now(),
        until: now(),
        presence: Presence::There,
        met,
        cites: None,
    };
    let said = Statement::Heard(Heard {
        since: now(),
        devices: vec![plug],
        watched: vec![line],
        events: Vec::new(),
        ears: None,
    });
    let key = DataKey::from_bytes([6; 32]);
    let enrolled = Save::Enrolled {
        device: device_id(1),
        data_key: key.clone(),
        at: now(),
    };
    let record = collected(device_id(1), 0, now(), Digest::ZERO, &key, said);
    rig.save_all(&[enrolled, Save::Record(Box::new(record))]);
}

async fn describe(rig: &Rig, asker: &Asker, id: &str, words: Value) -> (StatusCode, String) {
    let path = format!("/api/v1/devices/{id}/describe");
    let answer = rig.post_json(asker, &path, &words.to_string()).await;
    (answer.status, answer.body)
}

fn asked(path: &str, filter: &str) -> String {
    let query = serde_urlencoded::to_string([("filter", filter)]).unwrap();
    format!("{path}?{query}")
}

/// Every device that programs are told of, over all pages.
async fn by_programs(rig: &Rig, asker: &Asker, filter: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut path = asked("/api/v1/devices", filter) + "&limit=2";
    loop {
        let answer = rig.get(asker, &path).await;
        let page = answer.json();
        let items = page["items"].as_array().expect("a list").iter();
        ids.extend(items.map(|item| item["id"].as_str().unwrap().to_owned()));
        if page["next_cursor"].is_null() {
            return ids;
        }
        let link = answer.header("link").to_owned();
        let link = link.strip_prefix('<').unwrap();
        path = link.split_once('>').unwrap().0.to_owned();
    }
}

async fn on_the_page(rig: &Rig, asker: &Asker, filter: &str) -> BTreeSet<String> {
    let page = rig.get(asker, &asked("/devices", filter)).await.body;
    let rows = |start: &'static str| page.split(start).skip(1).collect::<Vec<_>>();
    let members = rows("<tr id=\"device-").into_iter();
    let members = members.map(|row| row.split('"').next().unwrap().to_owned());
    let others = rows("href=\"/neighbours/").into_iter();
    let others = others.map(|row| row.split('"').next().unwrap().replace("%3A", ":"));
    members.chain(others).collect()
}

async fn in_the_table(rig: &Rig, asker: &Asker, filter: &str) -> BTreeSet<String> {
    let table = rig.get(asker, &asked("/devices.csv", filter)).await.body;
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let ids = rows.records().map(|row| row.expect("a row")[0].to_owned());
    ids.collect()
}

#[tokio::test]
pub async fn tags_and_a_site_are_said_by_programs_and_shown_where_the_device_is() {
    let (rig, admin) = Rig::with_admin().await;
    hear_a_plug(&rig);
    let sensor = device_id(1).to_string();
    for id in [sensor.as_str(), PLUG] {
        let words = json!({"site": HOSTILE, "tags": ["floor2", HOSTILE, "night shift"]});
        let (status, body) = describe(&rig, &admin, id, words).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
        let told = rig.get(&admin, &format!("/api/v1/devices/{id}")).await;
        assert_eq!(told.json()["site"], HOSTILE);
        let tags = json!([HOSTILE, "floor2", "night shift"]);
        assert_eq!(told.json()["tags"], tags, "{}", told.body);
    }
    for path in [
        format!("/devices/{sensor}"),
        format!("/neighbours/{PLUG}"),
        format!("/findings/on/{sensor}"),
        "/devices".to_owned(),
    ] {
        let page = rig.get(&admin, &path).await.body;
        assert!(page.contains("night shift"), "{path}: {page}");
        assert!(!page.contains("<script>alert"), "{path}");
    }
    let (status, _) = describe(&rig, &admin, PLUG, json!({"name": "lamp", "class": "plc"})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let told = rig.get(&admin, &format!("/api/v1/devices/{PLUG}")).await;
    let told = told.json();
    assert_eq!(
        (&told["name"], &told["class"]),
        (&json!("lamp"), &json!("plc"))
    );
    assert_eq!(told["site"], HOSTILE, "what is not said stays");
    let entry = &rig.reader.audit_page(None, 1).unwrap()[0].act;
    assert_eq!(entry.action.as_str(), "device.describe");
    assert_eq!(
        entry.after.as_ref().map(ToString::to_string).as_deref(),
        Some("name: lamp; class: plc")
    );
}

#[tokio::test]
async fn what_does_not_fit_names_its_field_and_keeps_what_was_there() {
    let (rig, admin) = Rig::with_admin().await;
    let sensor = device_id(1).to_string();
    let many: Vec<String> = (0..33).map(|number| format!("t{number}")).collect();
    for (words, field) in [
        (json!({"tags": ["a,b"]}), "/tags"),
        (json!({"tags": [""]}), "/tags"),
        (json!({"tags": many}), "/tags"),
        (json!({"site": "x".repeat(65)}), "/site"),
        (json!({"site": "a\u{0}b"}), "/site"),
        (json!({"name": "mine"}), "/name"),
        (json!({"class": "plc"}), "/class"),
        (json!({}), "say a name"),
    ] {
        let (status, body) = describe(&rig, &admin, &sensor, words.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(body.contains(field), "{words}: {body}");
    }
    let nobody = device_id(99).to_string();
    for id in [
        nobody.as_str(),
        "mac:02:00:00:00:00:77",
        "ip:10.9.9.9",
        "press",
    ] {
        let (status, _) = describe(&rig, &admin, id, json!({"tags": []})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{id}");
    }
    let viewer = rig.token(Role::Viewer);
    let (status, _) = describe(&rig, &viewer, &sensor, json!({"tags": []})).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
pub async fn the_form_keeps_what_was_typed_and_says_what_is_wrong_with_it() {
    let (rig, admin) = Rig::with_admin().await;
    hear_a_plug(&rig);
    let sensor = device_id(1).to_string();
    let path = format!("/devices/{sensor}/describe");
    let page = rig.get(&admin, &path).await.body;
    assert!(!page.contains("name=\"class\""), "a member has its own");
    let typed = form(&[("site", "Pier 9"), ("tags", &"x".repeat(70))]);
    let wrong = rig.post(&admin, &path, &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"Pier 9\""), "{}", wrong.body);
    assert!(
        wrong
            .body
            .contains("Tag 1: the text is longer than 64 bytes")
    );
    let typed = form(&[("site", "Riverside"), ("tags", "floor2, , east")]);
    let done = rig.post(&admin, &path, &typed).await;
    assert_eq!(done.location(), format!("/devices/{sensor}"));
    let page = rig.get(&admin, &path).await.body;
    assert!(page.contains("value=\"east, floor2\""), "{page}");

    let path = format!("/devices/{PLUG}/describe");
    let typed = form(&[("name", "lamp"), ("class", "phone"), ("tags", "")]);
    let done = rig.post(&admin, &path, &typed).await;
    assert_eq!(
        done.location().replace("%3A", ":"),
        format!("/neighbours/{PLUG}")
    );
    let list = rig.get(&admin, "/devices?class=phone").await.body;
    assert!(list.contains("lamp"), "{list}");
    let typed = form(&[("class", "toaster"), ("site", "")]);
    let wrong = rig.post(&admin, &path, &typed).await;
    assert!(wrong.body.contains("no device class"), "{}", wrong.body);
}

#[tokio::test]
async fn one_filter_means_the_same_to_pages_tables_and_programs() {
    let (rig, admin) = Rig::with_admin().await;
    hear_a_plug(&rig);
    let [sensor, camera, meter, press, hostile] = [1, 2, 3, 4, 5].map(|n| device_id(n).to_string());
    let said = json!({"site": "Riverside", "tags": ["floor2"]});
    for id in [&sensor, &press] {
        assert_eq!(
            describe(&rig, &admin, id, said.clone()).await.0,
            StatusCode::NO_CONTENT
        );
    }
    let quoted = json!({"tags": ["say \"hi\" \\ <b>"], "class": "camera"});
    assert_eq!(
        describe(&rig, &admin, PLUG, quoted).await.0,
        StatusCode::NO_CONTENT
    );
    let all = [&sensor, &camera, &meter, &press, &hostile];
    let everybody: Vec<&str> = all.into_iter().map(String::as_str).chain([PLUG]).collect();
    for (filter, expected) in [
        ("tag:floor2", vec![sensor.as_str(), &press]),
        ("tag:FLOOR2 && status==online", vec![&sensor]),
        ("site==riverside && !name==press", vec![&sensor]),
        ("class==camera", vec![&camera, PLUG]),
        ("class==camera && node==no", vec![PLUG]),
        ("tag:\"say \\\"hi\\\" \\\\ <b>\"", vec![PLUG]),
        ("status==retired || status==stopped", vec![&meter, &press]),
        (
            "last_heard<1h && node==yes && cell==workshop && class==sensor && status==online",
            vec![&sensor],
        ),
        (
            "mac==02:00:00:00:00:09 && address:10.0.0. && vendor:espress",
            vec![PLUG],
        ),
        ("guardians>0 && status==there", vec![PLUG]),
        ("first_heard<4w && score>0 && name:press", vec![&press]),
        ("findings==0 && !class==nothing && node==no", vec![PLUG]),
        ("last_scan<1d", vec![]),
        ("", everybody),
    ] {
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(
            by_programs(&rig, &admin, filter).await,
            expected,
            "{filter}"
        );
        let mut page = on_the_page(&rig, &admin, filter).await;
        let mut table = in_the_table(&rig, &admin, filter).await;
        if filter.is_empty() {
            // Who waits for approval is no device yet, and is shown where nothing narrows the list.
            assert!(page.remove("7") && table.remove("7"));
        }
        assert_eq!(page, expected, "{filter}");
        assert_eq!(table, expected, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_that_is_none_says_where_and_what_to_write() {
    let (rig, admin) = Rig::with_admin().await;
    let says = "column 1: there is no field clas; did you mean class?";
    let page = rig.get(&admin, &asked("/devices", "clas==camera")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(says), "{}", page.body);
    assert!(page.body.contains("value=\"clas==camera\""), "it is kept");
    assert!(
        !page.body.contains("boiler-sensor"),
        "and nothing is listed"
    );
    for path in ["/api/v1/devices", "/devices.csv"] {
        let answer = rig.get(&admin, &asked(path, "clas==camera")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(answer.body.contains(says), "{path}: {}", answer.body);
    }
    let long = format!("name:{}", "x".repeat(3000));
    let page = rig.get(&admin, &asked("/devices", &long)).await.body;
    assert!(page.contains("longer than 2048 bytes"), "it is not cut");
}

#[tokio::test]
pub async fn a_kept_filter_of_devices_is_shown_above_their_list_alone() {
    let (rig, admin) = Rig::with_admin().await;
    let keep = |name: &str, filter: &str| form(&[("name", name), ("filter", filter)]);
    let done = rig
        .post(&admin, "/devices/views", &keep(HOSTILE, "class==camera"))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = rig.get(&admin, done.location()).await.body;
    assert!(page.contains("gate-camera") && !page.contains("boiler-sensor"));
    assert!(page.contains("alert(1)") && !page.contains("<script>alert"));
    let finding = json!({"name": HOSTILE, "filter": "kind==cve"}).to_string();
    rig.post_json(&admin, "/api/v1/views", &finding).await;
    let of = |of: &str| format!("/api/v1/views?of={of}");
    let devices = rig.get(&admin, &of("devices")).await.json();
    assert_eq!(devices, json!({HOSTILE: "class==camera"}));
    let findings = rig.get(&admin, "/api/v1/views").await.json();
    assert_eq!(
        findings,
        json!({HOSTILE: "kind==cve"}),
        "each has its own names"
    );
    let wrong = json!({"name": "x", "filter": "kind==cve", "of": "devices"}).to_string();
    let wrong = rig.post_json(&admin, "/api/v1/views", &wrong).await;
    assert_eq!(
        wrong.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        wrong.body
    );
    for (name, filter, says) in [
        (
            "x",
            "clas==camera",
            "filter: column 1: there is no field clas",
        ),
        ("", "class==camera", "name: the text is empty"),
    ] {
        let wrong = rig
            .post(&admin, "/devices/views", &keep(name, filter))
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains(says), "{}", wrong.body);
    }
    rig.post(&admin, "/devices/views", &keep(HOSTILE, "")).await;
    assert_eq!(rig.get(&admin, &of("devices")).await.body, "{}");
    assert_eq!(rig.get(&admin, "/api/v1/views").await.json(), findings);
}

/// The Big List of Naughty Strings, as tags: kept and shown as they are, and each found by a filter that quotes it.
#[tokio::test]
async fn naughty_tags_are_shown_as_they_are_and_found_again() {
    let (rig, admin) = Rig::with_admin().await;
    let sensor = device_id(1).to_string();
    let fits =
        |text: &&str| Name::new(*text).is_ok() && text.trim() == *text && !text.contains(',');
    let fitting: Vec<&str> = BLNS.iter().copied().filter(fits).collect();
    assert!(fitting.len() > 200, "{} fit", fitting.len());
    for texts in fitting.chunks(30) {
        let (status, body) = describe(&rig, &admin, &sensor, json!({"tags": texts})).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
        let told = rig.get(&admin, &format!("/api/v1/devices/{sensor}")).await;
        let told = told.json();
        let told: BTreeSet<&str> = told["tags"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tag| tag.as_str().unwrap())
            .collect();
        assert_eq!(told, texts.iter().copied().collect());
        let page = rig.get(&admin, &format!("/devices/{sensor}")).await.body;
        for text in texts {
            let shown = text.replace('&', "&amp;").replace('<', "&lt;");
            let shown = shown.replace('>', "&gt;").replace('"', "&quot;");
            assert!(page.contains(&shown), "{text:?}");
            let filter = format!(
                "tag:\"{}\"",
                text.replace('\\', "\\\\").replace('"', "\\\"")
            );
            let found = by_programs(&rig, &admin, &filter).await;
            assert!(found.contains(&sensor), "{text:?} is not found by {filter}");
        }
    }
}

#[tokio::test]
async fn classes_say_what_is_enforced_and_what_is_set_for_them() {
    let (rig, admin) = Rig::with_admin().await;
    hear_a_plug(&rig);
    describe(&rig, &admin, PLUG, json!({"class": "plc"})).await;
    let tune = json!({"rule": "file_changed", "of": "class:camera", "effect": "low", "why": "repainted", "for": "7d"});
    let tuned = rig
        .post_json(&admin, "/api/v1/tunings", &tune.to_string())
        .await;
    assert!(tuned.status.is_success(), "{}", tuned.body);
    let told = rig.get(&admin, "/api/v1/classes").await.json();
    let all = told["items"].as_array().unwrap();
    assert_eq!(all.len(), DeviceClass::ALL.len());
    let class = |word: &str| all.iter().find(|one| one["class"] == word).unwrap();
    let plc = class("plc");
    assert_eq!(
        (&plc["members"], &plc["without_node"]),
        (&json!(0), &json!(1))
    );
    let words = |one: &Value| ["quarantine", "scans", "calls"].map(|field| one[field].clone());
    assert_eq!(words(plc), ["never", "by_name_only", "hardware_only"]);
    assert_eq!(words(class("camera")), ["by_order", "open", "any"]);
    assert_eq!(class("camera")["members"], 1);
    assert_eq!(class("camera")["tunings"][0]["why"], "repainted");
    assert_eq!(class("sensor")["tunings"], json!([]));
    assert_eq!(plc["labels"]["processes"], "sensitive");
    let list = rig.get(&admin, "/classes").await.body;
    assert!(list.contains("only by its typed name"), "{list}");
    let page = rig.get(&admin, "/classes/camera").await.body;
    assert!(
        page.contains("repainted") && page.contains("file_changed"),
        "{page}"
    );
    let none = rig.get(&admin, "/classes/toaster").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

/// Why a device is taken for a camera was English on French pages, because nodes write it down.
#[tokio::test]
async fn the_reasons_of_a_guess_are_in_the_readers_language() {
    let (rig, admin) = Rig::with_admin().await;
    hear_a_plug(&rig);
    let path = format!("/neighbours/{PLUG}");
    let english = rig.get(&admin, &path).await.body;
    assert!(english.contains("listens on port 554 (RTSP)"), "{english}");
    let request = admin
        .request(Method::GET, &path)
        .header("accept-language", "fr")
        .body(Body::empty())
        .unwrap();
    let french = rig.ask(request).await.body;
    assert!(french.contains("écoute sur le port 554 (RTSP)"), "{french}");
    assert!(!french.contains("listens on"), "{french}");
}
