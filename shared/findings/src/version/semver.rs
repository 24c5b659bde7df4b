//! Semantic Versioning 2.0, section 11; missing numbers count as 0, as OSV's events have them.

use std::cmp::Ordering;

/// None when one of them is no semantic version.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let cores = a
        .core
        .iter()
        .zip(&b.core)
        .map(|(a, b)| super::numbers(a, b));
    let cores = cores.fold(Ordering::Equal, Ordering::then);
    Some(cores.then_with(|| prereleases(a.pre, b.pre)))
}

struct Version<'a> {
    core: [&'a str; 3],
    pre: Option<&'a str>,
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(text, _)| text);
    let (numbers, pre) = match text.split_once('-') {
        Some((numbers, pre)) => (numbers, Some(pre)),
        None => (text, None),
    };
    let mut core = ["0"; 3];
    for (at, number) in numbers.split('.').enumerate() {
        if number.is_empty() || super::digits(number) != number.len() {
            return None;
        }
        *core.get_mut(at)? = number;
    }
    Some(Version { core, pre })
}

fn prereleases(a: Option<&str>, b: Option<&str>) -> Ordering {
    let (a, b) = match (a, b) {
        (None, None) => return Ordering::Equal,
        (None, Some(_)) => return Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (Some(a), Some(b)) => (a, b),
    };
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => identifiers(a, b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn identifiers(a: &str, b: &str) -> Ordering {
    let is_number = |text: &str| !text.is_empty() && super::digits(text) == text.len();
    match (is_number(a), is_number(b)) {
        (true, true) => super::numbers(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}
