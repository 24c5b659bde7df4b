//! What the listeners of syslog have in common: a message is read, told whose it is, and stored with others of a moment.

use std::collections::BTreeMap;
use std::time::Duration;

use logs::line::Line;
use logs::{limits, syslog};
use protocol::id::DeviceId;
use tracing::warn;

use super::Logbook;
use crate::live::{Live, LiveDevice};

/// Lines are stored together that come within so long.
pub(super) const GATHER: Duration = Duration::from_millis(250);

/// Lines that wait to be stored.
#[derive(Debug)]
pub(super) struct Arriving {
    lines: BTreeMap<DeviceId, Vec<Line>>,
    /// The way they came, for the program's log.
    over: &'static str,
}

impl Arriving {
    pub fn over(over: &'static str) -> Self {
        let lines = BTreeMap::new();
        Self { lines, over }
    }

    pub fn put(&mut self, device: DeviceId, line: Line) {
        self.lines.entry(device).or_default().push(line);
    }

    pub fn count(&self) -> usize {
        self.lines.values().map(Vec::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub async fn store(&mut self, logbook: &Logbook) {
        for (device, lines) in std::mem::take(&mut self.lines) {
            let logbook = logbook.clone();
            let bounded: Vec<Line> = lines.into_iter().take(limits::LINES).collect();
            let stored =
                tokio::task::spawn_blocking(move || logbook.take(device, &bounded, mesh::wall()));
            if !matches!(stored.await, Ok(Ok(()))) {
                warn!(%device, over = self.over, "lines of syslog are not stored");
            }
        }
    }
}

/// The line of one message as it came.
pub(super) fn message(bytes: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(bytes).ok()?;
    syslog::message(text.trim_end_matches(['\n', '\0'])).ok()
}

/// The one device of this id or name.
pub(super) fn named<'l>(live: &'l Live, word: &str) -> Option<&'l LiveDevice> {
    let mut named = live
        .devices
        .iter()
        .filter(|known| known.name.as_str() == word || known.device.to_string() == word);
    let one = named.next()?;
    named.next().is_none().then_some(one)
}
