//! Two neighbours find what either lacks without naming everything: they compare hashes over ranges of names, and
//! look closer only where these differ.
//!
//! This is range-based set reconciliation (Meyer, "Range-Based Set Reconciliation", SRDS 2023) over names that are
//! hashes, so that ranges by their first bits hold equally many. Two sets that are equal cost one hash; `d` names
//! that differ among `n` cost `d · log16 n` rounds of ranges at most. Each answer is about smaller ranges than what it
//! answers, or ends with names: there is always a last word.

use std::collections::BTreeSet;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

use crate::evidence::EvidenceId;
use crate::id::Digest;
use crate::limits;

/// Hexadecimal digits behind which ranges are split no further.
const DEEPEST: u8 = 8;

/// All names that begin with the same hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    digits: u8,
    /// The number that the digits write.
    prefix: u32,
}

/// What a side says of the names that it holds within a range.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Part {
    /// The first eight bytes of a hash over all of them.
    #[n(0)]
    Hash {
        #[n(0)]
        range: Range,
        #[cbor(n(1), with = "minicbor::bytes")]
        hash: [u8; 8],
    },
    /// All of them.
    #[n(1)]
    Names {
        #[n(0)]
        range: Range,
        #[n(1)]
        ids: Vec<EvidenceId>,
    },
}

/// What one side answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// A closer look at what differs.
    pub parts: Vec<Part>,
    /// Names that the other side lacks.
    pub lacked: Vec<EvidenceId>,
    /// Names that the other side holds.
    pub told: Vec<EvidenceId>,
}

impl Range {
    /// Every name.
    pub const ALL: Self = Self {
        digits: 0,
        prefix: 0,
    };

    /// A range by its digits; `None` where there are too many, or the number does not fit into them.
    pub const fn new(digits: u8, prefix: u32) -> Option<Self> {
        if digits > DEEPEST || (prefix as u64) >> (4 * digits) != 0 {
            return None;
        }
        Some(Self { digits, prefix })
    }

    fn first(self) -> u64 {
        let free = 64 - 4 * u32::from(self.digits);
        u64::from(self.prefix).checked_shl(free).unwrap_or(0)
    }

    fn last(self) -> u64 {
        let digits = u32::from(self.digits);
        self.first() | u64::MAX.checked_shr(4 * digits).unwrap_or(0)
    }

    fn holds(self, id: &EvidenceId) -> bool {
        (self.first()..=self.last()).contains(&u64::from_be_bytes(id.0))
    }

    fn split(self) -> Option<impl Iterator<Item = Self>> {
        let digits = self.digits + 1;
        let ranges = move |digit| Self {
            digits,
            prefix: self.prefix << 4 | digit,
        };
        (digits <= DEEPEST).then(|| (0..16).map(ranges))
    }

    fn of(self, names: &BTreeSet<EvidenceId>) -> impl Iterator<Item = EvidenceId> + '_ {
        let name = |place: u64| EvidenceId(place.to_be_bytes());
        names.range(name(self.first())..=name(self.last())).copied()
    }
}

impl Part {
    /// What opens a comparison.
    pub(crate) fn all(names: &BTreeSet<EvidenceId>) -> Self {
        Self::hash(Range::ALL, names)
    }

    pub fn range(&self) -> Range {
        match self {
            Self::Hash { range, .. } | Self::Names { range, .. } => *range,
        }
    }

    pub(crate) fn is_oversize(&self) -> bool {
        matches!(self, Self::Names { ids, .. } if ids.len() > limits::NAMES_PER_RANGE)
    }

    fn hash(range: Range, names: &BTreeSet<EvidenceId>) -> Self {
        let hash = hash(range.of(names));
        Self::Hash { range, hash }
    }
}

/// Whether each part speaks of names of its own range, and the ranges stand in order without a common name: an
/// answer is then never about more than everything.
pub(crate) fn are_in_order(parts: &[Part]) -> bool {
    let apart = |pair: &[Part]| pair[0].range().last() < pair[1].range().first();
    let named = |part: &Part| match part {
        Part::Hash { .. } => true,
        Part::Names { range, ids } => ids.iter().all(|id| range.holds(id)),
    };
    parts.windows(2).all(apart) && parts.iter().all(named)
}

/// Answers what the other side says of its names.
pub(crate) fn answer(names: &BTreeSet<EvidenceId>, parts: &[Part]) -> Answer {
    let mut answer = Answer::default();
    for part in parts {
        match part {
            Part::Hash { range, hash } => answer.compare(names, *range, *hash),
            Part::Names { range, ids } => {
                let theirs: BTreeSet<EvidenceId> = ids.iter().copied().collect();
                let lacked = range.of(names).filter(|id| !theirs.contains(id));
                answer.lacked.extend(lacked);
                answer.told.extend(ids);
            }
        }
    }
    answer
}

