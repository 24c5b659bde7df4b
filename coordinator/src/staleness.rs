//! Which devices hold metadata that has ended, and whether that is theirs alone: whoever keeps newer metadata from devices
//! would have them run what is old (a freeze attack), and cannot keep them from saying so.

use std::collections::BTreeMap;
use std::time::Duration;

use alerts::sighting::Sighting;
use alerts::sources::frozen;
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::bulletin::Bulletin;
use crate::live::{Live, LiveHandle};
use crate::releases::Releases;

/// How often devices are looked at.
const LOOK: Duration = Duration::from_secs(30);
/// A device that comes back has so long to take what is newer.
const GRACE: Duration = Duration::from_secs(300);
/// What lasts is said again after so long.
const AGAIN: Duration = Duration::from_secs(1_800);

/// Since when which devices are held back, and when that was last said.
#[derive(Debug, Default)]
pub struct Watch {
    since: BTreeMap<DeviceId, Timestamp>,
    said: Option<(usize, Timestamp)>,
}

impl Watch {
    /// Looks at those who are linked. Where what is published has ended too, nobody is kept from anything.
    pub fn look(&mut self, live: &Live, published: Published, now: Timestamp) -> Vec<Sighting> {
        let linked = live.devices.iter().filter(|device| device.linked);
        let stale: BTreeMap<DeviceId, Timestamp> = match published {
            Published::Ended => BTreeMap::new(),
            Published::Fresh => linked
                .filter_map(|device| Some((device.device, device.stale?)))
                .collect(),
        };
        self.since.retain(|device, _| stale.contains_key(device));
        for device in stale.keys() {
            self.since.entry(*device).or_insert(now);
        }
        let lasting: Vec<(DeviceId, Timestamp)> = stale
            .into_iter()
            .filter(|(device, _)| now.since(self.since[device]) >= GRACE)
            .collect();
        let news = self
            .said
            .is_none_or(|(count, at)| lasting.len() > count || now.since(at) >= AGAIN);
        if lasting.is_empty() {
            self.said = None;
            return Vec::new();
        }
        if !news {
            return Vec::new();
        }
        self.said = Some((lasting.len(), now));
        frozen::held_back(&lasting, live.devices.len(), now)
    }
}

/// Whether the timestamp that is served has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    Fresh,
    /// It has, or nothing is published.
    Ended,
}

impl Published {
    pub fn of(releases: &Releases, now: Timestamp) -> Self {
        // Where there is no root nothing was published.
        let Ok(status) = releases.status() else {
            return Self::Ended;
        };
        let timestamp = status.roles.iter().find(|role| role.role == "timestamp");
        let until_s = timestamp.and_then(|role| role.expires_unix_s);
        match until_s.is_some_and(|until_s| until_s > now.as_millis() / 1_000) {
            true => Self::Fresh,
            false => Self::Ended,
        }
    }
}

/// Watches until the coordinator stops.
pub async fn watch(
    live: LiveHandle,
    releases: Releases,
    bulletin: Bulletin,
    stopping: CancellationToken,
) {
    let mut watch = Watch::default();
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = look.tick() => {}
        }
        let (live, releases, bulletin) = (
            std::sync::Arc::clone(&live.borrow()),
            releases.clone(),
            bulletin.clone(),
        );
        let looked = tokio::task::spawn_blocking(move || {
            let now = mesh::wall();
            let sightings = watch.look(&live, Published::of(&releases, now), now);
            if !sightings.is_empty()
                && let Err(error) = bulletin.take(&sightings, now)
            {
                warn!(%error, "an alert about metadata is not stored");
            }
            watch
        });
        watch = looked.await.unwrap_or_default();
    }
}
