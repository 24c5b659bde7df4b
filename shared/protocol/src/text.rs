//! Bounded text: what a device says about itself, checked once at the door.

use std::fmt;
use std::str::FromStr;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};
use thiserror::Error;

/// One line of UTF-8 text of at most `MAX` bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

/// A name: of a device, a cell, a process, an interface.
pub type Name = Line<64>;
/// A path or an address.
pub type Path = Line<160>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    #[error("the text is empty")]
    Empty,
    #[error("the text is longer than {0} bytes")]
    TooLong(usize),
    #[error("the text contains a control character")]
    Control,
}

impl<const MAX: usize> Line<MAX> {
    pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.len() > MAX {
            return Err(TextError::TooLong(MAX));
        }
        if text.chars().any(is_unprintable) {
            return Err(TextError::Control);
        }
        Ok(Self(text))
    }

    /// Makes any text fit: control characters become `?`, the end is cut; `None` if nothing is left.
    pub fn fitted(text: &str) -> Option<Self> {
        let mut fitted = String::with_capacity(text.len().min(MAX));
        for character in text.trim().chars() {
            let shown = if is_unprintable(character) {
                '?'
            } else {
                character
            };
            if fitted.len() + shown.len_utf8() > MAX {
                break;
            }
            fitted.push(shown);
        }
        (!fitted.is_empty()).then_some(Self(fitted))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, and the marks that make text read backwards.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl<const MAX: usize> fmt::Display for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> FromStr for Line<MAX> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<C, const MAX: usize> Encode<C> for Line<MAX> {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

impl<'b, C, const MAX: usize> Decode<'b, C> for Line<MAX> {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::new(d.str()?).map_err(|error| decode::Error::message(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_made_to_fit() {
        assert_eq!(
            Line::<4>::fitted("  a\nbéc ")
                .expect("something is left")
                .as_str(),
            "a?b"
        );
        assert_eq!(Name::fitted(" \t"), None);
    }

    #[test]
    fn control_characters_and_reversals_are_refused() {
        assert_eq!(Name::new("a\u{202e}b"), Err(TextError::Control));
        assert_eq!(Name::new(""), Err(TextError::Empty));
        assert_eq!(Line::<2>::new("abc"), Err(TextError::TooLong(2)));
    }
}
