//! Does what the machine asks of this host: slots, the service that runs from them, and its health.

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::install::{Act, Image, Input, Mishap};
use tokio::task;
use tracing::warn;

use super::program;
use super::service::{Service, Started};
use super::{Effect, SlotError, Slots, Standing};

/// Within this a health command has to say yes; shorter than the machine's own patience.
pub const HEALTH: Duration = Duration::from_secs(25);

/// Acts are done one after the other, in the order in which they were asked.
#[derive(Debug)]
pub struct Installer {
    /// Away while a thread works on them.
    slots: Option<Box<dyn Slots>>,
    service: Option<Service>,
    /// Ends with success if the version that runs is well; none where there is no such command.
    health: Option<PathBuf>,
    limit: Duration,
}

/// What is installed, and the file that holds it.
#[derive(Debug, Clone)]
pub struct Load {
    pub image: Image,
    pub file: PathBuf,
}

impl Installer {
    pub fn new(slots: Box<dyn Slots>, service: Option<Service>, health: Option<PathBuf>) -> Self {
        Self {
            slots: Some(slots),
            service,
            health,
            limit: HEALTH,
        }
    }

    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Where the slots are after a start; what runs is started.
    pub async fn begin(&mut self) -> Result<Standing, SlotError> {
        let standing = self.on_thread(|slots| slots.standing()).await?;
        if let (Some(service), Some(_)) = (&self.service, &standing.running) {
            service.start().await;
        }
        Ok(standing)
    }

    /// Starts the service anew; nothing where this host runs none.
    pub async fn restart(&mut self) -> Option<Started> {
        match &self.service {
            Some(service) => Some(service.restart().await),
            None => None,
        }
    }

    /// Does one act, and says what to tell the machine; nothing where the answer is the next start of the device.
    /// [`Act::Verify`] and [`Act::Fetch`] belong to others.
    pub async fn perform(&mut self, act: Act, load: &Load) -> Option<Input> {
        let ended = match act {
            Act::Verify | Act::Fetch => return None,
            Act::Check => return Some(check(self.health.clone(), self.limit).await),
            Act::Stage | Act::Commit => self.write(act, load).await,
            Act::Switch | Act::RollBack => self.change(act, load).await,
        };
        match ended {
            Ok(Effect::AtOnce) => Some(Input::Done(act)),
            Ok(Effect::AfterReboot) => None,
            Err(error) => {
                warn!(
                    act = act.word(),
                    error = &error as &dyn std::error::Error,
                    "failed"
                );
                Some(Input::Failed(act, error.mishap()))
            }
        }
    }

    async fn write(&mut self, act: Act, load: &Load) -> Result<Effect, SlotError> {
        let load = load.clone();
        let done = self.on_thread(move |slots| match act {
            Act::Stage => slots.stage(&load.image, &load.file),
            _ => slots.commit(),
        });
        done.await.map(|()| Effect::AtOnce)
    }

    /// The service is started again from what is current then.
    async fn change(&mut self, act: Act, load: &Load) -> Result<Effect, SlotError> {
        let load = load.clone();
        let changed = self.on_thread(move |slots| match act {
            Act::Switch => slots.switch(&load.image, &load.file),
            _ => slots.roll_back(),
        });
        let effect = changed.await?;
        if let (Some(service), Effect::AtOnce) = (&self.service, effect) {
            service.start().await;
        }
        Ok(effect)
    }

    /// Slots wait for disks and programs.
    async fn on_thread<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut dyn Slots) -> Result<T, SlotError> + Send + 'static,
    ) -> Result<T, SlotError> {
        let mut slots = self.slots.take().ok_or(SlotError::Away)?;
        let worked = task::spawn_blocking(move || {
            let result = work(slots.as_mut());
            (slots, result)
        });
        let (slots, result) = worked.await.map_err(|_| SlotError::Away)?;
        self.slots = Some(slots);
        result
    }

    /// Stops the service.
    pub async fn end(self) {
        if let Some(service) = self.service {
            service.end().await;
        }
    }
}

/// Where there is no health command, whatever runs is well.
async fn check(health: Option<PathBuf>, limit: Duration) -> Input {
    let Some(health) = health else {
        return Input::Done(Act::Check);
    };
    let run = move || program::run::<&Path>(&health, &[], limit);
    match task::spawn_blocking(run).await.expect("no program panics") {
        Ok(_) => Input::Done(Act::Check),
        Err(error) => {
            warn!(error = &error as &dyn std::error::Error, "not healthy");
            Input::Failed(Act::Check, Mishap::Program)
        }
    }
}
