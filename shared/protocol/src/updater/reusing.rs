//! Chunks that need not be fetched: they are made of what runs, by the help of the index that is signed for with the image.
//!
//! The index is fetched first, as the image is. Where there is nothing to make chunks of, where little is missing, or where
//! nobody gives the index in time, the image is fetched as it is.

use std::time::Duration;

use super::{Base, Deed, Output, Updater};
use crate::dice::Dice;
use crate::id::Digest;
use crate::spread::image::Image;
use crate::time::{Instant, Now};

/// How long the index may take to come, and the host to make chunks by its help.
const PATIENCE: Duration = Duration::from_secs(120);
const HOST_PATIENCE: Duration = Duration::from_secs(1_800);
/// So many chunks have to be missing for each that the index takes.
const PAYS: u32 = 8;

/// How far it is.
#[derive(Debug, Default)]
pub(super) enum Reusing {
    /// Not begun, or over.
    #[default]
    No,
    /// The index is on its way; these chunks of the image are there anyway.
    Listing {
        target: Digest,
        chunks: Vec<u32>,
        late: Instant,
    },
    /// The host is at work.
    Making {
        target: Digest,
        chunks: Vec<u32>,
        late: Instant,
    },
}

impl Reusing {
    pub fn late(&self) -> Option<Instant> {
        match self {
            Self::No => None,
            Self::Listing { late, .. } | Self::Making { late, .. } => Some(*late),
        }
    }

    /// Whether the index is wanted.
    pub const fn lists(&self) -> bool {
        matches!(self, Self::Listing { .. })
    }
}

impl Updater {
    /// Whether there is something to make chunks of, and enough of them are missing.
    pub(super) fn would_reuse(&self, image: Image, chunks: &[u32], base: Base) -> bool {
        let wanted = self.memory.wanted();
        let Some(index) = wanted.and_then(|wanted| wanted.index()) else {
            return false;
        };
        let there = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        let missing = image.chunks().saturating_sub(there);
        let pays = missing >= index.chunks().saturating_mul(PAYS);
        self.is_fetching() && base == Base::There && pays
    }

    /// Wants the index first.
    pub(super) fn list(
        &mut self,
        target: Digest,
        chunks: Vec<u32>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        self.fetching.reusing = Reusing::Listing {
            target,
            chunks,
            late: now.monotonic + PATIENCE,
        };
        self.open_index(target, out);
    }

    /// Has the host look what is there of the index, for others if not for this device.
    pub(super) fn open_index(&self, target: Digest, out: &mut Vec<Output>) {
        let index = self.memory.wanted().and_then(|wanted| wanted.index());
        out.extend(index.map(|index| Output::Do(Deed::OpenIndex { target, index })));
    }

    /// All of the index is here: the host makes what it can.
    pub(super) fn reuse_when_listed(&mut self, now: Now, out: &mut Vec<Output>) {
        if !self.fetching.is_listed() {
            return;
        }
        let image = self.memory.wanted().and_then(|wanted| wanted.image());
        match (std::mem::take(&mut self.fetching.reusing), image) {
            (Reusing::Listing { target, chunks, .. }, Some(image)) => {
                self.fetching.reusing = Reusing::Making {
                    target,
                    chunks,
                    late: now.monotonic + HOST_PATIENCE,
                };
                out.push(Output::Do(Deed::Reuse { target, image }));
            }
            (other, _) => self.fetching.reusing = other,
        }
    }

    /// The host has made what it could; the rest is fetched.
    pub(super) fn reused(
        &mut self,
        of: Digest,
        chunks: &[u32],
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        match std::mem::take(&mut self.fetching.reusing) {
            Reusing::Making { target, .. } if target == of => {
                self.fetch_all_but(target, chunks, dice, now, out);
            }
            other => self.fetching.reusing = other,
        }
    }

    /// Nobody gives the index, or the host does not come back: the image is fetched as it is.
    pub(super) fn give_up_index(&mut self, dice: &mut Dice, now: Now, out: &mut Vec<Output>) {
        if self
            .fetching
            .reusing
            .late()
            .is_none_or(|late| now.monotonic < late)
        {
            return;
        }
        if let Reusing::Listing { target, chunks, .. } | Reusing::Making { target, chunks, .. } =
            std::mem::take(&mut self.fetching.reusing)
        {
            if !self.fetching.is_listed() {
                self.fetching.forget_index();
            }
            self.fetch_all_but(target, &chunks, dice, now, out);
        }
    }

    fn fetch_all_but(
        &mut self,
        target: Digest,
        chunks: &[u32],
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let wanted = self.memory.wanted();
        let wanted = wanted.filter(|wanted| wanted.target == target);
        if let Some(image) = wanted.and_then(|wanted| wanted.image()) {
            self.fetch(image, chunks, dice, now, out);
        }
    }
}
