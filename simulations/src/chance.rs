//! Seeded draws for the world around the machines: cheap, and the same on every run.

use std::convert::Infallible;
use std::ops::RangeInclusive;

use rand_core::TryRng;

/// One stream of draws (SplitMix64); every purpose has its own, so that one cannot shift another.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64, purpose: &str) -> Self {
        let bytes = seed_bytes(seed, purpose, 0);
        Self(u64::from_le_bytes(
            bytes[..8].try_into().expect("eight of 32 bytes"),
        ))
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.draw()) * u128::from(bound);
        u64::try_from(wide >> 64).expect("a product of two 64-bit numbers, shifted by 64, fits")
    }

    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        const UNIT: f64 = (1_u64 << 53) as f64;
        ((self.draw() >> 11) as f64) < probability * UNIT
    }

    /// `count` different numbers below `bound`, in ascending order; all of them if there are fewer.
    pub fn choose(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..bound).collect();
        let count = count.min(bound);
        for place in 0..count {
            let other = place + self.below((bound - place) as u64) as usize;
            places.swap(place, other);
        }
        places.truncate(count);
        places.sort_unstable();
        places
    }
}

/// For libraries that draw by themselves.
impl TryRng for Chance {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.draw() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.draw())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.draw().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// 32 bytes that follow from the seed, a purpose and a number: seeds of keys and dice.
pub fn seed_bytes(seed: u64, purpose: &str, number: u64) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("palisade-sim 2026 seeds");
    hasher.update(&seed.to_le_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.update(purpose.as_bytes());
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_for_a_seed_and_differ_between_purposes() {
        let draws = |purpose| {
            let mut chance = Chance::new(7, purpose);
            (0..4).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draws("loss"), draws("loss"));
        assert_ne!(draws("loss"), draws("faults"));
    }

    #[test]
    fn chosen_places_are_different_and_within_bounds() {
        let chosen = Chance::new(1, "choice").choose(20, 30);
        assert_eq!(chosen.len(), 20);
        assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(chosen.iter().all(|&place| place < 30));
    }
}
