//! Bytes read as decisions: what a fuzzer changes in one place changes one decision.

use std::time::Duration;

/// What is left of the bytes; beyond their end every decision is the first.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&byte, rest)) => {
                self.0 = rest;
                byte
            }
            None => 0,
        }
    }

    /// A number below `bound`, which is at most 256 and not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    pub fn pick<'b, T>(&mut self, from: &'b [T]) -> &'b T {
        &from[self.below(from.len())]
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A small number mostly, and the edges of its type at times.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=0xdf => u64::from(small),
            0xe0..=0xe7 => u64::from(u16::from_be_bytes([self.byte(), self.byte()])),
            0xe8..=0xef => u64::from(u32::MAX) - u64::from(self.byte()),
            0xf0..=0xf7 => u64::from(self.byte()) << 32,
            _ => u64::MAX - u64::from(self.byte()),
        }
    }

    pub fn small(&mut self) -> u32 {
        u32::try_from(self.number()).unwrap_or(u32::MAX)
    }

    /// Some of the bytes themselves.
    pub fn bytes(&mut self, most: usize) -> &'a [u8] {
        let length = (self.below(256) * most / 255).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        array.fill_with(|| self.byte());
        array
    }

    /// From a millisecond to a month.
    pub fn duration(&mut self) -> Duration {
        let unit = [1, 100, 1_000, 5_000, 60_000, 3_600_000, 86_400_000];
        let millis = *self.pick(&unit) * (1 + u64::from(self.byte()) % 30);
        Duration::from_millis(millis)
    }

    /// Changes some bytes, cuts some off, or adds some.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(4) {
            let place = usize::from(u16::from_be_bytes([self.byte(), self.byte()]));
            let place = place % bytes.len().max(1);
            match self.below(4) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place.min(bytes.len()), self.byte()),
                2 if !bytes.is_empty() => bytes[place] ^= 1 << self.below(8),
                _ if !bytes.is_empty() => bytes[place] = self.byte(),
                _ => bytes.push(self.byte()),
            }
        }
    }
}
