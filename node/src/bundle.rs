//! A release that somebody carries to this device: a tar archive with metadata of the repository, and the image behind it.
//!
//! The command looks at it with the root that was pinned at enrolment, so that whoever stands there hears at once what is
//! wrong. Then it lies in the console's folder, where the running node takes it, and judges it again by all that it knows.

pub mod carried;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use protocol::library::{Brought, Held, ROLES};
use protocol::release::{CHUNK_BYTES, Release, ReleaseError};
use protocol::spread::image::{Cut, Image, Piece};
use protocol::text;
use serde::Deserialize;
use thiserror::Error;
use tuf_core::floors::Floors;
use tuf_core::role::RoleName;
use tuf_core::root::Root;
use tuf_core::schemes::Ed25519Only;
use tuf_core::search::Lookup;
use tuf_core::targets::Target;
use tuf_core::trusted::{TrustError, Trusted};

use crate::install::chunks::Chunks;
use carried::{Carried, CarriedError};

const ABOUT: &str = "bundle.json";
const ABOUT_BYTES: usize = 4096;
const TIMESTAMP: &str = "timestamp.json";

#[derive(Debug, Error)]
pub enum BundleError {
    #[error("cannot read {path}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("it is no bundle: {0}")]
    Form(&'static str),
    #[error(
        "this bundle's {role} has ended: have a new one made with `palisade-coordinator release bundle`"
    )]
    Ended { role: String },
    #[error("it does not verify under the root of this device's mesh: {0}")]
    Trust(TrustError),
    #[error("its metadata does not list {0}")]
    NotListed(text::Path),
    #[error("what it lists is no release: {0}")]
    Release(#[from] ReleaseError),
    #[error("its image is not the one that was signed")]
    OtherImage,
}

/// What is in the file.
#[derive(Debug)]
pub struct Bundle {
    /// Of the release in the repository.
    pub path: text::Path,
    documents: BTreeMap<String, Vec<u8>>,
    file: PathBuf,
    /// Where the image lies in the file, and how long it is.
    image: (u64, u64),
}

#[derive(Deserialize)]
struct About {
    path: String,
}

impl Bundle {
    /// Reads all but the image, within bounds.
    pub fn open(file: &Path) -> Result<Self, BundleError> {
        let io = |source| BundleError::Io {
            path: file.to_owned(),
            source,
        };
        let carried = carried::read(File::open(file).map_err(io)?);
        let Carried {
            mut documents,
            image,
        } = carried.map_err(|error| match error {
            CarriedError::Read(source) => io(source),
            CarriedError::Form(what) => BundleError::Form(what),
        })?;
        let about = documents
            .remove(ABOUT)
            .filter(|about| about.len() <= ABOUT_BYTES);
        let about = about.and_then(|about| serde_json::from_slice::<About>(&about).ok());
        let path = about.and_then(|about| text::Path::new(about.path).ok());
        Ok(Self {
            path: path.ok_or(BundleError::Form("it does not say what it is for"))?,
            documents,
            file: file.to_owned(),
            image: image.ok_or(BundleError::Form("there is no image in it"))?,
        })
    }

    /// What the machine reads of it.
    pub fn brought(&self) -> Brought {
        let files = self.documents.iter().filter_map(|(name, bytes)| {
            let (version, role) = name.strip_suffix(".json")?.split_once('.')?;
            Some(Held {
                role: role.to_owned(),
                version: version.parse().ok()?,
                bytes: bytes.clone(),
            })
        });
        Brought {
            timestamp: self.document(TIMESTAMP).to_vec(),
            files: files
                .filter(|held| held.role != RoleName::Root.word())
                .collect(),
        }
    }

    /// Looks at all of it with a root of the mesh, and at the image by its hash in the metadata.
    pub fn check(&self, root: &Root, now_unix_s: u64) -> Result<Release, BundleError> {
        let trusted = self
            .trusted(root, now_unix_s)
            .map_err(|error| match error {
                TrustError::Expired { role } => BundleError::Ended { role },
                error => BundleError::Trust(error),
            })?;
        let Ok(Lookup::Found(found)) = trusted.find_target(self.path.as_str()) else {
            return Err(BundleError::NotListed(self.path.clone()));
        };
        let release = Release::of(found)?;
        self.check_image(found)?;
        Ok(release)
    }

