//! Rotation by the pages: proposed, signed elsewhere, put into force, and followed until everybody is done.

use std::sync::Arc;

use axum::http::StatusCode;
use coordinator::holders::Holders;
use coordinator::rotation::to_text;
use coordinator::secrets::Secret;
use coordinator::store::operators::{Operator, Role};
use protocol::charter::Charter;
use protocol::coordinator::LogState;
use protocol::ledger::Entry;
use protocol::roster::Roster;
use tuf_core::draft::RootDraft;
use tuf_core::root::Root;

use super::entrance::planted_session;
use super::mesh::{device_id, rotation};
use super::rig::{Answer, Asker, Rig, form, name, now};

const PAGE: &str = "/mesh/rotation";
const NEW: &str = "/mesh/rotation/new";
const PROPOSAL: &str = "/mesh/rotation/proposal";
const MESH: &str = "Riverside workshop";

fn holders(seed: u8) -> Holders {
    Holders::unchecked(vec![Secret::from_bytes([seed; 32])])
}

/// The rig's mesh under a root whose one key follows from the seed 4.
async fn anchored() -> (Rig, Asker) {
    let (rig, admin) = Rig::with_admin().await;
    let holders = holders(4);
    let draft = RootDraft::new(1, 2_000_000_000, 1, holders.public());
    let payload = draft.payload().unwrap();
    let signed = holders.sign(&payload);
    let signed: Vec<_> = signed
        .iter()
        .map(|one| (*one.key.as_bytes(), one.signature.0))
        .collect();
    let root = Root::open(&draft.assemble(&signed).unwrap()).unwrap();
    rig.change_live(|live| {
        let charter = Arc::clone(live.roster.charter());
        live.roster = Arc::new(Roster::new(charter).anchored(Arc::new(root)));
    });
    (rig, admin)
}

/// The next charter, signed by whoever this seed makes.
fn signed(rig: &Rig, seed: u8) -> String {
    let before = Arc::clone(rig.live.borrow().roster.charter());
    let next = Charter {
        version: before.version + 1,
        gateways: before.administrators.clone(),
        ..Charter::clone(&before)
    };
    let charter = next.assemble(holders(seed).sign(&next.message()));
    to_text(&[Entry::Charter(charter.into())])
}

async fn put_into_force(rig: &Rig, asker: &Asker, documents: &str, confirm: &str) -> Answer {
    let form = form(&[("documents", documents), ("confirm", confirm)]);
    rig.post(asker, PAGE, &form).await
}

#[tokio::test]
pub async fn a_rotation_is_proposed_signed_and_put_into_force() {
    let (rig, admin) = anchored().await;
    let page = rig.get(&admin, NEW).await;
    assert!(page.body.contains("There is no file yet"), "{}", page.body);
    assert_eq!(
        rig.get(&admin, PROPOSAL).await.status,
        StatusCode::NOT_FOUND
    );

    let made = rig.post(&admin, PROPOSAL, "days=30").await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, NEW));
    let page = rig.get(&admin, NEW).await;
    let command = "palisade-coordinator root sign charter-2.proposal";
    assert!(page.body.contains(command), "{}", page.body);
    let file = rig.get(&admin, PROPOSAL).await;
    let disposition = "attachment; filename=\"charter-2.proposal\"";
    assert_eq!(file.header("content-disposition"), disposition);
    assert_eq!(file.body, "for 2592000 s\n");

    let answer = put_into_force(&rig, &admin, &signed(&rig, 4), MESH).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), PAGE);
    let page = rig.get(&admin, PAGE).await;
    let flash = "charter 2 with other gateways is in force.";
    assert!(page.body.contains(flash), "{}", page.body);
    assert_eq!(rig.audited()[..2], ["charter.replace", "charter.propose"]);
    let entries = rig.reader.audit_page(None, 2).unwrap();
    let words = entries[0].act.after.as_ref().map(ToString::to_string);
    assert_eq!(words.as_deref(), Some("charter 2 with other gateways"));
    assert_eq!(entries[0].act.actor, name("amina"));
}

