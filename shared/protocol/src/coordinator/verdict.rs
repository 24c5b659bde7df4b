//! Which kind of silence it is, said once for all whom one cause has silenced.
//!
//! The witnesses' certificate tells a device that fell silent from one that only the coordinator does not
//! hear; where devices are attached tells a switch from a device. People get one verdict, not eight.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::presence::{REPORT, Status};
use super::{Coordinator, Event, Output};
use crate::id::DeviceId;
use crate::time::{Instant, Now, Timestamp};

/// Silent devices behind one switch, or of one site, before it is called the cause.
const TOGETHER: usize = 3;
/// And their share of all who are there, in hundredths.
const SHARE: usize = 80;
/// Whoever was not heard for so long may be about to fall silent as well.
const OVERDUE: Duration = Duration::from_millis(5_500);
/// How long a verdict waits for such, the spread of beats and of the coordinator's own patience.
const GATHER: Duration = Duration::from_millis(6_000);
/// How long it waits for a certificate while witnesses are heard: each has reported by then. On a bad link a device and
/// its first reports can be lost together, and who keeps silent about a dead device for longer has no say any more.
const CERTIFICATE: Duration = REPORT;

/// Why devices are silent, as far as that can be known from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The device or its link; its return will tell which.
    Device,
    /// The switch or segment behind which all of them are attached.
    Segment,
    /// The way between a site and the coordinator, or the coordinator's own.
    Uplink,
}

impl Cause {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Segment => "segment",
            Self::Uplink => "uplink",
        }
    }
}

/// What a device's return says about its silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// It began anew: the device had stopped.
    Restarted,
    /// It went on where it was: only its link was broken.
    CutOff,
}

/// A certificate has to stand for so long: votes are counted as they come and go.
const FIRM: Duration = Duration::from_secs(1);
/// A record and something for the way: a silence that ends comes to its end in this time.
const MOMENT: Duration = Duration::from_secs(15);

impl Return {
    /// The stable word used in logs and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restarted => "stopped",
            Self::CutOff => "cut off",
        }
    }
}

/// How the latest silence of a device ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub cause: Cause,
    pub what: Return,
    pub at: Timestamp,
}

/// One cause, and all whom it silenced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub cause: Cause,
    pub devices: Vec<DeviceId>,
    /// When the first of them was last heard.
    pub since: Timestamp,
}

/// Silences that have no verdict yet, those that have, and how each device's last one ended.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pending: BTreeMap<DeviceId, Instant>,
    given: BTreeMap<DeviceId, Arc<Verdict>>,
    /// When a device was heard again whose verdict no record has ended yet.
    heard_again: BTreeMap<DeviceId, Instant>,
    ended: BTreeMap<DeviceId, Ended>,
}

impl Verdicts {
    /// Whoever was heard for a moment only, and has recorded nothing since, is silent for the reason that it was.
    pub(super) fn fell_silent(&mut self, device: DeviceId, now: Instant) {
        let again = self.heard_again.remove(&device);
        if again.is_some_and(|again| now.since(again) < MOMENT) && self.given.contains_key(&device)
        {
            return;
        }
        self.given.remove(&device);
        self.pending.entry(device).or_insert(now);
    }

    pub(super) fn came_back(&mut self, device: &DeviceId, now: Instant) {
        self.pending.remove(device);
        if self.given.contains_key(device) {
            self.heard_again.entry(*device).or_insert(now);
        }
    }

    /// When those were last heard whom the cause of this silence has silenced with the device.
    pub(super) fn since(&self, device: &DeviceId) -> Option<Timestamp> {
        self.given.get(device).map(|verdict| verdict.since)
    }

    /// The first record after a silence ends its verdict; says whether there was one.
    pub(super) fn end(&mut self, device: DeviceId, what: Return, at: Timestamp) -> bool {
        self.heard_again.remove(&device);
        let Some(verdict) = self.given.remove(&device) else {
            return false;
        };
        let cause = verdict.cause;
        self.ended.insert(device, Ended { cause, what, at });
        true
    }
}

/// Devices that share a way, and how many of them are silent.
struct Group {
    there: usize,
    silent: Vec<DeviceId>,
    overdue: usize,
}

impl Group {
    fn fell(&self) -> bool {
        self.silent.len() >= TOGETHER && self.silent.len() * 100 >= self.there * SHARE
    }

    fn may_fall(&self) -> bool {
        let quiet = self.silent.len() + self.overdue;
        quiet >= TOGETHER && quiet * 100 >= self.there * SHARE
    }
}

impl Coordinator {
    /// Why a silent device is held to be silent; `None` while that is open.
    pub fn cause(&self, device: &DeviceId) -> Option<Cause> {
        self.verdict(device).map(|verdict| verdict.cause)
    }

    /// The verdict on a silent device, with all whom the same cause has silenced.
    pub fn verdict(&self, device: &DeviceId) -> Option<&Arc<Verdict>> {
        self.verdicts.given.get(device)
    }

