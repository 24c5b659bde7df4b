//! How neighbours speak of evidence: by its name, or by the first half of it where many words are told of.

use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::evidence::{Evidence, EvidenceId};

/// The first four bytes of the name of an accusation.
///
/// Two words that meet in it are told of as one: whoever lacks one of them gets it when neighbours compare, which they
/// do by whole names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShortId(pub [u8; 4]);

impl ShortId {
    /// The names that begin with it: the first of them and the last.
    pub(crate) fn bounds(self) -> (EvidenceId, EvidenceId) {
        let whole = |rest: u8| {
            let [a, b, c, d] = self.0;
            EvidenceId([a, b, c, d, rest, rest, rest, rest])
        };
        (whole(0), whole(u8::MAX))
    }
}

/// What one neighbour calls a piece of evidence to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    Whole(EvidenceId),
    Short(ShortId),
}

impl Name {
    /// Accusations are many at once, and each is one of several that say the same.
    pub fn of(piece: &Evidence) -> Self {
        let id = piece.id();
        match piece {
            Evidence::Accusation(_) => Self::Short(id.short()),
            _ => Self::Whole(id),
        }
    }

    /// What a frame names.
    pub fn list(ids: &[EvidenceId], words: &ShortIds) -> Vec<Self> {
        let whole = ids.iter().map(|id| Self::Whole(*id));
        whole
            .chain(words.0.iter().map(|word| Self::Short(*word)))
            .collect()
    }

    /// The fields of a frame that names these.
    pub(crate) fn fields(names: &[Self]) -> (Vec<EvidenceId>, ShortIds) {
        let (mut ids, mut words) = (Vec::new(), Vec::new());
        for name in names {
            match name {
                Self::Whole(id) => ids.push(*id),
                Self::Short(word) => words.push(*word),
            }
        }
        (ids, ShortIds(words))
    }
}

/// Short names, which travel as one string of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShortIds(pub Vec<ShortId>);

impl ShortIds {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<C> Encode<C> for ShortIds {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|word| word.0).collect();
        e.bytes(&bytes)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ShortIds {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let (names, rest) = d.bytes()?.as_chunks();
        if !rest.is_empty() {
            return Err(decode::Error::message("short names have four bytes each"));
        }
        Ok(Self(names.iter().copied().map(ShortId).collect()))
    }

    fn nil() -> Option<Self> {
        Some(Self::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor;

    #[test]
    fn short_names_travel_as_one_string_and_half_a_name_is_none() {
        let names = ShortIds(vec![ShortId([1, 2, 3, 4]), ShortId([5, 6, 7, 8])]);
        let bytes = cbor::encode(&names);
        assert_eq!(bytes, [0x48, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(cbor::decode("names", 64, &bytes), Ok(names));
        let halved = cbor::decode::<ShortIds>("names", 64, &[0x46, 1, 2, 3, 4, 5, 6]);
        assert!(halved.is_err());
        // Also without the rule that there is one form of everything.
        assert!(
            Decoder::new(&[0x46, 1, 2, 3, 4, 5, 6])
                .decode::<ShortIds>()
                .is_err()
        );
    }

    /// Accusations are told of by half of their names, and proofs, of which each counts, by the whole.
    #[test]
    fn only_accusations_are_called_by_half_of_their_names() {
        let word = Evidence::Accusation(vec![1].into());
        let proof = Evidence::Proof(vec![1].into());
        let (first, last) = word.id().short().bounds();
        assert!((first..=last).contains(&word.id()));
        assert_eq!(Name::of(&word), Name::Short(word.id().short()));
        assert_eq!(Name::of(&proof), Name::Whole(proof.id()));
        let (ids, words) = Name::fields(&[Name::of(&word), Name::of(&proof)]);
        assert_eq!(
            (&ids[..], &words.0[..]),
            (&[proof.id()][..], &[word.id().short()][..])
        );
        assert_eq!(
            Name::list(&ids, &words),
            [Name::of(&proof), Name::of(&word)]
        );
    }
}
