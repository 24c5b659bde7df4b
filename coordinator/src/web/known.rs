//! What lists show of each device beside its state, read from the store now and then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::contact::Contact;
use protocol::id::DeviceId;
use protocol::limits;
use protocol::signed::Unchecked;
use protocol::time::Timestamp;

use super::error::WebError;
use super::{Web, wall};
use crate::census::Told;
use crate::live::LiveDevice;
use crate::store::Reader;
use crate::store::fault::ReadError;
use crate::store::samples::metric::Metric;

/// How old a device's load may be: it changes all the time.
const LOAD: Duration = Duration::from_secs(20);
/// Strokes of a sparkline, over one hour.
const STROKES: u64 = 40;
const HOUR: Duration = Duration::from_secs(3600);

/// What was read lately.
#[derive(Debug, Default)]
pub struct KnownDevices {
    /// By how often the device had said it anew.
    told: Lately<u64, Told>,
    /// By when it was read.
    load: Lately<Timestamp, Load>,
}

/// A device's busy share in the last hour, in percent, oldest first; nothing is a gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load(pub Vec<Option<f64>>);

impl Web {
    pub fn told(&self, device: &LiveDevice) -> Result<Arc<Told>, WebError> {
        let so_far = self.reader.told_so_far(&device.device);
        let read = || Ok(told(&self.reader, &device.device)?);
        let holds = |then: &u64| *then == so_far;
        self.notes.known.told.renewed(device, so_far, holds, read)
    }

    pub fn load(&self, device: &LiveDevice) -> Result<Arc<Load>, WebError> {
        let now = wall();
        let read = || load(&self.reader, &device.device, now);
        let holds = |then: &Timestamp| now.since(*then) < LOAD && *then <= now;
        self.notes.known.load.renewed(device, now, holds, read)
    }

    /// The newest busy share of every device, of the last hour, in thousandths.
    pub fn busy_shares(&self) -> Result<BTreeMap<DeviceId, i64>, WebError> {
        Ok(self.reader.busy_shares(wall().saturating_sub(HOUR))?)
    }
}

/// Answers by device, with what tells whether they still hold.
#[derive(Debug)]
struct Lately<M, T>(Mutex<BTreeMap<DeviceId, (M, Arc<T>)>>);

impl<M, T> Default for Lately<M, T> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<M, T: Default> Lately<M, T> {
    /// What is known while it holds, and otherwise what is read, with its mark.
    fn renewed(
        &self,
        device: &LiveDevice,
        mark: M,
        holds: impl FnOnce(&M) -> bool,
        read: impl FnOnce() -> Result<T, WebError>,
    ) -> Result<Arc<T>, WebError> {
        if device.heard.is_none() {
            return Ok(Arc::default());
        }
        if let Some(known) = self.fresh(&device.device, holds) {
            return Ok(known);
        }
        let known = Arc::new(read()?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= limits::MEMBERS && !all.contains_key(&device.device) {
            all.clear();
        }
        all.insert(device.device, (mark, Arc::clone(&known)));
        Ok(known)
    }

    fn fresh(&self, device: &DeviceId, holds: impl FnOnce(&M) -> bool) -> Option<Arc<T>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mark, known) = all.get(device)?;
        holds(mark).then(|| Arc::clone(known))
    }
}

/// What a device says of itself, read anew.
pub fn told(reader: &Reader, device: &DeviceId) -> Result<Told, ReadError> {
    let start = reader.newest_start(device)?.map(|start| start.value);
    let model = start.as_ref().and_then(|start| start.model.as_ref());
    Ok(Told {
        model: model.map(ToString::to_string),
        version: start.as_ref().map(|start| start.agent.to_string()),
        address: address(reader, device)?,
    })
}

/// The first of the addresses in a device's own words, as people write them.
pub fn address(reader: &Reader, device: &DeviceId) -> Result<Option<String>, ReadError> {
    let Some(envelope) = reader.contact(device)? else {
        return Ok(None);
    };
    // The core checked the signature before it was stored; here it is only shown.
    let contact = Unchecked::<Contact>::parse(&envelope).ok();
    let first = contact.and_then(|contact| contact.claim().addresses.first().cloned());
    Ok(first.map(|address| plain(address.as_str())))
}

/// `/ip4/10.0.0.7/tcp/7400` as `10.0.0.7:7400`; what is written otherwise stays as it is.
pub fn plain(address: &str) -> String {
    let parts: Vec<&str> = address.split('/').collect();
    match parts[..] {
        ["", "ip4" | "dns" | "dns4", host, "tcp", port, ..] => format!("{host}:{port}"),
        ["", "ip6" | "dns6", host, "tcp", port, ..] => format!("[{host}]:{port}"),
        _ => address.to_owned(),
    }
}

fn load(reader: &Reader, device: &DeviceId, now: Timestamp) -> Result<Load, WebError> {
    let from = now.saturating_sub(HOUR);
    let points = reader.series(device, Metric::CpuPermille, from, now, 360)?;
    let mut sums = vec![(0.0, 0_u32); STROKES as usize];
    for point in points {
        let along = point.time.since(from).as_millis() as u64 * STROKES / HOUR.as_millis() as u64;
        let stroke = &mut sums[along.min(STROKES - 1) as usize];
        *stroke = (stroke.0 + point.mean as f64 / 10.0, stroke.1 + 1);
    }
    let mean = |(sum, count): (f64, u32)| (count > 0).then(|| sum / f64::from(count));
    Ok(Load(sums.into_iter().map(mean).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_as_people_write_them() {
        assert_eq!(plain("/ip4/10.0.0.7/tcp/7400"), "10.0.0.7:7400");
        assert_eq!(plain("/ip6/fe80::1/tcp/7400/p2p/x"), "[fe80::1]:7400");
        assert_eq!(plain("carrier pigeon"), "carrier pigeon");
    }
}
