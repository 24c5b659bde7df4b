//! What holds at every door, however many there are.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use coordinator::permissions::{self, COLUMNS, Row};
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
        .replace("{mac}", "02:00:00:00:00:01")
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
        || door.path == "/devices/register"
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

/// What a cell of the table promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Passes,
    /// 401 for programs, and the login for people.
    SignIn,
    Forbidden,
}

fn cell(row: &Row, column: usize) -> Cell {
    let letter = row.who.as_bytes()[column];
    match (letter, column) {
        (b'.' | b'l', 0 | 5) => Cell::SignIn,
        (b'.', _) => Cell::Forbidden,
        _ => Cell::Passes,
    }
}

/// Somebody of each column, at an address of its own for each door, so that nobody is paced.
async fn asker(rig: &Rig, column: usize, door: &Door, number: usize) -> Asker {
    let asker = match column {
        0 => Asker::default(),
        5 => Asker::with_token("plsd_dev_matrix"),
        _ if is_program(door) => Asker::with_token(&format!("plsd_pat_{}", COLUMNS[column])),
        _ => session_of(rig, COLUMNS[column], number),
    };
    asker.at(&format!("10.1.{column}.{}:1", number % 250))
}

/// Every operation for every role, over the real router: each cell has the one code that the table promises. What
/// passes is answered alike for everybody who may.
#[tokio::test]
async fn route_role_matrix() {
    let (rig, admin) = Rig::with_admin().await;
    for role in Role::ALL {
        rig.token(role);
        rig.person(role.word(), role);
    }
    rig.keyed_device("plsd_dev_matrix");
    drop(admin);
    let mut cells = 0;
    let doors = all();
    for (number, door) in doors.iter().enumerate() {
        let row = permissions::of(&door.method, door.path).expect("a hung door has its line");
        let mut passed = None;
        for (column, role) in COLUMNS.iter().enumerate() {
            let asker = asker(&rig, column, door, number).await;
            let request = asker.request(door.method.clone(), &path(door));
            let answer = rig.open(request.body(Body::empty()).unwrap()).await;
            let (status, what) = (answer.status(), (*role, door));
            match cell(row, column) {
                Cell::Passes => {
                    let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
                    assert!(!refused.contains(&status), "{what:?}: {status}");
                    assert!(
                        !leads_to_login(&answer) || door.path == "/logout",
                        "{what:?}"
                    );
                    let same = match (column, door.path) {
                        // A device is known by its key; people have to say for whom they send.
                        (5, "/logs/send") => StatusCode::UNSUPPORTED_MEDIA_TYPE,
                        _ => *passed.get_or_insert(status),
                    };
                    assert_eq!(status, same, "{what:?}");
                }
                Cell::SignIn if is_program(door) => {
                    assert_eq!(status, StatusCode::UNAUTHORIZED, "{what:?}");
                }
                Cell::SignIn => {
                    assert_eq!(status, StatusCode::SEE_OTHER, "{what:?}");
                    assert!(leads_to_login(&answer), "{what:?}");
                }
                Cell::Forbidden => assert_eq!(status, StatusCode::FORBIDDEN, "{what:?}"),
            }
            cells += 1;
        }
    }
    println!(
        "route_role_matrix: {} routes × {} roles = {cells} cells",
        doors.len(),
        COLUMNS.len()
    );
    assert_eq!(cells, doors.len() * COLUMNS.len());
}

fn leads_to_login(answer: &axum::response::Response) -> bool {
    let to = answer.headers().get("location");
    to.is_some_and(|to| to.as_bytes().starts_with(b"/login"))
}

/// A route without a line does not even start; a line without a route is noticed here.
#[tokio::test]
async fn the_permission_table_and_the_doors_name_the_same_routes() {
    let _rig = Rig::new();
    let doors = all();
    for row in permissions::rows() {
        let hung = doors
            .iter()
            .any(|door| door.method == row.method && door.path == row.path);
        assert!(hung, "{} {} is in the table alone", row.method, row.path);
    }
    assert_eq!(permissions::rows().count(), doors.len());
}

/// A session that the store has, as if somebody had logged in.
fn session_of(rig: &Rig, operator: &str, number: usize) -> Asker {
    let mut id = [7; 32];
    id[..8].copy_from_slice(&(number as u64).to_be_bytes());
    super::entrance::session_with(rig, operator, id)
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
            header("strict-transport-security") == "max-age=31536000; includeSubDomains",
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
    let rig = Rig::at_a_standstill();
    let large = "x".repeat(2 << 20);
    let answer = rig.post(&Asker::default(), "/login", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut paced = 0;
    for _ in 0..700 {
        let answer = rig
            .get(&Asker::default().at("10.9.9.9:1"), "/healthz")
            .await;
        paced += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(paced, 100, "six hundred may be asked at once");
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

#[tokio::test]
async fn who_finds_a_weakness_is_told_where_to_write_to() {
    let rig = Rig::new();
    let told = rig
        .get(&Asker::default(), "/.well-known/security.txt")
        .await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    assert_eq!(told.header("content-type"), "text/plain; charset=utf-8");
    let field = |name: &str| {
        let lines = told.body.lines();
        let found: Vec<&str> = lines.filter_map(|line| line.strip_prefix(name)).collect();
        assert_eq!(found.len(), 1, "{name} {}", told.body);
        found[0].to_owned()
    };
    assert_eq!(field("Contact: "), "mailto:security@plant.example");
    let expires: jiff::Timestamp = field("Expires: ").parse().expect("RFC 3339");
    let left = expires.as_second() - jiff::Timestamp::now().as_second();
    assert!((1..366 * 24 * 3600).contains(&left), "{left} s");
}
