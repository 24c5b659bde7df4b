//! What passkeys are to an account: named, listed and removed, few of them, and the last way in.

use coordinator::store::operators::Operator;

use super::*;

#[tokio::test]
pub async fn an_account_without_a_password_lives_by_its_passkeys_and_keeps_the_last() {
    let (rig, admin, mut phone) = with_passkey().await;
    let answer = prove(&rig, &admin, &mut phone).await;
    let alone = tell(&rig, &admin, &[("order", "alone"), ("answer", &answer)]).await;
    assert_eq!(alone.status, StatusCode::SEE_OTHER, "{}", alone.body);
    assert_eq!(rig.audited()[0], "user.drop_password");
    assert_eq!(
        rig.get(&admin, "/").await.status,
        StatusCode::SEE_OTHER,
        "other sessions end"
    );
    for typed in [PASSWORD, ""] {
        let refused = rig.log_in("amina", typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
    }
    let amina = Asker::with_session(&log_in(&rig, &mut phone).await);

    // The last way in stays, at every door.
    let id = own(&rig)[0].0.clone();
    let answer = prove(&rig, &amina, &mut phone).await;
    let remove = [
        ("order", "remove"),
        ("passkey", id.as_str()),
        ("answer", &answer),
    ];
    let refused = tell(&rig, &amina, &remove).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("It is the only way into the account"),
        "{}",
        refused.body
    );
    let refused = rig
        .post_json(&amina, &format!("/api/v1/account/passkeys/{id}/remove"), "")
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    let refused = rig
        .post_json(&amina, "/api/v1/people/amina/forget-passkeys", "")
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("hand out a link"), "{}", refused.body);

    // A second one is added by showing the first, and a password does not stand for it.
    let mut stick = Authenticator::eddsa();
    let page = rig.get(&amina, PASSKEYS).await;
    stick.user = bytes(&attribute(&page, "data-user"));
    assert_eq!(stick.user, phone.user);
    let made = stick.make(&Question::of(&attribute(&page, "data-challenge")));
    let add = [
        ("order", "add"),
        ("name", "stick"),
        ("password", PASSWORD),
        ("made", &made),
        ("answer", ""),
    ];
    assert_eq!(
        tell(&rig, &amina, &add).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let answer = prove(&rig, &amina, &mut phone).await;
    let add = [
        ("order", "add"),
        ("name", "stick"),
        ("made", &made),
        ("answer", &answer),
    ];
    let added = tell(&rig, &amina, &add).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let answer = prove(&rig, &amina, &mut stick).await;
    let remove = [
        ("order", "remove"),
        ("passkey", id.as_str()),
        ("answer", &answer),
    ];
    assert_eq!(
        tell(&rig, &amina, &remove).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        log_in(&rig, &mut phone).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    // With a password again the last one may go.
    let answer = prove(&rig, &amina, &mut stick).await;
    let choose = [
        ("order", "password"),
        ("chosen", "nine large dry pebbles"),
        ("answer", &answer),
    ];
    let chosen = tell(&rig, &amina, &choose).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.body);
    let amina = Asker::with_session(&rig.log_in("amina", "nine large dry pebbles").await);
    let id = own(&rig)[0].0.clone();
    let remove = |password| {
        [
            ("order", "remove"),
            ("passkey", id.as_str()),
            ("password", password),
        ]
    };
    let wrong = tell(&rig, &amina, &remove(PASSWORD)).await;
    assert!(
        wrong.body.contains("This is not your password."),
        "{}",
        wrong.body
    );
    let gone = tell(&rig, &amina, &remove("nine large dry pebbles")).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.audited()[0], "user.remove_passkey");
    assert!(own(&rig).is_empty());
}

