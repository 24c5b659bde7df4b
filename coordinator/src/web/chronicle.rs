//! The last things that happened in the mesh, for the overview and for whoever waits for one.

mod words;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use protocol::coordinator::Event;
use protocol::coordinator::presence::Status;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use ui::pages::overview;
use ui::parts::text::DeviceRef;

use super::feed::Told;
use super::{Web, wall};
use crate::live::Live;

use words::returns;
pub use words::words;

/// Happenings that are kept.
const KEPT: usize = 12;
/// Devices that come back within so long are told in one line: those whom one cause had silenced.
const TOGETHER: Duration = Duration::from_secs(60);
/// Where the store keeps that somebody has seen a device fall silent.
const SILENCE: &str = "silence seen";

#[derive(Debug, Default)]
pub struct Chronicle(Mutex<VecDeque<Happening>>);

#[derive(Debug, Clone)]
struct Happening {
    at: Timestamp,
    event: Event,
    /// Everybody to whom the same happened at about the same time.
    devices: BTreeSet<DeviceId>,
}

/// Writes down what happens until the coordinator stops.
pub async fn follow(web: Web, mut events: Receiver<Event>) {
    loop {
        let received = tokio::select! {
            () = web.stopping.cancelled() => return,
            received = events.recv() => received,
        };
        match received {
            Ok(event) => note(&web, event).await,
            Err(RecvError::Lagged(missed)) => web.metrics.missed(missed),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn note(web: &Web, event: Event) {
    match &event {
        Event::Collected { .. } => return web.metrics.collected(),
        Event::Renewed { .. } => return,
        Event::Proven { .. } => {}
        Event::Refused { .. } => web.metrics.enrolment_refused(),
        Event::Misbehaviour { .. } => web.metrics.misbehaved(),
        Event::Status {
            status: Status::Silent,
            ..
        } => remember_silence(web).await,
        Event::Status { .. }
        | Event::Pace { .. }
        | Event::Verdict(_)
        | Event::Returned { .. }
        | Event::Observed(_)
        | Event::Suspected { .. }
        | Event::Ruled { .. }
        | Event::Excused { .. }
        | Event::Halted { .. }
        | Event::Rollout { .. }
        | Event::Sentenced { .. }
        | Event::Braked { .. }
        | Event::Alert(_)
        | Event::Delivered(_)
        | Event::Admitted { .. }
        | Event::Withdrawn { .. }
        | Event::Retired { .. }
        | Event::Log { .. }
        | Event::LogRegained { .. }
        | Event::Rotation(_)
        | Event::Stepped { .. }
        | Event::NotSuspended { .. }
        | Event::Obeys { .. }
        | Event::Scanned { .. }
        | Event::Answered { .. }
        | Event::Countersigned { .. }
        | Event::HoldsAudit { .. }
        | Event::KeyLost { .. } => {}
    }
    let at = wall();
    if is_told(&event)
        && let Some(told) = Told::of(&event, &web.snapshot())
    {
        web.feed.write_down(told, at);
    }
    web.notes.chronicle.write_down(event, at);
}

async fn remember_silence(web: &Web) {
    let seen = web.reader.meta(SILENCE);
    if matches!(seen, Ok(None))
        && let Err(error) = web.change(|changes| changes.set_meta(SILENCE, &[1])).await
    {
        tracing::warn!(%error, "the first silence is not remembered");
    }
}

impl Web {
    /// Whether a device was ever seen to fall silent.
    pub fn silence_seen(&self) -> bool {
        matches!(self.reader.meta(SILENCE), Ok(Some(_)))
    }
}

impl Chronicle {
    fn write_down(&self, event: Event, at: Timestamp) {
        if !is_told(&event) {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept
            .iter()
            .position(|before| at.since(before.at) <= TOGETHER && is_same(&before.event, &event));
        let before = same.and_then(|place| kept.remove(place));
        let mut devices = before.map(|before| before.devices).unwrap_or_default();
        devices.extend(came_back(&event));
        kept.truncate(KEPT - 1);
        kept.push_front(Happening { at, event, devices });
    }

    /// The newest first, in words.
    pub fn tell(&self, live: &Live) -> Vec<overview::Event> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .filter_map(|happening| happening.tell(live))
            .collect()
    }
}

impl Happening {
    fn tell(&self, live: &Live) -> Option<overview::Event> {
        let (tone, device, text) = match self.devices.len() {
            0 | 1 => words(&self.event, live)?,
            count => returns(count, &self.event)?,
        };
        let named = device.and_then(|device| live.device(&device));
        let device = named.map(|device| DeviceRef {
            id: device.device.to_string(),
            name: device.name.to_string(),
        });
        Some(overview::Event {
            at_ms: self.at.as_millis(),
            tone,
            device,
            text,
        })
    }
}

/// What has no words takes no place.
fn is_told(event: &Event) -> bool {
    match event {
        // Said by the verdict, once for all whom one cause has silenced.
        Event::Status { status, .. } => !matches!(status, Status::Enrolled | Status::Silent),
        Event::Renewed { .. } | Event::Collected { .. } => false,
        _ => true,
    }
}

/// Whether two happenings differ in the device only, and are told together.
fn is_same(before: &Event, event: &Event) -> bool {
    match (before, event) {
        (Event::Returned { what: before, .. }, Event::Returned { what, .. }) => before == what,
        (Event::Status { .. }, Event::Status { .. }) => {
            came_back(before).is_some() && came_back(event).is_some()
        }
        _ => false,
    }
}

/// Of whom this is a sign of life after a silence.
fn came_back(event: &Event) -> Option<DeviceId> {
    match event {
        Event::Returned { device, .. }
        | Event::Status {
            device,
            status: Status::Online,
            ..
        } => Some(*device),
        _ => None,
    }
}
