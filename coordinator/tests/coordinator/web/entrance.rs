//! How people get in, and what keeps others out.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use coordinator::mesh_name::MeshName;
use coordinator::store::operators::Role;
use coordinator::store::secret_hash::SecretHash;
use coordinator::store::sessions::Session;
use coordinator::web::{ABSOLUTE, COOKIE_NAME, IDLE};
use data_encoding::BASE64URL_NOPAD;
use protocol::id::MeshId;

use super::rig::{Asker, PASSWORD, Rig, SETUP, form, name, now};

/// A session as the store has it after so much time, and the browser that holds it.
pub fn planted_session(rig: &Rig, operator: &str, age: Duration, idle: Duration) -> Asker {
    let id = [operator.len() as u8; 32];
    let session = Session {
        operator: name(operator),
        created: now().saturating_sub(age),
        seen: now().saturating_sub(idle),
        expires: now().saturating_sub(age).saturating_add(ABSOLUTE),
        address: None,
        agent: None,
    };
    let hash = SecretHash::of_session(&id);
    rig.writer
        .write(|changes| changes.open_session(&hash, &session))
        .unwrap();
    Asker::with_cookie(&format!("{COOKIE_NAME}={}", BASE64URL_NOPAD.encode(&id)))
}

/// A session with this id that begins now.
pub fn session_with(rig: &Rig, operator: &str, id: [u8; 32]) -> Asker {
    let session = Session {
        operator: name(operator),
        created: now(),
        seen: now(),
        expires: now().saturating_add(ABSOLUTE),
        address: Some(name("10.0.0.50")),
        agent: None,
    };
    let hash = SecretHash::of_session(&id);
    rig.writer
        .write(|changes| changes.open_session(&hash, &session))
        .unwrap();
    Asker::with_cookie(&format!("{COOKIE_NAME}={}", BASE64URL_NOPAD.encode(&id)))
}

