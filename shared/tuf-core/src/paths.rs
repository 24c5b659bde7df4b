//! Which paths a delegation covers: shell patterns segment by segment, or prefixes of the path's hash.

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::canonical::Json;
use crate::document::ReadError;
use crate::fields::{FieldError, Fields};
use crate::limits;

#[derive(Debug, Clone)]
pub(crate) enum Paths {
    Patterns(Vec<String>),
    HashPrefixes(Vec<String>),
}

impl Paths {
    pub(crate) fn read(fields: Fields<'_>) -> Result<Self, ReadError> {
        let has = |name| fields.0.contains_key(name);
        match (has("paths"), has("path_hash_prefixes")) {
            (true, false) => read_texts(fields, "paths").map(Self::Patterns),
            (false, true) => read_texts(fields, "path_hash_prefixes").map(Self::HashPrefixes),
            _ => Err(ReadError::EitherOr),
        }
    }

    pub(crate) fn hold(&self, path: &str) -> bool {
        match self {
            Self::Patterns(patterns) => patterns.iter().any(|pattern| covers(pattern, path)),
            Self::HashPrefixes(prefixes) => {
                let hash = HEXLOWER.encode(&Sha256::digest(path.as_bytes()));
                prefixes
                    .iter()
                    .any(|prefix| hash.starts_with(prefix.as_str()))
            }
        }
    }
}

fn read_texts(fields: Fields<'_>, name: &'static str) -> Result<Vec<String>, ReadError> {
    let listed = fields.list(name)?;
    if listed.len() > limits::PATTERNS {
        return Err(ReadError::TooMany("paths"));
    }
    let mut texts = Vec::new();
    for json in listed {
        let Json::Text(text) = json else {
            return Err(FieldError(name).into());
        };
        if text.len() > limits::PATTERN_BYTES {
            return Err(ReadError::LongPath);
        }
        texts.push(text.clone());
    }
    Ok(texts)
}

/// A wildcard never reaches over a slash.
fn covers(pattern: &str, path: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) if matches(pattern, segment) => {}
            _ => return false,
        }
    }
}

/// `*`, `?`, `[abc]`, `[a-z]` and `[!a]` as Python's fnmatch reads them; a bracket that is not closed is itself.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where to go on when what follows the last star does not fit: the star takes one more.
    let mut retry = None;
    while read < text.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                retry = Some((at + 1, read));
                at += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => bracket(&pattern[at..], text[read]),
            Some(wanted) => (*wanted == text[read]).then_some(1),
            None => None,
        };
        match (step, retry) {
            (Some(width), _) => {
                at += width;
                read += 1;
            }
            (None, Some((after, taken))) => {
                retry = Some((after, taken + 1));
                (at, read) = (after, taken + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}

/// How wide the bracket is that admits `wanted`.
fn bracket(pattern: &[char], wanted: char) -> Option<usize> {
    let negated = pattern.get(1) == Some(&'!');
    let start = if negated { 2 } else { 1 };
    // A closing bracket in the first place is a member.
    let Some(length) = pattern.iter().skip(start + 1).position(|&c| c == ']') else {
        return (wanted == '[').then_some(1);
    };
    let members = &pattern[start..=start + length];
    let mut found = false;
    let mut at = 0;
    while at < members.len() {
        if at + 2 < members.len() && members[at + 1] == '-' {
            found |= (members[at]..=members[at + 2]).contains(&wanted);
            at += 3;
        } else {
            found |= members[at] == wanted;
            at += 1;
        }
    }
    (found != negated).then_some(start + length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_the_shell_within_a_segment() {
        for (pattern, path) in [
            ("*", "a"),
            ("*.md", "README.md"),
            ("releases/*/*", "releases/x/y_v1"),
            ("a/?.bin", "a/1.bin"),
            ("v[0-9].[!a]", "v7.b"),
            ("[]]", "]"),
            ("[!]]", "a"),
            ("[a", "[a"),
            ("*a*b*", "xaybz"),
            ("", ""),
            ("f[a-cx]", "fx"),
            ("a**", "a"),
            ("é?", "éé"),
        ] {
            assert!(covers(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn probe_a_pattern_reaches_neither_over_a_slash_nor_over_case_and_dots() {
        for (pattern, path) in [
            ("*", "a/b"),
            ("releases/*", "releases/x/y"),
            ("a?b", "a/b"),
            ("a[/]b", "a/b"),
            ("*.zip", "a.ZIP"),
            ("*.zip", "azip"),
            ("a/*", "a"),
            ("a", "a/"),
            ("a", "/a"),
            ("*a*b*", "xbya"),
            ("[!a]", "a"),
            ("v[0-9]", "va"),
            ("", "a"),
        ] {
            assert!(!covers(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn probe_a_hash_prefix_covers_only_paths_whose_hash_begins_with_it() {
        // SHA-256 of "a" begins with ca978112.
        let prefixes = |text: &str| Paths::HashPrefixes(vec![text.to_owned()]);
        assert!(prefixes("ca9").hold("a") && !prefixes("ca9").hold("b"));
        assert!(!prefixes("CA9").hold("a") && !prefixes("a978").hold("a"));
        assert!(!Paths::HashPrefixes(Vec::new()).hold("a"));
    }

    #[test]
    fn probe_stars_do_not_make_matching_slow() {
        let pattern = format!("{}b", "*a".repeat(limits::PATTERN_BYTES / 2 - 1));
        assert!(!covers(&pattern, &"a".repeat(limits::TARGET_PATH_BYTES)));
    }
}
