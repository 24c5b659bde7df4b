//! Releases that devices are offered, with images so small that their every byte can be looked at.

use std::collections::BTreeSet;
use std::path::PathBuf;

use protocol::id::Digest;
use protocol::install::Image;
use protocol::release::{Counter, Release};
use sha2::{Digest as _, Sha256};

/// A release as this rig makes it.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) image: Image,
    pub(super) release: Release,
    pub(super) healthy: bool,
}

pub(super) fn offer(number: usize, counter: u64, healthy: bool) -> Offer {
    let name = |text: &str| text.parse().expect("a short name");
    let archive = archive(number);
    let release = Release {
        product: name("camera"),
        version: name(&format!("1.{number}")),
        counter: Counter(counter),
        hardware: BTreeSet::from([name("ipc-3")]),
        length: archive.len() as u64,
        chunk_root: [0; 32],
        sbom: None,
        index: None,
    };
    let target = Digest::from_bytes(Sha256::digest(&archive).into());
    Offer {
        image: Image::of(target, &release),
        release,
        healthy,
    }
}

pub(super) fn archive(number: usize) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in [
        ("bin/service", script(number)),
        ("share/data", blob(number)),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        let added = builder.append_data(&mut header, path, &bytes[..]);
        added.expect("writing into memory cannot fail");
    }
    builder
        .into_inner()
        .expect("writing into memory cannot fail")
}

pub(super) fn script(number: usize) -> Vec<u8> {
    format!("#!/bin/sh\necho release {number}\n").into_bytes()
}

/// Some sectors, so that a cut can tear them.
pub(super) fn blob(number: usize) -> Vec<u8> {
    vec![u8::try_from(number).expect("a short list") + 1; 3000]
}

pub(super) fn file(number: usize) -> PathBuf {
    PathBuf::from(format!("image-{number}.tar"))
}