#[tokio::test]
async fn the_setup_link_makes_one_administrator_and_is_gone() {
    let rig = Rig::new();
    let link = format!("/setup/{SETUP}");
    let nobody = Asker::default();
    let page = rig.get(&nobody, &link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Create administrator"));

    let made = rig.set_up("amina", PASSWORD).await;
    let led = (made.status, made.location());
    assert_eq!(led, (StatusCode::SEE_OTHER, "/welcome"));
    let cookie = made.header("set-cookie");
    for part in [
        "__Host-palisade=",
        "Path=/",
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let admin = Asker::with_session(&made);
    assert_eq!(rig.get(&admin, "/").await.status, StatusCode::OK);
    assert_eq!(rig.audited(), ["user.create"]);

    let again = rig.get(&nobody, &link).await;
    let never = rig.get(&nobody, "/setup/never-made").await;
    assert_eq!(
        (again.status, never.status),
        (StatusCode::GONE, StatusCode::GONE)
    );
    assert_eq!(again.body, never.body);
    assert_eq!(
        rig.set_up("mallory", PASSWORD).await.status,
        StatusCode::GONE
    );
    assert_eq!(rig.reader.operators().unwrap().len(), 1);
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_and_the_name() {
    let rig = Rig::new();
    for weak in ["short", "passwordpassword", "amina amina amina"] {
        let answer = rig.set_up("amina", weak).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{weak}");
        assert!(answer.body.contains("value=\"amina\""));
        assert!(answer.body.contains("aria-invalid=\"true\""));
        assert!(!answer.body.contains(weak) || weak == "short");
    }
    assert_eq!(
        rig.set_up("amina", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
}

/// Whoever sets a mesh up says what it is called, and does not have to.
#[tokio::test]
async fn the_first_setup_names_the_mesh() {
    let rig = Rig::new();
    let link = format!("/setup/{SETUP}");
    let page = rig.get(&Asker::default(), &link).await;
    let proposed = r#"name="mesh" type="text" value="Riverside workshop""#;
    assert!(page.body.contains(proposed), "{}", page.body);
    let typed = |mesh: &str| form(&[("name", "amina"), ("password", PASSWORD), ("mesh", mesh)]);
    let long = "x".repeat(65);
    let refused = rig.post(&Asker::default(), &link, &typed(&long)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("id=\"mesh-error\""),
        "{}",
        refused.body
    );
    assert!(refused.body.contains(&long), "what was typed stays");
    let made = rig
        .post(&Asker::default(), &link, &typed(" Usine <Nord> "))
        .await;
    assert_eq!(made.location(), "/welcome", "{}", made.body);
    assert_eq!(rig.audited(), ["mesh.name", "user.create"]);
    let admin = Asker::with_session(&made);
    let overview = rig.get(&admin, "/").await;
    assert!(
        overview.body.contains("Usine &lt;Nord&gt;"),
        "{}",
        overview.body
    );
    let metrics = rig.get(&admin, "/api/v1/dashboard/metrics").await.json();
    assert_eq!(metrics["mesh_name"], "Usine <Nord>");
    let report = rig.get(&admin, "/reports/generate?format=csv").await;
    assert!(report.body.contains("\"Usine <Nord>\""), "{}", report.body);
    let mesh = MeshId::from_bytes([9; 32]);
    let after_a_restart = MeshName::of(&rig.reader, &mesh).unwrap();
    assert_eq!(after_a_restart.shown(), "Usine <Nord>");
}

/// The last step of the setup: a test message, or none.
#[tokio::test]
async fn the_first_setup_ends_with_a_test_of_word_reaching_somebody() {
    let (rig, admin) = Rig::with_admin().await;
    let page = rig.get(&admin, "/welcome").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "Riverside workshop",
        "Nobody is told yet",
        "delivery.toml",
        "href=\"/\"",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let none = rig.post(&admin, "/welcome/ops/test", "").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    rig.person("vera", Role::Operator);
    let operator = session_with(&rig, "vera", [7; 32]);
    let page = rig.get(&operator, "/welcome").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    let refused = rig.post(&operator, "/welcome/ops/test", "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_expired_link_makes_nobody() {
    let rig = Rig::new();
    rig.make_setup_link(Duration::ZERO);
    assert_eq!(rig.set_up("amina", PASSWORD).await.status, StatusCode::GONE);
    assert!(rig.reader.operators().unwrap().is_empty());
}

#[tokio::test]
pub async fn login_leads_where_one_wanted_to_go_and_logout_ends_it_on_the_server() {
    let (rig, _) = Rig::with_admin().await;
    let turned_away = rig.get(&Asker::default(), "/devices?status=silent").await;
    assert_eq!(
        turned_away.location(),
        "/login?next=%2Fdevices%3Fstatus%3Dsilent"
    );
    let form = form(&[
        ("name", "amina"),
        ("password", PASSWORD),
        ("next", "/devices?status=silent"),
    ]);
    let entered = rig.post(&Asker::default(), "/login", &form).await;
    assert_eq!(
        (entered.status, entered.location()),
        (StatusCode::SEE_OTHER, "/devices?status=silent")
    );
    let person = Asker::with_session(&entered);
    assert_eq!(rig.get(&person, "/").await.status, StatusCode::OK);
    let left = rig.post(&person, "/logout", "").await;
    assert_eq!(
        (left.status, left.location()),
        (StatusCode::SEE_OTHER, "/login")
    );
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(left.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(rig.get(&person, "/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        rig.audited(),
        ["user.log_out", "user.log_in", "user.create"]
    );
}

#[tokio::test]
async fn login_does_not_lead_to_other_sites() {
    let (rig, _) = Rig::with_admin().await;
    for next in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:1",
    ] {
        let form = form(&[("name", "amina"), ("password", PASSWORD), ("next", next)]);
        assert_eq!(
            rig.post(&Asker::default(), "/login", &form)
                .await
                .location(),
            "/",
            "{next}"
        );
        let path = format!("/login?{}", super::rig::form(&[("next", next)]));
        let page = rig.get(&Asker::default(), &path).await;
        assert!(!page.body.contains("evil"), "{next}");
    }
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_read_the_same() {
    let (rig, _) = Rig::with_admin().await;
    let wrong = rig.log_in("amina", "seven small wet stones").await;
    let unknown = rig.log_in("amira", "seven small wet stones").await;
    assert_eq!(
        (wrong.status, unknown.status),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            StatusCode::UNPROCESSABLE_ENTITY
        )
    );
    assert_eq!(wrong.body.replace("amina", "amira"), unknown.body);
    assert!(wrong.body.contains("Name or password is wrong."));
    assert!(wrong.header("set-cookie").is_empty());
    assert_eq!(
        rig.audited()[..2],
        ["user.log_in_refused", "user.log_in_refused"]
    );
}

#[tokio::test]
async fn each_login_gets_an_id_of_its_own_and_ends_the_one_before() {
    let (rig, planted) = Rig::with_admin().await;
    let form = form(&[("name", "amina"), ("password", PASSWORD)]);
    let entered = rig.post(&planted, "/login", &form).await;
    let fresh = Asker::with_session(&entered);
    assert_eq!(rig.get(&fresh, "/").await.status, StatusCode::OK);
    assert_eq!(rig.get(&planted, "/").await.status, StatusCode::SEE_OTHER);
    let forged = Asker::with_cookie("__Host-palisade=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(rig.get(&forged, "/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_when_it_idles_and_after_a_day_in_any_case() {
    let (rig, _) = Rig::with_admin().await;
    let minute = Duration::from_secs(60);
    let status = async |age, idle| {
        let person = planted_session(&rig, "amina", age, idle);
        rig.get(&person, "/").await.status
    };
    assert_eq!(status(IDLE * 20, IDLE - minute).await, StatusCode::OK);
    assert_eq!(status(IDLE * 2, IDLE).await, StatusCode::SEE_OTHER);
    assert_eq!(status(ABSOLUTE - minute, minute).await, StatusCode::OK);
    assert_eq!(status(ABSOLUTE, minute).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn using_a_session_keeps_it_from_idling() {
    let (rig, _) = Rig::with_admin().await;
    let person = planted_session(&rig, "amina", IDLE, IDLE / 2);
    rig.get(&person, "/").await;
    let sessions = rig.reader.sessions().unwrap();
    assert!(
        sessions
            .iter()
            .all(|(_, session)| now().since(session.seen) < Duration::from_secs(60))
    );
}

#[tokio::test]
async fn guessing_is_paced_by_address_and_locks_nobody_out() {
    let (rig, _) = Rig::with_admin_at_a_standstill().await;
    let guess = form(&[("name", "amina"), ("password", "a guess among many")]);
    let guesser = Asker::default().at("10.6.6.6:1000");
    let mut paced = None;
    for _ in 0..12 {
        let answer = rig.post(&guesser, "/login", &guess).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            paced = Some(answer);
        }
    }
    let paced = paced.expect("twelve guesses in a row are paced");
    assert!(paced.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(paced.body.contains("Too many attempts"));
    assert_eq!(
        rig.log_in("amina", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn htmx_is_sent_to_the_login_instead_of_drawing_it_into_a_region() {
    let rig = Rig::new();
    let request = Asker::default()
        .request(Method::GET, "/devices?q=x")
        .header("hx-request", "true")
        .header("hx-request-type", "partial");
    let answer = rig.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("hx-redirect"), "/login");
}
