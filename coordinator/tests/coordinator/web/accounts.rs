//! People: invited, given another role, shut out; and what each may do with an account of their own.

use axum::http::StatusCode;
use coordinator::store::operators::Role;
use coordinator::store::second_factors::Standing;
use coordinator::totp;

use super::rig::{Answer, Asker, PASSWORD, Rig, form, name, now};

const OTHER: &str = "nine large dry pebbles";

/// What a page shows once, between the tags of its code.
fn shown(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("<pre").expect("something is shown");
    let (_, rest) = rest.split_once("<code>").expect("it is code");
    rest.split_once("</code>").expect("it ends").0.to_owned()
}

/// Invites somebody and lets them in.
async fn invite(rig: &Rig, admin: &Asker, who: &str, role: &str) -> Asker {
    let form_of = form(&[("name", who), ("role", role)]);
    let link = rig.post(admin, "/people", &form_of).await;
    assert_eq!(link.status, StatusCode::OK, "{}", link.body);
    assert_eq!(link.header("cache-control"), "no-store");
    let url = shown(&link);
    let path = url
        .strip_prefix("https://coordinator.example:8443")
        .expect("the address that was asked");
    let page = rig.get(&Asker::default(), path).await;
    assert!(page.body.contains(role), "{}", page.body);
    let entered = rig
        .post(&Asker::default(), path, &form(&[("password", OTHER)]))
        .await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    let again = rig.get(&Asker::default(), path).await;
    assert_eq!(again.status, StatusCode::GONE);
    let late = rig
        .post(&Asker::default(), path, &form(&[("password", OTHER)]))
        .await;
    assert_eq!(late.status, StatusCode::GONE);
    Asker::with_session(&entered)
}

async fn order(rig: &Rig, admin: &Asker, who: &str, pairs: &[(&str, &str)]) -> Answer {
    rig.post(admin, &format!("/people/{who}"), &form(pairs))
        .await
}

