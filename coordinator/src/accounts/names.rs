//! Names of accounts: each can be read whole, and none can be taken for another's (UTS 39).

use protocol::text::{Name, TextError};
use thiserror::Error;
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_security::skeleton;

use crate::access;

/// Names under which the audit trail knows who is nobody's account.
const TAKEN: [&str; 3] = [access::ACTOR, "coordinator", "nobody"];

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("this name stands for something else in the audit trail: choose another")]
    Taken,
    #[error("the character U+{:04X} cannot be seen: leave it out", u32::from(*.0))]
    Unseen(char),
    #[error("only one space can stand between two words: leave the others out")]
    Spaces,
    #[error(
        "the character {} (U+{:04X}) is of another alphabet than what stands before it: write each word in one",
        .0, u32::from(*.0)
    )]
    Mixed(char),
}

/// A name that an account has.
pub fn account_name(text: &str) -> Result<Name, NameError> {
    let name = Name::new(text.trim())?;
    if TAKEN.contains(&name.as_str()) {
        return Err(NameError::Taken);
    }
    Ok(name)
}

/// A name that an account may be given: stricter than what accounts of old have, who are still to be found.
pub fn new_account_name(text: &str) -> Result<Name, NameError> {
    let name = account_name(text)?;
    if TAKEN.iter().any(|taken| look_alike(taken, name.as_str())) {
        return Err(NameError::Taken);
    }
    let mut characters = name.as_str().chars();
    if let Some(unseen) = characters.find(|one| is_unseen(*one)) {
        return Err(NameError::Unseen(unseen));
    }
    if name.as_str().contains("  ") {
        return Err(NameError::Spaces);
    }
    let mixed = words(name.as_str()).find_map(stranger);
    mixed.map_or(Ok(name), |stranger| Err(NameError::Mixed(stranger)))
}

/// Whether people would take one for the other: by its looks, whatever the case.
pub fn look_alike(one: &str, other: &str) -> bool {
    Looks::of(one).are_like(&Looks::of(other))
}

/// How a name looks, for whoever compares it with many.
#[derive(Debug)]
pub struct Looks {
    of_small: String,
    made_small: String,
}

impl Looks {
    pub fn of(name: &str) -> Self {
        let (small, seen) = (name.to_lowercase(), looks(name));
        // Most names are small already, and looks are what costs.
        let of_small = if small == name {
            seen.clone()
        } else {
            looks(&small)
        };
        Self {
            of_small,
            made_small: seen.to_lowercase(),
        }
    }

    pub fn are_like(&self, other: &Self) -> bool {
        self.of_small == other.of_small || self.made_small == other.made_small
    }
}

fn looks(name: &str) -> String {
    let spaced: Vec<&str> = name.split_whitespace().collect();
    skeleton(&spaced.join(" ")).collect()
}

/// What leaves no mark, and blanks that are no plain space.
fn is_unseen(character: char) -> bool {
    /// A pattern of Braille without a dot.
    const NO_DOT: char = '\u{2800}';
    let leaves_no_mark = skeleton(character.encode_utf8(&mut [0; 4]))
        .next()
        .is_none();
    let blank = character.is_whitespace() && character != ' ';
    leaves_no_mark || blank || character == NO_DOT
}

/// An address has parts, and a person may have names, in different alphabets.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|one: char| !one.is_alphanumeric())
}

/// The first character with which a word is of no one alphabet any more.
fn stranger(word: &str) -> Option<char> {
    let mut shared = AugmentedScriptSet::default();
    word.chars().find(|one| {
        shared.intersect_with(AugmentedScriptSet::for_char(*one));
        shared.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_everywhere_are_taken() {
        for name in [
            "ada",
            "Zoë O’Brien-Łuczak",
            "амина",
            "иван@example.org",
            "Иван Ivanov",
            "山田 太郎",
            "山田タロウ",
            "김철수",
            "عائشة",
            "नेहा",
            "night-shift 2",
            "e\u{301}mile",
            "<script>alert(1)</script>",
        ] {
            assert_eq!(new_account_name(name).as_ref().map(Name::as_str), Ok(name));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused_by_its_number() {
        for hidden in [
            '\u{ad}',
            '\u{34f}',
            '\u{115f}',
            '\u{200b}',
            '\u{200d}',
            '\u{2060}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{e0041}',
            '\u{a0}',
            '\u{2003}',
            '\u{3000}',
            '\u{2800}',
        ] {
            let refused = new_account_name(&format!("a{hidden}da"));
            assert_eq!(refused, Err(NameError::Unseen(hidden)));
        }
        let said = NameError::Unseen('\u{200b}').to_string();
        assert_eq!(said, "the character U+200B cannot be seen: leave it out");
        assert_eq!(new_account_name("ada  l"), Err(NameError::Spaces));
    }

    #[test]
    fn a_word_of_two_alphabets_is_refused_at_the_letter() {
        // Cyrillic а, Greek ο, and a fraktur d.
        for (name, letter) in [("\u{430}da", 'd'), ("b\u{3bf}b", '\u{3bf}')] {
            assert_eq!(new_account_name(name), Err(NameError::Mixed(letter)));
        }
        let said = NameError::Mixed('\u{430}').to_string();
        assert!(said.contains("(U+0430)"), "{said}");
    }

    #[test]
    fn what_the_audit_trail_calls_others_is_taken_however_it_is_written() {
        for name in ["command line", "Coordinator", "nob0dy", "c\u{43e}ordinator"] {
            assert_eq!(new_account_name(name), Err(NameError::Taken), "{name}");
        }
        assert!(
            account_name("Coordinator").is_ok(),
            "it may be there already"
        );
    }

    #[test]
    fn names_look_alike_by_letters_of_other_alphabets_case_digits_and_marks_that_are_not_seen() {
        for (one, other) in [
            ("ada", "Ada"),
            ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"),
            ("ada", "ad\u{200b}a"),
            ("user1", "userl"),
            ("user0", "userO"),
            ("modem", "rnodern"),
            ("zoë", "zoe\u{308}"),
            ("ada l", "ada\u{a0}l"),
            ("ada", "\u{1d41a}da"),
        ] {
            assert!(look_alike(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("ada", "adam"),
            ("bob", "bop"),
            ("user1", "user2"),
            ("zoë", "zoe"),
        ] {
            assert!(!look_alike(one, other), "{one} {other}");
        }
    }
}
