//! A set of chunks of one image, as a bit field.

use std::fmt;

const WORD: u32 = u64::BITS;

/// Which of an image's chunks are meant.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunks {
    of: u32,
    words: Vec<u64>,
}

impl Chunks {
    /// None of so many.
    pub fn none(of: u32) -> Self {
        let words = vec![0; of.div_ceil(WORD) as usize];
        Self { of, words }
    }

    pub fn all(of: u32) -> Self {
        let mut all = Self::none(of);
        (0..of).for_each(|chunk| all.insert(chunk));
        all
    }

    /// Reads what [`Self::to_bytes`] wrote about an image of so many chunks, and nothing else.
    pub fn from_bytes(of: u32, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != of.div_ceil(8) as usize {
            return None;
        }
        let mut chunks = Self::none(of);
        for (place, byte) in bytes.iter().enumerate() {
            chunks.words[place / 8] |= u64::from(*byte) << (8 * (place % 8));
        }
        let beyond = WORD * chunks.words.len() as u32 - of;
        let fits = chunks
            .words
            .last()
            .is_none_or(|last| beyond == 0 || last >> (WORD - beyond) == 0);
        fits.then_some(chunks)
    }

    /// One bit for each chunk, the first in the lowest bit of the first byte.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        bytes.take(self.of.div_ceil(8) as usize).collect()
    }

    /// A chunk that the image does not have is left out.
    pub fn insert(&mut self, chunk: u32) {
        if chunk < self.of {
            self.words[(chunk / WORD) as usize] |= 1 << (chunk % WORD);
        }
    }

    pub fn remove(&mut self, chunk: u32) {
        if chunk < self.of {
            self.words[(chunk / WORD) as usize] &= !(1 << (chunk % WORD));
        }
    }

    pub fn contains(&self, chunk: u32) -> bool {
        chunk < self.of && self.words[(chunk / WORD) as usize] >> (chunk % WORD) & 1 == 1
    }

    pub fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub fn is_all(&self) -> bool {
        self.len() == self.of
    }

    /// Those that are not in the set.
    pub fn missing(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.of).filter(|chunk| !self.contains(*chunk))
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        bits(self.words.iter().copied())
    }

    /// Those of the set that are in neither of two others.
    pub fn outside<'a>(&'a self, one: &'a Self, other: &'a Self) -> impl Iterator<Item = u32> + 'a {
        let others = one.words.iter().zip(&other.words);
        let words = self.words.iter().zip(others);
        bits(words.map(|(word, (one, other))| word & !one & !other))
    }
}

fn bits(words: impl Iterator<Item = u64>) -> impl Iterator<Item = u32> {
    (0..)
        .step_by(WORD as usize)
        .zip(words)
        .flat_map(|(first, word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let place = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (place < WORD).then_some(first + place)
            })
        })
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} chunks", self.len(), self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_reads_back_and_bits_beyond_the_image_are_refused() {
        let mut chunks = Chunks::none(70);
        for chunk in [0, 9, 64, 69, 70, 900] {
            chunks.insert(chunk);
        }
        assert_eq!(chunks.iter().collect::<Vec<_>>(), [0, 9, 64, 69]);
        let bytes = chunks.to_bytes();
        assert_eq!(bytes, [1, 2, 0, 0, 0, 0, 0, 0, 0b10_0001]);
        assert_eq!(Chunks::from_bytes(70, &bytes), Some(chunks));
        assert_eq!(Chunks::from_bytes(69, &bytes), None);
        assert_eq!(Chunks::from_bytes(72, &bytes[..8]), None);
        assert!(Chunks::from_bytes(64, &[0xff; 8]).is_some_and(|all| all.is_all()));
    }

    #[test]
    fn what_is_left_of_a_set_is_in_no_other() {
        let all = Chunks::all(130);
        let (mut one, mut other) = (Chunks::all(130), Chunks::none(130));
        for chunk in [3, 128, 129] {
            one.remove(chunk);
        }
        other.insert(128);
        assert_eq!(all.outside(&one, &other).collect::<Vec<_>>(), [3, 129]);
        assert_eq!(one.missing().collect::<Vec<_>>(), [3, 128, 129]);
    }
}
