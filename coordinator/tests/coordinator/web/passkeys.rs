//! Passkeys at the doors: made and shown, and what becomes of whoever shows a wrong one.

#[path = "passkeys/accounts.rs"]
mod accounts;

use std::sync::atomic::{AtomicU16, Ordering};

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST, SET_COOKIE};
use axum::http::{Method, StatusCode};
use coordinator::store::operators::Role;
use coordinator::store::passkeys::Passkey;
use coordinator::store::second_factors::Standing;
use coordinator::totp;

use super::super::authenticator::{Authenticator, Question, bytes};
use super::rig::{Answer, Asker, PASSWORD, Rig, form, name, now};

pub use accounts::{
    an_account_without_a_password_lives_by_its_passkeys_and_keeps_the_last,
    programs_list_name_and_remove_the_passkeys_of_their_own_person,
};

const PASSKEYS: &str = "/account/passkeys";
const LOGIN: &str = "/login/passkey";

/// The same browser at another address: what one address may try is another story.
fn moved(asker: &Asker) -> Asker {
    static STEPS: AtomicU16 = AtomicU16::new(0);
    let [high, low] = STEPS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    asker.at(&format!("10.9.{high}.{low}:1000"))
}

/// The value of an attribute of the page, where it stands first.
fn attribute(page: &Answer, name: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("{name}=\""))
        .unwrap_or_else(|| panic!("{name}: {}", page.body));
    rest.split_once('"').unwrap().0.to_owned()
}

/// Makes a passkey for whoever is logged in and has the password.
pub async fn add(
    rig: &Rig,
    asker: &Asker,
    called: &str,
    authenticator: &mut Authenticator,
) -> Answer {
    let page = rig.get(asker, PASSKEYS).await;
    authenticator.user = bytes(&attribute(&page, "data-user"));
    let made = authenticator.make(&Question::of(&attribute(&page, "data-challenge")));
    let pairs = [
        ("order", "add"),
        ("name", called),
        ("password", PASSWORD),
        ("answer", ""),
        ("made", &made),
    ];
    rig.post(&moved(asker), PASSKEYS, &form(&pairs)).await
}

/// An administrator with a passkey.
async fn with_passkey() -> (Rig, Asker, Authenticator) {
    let (rig, admin) = Rig::with_admin().await;
    let mut phone = Authenticator::es256();
    let added = add(&rig, &admin, "phone", &mut phone).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    (rig, admin, phone)
}

/// A browser at the door, and what it is asked.
async fn at_the_door(rig: &Rig) -> (Asker, String) {
    let page = rig.get(&Asker::default(), LOGIN).await;
    let cookie = page
        .header(SET_COOKIE.as_str())
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    (Asker::with_cookie(&cookie), attribute(&page, "data-prove"))
}

async fn enter(rig: &Rig, browser: &Asker, answer: &str) -> Answer {
    rig.post(&moved(browser), LOGIN, &form(&[("answer", answer)]))
        .await
}

pub async fn log_in(rig: &Rig, authenticator: &mut Authenticator) -> Answer {
    let (browser, challenge) = at_the_door(rig).await;
    enter(
        rig,
        &browser,
        &authenticator.answer(&Question::of(&challenge)),
    )
    .await
}

async fn tell(rig: &Rig, asker: &Asker, pairs: &[(&str, &str)]) -> Answer {
    rig.post(&moved(asker), PASSKEYS, &form(pairs)).await
}

/// Answers the question that the page of the account carries.
async fn prove(rig: &Rig, asker: &Asker, authenticator: &mut Authenticator) -> String {
    let page = rig.get(asker, PASSKEYS).await;
    authenticator.answer(&Question::of(&attribute(&page, "data-prove")))
}

fn own(rig: &Rig) -> Vec<(String, u32)> {
    let all = rig.reader.passkeys_of(&name("amina")).unwrap();
    all.into_iter()
        .map(|(id, passkey)| (id.to_string(), passkey.count))
        .collect()
}

