//! On a disk: an image that was changed a little is made of the one before, or of the files that came out of it.

use std::os::unix::fs::symlink;

use protocol::id::Digest;
use protocol::release::CHUNK_BYTES;
use protocol::spread::image::Image;
use protocol::spread::parts::Indexing;

use super::*;
use crate::install::disk::Folder;

const CHUNK: usize = CHUNK_BYTES as usize;

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

/// A tar file of a large program, and of a small file before it.
fn image(note: &[u8], program: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in [("etc/note", note), ("bin/service", program)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        tar.append_data(&mut header, name, bytes).expect("it fits");
    }
    tar.into_inner().expect("it ends")
}

/// An image with its index, as they are published.
fn published(bytes: &[u8]) -> (Image, Vec<u8>) {
    let mut indexing = Indexing::default();
    bytes.chunks(CHUNK).for_each(|chunk| indexing.push(chunk));
    let index = indexing.end().expect("an image like others");
    (
        index.cut().image().expect("it is not empty"),
        index.encode(),
    )
}

struct Host {
    dir: tempfile::TempDir,
    chunks: Chunks,
    bytes: Vec<u8>,
}

impl Host {
    /// Where this is to be fetched.
    fn wants(bytes: Vec<u8>) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (image, index) = published(&bytes);
        let target = Digest::from_bytes([1; 32]);
        let (chunks, there) =
            Chunks::open(&dir.path().join("updates"), target, image).expect("a place");
        assert!(there.is_empty());
        fs::write(dir.path().join("index"), index).expect("there is room");
        Self { dir, chunks, bytes }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, bytes).expect("there is room");
        path
    }

    /// What is still to be fetched; all else is what was published.
    fn lacks(&self, sources: &Sources) -> usize {
        let index = self.dir.path().join("index");
        let there = make(&self.chunks, Vec::new(), &index, sources).expect("it is made");
        for chunk in &there {
            let piece = self
                .chunks
                .read(*chunk)
                .expect("it reads")
                .expect("it is right");
            let right = self.bytes.chunks(CHUNK).nth(*chunk as usize);
            assert_eq!(Some(&*piece.data), right);
        }
        self.chunks.image().chunks() as usize - there.len()
    }
}

/// Small, because another test measures what this process takes.
fn before() -> Vec<u8> {
    noise(1, 8 * CHUNK)
}

/// One of ten bytes is another.
fn after() -> Vec<u8> {
    let mut program = before();
    program.splice(200_000..250_000, noise(2, 52_000));
    program
}

#[test]
fn the_image_before_gives_all_that_has_not_changed() {
    let host = Host::wants(image(b"version 2", &after()));
    let sources = Sources {
        image: Some(host.file("before", &image(b"version 1", &before()))),
        slot: None,
    };
    let lacks = host.lacks(&sources);
    assert!((1..=5).contains(&lacks), "{lacks} of 9 chunks");
}

#[test]
fn so_do_the_files_that_were_unpacked_from_it() {
    let host = Host::wants(image(b"version 2", &after()));
    let folder = host.dir.path().join("slots");
    let disk = Folder::new(&folder).expect("a folder");
    fs::create_dir(folder.join("a")).expect("there is room");
    let before = image(b"version 1", &before());
    archive::unpack(&disk, Path::new("a"), &mut before.as_slice()).expect("it is an image");
    symlink("a", folder.join("current")).expect("there is room");
    let sources = Sources {
        image: None,
        slot: Some(folder.join("current")),
    };
    assert!(sources.is_any());
    let lacks = host.lacks(&sources);
    assert!((1..=7).contains(&lacks), "{lacks} of 9 chunks");
}

#[test]
fn links_pipes_and_endless_folders_in_the_slot_are_passed_by() {
    let host = Host::wants(image(b"version 2", &after()));
    let slot = host.dir.path().join("slot");
    fs::create_dir(&slot).expect("there is room");
    let elsewhere = host.file("elsewhere", &after());
    symlink(&elsewhere, slot.join("service")).expect("there is room");
    symlink(&slot, slot.join("again")).expect("there is room");
    let pipe = std::ffi::CString::new(slot.join("pipe").into_os_string().into_encoded_bytes());
    nix::unistd::mkfifo(
        pipe.expect("a path").as_c_str(),
        nix::sys::stat::Mode::S_IRWXU,
    )
    .expect("there is room");
    let sources = Sources {
        image: None,
        slot: Some(slot),
    };
    let chunks = host.chunks.image().chunks() as usize;
    assert_eq!(host.lacks(&sources), chunks);
}

#[test]
fn chunks_that_were_there_stay_as_they_are_and_no_wrong_index_is_used() {
    let host = Host::wants(image(b"version 2", &after()));
    let own = host.file("own", &host.bytes.clone());
    let sources = Sources {
        image: Some(own),
        slot: None,
    };
    let index = host.dir.path().join("index");
    fs::write(&index, published(&before()).1).expect("there is room");
    assert!(make(&host.chunks, Vec::new(), &index, &sources).is_err());
    fs::write(&index, published(&host.bytes).1).expect("there is room");
    // As if the first chunk had come already: nothing is put over it, so that here it is missing.
    let there = make(&host.chunks, vec![0], &index, &sources).expect("it is made");
    assert_eq!(there.len(), host.chunks.image().chunks() as usize);
    assert_eq!(host.chunks.read(0).expect("it reads"), None);
    assert!(host.chunks.read(1).expect("it reads").is_some());
}
