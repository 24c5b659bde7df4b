//! A repository that hangs from the samples' root, whose one key holds every role.

use std::collections::BTreeMap;

use protocol::command::Command;
pub use protocol::depot::Published;
use protocol::id::Digest;
use protocol::key::Signer as _;
use protocol::library::ROLES;
use protocol::release::{CHUNK_BYTES, Counter, IndexFile, Release};
use protocol::settings::{Scope, Settings};
use protocol::spread::image::{Cut, Image, Piece};
use protocol::spread::parts::Indexing;
use sha2::{Digest as _, Sha256};
use tuf_core::draft::edition::Edition as TufEdition;
use tuf_core::draft::targets::{DelegationDraft, TargetDraft, TargetsDraft};
use tuf_core::draft::unsigned::{HeaderDraft, Unsigned};
use tuf_core::draft::{DraftError, Signers};

use super::{DEVICE, ROOT, key, name, path};

const FAR: u64 = 4_102_444_800;

/// One image with what is signed of it.
#[derive(Clone)]
pub struct Firmware {
    pub version: &'static str,
    pub counter: u64,
    pub bytes: Vec<u8>,
    cut: Cut,
    index: Option<Box<File>>,
}

/// A file that travels beside an image.
#[derive(Clone)]
pub struct File {
    pub bytes: Vec<u8>,
    cut: Cut,
}

fn cut(bytes: &[u8]) -> Cut {
    let mut cut = Cut::default();
    let chunks = bytes.chunks(CHUNK_BYTES as usize);
    chunks.for_each(|chunk| cut.push(chunk));
    cut
}

fn piece(bytes: &[u8], cut: &Cut, chunk: u32) -> Piece {
    let data = bytes.chunks(CHUNK_BYTES as usize).nth(chunk as usize);
    Piece {
        data: data.expect("it is a chunk").into(),
        path: cut.path(chunk).expect("it is a chunk of the image"),
    }
}

impl File {
    pub fn image(&self) -> Image {
        self.cut.image().expect("it is not empty")
    }

    pub fn piece(&self, chunk: u32) -> Piece {
        piece(&self.bytes, &self.cut, chunk)
    }
}

impl Firmware {
    /// So many chunks of bytes that the counter decides.
    pub fn new(version: &'static str, counter: u64, chunks: usize) -> Self {
        let mut bytes = vec![counter as u8; chunks * CHUNK_BYTES as usize - 100];
        for (at, chunk) in bytes.chunks_mut(CHUNK_BYTES as usize).enumerate() {
            chunk[0] = at as u8;
        }
        Self::of(version, counter, bytes)
    }

    pub fn of(version: &'static str, counter: u64, bytes: Vec<u8>) -> Self {
        Self {
            version,
            counter,
            cut: cut(&bytes),
            bytes,
            index: None,
        }
    }

    /// The same, published with an index.
    pub fn indexed(self) -> Self {
        let mut indexing = Indexing::default();
        let chunks = self.bytes.chunks(CHUNK_BYTES as usize);
        chunks.for_each(|chunk| indexing.push(chunk));
        let index = indexing.end().expect("an image like others");
        self.with_index(index.encode())
    }

    /// The same with a file that says that it is its index.
    pub fn with_index(mut self, bytes: Vec<u8>) -> Self {
        let cut = cut(&bytes);
        self.index = Some(Box::new(File { bytes, cut }));
        self
    }

    pub fn index(&self) -> Option<&File> {
        self.index.as_deref()
    }

    pub fn target(&self) -> Digest {
        Digest::from_bytes(Sha256::digest(&self.bytes).into())
    }

    pub fn path(&self) -> protocol::text::Path {
        path(&format!("firmware/camera/{}", self.version))
    }

    pub fn image(&self) -> Image {
        self.cut.image().expect("it is not empty")
    }

    pub fn piece(&self, chunk: u32) -> Piece {
        piece(&self.bytes, &self.cut, chunk)
    }

