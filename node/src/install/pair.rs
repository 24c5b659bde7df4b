//! Two directories and a link: the slots of a service or a container on an ordinary Linux host.
//!
//! ```text
//! current -> a      what runs; replaced by one rename
//! trial -> b        while `a` is on trial: what comes back
//! a/ a.label        the version, and its name
//! b/ b.label
//! ```
//! Whatever a switch relies on is durable before the link is replaced.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use protocol::id::Digest;
use protocol::install::{Image, Trial};
use sha2::{Digest as _, Sha256};

use super::disk::{Disk, Kind};
use super::{Effect, SlotError, Slots, Standing, archive, label};

const CURRENT: &str = "current";
const TRIAL: &str = "trial";
/// What `trial` names where nothing ran before.
const NOTHING: &str = "nothing";

/// The link that names the directory that runs.
pub const RUNNING: &str = CURRENT;

pub struct DirectoryPair<D> {
    disk: D,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    A,
    B,
}

impl Slot {
    const fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    fn named(name: &str) -> Result<Self, SlotError> {
        match name {
            "a" => Ok(Self::A),
            "b" => Ok(Self::B),
            _ => Err(SlotError::Label(CURRENT.to_owned())),
        }
    }

    fn dir(self) -> &'static Path {
        Path::new(self.name())
    }

    fn label(self) -> PathBuf {
        self.dir().with_extension("label")
    }
}

/// What comes back if the trial fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fallback {
    Nothing,
    To(Slot),
}

impl<D: Disk> DirectoryPair<D> {
    pub fn new(disk: D) -> Self {
        Self { disk }
    }

    fn current(&self) -> Result<Option<Slot>, SlotError> {
        let name = self.leads(CURRENT)?;
        name.map(|name| Slot::named(&name)).transpose()
    }

    fn idle(&self) -> Result<Slot, SlotError> {
        Ok(self.current()?.map_or(Slot::A, Slot::other))
    }

    /// What comes back, while a trial is open. A cut between the two links leaves one that names what runs: no trial.
    fn fallback(&self) -> Result<Option<Fallback>, SlotError> {
        let current = self.current()?;
        match self.leads(TRIAL)?.as_deref() {
            None => Ok(None),
            Some(NOTHING) => Ok(current.map(|_| Fallback::Nothing)),
            Some(name) => {
                let slot = Slot::named(name)?;
                Ok((current != Some(slot)).then_some(Fallback::To(slot)))
            }
        }
    }

    fn leads(&self, link: &str) -> Result<Option<String>, SlotError> {
        let leads = self.disk.leads(Path::new(link));
        leads.map_err(SlotError::io("cannot read a link"))
    }

    /// Replaces a link by one rename.
    fn point(&self, link: &str, to: &str) -> Result<(), SlotError> {
        let fresh = Path::new(link).with_extension("new");
        let pointed = || -> io::Result<()> {
            self.disk.remove(&fresh)?;
            self.disk.link(to, &fresh)?;
            self.disk.rename(&fresh, Path::new(link))?;
            self.disk.sync_dir(Path::new(""))
        };
        pointed().map_err(SlotError::io("cannot replace a link"))
    }

    fn forget(&self, name: &Path) -> Result<(), SlotError> {
        let removed = self.disk.remove(name);
        let synced = removed.and_then(|()| self.disk.sync_dir(Path::new("")));
        synced.map_err(SlotError::io("cannot remove a link"))
    }

    /// Without its label first: what is half removed is nothing.
    fn clear(&self, slot: Slot) -> Result<(), SlotError> {
        self.forget(&slot.label())?;
        self.remove_all(slot.dir())
            .map_err(SlotError::io("cannot clear the slot"))
    }

    fn remove_all(&self, dir: &Path) -> io::Result<()> {
        for (name, kind) in self.disk.list(dir)? {
            let path = dir.join(name);
            match kind {
                Kind::Dir => self.remove_all(&path)?,
                Kind::Leaf => self.disk.remove(&path)?,
            }
        }
        self.disk.remove(dir)
    }

    fn fill(&self, slot: Slot, image: &Image, file: &Path) -> Result<(), SlotError> {
        let failed = || SlotError::io("cannot fill the slot");
        self.disk.make_dir(slot.dir()).map_err(failed())?;
        let bytes = self.disk.open(file).map_err(failed())?;
        let mut hashed = Hashed {
            bytes,
            hash: Sha256::new(),
        };
        archive::unpack(&self.disk, slot.dir(), &mut hashed)?;
        let target = hashed.target().map_err(failed())?;
        if target == image.target {
            Ok(())
        } else {
            Err(SlotError::Digest)
        }
    }

    fn is_staged(&self, slot: Slot, image: &Image) -> Result<bool, SlotError> {
        let label = label::read(&self.disk, &slot.label())?;
        Ok(label.as_ref() == Some(image))
    }
}

impl<D: Disk> Slots for DirectoryPair<D> {
    fn standing(&mut self) -> Result<Standing, SlotError> {
        let trial = match self.fallback()? {
            Some(_) => Trial::Open,
            None => {
                self.forget(Path::new(TRIAL))?;
                Trial::Settled
            }
        };
        let current = self.current()?;
        let label = current.map(|slot| label::read(&self.disk, &slot.label()));
        Ok(Standing {
            running: label.transpose()?.flatten(),
            trial,
        })
    }

    fn stage(&mut self, image: &Image, file: &Path) -> Result<(), SlotError> {
        if self.fallback()?.is_some() {
            return Err(SlotError::OnTrial);
        }
        let idle = self.idle()?;
        self.clear(idle)?;
        self.fill(idle, image, file)?;
        label::write(&self.disk, &idle.label(), image)
    }

    fn switch(&mut self, image: &Image, _file: &Path) -> Result<Effect, SlotError> {
        let current = self.current()?;
        if self.fallback()?.is_some() {
            let runs = match current {
                Some(slot) => self.is_staged(slot, image)?,
                None => false,
            };
            return if runs {
                Ok(Effect::AtOnce)
            } else {
                Err(SlotError::OnTrial)
            };
        }
        let idle = self.idle()?;
        if !self.is_staged(idle, image)? {
            return Err(SlotError::NotStaged);
        }
        self.point(TRIAL, current.map_or(NOTHING, Slot::name))?;
        self.point(CURRENT, idle.name())?;
        Ok(Effect::AtOnce)
    }

    fn commit(&mut self) -> Result<(), SlotError> {
        self.forget(Path::new(TRIAL))
    }

    fn roll_back(&mut self) -> Result<Effect, SlotError> {
        match self.fallback()? {
            None => {}
            Some(Fallback::To(slot)) => self.point(CURRENT, slot.name())?,
            Some(Fallback::Nothing) => self.forget(Path::new(CURRENT))?,
        }
        self.forget(Path::new(TRIAL))?;
        Ok(Effect::AtOnce)
    }
}

impl<D> fmt::Debug for DirectoryPair<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryPair").finish_non_exhaustive()
    }
}

/// Hashes an image while it is unpacked, so that what was checked is what was staged.
struct Hashed {
    bytes: Box<dyn Read>,
    hash: Sha256,
}

impl Hashed {
    /// The SHA-256 of all of it, with what lies behind the archive's end.
    fn target(mut self) -> io::Result<Digest> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(Digest::from_bytes(self.hash.finalize().into()))
    }
}

impl Read for Hashed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(out)?;
        self.hash.update(&out[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