#[tokio::test]
async fn a_line_may_break_on_its_way() {
    let (rig, admin) = anchored().await;
    let mut line = signed(&rig, 4);
    line.insert_str(40, "\r\n  ");
    let answer = put_into_force(&rig, &admin, &line, MESH).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_orders_nothing() {
    let (rig, admin) = anchored().await;
    let before = rig.audited();
    let good = signed(&rig, 4);
    let in_force = "Type the whole name: Riverside workshop.";
    let cases = [
        ("no line!", MESH, "The documents are not whole"),
        (&good[..good.len() - 8], MESH, "The line holds no documents"),
        (&signed(&rig, 5), MESH, "is not signed by enough root keys"),
        (&good, "riverside", in_force),
        (&good, "", in_force),
    ];
    for (documents, confirm, why) in cases {
        let answer = put_into_force(&rig, &admin, documents, confirm).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(answer.body.contains(why), "{why}: {}", answer.body);
        assert!(answer.body.contains(documents), "what was typed is kept");
    }
    for days in ["0", "366", "-1", "a year", ""] {
        let answer = rig.post(&admin, PROPOSAL, &form(&[("days", days)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
        assert!(answer.body.contains("Choose 1 to 365 days."));
    }
    assert_eq!(rig.audited(), before);
}

#[tokio::test]
async fn what_is_in_force_already_is_not_ordered_again() {
    let (rig, admin) = anchored().await;
    let line = signed(&rig, 4);
    rig.change_live(|live| {
        let trust = live.roster.trust();
        let charter = Charter {
            version: 2,
            ..Charter::clone(trust.charter())
        };
        let root = Arc::clone(trust.root().unwrap());
        live.roster = Arc::new(Roster::new(Arc::new(charter)).anchored(root));
    });
    let answer = put_into_force(&rig, &admin, &line, MESH).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("They are in force already."));
}

#[tokio::test]
async fn a_refused_rotation_is_in_the_audit_trail() {
    let (rig, admin) = anchored().await;
    rig.change_live(|live| live.log = LogState::Listening);
    let answer = put_into_force(&rig, &admin, &signed(&rig, 4), MESH).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let why = "The identity log is being compared";
    assert!(answer.body.contains(why), "{}", answer.body);
    assert_eq!(rig.audited()[..2], ["order.refused", "charter.replace"]);
}

#[tokio::test]
async fn who_has_not_heard_of_it_is_listed_and_linked() {
    let (rig, admin) = Rig::with_admin().await;
    let page = rig.get(&admin, PAGE).await;
    assert!(page.body.contains("Nothing was rotated yet"));
    rig.change_live(|live| live.rotation = Some(rotation()));
    let page = rig.get(&admin, PAGE).await;
    let link = format!("<a href=\"/devices/{}\"><bdi hx-ignore>press", device_id(4));
    for words in ["3 of 4 devices are done, 1 to go", &link, "value=\"3\""] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(
        page.body
            .contains("<noscript><meta http-equiv=\"refresh\" content=\"5\">"),
        "without scripts the page reloads itself"
    );
    rig.change_live(|live| {
        let mut done = rotation();
        (done.done, done.stragglers) = (4, Vec::new());
        live.rotation = Some(done);
    });
    let page = rig.get(&admin, PAGE).await;
    assert!(page.body.contains("4 of 4 devices are done."));
    assert!(!page.body.contains("Waiting for"));
}

#[tokio::test]
async fn everybody_sees_how_far_it_is_and_only_administrators_turn_it() {
    let (rig, admin) = anchored().await;
    rig.change_live(|live| live.rotation = Some(rotation()));
    assert!(rig.get(&admin, PAGE).await.body.contains(NEW));
    for role in [Role::Viewer, Role::Auditor, Role::Operator] {
        let other = Operator {
            name: name(role.word()),
            role,
            created: now(),
            password: zeroize::Zeroizing::default(),
        };
        rig.writer
            .write(|changes| changes.add_operator(&other))
            .unwrap();
        let (age, idle) = <_>::default();
        let person = planted_session(&rig, role.word(), age, idle);
        let page = rig.get(&person, PAGE).await;
        assert_eq!(page.status, StatusCode::OK, "{role}");
        assert!(!page.body.contains(NEW), "{role}");
        let before = rig.audited();
        let refused = put_into_force(&rig, &person, &signed(&rig, 4), MESH).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role}");
        let refused = rig.post(&person, PROPOSAL, "days=30").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(rig.audited(), before);
    }
}
