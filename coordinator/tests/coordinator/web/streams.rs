//! Event streams: a whole page's regions at once, again when something happens, and an end.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, StatusCode};
use coordinator::live::State;
use futures::StreamExt as _;
use protocol::coordinator::Event;
use protocol::coordinator::presence::Status;

use super::mesh::device_id;
use super::rig::{Asker, Rig, now};

pub async fn open(rig: &Rig, asker: &Asker, path: &str) -> BodyDataStream {
    let request = asker
        .request(Method::GET, path)
        .header("accept-encoding", "gzip");
    let response = rig.open(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(response.headers().get("content-encoding").is_none());
    response.into_body().into_data_stream()
}

pub async fn message(stream: &mut BodyDataStream) -> String {
    let next = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
    let bytes = next
        .expect("a message comes in time")
        .expect("the stream goes on")
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn each_page_has_a_stream_that_begins_with_all_of_its_regions() {
    let (rig, admin) = Rig::with_admin().await;
    let id = device_id(1);
    let streams = [
        ("/events?page=overview".to_owned(), "#events"),
        (
            "/events?page=devices&status=silent".to_owned(),
            "#device-list",
        ),
        (format!("/events?page=device&id={id}"), "#device-header"),
        (
            format!("/events?page=telemetry&id={id}&range=1h"),
            "#device-tab",
        ),
        (format!("/events?page=peers&id={id}"), "#device-tab"),
        ("/events?page=mesh&view=table".to_owned(), "#mesh"),
        ("/events?page=rotation".to_owned(), "#rotation-progress"),
        ("/events?page=rollouts".to_owned(), "#rollouts"),
        ("/events?page=commands".to_owned(), "#commands"),
    ];
    for (path, region) in streams {
        let first = message(&mut open(&rig, &admin, &path).await).await;
        assert!(first.starts_with("data: <hx-partial"), "{path}: {first}");
        assert!(first.contains(&format!("hx-target=\"{region}\"")), "{path}");
        assert!(
            !first.contains("\nevent:") && first.ends_with("\n\n"),
            "{path}"
        );
        assert!(!first.contains("<script>alert"), "{path}");
    }
}

#[tokio::test]
async fn what_happens_reaches_an_open_page() {
    let (rig, admin) = Rig::with_admin().await;
    let mut stream = open(&rig, &admin, "/events?page=devices&status=silent").await;
    assert!(!message(&mut stream).await.contains("boiler-sensor"));
    let event = Event::Status {
        device: device_id(1),
        status: Status::Silent,
        since: now(),
    };
    rig.events.send(event).unwrap();
    rig.change_live(|live| live.devices[0].state = State::Silent);
    assert!(message(&mut stream).await.contains("boiler-sensor"));
}

#[tokio::test]
async fn a_stream_that_falls_behind_is_sent_everything_anew() {
    let (rig, admin) = Rig::with_admin().await;
    let mut stream = open(&rig, &admin, "/events?page=overview").await;
    message(&mut stream).await;
    for _ in 0..500 {
        rig.events
            .send(Event::Withdrawn {
                device: device_id(3),
            })
            .unwrap();
    }
    assert!(message(&mut stream).await.contains("hx-target=\"#chips\""));
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let (rig, admin) = Rig::with_admin().await;
    let mut stream = open(&rig, &admin, "/events?page=overview").await;
    message(&mut stream).await;
    assert_eq!(
        rig.post(&admin, "/logout", "").await.status,
        StatusCode::SEE_OTHER
    );
    let last = message(&mut stream).await;
    assert!(last.contains("event: signed-out"), "{last}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn streams_end_when_the_coordinator_stops() {
    let (rig, admin) = Rig::with_admin().await;
    let mut stream = open(&rig, &admin, "/events?page=mesh").await;
    message(&mut stream).await;
    rig.stopping.cancel();
    assert!(stream.next().await.is_none());
}
