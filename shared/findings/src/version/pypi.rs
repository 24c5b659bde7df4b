//! PEP 440: `1!2.3rc1.post4.dev5+local`.

use std::cmp::Ordering;

use super::{digits, numbers};

struct Version {
    epoch: String,
    release: Vec<String>,
    /// `a` is 0, `b` 1, `rc` 2.
    pre: Option<(u8, String)>,
    post: Option<String>,
    dev: Option<String>,
    local: Vec<String>,
}

/// None when one of them is no version of PEP 440.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let order = numbers(&a.epoch, &b.epoch)
        .then_with(|| releases(&a.release, &b.release))
        .then_with(|| stage(&a, &b))
        .then_with(|| optional(a.post.as_deref(), b.post.as_deref(), Ordering::Less))
        .then_with(|| optional(a.dev.as_deref(), b.dev.as_deref(), Ordering::Greater))
        .then_with(|| locals(&a.local, &b.local));
    Some(order)
}

fn parse(text: &str) -> Option<Version> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let (text, local) = text.split_once('+').unwrap_or((text, ""));
    let (epoch, mut rest) = text.split_once('!').unwrap_or(("0", text));
    let mut release = Vec::new();
    loop {
        let (number, after) = rest.split_at(digits(rest));
        if number.is_empty() {
            return None;
        }
        release.push(number.to_owned());
        rest = after;
        match after.strip_prefix('.') {
            Some(next) if digits(next) > 0 => rest = next,
            _ => break,
        }
    }
    let pre = part(
        &mut rest,
        &[
            ("alpha", 0),
            ("beta", 1),
            ("preview", 2),
            ("pre", 2),
            ("rc", 2),
            ("a", 0),
            ("b", 1),
            ("c", 2),
        ],
    );
    // `1.0-1` is the first release after 1.0.
    let post = match rest.strip_prefix('-').filter(|after| digits(after) > 0) {
        Some(after) => {
            let (number, after) = after.split_at(digits(after));
            rest = after;
            Some(number.to_owned())
        }
        None => part(&mut rest, &[("post", 0), ("rev", 0), ("r", 0)]).map(|(_, number)| number),
    };
    let dev = part(&mut rest, &[("dev", 0)]).map(|(_, number)| number);
    let is_whole = rest.is_empty() && !epoch.is_empty() && digits(epoch) == epoch.len();
    is_whole.then(|| Version {
        epoch: epoch.to_owned(),
        release,
        pre,
        post,
        dev,
        local: local
            .split(['.', '-', '_'])
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

/// Takes `.word.12` from the start when the word is one of these.
fn part(rest: &mut &str, words: &[(&str, u8)]) -> Option<(u8, String)> {
    let start = rest.strip_prefix(['.', '-', '_']).unwrap_or(rest);
    let (after, rank) = words
        .iter()
        .find_map(|(word, rank)| Some((start.strip_prefix(word)?, *rank)))?;
    let numbered = after
        .strip_prefix(['.', '-', '_'])
        .filter(|next| digits(next) > 0)
        .unwrap_or(after);
    let (number, after) = numbered.split_at(digits(numbered));
    *rest = after;
    Some((rank, number.to_owned()))
}

fn releases(a: &[String], b: &[String]) -> Ordering {
    let zero = String::new();
    let at = |list: &'_ [String], place: usize| list.get(place).unwrap_or(&zero).clone();
    (0..a.len().max(b.len()))
        .map(|place| numbers(&at(a, place), &at(b, place)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Only under development < before the release < the release and what follows it.
fn stage(a: &Version, b: &Version) -> Ordering {
    let rank = |version: &Version| match (&version.pre, &version.post, &version.dev) {
        (None, None, Some(_)) => 0,
        (Some(_), ..) => 1,
        _ => 2,
    };
    let pre = |version: &Version| version.pre.clone().unwrap_or_default();
    rank(a).cmp(&rank(b)).then_with(|| {
        let ((kind_a, number_a), (kind_b, number_b)) = (pre(a), pre(b));
        kind_a
            .cmp(&kind_b)
            .then_with(|| numbers(&number_a, &number_b))
    })
}

/// Numbers when both are there; `missing` says how the one without compares to the one with.
fn optional(a: Option<&str>, b: Option<&str>, missing: Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => numbers(a, b),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => missing,
        (Some(_), None) => missing.reverse(),
    }
}

fn locals(a: &[String], b: &[String]) -> Ordering {
    let is_number = |text: &str| digits(text) == text.len();
    for (x, y) in a.iter().zip(b) {
        let order = match (is_number(x), is_number(y)) {
            (true, true) => numbers(x, y),
            (false, false) => x.cmp(y),
            (numeric, _) => numeric.cmp(&!numeric),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}
