//! The bulletin: every alert as the coordinator keeps it, judged in memory and stored before anybody is told.

pub mod document;
mod seen;
pub mod sight;
pub mod there;
pub mod wish;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use alerts::act::{Act, ActError};
use alerts::alert::Alert;
use alerts::book::{Book, Outcome, TuneError};
use alerts::outbox::Outbox;
use alerts::sighting::Sighting;
use alerts::sources;
use alerts::text::{Name, Says};
use alerts::tuning::Tuning;
use protocol::alert::Alarm;
use protocol::coordinator::{Coordinator, Event};
use protocol::time::Timestamp;
use thiserror::Error;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::live::LiveHandle;
use crate::profiles::owner_of;
use crate::store::audit;
use crate::store::fault::{ChangeError, ReadError};
use crate::store::latest::Dated;
use crate::store::{Reader, Writer};

/// Sightings that wait to be judged; beyond that the mesh is louder than people can read.
const WAITING: usize = 4_096;
/// Sightings that are stored together.
const BATCH: usize = 512;
/// Old alerts are looked for this often.
const PRUNE: Duration = Duration::from_secs(600);

/// What is older was judged by an earlier run.
const CAUGHT_UP: Duration = Duration::from_secs(86_400);

/// A handle to the bulletin.
#[derive(Debug, Clone)]
pub struct Bulletin(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pages: Mutex<Pages>,
    reader: Reader,
    writer: Writer,
    live: LiveHandle,
    heard: mpsc::Sender<Sighting>,
    /// Sightings that found no room.
    missed: AtomicU64,
    changed: Notify,
}

/// What is known of alerts, and the letters about them: stored together, so that nothing is told twice.
#[derive(Debug)]
pub struct Pages {
    pub book: Book,
    pub outbox: Outbox,
}

/// What [`Bulletin::keep`] takes in.
#[derive(Debug)]
pub struct Heard(mpsc::Receiver<Sighting>);

/// Why what somebody ordered was not done.
#[derive(Debug, Error)]
pub enum BulletinError {
    #[error(transparent)]
    Act(#[from] ActError),
    #[error(transparent)]
    Tune(#[from] TuneError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Bulletin {
    pub fn open(
        reader: Reader,
        writer: Writer,
        live: LiveHandle,
    ) -> Result<(Self, Heard), ReadError> {
        let (heard, hearing) = mpsc::channel(WAITING);
        let inner = Inner {
            pages: Mutex::new(restored(&reader)?),
            reader,
            writer,
            live,
            heard,
            missed: AtomicU64::new(0),
            changed: Notify::new(),
        };
        Ok((Self(Arc::new(inner)), Heard(hearing)))
    }

    /// Takes what an event of the mesh says that people should be told; never waits.
    pub fn hear(&self, event: &Event, core: &Coordinator, now: Timestamp) {
        for sighting in sources::of(event, &seen::By(core), now) {
            if self.0.heard.try_send(sighting).is_err() {
                let missed = self.0.missed.fetch_add(1, Ordering::Relaxed) + 1;
                if missed.is_power_of_two() {
                    warn!(
                        missed,
                        "more happens than can be judged: some alerts lack a count"
                    );
                }
            }
        }
    }

    /// Judges what is heard until the coordinator stops.
    pub async fn keep(self, mut heard: Heard, stopping: CancellationToken) {
        let caught_up = self.clone();
        if let Err(error) = blocking(move || caught_up.catch_up()).await {
            warn!(%error, "alerts of the time before the start were not read");
        }
        let mut prune = tokio::time::interval(PRUNE);
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                () = stopping.cancelled() => return,
                count = heard.0.recv_many(&mut batch, BATCH) => if count == 0 { return },
                _ = prune.tick() => self.pages().prune(mesh::wall()),
            }
            let bulletin = self.clone();
            let taken = blocking(move || bulletin.take(&batch, mesh::wall()).map(|_| ()));
            if let Err(error) = taken.await {
                error!(%error, "alerts are not stored: they are kept in memory until they can be");
            }
        }
    }

    /// What devices raised while the coordinator ended, or that ended with it, out of their records.
    fn catch_up(&self) -> Result<(), ChangeError> {
        let mut raised = Vec::new();
        let devices = self.0.live.borrow().devices.clone();
        for device in devices {
            let Ok(alerts) = self.0.reader.alerts(&device.device) else {
                continue;
            };
            let fresh = |dated: &Dated<Alarm>| mesh::wall().since(dated.received) <= CAUGHT_UP;
            raised.extend(alerts.into_iter().rev().filter(fresh).map(|dated| {
                sources::raised(&protocol::alert::Alert {
                    device: device.device,
                    position: dated.position,
                    time: dated.time,
                    alarm: dated.value,
                })
            }));
        }
        self.take(&raised, mesh::wall()).map(|_| ())
    }

