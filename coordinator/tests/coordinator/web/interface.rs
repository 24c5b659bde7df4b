//! The interface for programs as a whole: its description, its conventions, and following what happens.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use coordinator::store::operators::Role;
use futures::{SinkExt as _, StreamExt as _};
use protocol::coordinator::Event;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::Error;

use super::mesh::device_id;
use super::rig::{Answer, Asker, Rig};

#[tokio::test]
async fn the_description_names_what_was_asked_for() {
    let (rig, admin) = Rig::with_admin().await;
    let described = rig.get(&admin, "/api/v1/openapi.json").await.json();
    assert_eq!(described["openapi"], "3.1.0");
    for (path, method) in [
        ("/api/v1/devices", "get"),
        ("/api/v1/alerts", "get"),
        ("/api/v1/vulnerabilities", "get"),
        ("/api/v1/dashboard/metrics", "get"),
        ("/api/v1/network-traffic", "get"),
        ("/devices/register", "post"),
        ("/reports/generate", "get"),
        ("/logs/send", "post"),
        ("/updates/deploy", "post"),
    ] {
        let operation = &described["paths"][path][method];
        assert!(operation.is_object(), "{method} {path}");
        let problem = &operation["responses"]["401"]["content"]["application/problem+json"];
        assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem");
    }
    let device = &described["components"]["schemas"]["Device"];
    assert_eq!(device["properties"]["linked"]["type"], "boolean");
    let page = rig.get(&admin, "/interface").await;
    assert!(page.body.contains("POST /api/v1/devices/{id}/retire"));
    let tried = rig.get(&admin, "/interface/try").await;
    assert!(
        tried
            .body
            .contains("data-description=\"/api/v1/openapi.json\"")
    );
}

#[tokio::test]
async fn what_a_program_has_already_is_not_sent_again() {
    let (rig, admin) = Rig::with_admin().await;
    let path = format!("/api/v1/devices/{}", device_id(2));
    let first = rig.get(&admin, &path).await;
    let tag = first.header("etag");
    let ask = |tag: &str| {
        let request = admin.request(Method::GET, &path);
        let request = request.header("if-none-match", tag);
        rig.ask(request.body(Body::empty()).unwrap())
    };
    let again = ask(tag).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!((again.body.as_str(), again.header("etag")), ("", tag));
    rig.change_live(|live| live.devices[1].linked = !live.devices[1].linked);
    let changed = ask(tag).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), tag);
}

const KEY: &str = "idempotency-key";
const IF_MATCH: &str = "if-match";

/// Asks for a tuning under a condition of HTTP.
async fn tune(rig: &Rig, asker: &Asker, (header, value): (&str, &str), why: &str) -> Answer {
    let request = asker
        .request(Method::POST, "/api/v1/tunings")
        .header("content-type", "application/json")
        .header(header, value);
    let wish = format!(
        r#"{{"rule":"decoy_touched","of":"everybody","effect":"low","why":"{why}","for":"8h"}}"#
    );
    rig.ask(request.body(Body::from(wish)).unwrap()).await
}