#[tokio::test]
pub async fn programs_list_name_and_remove_the_passkeys_of_their_own_person() {
    let (rig, admin, _) = with_passkey().await;
    let path = |id: &str, word: &str| format!("/api/v1/account/passkeys/{id}/{word}");
    let listed = rig.get(&admin, "/api/v1/account/passkeys").await;
    let document = listed.json();
    assert_eq!(document["items"][0]["name"], "phone");
    assert_eq!(document["items"][0]["site"], "coordinator.example");
    assert!(!listed.body.contains("key\""), "{}", listed.body);
    let id = document["items"][0]["id"].as_str().unwrap().to_owned();
    for wrong in ["", "{}", r#"{"name": ""}"#, r#"{"title": "x"}"#] {
        let refused = rig.post_json(&admin, &path(&id, "rename"), wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let renamed = rig
        .post_json(&admin, &path(&id, "rename"), r#"{"name": "old phone"}"#)
        .await;
    assert_eq!(renamed.status, StatusCode::NO_CONTENT, "{}", renamed.body);
    assert_eq!(rig.audited()[0], "user.rename_passkey");
    // Of somebody else's there is none.
    rig.person("bela", Role::Admin);
    let bela = session_of(&rig, "bela");
    for word in ["remove", "rename"] {
        let refused = rig
            .post_json(&bela, &path(&id, word), r#"{"name": "mine"}"#)
            .await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{word}");
    }
    let page = rig.get(&admin, PASSKEYS).await;
    assert!(page.body.contains("old phone"), "{}", page.body);
    let exported = rig.get(&admin, "/api/v1/people/amina/export").await;
    assert_eq!(
        exported.json()["passkeys"][0]["name"],
        "old phone",
        "{}",
        exported.body
    );
    let gone = rig.post_json(&admin, &path(&id, "remove"), "").await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn whom_a_provider_vouches_for_makes_no_passkey_past_it() {
    let (rig, _) = Rig::with_admin().await;
    let operator = Operator {
        name: name("olu"),
        role: Role::Viewer,
        created: now(),
        password: zeroize::Zeroizing::new(String::new()),
    };
    rig.writer
        .write(|changes| changes.add_operator(&operator))
        .unwrap();
    let olu = session_of(&rig, "olu");
    let page = rig.get(&olu, PASSKEYS).await;
    assert!(
        page.body.contains("identity provider decides") && !page.body.contains("Add a passkey")
    );
    let add = [
        ("order", "add"),
        ("name", "phone"),
        ("password", ""),
        ("made", "{}"),
        ("answer", ""),
    ];
    assert_eq!(
        tell(&rig, &olu, &add).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert!(rig.reader.passkeys().unwrap().is_empty());
    // The store keeps none either, whoever asks it.
    let (other, _, _) = with_passkey().await;
    let (id, mut passkey) = other.reader.passkeys().unwrap().remove(0);
    passkey.operator = name("olu");
    let kept = rig
        .writer
        .write(|changes| changes.add_passkey(&id, &passkey));
    assert!(kept.is_err());
}

#[tokio::test]
async fn passkeys_are_ten_at_most_and_go_with_their_account() {
    let (rig, admin, mut phone) = with_passkey().await;
    let twice = add(&rig, &admin, "again", &mut phone).await;
    assert!(twice.body.contains("This passkey"), "{}", twice.body);
    let first = rig.reader.passkeys().unwrap().remove(0);
    for number in 0..9_u8 {
        let id = coordinator::store::passkeys::PasskeyId::of(&[number]);
        rig.writer
            .write(|changes| changes.add_passkey(&id, &first.1))
            .unwrap();
    }
    let eleventh = add(&rig, &admin, "more", &mut Authenticator::eddsa()).await;
    assert!(eleventh.body.contains("Ten passkeys"), "{}", eleventh.body);
    rig.person("bela", Role::Admin);
    let forgotten = rig
        .post(
            &admin,
            "/people/amina",
            &form(&[("order", "forget-passkeys")]),
        )
        .await;
    assert_eq!(forgotten.status, StatusCode::SEE_OTHER);
    assert_eq!(rig.audited()[0], "user.forget_passkeys");
    assert!(own(&rig).is_empty());
    let added = add(&rig, &admin, "phone", &mut phone).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let bela = session_of(&rig, "bela");
    let removed = rig
        .post(&bela, "/people/amina", &form(&[("order", "remove")]))
        .await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert!(rig.reader.passkeys().unwrap().is_empty());
}
