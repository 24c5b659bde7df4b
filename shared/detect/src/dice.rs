//! Dice from a seed: SplitMix64 (Steele, Lea, Flood 2014) fills xoshiro256** (Blackman, Vigna 2018).

/// A stream of numbers that depends on nothing but its seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dice([u64; 4]);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        Self([(); 4].map(|()| split_mix(&mut state)))
    }

    /// Dice of their own for the part with this number: part 7 does not depend on how often part 6 rolled.
    pub fn of_part(seed: u64, part: u64) -> Self {
        let mut state = part;
        Self::new(seed ^ split_mix(&mut state))
    }

    pub fn roll(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let rolled = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        rolled
    }

    /// A number below `bound`, by multiplication (Lemire 2019); its bias is below `bound` / 2^64. Zero for a bound of zero.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.roll()) * bound as u128;
        (wide >> 64) as usize
    }

    /// A number in 0..1 of 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// `count` different numbers below `bound` in the order in which they were drawn; all of them where there are fewer.
    pub fn distinct(&mut self, count: usize, bound: usize) -> Vec<u32> {
        let count = count.min(bound);
        let mut drawn = Drawn::with_room(count);
        let mut order = Vec::with_capacity(count);
        // Floyd's way: one roll a number, however many there are to choose from.
        for top in bound - count..bound {
            let number = self.below(top + 1) as u32;
            let chosen = if drawn.insert(number) {
                number
            } else {
                top as u32
            };
            drawn.insert(chosen);
            order.push(chosen);
        }
        order
    }
}

/// Numbers that were drawn, in an open table: a tree is grown in the time in which a search tree would keep its sample.
struct Drawn(Vec<u64>);

const FREE: u64 = u64::MAX;

impl Drawn {
    fn with_room(count: usize) -> Self {
        Self(vec![FREE; (2 * count.max(1)).next_power_of_two()])
    }

    /// Whether the number is new.
    fn insert(&mut self, number: u32) -> bool {
        let (mask, number) = (self.0.len() - 1, u64::from(number));
        let mut at = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        while self.0[at] != FREE && self.0[at] != number {
            at = (at + 1) & mask;
        }
        let new = self.0[at] == FREE;
        self.0[at] = number;
        new
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_mix_gives_its_published_numbers() {
        let mut state = 1_234_567;
        let first: Vec<u64> = (0..3).map(|_| split_mix(&mut state)).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn numbers_drawn_are_different_and_every_number_is_drawn() {
        let mut dice = Dice::new(3);
        let mut seen = [0u32; 10];
        for _ in 0..2_000 {
            let drawn = dice.distinct(4, 10);
            let distinct: std::collections::BTreeSet<_> = drawn.iter().collect();
            assert_eq!((drawn.len(), distinct.len()), (4, 4));
            drawn.iter().for_each(|one| seen[*one as usize] += 1);
        }
        assert!(
            seen.iter().all(|times| (650..950).contains(times)),
            "{seen:?}"
        );
        assert_eq!(dice.distinct(9, 3).len(), 3);
        assert!(dice.distinct(4, 0).is_empty());
    }

    #[test]
    fn parts_of_one_seed_have_dice_of_their_own() {
        let (mut one, mut other) = (Dice::of_part(7, 0), Dice::of_part(7, 1));
        assert_ne!(one.roll(), other.roll());
        assert_eq!(Dice::of_part(7, 1).roll(), Dice::of_part(7, 1).roll());
    }
}
