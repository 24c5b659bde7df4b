//! Which devices with a key have stopped speaking, by what is usual for each: a meter that speaks once an hour is not silent
//! in between.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use alerts::sighting::Sighting;
use alerts::sources::keyed::{Quiet, silent};
use protocol::id::DeviceId;
use protocol::time::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::SILENT_AFTER;
use crate::bulletin::Bulletin;
use crate::store::Reader;
use crate::store::fault::ReadError;
use crate::store::keyed::Keyed;

/// How often devices are looked at.
const LOOK: Duration = Duration::from_secs(30);
/// Pauses of a device that are remembered.
const PAUSES: usize = 8;
/// How long a device may pause whose pauses nobody knows yet.
const UNKNOWN: Duration = Duration::from_secs(3_600);
/// However seldom a device speaks, nobody waits longer.
const LONGEST: Duration = Duration::from_secs(2 * 86_400);

/// When each device spoke last, and how it usually pauses.
#[derive(Debug)]
pub struct Watch {
    begun: Timestamp,
    rhythms: BTreeMap<DeviceId, Rhythm>,
}

#[derive(Debug)]
struct Rhythm {
    heard: Timestamp,
    pauses: VecDeque<Duration>,
    told: Told,
}

/// Whether somebody was told of a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    No,
    Yes,
}

impl Watch {
    /// From now on: before, nobody could be heard.
    pub fn begun(at: Timestamp) -> Self {
        Self {
            begun: at,
            rhythms: BTreeMap::new(),
        }
    }

    /// Tells of each silence once. The pauses of a device that was not looked at before are asked for.
    pub fn look(
        &mut self,
        devices: &[(DeviceId, Keyed)],
        pauses: impl Fn(&DeviceId) -> Vec<Duration>,
        now: Timestamp,
    ) -> Vec<Sighting> {
        self.rhythms
            .retain(|device, _| devices.iter().any(|(known, _)| known == device));
        let mut quiet = Vec::new();
        for (device, keyed) in devices {
            let Some(heard) = keyed.heard else { continue };
            let rhythm = self.rhythms.entry(*device).or_insert_with(|| Rhythm {
                heard,
                pauses: pauses(device).into(),
                told: Told::No,
            });
            rhythm.hear(heard);
            let since = heard.max(self.begun);
            let patience = rhythm.patience();
            if rhythm.told == Told::No && now.since(since) >= patience {
                rhythm.told = Told::Yes;
                quiet.push(Quiet {
                    name: keyed.name.as_str(),
                    since: heard,
                    patience,
                });
            }
        }
        silent(&quiet, now)
    }
}

impl Rhythm {
    /// A silence that somebody was told of is no pause that is usual.
    fn hear(&mut self, heard: Timestamp) {
        if heard == self.heard {
            return;
        }
        if self.told == Told::No {
            self.pauses.push_back(heard.since(self.heard));
        }
        while self.pauses.len() > PAUSES {
            self.pauses.pop_front();
        }
        (self.heard, self.told) = (heard, Told::No);
    }

    /// Twice its longest pause, and three minutes at least.
    fn patience(&self) -> Duration {
        let longest = self.pauses.iter().max();
        longest.map_or(UNKNOWN, |longest| {
            longest.saturating_mul(2).clamp(SILENT_AFTER, LONGEST)
        })
    }
}

/// How a device paused between its newest readings.
pub fn pauses(reader: &Reader, device: &DeviceId) -> Result<Vec<Duration>, ReadError> {
    let readings = reader.keyed_readings(device, PAUSES + 1)?;
    let pairs = readings.windows(2);
    Ok(pairs
        .map(|pair| pair[0].received.since(pair[1].received))
        .collect())
}

