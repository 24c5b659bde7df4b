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
use crate::live::{LiveDevice, State};
use crate::store::Reader;
use crate::store::samples::metric::Metric;

/// How old an answer may be.
const FRESH: Duration = Duration::from_secs(20);
/// Strokes of a sparkline, over one hour.
const STROKES: u64 = 40;
const HOUR: Duration = Duration::from_secs(3600);

/// Rows read lately.
#[derive(Debug, Default)]
pub struct KnownDevices(Mutex<BTreeMap<DeviceId, (Timestamp, Arc<Known>)>>);

/// One device's row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    pub version: Option<String>,
    pub address: Option<String>,
    /// The last hour, oldest first; nothing is a gap.
    pub cpu_percent: Vec<Option<f64>>,
}

impl Known {
    /// The newest figure of the last hour.
    pub fn cpu_now(&self) -> Option<f64> {
        self.cpu_percent.iter().rev().find_map(|percent| *percent)
    }
}

impl Web {
    /// A device's row, not older than [`FRESH`].
    pub fn known(&self, device: &LiveDevice) -> Result<Arc<Known>, WebError> {
        let now = wall();
        if let Some(known) = self.notes.known.fresh(&device.device, now) {
            return Ok(known);
        }
        let known = Arc::new(look_up(&self.reader, device, now)?);
        self.notes.known.keep(device.device, now, &known);
        Ok(known)
    }
}

impl KnownDevices {
    fn fresh(&self, device: &DeviceId, now: Timestamp) -> Option<Arc<Known>> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, known) = rows.get(device)?;
        (now.since(*at) < FRESH && *at <= now).then(|| Arc::clone(known))
    }

    fn keep(&self, device: DeviceId, now: Timestamp, known: &Arc<Known>) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= limits::MEMBERS && !rows.contains_key(&device) {
            rows.clear();
        }
        rows.insert(device, (now, Arc::clone(known)));
    }
}

fn look_up(reader: &Reader, device: &LiveDevice, now: Timestamp) -> Result<Known, WebError> {
    if device.heard.is_none() && device.state == State::Enrolled {
        return Ok(Known::default());
    }
    let latest = reader.latest(&device.device)?;
    Ok(Known {
        version: latest.start.map(|start| start.value.agent.to_string()),
        address: address(reader, &device.device)?,
        cpu_percent: cpu(reader, &device.device, now)?,
    })
}

/// The first of the addresses in a device's own words, as people write them.
pub fn address(reader: &Reader, device: &DeviceId) -> Result<Option<String>, WebError> {
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

fn cpu(reader: &Reader, device: &DeviceId, now: Timestamp) -> Result<Vec<Option<f64>>, WebError> {
    let from = now.saturating_sub(HOUR);
    let points = reader.series(device, Metric::CpuPermille, from, now, 360)?;
    let mut sums = vec![(0.0, 0_u32); STROKES as usize];
    for point in points {
        let along = point.time.since(from).as_millis() as u64 * STROKES / HOUR.as_millis() as u64;
        let stroke = &mut sums[along.min(STROKES - 1) as usize];
        *stroke = (stroke.0 + point.mean as f64 / 10.0, stroke.1 + 1);
    }
    let mean = |(sum, count): (f64, u32)| (count > 0).then(|| sum / f64::from(count));
    Ok(sums.into_iter().map(mean).collect())
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
