//! Accusations as they travel in a storm: what all of a frame share is said once, and devices are named by their places
//! in the identity log.
//!
//! Nothing here is signed. Whoever receives it puts the signed bytes together again, which the signature of each then
//! confirms; of two logs that differ, a place means the same device as far as both go.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::accusation::{Accusation, Silent};
use crate::evidence::Evidence;
use crate::id::{DeviceId, Epoch};
use crate::key::Signature;
use crate::limits;
use crate::record::Position;
use crate::roster::Roster;
use crate::signed::{self, Unchecked};
use crate::time::Timestamp;

/// Accusations that were made in one epoch, by one size of the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Brief {
    #[n(0)]
    pub epoch: Epoch,
    #[n(1)]
    pub log_size: u64,
    /// When the first of them was made.
    #[n(2)]
    pub since: Timestamp,
    /// At most [`limits::EVIDENCE_PER_FRAME`].
    #[n(3)]
    pub words: Vec<Word>,
}

/// One accusation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Word {
    /// The place in the log at which the witness was admitted.
    #[n(0)]
    pub witness: u64,
    #[n(1)]
    pub number: Position,
    /// Milliseconds after the first of the frame.
    #[n(2)]
    pub after: u64,
    /// At most [`limits::ACCUSED`].
    #[cbor(n(3), with = "flat")]
    pub silent: Vec<Named>,
    #[n(4)]
    pub signature: Signature,
}

/// A device that is accused, by the place at which it was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub subject: u64,
    pub last: Option<Position>,
}

impl Brief {
    /// Frames for these accusations, and those that have no shorter form by this roster.
    pub fn of(pieces: Vec<Evidence>, roster: &Roster) -> (Vec<Self>, Vec<Evidence>) {
        let mut frames: BTreeMap<(Epoch, u64), Vec<Unchecked<Accusation>>> = BTreeMap::new();
        let mut rest = Vec::new();
        for piece in pieces {
            match parsed(&piece).filter(|word| is_known(word.claim(), roster)) {
                Some(word) => {
                    let claim = word.claim();
                    let frame = frames.entry((claim.epoch, claim.log_size)).or_default();
                    frame.push(word);
                }
                None => rest.push(piece),
            }
        }
        let frame = |((epoch, log_size), words): (_, Vec<Unchecked<Accusation>>)| {
            let times = words.iter().map(|word| word.claim().time);
            let since = times.min().unwrap_or_default();
            let words = words.iter().map(|word| Word::of(word, since, roster));
            Self {
                epoch,
                log_size,
                since,
                words: words.collect(),
            }
        };
        (frames.into_iter().map(frame).collect(), rest)
    }

    /// The accusations, without those that name places which this roster does not have.
    pub fn evidence(&self, roster: &Roster) -> Vec<Evidence> {
        let words = self.words.iter();
        let accusations = words.filter_map(|word| Some((self.accusation(word, roster)?, word)));
        accusations
            .map(|(accusation, word)| signed::envelope(&accusation, word.signature))
            .map(|envelope| Evidence::Accusation(envelope.into()))
            .collect()
    }

    pub(crate) fn is_oversize(&self) -> bool {
        let mut words = self.words.iter();
        words.any(|word| word.silent.len() > limits::ACCUSED)
    }

    fn accusation(&self, word: &Word, roster: &Roster) -> Option<Accusation> {
        let silent = word.silent.iter().map(|named| {
            Some(Silent {
                subject: roster.admitted_at(named.subject)?,
                last: named.last,
            })
        });
        let since = self.since.as_millis();
        Some(Accusation {
            witness: roster.admitted_at(word.witness)?,
            number: word.number,
            epoch: self.epoch,
            log_size: self.log_size,
            time: Timestamp::from_millis(since.checked_add(word.after)?),
            silent: silent.collect::<Option<_>>()?,
        })
    }
}

impl Word {
    fn of(word: &Unchecked<Accusation>, since: Timestamp, roster: &Roster) -> Self {
        let claim = word.claim();
        let silent = claim.silent.iter().map(|silent| Named {
            subject: place(&silent.subject, roster),
            last: silent.last,
        });
        Self {
            witness: place(&claim.witness, roster),
            number: claim.number,
            after: claim.time.as_millis() - since.as_millis(),
            silent: silent.collect(),
            signature: word.signature(),
        }
    }
}

/// All who are accused in one array: the place of each, then its incarnation and sequence, or null.
mod flat {
    use minicbor::data::Type;
    use minicbor::decode::Error;
    use minicbor::encode::Error as Unwritten;
    use minicbor::encode::Write;
    use minicbor::{Decoder, Encoder};

    use super::{Named, Position};

    pub fn encode<C, W: Write>(
        silent: &[Named],
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), Unwritten<W::Error>> {
        let items = silent.iter().map(|it| 2 + u64::from(it.last.is_some()));
        e.array(items.sum())?;
        for named in silent {
            e.u64(named.subject)?;
            match named.last {
                None => e.null()?,
                Some(last) => e.encode_with(last.incarnation, ctx)?.u32(last.sequence)?,
            };
        }
        Ok(())
    }

    pub fn decode<'b, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<Named>, Error> {
        let cut = || Error::message("an accused device has a place and what it said last");
        let mut left = d.array()?.ok_or_else(cut)?;
        let mut silent = Vec::new();
        while left > 0 {
            let subject = d.u64()?;
            let (last, items) = if d.datatype()? == Type::Null {
                d.null()?;
                (None, 2)
            } else {
                let (incarnation, sequence) = (d.decode_with(ctx)?, d.u32()?);
                let last = Position {
                    incarnation,
                    sequence,
                };
                (Some(last), 3)
            };
            left = left.checked_sub(items).ok_or_else(cut)?;
            silent.push(Named { subject, last });
        }
        Ok(silent)
    }
}

fn parsed(piece: &Evidence) -> Option<Unchecked<Accusation>> {
    match piece {
        Evidence::Accusation(bytes) => Unchecked::parse(bytes).ok(),
        _ => None,
    }
}

fn is_known(claim: &Accusation, roster: &Roster) -> bool {
    let mut subjects = claim.silent.iter().map(|silent| &silent.subject);
    roster.member(&claim.witness).is_some()
        && subjects.all(|subject| roster.member(subject).is_some())
}

fn place(device: &DeviceId, roster: &Roster) -> u64 {
    roster.member(device).expect("all were looked up").included
}
