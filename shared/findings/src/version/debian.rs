//! Debian Policy 5.6.12: epoch, upstream version and revision, each by runs of letters and digits, `~` below nothing.

use std::cmp::Ordering;

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    let ((upstream_a, revision_a), (upstream_b, revision_b)) = (revision(a), revision(b));
    super::numbers(epoch_a, epoch_b)
        .then_with(|| runs(upstream_a, upstream_b))
        .then_with(|| runs(revision_a, revision_b))
}

fn epoch(text: &str) -> (&str, &str) {
    match text.split_once(':') {
        Some((epoch, rest)) if super::digits(epoch) == epoch.len() => (epoch, rest),
        _ => ("", text),
    }
}

fn revision(text: &str) -> (&str, &str) {
    text.rsplit_once('-').unwrap_or((text, ""))
}

/// dpkg's `verrevcmp`.
fn runs(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (word_a, rest_a) = a.split_at(words(a));
        let (word_b, rest_b) = b.split_at(words(b));
        let order = letters(word_a, word_b);
        if order.is_ne() {
            return order;
        }
        let (number_a, rest_a) = rest_a.split_at(super::digits(rest_a));
        let (number_b, rest_b) = rest_b.split_at(super::digits(rest_b));
        let order = super::numbers(number_a, number_b);
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn words(text: &str) -> usize {
    text.find(|letter: char| letter.is_ascii_digit())
        .unwrap_or(text.len())
}

fn letters(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.chars(), b.chars());
    loop {
        let (x, y) = (a.next(), b.next());
        let order = weight(x).cmp(&weight(y));
        if order.is_ne() || (x.is_none() && y.is_none()) {
            return order;
        }
    }
}

/// `~` below the end, letters above it, everything else above letters.
fn weight(letter: Option<char>) -> i64 {
    match letter {
        Some('~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i64::from(u32::from(letter)),
        Some(letter) => i64::from(u32::from(letter)) + 0x100,
    }
}
