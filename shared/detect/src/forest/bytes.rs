//! The form of a forest: each tree from its root down, left before right; a leaf is the number of its rows.

use super::{Cuts, ENDED, Forest, Lengths, cut, feature_of, length, threshold_of};
use crate::limits::{FEATURES, SAMPLE, TREE_DEPTH, TREES};
use crate::model::{Kind, ModelError, Reader, Writer};

const VERSION: u8 = 1;
/// In place of a feature's number: a leaf.
const LEAF: u16 = u16::MAX;

impl Forest {
    /// The one form of this forest; under 350 KB for 100 trees.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::IsolationForest, VERSION);
        writer.u32(self.width as u32);
        writer.u32(self.sample as u32);
        writer.u32(self.cuts.len() as u32);
        for (cuts, lengths) in self.cuts.iter().zip(&self.lengths) {
            write(&mut writer, cuts, lengths, 1, 0);
        }
        writer.finish()
    }

    /// Refuses every form that no [`Forest::fit`] gives: leaves whose rows do not add up to the sample, cuts of
    /// features that do not exist, thresholds that are not finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::IsolationForest, VERSION)?;
        let width = reader.count("width", 1..=FEATURES)?;
        let sample = reader.count("sample", 2..=SAMPLE)?;
        let trees = reader.count("trees", 1..=TREES)?;
        let mut forest = Self {
            width,
            sample,
            cuts: Vec::new(),
            lengths: Vec::new(),
        };
        for _ in 0..trees {
            let mut tree = Tree {
                width,
                cuts: [ENDED; SAMPLE],
                lengths: [0; SAMPLE],
            };
            if tree.read(&mut reader, 1, 0)? != sample {
                return Err(ModelError::Field("leaf"));
            }
            forest.cuts.push(tree.cuts);
            forest.lengths.push(tree.lengths);
        }
        reader.finish()?;
        Ok(forest)
    }
}

fn write(writer: &mut Writer, cuts: &Cuts, lengths: &Lengths, at: usize, depth: usize) {
    if depth < TREE_DEPTH && cuts[at] != ENDED {
        writer.u16(feature_of(cuts[at]) as u16);
        writer.f32(threshold_of(cuts[at]));
        write(writer, cuts, lengths, 2 * at, depth + 1);
        write(writer, cuts, lengths, 2 * at + 1, depth + 1);
        return;
    }
    let said = lengths[(at << (TREE_DEPTH - depth)) - SAMPLE];
    let count = (1..=SAMPLE).find(|count| length(depth, *count) == said);
    writer.u16(LEAF);
    writer.u16(count.expect("a leaf's length is that of its depth and rows") as u16);
}

struct Tree {
    width: usize,
    cuts: Cuts,
    lengths: Lengths,
}

impl Tree {
    /// The number of rows in the leaves below.
    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        at: usize,
        depth: usize,
    ) -> Result<usize, ModelError> {
        let feature = reader.u16()?;
        if feature == LEAF {
            let count = usize::from(reader.u16()?);
            if !(1..=SAMPLE).contains(&count) {
                return Err(ModelError::Field("leaf"));
            }
            self.lengths[(at << (TREE_DEPTH - depth)) - SAMPLE] = length(depth, count);
            return Ok(count);
        }
        if usize::from(feature) >= self.width || depth == TREE_DEPTH {
            return Err(ModelError::Field("feature"));
        }
        self.cuts[at] = cut(feature, reader.finite_f32("threshold")?);
        Ok(self.read(reader, 2 * at, depth + 1)? + self.read(reader, 2 * at + 1, depth + 1)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ForestConfig;
    use super::*;
    use crate::dice::Dice;
    use crate::model::{body_of, resealed};
    use crate::rows::Rows;

    fn small(seed: u64) -> Forest {
        let mut dice = Dice::new(seed);
        let values: Vec<f32> = (0..120).map(|_| dice.below(9) as f32).collect();
        let rows = Rows::new(&values, 2).unwrap();
        Forest::fit(
            rows,
            ForestConfig {
                trees: 3,
                sample: 40,
            },
            seed,
        )
        .unwrap()
    }

    #[test]
    fn a_forest_comes_back_as_it_was() {
        for seed in 0..20 {
            let forest = small(seed);
            assert_eq!(Forest::from_bytes(&forest.to_bytes()), Ok(forest));
        }
    }

    #[test]
    fn damage_to_any_byte_is_noticed() {
        let bytes = small(1).to_bytes();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Forest::from_bytes(&damaged).is_err(), "byte {at}");
        }
        assert!(Forest::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Forest::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
    }

    proptest! {
        #[test]
        fn what_a_forger_seals_is_refused_or_has_one_form(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut bytes = small(2).to_bytes();
            let body = body_of(&bytes);
            for (at, value) in changes {
                bytes[body.start + at.index(body.len())] = value;
            }
            let bytes = resealed(bytes);
            if let Ok(forest) = Forest::from_bytes(&bytes) {
                prop_assert_eq!(forest.to_bytes(), bytes);
                forest.score(&vec![0.0; forest.width()]).unwrap();
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Forest::from_bytes(&bytes).is_err());
        }
    }
}
