//! What programs are answered.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use coordinator::store::operators::Role;

use super::mesh::{self, device_id};
use super::rig::{Answer, Asker, Rig};

fn assert_problem(answer: &Answer, status: u16, word: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:palisade:problem:{word}"));
    assert_eq!(problem["status"], status);
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    assert!(!problem["title"].as_str().unwrap().is_empty());
    assert!(!problem["detail"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_device_is_told_as_it_is() {
    let (rig, admin) = Rig::with_admin().await;
    let list = rig
        .get(&admin, "/api/v1/devices?status=silent")
        .await
        .json();
    let item = &list["items"][0];
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["next_cursor"], serde_json::Value::Null);
    assert_eq!(item["id"], device_id(2).to_string());
    assert_eq!(
        (&item["name"], &item["class"]),
        (&"gate-camera".into(), &"camera".into())
    );
    assert_eq!(item["cell"], "workshop");
    assert_eq!(item["linked"], false);
    assert_eq!(item["last_heard_by"].as_array().unwrap().len(), 2);
    assert_eq!(item["last_heard_by"][0]["evidence"], "received traffic");
    for moment in ["since", "last_seen", "membership_until", "admitted"] {
        assert!(item[moment].as_str().unwrap().ends_with('Z'), "{moment}");
    }
    let one = rig
        .get(&admin, &format!("/api/v1/devices/{}", device_id(2)))
        .await
        .json();
    assert_eq!(&one, item);
    let all = rig.get(&admin, "/api/v1/devices").await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 5);
    let retired = rig
        .get(&admin, &format!("/api/v1/devices/{}", device_id(3)))
        .await
        .json();
    assert_eq!(retired["withdrawal"]["reason"], "sold");
}

#[tokio::test]
async fn every_failure_is_a_problem_document() {
    let (rig, admin) = Rig::with_admin().await;
    let get = async |path: &str| rig.get(&admin, path).await;
    assert_problem(
        &rig.get(&Asker::default(), "/api/v1/devices").await,
        401,
        "signed-out",
    );
    assert_problem(
        &rig.get(&rig.token(Role::Viewer), "/api/v1/audit").await,
        403,
        "not-allowed",
    );
    assert_problem(&get("/api/v1/nothing").await, 404, "no-such-page");
    assert_problem(&get("/api/v1/devices/nonsense").await, 404, "no-such-thing");
    assert_problem(
        &get(&format!("/api/v1/devices/{}", device_id(99))).await,
        404,
        "no-such-thing",
    );
    assert_problem(&get("/api/v1/devices?limit=many").await, 400, "unreadable");
    assert_problem(&get("/api/v1/devices?colour=red").await, 400, "unreadable");
    for query in [
        "limit=0",
        "limit=1001",
        "status=lost",
        "class=toaster",
        "sort=luck",
        "cursor=!",
    ] {
        let answer = get(&format!("/api/v1/devices?{query}")).await;
        assert_problem(&answer, 422, "invalid");
        let place = query.split('=').next().unwrap();
        assert_eq!(answer.json()["errors"][0]["parameter"], place);
    }
    let post = async |json: &str| rig.post_json(&admin, "/api/v1/tokens", json).await;
    assert_problem(&post("{").await, 400, "unreadable");
    let lacking = post("{}").await;
    assert_problem(&lacking, 422, "invalid");
    assert_eq!(lacking.json()["errors"][0]["pointer"], "/name");
    assert_problem(
        &post("{\"name\":\"a\",\"class\":\"meter\",\"cell\":\"b\",\"admin\":true}").await,
        422,
        "invalid",
    );
    assert_problem(
        &rig.post(&admin, "/api/v1/tokens", "name=a").await,
        415,
        "wrong-media-type",
    );
    assert_problem(
        &post(&format!("\"{}\"", "x".repeat(2 << 20))).await,
        413,
        "too-large",
    );
    assert_problem(
        &rig.post_json(&admin, "/api/v1/devices", "{}").await,
        405,
        "wrong-method",
    );
}

#[tokio::test]
async fn a_foreign_page_cannot_use_the_session_of_a_browser() {
    let (rig, admin) = Rig::with_admin().await;
    let request = admin
        .request(Method::POST, "/api/v1/tokens")
        .header(CONTENT_TYPE, "application/json")
        .header("origin", "https://evil.example");
    assert_problem(
        &rig.ask(request.body(Body::from("{}")).unwrap()).await,
        403,
        "foreign-origin",
    );
}

/// What a page of another origin asks, and what its browser is told.
async fn across(rig: &Rig, origin: &str, asker: &Asker, method: Method) -> Answer {
    let request = asker
        .request(method, "/api/v1/devices")
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    rig.ask(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn pages_of_listed_origins_may_ask_with_a_token_and_of_no_other() {
    let (rig, admin) = Rig::with_admin().await;
    let token = rig.token(Role::Operator);
    let nobody = Asker::default();
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").to_owned();
    let listed = across(&rig, "https://dash.example", &nobody, Method::OPTIONS).await;
    assert_eq!(allowed(&listed), "https://dash.example");
    assert!(
        listed
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    assert_eq!(listed.header("access-control-allow-credentials"), "");
    for origin in [
        "https://evil.example",
        "https://dash.example.evil.example",
        "null",
    ] {
        let other = across(&rig, origin, &nobody, Method::OPTIONS).await;
        assert_eq!(allowed(&other), "", "{origin}");
    }
    let read = across(&rig, "https://dash.example", &token, Method::GET).await;
    assert_eq!(
        (read.status, allowed(&read).as_str()),
        (StatusCode::OK, "https://dash.example")
    );
    let post = |asker: &Asker, origin: &'static str| {
        let request = asker
            .request(Method::POST, "/api/v1/alerts/1/acknowledge")
            .header(CONTENT_TYPE, "application/json")
            .header("origin", origin)
            .header("sec-fetch-site", "cross-site");
        request.body(Body::from("{}")).unwrap()
    };
    let with_token = rig.ask(post(&token, "https://dash.example")).await;
    assert_eq!(
        with_token.status,
        StatusCode::NOT_FOUND,
        "{}",
        with_token.body
    );
    // A session is of no use across origins, listed or not.
    for origin in ["https://dash.example", "https://evil.example"] {
        assert_problem(&rig.ask(post(&admin, origin)).await, 403, "foreign-origin");
    }
    assert_problem(
        &rig.ask(post(&token, "https://evil.example")).await,
        403,
        "foreign-origin",
    );
}

#[tokio::test]
pub async fn a_join_string_is_handed_out_once_and_noted() {
    let rig = Rig::new();
    let operator = rig.token(Role::Operator);
    let asked = "{\"name\":\"pump\",\"class\":\"meter\",\"cell\":\"cellar\",\"life_s\":60}";
    let made = rig.post_json(&operator, "/api/v1/tokens", asked).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!(made.json()["join"], "plsd1_SECRET1");
    let entry = &rig.reader.audit_page(None, 1).unwrap()[0].act;
    assert_eq!(
        (entry.actor.as_str(), entry.action.as_str()),
        ("operator", "join_token.create")
    );
    assert!(!format!("{entry:?}").contains("SECRET"));
    let wrong = "{\"name\":\"\",\"class\":\"x\",\"cell\":\"cellar\"}";
    let problem = rig
        .post_json(&operator, "/api/v1/tokens", wrong)
        .await
        .json();
    let places: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["pointer"])
        .collect();
    assert_eq!(places, ["/name", "/class"]);
    let long = asked.replace("60", "3601");
    assert_problem(
        &rig.post_json(&operator, "/api/v1/tokens", &long).await,
        422,
        "invalid",
    );
}

#[tokio::test]
pub async fn a_device_is_retired_by_whoever_may() {
    let rig = Rig::new();
    let path = format!("/api/v1/devices/{}/retire", device_id(1));
    let viewer = rig.token(Role::Viewer);
    assert_problem(
        &rig.post_json(&viewer, &path, "{}").await,
        403,
        "not-allowed",
    );
    let operator = rig.token(Role::Operator);
    let retired = rig
        .post_json(&operator, &path, "{\"reason\":\"stolen\"}")
        .await;
    assert_eq!(
        (retired.status, retired.body.as_str()),
        (StatusCode::NO_CONTENT, "")
    );
    assert_problem(
        &rig.post_json(&operator, &path, "{}").await,
        409,
        "already-so",
    );
    assert_eq!(rig.audited(), ["device.retire"]);
}

#[tokio::test]
async fn figures_and_records_come_from_the_store() {
    let rig = Rig::new();
    let viewer = rig.token(Role::Viewer);
    rig.record(device_id(1), 5);
    let path = format!("/api/v1/devices/{}", device_id(1));
    let newest = rig
        .get(&viewer, &format!("{path}/telemetry?range=1h"))
        .await
        .json();
    let metrics: Vec<_> = newest["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["metric"].as_str().unwrap())
        .collect();
    assert_eq!(
        metrics,
        ["cpu_permille", "memory_used_kib", "memory_used_permille"]
    );
    let line = rig
        .get(
            &viewer,
            &format!("{path}/telemetry?metric=cpu_permille&range=1h"),
        )
        .await
        .json();
    let items = line["items"].as_array().unwrap();
    assert_eq!(items.len(), 5);
    assert_eq!(
        (&items[4]["min"], &items[4]["mean"]),
        (&104.into(), &104.into())
    );
    assert_problem(
        &rig.get(&viewer, &format!("{path}/telemetry?metric=luck"))
            .await,
        422,
        "invalid",
    );
    assert_problem(
        &rig.get(&viewer, &format!("{path}/telemetry?range=1y"))
            .await,
        422,
        "invalid",
    );

    let records = rig
        .get(&viewer, &format!("{path}/records?limit=3"))
        .await
        .json();
    let links: Vec<_> = records["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["link"].as_str().unwrap())
        .collect();
    assert_eq!(links, ["first", "chained", "chained"]);
    assert_eq!(records["next_cursor"], "0.2");
    assert_eq!(
        records["items"][1]["previous"],
        records["items"][0]["digest"]
    );
    let rest = rig
        .get(&viewer, &format!("{path}/records?after=0.2"))
        .await
        .json();
    assert_eq!(rest["items"][0]["position"]["sequence"], 3);
    assert_problem(
        &rig.get(&viewer, &format!("{path}/records?after=x")).await,
        422,
        "invalid",
    );
}

#[tokio::test]
async fn the_trail_and_the_counts_are_read_by_who_may() {
    let (rig, admin) = Rig::with_admin().await;
    let trail = rig
        .get(&rig.token(Role::Auditor), "/api/v1/audit?limit=1")
        .await
        .json();
    assert_eq!(trail["items"][0]["action"], "user.create");
    assert_eq!(trail["items"][0]["number"], 1);
    let counts = rig.get(&admin, "/api/v1/dashboard/metrics").await.json();
    assert_eq!(counts["devices"]["online"], 1);
    assert_eq!(
        (&counts["pending"], &counts["linked"]),
        (&1.into(), &1.into())
    );
}

#[tokio::test]
async fn a_rotation_shows_who_has_not_heard_of_it() {
    let (rig, admin) = Rig::with_admin().await;
    let nothing = rig.get(&admin, "/api/v1/rotation").await.json();
    assert_eq!(nothing["charter"], 1);
    assert_eq!(nothing["issued"], serde_json::Value::Null);
    rig.change_live(|live| live.rotation = Some(mesh::rotation()));
    let told = rig.get(&admin, "/api/v1/rotation").await.json();
    assert_eq!((&told["members"], &told["done"]), (&4.into(), &3.into()));
    assert_eq!(told["stragglers"][0], device_id(4).to_string());
    let page = rig.get(&admin, "/mesh").await.body;
    assert!(page.contains("3 of 4 devices hold it"), "{page}");
    assert!(page.contains("Waiting for"), "{page}");
}

#[tokio::test]
async fn a_token_that_expired_or_was_removed_opens_nothing() {
    let rig = Rig::new();
    let viewer = rig.token(Role::Viewer);
    assert_eq!(
        rig.get(&viewer, "/api/v1/devices").await.status,
        StatusCode::OK
    );
    let (hash, used) = rig.reader.api_tokens().unwrap().remove(0);
    assert!(used.used.is_some());
    rig.writer
        .write(|changes| changes.remove_api_token(&hash))
        .unwrap();
    assert_problem(
        &rig.get(&viewer, "/api/v1/devices").await,
        401,
        "signed-out",
    );
}
