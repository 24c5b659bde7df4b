//! People, their accounts, and devices with a key.

use maud::Markup;

use super::{HOSTILE, NOW_MS};
use crate::layout::Shell;
use crate::pages::account::{
    self, AccountView, CodeState, Lacking, NewToken, SessionKind, SessionRow, TokenRow, TokenView,
};
use crate::pages::account_code::{self, CodeView};
use crate::pages::account_passkeys::{self, Making, Opening, PasskeyRow, PasskeysView, Place};
use crate::pages::invited::{self, InvitedView};
use crate::pages::keyed::{self, KeyView, KeyedOneView, KeyedRow, KeyedView};
use crate::pages::login_passkey::{self, Asked, Manner, PasskeyLoginView};
use crate::pages::people::{self, InviteView, LinkView, PeopleView, PersonRow, PersonState};
use crate::parts::form::Field;
use crate::parts::status::Status;

pub fn pages(inside: &Shell, outside: &Shell) -> Vec<(&'static str, Markup)> {
    let mut pages = of_people(inside, outside);
    pages.extend(of_accounts(inside));
    pages.extend(of_passkeys(inside, outside));
    pages.extend(of_devices(inside));
    pages
}

fn of_people(inside: &Shell, outside: &Shell) -> Vec<(&'static str, Markup)> {
    let wrong = InviteView {
        name: Field::wrong("amina", "Somebody has this name already."),
        role: Field::new("auditor"),
    };
    let link = |role: Option<&str>| LinkView {
        name: "bela".into(),
        role: role.map(str::to_owned),
        url: "https://10.0.0.2:8443/invited/mzxw6ytboi5ha43uebthg43x".into(),
        expires_ms: NOW_MS + 259_000_000,
    };
    let invited = |role: Option<&str>, password| InvitedView::Form {
        token: "tok".into(),
        name: "bela".into(),
        role: role.map(str::to_owned),
        password,
    };
    let short = Field::wrong("", "Use at least 15 characters.");
    vec![
        ("people", people::page(inside, &people_view())),
        (
            "people-new",
            people::invite_page(inside, &InviteView::default()),
        ),
        ("people-new-wrong", people::invite_page(inside, &wrong)),
        (
            "people-link",
            people::link_page(inside, &link(Some("operator"))),
        ),
        ("people-link-reset", people::link_page(inside, &link(None))),
        (
            "invited",
            invited::page(outside, &invited(Some("operator"), short)),
        ),
        (
            "invited-reset",
            invited::page(outside, &invited(None, Field::default())),
        ),
        ("invited-over", invited::page(outside, &InvitedView::Over)),
    ]
}

fn people_view() -> PeopleView {
    let rows = [
        ("amina", "admin", PersonState::Active, true, 2, Some(4_000)),
        (
            HOSTILE,
            "viewer",
            PersonState::Active,
            false,
            1,
            Some(9_000_000),
        ),
        ("chidi", "auditor", PersonState::Disabled, true, 0, None),
        ("dara", "operator", PersonState::Invited, false, 0, None),
    ];
    PeopleView {
        people: rows
            .map(
                |(name, role, state, second_factor, sessions, age)| PersonRow {
                    name: name.into(),
                    role: role.into(),
                    state,
                    second_factor,
                    passkeys: sessions,
                    sessions,
                    last_seen_ms: age.map(|age| NOW_MS - age),
                },
            )
            .into(),
    }
}

fn of_accounts(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let wrong = AccountView {
        current: Field::wrong("", "This is not your password."),
        new_token: NewToken {
            name: Field::new("grafana"),
            days: Field::wrong("soon", "Write a number of days."),
            error: Some("Choose no more than your own role.".into()),
        },
        tokens: Vec::new(),
        code: CodeState::NotAsked,
        lacking: Lacking::SecondFactor,
        ..account_view()
    };
    let token = TokenView {
        name: HOSTILE.into(),
        token: "plsd_pat_mzxw6ytboi5ha43uebthg43xmzxw6ytb".into(),
        allows: "viewer, reading only, in devices alerts".into(),
        expires_ms: Some(NOW_MS + 7_776_000_000),
    };
    let offer = CodeView::Offer {
        uri: "otpauth://totp/Riverside:amina?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Riverside".into(),
        secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
        recovery: (0..10).map(|number| format!("mzxw6ytboi5ha4{number}q")).collect(),
        code: Field::default(),
    };
    let begin = |asked| CodeView::Begin {
        asked,
        password: Field::wrong("", "This is not your password."),
    };
    let confirm = CodeView::Confirm {
        code: Field::wrong("", "This code is not the one of now."),
    };
    vec![
        ("account", account::page(inside, &account_view())),
        ("account-wrong", account::page(inside, &wrong)),
        ("account-token", account::token_page(inside, &token)),
        (
            "account-code",
            account_code::page(
                inside,
                &CodeView::Begin {
                    asked: None,
                    password: Field::default(),
                },
            ),
        ),
        (
            "account-code-asked",
            account_code::page(inside, &begin(Some(7))),
        ),
        ("account-code-offer", account_code::page(inside, &offer)),
        ("account-code-confirm", account_code::page(inside, &confirm)),
    ]
}