#[tokio::test]
pub async fn an_invitation_makes_one_account_with_the_role_that_was_meant() {
    let (rig, admin) = Rig::with_admin().await;
    let bela = invite(&rig, &admin, "bela", "auditor").await;
    assert_eq!(rig.get(&bela, "/audit").await.status, StatusCode::OK);
    assert_eq!(rig.get(&bela, "/people").await.status, StatusCode::OK);
    let people = rig.get(&admin, "/api/v1/people").await.json();
    assert_eq!(people["items"][1]["name"], "bela");
    assert_eq!(people["items"][1]["role"], "auditor");
    assert_eq!(rig.audited()[..2], ["user.create", "user.invite"]);
    let role = rig.post_json(&admin, "/api/v1/people/bela/role", r#"{"role": "viewer"}"#);
    assert_eq!(role.await.status, StatusCode::NO_CONTENT);
    let link = rig.post_json(&admin, "/api/v1/people/bela/reset", "").await;
    assert_eq!(link.status, StatusCode::CREATED, "{}", link.body);
    let twice = form(&[("name", "bela"), ("role", "viewer")]);
    let twice = rig.post(&admin, "/people", &twice).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("Somebody has this name already."));
    for taken in ["command line", "nobody", "coordinator", ""] {
        let taken = form(&[("name", taken), ("role", "viewer")]);
        let refused = rig.post(&admin, "/people", &taken).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn nobody_is_given_a_name_that_people_would_take_for_another() {
    let (rig, admin) = Rig::with_admin().await;
    invite(&rig, &admin, "scope", "auditor").await;
    let waiting = form(&[("name", "user1"), ("role", "viewer")]);
    let waiting = rig.post(&admin, "/people", &waiting).await;
    assert_eq!(waiting.status, StatusCode::OK, "{}", waiting.body);
    for (wrong, says) in [
        ("sco\u{200b}pe", "U+200B cannot be seen: leave it out"),
        ("sc\u{43e}pe", "U+043E) is of another alphabet"),
        ("\u{455}\u{441}\u{43e}\u{440}\u{435}", "looks like scope"),
        ("Scope", "looks like scope"),
        ("userl", "looks like user1"),
        ("Nobody", "choose another"),
    ] {
        let body = serde_json::json!({"name": wrong, "role": "viewer"}).to_string();
        let refused = rig.post_json(&admin, "/api/v1/people", &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        let flaw = &refused.json()["errors"][0];
        assert_eq!(flaw["pointer"], "/name", "{}", refused.body);
        let detail = flaw["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(says), "{wrong}: {detail}");
        let typed = form(&[("name", wrong), ("role", "viewer")]);
        let page = rig.post(&admin, "/people", &typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(says), "{}", page.body);
    }
    let people = rig.get(&admin, "/api/v1/people").await.json();
    assert_eq!(people["items"].as_array().map(Vec::len), Some(3));
    // Whoever has waited may be invited anew, and gets another password under his own name.
    for path in ["/api/v1/people/scope/reset", "/api/v1/people"] {
        let body = r#"{"name": "user1", "role": "viewer"}"#;
        let made = rig.post_json(&admin, path, body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    }
}

#[tokio::test]
pub async fn the_secret_of_a_link_is_in_its_answer_and_nowhere_else() {
    let (rig, admin) = Rig::with_admin().await;
    let asked = rig
        .post_json(
            &admin,
            "/api/v1/people",
            r#"{"name": "bela", "role": "viewer"}"#,
        )
        .await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.body);
    let url = asked.json()["url"].as_str().unwrap().to_owned();
    let secret = url.rsplit('/').next().unwrap();
    for path in ["/people", "/api/v1/people", "/audit", "/api/v1/audit"] {
        assert!(!rig.get(&admin, path).await.body.contains(secret), "{path}");
    }
}

#[tokio::test]
pub async fn another_role_holds_at_once_and_takes_a_new_login() {
    let (rig, admin) = Rig::with_admin().await;
    let bela = invite(&rig, &admin, "bela", "operator").await;
    let terms = form(&[
        ("name", "script"),
        ("role", "operator"),
        ("reach", ""),
        ("area", ""),
        ("days", ""),
    ]);
    let token = shown(&rig.post(&bela, "/account/tokens", &terms).await);
    let script = Asker::with_token(&token);
    let devices = "/api/v1/devices";
    assert_eq!(rig.get(&script, devices).await.status, StatusCode::OK);
    let changed = order(
        &rig,
        &admin,
        "bela",
        &[("order", "role"), ("role", "viewer")],
    )
    .await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.get(&bela, "/").await.status, StatusCode::SEE_OTHER);
    let refused = rig.get(&script, devices).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let entered = Asker::with_session(&rig.log_in("bela", OTHER).await);
    let new = rig.get(&entered, "/devices/new").await;
    assert_eq!(new.status, StatusCode::FORBIDDEN);
    assert_eq!(rig.audited()[1], "user.role");
}

#[tokio::test]
pub async fn whoever_is_shut_out_is_out_at_once_and_reads_the_same_as_a_stranger() {
    let (rig, admin) = Rig::with_admin().await;
    let bela = invite(&rig, &admin, "bela", "viewer").await;
    order(&rig, &admin, "bela", &[("order", "disable")]).await;
    assert_eq!(rig.get(&bela, "/").await.status, StatusCode::SEE_OTHER);
    let refused = rig.log_in("bela", OTHER).await;
    let stranger = rig.log_in("cleo", OTHER).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body.replace("bela", "cleo"), stranger.body);
    order(&rig, &admin, "bela", &[("order", "enable")]).await;
    assert_eq!(
        rig.log_in("bela", OTHER).await.status,
        StatusCode::SEE_OTHER
    );
    order(&rig, &admin, "bela", &[("order", "remove")]).await;
    assert_eq!(
        rig.log_in("bela", OTHER).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let gone = order(&rig, &admin, "bela", &[("order", "remove")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

/// A telephone with an open session is lost: whoever governs ends it from the terminal or by a program.
#[tokio::test]
async fn somebody_is_logged_out_by_whoever_governs() {
    let (rig, admin) = Rig::with_admin().await;
    let bela = invite(&rig, &admin, "bela", "viewer").await;
    assert_eq!(rig.get(&bela, "/devices").await.status, StatusCode::OK);
    let ended = rig
        .post_json(&admin, "/api/v1/people/bela/log-out", "")
        .await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.body);
    assert_eq!(
        rig.get(&bela, "/devices").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(rig.get(&admin, "/devices").await.status, StatusCode::OK);
    assert_eq!(rig.audited()[0], "user.end_sessions");
    let again = rig
        .post_json(&admin, "/api/v1/people/bela/log-out", "")
        .await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "nobody is logged in");
}

#[tokio::test]
pub async fn the_last_administrator_stays() {
    let (rig, admin) = Rig::with_admin().await;
    invite(&rig, &admin, "bela", "admin").await;
    order(&rig, &admin, "bela", &[("order", "disable")]).await;
    // A second one who cannot get in does not count.
    for pairs in [
        &[("order", "remove")][..],
        &[("order", "disable")],
        &[("order", "role"), ("role", "viewer")],
    ] {
        let refused = order(&rig, &admin, "amina", pairs).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{pairs:?}");
    }
    assert_eq!(rig.get(&admin, "/").await.status, StatusCode::OK);
    order(&rig, &admin, "bela", &[("order", "enable")]).await;
    let now_fine = order(
        &rig,
        &admin,
        "amina",
        &[("order", "role"), ("role", "viewer")],
    )
    .await;
    assert_eq!(now_fine.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
pub async fn a_link_for_another_password_ends_what_was_open() {
    let (rig, admin) = Rig::with_admin().await;
    let bela = invite(&rig, &admin, "bela", "viewer").await;
    let link = order(&rig, &admin, "bela", &[("order", "reset")]).await;
    let url = shown(&link);
    let path = url
        .strip_prefix("https://coordinator.example:8443")
        .unwrap();
    let fresh = form(&[("password", "a third one of pebbles")]);
    let entered = rig.post(&Asker::default(), path, &fresh).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.get(&bela, "/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        rig.log_in("bela", OTHER).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        rig.audited()[1..3],
        ["user.new_password", "user.reset_password"]
    );
}

#[tokio::test]
pub async fn whoever_changes_the_password_proves_the_old_one_and_ends_the_other_sessions() {
    let (rig, admin) = Rig::with_admin().await;
    let second = Asker::with_session(&rig.log_in("amina", PASSWORD).await);
    let wrong = form(&[("current", OTHER), ("password", OTHER)]);
    let refused = rig.post(&admin, "/account/password", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("This is not your password."));
    let right = form(&[("current", PASSWORD), ("password", OTHER)]);
    let changed = rig.post(&admin, "/account/password", &right).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    let fresh = Asker::with_session(&changed);
    assert_eq!(rig.get(&fresh, "/account").await.status, StatusCode::OK);
    assert_eq!(rig.get(&second, "/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.get(&admin, "/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
pub async fn sessions_are_listed_with_their_place_and_ended_one_by_one_or_all_others() {
    let (rig, admin) = Rig::with_admin().await;
    let others = [
        Asker::with_session(&rig.log_in("amina", PASSWORD).await),
        Asker::with_session(&rig.log_in("amina", PASSWORD).await),
    ];
    let listed = rig.get(&admin, "/api/v1/account/sessions").await.json();
    let items = listed["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item["address"] == "10.0.0.50"));
    let another = items.iter().find(|item| item["kind"] == "browser").unwrap();
    let path = format!(
        "/api/v1/account/sessions/{}/revoke",
        another["id"].as_str().unwrap()
    );
    assert_eq!(
        rig.post_json(&admin, &path, "").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        rig.post_json(&admin, &path, "").await.status,
        StatusCode::NOT_FOUND
    );
    let page = rig.get(&admin, "/account").await;
    assert!(page.body.contains("This one"));
    let all = form(&[("session", "others")]);
    let ended = rig.post(&admin, "/account/sessions", &all).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.get(&admin, "/").await.status, StatusCode::OK);
    for other in others {
        assert_eq!(rig.get(&other, "/").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
pub async fn nobody_ends_the_session_of_somebody_else() {
    let (rig, admin) = Rig::with_admin().await;
    let bela = invite(&rig, &admin, "bela", "viewer").await;
    let own = rig.get(&admin, "/api/v1/account/sessions").await.json();
    let id = own["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/account/sessions/{id}/revoke");
    let refused = rig.post_json(&bela, &path, "").await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(rig.get(&admin, "/").await.status, StatusCode::OK);
}

fn code_of(secret: &[u8], at_s: u64) -> String {
    let totp = totp_rs::Builder::new().with_secret(secret.to_vec());
    totp.build().unwrap().generate(at_s).to_string()
}

async fn log_in_with(rig: &Rig, code: &str) -> Answer {
    let form = form(&[("name", "amina"), ("password", PASSWORD), ("code", code)]);
    rig.post(&Asker::default(), "/login", &form).await
}

#[tokio::test]
pub async fn a_code_is_asked_for_once_it_was_shown_to_work_and_each_is_good_once() {
    let (rig, admin) = Rig::with_admin().await;
    let begin = form(&[("order", "begin"), ("password", PASSWORD)]);
    let offered = rig.post(&admin, "/account/code", &begin).await;
    assert_eq!(offered.status, StatusCode::OK, "{}", offered.body);
    assert_eq!(offered.header("cache-control"), "no-store");
    let (_, rest) = offered.body.split_once("Or type it: ").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    let secret = data_encoding::BASE32_NOPAD
        .decode(rest.split_once('<').unwrap().0.as_bytes())
        .unwrap();
    // Nothing is asked for before a code of it was typed.
    assert_eq!(log_in_with(&rig, "").await.status, StatusCode::SEE_OTHER);
    let wrong = form(&[("order", "confirm"), ("code", "000000")]);
    let refused = rig.post(&admin, "/account/code", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let second = now().as_millis() / 1000;
    let first = code_of(&secret, second - 30);
    let confirm = form(&[("order", "confirm"), ("code", &first)]);
    let confirmed = rig.post(&admin, "/account/code", &confirm).await;
    assert_eq!(
        confirmed.status,
        StatusCode::SEE_OTHER,
        "{}",
        confirmed.body
    );
    let kept = rig.reader.second_factor(&name("amina")).unwrap().unwrap();
    assert_eq!(kept.standing, Standing::Asked);

    let without = log_in_with(&rig, "").await;
    let wrong_password = rig.log_in("amina", OTHER).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(without.body, wrong_password.body);
    // The code that confirmed it was used by that.
    assert_eq!(
        log_in_with(&rig, &first).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let code = code_of(&secret, second);
    assert_eq!(log_in_with(&rig, &code).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        log_in_with(&rig, &code).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
pub async fn a_recovery_code_opens_once_and_an_administrator_can_forget_the_authenticator() {
    let (rig, admin) = Rig::with_admin().await;
    let mut offer = totp::offer(&name("amina"), now()).unwrap();
    offer.factor.standing = Standing::Asked;
    rig.writer
        .write(|changes| changes.set_second_factor(&name("amina"), &offer.factor))
        .unwrap();
    let code = offer.recovery[0].to_string();
    assert_eq!(log_in_with(&rig, &code).await.status, StatusCode::SEE_OTHER);
    let entry = rig.reader.audit_page(None, 1).unwrap().remove(0);
    assert_eq!(entry.act.after.unwrap().as_str(), "with a recovery code");
    assert_eq!(
        log_in_with(&rig, &code).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert!(
        rig.get(&admin, "/account")
            .await
            .body
            .contains("9 recovery codes")
    );
    let forgotten = order(&rig, &admin, "amina", &[("order", "forget-code")]).await;
    assert_eq!(forgotten.status, StatusCode::SEE_OTHER);
    assert_eq!(log_in_with(&rig, "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
pub async fn a_bcrypt_hash_opens_the_account_and_is_replaced() {
    let (rig, _) = Rig::with_admin().await;
    // As `htpasswd -nbB -C 5` writes it.
    let hash = bcrypt::hash_with_salt(PASSWORD, 5, [9; 16]).unwrap();
    let hash = hash.format_for_version(bcrypt::Version::TwoY);
    let text = format!("dara:{hash}\n");
    let taken = coordinator::accounts::import(&text, Role::Viewer, now()).unwrap();
    rig.writer
        .write(|changes| changes.add_operator(&taken[0]))
        .unwrap();
    assert_eq!(
        rig.log_in("dara", OTHER).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let kept = || {
        rig.reader
            .operator(&name("dara"))
            .unwrap()
            .unwrap()
            .password
    };
    assert!(kept().starts_with("$2y$"));
    assert_eq!(
        rig.log_in("dara", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(kept().starts_with("$argon2id$v=19$m=19456"), "{}", *kept());
    assert_eq!(
        rig.log_in("dara", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
}

/// A flood of guesses from many addresses slows down strangers alone.
#[tokio::test]
pub async fn a_flood_of_guesses_does_not_hold_up_whoever_was_here_before() {
    let (rig, _) = Rig::with_admin().await;
    assert_eq!(
        rig.log_in("amina", PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    let guess = form(&[("name", "amina"), ("password", "a guess among many")]);
    let guesses = (0..40).map(|host| {
        let guesser = Asker::default().at(&format!("10.6.{host}.6:1000"));
        let (rig, guess) = (&rig, guess.clone());
        async move { rig.post(&guesser, "/login", &guess).await.status }
    });
    let guesses = futures::future::join_all(guesses);
    let begun = std::time::Instant::now();
    let owner = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let entered = rig.log_in("amina", PASSWORD).await;
        (entered.status, begun.elapsed())
    };
    let (guessed, (entered, took)) = tokio::join!(guesses, owner);
    assert_eq!(entered, StatusCode::SEE_OTHER);
    assert!(
        guessed
            .iter()
            .all(|status| *status != StatusCode::SEE_OTHER)
    );
    println!("40 guesses took {:?}, the owner {took:?}", begun.elapsed());
    assert!(took < begun.elapsed());
}
