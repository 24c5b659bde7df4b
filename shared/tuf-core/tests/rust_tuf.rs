//! The crate `tuf` of crates.io, an implementation of its own, follows what drafts write.

#[path = "../examples/write_repository/documents.rs"]
mod documents;

use futures::executor::block_on;
use rust_tuf::client::{Client, Config};
use rust_tuf::metadata::{
    Metadata as _, MetadataPath, MetadataVersion, RawSignedMetadata, TargetPath,
};
use rust_tuf::pouf::Pouf1;
use rust_tuf::repository::{EphemeralRepository, RepositoryStorage as _};

use crate::documents::{NOTICE, documents};

/// In the year 2100, because the crate asks the clock.
const EXPIRES: u64 = 4_102_444_800;

fn served(name: &str) -> (MetadataPath, MetadataVersion) {
    let role = name.strip_suffix(".json").expect("metadata is JSON");
    let (version, role) = match role.split_once('.') {
        Some((version, role)) => {
            let number = version.parse().expect("a version is a number");
            (MetadataVersion::Number(number), role)
        }
        None => (MetadataVersion::None, role),
    };
    (
        MetadataPath::new(role.to_owned()).expect("it is a role"),
        version,
    )
}

#[test]
fn the_crate_tuf_follows_what_drafts_write() {
    let files = documents(EXPIRES).expect("the drafts are sound");
    let remote = EphemeralRepository::<Pouf1>::new();
    for (name, document) in &files {
        let (role, version) = served(name);
        let mut document = document.as_slice();
        let stored = remote.store_metadata(&role, version, &mut document);
        block_on(stored).expect("it is stored in memory");
    }
    let root = RawSignedMetadata::new(files["1.root.json"].clone());
    let local = EphemeralRepository::new();
    let client = Client::with_trusted_root(Config::default(), &root, local, remote);
    let mut client = block_on(client).expect("the root vouches for itself");
    block_on(client.update()).expect("the metadata verifies");
    assert_eq!(client.database().trusted_root().version(), 2);
    // What is delegated is out of its reach: to the crate a path is a folder, and no pattern.
    let path = TargetPath::new("notice.txt").expect("it is a path");
    let found = block_on(client.fetch_target_description(&path)).expect("it is listed");
    assert_eq!(found.length(), NOTICE.len() as u64);
}
