//! Proofs: who may see them, what they say, and the file to take away.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Method, StatusCode};
use coordinator::live::State;
use protocol::class::DeviceClass;
use protocol::coordinator::save::{Brought, Save};
use protocol::id::{Digest, Epoch, MeshId};
use protocol::key::{SecretKey, Signer as _};
use protocol::membership::Membership;
use protocol::proof::Proof;
use protocol::record::{Flags, Head, Incarnation, Position};
use protocol::seal::UnsealingKey;
use protocol::signed::Signed;

use super::mesh::{device, device_id};
use super::rig::{HOSTILE, Rig, name, now};

/// Two heads of the first device for one place.
fn proof() -> Proof {
    let key = SecretKey::from_seed(&[21; 32]);
    let membership = Membership {
        mesh: MeshId::from_bytes([9; 32]),
        device: device_id(1),
        log_index: 0,
        key: key.public(),
        sealing: UnsealingKey::from_seed(&[22; 32]).public(),
        name: name(HOSTILE),
        class: DeviceClass::Sensor,
        cell: name("cellar"),
        not_before: now(),
        not_after: now(),
        incarnation_floor: Incarnation(0),
        next_key: None,
    };
    let membership = Signed::seal(membership, &SecretKey::from_seed(&[2; 32]));
    let [one, other] = [1, 2].map(|body| {
        let head = Head {
            device: device_id(1),
            position: Position::first(Incarnation(4)),
            time: now(),
            previous: Digest::ZERO,
            body: Digest::from_bytes([body; 32]),
            epoch: Epoch::FROZEN,
            entangled: None,
            flags: Flags::NONE,
            ring_mask: 0,
            attachment: None,
            checkpoint: None,
        };
        Signed::seal(head, &key)
    });
    Proof::of_heads(&membership, &one, &other).unwrap()
}

fn convict(rig: &Rig) -> String {
    let proof = proof();
    let id = proof.digest().to_string();
    rig.save(Save::Conviction {
        proof: Box::new(proof.clone()),
        brought: Brought::By(device_id(2)),
        at: now(),
    });
    rig.change_live(|live| {
        let mut convicted = device(1, "boiler-sensor", State::Retired);
        convicted.withdrawal = None;
        convicted.proof = Some(Arc::new(proof));
        live.devices[0] = convicted;
    });
    id
}

#[tokio::test]
async fn the_pages_say_in_words_what_was_proven() {
    let (rig, admin) = Rig::with_admin().await;
    let empty = rig.get(&admin, "/evidence").await;
    assert!(empty.body.contains("No proofs"), "{}", empty.body);
    let id = convict(&rig);
    let words = "signed two different heads for one place, record 0 of start 4.";
    for path in ["/evidence".to_owned(), format!("/evidence/{id}")] {
        let page = rig.get(&admin, &path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(words), "{}", page.body);
        assert!(!page.body.contains("<script>alert"), "{path}");
        assert!(page.body.contains(&format!("/evidence/{id}")));
    }
    let device = rig.get(&admin, &format!("/devices/{}", device_id(1))).await;
    assert!(
        device
            .body
            .contains("Shut out for good by what it signed itself")
    );
    assert!(device.body.contains(&format!("/evidence/{id}")));
}

#[tokio::test]
async fn programs_get_the_same_and_the_file() {
    let (rig, admin) = Rig::with_admin().await;
    let id = convict(&rig);
    let list = rig.get(&admin, "/api/v1/evidence").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let one = rig
        .get(&admin, &format!("/api/v1/evidence/{id}"))
        .await
        .json();
    assert_eq!(one, list["items"][0]);
    assert_eq!(one["device"], device_id(1).to_string());
    assert_eq!(one["kind"], "two_heads_for_one_place");
    assert_eq!(one["brought_by"], device_id(2).to_string());
    assert_eq!(one["signed"].as_array().unwrap().len(), 2);
    let devices = rig.get(&admin, "/api/v1/devices?q=boiler").await.json();
    assert_eq!(devices["items"][0]["proof"], id);
    for path in [
        format!("/api/v1/evidence/{id}/file"),
        format!("/evidence/{id}/file"),
    ] {
        let request = admin
            .request(Method::GET, &path)
            .body(Body::empty())
            .unwrap();
        let answer = rig.open(request).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let disposition = answer.headers()["content-disposition"].to_str().unwrap();
        assert!(
            disposition.starts_with("attachment; filename=\"evidence-"),
            "{disposition}"
        );
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let stored = rig.reader.evidence().unwrap().remove(0).proof;
        assert!(
            bytes.ends_with(&stored),
            "the proof is in it as it was received"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (rig, admin) = Rig::with_admin().await;
    convict(&rig);
    for id in ["0".repeat(64), "nonsense".to_owned()] {
        for path in ["/evidence/{}", "/evidence/{}/file", "/api/v1/evidence/{}"] {
            let answer = rig.get(&admin, &path.replace("{}", &id)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
