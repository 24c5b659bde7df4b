use coordinator::holders::Holders;
use coordinator::releases::online::OnlineKeys;
use coordinator::releases::plan::Wish;
use coordinator::secrets::Secret;
use coordinator::{offices, offline, rotation};
use protocol::key::{SecretKey, Signer as _};
use tuf_core::trusted::TrustError;

use super::rig::{Rig, act, now_s};

const HOUR: u64 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_is_renewed_long_before_it_ends_and_never_goes_back() {
    let rig = Rig::new();
    rig.released("1.0", 1).await;
    let (now, before) = (now_s(), rig.device(now_s()).unwrap());
    rig.releases.tend(now + 5 * HOUR).unwrap();
    assert_eq!(rig.device(now).unwrap().timestamp, before.timestamp);
    rig.releases.tend(now + 7 * HOUR).unwrap();
    let after = rig.device(now + 7 * HOUR).unwrap();
    assert!(after.timestamp > before.timestamp && after.fresh_until_s > before.fresh_until_s);
    let frozen = rig.device(now + 32 * HOUR);
    assert!(
        matches!(frozen, Err(TrustError::Expired { .. })),
        "{frozen:?}"
    );
    rig.releases.tend(now + 20 * 24 * HOUR).unwrap();
    let late = rig.device(now + 20 * 24 * HOUR).unwrap();
    assert_eq!(late.targets, before.targets, "the snapshot was renewed too");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_online_keys_take_their_place_by_the_word_of_the_root() {
    let rig = Rig::new();
    rig.released("1.0", 1).await;
    let former = OnlineKeys::load(&rig.paths).unwrap().signers();
    let draft = rig
        .releases
        .prepare(&Wish::OnlineKeys, "other keys".to_owned(), act("prepare"));
    let draft = draft.await.unwrap();
    rig.releases.tend(now_s() + 7 * HOUR).unwrap();
    rig.sign(&draft, &rig.root).await;
    rig.publish(&draft).await.unwrap();
    assert_ne!(OnlineKeys::load(&rig.paths).unwrap().signers(), former);
    assert_eq!(rig.device(now_s()).unwrap().root, 2);
    rig.released("2.0", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_was_replaced_lets_its_new_administrator_sign_everything_anew() {
    let rig = Rig::new();
    rig.released("1.0", 1).await;
    let trust = offices::trust(&rig.paths).unwrap();
    let holders = Holders::of(trust.root().unwrap(), vec![root_seed(&rig)]).unwrap();
    let new = rotation::draft_root(&trust, &holders, (1, 1), mesh::wall()).unwrap();
    rotation::install(&rig.paths, &new.documents).unwrap();
    let rig = rig.restart();
    let served = rig.device(now_s()).unwrap();
    assert_eq!(served.root, 1, "the former repository is served until then");
    assert!(rig.prepare("2.0", 2).await.is_err());
    let heir = SecretKey::from_seed(offline::administrator(&new.seeds[0]).bytes());
    let draft = rig
        .releases
        .prepare(&Wish::Renew, "anew".to_owned(), act("prepare"));
    let draft = draft.await.unwrap();
    rig.sign(&draft, &rig.administrator).await;
    assert!(
        rig.publish(&draft).await.is_err(),
        "the former administrator"
    );
    rig.sign(&draft, &heir).await;
    rig.publish(&draft).await.unwrap();
    let device = rig.device(now_s()).unwrap();
    assert_eq!((device.root, &device.targets), (2, &served.targets));
}

fn root_seed(rig: &Rig) -> Secret {
    let seed = Secret::from_bytes(*rig.root_seed.bytes());
    assert_eq!(
        SecretKey::from_seed(seed.bytes()).public(),
        rig.root.public()
    );
    seed
}