    /// Judges sightings and stores what they change. Where that fails they are kept in memory, and stored with the next.
    pub fn take(
        &self,
        sightings: &[Sighting],
        now: Timestamp,
    ) -> Result<Vec<Outcome>, ChangeError> {
        let live = Arc::clone(&self.0.live.borrow());
        let owned: Vec<Sighting> = sightings.iter().map(|one| self.owned(one)).collect();
        let mut pages = self.pages();
        let outcomes = owned
            .iter()
            .map(|sighting| {
                let known = sighting.device.and_then(|device| live.device(&device));
                let class = known.map(|known| known.class);
                pages.book.sight(sighting, class, now)
            })
            .collect();
        self.store(&mut pages, None)?;
        drop(pages);
        self.0.changed.notify_one();
        Ok(outcomes)
    }

    /// What neighbours say of hardware that a member calls its own is about that member.
    fn owned(&self, sighting: &Sighting) -> Sighting {
        let about = sighting.about.as_ref();
        let mac = about.and_then(|about| about.as_str().strip_prefix("mac:")?.parse().ok());
        let owner = mac.and_then(|mac| owner_of(&self.0.reader, mac).ok().flatten());
        match owner {
            None => sighting.clone(),
            owner => Sighting {
                device: owner,
                about: None,
                ..sighting.clone()
            },
        }
    }

    /// Does what somebody asks about an alert, and audits it in the same transaction.
    pub fn act(
        &self,
        number: u64,
        act: &Act,
        (by, why): (&Name, Option<Says>),
        noted: impl FnOnce(&Alert, &Alert) -> audit::Act,
    ) -> Result<Alert, BulletinError> {
        let mut pages = self.pages();
        let (before, after) = pages.book.act(number, act, by, why, mesh::wall())?;
        self.ordered(&mut pages, noted(&before, &after))?;
        Ok(after)
    }

    pub fn tune(
        &self,
        tuning: Tuning,
        noted: impl FnOnce(&Tuning) -> audit::Act,
    ) -> Result<Tuning, BulletinError> {
        let mut pages = self.pages();
        let tuning = pages.book.tune(tuning, mesh::wall())?;
        self.ordered(&mut pages, noted(&tuning))?;
        Ok(tuning)
    }

    pub fn untune(
        &self,
        number: u64,
        noted: impl FnOnce(&Tuning) -> audit::Act,
    ) -> Result<Tuning, BulletinError> {
        let mut pages = self.pages();
        let tuning = pages.book.untune(number, mesh::wall())?;
        self.ordered(&mut pages, noted(&tuning))?;
        Ok(tuning)
    }

    /// Stores what was ordered together with its entry in the audit log, or takes it back.
    fn ordered(&self, pages: &mut Pages, act: audit::Act) -> Result<(), ChangeError> {
        let stored = self.store(pages, Some(act));
        if stored.is_err()
            && let Ok(before) = restored(&self.0.reader)
        {
            *pages = before;
        }
        self.0.changed.notify_one();
        stored
    }

    /// Changes pages and stores the change.
    pub fn change<T>(&self, change: impl FnOnce(&mut Pages) -> T) -> Result<T, ChangeError> {
        let mut pages = self.pages();
        let changed = change(&mut pages);
        self.store(&mut pages, None)?;
        Ok(changed)
    }

    /// Looks at the pages.
    pub fn look<T>(&self, look: impl FnOnce(&Pages) -> T) -> T {
        look(&self.pages())
    }

    /// Until something may have changed since the last time.
    pub async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// Sightings that found no room since the start.
    pub fn missed(&self) -> u64 {
        self.0.missed.load(Ordering::Relaxed)
    }

    /// Sightings that wait to be judged, and how many may.
    pub fn waiting(&self) -> (usize, usize) {
        let room = self.0.heard.max_capacity();
        (room - self.0.heard.capacity(), room)
    }

    fn store(&self, pages: &mut Pages, act: Option<audit::Act>) -> Result<(), ChangeError> {
        let (rows, letters) = (pages.book.unstored(), pages.outbox.unstored());
        if rows.is_empty() && letters.is_empty() && act.is_none() {
            return Ok(());
        }
        self.0.writer.write(|changes| {
            changes.put_alerts(&rows)?;
            changes.put_letters(&letters)?;
            if let Some(act) = act {
                changes.audit(act)?;
            }
            Ok::<_, ChangeError>(())
        })?;
        pages.book.stored();
        pages.outbox.stored();
        Ok(())
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn prune(&mut self, now: Timestamp) {
        self.book.prune(now);
        self.outbox.prune(now);
    }
}

fn restored(reader: &Reader) -> Result<Pages, ReadError> {
    let kept = reader.bulletin()?;
    Ok(Pages {
        book: Book::restore(kept.alerts, kept.incidents, kept.tunings),
        outbox: Outbox::restore(kept.letters),
    })
}

/// Work that may wait for the disk, beside the threads that answer.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ChangeError> + Send + 'static,
) -> Result<T, ChangeError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ChangeError::Closed(error.to_string()))?
}
