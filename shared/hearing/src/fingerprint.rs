//! What a device is, from how it talks: sizes and times of its packets, protocols, and words that it uses.
//!
//! The hardware address only says which frames are the device's; it is no feature. The idea of the features is that of
//! IoT Sentinel (Miettinen et al., ICDCS 2017) and of packet-size histograms; the classifier is a random forest.

pub mod forest;
mod words;

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::frame::{Frame, IcmpVersion, Net, Transport};
use crate::limits::{FINGERPRINT_FRAMES, FINGERPRINT_PEERS};
use crate::mac::Mac;
use crate::moment::Moment;

use self::words::{WORDS, slots};

/// Sizes fall into slots of 32 bytes; everything from 1504 on shares the last.
const SIZES: usize = 48;
const SIZE_BYTES: u32 = 32;
const KINDS: usize = 12;
const QUANTILES: [usize; 5] = [10, 25, 50, 75, 90];
/// Numbers of one fingerprint.
pub const FEATURES: usize = 2 * SIZES + KINDS + QUANTILES.len() + 4 + WORDS;

/// What is gathered of one device while it is heard.
#[derive(Debug, Clone)]
pub struct Gathering {
    mac: Mac,
    sent_sizes: [u32; SIZES],
    received_sizes: [u32; SIZES],
    kinds: [u32; KINDS],
    words: [u32; WORDS],
    peers: BTreeSet<IpAddr>,
    times: Vec<u64>,
    received: usize,
}

/// A fingerprint: numbers in an order that does not change.
#[derive(Debug, Clone, PartialEq)]
pub struct Features(pub Box<[f32; FEATURES]>);

impl Gathering {
    pub const fn of(mac: Mac) -> Self {
        Self {
            mac,
            sent_sizes: [0; SIZES],
            received_sizes: [0; SIZES],
            kinds: [0; KINDS],
            words: [0; WORDS],
            peers: BTreeSet::new(),
            times: Vec::new(),
            received: 0,
        }
    }

    /// Takes one frame in; those of others are passed over.
    pub fn hear(&mut self, now: Moment, frame: &Frame<'_>) {
        let size = (frame.wire_bytes / SIZE_BYTES).min(SIZES as u32 - 1) as usize;
        if frame.source == Some(self.mac) && self.times.len() < FINGERPRINT_FRAMES {
            self.times.push(now.micros());
            self.sent_sizes[size] += 1;
            self.kinds[kind(frame)] += 1;
            slots(frame, |slot| self.words[slot] += 1);
            if let Some(ip) = frame.as_ip()
                && self.peers.len() < FINGERPRINT_PEERS
            {
                self.peers.insert(ip.destination);
            }
        } else if frame.destination == Some(self.mac) && self.received < FINGERPRINT_FRAMES {
            self.received += 1;
            self.received_sizes[size] += 1;
        }
    }

    /// Frames that the device has sent.
    pub fn sent(&self) -> usize {
        self.times.len()
    }

    /// The fingerprint of what was heard until now.
    pub fn features(&self) -> Features {
        let (sent, received) = (self.times.len(), self.received);
        let share = |count: u32, of: usize| count as f32 / of.max(1) as f32;
        let mut times = self.times.clone();
        times.sort_unstable();
        let mut waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        waits.sort_unstable();
        let wait = |percent: usize| waits.get(waits.len() * percent / 100).copied().unwrap_or(0);
        let lasts = times
            .last()
            .zip(times.first())
            .map_or(0, |(last, first)| last - first);
        let numbers = self
            .sent_sizes
            .iter()
            .map(|count| share(*count, sent))
            .chain(
                self.received_sizes
                    .iter()
                    .map(|count| share(*count, received)),
            )
            .chain(self.kinds.iter().map(|count| share(*count, sent)))
            .chain(QUANTILES.map(|percent| wait(percent) as f32))
            .chain([
                sent as f32,
                received as f32,
                lasts as f32,
                self.peers.len() as f32,
            ])
            .chain(self.words.iter().map(|count| *count as f32));
        let mut features = Box::new([0.0; FEATURES]);
        features
            .iter_mut()
            .zip(numbers)
            .for_each(|(place, number)| *place = number);
        Features(features)
    }
}

fn kind(frame: &Frame<'_>) -> usize {
    let ip = match &frame.net {
        Net::Arp(_) => return 0,
        Net::Other => return 1,
        Net::Ip(ip) => ip,
    };
    match &ip.transport {
        Transport::Icmp(icmp) if icmp.version == IcmpVersion::Four => 2,
        Transport::Icmp(_) => 3,
        Transport::Igmp(_) => 4,
        Transport::Udp(udp) => match udp.destination {
            53 => 5,
            67 | 68 => 6,
            123 => 7,
            1900 | 5353 | 5355 => 8,
            _ => 9,
        },
        Transport::Tcp(_) => 10,
        Transport::Other => 11,
    }
}

#[cfg(test)]
mod tests;