impl Answer {
    fn compare(&mut self, names: &BTreeSet<EvidenceId>, range: Range, theirs: [u8; 8]) {
        if hash(range.of(names)) == theirs {
            return;
        }
        if theirs == hash(std::iter::empty()) {
            return self.lacked.extend(range.of(names));
        }
        let few = range.of(names).nth(limits::NAMES_PER_RANGE).is_none();
        match range.split().filter(|_| !few) {
            Some(ranges) => self
                .parts
                .extend(ranges.map(|range| Part::hash(range, names))),
            None => self.parts.push(Part::Names {
                range,
                ids: range.of(names).take(limits::NAMES_PER_RANGE).collect(),
            }),
        }
    }
}

fn hash(ids: impl Iterator<Item = EvidenceId>) -> [u8; 8] {
    let names: Vec<u8> = ids.flat_map(|id| id.0).collect();
    Digest::of("palisade 2026 names of evidence", &[&names]).short()
}

impl<C> Encode<C> for Range {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?.u8(self.digits)?.u32(self.prefix)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Range {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a range is an array of two"));
        }
        Self::new(d.u8()?, d.u32()?)
            .ok_or_else(|| decode::Error::message("a range of names that cannot be"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> EvidenceId {
        EvidenceId(Digest::of("test", &[&number.to_be_bytes()]).short())
    }

    fn names(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<EvidenceId> {
        numbers.into_iter().map(id).collect()
    }

    /// Lets two sides talk until nobody answers; returns what each lacks, and how many parts and names were said.
    fn talk(
        one: &BTreeSet<EvidenceId>,
        other: &BTreeSet<EvidenceId>,
    ) -> ([BTreeSet<EvidenceId>; 2], usize) {
        let sides = [one, other];
        let mut lacking = [BTreeSet::new(), BTreeSet::new()];
        let (mut speaker, mut parts, mut said) = (0, vec![Part::all(one)], 0);
        while !parts.is_empty() {
            assert!(are_in_order(&parts));
            said += parts.iter().map(weight).sum::<usize>();
            let listener = 1 - speaker;
            let answer = answer(sides[listener], &parts);
            said += answer.lacked.len();
            lacking[speaker].extend(answer.lacked);
            let told = answer.told.into_iter();
            lacking[listener].extend(told.filter(|id| !sides[listener].contains(id)));
            (speaker, parts) = (listener, answer.parts);
        }
        (lacking, said)
    }

    fn weight(part: &Part) -> usize {
        match part {
            Part::Hash { .. } => 1,
            Part::Names { ids, .. } => 1 + ids.len(),
        }
    }

    #[test]
    fn each_side_learns_exactly_what_it_lacks() {
        let cases = [
            (0..0, 0..900),
            (0..900, 0..0),
            (0..1, 1..2),
            (0..900, 0..900),
            (0..900, 7..911),
            (0..4_096, 4_096..8_192),
        ];
        for (one, other) in cases {
            let (one, other) = (names(one), names(other));
            let (lacking, _) = talk(&one, &other);
            assert_eq!(lacking[0], other.difference(&one).copied().collect());
            assert_eq!(lacking[1], one.difference(&other).copied().collect());
        }
    }

    #[test]
    fn what_both_hold_is_hardly_spoken_of() {
        let same = names(0..4_000);
        assert_eq!(talk(&same, &same).1, 1);
        let (_, said) = talk(&same, &names(3..4_003));
        assert!(said < 4_000 / 8, "{said} parts and names for six");
    }

    #[test]
    fn a_range_that_cannot_be_is_refused() {
        for (digits, prefix) in [(9, 0), (0, 1), (1, 16), (7, 1 << 28)] {
            assert_eq!(Range::new(digits, prefix), None, "{digits} {prefix}");
        }
        let deepest = Range::new(8, u32::MAX).expect("eight digits");
        assert_eq!(deepest.last(), u64::MAX);
        assert!(deepest.split().is_none() && deepest.holds(&EvidenceId([0xff; 8])));
    }

    #[test]
    fn parts_out_of_order_or_with_a_common_name_are_no_question() {
        let part = |digits, prefix| Part::Hash {
            range: Range::new(digits, prefix).expect("a range"),
            hash: [0; 8],
        };
        assert!(are_in_order(&[part(1, 0), part(1, 1)]));
        assert!(!are_in_order(&[part(1, 1), part(1, 0)]));
        assert!(!are_in_order(&[part(1, 1), part(2, 0x1f)]));
        assert!(!are_in_order(&[part(1, 1), part(1, 1)]));
        let range = Range::new(1, 0).expect("a range");
        let ids = vec![EvidenceId([0x10; 8])];
        assert!(!are_in_order(&[Part::Names { range, ids }]));
    }
}
