//! Who is there: by what the coordinator heard itself, and by what witnesses say they heard.

use std::collections::BTreeMap;
use std::time::Duration;

use super::pace::{Degraded, Pace};
use super::verdict::Return;
use super::{Coordinator, Deadline, Event, Output};
use crate::evidence::Evidence;
use crate::gossip;
use crate::heads::Shown;
use crate::id::DeviceId;
use crate::limits;
use crate::record::{Head, Incarnation};
use crate::statement::host::{EvidenceKind, Sighting};
use crate::time::{Now, Timestamp};

/// How often silence is looked for.
const LOOK: Duration = Duration::from_millis(500);
/// A witness that looks this long after the last sign of life and knows of no other heard nothing:
/// a beat, and something for the way.
const MISSED: Duration = Duration::from_millis(6_500);
/// What a device may need before its first record: the log, word of where its own log ends, and its witnesses' reports.
const BEGINNING: Duration = Duration::from_secs(25);
/// Between two readings of a witness.
pub(super) const REPORT: Duration = Duration::from_secs(10);

/// What is known about a device being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Admitted, and never heard.
    Enrolled,
    Online,
    /// It said that it stops.
    Stopped,
    /// Nobody heard it for too long.
    Silent,
}

/// One device's signs of life.
#[derive(Debug, Clone)]
pub struct Presence {
    status: Status,
    since: Timestamp,
    /// The newest sign of life, from whomever.
    heard: Option<Timestamp>,
    /// When the coordinator itself heard it.
    directly: Option<Timestamp>,
    /// When a witness last said what it knows.
    looked: Option<Timestamp>,
    witnesses: BTreeMap<DeviceId, Heard>,
    pace: Pace,
}

/// What one witness says of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    pub at: Timestamp,
    pub evidence: EvidenceKind,
    /// The newest head that it was shown.
    pub shown: Option<Shown>,
}

impl Presence {
    pub(super) fn new(enrolled: Timestamp) -> Self {
        Self {
            status: Status::Enrolled,
            since: enrolled,
            heard: None,
            directly: None,
            looked: None,
            witnesses: BTreeMap::new(),
            pace: Pace::default(),
        }
    }

    pub(super) fn remembered(enrolled: Timestamp, received: Option<Timestamp>) -> Self {
        let mut presence = Self::new(enrolled);
        if let Some(at) = received {
            (presence.status, presence.since) = (Status::Silent, at);
            (presence.heard, presence.directly) = (Some(at), Some(at));
        }
        presence
    }

    pub fn status(&self) -> Status {
        self.status
    }

    /// Since when the status holds.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    pub fn heard(&self) -> Option<Timestamp> {
        self.heard
    }

    pub fn directly(&self) -> Option<Timestamp> {
        self.directly
    }

    pub fn witnesses(&self) -> &BTreeMap<DeviceId, Heard> {
        &self.witnesses
    }

    /// How it comes late, if it is there and does so again and again.
    pub fn degraded(&self) -> Option<Degraded> {
        self.pace
            .degraded()
            .filter(|_| self.status == Status::Online)
    }

    fn hear(&mut self, at: Timestamp) {
        self.pace.hear(at);
        self.heard = Some(self.heard.map_or(at, |before| before.max(at)));
    }

    /// Whether nobody heard the device for so long that it is silent. Unless nobody but the coordinator
    /// can tell, the witnesses have to have had their say, or longer time for it than they need.
    fn is_quiet(
        &self,
        heard: Timestamp,
        limit: Duration,
        now: Timestamp,
        alone: impl Fn() -> bool,
    ) -> bool {
        let age = now.since(heard);
        let missed = self
            .looked
            .is_some_and(|looked| looked.since(heard) >= MISSED);
        age >= limit && (missed || age >= limit + REPORT || alone())
    }

    /// The witnesses' certificate stands against everything but the coordinator's own ear.
    fn is_certified_quiet(&self, now: Timestamp) -> bool {
        self.directly
            .is_none_or(|directly| now.since(directly) >= MISSED)
    }

    fn become_(&mut self, status: Status, since: Timestamp) -> Option<(Status, Timestamp)> {
        if self.status == status {
            return None;
        }
        (self.status, self.since) = (status, since);
        Some((status, since))
    }
}

impl Coordinator {
    pub(super) fn heard_directly(&mut self, device: DeviceId, now: Now, out: &mut Vec<Output>) {
        let Some(known) = self.devices.get_mut(&device) else {
            return;
        };
        known.presence.hear(now.wall);
        known.presence.directly = Some(now.wall);
        let is_back = known.presence.status == Status::Silent;
        if known.presence.status != Status::Stopped {
            self.verdicts.came_back(&device, now.monotonic);
            report(
                device,
                known.presence.become_(Status::Online, now.wall),
                out,
            );
        }
        if is_back {
            self.show_certificate(device, out);
        }
    }

    /// What a device says of its own deadlines, in a record of this time.
    pub(super) fn own_up_to_lateness(&mut self, device: &DeviceId, late: Duration, at: Timestamp) {
        if let Some(known) = self.devices.get_mut(device) {
            known.presence.pace.own_up(at, late);
        }
    }

    /// Whoever was held down and is there again learns of it at once: its answer clears it everywhere.
    fn show_certificate(&self, device: DeviceId, out: &mut Vec<Output>) {
        let Some(peer) = self.peer(&device).filter(|_| self.is_linked(&device)) else {
            return;
        };
        let certificate = self.silence.certificate(&device, self.roster.rings());
        let pieces = certificate.into_iter().map(Evidence::from);
        let posts = gossip::frames(peer, pieces).into_iter();
        out.extend(posts.map(|gossip::Post { to, message }| Output::Send { to, message }));
    }

