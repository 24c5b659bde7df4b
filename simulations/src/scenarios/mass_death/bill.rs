//! What a storm costs those who are left: bytes of each kind of message beyond what a calm fleet sends.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::scenario::rounded;
use crate::world::World;

/// Beside the kinds of message.
const ACKNOWLEDGEMENTS: &str = "acknowledgements";
const HANDSHAKES: &str = "handshakes";

/// All that nodes have sent up to a moment.
#[derive(Debug)]
pub(super) struct Sent {
    at_ms: u64,
    bytes: u64,
    by_message: BTreeMap<&'static str, u64>,
    frames: BTreeMap<&'static str, u64>,
}

impl Sent {
    pub(super) fn by(world: &World) -> Self {
        let mut by_message = world.traffic().clone();
        by_message.insert(ACKNOWLEDGEMENTS, world.acknowledged_by_nodes());
        Self {
            at_ms: world.now_ms(),
            bytes: world.sent_by_nodes(),
            by_message,
            frames: world.frames().clone(),
        }
    }
}

/// What was sent in a span of time by so many.
#[derive(Debug)]
pub(super) struct Bill<'a> {
    pub(super) from: &'a Sent,
    pub(super) until: &'a Sent,
    pub(super) nodes: usize,
}

impl Bill<'_> {
    /// Bytes of one node beyond what this other span would have cost it, by the kind of message.
    pub(super) fn beyond(&self, calm: &Bill) -> Value {
        let kinds = self.until.by_message.keys();
        let beyond = kinds.map(|word| {
            let expected = calm.rate(calm.sent(word)) * self.seconds();
            (*word, self.each(self.sent(word)) - expected)
        });
        let rest = self.each(self.rest()) - calm.rate(calm.rest()) * self.seconds();
        beyond
            .chain([(HANDSHAKES, rest)])
            .map(|(word, bytes)| (word.to_owned(), rounded(bytes)))
            .collect()
    }

    /// Frames of one node, by the kind of message.
    pub(super) fn frames(&self) -> Value {
        let frames = self.until.frames.iter();
        frames
            .map(|(word, frames)| {
                let before = self.from.frames.get(word).unwrap_or(&0);
                ((*word).to_owned(), rounded(self.each(frames - before)))
            })
            .collect()
    }

    fn sent(&self, word: &str) -> u64 {
        let before = self.from.by_message.get(word).unwrap_or(&0);
        self.until.by_message.get(word).unwrap_or(&0) - before
    }

    fn rest(&self) -> u64 {
        let kinds: u64 = self
            .until
            .by_message
            .keys()
            .map(|word| self.sent(word))
            .sum();
        self.until.bytes - self.from.bytes - kinds
    }

    fn each(&self, sent: u64) -> f64 {
        sent as f64 / self.nodes.max(1) as f64
    }

    fn rate(&self, sent: u64) -> f64 {
        self.each(sent) / self.seconds().max(0.001)
    }

    fn seconds(&self) -> f64 {
        (self.until.at_ms - self.from.at_ms) as f64 / 1000.0
    }
}