    fn draft(&self) -> TargetDraft {
        let release = Release {
            product: name("camera"),
            version: name(self.version),
            counter: Counter(self.counter),
            hardware: [name("ipc-3")].into(),
            length: self.bytes.len() as u64,
            chunk_root: self.cut.root(),
            sbom: None,
            index: self.index.as_ref().map(|index| IndexFile {
                path: path(&format!("firmware/camera/{}.index", self.version)),
                length: index.bytes.len() as u64,
                root: index.cut.root(),
            }),
        };
        TargetDraft {
            custom: release.custom(),
            ..TargetDraft::of(&self.bytes)
        }
    }
}

/// What is published under this version of everything.
pub fn published(version: u64, releases: &[Firmware]) -> Published {
    let edition = Edited {
        version,
        releases,
        ..Edited::default()
    };
    edition.publish()
}

/// The same where the role `feeds` ends then.
pub fn published_until(version: u64, releases: &[Firmware], feeds_until_s: u64) -> Published {
    let edition = Edited {
        version,
        releases,
        ends: Some(("feeds", feeds_until_s)),
        ..Edited::default()
    };
    edition.publish()
}

/// An edition of the repository, and what is wrong with it.
#[derive(Clone, Copy, Default)]
pub struct Edited<'a> {
    pub version: u64,
    pub releases: &'a [Firmware],
    pub settings: &'a [(Scope, Settings)],
    pub commands: &'a [Command],
    /// When snapshot and timestamp end, if it is not far away.
    pub until_s: Option<u64>,
    /// A role that ends then.
    pub ends: Option<(&'static str, u64)>,
    /// A role that somebody signs who may not.
    pub forged: Option<&'static str>,
    /// A role that has a version of its own.
    pub other: Option<(&'static str, u64)>,
}

impl Edited<'_> {
    pub fn publish(&self) -> Published {
        let mut targets = TargetsDraft::new(self.version, FAR);
        let signers = Signers {
            threshold: 1,
            keys: vec![*key(ROOT).public().as_bytes()],
        };
        targets.delegations = ROLES
            .map(|role| DelegationDraft::of_folder(role, signers.clone()))
            .into();
        let mut roles = BTreeMap::from([("targets".to_owned(), targets)]);
        roles.extend(ROLES.map(|role| (role.to_owned(), self.role(role))));
        let header = HeaderDraft {
            version: self.version,
            expires_unix_s: self.until_s.unwrap_or(FAR),
        };
        let documents = TufEdition { header, roles }.write(|role, unsigned| {
            let forged = self.forged == Some(role);
            signed(unsigned, if forged { DEVICE } else { ROOT })
        });
        let images = self.releases.iter().map(Firmware::image);
        let indices = self.releases.iter().filter_map(Firmware::index);
        let images = images.chain(indices.map(File::image)).collect();
        let mut published = Published::of(self.version, documents.unwrap(), images);
        for held in &mut published.files {
            held.version = self.version_of(&held.role);
        }
        published
    }

    fn version_of(&self, role: &str) -> u64 {
        match self.other {
            Some((other, version)) if other == role => version,
            _ => self.version,
        }
    }

    fn role(&self, role: &'static str) -> TargetsDraft {
        let ends = self.ends.filter(|(ends, _)| *ends == role);
        let expires = ends.map_or(FAR, |(_, until)| until);
        let mut draft = TargetsDraft::new(self.version_of(role), expires);
        if role == "firmware" {
            let listed = self.releases.iter();
            let listed = listed.map(|release| (release.path().to_string(), release.draft()));
            draft.targets = listed.collect();
        }
        if role == "policy" {
            let wanted = self.settings.iter().map(|(scope, settings)| {
                let custom = settings.custom();
                let target = TargetDraft {
                    custom,
                    ..TargetDraft::of(b"the same as JSON")
                };
                (scope.path(), target)
            });
            let commands = self.commands.iter().map(|command| {
                let custom = command.custom();
                let target = TargetDraft {
                    custom,
                    ..TargetDraft::of(b"the same as JSON")
                };
                (command.path(), target)
            });
            draft.targets = wanted.chain(commands).collect();
        }
        draft
    }
}

fn signed(unsigned: &Unsigned, by: u8) -> Result<Vec<u8>, DraftError> {
    let key = key(by);
    let signature = key.sign(&unsigned.payload());
    unsigned.assemble(&[(*key.public().as_bytes(), signature.0)])
}
