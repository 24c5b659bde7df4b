//! What holds at every door, however many there are.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use coordinator::store::operators::Role;
use coordinator::web::Need;
use coordinator::web::doors::{Door, all};

use super::mesh::device_id;
use super::rig::{Asker, Rig};

/// An address behind a door.
fn path(door: &Door) -> String {
    let id = if door.path.ends_with("/approve") {
        "7".to_owned()
    } else {
        device_id(1).to_string()
    };
    let query = if door.path == "/events" {
        "?page=mesh"
    } else {
        ""
    };
    door.path
        .replace("{id}", &id)
        .replace("{token}", "no-such")
        .replace("{file}", "no-such")
        .replace("{word}", "pause")
        + query
}

fn is_program(door: &Door) -> bool {
    door.path.starts_with("/api/")
        || door.path == "/updates/deploy"
        || door.path == "/reports/generate"
        || door.path == "/logs/send"
        || door.path == "/ws"
        || door.path == "/metrics"
        || door.path == "/healthz"
}

#[tokio::test]
async fn no_door_takes_a_change_from_another_site() {
    let (rig, admin) = Rig::with_admin().await;
    let before = rig.audited();
    let signs = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        (ORIGIN.as_str(), "https://evil.example"),
        (ORIGIN.as_str(), "null"),
    ];
    let writing: Vec<Door> = all()
        .into_iter()
        .filter(|door| door.method != Method::GET)
        .collect();
    assert!(writing.len() > 6);
    for door in &writing {
        for (header, value) in signs {
            let request = admin
                .request(door.method.clone(), &path(door))
                .header(header, value);
            let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = rig
                .ask(request.body(Body::from("confirm=boiler-sensor")).unwrap())
                .await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{door:?} with {header}: {value}"
            );
        }
    }
    assert_eq!(rig.audited(), before);
}

#[tokio::test]
async fn every_door_but_the_entrances_asks_who_is_there() {
    let rig = Rig::new();
    for door in all() {
        let answer = rig
            .ask(
                Asker::default()
                    .request(door.method.clone(), &path(&door))
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        match door.need {
            Need::Nothing => assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{door:?}"),
            _ if is_program(&door) => {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{door:?}");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
            _ => {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{door:?}");
                assert!(
                    answer.location().starts_with("/login"),
                    "{}",
                    answer.location()
                );
            }
        }
    }
}

/// Every operation for every role: what may be done is what the matrix says, and nothing more.
#[tokio::test]
async fn route_role_matrix() {
    let allowed = |need: Need, role: Role| match need {
        Need::Nothing | Need::See | Need::SeeOrLocal => true,
        Need::Act | Need::Report => matches!(role, Role::Operator | Role::Admin),
        Need::Audit => matches!(role, Role::Admin | Role::Auditor),
        Need::Govern => role == Role::Admin,
    };
    for role in Role::ALL {
        let (rig, admin) = Rig::with_admin().await;
        let token = rig.token(role);
        let other = coordinator::store::operators::Operator {
            name: super::rig::name("bela"),
            role,
            created: super::rig::now(),
            password: zeroize::Zeroizing::new(String::new()),
        };
        rig.writer
            .write(|changes| changes.add_operator(&other))
            .unwrap();
        let person = session_of(&rig, "bela");
        drop(admin);
        for door in all().into_iter().filter(|door| door.path != "/logout") {
            let asker = if is_program(&door) { &token } else { &person };
            let request = asker
                .request(door.method.clone(), &path(&door))
                .body(Body::empty())
                .unwrap();
            let status = rig.open(request).await.status();
            let refused = status == StatusCode::FORBIDDEN || status == StatusCode::UNAUTHORIZED;
            assert_eq!(
                refused,
                !allowed(door.need, role),
                "{role} at {door:?}: {status}"
            );
        }
    }
}

/// A session that the store has, as if somebody had logged in.
fn session_of(rig: &Rig, operator: &str) -> Asker {
    super::entrance::planted_session(
        rig,
        operator,
        std::time::Duration::ZERO,
        std::time::Duration::ZERO,
    )
}

#[tokio::test]
async fn a_token_opens_no_page_and_a_session_opens_both() {
    let (rig, admin) = Rig::with_admin().await;
    let token = rig.token(Role::Admin);
    assert_eq!(
        rig.get(&token, "/devices").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        rig.get(&token, "/api/v1/devices").await.status,
        StatusCode::OK
    );
    assert_eq!(
        rig.get(&admin, "/api/v1/devices").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let (rig, admin) = Rig::with_admin().await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                  connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let doors = all()
        .into_iter()
        .map(|door| (door.method.clone(), path(&door)));
    let strays = [
        (Method::GET, "/no-such-page".to_owned()),
        (Method::DELETE, "/devices".to_owned()),
    ];
    for (method, path) in doors.chain(strays) {
        let response = rig
            .open(admin.request(method, &path).body(Body::empty()).unwrap())
            .await;
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        assert_eq!(header("content-security-policy"), policy, "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(
            header("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        assert!(
            header("strict-transport-security").starts_with("max-age="),
            "{path}"
        );
        assert!(!header("x-request-id").is_empty(), "{path}");
        assert!(
            header("cache-control").contains("no-store")
                || path.starts_with("/events")
                || path == "/api/v1/events",
            "{path}"
        );
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_and_everything_else_not_at_all() {
    let rig = Rig::new();
    let asset = ui::assets::url(ui::assets::HTMX_JS);
    let answer = rig.get(&Asker::default(), &asset).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        answer.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    let again = Asker::default()
        .request(Method::GET, &asset)
        .header("if-none-match", answer.header("etag"));
    let again = rig.ask(again.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (again.status, again.body.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
    assert_eq!(
        rig.get(&Asker::default(), "/login")
            .await
            .header("cache-control"),
        "no-store"
    );
}

#[tokio::test]
async fn large_bodies_and_floods_are_turned_away() {
    let rig = Rig::new();
    let large = "x".repeat(2 << 20);
    let answer = rig.post(&Asker::default(), "/login", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut paced = 0;
    for _ in 0..900 {
        let answer = rig
            .get(&Asker::default().at("10.9.9.9:1"), "/healthz")
            .await;
        paced += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(paced > 0);
    let other = rig
        .get(&Asker::default().at("10.9.9.8:1"), "/healthz")
        .await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn figures_are_for_this_machine_or_for_who_may_see() {
    let rig = Rig::new();
    let stranger = rig.get(&Asker::default(), "/metrics").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let local = rig
        .get(&Asker::default().at("127.0.0.1:1"), "/metrics")
        .await;
    assert_eq!(local.status, StatusCode::OK);
    for line in [
        "palisade_devices{state=\"online\"} 1",
        "palisade_devices_pending 1",
        "palisade_records_collected_total 0",
        "palisade_store_commit_seconds_count 0",
        "palisade_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"401\"} 1",
    ] {
        assert!(local.body.contains(line), "{line} is not in {}", local.body);
    }
    assert_eq!(
        rig.get(&rig.token(Role::Viewer), "/metrics").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn health_speaks_of_a_run_loop_that_hangs() {
    let rig = Rig::new();
    let answer = rig.get(&Asker::default(), "/healthz").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::OK, "ok\n")
    );
    rig.change_live(|live| live.at = live.at.saturating_sub(std::time::Duration::from_secs(60)));
    let answer = rig.get(&Asker::default(), "/healthz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body, "the run loop does not answer\n");
}
