use coordinator::releases::ReleaseError;
use coordinator::releases::candidate::{Candidate, CandidateError};
use coordinator::releases::firmware::FirmwareError;
use coordinator::releases::online::OnlineKeys;
use coordinator::releases::plan::Wish;
use coordinator::releases::standing::SignError;
use coordinator::secrets::Secret;
use protocol::key::{SecretKey, Signer as _};
use tuf_core::draft::targets::{TargetDraft, TargetsDraft};
use tuf_core::draft::{Signers, detached};
use tuf_core::trusted::TrustError;

use super::rig::{Rig, act, now_s, somebody};

fn appoint(role: &str, threshold: u32, keys: &[&SecretKey]) -> Wish {
    let keys = keys.iter().map(|key| *key.public().as_bytes());
    Wish::Appoint {
        role: role.to_owned(),
        signers: Signers {
            threshold,
            keys: keys.collect(),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mesh_serves_a_repository_from_its_first_start_on() {
    let rig = Rig::new();
    let device = rig.device(now_s()).unwrap();
    assert_eq!((device.root, device.targets.len()), (1, 0));
    assert!(!rig.paths.first_documents().exists());
    assert_eq!(rig.restart().device(now_s()).unwrap(), device);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_published_once_its_signer_has_signed_and_not_before() {
    let rig = Rig::new();
    let draft = rig.prepare("1.0", 1).await.unwrap();
    let refused = rig.publish(&draft).await.unwrap_err();
    let Refused {
        role,
        valid,
        needed,
    } = refused_for(&refused);
    assert_eq!((role.as_str(), valid, needed), ("firmware", 0, 1));
    assert!(refused.to_string().contains("0 of the 1 keys"), "{refused}");
    assert_eq!(rig.device(now_s()).unwrap().targets.len(), 0);
    rig.sign(&draft, &rig.administrator).await;
    rig.publish(&draft).await.unwrap();
    let device = rig.device(now_s()).unwrap();
    assert_eq!(device.targets, ["firmware/camera/1.0.img"]);
    let again = rig.publish(&draft).await.unwrap_err();
    assert!(matches!(again, ReleaseError::NoSuchDraft(_)), "{again}");
}

struct Refused {
    role: String,
    valid: usize,
    needed: u32,
}

fn refused_for(error: &ReleaseError) -> Refused {
    let ReleaseError::Under(under) = error else {
        panic!("{error}");
    };
    Refused {
        role: under.role.clone(),
        valid: under.valid,
        needed: under.needed,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_sign_is_told_so_and_other_bytes_are_on_nothing() {
    let rig = Rig::new();
    let draft = rig.prepare("1.0", 1).await.unwrap();
    let payload = draft.papers[0].payload();
    let stranger = somebody(66);
    let cases = [
        (&stranger, payload.to_vec()),
        (&rig.administrator, b"something else".to_vec()),
    ];
    let mut refused = Vec::new();
    for (key, bytes) in cases {
        let file = detached::to_bytes(&(*key.public().as_bytes(), key.sign(&bytes).0));
        let added = rig.releases.add_signature(draft.number, &file, act("sign"));
        refused.push(added.await.unwrap_err());
    }
    assert!(
        matches!(
            refused[..],
            [
                ReleaseError::Sign(SignError::NotAppointed { .. }),
                ReleaseError::Sign(SignError::OtherBytes(_))
            ]
        ),
        "{refused:?}"
    );
    assert!(
        rig.releases.draft(draft.number).unwrap().papers[0]
            .signatures()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_is_not_above_the_newest_release_is_refused() {
    let rig = Rig::new();
    rig.released("1.0", 5).await;
    for counter in [1, 5] {
        let refused = rig.prepare("2.0", counter).await.unwrap_err();
        assert!(
            matches!(
                refused,
                ReleaseError::Firmware(FirmwareError::NotAbove { newest: 5, .. })
            ),
            "{refused}"
        );
    }
    rig.released("2.0", 6).await;
    assert_eq!(rig.device(now_s()).unwrap().targets.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_sign_once_all_who_are_needed_have_agreed_to_it() {
    let rig = Rig::new();
    let people = [somebody(1), somebody(2), somebody(3)];
    let keys: Vec<_> = people.iter().collect();
    let wish = appoint("firmware", 2, &keys);
    let raised = rig
        .releases
        .prepare(&wish, "2 of 3".to_owned(), act("prepare"));
    let raised = raised.await.unwrap();
    rig.sign(&raised, &rig.administrator).await;
    let alone = rig.publish(&raised).await.unwrap_err();
    assert_eq!(
        refused_for(&alone).role,
        "firmware",
        "nobody appoints keys that nobody holds"
    );
    rig.sign(&raised, &people[0]).await;
    rig.sign(&raised, &people[1]).await;
    rig.publish(&raised).await.unwrap();

    let draft = rig.prepare("1.0", 1).await.unwrap();
    rig.sign(&draft, &rig.administrator).await;
    rig.sign(&draft, &people[2]).await;
    rig.sign(&draft, &people[2]).await;
    let refused = rig.publish(&draft).await.unwrap_err();
    let Refused { valid, needed, .. } = refused_for(&refused);
    assert_eq!(
        (valid, needed),
        (1, 2),
        "neither a former signer nor one twice"
    );
    rig.sign(&draft, &people[0]).await;
    rig.publish(&draft).await.unwrap();
    assert_eq!(rig.device(now_s()).unwrap().targets.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_signers_of_the_targets_role_need_the_root() {
    let rig = Rig::new();
    rig.released("1.0", 1).await;
    let other = somebody(4);
    let wish = appoint("targets", 1, &[&other]);
    let draft = rig
        .releases
        .prepare(&wish, "another".to_owned(), act("prepare"));
    let draft = draft.await.unwrap();
    rig.sign(&draft, &rig.administrator).await;
    rig.sign(&draft, &other).await;
    assert_eq!(
        refused_for(&rig.publish(&draft).await.unwrap_err()).role,
        "root"
    );
    rig.sign(&draft, &rig.root).await;
    rig.publish(&draft).await.unwrap();
    let device = rig.device(now_s()).unwrap();
    assert_eq!((device.root, device.targets.len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_shared_among_several_is_signed_by_the_old_and_the_new() {
    let rig = Rig::new();
    let (first, second) = (somebody(1), somebody(2));
    let wish = appoint("root", 2, &[&first, &second]);
    let draft = rig
        .releases
        .prepare(&wish, "shared".to_owned(), act("prepare"));
    let draft = draft.await.unwrap();
    rig.sign(&draft, &first).await;
    rig.sign(&draft, &second).await;
    assert_eq!(
        refused_for(&rig.publish(&draft).await.unwrap_err()).valid,
        0
    );
    rig.sign(&draft, &rig.root).await;
    rig.publish(&draft).await.unwrap();
    rig.released("1.0", 1).await;
    assert_eq!(rig.device(now_s()).unwrap().root, 2);
}

/// Whoever has the whole machine has the two online keys, and nothing that makes a release.
#[tokio::test(flavor = "multi_thread")]
async fn stolen_online_keys_make_no_release() {
    let rig = Rig::new();
    let (current, documents) = rig.store.reader().repository_documents().unwrap().unwrap();
    let online = OnlineKeys::load(&rig.paths).unwrap();
    let mut forged = TargetsDraft::new(2, now_s() + 1000);
    let target = TargetDraft::of(b"evil");
    forged
        .targets
        .insert("firmware/camera/9.img".to_owned(), target);
    let unsigned = forged.unsigned().unwrap();
    for role in ["snapshot", "timestamp"] {
        let secret = Secret::load(&rig.paths.online(role)).unwrap();
        let key = SecretKey::from_seed(secret.bytes());
        let signature = (*key.public().as_bytes(), key.sign(&unsigned.payload()).0);
        let document = unsigned.assemble(&[signature]).unwrap();
        let mut stolen = Candidate::of(&current, &documents);
        stolen.roles.insert("firmware".to_owned(), (2, document));
        let refused = stolen.publication(Some(&current), &online, now_s());
        assert!(
            matches!(
                refused,
                Err(CandidateError::Trust(TrustError::Signers { .. }))
            ),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_published_is_served_to_strangers() {
    let rig = Rig::new();
    rig.released("1.0", 1).await;
    rig.prepare("2.0", 2).await.unwrap();
    let hash = |text: &str| tuf_core::file::Hashes::sha256_of(text.as_bytes());
    let (served, waiting) = (hash("the image of 1.0"), hash("the image of 2.0"));
    let ask = |path: String| rig.releases.served(&path).unwrap();
    let found = ask(format!("firmware/camera/{served}.1.0.img"));
    let (place, length) = found.unwrap();
    assert_eq!(std::fs::metadata(place).unwrap().len(), length);
    for path in [
        format!("firmware/camera/{waiting}.2.0.img"),
        format!("firmware/camera/{waiting}.1.0.img"),
        format!("policy/camera/{served}.1.0.img"),
        format!("firmware/camera/../camera/{served}.1.0.img"),
        "firmware/camera/1.0.img".to_owned(),
        "../keys/timestamp.key".to_owned(),
        String::new(),
    ] {
        assert_eq!(ask(path.clone()), None, "{path}");
    }
}
