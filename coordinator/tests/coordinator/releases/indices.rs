//! A large image is published with what lists its parts.

use std::fs;

use coordinator::releases::firmware::NewRelease;
use protocol::spread::image::Image;
use protocol::spread::parts::Index;
use tuf_core::file::Hashes;
use tuf_core::name;

use super::rig::{Rig, act, now_s};

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_image_is_published_with_an_index_that_devices_read_and_is_not_swept_away() {
    let rig = Rig::new();
    let bytes = noise(2 * 1024 * 1024 + 77);
    let image = rig
        .releases
        .blobs()
        .take(bytes.as_slice(), 1 << 22)
        .unwrap();
    let hardware = ["ipc-3".to_owned()];
    let names = ("camera", "3.0");
    let release = NewRelease::new(names, 3, &hardware, image, None).unwrap();
    let prepared = rig.releases.prepare_release(&release, act("prepare"));
    let draft = prepared.await.unwrap();
    rig.sign(&draft, &rig.administrator).await;
    rig.publish(&draft).await.unwrap();
    let rig = rig.restart();
    assert_eq!(rig.device(now_s()).unwrap().targets.len(), 2);
    let published = rig.releases.published().unwrap();
    let [published] = published.as_slice() else {
        panic!("one release: {published:?}");
    };
    let listed = published.release.index.as_ref().unwrap();
    assert_eq!(listed.path.as_str(), "firmware/camera/3.0.index");
    let path = rig.releases.blobs().path(&published.index.unwrap());
    let index = fs::read(path).unwrap();
    assert_eq!(index.len() as u64, listed.length);
    let image = Image::of(&published.release).unwrap();
    assert!(Index::decode(image, &index).unwrap().parts().len() > 32);
    let served = name::target_path(listed.path.as_str(), Some(&Hashes::sha256_of(&index)));
    assert!(rig.releases.served(&served).unwrap().is_some());
}
