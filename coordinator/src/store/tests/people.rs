use zeroize::Zeroizing;

use super::rig::{Disk, at, name};
use crate::store::api_tokens::ApiToken;
use crate::store::barred::Barred;
use crate::store::fault::ChangeError;
use crate::store::grants::{GRANTS_PER_OPERATOR, Grant, Refresh};
use crate::store::invitations::Invitation;
use crate::store::keyed::{Keyed, READINGS_PER_DEVICE, Told};
use crate::store::operators::{Operator, Role};
use crate::store::secret_hash::SecretHash;
use crate::store::sessions::{SESSIONS_PER_OPERATOR, Session};
use crate::store::setup::{Redemption, SetupToken};
use crate::store::{Changes, Store};

const PHC: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

fn operator(text: &str, role: Role) -> Operator {
    Operator {
        name: name(text),
        role,
        created: at(0),
        password: Zeroizing::new(PHC.to_owned()),
    }
}

fn session(of: &str, seen: u64) -> Session {
    Session {
        operator: name(of),
        created: at(0),
        seen: at(seen),
        expires: at(86_400_000),
        address: Some(name("192.0.2.1")),
        agent: None,
    }
}

fn change<T>(
    store: &Store,
    change: impl FnOnce(&mut Changes<'_>) -> Result<T, ChangeError>,
) -> Result<T, ChangeError> {
    store.writer().write(change)
}

#[test]
fn an_operator_reads_back_and_the_hash_is_not_in_clear() {
    let disk = Disk::default();
    let (store, _) = disk.open();
    let ada = operator("ada", Role::Admin);
    change(&store, |changes| changes.add_operator(&ada)).expect("it is stored");
    let twice = change(&store, |changes| changes.add_operator(&ada));
    assert!(matches!(twice, Err(ChangeError::Exists(_))));
    drop(store);
    let (store, _) = disk.open();
    let found = store.reader().operator(&name("ada")).expect("it is read");
    assert!(found == Some(ada));
    assert!(
        store
            .reader()
            .operator(&name("eve"))
            .expect("it is read")
            .is_none()
    );
    let bytes = disk.bytes();
    assert!(!bytes.windows(PHC.len()).any(|part| part == PHC.as_bytes()));
}

#[test]
fn somebody_stays_who_may_decide() {
    let (store, _) = Disk::default().open();
    let made = change(&store, |changes| {
        changes.add_operator(&operator("ada", Role::Admin))?;
        changes.add_operator(&operator("bob", Role::Viewer))
    });
    made.expect("it is stored");
    let removed = change(&store, |changes| changes.remove_operator(&name("ada")));
    assert!(matches!(removed, Err(ChangeError::LastAdmin)));
    let lowered = change(&store, |changes| {
        changes.set_role(&name("ada"), Role::Viewer)
    });
    assert!(matches!(lowered, Err(ChangeError::LastAdmin)));
    change(&store, |changes| {
        changes.set_role(&name("bob"), Role::Admin)
    })
    .expect("a second");
    change(&store, |changes| changes.remove_operator(&name("ada"))).expect("one stays");
    let missing = change(&store, |changes| changes.remove_operator(&name("ada")));
    assert!(matches!(missing, Err(ChangeError::Missing(_))));
}

#[test]
fn a_change_that_is_broken_off_leaves_nothing() {
    let (store, _) = Disk::default().open();
    let broken: Result<(), ChangeError> = change(&store, |changes| {
        changes.add_operator(&operator("ada", Role::Admin))?;
        Err(ChangeError::Missing("reason"))
    });
    assert!(broken.is_err());
    assert!(store.reader().operators().expect("it is read").is_empty());
}

#[test]
fn a_new_password_and_a_new_role_end_the_sessions() {
    let (store, _) = Disk::default().open();
    let id = SecretHash::of_session(b"one");
    let made = change(&store, |changes| {
        changes.add_operator(&operator("ada", Role::Admin))?;
        changes.open_session(&id, &session("ada", 0))
    });
    made.expect("it is stored");
    assert!(
        store
            .reader()
            .session(&id, at(1))
            .expect("it is read")
            .is_some()
    );
    assert!(
        store
            .reader()
            .session(&id, at(86_400_000))
            .expect("it is read")
            .is_none()
    );
    change(&store, |changes| {
        changes.set_password(&name("ada"), "$argon2id$new")
    })
    .expect("done");
    assert!(
        store
            .reader()
            .session(&id, at(1))
            .expect("it is read")
            .is_none()
    );
    let ada = store
        .reader()
        .operator(&name("ada"))
        .expect("it is read")
        .expect("ada");
    assert_eq!(ada.password.as_str(), "$argon2id$new");
}

#[test]
fn the_session_that_was_used_least_lately_makes_room() {
    let (store, _) = Disk::default().open();
    let id = |number: usize| SecretHash::of_session(&number.to_be_bytes());
    for number in 0..SESSIONS_PER_OPERATOR {
        let opened = session("ada", number as u64);
        change(&store, |changes| changes.open_session(&id(number), &opened)).expect("stored");
    }
    change(&store, |changes| changes.touch_session(&id(0), at(5_000))).expect("it is there");
    change(&store, |changes| {
        changes.open_session(&id(99), &session("ada", 9_000))
    })
    .expect("stored");
    change(&store, |changes| {
        changes.open_session(&id(98), &session("bob", 0))
    })
    .expect("stored");
    let sessions = store.reader().sessions().expect("they are read");
    assert_eq!(sessions.len(), SESSIONS_PER_OPERATOR + 1);
    assert!(
        store
            .reader()
            .session(&id(0), at(1))
            .expect("it is read")
            .is_some()
    );
    assert!(
        store
            .reader()
            .session(&id(1), at(1))
            .expect("it is read")
            .is_none()
    );
    change(&store, |changes| changes.close_session(&id(0))).expect("it is there");
    let again = change(&store, |changes| changes.close_session(&id(0)));
    assert!(matches!(again, Err(ChangeError::Missing(_))));
    let closed = change(&store, |changes| changes.close_sessions_of(&name("ada")));
    assert_eq!(closed.expect("it is stored"), SESSIONS_PER_OPERATOR - 1);
}

#[test]
fn an_api_token_holds_until_it_expires_or_is_removed() {
    let (store, _) = Disk::default().open();
    let hash = SecretHash::of_api_token(b"plsd_pat_x");
    let granted = ApiToken {
        name: name("grafana"),
        role: Role::Viewer,
        operator: name("ada"),
        created: at(0),
        used: None,
        expires: Some(at(1_000)),
        reach: None,
        areas: None,
    };
    change(&store, |changes| changes.add_api_token(&hash, &granted)).expect("it is stored");
    let found = |now| {
        store
            .reader()
            .api_token(&hash, at(now))
            .expect("it is read")
    };
    assert_eq!(found(999), Some(granted));
    assert_eq!(found(1_000), None);
    change(&store, |changes| changes.touch_api_token(&hash, at(500))).expect("it is there");
    assert_eq!(found(999).and_then(|token| token.used), Some(at(500)));
    let shown = hash.shown();
    let named = SecretHash::from_shown(&shown).expect("its own text");
    change(&store, |changes| changes.remove_api_token(&named)).expect("it is there");
    assert!(
        store
            .reader()
            .api_tokens()
            .expect("they are read")
            .is_empty()
    );
}

#[test]
fn a_setup_token_is_used_once_and_in_time() {
    let (store, _) = Disk::default().open();
    let token = |secret: &[u8], expires| SetupToken {
        hash: SecretHash::of_setup_token(secret),
        created: at(0),
        expires: at(expires),
    };
    let (first, second) = (token(b"first", 1_000), token(b"second", 1_000));
    change(&store, |changes| changes.set_setup_token(&first)).expect("it is stored");
    change(&store, |changes| changes.set_setup_token(&second)).expect("it replaces the first");
    let redeem = |token: &SetupToken, now| {
        change(&store, |changes| {
            changes.redeem_setup_token(&token.hash, at(now))
        })
        .expect("stored")
    };
    assert_eq!(redeem(&first, 1), Redemption::Unknown);
    assert_eq!(redeem(&second, 1_000), Redemption::Expired);
    assert_eq!(redeem(&second, 999), Redemption::Redeemed);
    assert_eq!(redeem(&second, 999), Redemption::Unknown);
    assert_eq!(store.reader().setup_token().expect("it is read"), None);
}

#[test]
fn an_invitation_is_used_once_and_in_time_and_the_newest_counts() {
    let (store, _) = Disk::default().open();
    let invitation = |created, expires| Invitation {
        name: name("bela"),
        role: Some(Role::Viewer),
        by: name("ada"),
        created: at(created),
        expires: at(expires),
    };
    let hash = |text: &str| SecretHash::of_invitation(text.as_bytes());
    for (link, created) in [("first", 0), ("second", 1)] {
        let made = invitation(created, 1_000);
        change(&store, |changes| changes.invite(&hash(link), &made)).expect("it is stored");
    }
    let redeem = |link: &str, now| {
        change(&store, |changes| {
            changes.redeem_invitation(&hash(link), at(now))
        })
        .expect("it is stored")
        .is_some()
    };
    assert!(!redeem("first", 5));
    assert!(!redeem("second", 1_000));
    assert!(redeem("second", 999));
    assert!(!redeem("second", 999));
    change(&store, |changes| {
        changes.invite(&hash("third"), &invitation(0, 9))
    })
    .expect("stored");
    let taken_back = change(&store, |changes| changes.uninvite(&name("bela")));
    assert_eq!(taken_back.expect("it is stored"), 1);
    assert!(store.reader().invitations().expect("read").is_empty());
}

#[test]
fn an_account_that_is_removed_leaves_nothing_to_whoever_has_the_name_next() {
    let (store, _) = Disk::default().open();
    let (token, id) = (
        SecretHash::of_api_token(b"plsd_pat_x"),
        SecretHash::of_grant(b"one"),
    );
    change(&store, |changes| {
        changes.add_operator(&operator("ada", Role::Admin))?;
        changes.add_operator(&operator("bela", Role::Operator))?;
        let granted = ApiToken {
            name: name("script"),
            role: Role::Operator,
            operator: name("bela"),
            created: at(0),
            used: None,
            expires: None,
            reach: None,
            areas: None,
        };
        changes.add_api_token(&token, &granted)?;
        changes.open_grant(&id, &grant("bela", 0))?;
        let barred = Barred {
            since: at(1),
            by: name("ada"),
        };
        changes.bar(&name("bela"), &barred)?;
        changes.remove_operator(&name("bela"))?;
        changes.add_operator(&operator("bela", Role::Viewer))
    })
    .expect("it is stored");
    let reader = store.reader();
    assert!(reader.api_tokens().expect("read").is_empty());
    assert!(reader.grants().expect("read").is_empty());
    assert_eq!(reader.barred(&name("bela")).expect("read"), None);
}

fn grant(of: &str, seen: u64) -> Grant {
    Grant {
        operator: name(of),
        created: at(0),
        seen: at(seen),
        expires: at(1_000_000),
        current: SecretHash::of_refresh_token(b"first"),
        address: None,
        agent: None,
    }
}

#[test]
fn a_refresh_token_is_good_once_and_the_second_use_ends_the_chain() {
    let (store, _) = Disk::default().open();
    let token = |text: &str| SecretHash::of_refresh_token(text.as_bytes());
    let id = SecretHash::of_grant(b"one");
    let refresh = |shown: &str, next: &str, now| {
        change(&store, |changes| {
            changes.refresh_grant(&id, &token(shown), &token(next), at(now))
        })
        .expect("it is stored")
    };
    change(&store, |changes| changes.open_grant(&id, &grant("ada", 0))).expect("stored");
    assert!(matches!(refresh("first", "second", 1), Refresh::Rotated(_)));
    assert!(matches!(refresh("second", "third", 2), Refresh::Rotated(_)));
    assert!(matches!(refresh("first", "fourth", 3), Refresh::Reused(_)));
    assert_eq!(refresh("third", "fifth", 4), Refresh::Unknown);
    for number in 0..GRANTS_PER_OPERATOR + 3 {
        let id = SecretHash::of_grant(&number.to_be_bytes());
        let granted = grant("ada", number as u64);
        change(&store, |changes| changes.open_grant(&id, &granted)).expect("stored");
    }
    let kept = store.reader().grants().expect("read");
    assert_eq!(kept.len(), GRANTS_PER_OPERATOR);
    assert!(kept.iter().all(|(_, grant)| grant.seen >= at(3)));
}

#[test]
fn a_keyed_device_has_one_key_and_keeps_so_many_readings() {
    let (store, _) = Disk::default().open();
    let device = protocol::id::DeviceId::from_bytes([4; 8]);
    let key = |text: &str| SecretHash::of_device_key(text.as_bytes());
    let keyed = Keyed {
        name: name("pump"),
        class: name("sensor"),
        key: key("first"),
        created: at(0),
        by: name("ada"),
        keyed: at(0),
        heard: None,
        address: None,
        uptime_s: None,
    };
    change(&store, |changes| changes.add_keyed(&device, &keyed)).expect("stored");
    change(&store, |changes| {
        changes.rekey(&device, &key("second"), at(9))
    })
    .expect("stored");
    let owner = |text: &str| store.reader().device_of_key(&key(text)).expect("read");
    assert_eq!((owner("first"), owner("second")), (None, Some(device)));
    change(&store, |changes| {
        for number in 0..READINGS_PER_DEVICE + 5 {
            let told = Told {
                received: at(number),
                values: vec![(name("load"), 1)],
            };
            changes.add_keyed_reading(&device, &told)?;
        }
        Ok(())
    })
    .expect("stored");
    let kept = store.reader().keyed_readings(&device, 5_000).expect("read");
    assert_eq!(kept.len() as u64, READINGS_PER_DEVICE);
    assert_eq!(kept[0].received, at(READINGS_PER_DEVICE + 4));
    change(&store, |changes| changes.remove_keyed(&device)).expect("stored");
    assert_eq!(owner("second"), None);
    let left = store.reader().keyed_readings(&device, 5).expect("read");
    assert!(left.is_empty());
}