    /// Whether a verdict on a silent device is on its way.
    pub fn is_undecided(&self, device: &DeviceId) -> bool {
        self.verdicts.pending.contains_key(device)
    }

    /// How a device's latest silence ended.
    pub fn last_return(&self, device: &DeviceId) -> Option<&Ended> {
        self.verdicts.ended.get(device)
    }

    /// Gives the verdicts that can be given.
    pub(super) fn give_verdicts(&mut self, now: Now, out: &mut Vec<Output>) {
        let pending: Vec<(DeviceId, Instant)> = self
            .verdicts
            .pending
            .iter()
            .map(|(device, since)| (*device, *since))
            .collect();
        for (device, since) in pending {
            if self.verdicts.pending.contains_key(&device)
                && let Some((cause, devices)) = self.judge(device, since, now)
            {
                self.give(cause, devices, out);
            }
        }
    }

    fn judge(&self, device: DeviceId, since: Instant, now: Now) -> Option<(Cause, Vec<DeviceId>)> {
        let waited = now.monotonic.since(since);
        if waited < FIRM {
            return None;
        }
        let certified = self.silence.down().contains(&device);
        let everybody = self.group(now.wall, |_| true);
        let site = self.site_of(device, now.wall);
        let segment = self.segment_of(device, now.wall);
        let wider = [
            (Cause::Uplink, Some(&everybody)),
            (Cause::Uplink, site.as_ref()),
            (Cause::Segment, segment.as_ref()),
        ];
        for (cause, group) in wider {
            let Some(group) = group else { continue };
            let complete = group.overdue == 0 || waited >= GATHER;
            if group.may_fall() && !complete {
                return None;
            }
            if group.fell() {
                return Some((cause, group.silent.clone()));
            }
        }
        if !certified && self.hears_a_witness_of(&device, now.wall) && waited < CERTIFICATE {
            return None;
        }
        Some((Cause::Device, vec![device]))
    }

    /// Those attached where this device is, unless everybody is.
    fn segment_of(&self, device: DeviceId, now: Timestamp) -> Option<Group> {
        let hint = self.devices.get(&device)?.attachment?;
        self.part(now, |other| self.devices[other].attachment == Some(hint))
    }

    /// Those of the same site, if it has more than one segment.
    fn site_of(&self, device: DeviceId, now: Timestamp) -> Option<Group> {
        let cell = &self.roster.member(&device)?.membership.cell;
        let is_here = |other: &DeviceId| {
            let member = self.roster.member(other);
            member.is_some_and(|member| member.membership.cell == *cell)
        };
        let here = self.devices.iter().filter(|(other, _)| is_here(other));
        let segments: BTreeSet<_> = here.filter_map(|(_, known)| known.attachment).collect();
        (segments.len() > 1).then(|| self.part(now, is_here))?
    }

    fn part(&self, now: Timestamp, is_in: impl Fn(&DeviceId) -> bool) -> Option<Group> {
        let group = self.group(now, is_in);
        (group.there < self.group(now, |_| true).there).then_some(group)
    }

    fn group(&self, now: Timestamp, is_in: impl Fn(&DeviceId) -> bool) -> Group {
        let mut group = Group {
            there: 0,
            silent: Vec::new(),
            overdue: 0,
        };
        for (device, known) in self.devices.iter().filter(|(device, _)| is_in(device)) {
            let heard = known.presence.heard();
            match known.presence.status() {
                Status::Enrolled | Status::Stopped => continue,
                // A silence that has its verdict is another story.
                Status::Silent if !self.verdicts.pending.contains_key(device) => continue,
                Status::Silent => group.silent.push(*device),
                Status::Online if heard.is_none_or(|heard| now.since(heard) >= OVERDUE) => {
                    group.overdue += 1;
                }
                Status::Online => {}
            }
            group.there += 1;
        }
        group
    }

    /// Whether the coordinator itself hears anybody who could tell of this device.
    pub(super) fn hears_a_witness_of(&self, device: &DeviceId, now: Timestamp) -> bool {
        let seats = self.roster.rings().seats(device, self.silence.down());
        seats.iter().any(|seat| {
            let known = self.devices.get(seat);
            let directly = known.and_then(|known| known.presence.directly());
            directly.is_some_and(|directly| now.since(directly) < OVERDUE)
        })
    }

    fn give(&mut self, cause: Cause, devices: Vec<DeviceId>, out: &mut Vec<Output>) {
        let heard = devices
            .iter()
            .filter_map(|device| self.devices.get(device)?.presence.heard());
        let verdict = Arc::new(Verdict {
            cause,
            since: heard.min().unwrap_or_default(),
            devices,
        });
        for device in &verdict.devices {
            self.verdicts.pending.remove(device);
            self.verdicts.given.insert(*device, Arc::clone(&verdict));
        }
        out.push(Output::Event(Event::Verdict(Verdict::clone(&verdict))));
    }
}
