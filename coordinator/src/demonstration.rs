//! A coordinator whose devices were invented: its store says so, and every page does.
//!
//! Nothing but `palisade-sim demo` writes the mark, into a folder of its own. No device of it runs, so the pages show
//! each as it was at the end of the invented time.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::live::silence::Judgement;
use crate::live::{Live, LiveDevice, State};
use crate::store::fault::{ChangeError, ReadError};
use crate::store::{Reader, Writer};

/// Under this name the store keeps the mark.
const KEPT: &str = "demonstration";
/// How long ago devices that are there seem to have been heard, at most.
const LATELY_MS: u64 = 10_000;

/// What was invented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub seed: u64,
    pub days: u64,
    /// When the invented time ended, in milliseconds of Unix time.
    pub until_ms: u64,
    /// Names of devices that were silent then.
    pub silent: BTreeSet<String>,
}

/// Marks a store for good.
pub fn mark(writer: &Writer, mark: &Mark) -> Result<(), ChangeError> {
    let row = serde_json::to_vec(mark).expect("plain values always have a JSON form");
    writer.write(|changes| changes.set_meta(KEPT, &row))
}

pub fn read(reader: &Reader) -> Result<Option<Mark>, ReadError> {
    let row = reader.meta(KEPT)?;
    Ok(row.and_then(|row| serde_json::from_slice(&row).ok()))
}

impl Mark {
    /// Shows devices as they were when the invented time ended.
    pub fn dress(&self, live: &mut Live) {
        let at = live.at;
        for (place, device) in live.devices.iter_mut().enumerate() {
            if device.state == State::Silent && !self.silent.contains(device.name.as_str()) {
                put_there(device, at, place as u64);
            }
        }
    }
}

fn put_there(device: &mut LiveDevice, at: Timestamp, place: u64) {
    let ago = Duration::from_millis(place * 997 % LATELY_MS);
    let heard = Some(at.saturating_sub(ago));
    device.state = State::Online;
    device.since = device.admitted;
    (device.heard, device.directly) = (heard, heard);
    device.linked = true;
    device.judgement = Judgement::Nothing;
}
