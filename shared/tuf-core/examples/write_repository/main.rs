//! Writes a small signed repository into a folder, for other implementations to read: `write_repository DIR EXPIRES_UNIX_S`.

mod documents;

use std::fs;
use std::path::Path;

use tuf_core::draft::targets::TargetDraft;
use tuf_core::name;

use crate::documents::{IMAGE, IMAGE_PATH, NOTICE, documents};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("a folder is needed")?;
    let expires_unix_s = arguments.next().ok_or("a time of expiry is needed")?;
    let metadata = Path::new(&folder).join("metadata");
    fs::create_dir_all(&metadata)?;
    for (name, document) in documents(expires_unix_s.parse()?)? {
        fs::write(metadata.join(name), document)?;
    }
    for (path, content) in [(IMAGE_PATH, IMAGE), ("notice.txt", NOTICE)] {
        let prefix = tuf_core::file::Hashes {
            sha256: Some(TargetDraft::of(content).sha256),
            sha512: None,
        };
        let served = name::target_path(path, prefix.prefix().as_deref());
        let file = Path::new(&folder).join("targets").join(served);
        fs::create_dir_all(file.parent().ok_or("a file lies in a folder")?)?;
        fs::write(file, content)?;
    }
    Ok(())
}