    fn trusted(&self, root: &Root, now_unix_s: u64) -> Result<Trusted, TrustError> {
        let mut trusted = Trusted::open(root.as_bytes(), Floors::default(), &Ed25519Only)?;
        let mut next = root.version() + 1;
        while let Some(root) = self.documents.get(&format!("{next}.root.json")) {
            trusted.update_root(root)?;
            next += 1;
        }
        trusted.update_timestamp(self.document(TIMESTAMP), now_unix_s)?;
        trusted.update_snapshot(self.newest("snapshot"), now_unix_s)?;
        trusted.update_targets("targets", "root", self.newest("targets"), now_unix_s)?;
        for role in ROLES {
            match trusted.update_targets(role, "targets", self.newest(role), now_unix_s) {
                // Another role than the one that is asked for keeps nothing back.
                Err(TrustError::Expired { .. }) if !self.path.as_str().starts_with(role) => {}
                taken => taken?,
            }
        }
        Ok(trusted)
    }

    fn document(&self, name: &str) -> &[u8] {
        self.documents.get(name).map_or(&[], Vec::as_slice)
    }

    fn newest(&self, role: &str) -> &[u8] {
        let ending = format!(".{role}.json");
        let named = self
            .documents
            .iter()
            .filter(|(name, _)| name.ends_with(&ending));
        named
            .map(|(_, bytes)| bytes.as_slice())
            .next_back()
            .unwrap_or_default()
    }

    fn check_image(&self, target: &Target) -> Result<(), BundleError> {
        let mut check = target.check().map_err(|_| BundleError::OtherImage)?;
        self.pieces(|_, piece| {
            check
                .take(piece)
                .map_err(|_| io::ErrorKind::InvalidData.into())
        })
        .map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => BundleError::OtherImage,
            _ => BundleError::Io {
                path: self.file.clone(),
                source,
            },
        })?;
        check.finish().map_err(|_| BundleError::OtherImage)
    }

    /// Writes the image's chunks to their place, where it is this image; says which are there then.
    pub fn pour(&self, chunks: &Chunks, image: Image) -> io::Result<Vec<u32>> {
        let mut cut = Cut::default();
        self.pieces(|_, piece| {
            cut.push(piece);
            Ok(())
        })?;
        if cut.image() != Some(image) {
            return Ok(Vec::new());
        }
        let mut there = Vec::new();
        self.pieces(|chunk, data| {
            if let Some(path) = cut.path(chunk) {
                let data = data.into();
                chunks.write(chunk, &Piece { data, path })?;
                there.push(chunk);
            }
            Ok(())
        })?;
        Ok(there)
    }

    /// The image, chunk by chunk.
    fn pieces(&self, mut take: impl FnMut(u32, &[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut file = File::open(&self.file)?;
        file.seek(SeekFrom::Start(self.image.0))?;
        let mut image = file.take(self.image.1);
        for chunk in 0.. {
            let mut piece = Vec::with_capacity(CHUNK_BYTES as usize);
            image.by_ref().take(CHUNK_BYTES).read_to_end(&mut piece)?;
            if piece.is_empty() {
                break;
            }
            take(chunk, &piece)?;
        }
        Ok(())
    }
}

/// Lays a copy where the running node takes it.
pub fn leave(bundle: &Path, folder: &Path) -> Result<(), BundleError> {
    let (fresh, path) = (folder.join("bundle.new"), waiting(folder));
    let left = fs::create_dir_all(folder)
        .and_then(|()| fs::copy(bundle, &fresh))
        .and_then(|_| fs::rename(&fresh, &path));
    left.map_err(|source| BundleError::Io { path, source })
}

/// Where a bundle waits for the running node, and lies while its image is taken over.
pub fn waiting(folder: &Path) -> PathBuf {
    folder.join("update.bundle")
}

#[cfg(test)]
mod tests;
