//! Versions of Alpine packages as apk-tools orders them: `1.2.3a_rc1-r4`.

use std::cmp::Ordering;

/// Suffixes below the plain version, then those above it.
const BELOW: [&str; 4] = ["alpha", "beta", "pre", "rc"];
const ABOVE: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

struct Version<'a> {
    numbers: Vec<&'a str>,
    letter: Option<char>,
    /// The rank of each suffix (negative: below the plain version), and its number.
    suffixes: Vec<(i8, &'a str)>,
    revision: &'a str,
}

/// None when one of them is no version of apk.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let order = components(&a.numbers, &b.numbers)
        .then_with(|| a.letter.cmp(&b.letter))
        .then_with(|| suffixes(&a.suffixes, &b.suffixes))
        .then_with(|| super::numbers(a.revision, b.revision));
    Some(order)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let (text, revision) = match text.rsplit_once("-r") {
        Some((text, revision)) if is_number(revision) => (text, revision),
        Some(_) => return None,
        None => (text, ""),
    };
    let text = text.split_once('~').map_or(text, |(text, _)| text);
    let mut parts = text.split('_');
    let mut core = parts.next()?;
    let letter = core.chars().last().filter(char::is_ascii_lowercase);
    if letter.is_some() {
        core = &core[..core.len() - 1];
    }
    let numbers: Vec<&str> = core.split('.').collect();
    if !numbers.iter().all(|number| is_number(number)) {
        return None;
    }
    let suffixes = parts.map(suffix).collect::<Option<_>>()?;
    Some(Version {
        numbers,
        letter,
        suffixes,
        revision,
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && super::digits(text) == text.len()
}

fn suffix(text: &str) -> Option<(i8, &str)> {
    let word = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let number = &text[word.len()..];
    let place = |list: &[&str]| list.iter().position(|known| *known == word);
    let below = place(&BELOW).map(|at| at as i8 - BELOW.len() as i8);
    let rank = below.or_else(|| place(&ABOVE).map(|at| at as i8 + 1))?;
    Some((rank, number))
}

/// The first number counts as such; later ones with a leading zero are compared as text. More numbers are newer.
fn components(a: &[&str], b: &[&str]) -> Ordering {
    for (at, (x, y)) in a.iter().zip(b).enumerate() {
        let order = match at > 0 && (x.starts_with('0') || y.starts_with('0')) {
            true => x.cmp(y),
            false => super::numbers(x, y),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

fn suffixes(a: &[(i8, &str)], b: &[(i8, &str)]) -> Ordering {
    for at in 0..a.len().max(b.len()) {
        let (x, y) = (a.get(at).unwrap_or(&(0, "")), b.get(at).unwrap_or(&(0, "")));
        let order = x.0.cmp(&y.0).then_with(|| super::numbers(x.1, y.1));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