/// Watches until the coordinator stops.
pub async fn watch(reader: Reader, bulletin: Bulletin, stopping: CancellationToken) {
    let mut watch = Watch::begun(mesh::wall());
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = look.tick() => {}
        }
        let (reader, bulletin) = (reader.clone(), bulletin.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let now = mesh::wall();
            match reader.keyed_devices() {
                Ok(devices) => {
                    let pauses = |device: &DeviceId| pauses(&reader, device).unwrap_or_default();
                    let sightings = watch.look(&devices, pauses, now);
                    if !sightings.is_empty()
                        && let Err(error) = bulletin.take(&sightings, now)
                    {
                        warn!(%error, "an alert about a device with a key is not stored");
                    }
                }
                Err(error) => warn!(%error, "devices with a key cannot be read"),
            }
            watch
        });
        watch = looked.await.unwrap_or_else(|_| Watch::begun(mesh::wall()));
    }
}

#[cfg(test)]
mod tests {
    use protocol::text::Name;

    use super::*;
    use crate::keyed::register;

    fn at(second: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + second * 1_000)
    }

    fn device(name: &str) -> (DeviceId, Keyed) {
        let by = Name::new("amina").expect("a name");
        let made = register(name, "sensor", &by, at(0)).expect("there are dice");
        (made.device, made.keyed)
    }

    fn heard(device: &(DeviceId, Keyed), second: u64) -> (DeviceId, Keyed) {
        let heard = Some(at(second));
        (
            device.0,
            Keyed {
                heard,
                ..device.1.clone()
            },
        )
    }

    fn minutely(_: &DeviceId) -> Vec<Duration> {
        vec![Duration::from_secs(60)]
    }

    fn unknown(_: &DeviceId) -> Vec<Duration> {
        Vec::new()
    }

    #[test]
    fn a_device_that_stops_is_told_once_and_again_when_it_stops_again() {
        let (pump, mut watch) = (device("pump"), Watch::begun(at(0)));
        let mut told = |second, spoke| {
            watch
                .look(&[heard(&pump, spoke)], minutely, at(second))
                .len()
        };
        assert_eq!(told(60, 60), 0);
        assert_eq!(told(239, 60), 0);
        assert_eq!(told(240, 60), 1);
        assert_eq!(told(9_000, 60), 0, "once");
        assert_eq!(told(9_060, 9_050), 0);
        // The silence has not become what is usual.
        assert_eq!(told(9_230, 9_050), 1);
    }

    #[test]
    fn a_device_that_speaks_once_an_hour_is_not_silent_in_between() {
        let (meter, mut watch) = (device("meter"), Watch::begun(at(0)));
        let hour = 3_600;
        for number in 1..6 {
            let spoke = heard(&meter, number * hour - 10);
            for minute in 0..60 {
                let now = at(number * hour + minute * 60);
                // Of the first pause nobody knows how long it is.
                let told = watch.look(std::slice::from_ref(&spoke), unknown, now).len();
                assert_eq!(told, 0, "hour {number}, minute {minute}");
            }
        }
        let last = heard(&meter, 5 * hour - 10);
        assert_eq!(watch.look(&[last], unknown, at(7 * hour)).len(), 1);
    }

    #[test]
    fn nobody_is_silent_before_they_could_be_heard_or_without_having_spoken() {
        let (pump, fresh) = (heard(&device("pump"), 0), device("fresh"));
        let mut watch = Watch::begun(at(80_000));
        assert!(
            watch
                .look(&[pump.clone(), fresh.clone()], minutely, at(80_100))
                .is_empty()
        );
        let told = watch.look(&[pump, fresh], minutely, at(80_180));
        assert_eq!(told.len(), 1);
        assert!(
            told[0]
                .says
                .as_str()
                .starts_with("pump has said nothing for 80180 s")
        );
    }

    #[test]
    fn those_that_fall_silent_together_share_a_cause() {
        let all = [heard(&device("one"), 0), heard(&device("two"), 1)];
        let told = Watch::begun(at(0)).look(&all, minutely, at(500));
        assert_eq!(told.len(), 2);
        assert!(told[0].cause.is_some() && told[0].cause == told[1].cause);
    }
}
