//! Where new versions are put, and how the device changes from one to the other.

pub mod archive;
pub mod chunks;
pub mod disk;
pub mod fake;
pub mod installer;
mod label;
pub mod pair;
pub mod partitions;
pub mod program;
pub mod rauc;
pub mod reuse;
pub mod service;
pub mod swupdate;

use std::path::Path;
use std::{fmt, io};

use protocol::install::{Found, Image, Mishap, Trial};
use thiserror::Error;

use archive::ArchiveError;
use program::ProgramError;

/// Two places for a version, of which one runs. Each call may be repeated after a power cut, and then leads to the same end.
pub trait Slots: fmt::Debug + Send {
    /// What runs, and whether it may still be taken back; also mends what a power cut left half done.
    fn standing(&mut self) -> Result<Standing, SlotError>;
    /// Puts the image in this file into the place that does not run.
    fn stage(&mut self, image: &Image, file: &Path) -> Result<(), SlotError>;
    /// Runs what was staged from this file, on trial.
    fn switch(&mut self, image: &Image, file: &Path) -> Result<Effect, SlotError>;
    /// The trial is over: what runs stays.
    fn commit(&mut self) -> Result<(), SlotError>;
    /// The trial is over: what ran before runs again. Where there is no trial, nothing happens.
    fn roll_back(&mut self) -> Result<Effect, SlotError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub running: Option<Image>,
    pub trial: Trial,
}

/// When a change of slots shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    AtOnce,
    /// The device is being started again.
    AfterReboot,
}

/// Why a slot could not do what it was asked; the slot that runs is as it was.
#[derive(Debug, Error)]
pub enum SlotError {
    #[error("{what}")]
    Io {
        what: &'static str,
        source: io::Error,
    },
    #[error("the image is not taken")]
    Archive(#[from] ArchiveError),
    #[error("the image is not the one that was announced")]
    Digest,
    #[error("another version is on trial")]
    OnTrial,
    #[error("this version is not staged")]
    NotStaged,
    #[error("{0} is damaged")]
    Label(String),
    #[error("the updater of the system does not do it")]
    Program(#[from] ProgramError),
    #[error("the slots are still at work on something else")]
    Away,
}

impl Standing {
    pub fn found(&self) -> Found {
        Found {
            running: self.running.as_ref().map(|image| image.target),
            trial: self.trial,
        }
    }
}

impl SlotError {
    fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }

    /// What the device says of it.
    pub fn mishap(&self) -> Mishap {
        match self {
            Self::Io { source, .. } => mishap(source),
            Self::Archive(ArchiveError::Write(source)) => mishap(source),
            Self::Archive(_) => Mishap::Image,
            Self::Digest => Mishap::Digest,
            Self::Program(_) => Mishap::Program,
            Self::OnTrial | Self::NotStaged | Self::Label(_) | Self::Away => Mishap::Slot,
        }
    }
}

/// What a device says of an error of its disk.
pub fn mishap(error: &io::Error) -> Mishap {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Mishap::Space,
        _ => Mishap::Io,
    }
}
