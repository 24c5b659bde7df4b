use coordinator::releases::plan::{self, Wish};
use protocol::ledger::Entry;

use super::rig::{Rig, act, files, now_s};

#[tokio::test(flavor = "multi_thread")]
async fn a_root_in_force_whose_publication_was_broken_off_is_published_by_the_next_start() {
    let rig = Rig::new();
    rig.released("1.0", 1).await;
    let draft = rig
        .releases
        .prepare(&Wish::OnlineKeys, "other keys".to_owned(), act("prepare"));
    let draft = draft.await.unwrap();
    rig.sign(&draft, &rig.root).await;
    let before = rig.device(now_s()).unwrap();
    let draft = rig.releases.draft(draft.number).unwrap();
    let root = plan::assemble(&draft.papers[0]).unwrap();
    coordinator::rotation::install(&rig.paths, &[Entry::Root(root.into())]).unwrap();
    assert_eq!(
        rig.device(now_s()).unwrap(),
        before,
        "the former one until then"
    );
    let rig = rig.restart();
    let after = rig.device(now_s()).unwrap();
    assert_eq!((after.root, &after.targets), (2, &before.targets));
    rig.released("2.0", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_were_left_behind_go_and_those_that_wait_stay() {
    let rig = Rig::new();
    rig.released("1.0", 1).await;
    let draft = rig.prepare("2.0", 2).await.unwrap();
    rig.releases
        .blobs()
        .take(&b"never prepared"[..], 100)
        .unwrap();
    std::fs::write(rig.paths.targets().join("incoming-1"), b"half").unwrap();
    assert_eq!(files(&rig.paths.targets()), 4);
    let rig = rig.restart();
    assert_eq!(files(&rig.paths.targets()), 2);
    rig.sign(&draft, &rig.administrator).await;
    rig.publish(&draft).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_whose_file_is_gone_is_not_published() {
    let rig = Rig::new();
    let draft = rig.prepare("1.0", 1).await.unwrap();
    rig.sign(&draft, &rig.administrator).await;
    let image = rig.release("1.0", 1).image;
    std::fs::remove_file(rig.releases.blobs().path(&image.sha256)).unwrap();
    let refused = rig.publish(&draft).await.unwrap_err();
    assert!(refused.to_string().contains("give it again"), "{refused}");
    rig.release("1.0", 1);
    rig.publish(&draft).await.unwrap();
}
