//! Log lines of members: opened, held to a pace, handed to the shell, and acknowledged when they are stored.

use std::time::Duration;

use super::{Coordinator, Event, Output};
use crate::id::DeviceId;
use crate::limits;
use crate::message::Message;
use crate::tail::{Batch, TailWord};
use crate::time::{Instant, Now};

/// The time in which a device may bring [`limits::TAIL_PACE_BYTES`].
const MINUTE: Duration = Duration::from_secs(60);

/// What is known of the lines of one device.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The last batch that was stored in this life.
    stored: Option<u64>,
    /// Since when bytes are counted, and how many came.
    counted: (Instant, usize),
}

impl Tail {
    fn has_room(&mut self, bytes: usize, now: Instant) -> bool {
        if now.since(self.counted.0) >= MINUTE {
            self.counted = (now, 0);
        }
        self.counted.1 = self.counted.1.saturating_add(bytes);
        self.counted.1 <= limits::TAIL_PACE_BYTES
    }
}

impl Coordinator {
    pub(super) fn tail_said(
        &mut self,
        device: DeviceId,
        word: &TailWord,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        match word {
            TailWord::Batch { batch } => self.batch_came(device, batch, now, out),
            TailWord::Taken { .. } => out.push(strange(device, "says that it stores lines")),
        }
    }

    /// A batch that was stored already is acknowledged again: the word that it is was lost. What comes too fast is let
    /// go unanswered, and the device brings it later.
    fn batch_came(&mut self, device: DeviceId, batch: &Batch, now: Now, out: &mut Vec<Output>) {
        let Some(known) = self.devices.get_mut(&device) else {
            return;
        };
        if known.tail.stored == Some(batch.number) {
            return self.tell_taken(device, batch.number, out);
        }
        if !known.tail.has_room(batch.lines.len(), now.monotonic) {
            return;
        }
        out.push(match batch.open(&known.data_key) {
            Ok(tailed) => Output::Tailed { device, tailed },
            Err(_) => strange(device, "brings lines under another key"),
        });
    }

    /// The shell has stored a batch.
    pub(super) fn tail_stored(&mut self, device: DeviceId, number: u64, out: &mut Vec<Output>) {
        if let Some(known) = self.devices.get_mut(&device) {
            known.tail.stored = Some(number);
            self.tell_taken(device, number, out);
        }
    }

    fn tell_taken(&self, device: DeviceId, number: u64, out: &mut Vec<Output>) {
        let to = self.peer(&device).filter(|peer| self.links.contains(peer));
        let word = TailWord::Taken { number };
        out.extend(to.map(|to| Output::Send {
            to,
            message: Message::Tail { word },
        }));
    }
}

fn strange(device: DeviceId, what: &'static str) -> Output {
    Output::Event(Event::Misbehaviour {
        device: Some(device),
        what,
    })
}
