//! Updates at the coordinator: what it gives out, and whom devices name for wrong chunks.

use super::{Coordinator, Output};
use crate::alert::{Alert, Matter};
use crate::depot::{self, Input};
use crate::time::Now;

impl Coordinator {
    pub(super) fn depot(&mut self, input: Input, now: Now, out: &mut Vec<Output>) {
        for output in self.depot.handle(input, now) {
            out.push(match output {
                depot::Output::Send { to, message } => Output::Send { to, message },
                host => Output::Depot(host),
            });
        }
    }

    /// Whoever is named by several is handed nothing more, so that chunks do not end with it.
    pub(super) fn wrong_chunk_said(&mut self, alert: &Alert, now: Now, out: &mut Vec<Output>) {
        let Matter::WrongChunk { image, .. } = alert.alarm.matter else {
            return;
        };
        if let (Some(peer), Some(by)) = (self.peer(&alert.alarm.subject), self.peer(&alert.device))
        {
            self.depot(Input::Named { peer, by, image }, now, out);
        }
    }

    pub(super) fn depot_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let due = self.depot.next_deadline();
        if due.is_some_and(|due| due <= now.monotonic) {
            self.depot(Input::Tick, now, out);
        }
    }
}