    /// A device that records again after its goodbye is back.
    pub(super) fn resumed(&mut self, device: DeviceId, now: Now, out: &mut Vec<Output>) {
        if let Some(known) = self.devices.get_mut(&device) {
            report(
                device,
                known.presence.become_(Status::Online, now.wall),
                out,
            );
        }
    }

    pub(super) fn said_goodbye(&mut self, device: DeviceId, now: Now, out: &mut Vec<Output>) {
        if let Some(known) = self.devices.get_mut(&device) {
            report(
                device,
                known.presence.become_(Status::Stopped, now.wall),
                out,
            );
        }
    }

    /// Takes what a witness says it heard by itself; only assigned witnesses are listened to.
    pub(super) fn take_sightings(
        &mut self,
        witness: DeviceId,
        sightings: &[Sighting],
        signed: Timestamp,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let subjects = self.roster.rings().subjects(&witness);
        for sighting in sightings.iter().take(limits::SIGHTINGS) {
            let seated = subjects.contains(&sighting.subject);
            let Some(known) = self.devices.get_mut(&sighting.subject).filter(|_| seated) else {
                continue;
            };
            let at = signed.saturating_sub(Duration::from_millis(u64::from(sighting.age_ms)));
            known.presence.hear(at);
            known.presence.looked = known.presence.looked.max(Some(signed));
            let witnesses = &mut known.presence.witnesses;
            let before = witnesses.get(&witness).and_then(|heard| heard.shown);
            let heard = Heard {
                at,
                evidence: sighting.evidence,
                shown: sighting.shown.or(before),
            };
            witnesses.insert(witness, heard);
            if let Some(shown) = sighting.shown {
                self.compare_shown(sighting.subject, witness, shown, now, out);
            }
        }
    }

    pub(super) fn presence_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.deadlines.set(Deadline::Presence, now.monotonic + LOOK);
        let changed: Vec<(DeviceId, Status, Timestamp)> = self
            .devices
            .iter()
            .filter_map(|(device, known)| {
                let limit = match known.last {
                    Some(_) => self.config.silent_after,
                    None => self.config.silent_after + BEGINNING,
                };
                let late = match self.is_linked(device) {
                    true => Duration::ZERO,
                    false => self.reported_late(&known.presence),
                };
                let (status, since) =
                    self.status_by_ear(device, &known.presence, limit + late, now.wall)?;
                Some((*device, status, since))
            })
            .collect();
        for (device, status, since) in changed {
            let Some(known) = self.devices.get_mut(&device) else {
                continue;
            };
            match status {
                Status::Silent => self.verdicts.fell_silent(device, now.monotonic),
                _ => self.verdicts.came_back(&device, now.monotonic),
            }
            report(device, known.presence.become_(status, since), out);
        }
        self.look_at_paces(now.wall, out);
        self.give_verdicts(now, out);
    }

    fn look_at_paces(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        for (device, known) in &mut self.devices {
            let before = known.presence.degraded().is_some();
            known.presence.pace.look(now);
            let degraded = known.presence.degraded();
            if before != degraded.is_some() {
                let device = *device;
                out.push(Output::Event(Event::Pace { device, degraded }));
            }
        }
    }

    /// What a device's status has to become by what was heard of it, if that is another.
    fn status_by_ear(
        &self,
        device: &DeviceId,
        presence: &Presence,
        limit: Duration,
        now: Timestamp,
    ) -> Option<(Status, Timestamp)> {
        let heard = presence.heard?;
        let quiet = if self.silence.down().contains(device) {
            presence.is_certified_quiet(now)
        } else {
            presence.is_quiet(heard, limit, now, || {
                self.is_linked(device) || !self.hears_a_witness_of(device, now)
            })
        };
        match presence.status {
            Status::Online if quiet => Some((Status::Silent, heard)),
            Status::Silent if !quiet => Some((Status::Online, now)),
            _ => None,
        }
    }

    /// The first record made after a silence began says whether the device stopped or was cut off.
    pub(super) fn returned(
        &mut self,
        head: &Head,
        before: Option<Incarnation>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let device = head.device;
        let Some(since) = self.verdicts.since(&device) else {
            return;
        };
        let what = if before == Some(head.position.incarnation) {
            Return::CutOff
        } else {
            Return::Restarted
        };
        // Made before the silence and only now delivered: a device that lost its power has such as well.
        let made_before = head.time < since.saturating_add(self.config.silent_after);
        if what == Return::CutOff && made_before {
            return;
        }
        if self.verdicts.end(device, what, now.wall) {
            out.push(Output::Event(Event::Returned { device, what }));
        }
    }
}

fn report(device: DeviceId, change: Option<(Status, Timestamp)>, out: &mut Vec<Output>) {
    if let Some((status, since)) = change {
        out.push(Output::Event(Event::Status {
            device,
            status,
            since,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Story: in the first seconds of a fleet on bad radio links the coordinator had missed a device for eleven seconds,
    /// and no witness had reported yet. It called the device silent; its witnesses had heard it all the time.
    #[test]
    fn before_any_witness_has_had_its_say_the_coordinator_waits_for_one() {
        let (start, limit) = (Timestamp::from_millis(1_000_000), Duration::from_secs(11));
        let mut presence = Presence::new(start);
        presence.hear(start);
        let later = start.saturating_add(limit);
        assert!(!presence.is_quiet(start, limit, later, || false));
        assert!(
            presence.is_quiet(start, limit, later, || true),
            "nobody else can tell"
        );
        assert!(presence.is_quiet(start, limit, later.saturating_add(REPORT), || false));
        presence.looked = Some(later);
        assert!(presence.is_quiet(start, limit, later, || false));
    }
}
