//! What a spread came to.

use super::Spread;
use super::seat::{Mind, Seat};
use crate::host::HostId;
use crate::trace::Checkpoint;

#[derive(Debug)]
pub struct Report {
    pub bound_s: f64,
    /// When the last of those who are there had everything.
    pub last_s: f64,
    /// Those who are there and do not have everything.
    pub incomplete: usize,
    /// Bytes that left the coordinator, over the bytes of the image.
    pub egress_ratio: f64,
    pub bad_bytes_stored: u64,
    pub liars: usize,
    /// Liars that somebody has named, and honest nodes that somebody has.
    pub dropped_liars: usize,
    pub dropped_honest: usize,
    /// Chunks that one node fetched a second time, at most, and chunks of the image.
    pub fetched_again: u64,
    pub chunks: u32,
    /// When the coordinator went away for good.
    pub coordinator_left_s: Option<f64>,
    /// When every chunk was first with some node, and when half of the nodes had everything.
    pub one_copy_s: Option<f64>,
    pub half_s: f64,
    /// Chunks that all sent, over those that were stored.
    pub sent_ratio: f64,
    /// Bytes that a node fetched of the image and, where it was used, of its index, over the bytes of the image.
    pub fetched_ratio: f64,
    pub checkpoints: Vec<Checkpoint>,
}

impl Spread {
    pub(super) fn report(self) -> Report {
        let (liars, honest): (Vec<HostId>, Vec<HostId>) = self
            .exposed
            .iter()
            .partition(|host| self.liars.contains(host));
        let nodes = &self.seats[1..];
        let there = || nodes.iter().filter(|seat| seat.mind.is_member());
        let mut whole: Vec<u64> = there().filter_map(|seat| seat.whole_ms).collect();
        whole.sort_unstable();
        let fetched = there().map(|seat| seat.taken.len()).sum::<usize>() as f64;
        let stored: usize = nodes.iter().map(|seat| seat.taken.len()).sum();
        let sent = self.rates.sent_bytes(HostId::COORDINATOR);
        Report {
            bound_s: self.plan.bound_s(),
            last_s: seconds(whole.last().copied().unwrap_or(0)),
            half_s: seconds(whole.get(whole.len() / 2).copied().unwrap_or(0)),
            one_copy_s: self.one_copy_ms.map(seconds),
            sent_ratio: self.chunks_sent as f64 / stored.max(1) as f64,
            fetched_ratio: self.index_ratio()
                + fetched / (there().count().max(1) * self.load.image.chunks() as usize) as f64,
            incomplete: there().filter(|seat| seat.whole_ms.is_none()).count(),
            egress_ratio: sent as f64 / self.plan.bytes as f64,
            bad_bytes_stored: nodes.iter().map(|seat| self.bad_bytes(seat)).sum(),
            liars: self.liars.len(),
            dropped_liars: liars.len(),
            dropped_honest: honest.len(),
            fetched_again: nodes
                .iter()
                .map(|seat| seat.fetched_again)
                .max()
                .unwrap_or(0),
            chunks: self.load.image.chunks(),
            coordinator_left_s: self.left_ms.map(seconds),
            checkpoints: self.trace.finish(),
        }
    }

    /// The index is counted, and not moved.
    fn index_ratio(&self) -> f64 {
        self.load.index_bytes as f64 / self.plan.bytes as f64
    }

    fn bad_bytes(&self, seat: &Seat) -> u64 {
        if matches!(seat.mind, Mind::Liar) {
            return 0;
        }
        let bad = seat
            .disk
            .iter()
            .filter(|(chunk, piece)| !self.load.is_true(**chunk, piece));
        bad.map(|(_, piece)| piece.data.len() as u64).sum()
    }
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}
