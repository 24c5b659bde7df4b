//! How the coordinator itself is, gathered from whoever knows a part of it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::error::WebError;
use super::{Web, wall};
use crate::live::{Live, trouble};
use crate::offices::Paths;
use crate::releases::status::Custody;
use crate::system::SystemDocument;
use crate::system::figures::{ClockFigures, DeliveryFigures, DocumentEnd, Figures, QueueFigures};
use crate::{backup, integrity, tls};

/// Devices whose clocks are compared with ours.
const CLOCKS: usize = 64;
/// What came in longer ago says nothing of the clocks of today.
const FRESH: Duration = Duration::from_secs(120);
/// Milliseconds of a second.
const MILLI: u64 = 1_000;

pub fn document(web: &Web) -> Result<SystemDocument, WebError> {
    Ok(SystemDocument::of(figures(web)?, wall()))
}

pub fn figures(web: &Web) -> Result<Figures, WebError> {
    let (live, now) = (web.snapshot(), wall());
    let store = web.facts.store.as_deref();
    let disk = store.and_then(Path::parent).and_then(disk);
    let (timestamp_until, signed_until) = ends(web);
    let oldest = web.risk.index();
    let oldest = oldest.feed.sources.values().map(|source| source.as_of.0);
    Ok(Figures {
        version: web.facts.version.to_owned(),
        started: web.facts.started.as_millis() / MILLI,
        uptime_s: now.since(web.facts.started).as_secs(),
        resident_memory_bytes: memory(),
        store_bytes: store
            .and_then(|path| fs::metadata(path).ok())
            .map(|file| file.len()),
        disk_free_bytes: disk.map(|(used, whole)| whole.saturating_sub(used)),
        disk_bytes: disk.map(|(_, whole)| whole),
        records: web.reader.counts()?.records,
        checkup: integrity::last(&web.reader)?,
        backup: backup::newest(&web.reader, backup::Deed::Made)?.map(|note| note.at_ms / MILLI),
        certificate_until: web
            .home
            .as_ref()
            .and_then(|home| tls::expires(&Paths::new(home).tls())),
        timestamp_until,
        signed_until,
        feed: oldest.min(),
        delivery: delivery(web),
        queues: queues(web),
        sightings_missed: web.bulletin.missed(),
        clock: clock(web, &live)?,
        panics: web.metrics.panics(),
        failed_answers: web.metrics.failed_answers(),
        identity_log: trouble(live.log).map(str::to_owned),
    })
}

/// When the timestamp ends, and the first of the documents that people sign.
fn ends(web: &Web) -> (Option<u64>, Option<DocumentEnd>) {
    // Where there is no root nothing was published.
    let Ok(status) = web.releases.status() else {
        return (None, None);
    };
    let published = || {
        let roles = status.roles.iter().filter(|role| role.version > 0);
        roles.filter_map(|role| Some((role, role.expires_unix_s?)))
    };
    let timestamp = published().find(|(role, _)| role.role == "timestamp");
    let signed = published()
        .filter(|(role, _)| role.custody == Custody::People)
        .min_by_key(|(_, until)| *until);
    (
        timestamp.map(|(_, until)| until),
        signed.map(|(role, until)| DocumentEnd {
            role: role.role.clone(),
            until,
        }),
    )
}

fn delivery(web: &Web) -> DeliveryFigures {
    let settings = web.delivery.settings();
    web.bulletin.look(|pages| {
        let mut figures = DeliveryFigures {
            channels: settings.channels.len(),
            error: web.delivery.error(),
            ..DeliveryFigures::default()
        };
        for name in settings.channels.keys() {
            let standing = pages.outbox.standing(name);
            figures.waiting += standing.waiting;
            let failing = standing.error.map(|error| format!("{name}: {error}"));
            figures.failing.extend(failing);
        }
        figures
    })
}

fn queues(web: &Web) -> Vec<QueueFigures> {
    let queue = |name: &str, (waiting, room): (usize, usize)| QueueFigures {
        name: name.to_owned(),
        waiting,
        room,
    };
    vec![
        queue("orders", web.orders.waiting()),
        queue("sightings", web.bulletin.waiting()),
    ]
}

fn clock(web: &Web, live: &Live) -> Result<Option<ClockFigures>, WebError> {
    let now = wall();
    let mut ahead = Vec::new();
    let linked = live.devices.iter().filter(|device| device.linked);
    for device in linked.take(CLOCKS) {
        let reading = web.reader.latest(&device.device)?.reading;
        let fresh = reading.filter(|reading| now.since(reading.received) < FRESH);
        ahead.extend(fresh.map(|reading| {
            let signed = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX);
            signed(reading.time.as_millis()).saturating_sub(signed(reading.received.as_millis()))
        }));
    }
    Ok(ClockFigures::of(ahead))
}

/// Used bytes where the store lies, and those together with what is left for us.
pub fn disk(folder: &Path) -> Option<(u64, u64)> {
    let disk = nix::sys::statvfs::statvfs(folder).ok()?;
    let used = disk.blocks().saturating_sub(disk.blocks_free());
    let total = used + disk.blocks_available();
    Some((used * disk.fragment_size(), total * disk.fragment_size()))
}

/// Resident bytes of this process.
pub fn memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
