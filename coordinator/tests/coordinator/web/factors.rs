//! Where a second factor is demanded: how far an account gets without one, and what makes do.

use axum::http::StatusCode;
use coordinator::factors::Demand;
use coordinator::store::operators::Role;
use coordinator::store::second_factors::Standing;
use coordinator::totp;

use super::super::authenticator::Authenticator;
use super::passkeys::{add, log_in};
use super::rig::{Asker, PASSWORD, Rig, name, now};

fn ask_for_codes(rig: &Rig) {
    let mut offer = totp::offer(&name("amina"), now()).unwrap();
    offer.factor.standing = Standing::Asked;
    rig.writer
        .write(|changes| changes.set_second_factor(&name("amina"), &offer.factor))
        .unwrap();
}

#[tokio::test]
async fn an_administrator_without_a_second_factor_gets_as_far_as_the_account() {
    let (rig, admin) = Rig::demanding(Demand::Admins).administered().await;
    let page = rig.get(&admin, "/devices").await;
    assert_eq!(
        (page.status, page.location()),
        (StatusCode::SEE_OTHER, "/account")
    );
    let account = rig.get(&admin, "/account").await;
    assert!(
        account.body.contains("needs a second factor here"),
        "{}",
        account.body
    );
    let refused = rig.get(&admin, "/api/v1/devices").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.body.contains("second-factor-missing"),
        "{}",
        refused.body
    );
    let refused = rig.post(&admin, "/devices/new", "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let token = rig.token(Role::Viewer);
    let refused = rig.get(&token, "/api/v1/devices").await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "a token goes no further than its maker"
    );
    for open in [
        "/account",
        "/account/code",
        "/account/passkeys",
        "/api/v1/account/sessions",
    ] {
        assert_eq!(rig.get(&admin, open).await.status, StatusCode::OK, "{open}");
    }
    ask_for_codes(&rig);
    assert_eq!(rig.get(&admin, "/devices").await.status, StatusCode::OK);
    assert_eq!(
        rig.get(&token, "/api/v1/devices").await.status,
        StatusCode::OK
    );
    assert!(
        !rig.get(&admin, "/account")
            .await
            .body
            .contains("needs a second factor here")
    );
}

#[tokio::test]
async fn whoever_has_a_passkey_shows_it_where_a_password_is_not_enough() {
    let (rig, admin) = Rig::demanding(Demand::Admins).administered().await;
    let mut phone = Authenticator::es256();
    let added = add(&rig, &admin, "phone", &mut phone).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    assert_eq!(rig.get(&admin, "/devices").await.status, StatusCode::OK);
    let refused = rig.log_in("amina", PASSWORD).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a password alone lets in"
    );
    let entered = Asker::with_session(&log_in(&rig, &mut phone).await);
    assert_eq!(rig.get(&entered, "/devices").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_demand_concerns_whom_it_names_and_nobody_unless_it_is_said() {
    for (demand, role, open) in [
        (Demand::Nobody, Role::Admin, true),
        (Demand::Admins, Role::Viewer, true),
        (Demand::Admins, Role::Admin, false),
        (Demand::Everybody, Role::Viewer, false),
        (Demand::Everybody, Role::Auditor, false),
    ] {
        let rig = Rig::demanding(demand);
        rig.person("bela", role);
        let bela = super::passkeys::session_of(&rig, "bela");
        let open_is = rig.get(&bela, "/devices").await.status == StatusCode::OK;
        assert_eq!(open_is, open, "{demand:?} {role}");
    }
}
