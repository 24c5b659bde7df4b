//! What programs show: tokens of their own, and access tokens for a name and a password.

use axum::http::StatusCode;
use coordinator::jwt::TokenDesk;
use coordinator::store::operators::Role;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::rig::{Answer, Asker, PASSWORD, Rig, form, now};

const TOKENS: &str = "/api/v1/access-tokens";
const DEVICES: &str = "/api/v1/devices";

async fn make(rig: &Rig, by: &Asker, terms: &Value) -> Answer {
    rig.post_json(by, TOKENS, &terms.to_string()).await
}

fn of(answer: &Answer) -> Asker {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    Asker::with_token(answer.json()["token"].as_str().unwrap())
}

#[tokio::test]
pub async fn a_token_does_no_more_than_it_was_made_for() {
    let (rig, admin) = Rig::with_admin().await;
    let reading = json!({"name": "grafana", "role": "operator", "reach": "reading"});
    let reading = of(&make(&rig, &admin, &reading).await);
    assert_eq!(rig.get(&reading, DEVICES).await.status, StatusCode::OK);
    let written = rig.post_json(&reading, "/api/v1/tokens", "{}").await;
    assert_eq!(written.status, StatusCode::FORBIDDEN);
    let alerts = json!({"name": "pager", "role": "operator", "areas": ["alerts"]});
    let alerts = of(&make(&rig, &admin, &alerts).await);
    assert_eq!(
        rig.get(&alerts, "/api/v1/alerts").await.status,
        StatusCode::OK
    );
    assert_eq!(
        rig.get(&alerts, DEVICES).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(rig.get(&alerts, TOKENS).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
pub async fn nobody_makes_a_token_that_does_more_than_they_may() {
    let (rig, _) = Rig::with_admin().await;
    rig.person("bela", Role::Operator);
    let bela = super::entrance::session_with(&rig, "bela", [3; 32]);
    for (role, status) in [
        ("viewer", StatusCode::CREATED),
        ("operator", StatusCode::CREATED),
        ("auditor", StatusCode::UNPROCESSABLE_ENTITY),
        ("admin", StatusCode::UNPROCESSABLE_ENTITY),
        ("root", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let made = make(&rig, &bela, &json!({"name": "x", "role": role})).await;
        assert_eq!(made.status, status, "{role}");
    }
    // What a token was restricted to would be lost.
    let token = of(&make(&rig, &bela, &json!({"name": "y", "role": "operator"})).await);
    let child = make(&rig, &token, &json!({"name": "z", "role": "viewer"})).await;
    assert_eq!(child.status, StatusCode::FORBIDDEN);
    for days in [0, 401] {
        let made = json!({"name": "x", "role": "viewer", "days": days});
        assert_eq!(
            make(&rig, &bela, &made).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
}

#[tokio::test]
pub async fn a_token_is_shown_once_and_the_one_before_a_rotation_opens_nothing() {
    let (rig, admin) = Rig::with_admin().await;
    let made = make(&rig, &admin, &json!({"name": "grafana", "role": "viewer"})).await;
    let (first, body) = (of(&made), made.json());
    let secret = body["token"].as_str().unwrap();
    let listed = rig.get(&admin, TOKENS).await;
    assert!(!listed.body.contains(secret));
    assert_eq!(listed.json()["items"][0]["id"], body["id"]);
    assert_eq!(rig.get(&first, DEVICES).await.status, StatusCode::OK);
    let path = format!("{TOKENS}/{}", body["id"].as_str().unwrap());
    let rotated = rig.post_json(&admin, &format!("{path}/rotate"), "").await;
    let second = of(&rotated);
    let refused = rig.get(&first, DEVICES).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(rig.get(&second, DEVICES).await.status, StatusCode::OK);
    let id = rotated.json()["id"].as_str().unwrap().to_owned();
    let revoke = form(&[("order", "revoke")]);
    let gone = rig
        .post(&admin, &format!("/account/tokens/{id}"), &revoke)
        .await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert_eq!(
        rig.get(&second, DEVICES).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        rig.audited()[..3],
        ["api_token.revoke", "api_token.rotate", "api_token.create"]
    );
}

#[tokio::test]
pub async fn nobody_sees_or_ends_the_tokens_of_others() {
    let (rig, admin) = Rig::with_admin().await;
    let made = make(&rig, &admin, &json!({"name": "grafana", "role": "viewer"})).await;
    rig.person("bela", Role::Operator);
    let bela = super::entrance::session_with(&rig, "bela", [3; 32]);
    let listed = rig.get(&bela, TOKENS).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 0);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{TOKENS}/{id}/revoke");
    let ended = rig.post_json(&bela, &path, "").await;
    assert_eq!(ended.status, StatusCode::NOT_FOUND);
    assert_eq!(rig.get(&of(&made), DEVICES).await.status, StatusCode::OK);
}

async fn grant(rig: &Rig) -> Value {
    let asked = json!({"name": "amina", "password": PASSWORD});
    let granted = rig
        .post_json(&Asker::default(), "/api/v1/auth/token", &asked.to_string())
        .await;
    assert_eq!(granted.status, StatusCode::OK, "{}", granted.body);
    assert_eq!(granted.header("cache-control"), "no-store");
    granted.json()
}

async fn refresh(rig: &Rig, granted: &Value) -> Answer {
    tell(rig, "refresh", granted).await
}

async fn tell(rig: &Rig, word: &str, granted: &Value) -> Answer {
    let shown = json!({"refresh_token": granted["refresh_token"]}).to_string();
    let path = format!("/api/v1/auth/{word}");
    rig.post_json(&Asker::default(), &path, &shown).await
}

fn access(granted: &Value) -> Asker {
    Asker::with_token(granted["access_token"].as_str().unwrap())
}

fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
pub async fn a_name_and_a_password_get_an_access_token_and_a_wrong_one_gets_none() {
    let (rig, _) = Rig::with_admin().await;
    let granted = grant(&rig).await;
    assert_eq!(granted["token_type"], "Bearer");
    assert_eq!(granted["expires_in"], 900);
    let program = access(&granted);
    assert_eq!(rig.get(&program, DEVICES).await.status, StatusCode::OK);
    assert_eq!(
        rig.get(&program, "/devices").await.status,
        StatusCode::SEE_OTHER
    );
    for (name, password) in [("amina", "wrong"), ("nobody else", PASSWORD)] {
        let asked = json!({"name": name, "password": password}).to_string();
        let path = "/api/v1/auth/token";
        is_refused(&rig.post_json(&Asker::default(), path, &asked).await);
    }
}

#[tokio::test]
pub async fn a_replayed_refresh_token_ends_the_whole_chain() {
    let (rig, _) = Rig::with_admin().await;
    let first = grant(&rig).await;
    let second = refresh(&rig, &first).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let second = second.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(
        rig.get(&access(&second), DEVICES).await.status,
        StatusCode::OK
    );
    // The thief's copy, or the program's: nobody can tell.
    is_refused(&refresh(&rig, &first).await);
    assert_eq!(rig.audited()[0], "grant.reused");
    is_refused(&refresh(&rig, &second).await);
    is_refused(&rig.get(&access(&second), DEVICES).await);
    is_refused(&rig.get(&access(&first), DEVICES).await);
}

#[tokio::test]
pub async fn a_grant_ends_when_it_is_revoked_and_with_its_account() {
    let (rig, admin) = Rig::with_admin().await;
    let granted = grant(&rig).await;
    assert!(
        rig.get(&admin, "/account")
            .await
            .body
            .contains("A program: ")
    );
    assert_eq!(
        tell(&rig, "revoke", &granted).await.status,
        StatusCode::NO_CONTENT
    );
    is_refused(&rig.get(&access(&granted), DEVICES).await);
    is_refused(&refresh(&rig, &granted).await);
    let granted = grant(&rig).await;
    rig.writer
        .write(|changes| {
            changes.add_operator(&coordinator::store::operators::Operator {
                name: super::rig::name("bela"),
                role: Role::Admin,
                created: now(),
                password: zeroize::Zeroizing::default(),
            })?;
            changes.set_role(&super::rig::name("amina"), Role::Viewer)
        })
        .unwrap();
    is_refused(&rig.get(&access(&granted), DEVICES).await);
}

/// Against the router what the vectors of `jwt` are against the reader: each is refused as a problem document.
#[tokio::test]
pub async fn forged_access_tokens_are_refused_at_the_door() {
    use data_encoding::BASE64URL_NOPAD;
    let (rig, _) = Rig::with_admin().await;
    let granted = grant(&rig).await;
    let good = granted["access_token"].as_str().unwrap();
    let parts: Vec<&str> = good.split('.').collect();
    let claims: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap()).unwrap();
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let seed = rig.reader.token_seed();
    let public = SigningKey::from_bytes(&seed).verifying_key();
    let signed = |claims: &Value| {
        use ed25519_dalek::Signer as _;
        let signed = format!("{}.{}", parts[0], part(claims));
        let signature = SigningKey::from_bytes(&seed).sign(signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
    };
    let with = |key: &str, value: Value| {
        let mut changed = claims.clone();
        changed[key] = value;
        signed(&changed)
    };
    let confused = {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let signed = format!("{}.{}", part(&json!({"alg": "HS256"})), parts[1]);
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(public.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!(
            "{signed}.{}",
            BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
        )
    };
    let second = now().as_millis() / 1000;
    let other = TokenDesk::new(&[9; 32], "x");
    let ids = ("a".to_owned(), claims["sid"].as_str().unwrap().to_owned());
    let vectors = [
        (
            "none",
            format!("{}.{}.", part(&json!({"alg": "none"})), parts[1]),
        ),
        ("HS256 with the public key", confused),
        (
            "another key",
            other.write(&other.claims(("amina", "admin"), ids, now())),
        ),
        ("wrong audience", with("aud", json!("grafana"))),
        ("wrong issuer", with("iss", json!("palisade:elsewhere"))),
        ("expired", with("exp", json!(second - 1))),
        ("not yet valid", with("nbf", json!(second + 600))),
        ("another role", with("role", json!("viewer"))),
        ("another account", with("sub", json!("mallory"))),
        ("no such grant", with("sid", json!("00"))),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
    ];
    assert_eq!(
        rig.get(&Asker::with_token(&signed(&claims)), DEVICES)
            .await
            .status,
        StatusCode::OK
    );
    for (what, token) in vectors {
        let answer = rig.get(&Asker::with_token(&token), DEVICES).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
        is_refused(&answer);
    }
}

/// Story: on a busy machine two thousand requests took so long that the account's share came back meanwhile, and nobody was
/// paced. Here no time passes, so that what is counted is requests.
#[tokio::test]
pub async fn one_account_is_paced_from_however_many_addresses_it_asks() {
    let (rig, admin) = Rig::with_admin_at_a_standstill().await;
    let (mut answered, mut paced) = (0, None);
    for number in 0..1_300 {
        let from = admin.at(&format!("10.{}.{}.7:1", number / 200, number % 200));
        let answer = rig.get(&from, "/api/v1/settings").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            paced = Some(answer);
            break;
        }
        answered += 1;
    }
    assert_eq!(answered, 1_200, "so many may be asked at once");
    let paced = paced.expect("one more is too many");
    assert_eq!(paced.header("content-type"), "application/problem+json");
    assert!(paced.header("retry-after").parse::<u64>().unwrap() >= 1);
    rig.person("bela", Role::Viewer);
    let bela = super::entrance::session_with(&rig, "bela", [5; 32]);
    assert_eq!(rig.get(&bela, DEVICES).await.status, StatusCode::OK);
    // A token counts for whoever made it.
    let other = rig.token(Role::Viewer);
    for number in 0..3 {
        let from = other.at(&format!("10.77.{number}.1:1"));
        let answer = rig.get(&from, DEVICES).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
}