fn of_passkeys(inside: &Shell, outside: &Shell) -> Vec<(&'static str, Markup)> {
    let asked = Asked {
        site: "hub.example".into(),
        challenge: "mzxw6ytboi5ha43uebthg43xmzxw6ytb".into(),
        known: vec!["bWVt".into(), "ZW50bw".into()],
    };
    let entering = PasskeyLoginView {
        asked: asked.clone(),
        next: Some("/devices".into()),
        manner: Manner::AtOnce,
        error: None,
    };
    let again = PasskeyLoginView {
        error: Some("This passkey opens no account here, or its answer came too late.".into()),
        manner: Manner::WhenPressed,
        ..entering.clone()
    };
    let row = |number: u64, name: &str| PasskeyRow {
        id: format!("{number:064x}"),
        name: name.into(),
        site: "hub.example".into(),
        created_ms: NOW_MS - 900_000_000,
        used_ms: (number == 1).then_some(NOW_MS - 60_000),
    };
    let here = PasskeysView {
        place: Place::Here(Making {
            challenge: "mzxw6ytboi5ha43u".into(),
            user: "bWVt".into(),
            account: HOSTILE.into(),
            prove: asked,
        }),
        rows: vec![row(1, "phone"), row(2, HOSTILE)],
        ..PasskeysView::default()
    };
    let wrong = PasskeysView {
        opening: Opening::PasskeysAlone,
        error: Some("This is not your password.".into()),
        name: Field::wrong("", "The text is empty."),
        called: Field::wrong(HOSTILE, "The text is too long."),
        chosen: Field::wrong("", "Use at least 15 characters."),
        ..here.clone()
    };
    let none = PasskeysView {
        rows: Vec::new(),
        ..here.clone()
    };
    let elsewhere = PasskeysView {
        place: Place::Elsewhere(vec!["hub.example".into(), "localhost".into()]),
        ..here.clone()
    };
    let provided = PasskeysView {
        opening: Opening::Provider,
        ..none.clone()
    };
    let page = |view: &PasskeysView| account_passkeys::page(inside, view);
    vec![
        ("login-passkey", login_passkey::page(outside, &entering)),
        ("login-passkey-again", login_passkey::page(outside, &again)),
        ("account-passkeys", page(&here)),
        ("account-passkeys-wrong", page(&wrong)),
        ("account-passkeys-none", page(&none)),
        ("account-passkeys-elsewhere", page(&elsewhere)),
        ("account-passkeys-provider", page(&provided)),
    ]
}

fn account_view() -> AccountView {
    let session = |number: u64, kind| SessionRow {
        id: format!("{number:064x}"),
        kind,
        address: Some(format!("10.0.0.{number}")),
        agent: Some(if number == 2 {
            HOSTILE.into()
        } else {
            "Mozilla/5.0 (X11; Linux x86_64) Firefox/153.0".into()
        }),
        began_ms: NOW_MS - 3_600_000 * number,
        seen_ms: NOW_MS - 40_000 * number,
    };
    let token = |number: u64, name: &str, allows: &str| TokenRow {
        id: format!("{number:064x}"),
        name: name.into(),
        by: "amina".into(),
        allows: allows.into(),
        used_ms: (number == 1).then_some(NOW_MS - 600_000),
        expires_ms: Some(NOW_MS + 86_400_000 * number),
    };
    AccountView {
        code: CodeState::Asked { recovery_left: 9 },
        passkeys: 1,
        sessions: vec![
            session(1, SessionKind::This),
            session(2, SessionKind::Browser),
            session(3, SessionKind::Program),
        ],
        tokens: vec![
            token(1, "grafana", "viewer, reading only"),
            token(2, HOSTILE, "operator, in devices"),
        ],
        roles: ["viewer", "operator", "admin", "auditor"]
            .map(str::to_owned)
            .into(),
        ..AccountView::default()
    }
}

fn of_devices(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let row = |number: u64, name: &str, status| KeyedRow {
        id: format!("badqmbieamba{number}"),
        name: name.into(),
        class: "sensor".into(),
        tag: format!("PLS-7K2M-Q4X{number}"),
        status,
        heard_ms: (status != Status::NeverHeard).then(|| NOW_MS - 60_000 * number),
        address: Some("10.0.4.17".into()),
    };
    let view = KeyedView {
        devices: vec![
            row(1, "pump-2", Status::Online),
            row(2, HOSTILE, Status::Silent),
            row(3, "tank-level", Status::NeverHeard),
        ],
        name: Field::wrong("pump-2", "There is a device of this name already."),
        class: Field::new("sensor"),
    };
    let one = KeyedOneView {
        device: row(2, HOSTILE, Status::Silent),
        created_by: "amina".into(),
        key_made_ms: NOW_MS - 900_000_000,
        uptime_s: Some(40_000),
        readings: vec![(
            NOW_MS - 60_000,
            vec![("load".into(), 0.31), (HOSTILE.into(), -7.0)],
        )],
        logs: vec![(NOW_MS - 50_000, HOSTILE.into())],
    };
    let fresh = KeyedOneView {
        device: row(3, "tank-level", Status::NeverHeard),
        uptime_s: None,
        readings: Vec::new(),
        logs: Vec::new(),
        ..one.clone()
    };
    let key = KeyView {
        id: "badqmbieamba1".into(),
        name: "pump-2".into(),
        tag: "PLS-7K2M-Q4X1".into(),
        key: "plsd_dev_mzxw6ytboi5ha43uebthg43xmzxw6ytb".into(),
    };
    vec![
        ("keyed", keyed::page(inside, &view)),
        ("keyed-none", keyed::page(inside, &KeyedView::default())),
        ("keyed-one", keyed::one_page(inside, &one)),
        ("keyed-one-fresh", keyed::one_page(inside, &fresh)),
        ("keyed-key", keyed::key_page(inside, &key)),
    ]
}