#[tokio::test]
async fn a_request_that_is_sent_twice_is_carried_out_once() {
    let (rig, admin) = Rig::with_admin().await;
    let first = tune(&rig, &admin, (KEY, "\"9f\""), "a test").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let audited = rig.audited();
    let again = tune(&rig, &admin, (KEY, "9f"), "a test").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(rig.audited(), audited);
    let other = tune(&rig, &admin, (KEY, "9f"), "another").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = tune(&rig, &admin, (KEY, "9g"), "a test").await;
    assert_eq!(new.status, StatusCode::CREATED);
    assert_ne!(new.body, first.body);
    let unfit = tune(&rig, &admin, (KEY, ""), "a test").await;
    assert_eq!(unfit.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_second_of_two_who_change_the_same_document_is_told() {
    let (rig, admin) = Rig::with_admin().await;
    let list = rig.get(&admin, "/api/v1/tunings").await;
    let tag = list.header("etag").to_owned();
    let (one, two) = tokio::join!(
        tune(&rig, &admin, (IF_MATCH, &tag), "first"),
        tune(&rig, &admin, (IF_MATCH, &tag), "second")
    );
    let statuses = [one.status, two.status];
    assert!(statuses.contains(&StatusCode::CREATED), "{statuses:?}");
    assert!(
        statuses.contains(&StatusCode::PRECONDITION_FAILED),
        "{statuses:?}"
    );
    let refused = if one.status == StatusCode::CREATED {
        two
    } else {
        one
    };
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert!(
        refused.json()["type"]
            .as_str()
            .unwrap()
            .ends_with("changed")
    );
    let audited = rig.audited();
    let stale = tune(&rig, &admin, (IF_MATCH, &tag), "third").await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(rig.audited(), audited, "nothing was changed");
    let now = rig.get(&admin, "/api/v1/tunings").await;
    let fresh = tune(&rig, &admin, (IF_MATCH, now.header("etag")), "third").await;
    assert_eq!(fresh.status, StatusCode::CREATED, "{}", fresh.body);
    let any = tune(&rig, &admin, (IF_MATCH, "*"), "fourth").await;
    assert_eq!(any.status, StatusCode::CREATED, "{}", any.body);
    let unread = tune(&rig, &admin, (IF_MATCH, "{}"), "fifth").await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unread.body.contains("If-Match"), "{}", unread.body);
}

#[tokio::test]
async fn the_document_of_an_act_is_the_thing_that_it_acts_on() {
    let (rig, admin) = Rig::with_admin().await;
    let path = format!("/api/v1/devices/{}", device_id(2));
    let tag = rig.get(&admin, &path).await.header("etag").to_owned();
    rig.change_live(|live| live.devices[1].linked = !live.devices[1].linked);
    let ask = async |tag: &str| {
        let request = admin
            .request(Method::POST, &format!("{path}/quarantine"))
            .header("content-type", "application/json")
            .header("if-match", tag);
        rig.ask(request.body(Body::from(r#"{"reason":"odd"}"#)).unwrap())
            .await
            .status
    };
    assert_eq!(ask(&tag).await, StatusCode::PRECONDITION_FAILED);
    // Once no tag at all fitted a document with a name in its address.
    let tag = rig.get(&admin, &path).await.header("etag").to_owned();
    assert_eq!(ask(&tag).await, StatusCode::NO_CONTENT);
    let described = rig.get(&admin, "/api/v1/openapi.json").await.json();
    let act = &described["paths"]["/api/v1/devices/{id}/quarantine"]["post"];
    assert!(act["responses"]["412"].is_object());
    let mut parameters = act["parameters"].as_array().unwrap().iter();
    assert!(parameters.any(|one| one["name"] == "If-Match"));
    let entrance = &described["paths"]["/api/v1/auth/token"]["post"];
    assert!(entrance["responses"]["412"].is_null());
}

#[tokio::test]
async fn a_secret_is_in_the_first_answer_only() {
    let (rig, admin) = Rig::with_admin().await;
    let ask = || {
        let request = admin
            .request(Method::POST, "/api/v1/tokens")
            .header("content-type", "application/json")
            .header("idempotency-key", "one");
        let wish = r#"{"name":"hall-camera","class":"camera","cell":"hall"}"#;
        rig.ask(request.body(Body::from(wish)).unwrap())
    };
    let first = ask().await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let audited = rig.audited();
    let again = ask().await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(!again.body.contains(first.json()["join"].as_str().unwrap()));
    assert_eq!(rig.audited(), audited);
}

#[tokio::test]
async fn a_request_that_failed_may_be_tried_again_with_its_key() {
    let (rig, admin) = Rig::with_admin().await;
    for _ in 0..2 {
        let failed = tune(&rig, &admin, (KEY, "9f"), "").await;
        assert_eq!(failed.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(failed.headers.get("idempotency-replayed").is_none());
    }
}

fn withdrawn(number: u8) -> Event {
    Event::Withdrawn {
        device: device_id(number),
    }
}

async fn stream(rig: &Rig, asker: &Asker, path: &str) -> axum::body::BodyDataStream {
    let request = asker.request(Method::GET, path);
    let response = rig.open(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.into_body().into_data_stream()
}

async fn next(stream: &mut axum::body::BodyDataStream) -> (String, serde_json::Value) {
    let bytes = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
    let bytes = bytes
        .expect("a message comes")
        .expect("it goes on")
        .unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let line = |name: &str| {
        let mut lines = text.lines();
        let found = lines.find_map(|line| line.strip_prefix(name));
        found.unwrap_or_default().trim().to_owned()
    };
    (line("id:"), serde_json::from_str(&line("data:")).unwrap())
}

#[tokio::test]
async fn a_program_that_was_away_goes_on_where_it_was() {
    let (rig, _) = Rig::with_admin().await;
    let viewer = rig.token(Role::Viewer);
    let mut open = stream(&rig, &viewer, "/api/v1/events").await;
    rig.happens([withdrawn(1)]);
    let (id, first) = next(&mut open).await;
    assert_eq!(
        (&first["kind"], &first["id"]),
        (&"withdrawn".into(), &id.as_str().into())
    );
    assert_eq!(first["device"]["id"], device_id(1).to_string());
    drop(open);
    rig.happens([withdrawn(2), withdrawn(3)]);
    let mut open = stream(&rig, &viewer, &format!("/api/v1/events?after={id}")).await;
    for number in [2, 3] {
        let (_, told) = next(&mut open).await;
        assert_eq!(told["device"]["id"], device_id(number).to_string());
    }
    let wrong = rig.get(&viewer, "/api/v1/events?after=yesterday").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn following_ends_with_the_token() {
    let (rig, _) = Rig::with_admin().await;
    let viewer = rig.token(Role::Viewer);
    let mut open = stream(&rig, &viewer, "/api/v1/events").await;
    rig.happens([withdrawn(1)]);
    next(&mut open).await;
    rig.revoke_token(Role::Viewer);
    rig.happens([withdrawn(2)]);
    let last = tokio::time::timeout(Duration::from_secs(20), open.next()).await;
    assert!(last.expect("it ends").is_none());
}

/// The router behind a real port, as a socket needs one.
pub async fn served(rig: &Rig) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = rig.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address.to_string()
}

async fn socket(
    host: &str,
    headers: &[(&'static str, String)],
) -> Result<WebSocketStream<TcpStream>, Error> {
    let mut request = format!("ws://{host}/ws").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(host).await?;
    let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
    Ok(socket)
}

fn refused(opened: Result<WebSocketStream<TcpStream>, Error>) -> u16 {
    match opened {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("it was to be refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_socket_opens_for_our_pages_and_for_programs_only() {
    let (rig, admin) = Rig::with_admin().await;
    let viewer = rig.token(Role::Viewer);
    let host = served(&rig).await;
    let cookie = ("cookie", admin.cookie().to_owned());
    let bearer = ("authorization", format!("Bearer {}", viewer.bearer()));
    let ours = ("origin", format!("https://{host}"));
    let foreign = ("origin", "https://evil.example".to_owned());
    assert_eq!(refused(socket(&host, &[]).await), 401);
    assert_eq!(
        refused(socket(&host, std::slice::from_ref(&cookie)).await),
        403
    );
    assert_eq!(
        refused(socket(&host, &[cookie.clone(), foreign.clone()]).await),
        403
    );
    assert_eq!(
        refused(socket(&host, &[bearer.clone(), foreign]).await),
        403
    );
    for headers in [vec![cookie, ours], vec![bearer]] {
        let mut socket = socket(&host, &headers).await.unwrap();
        rig.happens([withdrawn(1)]);
        let told = tokio::time::timeout(Duration::from_secs(20), socket.next()).await;
        let Ok(Some(Ok(Message::Text(told)))) = told else {
            panic!("a happening comes: {told:?}");
        };
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["kind"], "withdrawn");
        socket.send(Message::Close(None)).await.unwrap();
    }
    let plain = rig.get(&viewer, "/ws").await;
    assert_eq!(plain.status, StatusCode::BAD_REQUEST);
    assert_eq!(plain.header("content-type"), "application/problem+json");
}

/// What is asked for under a path pattern: ids are filled by what could be one.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{id}" => device_id(1).to_string(),
        part if part.starts_with('{') => "1".to_owned(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Every door that reads a query, or a document, refuses what it does not know by its name.
#[tokio::test]
async fn each_refused_query_and_document_names_the_field() {
    const STRANGE: &str = "no such/field";
    let (rig, admin) = Rig::with_admin().await;
    let described = rig.get(&admin, "/api/v1/openapi.json").await.json();
    let (mut queries, mut documents) = (0, 0);
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let reads_query = operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["in"] == "query"));
            let bodies = &operation["requestBody"]["content"];
            let reads_document =
                bodies["application/json"].is_object() && bodies.as_object().unwrap().len() == 1;
            let method: Method = method.to_uppercase().parse().unwrap();
            if reads_query && method == Method::GET {
                let asked = format!("{}?no%20such%2Ffield=1", filled(path));
                let answer = rig.get(&admin, &asked).await;
                if [400, 422].contains(&answer.status.as_u16()) {
                    assert_eq!(
                        answer.json()["errors"][0]["parameter"],
                        STRANGE,
                        "{asked}: {}",
                        answer.body
                    );
                    queries += 1;
                } else {
                    panic!("{asked}: {} {}", answer.status, answer.body);
                }
            }
            if reads_document {
                let body = serde_json::json!({STRANGE: 1}).to_string();
                let request = admin.request(method.clone(), &filled(path));
                let request = request.header("content-type", "application/json");
                let answer = rig.ask(request.body(Body::from(body)).unwrap()).await;
                assert!(
                    answer.status.is_client_error(),
                    "{method} {path}: {}",
                    answer.status
                );
                if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
                    let pointer = answer.json()["errors"][0]["pointer"].clone();
                    assert!(
                        pointer.as_str().is_some_and(|place| place.len() > 1),
                        "{method} {path}: {}",
                        answer.body
                    );
                    documents += 1;
                }
            }
        }
    }
    assert!(
        queries >= 20 && documents >= 20,
        "{queries} queries, {documents} documents"
    );
}

#[tokio::test]
async fn a_wrong_path_is_a_problem_wherever_a_program_asks() {
    let (rig, admin) = Rig::with_admin().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/devices",
        "/api/v1/devices/",
        "/api/v1/devices/a/b/c",
    ] {
        for asker in [&admin, &Asker::default()] {
            let answer = rig.get(asker, path).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{path}: {}",
                answer.body
            );
            assert_eq!(
                answer.header("content-type"),
                "application/problem+json",
                "{path}"
            );
            assert_eq!(answer.json()["status"], 404);
        }
    }
    let wrong = rig.post_json(&admin, "/api/v1/devices", "{}").await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.header("content-type"), "application/problem+json");
}
