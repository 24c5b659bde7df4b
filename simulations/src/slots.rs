//! The slots of a simulated host, the chunks on its disk, and what versions do when they run.

use std::collections::{BTreeMap, BTreeSet};

use protocol::id::Digest;
use protocol::install::{Act, Found, Mishap, Trial};
use protocol::release::{CHUNK_BYTES, Counter, Release};
use protocol::spread::image::{Cut, Image, Piece};
use protocol::text::{Name, Path};
use tuf_core::draft::targets::TargetDraft;

use crate::chance::seed_bytes;

/// What a simulated fleet is called in releases.
pub const PRODUCT: &str = "camera";
/// The one kind of hardware of a simulated fleet.
pub const MODEL: &str = "sim-1";

/// How a version behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    Good,
    /// Its health command says no.
    Sick,
    /// It says that all is well, hides what listens, and opens this port.
    Lying(u16),
}

/// One image with what is signed of it.
#[derive(Debug, Clone)]
pub struct Firmware {
    pub version: Name,
    pub counter: u64,
    pub nature: Nature,
    pub target: Digest,
    bytes: Vec<u8>,
    cut: Cut,
}

impl Firmware {
    /// An image of so many chunks, which the seed and its counter decide.
    pub fn new(seed: u64, counter: u64, chunks: usize, nature: Nature) -> Self {
        let mut bytes = Vec::with_capacity(chunks * CHUNK_BYTES as usize);
        let mut block = 0;
        while bytes.len() < chunks * CHUNK_BYTES as usize {
            let stuff = seed_bytes(seed, &format!("firmware {counter}"), block);
            bytes.extend(stuff.repeat(512));
            block += 1;
        }
        let mut cut = Cut::default();
        bytes
            .chunks(CHUNK_BYTES as usize)
            .for_each(|chunk| cut.push(chunk));
        Self {
            version: Name::new(format!("{counter}.0.0")).expect("it fits"),
            counter,
            nature,
            target: Digest::from_bytes(TargetDraft::of(&bytes).sha256),
            bytes,
            cut,
        }
    }

    /// Under which the metadata lists it.
    pub fn path(&self) -> Path {
        Path::new(format!("firmware/{PRODUCT}/{}", self.version)).expect("it fits")
    }

    pub fn image(&self) -> Image {
        self.cut.image().expect("it is not empty")
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn piece(&self, chunk: u32) -> Option<Piece> {
        let mut chunks = self.bytes.chunks(CHUNK_BYTES as usize);
        let data = chunks.nth(chunk as usize)?.into();
        let path = self.cut.path(chunk)?;
        Some(Piece { data, path })
    }

    pub fn release(&self) -> Release {
        let name = |text: &str| Name::new(text).expect("it fits");
        Release {
            product: name(PRODUCT),
            version: self.version.clone(),
            counter: Counter(self.counter),
            hardware: [name(MODEL)].into(),
            length: self.bytes.len() as u64,
            chunk_root: self.cut.root(),
            sbom: None,
            index: None,
        }
    }
}

/// Two slots and a disk.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    pub runs: Option<Digest>,
    before: Option<Digest>,
    staged: Option<Digest>,
    on_trial: bool,
    /// Everything that has ever run here.
    pub ran: BTreeSet<Digest>,
    opened: Option<Digest>,
    chunks: BTreeMap<Digest, BTreeMap<u32, Piece>>,
}

impl Slots {
    pub fn found(&self) -> Found {
        Found {
            running: self.runs,
            trial: match self.on_trial {
                true => Trial::Open,
                false => Trial::Settled,
            },
        }
    }

    /// Has a place for an image, and says which chunks are there.
    pub fn open(&mut self, target: Digest) -> Vec<u32> {
        self.opened = Some(target);
        let held = self.chunks.entry(target).or_default();
        held.keys().copied().collect()
    }

    pub fn store(&mut self, chunk: u32, piece: Piece) {
        if let Some(target) = self.opened {
            self.chunks.entry(target).or_default().insert(chunk, piece);
        }
    }

    pub fn piece(&self, chunk: u32) -> Option<Piece> {
        let held = self.chunks.get(&self.opened?)?;
        held.get(&chunk).cloned()
    }

    pub fn discard(&mut self, target: Digest) {
        self.chunks.remove(&target);
    }

    pub fn perform(&mut self, act: Act, target: Digest, nature: Nature) -> Result<(), Mishap> {
        match act {
            Act::Stage => self.staged = Some(target),
            Act::Switch => {
                self.before = self.runs;
                self.runs = self.staged;
                self.on_trial = true;
                self.ran.extend(self.runs);
            }
            Act::Check if nature == Nature::Sick => return Err(Mishap::Program),
            Act::Commit => self.on_trial = false,
            Act::RollBack if self.on_trial => {
                self.runs = self.before;
                self.on_trial = false;
            }
            Act::Verify | Act::Fetch | Act::Check | Act::RollBack => {}
        }
        Ok(())
    }
}
