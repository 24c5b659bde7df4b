//! Markov chains of second order, one for each class; the odds are the product of their steps.

use std::collections::BTreeMap;

use super::{Class, Example, SequenceError, SequenceModel, checked, read};
use crate::limits::MARKOV_STEPS;
use crate::model::{Kind, ModelError, Reader, Writer};

const VERSION: u8 = 1;
/// Stands before the first letter.
const START: u8 = b'^';
/// Added to each count (Lidstone): a step never seen is unlikely, not impossible.
const ADDED: f64 = 0.5;

/// The two letters before and the one that follows.
type Step = [u8; 3];

/// Counts of steps of usual and of controlled machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markov {
    steps: BTreeMap<Step, [u32; 2]>,
    /// Sums over the third letter, derived from the steps.
    before: BTreeMap<[u8; 2], [u32; 2]>,
    letters: usize,
    examples: [u32; 2],
}

impl Markov {
    /// Steps beyond [`MARKOV_STEPS`] different ones are not learnt.
    pub fn fit(examples: &[Example<'_>]) -> Result<Self, SequenceError> {
        checked(examples)?;
        let (mut steps, mut counts) = (BTreeMap::<Step, [u32; 2]>::new(), [0; 2]);
        for example in examples {
            let class = example.class as usize;
            counts[class] += 1;
            for step in walk(example.letters) {
                if steps.len() < MARKOV_STEPS || steps.contains_key(&step) {
                    let count = &mut steps.entry(step).or_default()[class];
                    *count = count.saturating_add(1);
                }
            }
        }
        Ok(Self::of(steps, counts))
    }

    fn of(steps: BTreeMap<Step, [u32; 2]>, examples: [u32; 2]) -> Self {
        let mut before = BTreeMap::<[u8; 2], [u32; 2]>::new();
        let mut letters = std::collections::BTreeSet::new();
        for ([one, two, three], counts) in &steps {
            letters.insert(*three);
            let sums = before.entry([*one, *two]).or_default();
            sums.iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum = sum.saturating_add(*count));
        }
        Self {
            steps,
            before,
            letters: letters.len(),
            examples,
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(Kind::Markov, VERSION);
        self.examples.iter().for_each(|count| writer.u32(*count));
        writer.u32(self.steps.len() as u32);
        for (step, counts) in &self.steps {
            step.iter()
                .for_each(|letter| writer.u16(u16::from(*letter)));
            counts.iter().for_each(|count| writer.u32(*count));
        }
        writer.finish()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader::open(bytes, Kind::Markov, VERSION)?;
        let examples = [reader.u32()?, reader.u32()?];
        if examples.contains(&0) {
            return Err(ModelError::Field("examples"));
        }
        let count = reader.count("steps", 0..=MARKOV_STEPS)?;
        let mut steps = BTreeMap::new();
        for _ in 0..count {
            let mut step = [0; 3];
            for letter in &mut step {
                *letter = u8::try_from(reader.u16()?).map_err(|_| ModelError::Field("step"))?;
            }
            let counts = [reader.u32()?, reader.u32()?];
            let rising = steps.last_key_value().is_none_or(|(last, _)| *last < step);
            if !rising || counts == [0, 0] {
                return Err(ModelError::Field("step"));
            }
            steps.insert(step, counts);
        }
        reader.finish()?;
        Ok(Self::of(steps, examples))
    }
}

impl SequenceModel for Markov {
    fn log_odds(&self, letters: &[u8]) -> f64 {
        let added = ADDED * (self.letters + 1) as f64;
        let odds = |step: Step| {
            let Some(sums) = self.before.get(&step[..2]) else {
                return 0.0;
            };
            let counts = self.steps.get(&step).copied().unwrap_or_default();
            let likely = |class: usize| {
                libm::log((f64::from(counts[class]) + ADDED) / (f64::from(sums[class]) + added))
            };
            likely(Class::Controlled as usize) - likely(Class::Usual as usize)
        };
        let prior = libm::log(f64::from(self.examples[1]) / f64::from(self.examples[0]));
        prior + walk(letters).map(odds).sum::<f64>()
    }
}

fn walk(letters: &[u8]) -> impl Iterator<Item = Step> {
    let mut before = [START; 2];
    read(letters).iter().map(move |letter| {
        let step = [before[0], before[1], *letter];
        before = [before[1], *letter];
        step
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> Vec<Example<'static>> {
        let of = |letters, class| Example { letters, class };
        vec![
            of(b"ababab", Class::Controlled),
            of(b"abab", Class::Controlled),
            of(b"aabb", Class::Usual),
        ]
    }

    #[test]
    fn odds_are_those_computed_by_hand() {
        let markov = Markov::fit(&examples()).unwrap();
        // Two letters. ^^a: 2 of 2 against 1 of 1; ^aa: 0 of 2 against 1 of 1.
        let first: f64 = (2.5 / 3.5) / (1.5 / 2.5);
        let second: f64 = (0.5 / 3.5) / (1.5 / 2.5);
        let expected = 2.0f64.ln() + first.ln() + second.ln();
        assert!((markov.log_odds(b"aa") - expected).abs() < 1e-12);
        assert!(markov.log_odds(b"ababab") > markov.log_odds(b"aabb"));
        assert_eq!(markov.log_odds(b""), 2.0f64.ln());
    }

    #[test]
    fn a_chain_comes_back_and_damage_is_noticed() {
        let markov = Markov::fit(&examples()).unwrap();
        let bytes = markov.to_bytes();
        assert_eq!(Markov::from_bytes(&bytes), Ok(markov));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Markov::from_bytes(&damaged).is_err());
        }
    }

    #[test]
    fn what_cannot_be_learnt_from_is_said() {
        assert_eq!(
            Markov::fit(&examples()[..1]),
            Err(SequenceError::Examples(1))
        );
        assert_eq!(Markov::fit(&examples()[..2]), Err(SequenceError::OneClass));
    }
}
