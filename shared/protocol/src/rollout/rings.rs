//! How rings follow each other: who is ordered, when one has settled, and when it is too bad to go on.

use std::time::Duration;

use super::memory::Passage;
use super::{Cause, Entry, Output, Progress, Rollout, Stage, Standing};
use crate::id::DeviceId;
use crate::time::Timestamp;

/// How many devices of one ring are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub waiting: usize,
    /// Told, or at it.
    pub in_flight: usize,
    pub committed: usize,
    pub failed: usize,
    pub away: usize,
    pub apart: usize,
}

impl Tally {
    /// Those that are counted: who left, does not match or is away is not.
    pub const fn counted(&self) -> usize {
        self.waiting + self.in_flight + self.committed + self.failed
    }

    pub const fn all(&self) -> usize {
        self.counted() + self.away + self.apart
    }

    pub(super) const fn add(&mut self, progress: &Progress) {
        *self.place(progress) += 1;
    }

    pub(super) const fn remove(&mut self, progress: &Progress) {
        *self.place(progress) -= 1;
    }

    const fn place(&mut self, progress: &Progress) -> &mut usize {
        match progress {
            Progress::Waiting => &mut self.waiting,
            Progress::Ordered { .. } | Progress::Underway { .. } => &mut self.in_flight,
            Progress::Committed => &mut self.committed,
            Progress::Failed(_) => &mut self.failed,
            Progress::Apart(_) => &mut self.apart,
            Progress::Away { .. } => &mut self.away,
        }
    }
}

impl Rollout {
    /// When the open ring has been looked at for long enough.
    pub(super) fn soaked_at(&self) -> Option<Timestamp> {
        let ring = usize::from(self.course.ring);
        let settled = self.course.settled(ring).filter(|_| self.is_running())?;
        let soak = match self.tally(ring).all() {
            // There is nobody to be looked at.
            0 => Duration::ZERO,
            _ => self.course.plan.rings.get(ring)?.soak(),
        };
        self.passes(ring).then(|| settled.saturating_add(soak))
    }

    /// Orders everybody whose ring is open.
    pub(super) fn order_waiting(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if !self.is_running() || self.tally(self.course.ring.into()).waiting == 0 {
            return;
        }
        let open = |entry: &Entry| {
            entry.progress == Progress::Waiting
                && entry.ring.is_some_and(|ring| ring <= self.course.ring)
        };
        let next = self.entries.iter().filter(|(_, entry)| open(entry));
        let next: Vec<(DeviceId, Option<u8>)> =
            next.map(|(device, entry)| (*device, entry.ring)).collect();
        for (device, ring) in &next {
            let entry = Entry::new(*ring, Progress::Ordered { since: now });
            self.put(*device, entry, out);
        }
        out.extend(next.iter().map(|(device, _)| Output::Order {
            device: *device,
            order: self.order(device),
        }));
    }

    /// Draws the conclusions: halts, looks on, opens the next ring, or ends.
    pub(super) fn settle(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        while matches!(self.course.stage, Stage::Running | Stage::Paused) {
            if let Some(ring) = self.ring_with_too_many_errors() {
                return self.halt(Cause::Errors(ring), out);
            }
            let ring = usize::from(self.course.ring);
            let tally = self.tally(ring);
            let is_settled = tally.waiting + tally.in_flight == 0;
            self.note_settled(is_settled, now, out);
            if !is_settled || !self.is_running() {
                return;
            }
            if !self.passes(ring) {
                // Who is away may still come back and let it pass.
                if tally.away == 0 {
                    self.halt(Cause::TooFew(self.course.ring), out);
                }
                return;
            }
            if self.soaked_at().is_none_or(|at| now < at) {
                return;
            }
            self.open_next(now, out);
        }
    }

    fn note_settled(&mut self, is_settled: bool, now: Timestamp, out: &mut Vec<Output>) {
        let ring = usize::from(self.course.ring);
        let Some(stretch) = self.course.stretches.get_mut(ring) else {
            return;
        };
        if stretch.settled.is_some() != is_settled {
            stretch.settled = is_settled.then_some(now);
            self.save(out);
        }
    }

    fn open_next(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        let next = self.course.ring + 1;
        if usize::from(next) < self.course.plan.rings.len() {
            self.course.ring = next;
            self.save(out);
            self.order_waiting(now, out);
        } else {
            self.course.stage = Stage::Finished;
            self.save(out);
        }
    }

    /// Whether enough of a ring have committed. Nobody at all is not enough, unless nobody was to be in it.
    fn passes(&self, ring: usize) -> bool {
        let (Some(plan), Some(stretch)) = (
            self.course.plan.rings.get(ring),
            self.course.stretches.get(ring),
        ) else {
            return false;
        };
        let tally = self.tally(ring);
        if tally.all() == 0 || stretch.passage == Passage::Given {
            return true;
        }
        let tried = tally.committed + tally.failed;
        tally.committed > 0 && tally.committed * 100 >= usize::from(plan.success) * tried
    }

    fn ring_with_too_many_errors(&self) -> Option<u8> {
        let rings = self.course.plan.rings.iter().zip(&self.course.stretches);
        let mut numbered = (0..=self.course.ring).zip(rings);
        let bad = numbered.find(|(number, (ring, stretch))| {
            let tally = self.tally(usize::from(*number));
            let pardoned = usize::try_from(stretch.pardoned).unwrap_or(usize::MAX);
            let failed = tally.failed.saturating_sub(pardoned);
            failed > 0 && failed >= ring.halting(tally.all())
        });
        bad.map(|(number, _)| number)
    }

    fn halt(&mut self, cause: Cause, out: &mut Vec<Output>) {
        self.course.stage = Stage::Halted(cause);
        self.save(out);
        out.push(Output::Stand(Standing::Halted));
    }

    /// A person takes the failures so far upon himself.
    pub(super) fn pardon(&mut self) {
        for ring in 0..self.course.stretches.len() {
            let failed = u32::try_from(self.tally(ring).failed).unwrap_or(u32::MAX);
            let stretch = &mut self.course.stretches[ring];
            stretch.pardoned = failed;
            if ring == usize::from(self.course.ring) {
                stretch.passage = Passage::Given;
            }
        }
    }
}
