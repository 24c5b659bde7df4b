//! Who is in which ring, and who is left out: drawn by the seed, so that nobody is always the first.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Exclusion, Image, Output, Progress, Reach, Rollout, Stage};
use crate::id::{DeviceId, Digest};
use crate::text::Name;
use crate::time::Timestamp;

/// One member of the mesh, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub device: DeviceId,
    pub model: Model,
    /// Of which product it takes releases, if it has said so.
    pub product: Option<Name>,
    /// The target that it committed last.
    pub running: Option<Digest>,
    pub liberty: Liberty,
}

/// What a device has said of its hardware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Model {
    /// It has said nothing yet.
    Unheard,
    /// It does not know it, and judges by itself what the release says.
    Untold,
    Told(Name),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liberty {
    Free,
    Quarantined,
}

impl Candidate {
    fn exclusion(&self, image: &Image) -> Option<Exclusion> {
        if self.liberty == Liberty::Quarantined {
            return Some(Exclusion::Quarantined);
        }
        if self.running == Some(image.target) {
            return Some(Exclusion::AlreadyRuns);
        }
        let other = self.product.as_ref();
        if other.is_some_and(|product| *product != image.product) {
            return Some(Exclusion::OtherProduct);
        }
        match &self.model {
            Model::Unheard => Some(Exclusion::Unheard),
            Model::Told(model) if !image.hardware.contains(model) => Some(Exclusion::OtherHardware),
            Model::Told(_) | Model::Untold => None,
        }
    }
}

impl Rollout {
    /// Gives everybody a ring or a reason why not.
    pub(super) fn draw(&mut self, fleet: &[Candidate], out: &mut Vec<Output>) {
        let rings = self.course.plan.rings.clone();
        let named = rings.iter().flat_map(|ring| named(&ring.reach));
        let named: BTreeSet<DeviceId> = named.copied().collect();
        let matching = self.in_order_of_lots(fleet, out);
        let all = matching.len();
        let (wanted, mut drawn): (Vec<_>, Vec<_>) = matching
            .into_iter()
            .partition(|device| named.contains(device));
        let mut wanted: BTreeSet<DeviceId> = wanted.into_iter().collect();
        let mut taken = 0;
        for (number, ring) in (0..).zip(&rings) {
            let devices: Vec<DeviceId> = match &ring.reach {
                Reach::Named(named) => named.iter().filter_map(|one| wanted.take(one)).collect(),
                Reach::Count(count) => first(&mut drawn, usize::try_from(*count).ok()),
                Reach::Share(percent) => {
                    let so_far = (all * usize::from(*percent)).div_ceil(100);
                    first(&mut drawn, Some(so_far.saturating_sub(taken)))
                }
            };
            taken += devices.len();
            for device in devices {
                self.put(device, Entry::new(Some(number), Progress::Waiting), out);
            }
        }
        for device in drawn {
            self.put(device, Entry::apart(Exclusion::BeyondRings), out);
        }
        for device in named {
            if !self.entries.contains_key(&device) {
                self.put(device, Entry::apart(Exclusion::NotMember), out);
            }
        }
    }

    /// Those who match; the others are left out.
    fn in_order_of_lots(&mut self, fleet: &[Candidate], out: &mut Vec<Output>) -> Vec<DeviceId> {
        let mut lots = BTreeMap::new();
        for candidate in fleet {
            match candidate.exclusion(&self.course.plan.image) {
                Some(why) => self.put(candidate.device, Entry::apart(why), out),
                None => drop(lots.insert(self.lot(&candidate.device), candidate.device)),
            }
        }
        lots.into_values().collect()
    }

    /// The fleet has changed: who left is counted no more, and who came gets a place in the last ring if that is for all.
    pub(super) fn members(&mut self, fleet: &[Candidate], now: Timestamp, out: &mut Vec<Output>) {
        if self.course.stage == Stage::Planned || self.course.stage.is_over() {
            return;
        }
        let here: BTreeSet<DeviceId> = fleet.iter().map(|candidate| candidate.device).collect();
        self.part_with_those_who_left(&here, out);
        for candidate in fleet {
            self.reconsider(candidate, out);
        }
        self.order_waiting(now, out);
        self.settle(now, out);
    }

    fn part_with_those_who_left(&mut self, here: &BTreeSet<DeviceId>, out: &mut Vec<Output>) {
        let left = self.entries.iter().filter(|(device, entry)| {
            let open = matches!(
                entry.progress,
                Progress::Waiting
                    | Progress::Ordered { .. }
                    | Progress::Underway { .. }
                    | Progress::Away { .. }
            );
            open && !here.contains(device)
        });
        let left: Vec<(DeviceId, Option<u8>)> =
            left.map(|(device, entry)| (*device, entry.ring)).collect();
        for (device, ring) in left {
            let entry = Entry::new(ring, Progress::Apart(Exclusion::Left));
            self.put(device, entry, out);
        }
    }

    fn reconsider(&mut self, candidate: &Candidate, out: &mut Vec<Output>) {
        let device = candidate.device;
        let known = self.entries.get(&device);
        let movable = known.is_none_or(|entry| match &entry.progress {
            Progress::Waiting => true,
            Progress::Apart(why) => entry.ring.is_none() && why.may_end(),
            _ => false,
        });
        if !movable {
            return;
        }
        let before = known.cloned();
        let ring = before.as_ref().and_then(|entry| entry.ring);
        let entry = match (candidate.exclusion(&self.course.plan.image), ring) {
            // Who has a ring has said what it is, before the coordinator was started anew.
            (None | Some(Exclusion::Unheard), Some(_)) => return,
            (Some(why), _) => Entry::apart(why),
            (None, None) => match self.ring_for_all() {
                Some(ring) => Entry::new(Some(ring), Progress::Waiting),
                None => Entry::apart(Exclusion::BeyondRings),
            },
        };
        if before.as_ref() != Some(&entry) {
            self.put(device, entry, out);
        }
    }

    /// The last ring, if it takes everybody who is left.
    fn ring_for_all(&self) -> Option<u8> {
        let rings = &self.course.plan.rings;
        let last = rings.last().filter(|ring| ring.reach == Reach::Share(100));
        last.and_then(|_| u8::try_from(rings.len() - 1).ok())
    }

    /// The place of a device in the draw.
    fn lot(&self, device: &DeviceId) -> Digest {
        let parts: [&[u8]; 2] = [&self.course.seed, device.as_bytes()];
        Digest::of("palisade 2026 rollout draw", &parts)
    }
}

/// Takes so many off the front, or all.
fn first(devices: &mut Vec<DeviceId>, count: Option<usize>) -> Vec<DeviceId> {
    let count = count.unwrap_or(usize::MAX).min(devices.len());
    devices.drain(..count).collect()
}

fn named(reach: &Reach) -> &[DeviceId] {
    match reach {
        Reach::Named(devices) => devices,
        Reach::Count(_) | Reach::Share(_) => &[],
    }
}
