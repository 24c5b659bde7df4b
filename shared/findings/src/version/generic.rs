//! Versions of makers that follow no rule: numbers count, words before a release stand below it, others above.

use std::cmp::Ordering;

/// A run of digits or letters, the lowest kind first. What is not there counts as the number 0.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    /// A word before a release, by its rank: `dev` is 0, `rc` is 4.
    Before(u8),
    Number(&'a str),
    /// Any other word: above nothing and 0, below 1, as 1.0.2k stands between 1.0.2 and 1.0.3.
    Word(&'a str),
}

const WORDS_BEFORE: [(&str, u8); 12] = [
    ("dev", 0),
    ("snapshot", 0),
    ("nightly", 0),
    ("alpha", 1),
    ("beta", 2),
    ("milestone", 3),
    ("pre", 3),
    ("preview", 3),
    ("prerelease", 3),
    ("rc", 4),
    ("cr", 4),
    ("candidate", 4),
];

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Parts(bare(a)), Parts(bare(b)));
    loop {
        let (x, y) = (a.next(), b.next());
        if x.is_none() && y.is_none() {
            return Ordering::Equal;
        }
        let nothing = Part::Number("");
        let order = order(x.unwrap_or(nothing), y.unwrap_or(nothing));
        if order.is_ne() {
            return order;
        }
    }
}

/// `v1.2` is 1.2.
fn bare(text: &str) -> &str {
    match text.strip_prefix(['v', 'V']) {
        Some(rest) if super::digits(rest) > 0 => rest,
        _ => text,
    }
}

fn order(a: Part<'_>, b: Part<'_>) -> Ordering {
    match (a, b) {
        (Part::Before(a), Part::Before(b)) => a.cmp(&b),
        (Part::Number(a), Part::Number(b)) => super::numbers(a, b),
        (Part::Word(a), Part::Word(b)) => lower(a).cmp(lower(b)),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn lower(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase)
}

fn rank(part: Part<'_>) -> u8 {
    match part {
        Part::Before(_) => 0,
        Part::Number(digits) if digits.bytes().all(|digit| digit == b'0') => 1,
        Part::Word(_) => 2,
        Part::Number(_) => 3,
    }
}

struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        self.0 = self
            .0
            .trim_start_matches(|letter: char| !letter.is_alphanumeric());
        if self.0.is_empty() {
            return None;
        }
        let digits = super::digits(self.0);
        if digits > 0 {
            let (number, rest) = self.0.split_at(digits);
            self.0 = rest;
            return Some(Part::Number(number));
        }
        let is_over = |letter: char| !letter.is_alphanumeric() || letter.is_ascii_digit();
        let (word, rest) = self
            .0
            .split_at(self.0.find(is_over).unwrap_or(self.0.len()));
        self.0 = rest;
        // 1.0a1 is a release to come, 1.0.2a one with a patch.
        let is_numbered = super::digits(rest) > 0;
        let before = match word {
            "a" | "A" if is_numbered => Some(1),
            "b" | "B" if is_numbered => Some(2),
            _ => WORDS_BEFORE
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(word))
                .map(|(_, rank)| *rank),
        };
        Some(before.map_or(Part::Word(word), Part::Before))
    }
}
