//! A pair of partitions behind an updater of the system: it writes and boots them, and this side keeps their names.
//!
//! A folder that is in neither partition holds `NAME.label` for each partition by the name that the updater gives it,
//! `next.label` for what was written last, and while there is a trial the link `trial` to what comes back.

use std::fmt::Debug;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::{fs, str};

use protocol::id::Digest;
use protocol::install::{Image, Trial};
use sha2::{Digest as _, Sha256};

use super::disk::{Disk as _, Folder};
use super::program::ProgramError;
use super::{Effect, SlotError, Slots, Standing, label};

const TRIAL: &str = "trial";
const NEXT: &str = "next.label";

/// What an updater of the system is asked, each time by its command.
pub trait Updater: Debug + Send {
    /// The name of the partition that runs.
    fn booted(&self) -> Result<String, ProgramError>;
    /// Writes the other partition, or checks that it can be written; what is booted next stays as it is.
    fn write(&self, file: &Path) -> Result<(), ProgramError>;
    /// The partition that was written is booted next.
    fn activate(&self, file: &Path) -> Result<(), ProgramError>;
    /// What runs is good.
    fn keep(&self) -> Result<(), ProgramError>;
    /// What runs is bad, and the other is booted next.
    fn go_back(&self) -> Result<(), ProgramError>;
    /// What runs is booted next, whatever was activated.
    fn stay(&self) -> Result<(), ProgramError>;
    fn reboot(&self) -> Result<(), ProgramError>;
}

#[derive(Debug)]
pub struct Partitions<U> {
    updater: U,
    names: Folder,
}

impl<U: Updater> Partitions<U> {
    /// `names` lies on a partition that no update replaces.
    pub fn new(updater: U, names: Folder) -> Self {
        Self { updater, names }
    }

    /// What comes back, while a trial is open; a link that names what runs stands for none.
    fn fallback(&self, booted: &str) -> Result<Option<String>, SlotError> {
        let leads = self.names.leads(Path::new(TRIAL));
        let leads = leads.map_err(SlotError::io("cannot read a link"))?;
        Ok(leads.filter(|to| to != booted))
    }

    /// What was written last is what has been booted for the first time.
    fn christen(&self, booted: &str) -> Result<(), SlotError> {
        let next = label::read(&self.names, Path::new(NEXT))?;
        if let Some(image) = next {
            label::write(&self.names, &name_of(booted), &image)?;
            self.forget(NEXT)?;
        }
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<(), SlotError> {
        let removed = self.names.remove(Path::new(name));
        let synced = removed.and_then(|()| self.names.sync_dir(Path::new("")));
        synced.map_err(SlotError::io("cannot remove a name"))
    }

    fn begin_trial(&self, booted: &str) -> Result<(), SlotError> {
        let begun = || -> io::Result<()> {
            self.names.remove(Path::new(TRIAL))?;
            self.names.link(booted, Path::new(TRIAL))?;
            self.names.sync_dir(Path::new(""))
        };
        begun().map_err(SlotError::io("cannot begin a trial"))
    }
}

impl<U: Updater> Slots for Partitions<U> {
    fn standing(&mut self) -> Result<Standing, SlotError> {
        let booted = self.updater.booted()?;
        let trial = match self.fallback(&booted)? {
            Some(_) => {
                self.christen(&booted)?;
                Trial::Open
            }
            None => {
                self.forget(TRIAL)?;
                Trial::Settled
            }
        };
        let running = label::read(&self.names, &name_of(&booted))?;
        Ok(Standing { running, trial })
    }

    fn stage(&mut self, image: &Image, file: &Path) -> Result<(), SlotError> {
        let booted = self.updater.booted()?;
        if self.fallback(&booted)?.is_some() {
            return Err(SlotError::OnTrial);
        }
        self.forget(NEXT)?;
        if target(file).map_err(SlotError::io("cannot read the image"))? != image.target {
            return Err(SlotError::Digest);
        }
        self.updater.write(file)?;
        label::write(&self.names, Path::new(NEXT), image)
    }

    fn switch(&mut self, image: &Image, file: &Path) -> Result<Effect, SlotError> {
        let booted = self.updater.booted()?;
        if self.fallback(&booted)?.is_some() {
            let runs = label::read(&self.names, &name_of(&booted))?;
            return if runs.as_ref() == Some(image) {
                Ok(Effect::AtOnce)
            } else {
                Err(SlotError::OnTrial)
            };
        }
        if label::read(&self.names, Path::new(NEXT))?.as_ref() != Some(image) {
            return Err(SlotError::NotStaged);
        }
        self.begin_trial(&booted)?;
        self.updater.activate(file)?;
        self.updater.reboot()?;
        Ok(Effect::AfterReboot)
    }

    fn commit(&mut self) -> Result<(), SlotError> {
        self.updater.keep()?;
        self.forget(TRIAL)
    }

    fn roll_back(&mut self) -> Result<Effect, SlotError> {
        let booted = self.updater.booted()?;
        if self.fallback(&booted)?.is_some() {
            self.updater.go_back()?;
            self.updater.reboot()?;
            return Ok(Effect::AfterReboot);
        }
        self.updater.stay()?;
        self.forget(TRIAL)?;
        Ok(Effect::AtOnce)
    }
}

/// Names of partitions become names of files: `/dev/mmcblk0p2` is `_dev_mmcblk0p2`.
fn name_of(partition: &str) -> PathBuf {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '_'
        }
    };
    let name: String = partition.chars().map(plain).collect();
    PathBuf::from(name).with_extension("label")
}

fn target(file: &Path) -> io::Result<Digest> {
    let mut file = fs::File::open(file)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(Digest::from_bytes(hash.finalize().into()));
        }
        hash.update(&piece[..read]);
    }
}

#[cfg(test)]
mod tests;
