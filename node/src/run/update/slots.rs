//! The task that owns the host's slots and the service that runs from them: acts come in, ends go out.

use std::path::Path;

use anyhow::Context as _;
use protocol::install::{self, Act, Mishap};
use protocol::node;
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
use crate::install::service::{self, Service};

/// Acts that wait; the machine asks for one after the other.
const ACTS: usize = 8;

pub(super) struct Slots {
    acts: mpsc::Sender<(Act, Load)>,
    worker: JoinHandle<()>,
}

impl Slots {
    /// Finds out what the slots hold, and starts what runs from them.
    pub async fn begin(
        dir: &Path,
        config: &Config,
        news: mpsc::Sender<News>,
    ) -> anyhow::Result<(Self, Standing)> {
        let root = dir.join("slots");
        let folder = Folder::new(&root).with_context(|| root.display().to_string())?;
        let slots: Box<dyn crate::install::Slots> = match config.slots {
            SlotKind::Pair => Box::new(DirectoryPair::new(folder)),
            SlotKind::Rauc => Box::new(Partitions::new(Rauc::default(), folder)),
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
        let (acts, taken) = mpsc::channel(ACTS);
        let worker = tokio::spawn(work(installer, taken, news));
        Ok((Self { acts, worker }, standing))
    }

    pub fn order(&self, act: Act, load: Load) -> Option<node::Input> {
        let busy = self.acts.try_send((act, load)).is_err();
        busy.then(|| {
            let failed = install::Input::Failed(act, Mishap::Slot);
            node::Input::Update(Input::Install(failed))
        })
    }

    /// Waits for the act that is being done, and stops the service.
    pub async fn end(self) {
        drop(self.acts);
        if let Err(error) = self.worker.await {
            error!(%error, "the task of the slots failed");
        }
    }
}

async fn work(
    mut installer: Installer,
    mut acts: mpsc::Receiver<(Act, Load)>,
    news: mpsc::Sender<News>,
) {
    while let Some((act, load)) = acts.recv().await {
        let version = load.image.version.as_str();
        info!(act = act.word(), version, "update");
        let Some(input) = installer.perform(act, &load).await else {
            continue;
        };
        let input = node::Input::Update(Input::Install(input));
        if news.send(News::Input(input)).await.is_err() {
            break;
        }
    }
    installer.end().await;
}
