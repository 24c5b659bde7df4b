//! The host's own logs, where somebody asks for them: lines of journald and of files, batched for the coordinator.
//!
//! Nothing is read that the batch before has no room for: while the coordinator is gone, lines stay where they are. How far
//! a log was brought is kept when the coordinator has stored it, so that neither a restart nor an outage leaves anything out
//! but what the host itself has rotated away. What comes faster than [`pace`] lets through is counted and let go.

mod batch;
mod files;
mod journal;
mod pace;
mod places;
mod split;
mod word;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use protocol::tail::Tailed;
use protocol::text;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{debug, warn};

use batch::Batches;
use places::{Place, Places};

/// Lines that wait to be batched.
const QUEUE: usize = 64;
/// Files that one node follows at most.
pub const FILES: usize = 16;
/// Lines are sent together that come within so long.
const GATHER: Duration = Duration::from_secs(1);
/// A batch that is not acknowledged is sent again after so long.
const AGAIN: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The program that prints the journal; `None` where the journal is not read.
    pub journal: Option<PathBuf>,
    /// Plain files that are followed.
    pub files: Vec<text::Path>,
}

/// A line as it is sent, and where its log goes on behind it.
#[derive(Debug)]
struct Said {
    /// A JSON object, without a line break.
    json: String,
    place: Place,
}

/// Where whoever follows a log puts its lines.
#[derive(Debug, Clone)]
struct Teller {
    lines: mpsc::Sender<Said>,
    /// Lines that were let go.
    dropped: Arc<AtomicU64>,
}

impl Teller {
    fn drop_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// The logs that a node follows.
#[derive(Debug)]
pub struct Tail {
    lines: mpsc::Receiver<Said>,
    dropped: Arc<AtomicU64>,
    batches: Batches,
    places: Places,
    /// When the batch under way is sent again, or the next is closed.
    due: Instant,
    /// A line that the last batch had no room for.
    over: Option<Said>,
}

/// Where a node keeps how far its logs were brought, and the file that takes its place.
pub fn files(dir: &Path) -> [PathBuf; 2] {
    let path = places::path(dir);
    [path.with_extension("new"), path]
}

impl Tail {
    /// Begins to follow; `None` where nothing is named. Needs a tokio runtime.
    pub fn start(dir: &Path, config: &Config) -> Option<Self> {
        if config.journal.is_none() && config.files.is_empty() {
            return None;
        }
        let places = Places::read(dir);
        let (tell, lines) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let teller = Teller {
            lines: tell,
            dropped: Arc::clone(&dropped),
        };
        if let Some(program) = &config.journal {
            let (program, cursor) = (program.clone(), places.cursor());
            tokio::spawn(journal::follow(program, cursor, teller.clone()));
        }
        if !config.files.is_empty() {
            let followed = files::Files::new(&config.files, &places);
            let thread = std::thread::Builder::new().name("tail".to_owned());
            if let Err(error) = thread.spawn(move || followed.run(&teller)) {
                warn!(%error, "no thread to follow files with");
            }
        }
        Some(Self {
            lines,
            dropped,
            batches: Batches::new(mesh::wall().as_millis()),
            places,
            due: Instant::now() + GATHER,
            over: None,
        })
    }

    /// The next batch to send, or the one before once more.
    pub async fn next(&mut self) -> Tailed {
        loop {
            if self.batches.is_under_way() {
                tokio::time::sleep_until(self.due).await;
                self.due = Instant::now() + AGAIN;
            } else {
                self.gather().await;
            }
            if let Some(tailed) = self.batches.under_way() {
                return tailed;
            }
        }
    }

    /// Collects until the time is over or the batch is full. Cut short, it loses nothing: lines are put where they stay.
    async fn gather(&mut self) {
        if let Some(said) = self.over.take() {
            self.over = self.batches.put(said);
        }
        while self.over.is_none() {
            tokio::select! {
                () = tokio::time::sleep_until(self.due) => break,
                said = self.lines.recv() => match said {
                    Some(said) => self.over = self.batches.put(said),
                    None => return std::future::pending().await,
                }
            }
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let wait = match self.batches.close(dropped, mesh::wall().as_millis()) {
            true => AGAIN,
            false => GATHER,
        };
        self.due = Instant::now() + wait;
    }

    /// The coordinator has stored a batch.
    pub fn stored(&mut self, number: u64) {
        let Some(places) = self.batches.stored(number) else {
            return debug!(number, "lines are stored that nobody waits for");
        };
        self.due = Instant::now() + GATHER;
        self.places.take(places);
        if let Err(error) = tokio::task::block_in_place(|| self.places.write()) {
            warn!(%error, "how far the logs were brought is not kept");
        }
    }
}

#[cfg(test)]
mod tests;