#[tokio::test]
pub async fn a_passkey_opens_the_account_alone_and_stands_for_the_code_as_well() {
    let (rig, admin, mut phone) = with_passkey().await;
    assert_eq!(rig.audited()[0], "user.add_passkey");
    let mut offer = totp::offer(&name("amina"), now()).unwrap();
    offer.factor.standing = Standing::Asked;
    rig.writer
        .write(|changes| changes.set_second_factor(&name("amina"), &offer.factor))
        .unwrap();
    assert_eq!(
        rig.log_in("amina", PASSWORD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    let entered = log_in(&rig, &mut phone).await;
    assert_eq!(
        (entered.status, entered.location()),
        (StatusCode::SEE_OTHER, "/")
    );
    let entry = rig.reader.audit_page(None, 1).unwrap().remove(0);
    assert_eq!(entry.act.action.as_str(), "user.log_in");
    assert_eq!(entry.act.after.unwrap().as_str(), "with a passkey");
    let amina = Asker::with_session(&entered);
    assert_eq!(rig.get(&amina, "/").await.status, StatusCode::OK);
    let kept = rig.reader.passkeys_of(&name("amina")).unwrap().remove(0).1;
    assert!(kept.used.is_some() && kept.count == phone.count);
    let people = rig.get(&admin, "/api/v1/people").await.json();
    assert_eq!(people["items"][0]["passkeys"], 1);
    assert!(
        rig.get(&admin, "/account")
            .await
            .body
            .contains("1 passkey opens this account.")
    );
}

#[tokio::test]
pub async fn an_answer_is_good_once_in_its_browser_and_for_what_was_asked() {
    let (rig, admin, mut phone) = with_passkey().await;
    let (browser, challenge) = at_the_door(&rig).await;
    let (other, _) = at_the_door(&rig).await;
    let answer = phone.answer(&Question::of(&challenge));
    for stranger in [&other, &Asker::default()] {
        let stolen = enter(&rig, stranger, &answer).await;
        assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(
        enter(&rig, &browser, &answer).await.status,
        StatusCode::SEE_OTHER
    );
    let replayed = enter(&rig, &browser, &answer).await;
    assert_eq!(
        replayed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        replayed.location()
    );
    // Also where the authenticator does not count, so that only the challenge tells.
    let mut still = Authenticator::eddsa();
    add(&rig, &admin, "stick", &mut still).await;
    let (browser, challenge) = at_the_door(&rig).await;
    let answer = still.answer_without_counting(&Question::of(&challenge));
    for status in [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY] {
        assert_eq!(enter(&rig, &browser, &answer).await.status, status);
    }
    // Given to the account's page, it does not let in; given at the door, it orders nothing.
    let proven = prove(&rig, &admin, &mut phone).await;
    assert_eq!(
        enter(&rig, &browser, &proven).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let (_, challenge) = at_the_door(&rig).await;
    let answer = phone.answer(&Question::of(&challenge));
    let alone = tell(&rig, &admin, &[("order", "alone"), ("answer", &answer)]).await;
    assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        !rig.reader
            .operator(&name("amina"))
            .unwrap()
            .unwrap()
            .password
            .is_empty()
    );
}

#[tokio::test]
async fn an_answer_for_another_site_lets_nobody_in() {
    let (rig, _, mut phone) = with_passkey().await;
    let (browser, challenge) = at_the_door(&rig).await;
    let elsewhere = Question {
        origin: "https://evil.example:8443".to_owned(),
        ..Question::of(&challenge)
    };
    let relayed = enter(&rig, &browser, &phone.answer(&elsewhere)).await;
    assert_eq!(relayed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rig.audited()[0], "user.log_in_refused");
    let good = phone.answer(&Question::of(&challenge));
    let request = browser
        .request(Method::POST, LOGIN)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut request = request
        .body(Body::from(form(&[("answer", &good)])))
        .unwrap();
    for host in ["10.0.0.2:8443", "evil.example:8443", "127.0.0.1:8443"] {
        request.headers_mut().insert(HOST, host.parse().unwrap());
        let again = rig.ask(copy(&request, &good)).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND, "{host}");
    }
    assert_eq!(
        enter(&rig, &browser, &good).await.status,
        StatusCode::SEE_OTHER
    );
}

fn copy(request: &axum::http::Request<Body>, answer: &str) -> axum::http::Request<Body> {
    let mut copy = axum::http::Request::builder()
        .method(Method::POST)
        .uri(LOGIN);
    *copy.headers_mut().unwrap() = request.headers().clone();
    copy.body(Body::from(form(&[("answer", answer)]))).unwrap()
}

/// Story: a key was copied. Both count for themselves, so the one that is used less shows a number that was seen already.
#[tokio::test]
async fn a_passkey_that_counts_back_is_refused_and_told_in_the_audit_log() {
    let (rig, _, mut phone) = with_passkey().await;
    phone.count = 7;
    assert_eq!(log_in(&rig, &mut phone).await.status, StatusCode::SEE_OTHER);
    for (shown, told) in [(8, "8"), (3, "3"), (0, "0")] {
        phone.count = u32::wrapping_sub(shown, 1);
        let (browser, challenge) = at_the_door(&rig).await;
        let answer = if shown == 0 {
            phone.count = 0;
            phone.answer_without_counting(&Question::of(&challenge))
        } else {
            phone.answer(&Question::of(&challenge))
        };
        let refused = enter(&rig, &browser, &answer).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{shown}");
        assert_eq!(
            rig.audited()[..2],
            ["user.log_in_refused", "user.passkey_copied"]
        );
        let entry = rig.reader.audit_page(None, 2).unwrap().remove(1).act;
        assert_eq!(entry.object.as_str(), "phone");
        assert_eq!(entry.before.unwrap().as_str(), "8");
        assert_eq!(entry.after.unwrap().as_str(), told);
    }
    assert_eq!(own(&rig)[0].1, 8);
    phone.count = 8;
    assert_eq!(log_in(&rig, &mut phone).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_authenticator_that_does_not_count_is_taken_each_time() {
    let (rig, _, phone) = with_passkey().await;
    for _ in 0..3 {
        let (browser, challenge) = at_the_door(&rig).await;
        let answer = phone.answer_without_counting(&Question::of(&challenge));
        assert_eq!(
            enter(&rig, &browser, &answer).await.status,
            StatusCode::SEE_OTHER
        );
    }
}

/// A session of somebody whose password nobody has.
pub fn session_of(rig: &Rig, who: &str) -> Asker {
    use coordinator::store::secret_hash::SecretHash;
    use coordinator::store::sessions::Session;
    let session = Session {
        operator: name(who),
        created: now(),
        seen: now(),
        expires: now().saturating_add(coordinator::web::ABSOLUTE),
        address: None,
        agent: None,
    };
    let hash = SecretHash::of_session(&[3; 32]);
    rig.writer
        .write(|changes| changes.open_session(&hash, &session))
        .unwrap();
    let id = data_encoding::BASE64URL_NOPAD.encode(&[3; 32]);
    Asker::with_cookie(&format!("{}={id}", coordinator::web::COOKIE_NAME))
}

#[tokio::test]
async fn nobody_learns_who_has_a_passkey_and_guesses_are_paced() {
    let (rig, admin, mut phone) = with_passkey().await;
    let (browser, challenge) = at_the_door(&rig).await;
    let asked = Question::of(&challenge);
    let unknown = enter(&rig, &browser, &Authenticator::es256().answer(&asked)).await;
    let nonsense = enter(&rig, &browser, "nonsense").await;
    let mut thief = Authenticator::es256();
    thief.credential.clone_from(&phone.credential);
    let forged = enter(&rig, &browser, &thief.answer(&asked)).await;
    rig.person("bela", Role::Admin);
    let bar = rig
        .post_json(&admin, "/api/v1/people/amina/disable", "")
        .await;
    assert_eq!(bar.status, StatusCode::NO_CONTENT, "{}", bar.body);
    let shut = enter(&rig, &browser, &phone.answer(&asked)).await;
    let plain = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.body.replace(&attribute(answer, "data-prove"), "")
    };
    for other in [&nonsense, &forged, &shut] {
        assert_eq!(plain(&unknown), plain(other));
    }
    let mut paced = false;
    for _ in 0..12 {
        let nonsense = form(&[("answer", "nonsense")]);
        let tried = rig.post(&browser, LOGIN, &nonsense).await;
        paced |= tried.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(paced, "one address may try without end");
}

#[tokio::test]
async fn at_an_address_no_passkey_is_offered_and_the_page_says_where() {
    let (rig, admin, _) = with_passkey().await;
    let at = |asker: &Asker, path: &str| {
        let mut request = asker
            .request(Method::GET, path)
            .body(Body::empty())
            .unwrap();
        request
            .headers_mut()
            .insert(HOST, "10.0.0.2:8443".parse().unwrap());
        request
    };
    let page = rig.ask(at(&Asker::default(), "/login")).await;
    assert!(!page.body.contains(LOGIN), "{}", page.body);
    let door = rig.ask(at(&Asker::default(), LOGIN)).await;
    assert_eq!(
        (door.status, door.location()),
        (StatusCode::SEE_OTHER, "/login")
    );
    let page = rig.ask(at(&admin, PASSKEYS)).await;
    assert!(page.body.contains("Not at this address") && page.body.contains("coordinator.example"));
    assert!(
        !page.body.contains("<li><code hx-ignore>127.0.0.1"),
        "{}",
        page.body
    );
    let page = rig.get(&Asker::default(), "/login").await;
    assert!(page.body.contains(LOGIN), "{}", page.body);
}

#[tokio::test]
async fn a_passkey_of_another_site_or_of_somebody_else_proves_nothing() {
    let (rig, admin, mut phone) = with_passkey().await;
    let (id, kept) = rig.reader.passkeys().unwrap().remove(0);
    // So that she could do without a password.
    let another = add(&rig, &admin, "stick", &mut Authenticator::eddsa()).await;
    assert_eq!(another.status, StatusCode::SEE_OTHER, "{}", another.body);
    rig.person("bela", Role::Admin);
    let mut moved_to = async |change: fn(&mut Passkey)| {
        let mut passkey = kept.clone();
        change(&mut passkey);
        rig.writer
            .write(|changes| {
                changes.remove_passkey(&name("amina"), &id)?;
                changes.add_passkey(&id, &passkey)
            })
            .unwrap();
        let answer = prove(&rig, &admin, &mut phone).await;
        let alone = tell(&rig, &admin, &[("order", "alone"), ("answer", &answer)]).await;
        (alone.status, log_in(&rig, &mut phone).await.status)
    };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let elsewhere = moved_to(|passkey| "hub.example".clone_into(&mut passkey.site));
    assert_eq!(elsewhere.await, (refused, refused));
    // It is bela's from now on, and opens her account and no other.
    let whose = moved_to(|passkey| passkey.operator = name("bela"));
    assert_eq!(whose.await, (refused, StatusCode::SEE_OTHER));
}
