//! Caps on what a host sends and takes in a second: bytes queue behind each other, in virtual time.

use crate::host::HostId;

/// Both directions of every host, all at one rate.
#[derive(Debug)]
pub struct Rates {
    bytes_per_s: u64,
    hosts: Vec<Lanes>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Lanes {
    out: Lane,
    into: Lane,
}

/// When one direction of one host is free again, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    free_us: u64,
    bytes: u64,
}

/// When a chunk has left its sender, and when its first byte reaches its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    pub left_ms: u64,
    pub lands_ms: u64,
}

impl Rates {
    pub fn new(hosts: usize, bytes_per_s: u64) -> Self {
        Self {
            bytes_per_s: bytes_per_s.max(1),
            hosts: vec![Lanes::default(); hosts],
        }
    }

    /// A chunk waits for what its sender sends before it.
    pub fn depart(&mut self, from: HostId, bytes: u64, now_ms: u64, way_ms: u64) -> Departure {
        let took_us = self.took_us(bytes);
        let left_us = self.hosts[from.index()]
            .out
            .take(now_ms * 1000, took_us, bytes);
        Departure {
            left_ms: left_us.div_ceil(1000),
            lands_ms: (left_us - took_us).div_ceil(1000) + way_ms,
        }
    }

    /// When all of a chunk has arrived whose first byte comes at this moment: it waits for what came before it.
    pub fn land(&mut self, to: HostId, bytes: u64, now_ms: u64) -> u64 {
        let took_us = self.took_us(bytes);
        let there_us = self.hosts[to.index()]
            .into
            .take(now_ms * 1000, took_us, bytes);
        there_us.div_ceil(1000)
    }

    /// A frame goes between the segments of chunks, which have substreams of their own; it takes its share all the same.
    pub fn frame(&mut self, from: HostId, to: HostId, bytes: u64, now_ms: u64, way_ms: u64) -> u64 {
        let took_us = self.took_us(bytes);
        self.spent(from, bytes, now_ms);
        self.hosts[to.index()]
            .into
            .take(now_ms * 1000, took_us, bytes);
        now_ms + way_ms + took_us.div_ceil(1000)
    }

    /// What a host sends beside everything that is looked at: acknowledgements.
    pub fn spent(&mut self, from: HostId, bytes: u64, now_ms: u64) {
        let took_us = self.took_us(bytes);
        self.hosts[from.index()]
            .out
            .take(now_ms * 1000, took_us, bytes);
    }

    pub fn sent_bytes(&self, host: HostId) -> u64 {
        self.hosts[host.index()].out.bytes
    }

    fn took_us(&self, bytes: u64) -> u64 {
        bytes * 1_000_000 / self.bytes_per_s
    }
}

impl Lane {
    /// When the last of these bytes has passed.
    fn take(&mut self, from_us: u64, took_us: u64, bytes: u64) -> u64 {
        self.free_us = self.free_us.max(from_us) + took_us;
        self.bytes += bytes;
        self.free_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_queue_behind_each_other_at_both_ends() {
        let [one, two] = [0, 1].map(HostId::node);
        let mut rates = Rates::new(3, 1000);
        let departure = |left_ms, lands_ms| Departure { left_ms, lands_ms };
        assert_eq!(rates.depart(one, 500, 0, 10), departure(500, 10));
        assert_eq!(rates.depart(one, 500, 0, 10), departure(1000, 510));
        assert_eq!(
            [rates.land(two, 500, 10), rates.land(two, 500, 20)],
            [510, 1010]
        );
        assert_eq!(rates.sent_bytes(one), 1000);
    }

    #[test]
    fn a_frame_does_not_wait_behind_a_chunk_and_delays_the_next() {
        let [one, two] = [0, 1].map(HostId::node);
        let mut rates = Rates::new(3, 1000);
        rates.depart(one, 500, 0, 10);
        assert_eq!(rates.frame(one, two, 100, 0, 10), 110);
        assert_eq!(rates.depart(one, 500, 0, 10).left_ms, 1100);
    }
}
