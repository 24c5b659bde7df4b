//! Conversations as letters (Garcia 2014): whether what follows what looks like a controlled machine or like a usual one.

pub mod markov;
pub mod ngram;

use thiserror::Error;

use crate::limits::{SEQUENCE_LETTERS, SEQUENCES};

/// What a sequence was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Usual,
    Controlled,
}

/// A sequence of letters, one byte each, and what it was.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    pub letters: &'a [u8],
    pub class: Class,
}

/// Something that has learnt from examples; the recurrent net has to win on sources it has not seen to be one.
pub trait SequenceModel {
    /// The logarithm of the odds that a sequence is of a controlled machine; letters never seen say nothing.
    fn log_odds(&self, letters: &[u8]) -> f64;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SequenceError {
    #[error("{0} examples: give between 2 and {SEQUENCES}")]
    Examples(usize),
    #[error("all examples are of one class: give both")]
    OneClass,
}

/// Both classes must be there; what is beyond the bound of letters is cut off.
fn checked(examples: &[Example<'_>]) -> Result<(), SequenceError> {
    if !(2..=SEQUENCES).contains(&examples.len()) {
        return Err(SequenceError::Examples(examples.len()));
    }
    let controlled = examples
        .iter()
        .filter(|one| one.class == Class::Controlled)
        .count();
    if controlled == 0 || controlled == examples.len() {
        Err(SequenceError::OneClass)
    } else {
        Ok(())
    }
}

fn read(letters: &[u8]) -> &[u8] {
    &letters[..letters.len().min(SEQUENCE_LETTERS)]
}
