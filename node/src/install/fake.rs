//! Slots in memory, for tests and simulations: they do what a story tells them.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use protocol::install::{Image, Trial};

use super::{Effect, SlotError, Slots, Standing};

#[derive(Debug)]
pub struct FakeSlots {
    running: Option<Image>,
    other: Option<Image>,
    trial: Trial,
    /// How the next calls end; well when there is nothing here.
    pub endings: VecDeque<Ending>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Well,
    /// Nothing is done.
    Fails,
}

impl FakeSlots {
    pub fn new(running: Option<Image>) -> Self {
        Self {
            running,
            other: None,
            trial: Trial::Settled,
            endings: VecDeque::new(),
        }
    }

    fn call(&mut self) -> Result<(), SlotError> {
        match self.endings.pop_front() {
            None | Some(Ending::Well) => Ok(()),
            Some(Ending::Fails) => Err(SlotError::Io {
                what: "the story wants it so",
                source: io::ErrorKind::Other.into(),
            }),
        }
    }
}

impl Slots for FakeSlots {
    fn standing(&mut self) -> Result<Standing, SlotError> {
        Ok(Standing {
            running: self.running.clone(),
            trial: self.trial,
        })
    }

    fn stage(&mut self, image: &Image, _file: &Path) -> Result<(), SlotError> {
        self.call()?;
        if self.trial == Trial::Open {
            return Err(SlotError::OnTrial);
        }
        self.other = Some(image.clone());
        Ok(())
    }

    fn switch(&mut self, image: &Image, _file: &Path) -> Result<Effect, SlotError> {
        self.call()?;
        if self.trial == Trial::Open && self.running.as_ref() == Some(image) {
            return Ok(Effect::AtOnce);
        }
        if self.other.as_ref() != Some(image) {
            return Err(SlotError::NotStaged);
        }
        std::mem::swap(&mut self.running, &mut self.other);
        self.trial = Trial::Open;
        Ok(Effect::AtOnce)
    }

    fn commit(&mut self) -> Result<(), SlotError> {
        self.call()?;
        self.trial = Trial::Settled;
        Ok(())
    }

    fn roll_back(&mut self) -> Result<Effect, SlotError> {
        self.call()?;
        if self.trial == Trial::Open {
            std::mem::swap(&mut self.running, &mut self.other);
        }
        self.trial = Trial::Settled;
        Ok(Effect::AtOnce)
    }
}
