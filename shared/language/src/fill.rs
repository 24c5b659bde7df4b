//! Texts with placeholders, and numbers that choose between singular and plural.

use std::fmt::{Display, Write as _};

use crate::present::present;
use crate::{Language, Word};

/// A stretch of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    /// The name between braces.
    Placeholder(&'a str),
}

/// The stretches of a text in their order; a brace that is never closed is text.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if let Some((name, after)) = rest
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            rest = after;
            return Some(Piece::Placeholder(name));
        }
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, letter)| *letter == '{')
            .map_or(rest.len(), |(place, _)| place);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(Piece::Text(piece))
    })
}

/// The text with its placeholders filled. [`crate::find`] has seen to it that each has a value.
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Placeholder(name) => {
                for (_, value) in values.iter().filter(|(other, _)| *other == name) {
                    write!(filled, "{value}").expect("writing to a String cannot fail");
                }
            }
        }
    }
    filled
}

/// The text for `n` things: in French nought is singular as well.
pub fn choose(n: u64, one: Word, many: Word) -> &'static str {
    let singular = match present() {
        Language::English => n == 1,
        Language::French => n < 2,
    };
    if singular { one.now() } else { many.now() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::present::speaking;

    #[test]
    fn a_value_goes_where_its_name_stands() {
        assert_eq!(fill("{b} of {a}", &[("a", &1), ("b", &"two")]), "two of 1");
        assert_eq!(fill("{a}{a}", &[("a", &'x')]), "xx");
        assert_eq!(fill("half open {a", &[("a", &1)]), "half open {a");
    }

    #[test]
    fn a_value_is_never_read_as_a_text_with_placeholders() {
        assert_eq!(fill("{a}", &[("a", &"{b}"), ("b", &1)]), "{b}");
    }

    #[test]
    fn nought_is_many_in_english_and_one_in_french() {
        let devices = |n: u64| crate::count!(n, "{n} device", "{n} devices");
        assert_eq!(
            [0, 1, 2].map(devices),
            ["0 devices", "1 device", "2 devices"]
        );
        speaking(Language::French, || {
            assert_eq!(
                [0, 1, 2].map(devices),
                ["0 appareil", "1 appareil", "2 appareils"]
            );
            assert_eq!(devices(1_234), "1\u{202f}234 appareils");
        });
    }

    #[test]
    fn a_word_is_said_in_the_language_of_the_moment() {
        assert_eq!(crate::say!("Devices"), "Devices");
        assert_eq!(
            speaking(Language::French, || crate::say!("Devices")),
            "Appareils"
        );
    }

    proptest! {
        #[test]
        fn the_stretches_put_together_are_the_text(text in "[a{}é ]{0,24}") {
            let again: String = pieces(&text)
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Placeholder(name) => format!("{{{name}}}"),
                })
                .collect();
            prop_assert_eq!(again, text);
        }
    }
}
