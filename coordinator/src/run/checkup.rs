//! The check of everything that is kept, begun by the run loop: it alone may have the store to itself.

use std::sync::Arc;

use alerts::sources::store::damaged;
use protocol::time::Timestamp;
use tracing::{error, info, warn};

use super::Shell;
use crate::bulletin::Bulletin;
use crate::integrity::{self, Cause, Checkup};
use crate::store::Writer;

impl Shell {
    /// Begins a check after an unclean stop, and once a night; one at a time.
    pub(super) fn check_if_due(&mut self) {
        let busy = self
            .checkup
            .as_ref()
            .is_some_and(|task| !task.is_finished());
        let now = mesh::wall();
        let Some(cause) = self.cause(now).filter(|_| !busy) else {
            return;
        };
        let pages = match cause {
            // The opening has looked at the pages already.
            Cause::UncleanStop => Ok(self.store.integrity()),
            Cause::Night => tokio::task::block_in_place(|| self.store.check()),
        };
        self.store.forget_cut();
        let (reader, writer) = (self.store.reader(), self.store.writer());
        let charter = Arc::clone(self.core.roster().charter());
        let bulletin = self.bulletin.clone();
        self.checkup = Some(tokio::task::spawn_blocking(move || {
            let found = integrity::examine(&reader, &charter, &pages, (cause, now));
            tell(&writer, &bulletin, &found);
        }));
    }

    fn cause(&self, now: Timestamp) -> Option<Cause> {
        if self.store.was_cut_off() {
            return Some(Cause::UncleanStop);
        }
        // What cannot be read is looked at, too.
        let last = integrity::last(&self.store.reader()).ok().flatten();
        let last = last.map(|checkup| checkup.at());
        integrity::is_due(last, now).then_some(Cause::Night)
    }
}

/// Keeps what was found, and raises the alert where anything was.
pub(super) fn tell(writer: &Writer, bulletin: &Bulletin, found: &Checkup) {
    if found.is_sound() {
        let (rows, took_ms) = (found.rows, found.took_ms);
        info!(rows, took_ms, "everything is as it was written");
    } else {
        let troubles = &found.troubles;
        error!(?troubles, "what is kept is not as it was written");
    }
    if let Err(error) = integrity::keep(writer, found) {
        warn!(%error, "what the check of everything found is not kept");
    }
    if let Some(sighting) = damaged(&found.troubles, found.at())
        && let Err(error) = bulletin.take(&[sighting], found.at())
    {
        error!(%error, "the alert about the store is not stored: it is kept in memory");
    }
}
