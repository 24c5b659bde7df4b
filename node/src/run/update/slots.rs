//! The task that owns the host's slots and the service that runs from them: acts come in, ends go out.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use protocol::command::{CommandId, Outcome, Refusal};
use protocol::install::{self, Act, Mishap};
use protocol::node::{self, CommandTold};
use protocol::text::Name;
use protocol::updater::Input;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::{error, info};

use super::News;
use crate::config::{SlotKind, Updates as Config};
use crate::install::Standing;
use crate::install::disk::Folder;
use crate::install::installer::{Installer, Load};
use crate::install::pair::{self, DirectoryPair};
use crate::install::partitions::Partitions;
use crate::install::rauc::Rauc;
use crate::install::service::{self, Service, Started};
use crate::install::swupdate::SwUpdate;

/// Acts and other work that wait; the machine asks for one after the other.
const ACTS: usize = 8;
/// Below the node's directory.
const FOLDER: &str = "slots";

pub(super) struct Slots {
    work: mpsc::Sender<Work>,
    worker: JoinHandle<()>,
}

enum Work {
    Act(Act, Load),
    /// A command wants the service to be started anew.
    Restart(CommandId),
}

/// Where what runs lies in files of its own; behind an updater of the system it cannot be read.
pub(super) fn running(dir: &Path, config: &Config) -> Option<PathBuf> {
    match config.slots {
        SlotKind::Pair => Some(dir.join(FOLDER).join(pair::RUNNING)),
        SlotKind::Rauc | SlotKind::SwUpdate(_) => None,
    }
}

impl Slots {
    /// Finds out what the slots hold, and starts what runs from them.
    pub async fn begin(
        dir: &Path,
        config: &Config,
        news: mpsc::Sender<News>,
    ) -> anyhow::Result<(Self, Standing)> {
        let root = dir.join(FOLDER);
        let folder = Folder::new(&root).with_context(|| root.display().to_string())?;
        let slots: Box<dyn crate::install::Slots> = match &config.slots {
            SlotKind::Pair => Box::new(DirectoryPair::new(folder)),
            SlotKind::Rauc => Box::new(Partitions::new(Rauc::default(), folder)),
            SlotKind::SwUpdate(told) => Box::new(Partitions::new(SwUpdate::clone(told), folder)),
        };
        let service = config.service.as_ref().map(|program| {
            let program = root.join(pair::RUNNING).join(program);
            Service::new(service::Config::new(program))
        });
        let mut installer = Installer::new(slots, service, config.health.clone());
        let standing = installer
            .begin()
            .await
            .context("the slots of this host cannot be read")?;
        let (orders, taken) = mpsc::channel(ACTS);
        let worker = tokio::spawn(work(installer, taken, news));
        let slots = Self {
            work: orders,
            worker,
        };
        Ok((slots, standing))
    }

    pub fn order(&self, act: Act, load: Load) -> Option<node::Input> {
        let busy = self.work.try_send(Work::Act(act, load)).is_err();
        busy.then(|| {
            let failed = install::Input::Failed(act, Mishap::Slot);
            node::Input::Update(Input::Install(failed))
        })
    }

    /// Says so where there is too much to do already.
    pub fn restart(&self, command: CommandId) -> Option<node::Input> {
        let busy = self.work.try_send(Work::Restart(command)).is_err();
        busy.then(|| ended(command, failed("the slots are at work on something else")))
    }

    /// Waits for the act that is being done, and stops the service.
    pub async fn end(self) {
        drop(self.work);
        if let Err(error) = self.worker.await {
            error!(%error, "the task of the slots failed");
        }
    }
}

async fn work(
    mut installer: Installer,
    mut orders: mpsc::Receiver<Work>,
    news: mpsc::Sender<News>,
) {
    while let Some(order) = orders.recv().await {
        let input = match order {
            Work::Act(act, load) => {
                let version = load.image.version.as_str();
                info!(act = act.word(), version, "update");
                let Some(input) = installer.perform(act, &load).await else {
                    continue;
                };
                node::Input::Update(Input::Install(input))
            }
            Work::Restart(command) => {
                info!(%command, "the service is started anew");
                let outcome = match installer.restart().await {
                    Some(Started::Yes) => Outcome::Done { result: None },
                    Some(Started::No) => failed("the service cannot be started"),
                    None => Outcome::Refused {
                        why: Refusal::NoService,
                    },
                };
                ended(command, outcome)
            }
        };
        if news.send(News::Input(input)).await.is_err() {
            break;
        }
    }
    installer.end().await;
}

fn failed(why: &str) -> Outcome {
    let why = Name::new(why).expect("a short line");
    Outcome::Failed { why }
}

fn ended(command: CommandId, outcome: Outcome) -> node::Input {
    node::Input::Command(CommandTold::Ended { command, outcome })
}
