//! Rollouts as people and programs see them, and what they say to one.

use std::sync::Arc;

use axum::http::StatusCode;
use coordinator::store::operators::Role;
use protocol::dice::Dice;
use protocol::id::{DeviceId, Digest};
use protocol::install::{Reason, State, Step, Worry};
use protocol::release::Counter;
use protocol::rollout::{
    Approval, Candidate, Image, Input, Liberty, Model, Output, Plan, Reach, Ring, Rollout,
    RolloutId,
};
use protocol::text::Path;

use super::mesh::device_id;
use super::rig::{Asker, Rig, name, now};

fn plan(approval: Approval) -> Plan {
    Plan {
        image: Image {
            path: Path::new("firmware/camera/2.img").unwrap(),
            target: Digest::from_bytes([3; 32]),
            product: name("camera"),
            version: name("2"),
            counter: Counter(2),
            hardware: vec![name("ipc-3")],
        },
        rings: [Reach::Count(1), Reach::Share(100)].map(Ring::usual).into(),
        patience_s: 3600,
        approval,
        by: name("amina"),
    }
}

fn member(number: u8, model: &str) -> Candidate {
    Candidate {
        device: device_id(number),
        model: Model::Told(name(model)),
        product: Some(name("camera")),
        running: None,
        liberty: Liberty::Free,
    }
}

/// A rollout over members of the invented mesh, one of them of other hardware, and one of another product.
fn planned(rig: &Rig, approval: Approval) -> Rollout {
    let mut dice = Dice::from_seed([7; 32]);
    let (rollout, _) = Rollout::new(RolloutId(1), plan(approval), &mut dice, now());
    show(rig, &rollout);
    rollout
}

fn show(rig: &Rig, rollout: &Rollout) {
    let rollout = Arc::new(rollout.clone());
    rig.change_live(move |live| live.rollouts = vec![rollout]);
}

/// It has started, and its canary has gone back because two witnesses saw a port.
fn halted(rig: &Rig) -> DeviceId {
    let mut rollout = planned(rig, Approval::None);
    let gate = Candidate {
        product: Some(name("gate")),
        ..member(5, "ipc-3")
    };
    let matching = [member(1, "ipc-3"), member(2, "ipc-3")];
    let fleet = [&matching[..], &[member(4, "plc-9"), gate]].concat();
    let orders = rollout.handle(Input::Start { fleet }, now());
    let order = orders.into_iter().find_map(|output| match output {
        Output::Order { device, order } => Some((device, order)),
        _ => None,
    });
    let (device, order) = order.unwrap();
    let seen = Reason::Seen(Worry::Port(23), vec![device_id(5), device_id(4)]);
    let step = Step {
        target: order.target,
        nonce: order.nonce,
        version: None,
        state: State::RolledBack(seen),
    };
    rollout.handle(Input::Stepped { device, step }, now());
    show(rig, &rollout);
    device
}

#[tokio::test]
pub async fn a_halted_rollout_says_why_who_saw_it_and_who_was_left_out() {
    let (rig, admin) = Rig::with_admin().await;
    let empty = rig.get(&admin, "/rollouts").await;
    assert!(empty.body.contains("Nothing was rolled out yet"));
    let bad = halted(&rig);
    let list = rig.get(&admin, "/rollouts").await;
    assert!(list.body.contains("halted"), "{}", list.body);
    let page = rig.get(&admin, "/rollouts/1").await;
    for words in [
        "It stopped by itself: 1 of ring 1 failed, and 1 are too many.",
        "2 witnesses saw that it began to listen on port 23",
        "the image is for other hardware",
        "it is of another product",
        &device_id(4).to_string(),
        "Resume",
        "Roll back",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("<script>alert"));
    let told = rig.get(&admin, "/api/v1/rollouts/1").await.json();
    assert_eq!(told["state"], "halted");
    assert_eq!(told["failures"][0]["device"]["id"], bad.to_string());
    assert_eq!(told["failures"][0]["reason"], "seen");
    let witness = &told["failures"][0]["witnesses"][1];
    assert_eq!(witness["id"], device_id(4).to_string());
    assert_eq!(told["excluded"][0]["reason"], "other_hardware");
    assert_eq!(told["excluded"][1]["reason"], "other_product");
    assert_eq!(told["excluded"][1]["says"], "it is of another product");
    assert_eq!(told["rings"][1]["waiting"], 1);
    let all = rig.get(&admin, "/api/v1/rollouts").await.json();
    assert_eq!(all["items"][0]["id"], 1);
}

#[tokio::test]
async fn what_does_not_fit_the_moment_is_refused_and_noted() {
    let (rig, admin) = Rig::with_admin().await;
    planned(&rig, Approval::None);
    let token = rig.token(Role::Operator);
    let say = |word: &'static str| rig.post_json(&token, word, "");
    let answer = say("/api/v1/rollouts/1/pause").await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert!(answer.body.contains("it cannot be told to pause"));
    for nothing in ["/api/v1/rollouts/2/pause", "/api/v1/rollouts/x/pause"] {
        assert_eq!(say(nothing).await.status, StatusCode::NOT_FOUND);
    }
    let unknown = say("/api/v1/rollouts/1/sing").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let started = rig.post(&admin, "/rollouts/1", "word=start").await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.body);
    let page = rig.get(&admin, "/rollouts/1").await;
    assert!(page.body.contains("It has started."), "{}", page.body);
    let audited = rig.audited();
    for action in ["rollout.pause", "order.refused", "rollout.start"] {
        let noted = audited.iter().any(|entry| entry.contains(action));
        assert!(noted, "{action}: {audited:?}");
    }
}

#[tokio::test]
async fn a_persons_own_token_is_no_second_person() {
    let (rig, admin) = Rig::with_admin().await;
    planned(&rig, Approval::Second);
    let page = rig.get(&admin, "/rollouts/1").await;
    assert!(page.body.contains("somebody else than"), "{}", page.body);
    assert!(!page.body.contains("value=\"approve\""), "{}", page.body);
    // The token was made by the one who has asked.
    let token: Asker = rig.token(Role::Operator);
    let approve = "/api/v1/rollouts/1/approve";
    let refused = rig.post_json(&token, approve, "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    let start = rig.post_json(&token, "/api/v1/rollouts/1/start", "").await;
    assert_eq!(start.status, StatusCode::CONFLICT, "{}", start.body);
}

#[tokio::test]
async fn a_wrong_form_keeps_what_was_typed() {
    let (rig, admin) = Rig::with_admin().await;
    let form = "release=camera&canary=&shares=ten&success=90&soak=60";
    let again = rig.post(&admin, "/rollouts", form).await;
    // A rig without a repository cannot list releases; the words of the form are judged before.
    assert_ne!(again.status, StatusCode::SEE_OTHER);
    let token = rig.token(Role::Operator);
    let unknown = r#"{"product":"camera","version":"2","colour":"red"}"#;
    let refused = rig.post_json(&token, "/updates/deploy", unknown).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
