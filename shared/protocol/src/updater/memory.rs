//! What a member writes down of its updates.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::cbor;
use crate::id::Digest;
use crate::install;
use crate::library;
use crate::limits;
use crate::merkle::Hash;
use crate::release::Release;
use crate::settings::Obeyed;
use crate::spread::image::Image;

/// One write; the later of a kind takes the place of the earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save {
    Memory(Vec<u8>),
    Library(library::Save),
}

/// What is found again at a start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Saved {
    pub memory: Option<Vec<u8>>,
    pub floors: Option<Vec<u8>>,
    pub files: Vec<library::Held>,
}

/// What was verified of the image that is fetched: a restart needs no metadata to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Wanted {
    #[n(0)]
    pub target: Digest,
    #[cbor(n(1), with = "minicbor::bytes")]
    root: Hash,
    #[n(2)]
    length: u64,
    /// What lists the parts of the image.
    #[n(3)]
    index: Option<Listed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Listed {
    #[cbor(n(0), with = "minicbor::bytes")]
    root: Hash,
    #[n(1)]
    length: u64,
}

#[derive(Debug, Default, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    #[n(0)]
    install: Option<ByteVec>,
    #[n(1)]
    wanted: Option<Wanted>,
    /// Held to until newer words verify, whatever ends meanwhile.
    #[n(2)]
    obeyed: Option<Obeyed>,
}

impl Saved {
    pub fn take(&mut self, save: Save) {
        match save {
            Save::Memory(memory) => self.memory = Some(memory),
            Save::Library(library::Save::Floors(floors)) => self.floors = Some(floors),
            Save::Library(library::Save::File(file)) => {
                self.files.retain(|held| held.role != file.role);
                self.files.push(file);
            }
        }
    }
}

impl Wanted {
    pub(super) fn of(target: Digest, release: &Release) -> Self {
        Self {
            target,
            root: release.chunk_root,
            length: release.length,
            index: release.index.as_ref().map(|index| Listed {
                root: index.root,
                length: index.length,
            }),
        }
    }

    /// The file that lists the parts of the image, where there is one.
    pub fn index(&self) -> Option<Image> {
        let listed = self.index?;
        Image::new(listed.root, listed.length)
    }

    /// `None` where it is larger than any image may be.
    pub fn image(&self) -> Option<Image> {
        Image::new(self.root, self.length)
    }
}

impl Memory {
    /// What cannot be read was written by another version: the device begins as if it had never updated.
    pub fn recalled(saved: Option<&[u8]>) -> Self {
        let bound = limits::INSTALL_BYTES + 256;
        let read = saved.map(|bytes| cbor::decode("updates", bound, bytes));
        read.and_then(Result::ok).unwrap_or_default()
    }

    pub fn install(&self) -> install::Memory {
        let read = self
            .install
            .as_ref()
            .map(|bytes| install::Memory::decode(bytes));
        read.and_then(Result::ok).unwrap_or_default()
    }

    pub fn keep(&mut self, install: Vec<u8>) {
        self.install = Some(install.into());
    }

    pub const fn want(&mut self, wanted: Wanted) {
        self.wanted = Some(wanted);
    }

    pub const fn wanted(&self) -> Option<Wanted> {
        self.wanted
    }

    pub const fn obey(&mut self, obeyed: Obeyed) {
        self.obeyed = Some(obeyed);
    }

    pub fn obeyed(&self) -> Obeyed {
        self.obeyed.unwrap_or_default()
    }

    /// Says whether this target was wanted.
    pub fn forget(&mut self, target: Digest) -> bool {
        self.wanted
            .take_if(|wanted| wanted.target == target)
            .is_some()
    }

    pub fn save(&self) -> Save {
        Save::Memory(cbor::encode(self))
    }
}
