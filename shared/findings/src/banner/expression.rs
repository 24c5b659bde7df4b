//! A pattern as Ruby means it, which recog is written for, compiled by an engine whose time is linear in the banner.

use regex::bytes::{Regex, RegexBuilder};

use crate::limits;

/// Compiles a pattern; the reason when it cannot be.
pub(super) fn compile(source: &str, flags: &str) -> Result<Regex, String> {
    if source.len() > limits::PATTERN_BYTES {
        return Err(format!("it is longer than {} bytes", limits::PATTERN_BYTES));
    }
    let source = translate(source);
    let has = |flag: &str| flags.split(',').any(|found| found.trim() == flag);
    let mut builder = RegexBuilder::new(&source);
    builder
        .case_insensitive(has("REG_ICASE"))
        // In Ruby ^ and $ always stand at lines, and "multiline" lets the dot match a line feed.
        .multi_line(true)
        .dot_matches_new_line(has("REG_DOT_NEWLINE") || has("REG_MULTILINE"))
        .size_limit(limits::PATTERN_COMPILED_BYTES)
        .dfa_size_limit(limits::PATTERN_COMPILED_BYTES);
    // Ruby's classes hold ASCII only; a pattern with letters beyond it needs the other mode.
    let compiled = builder
        .unicode(false)
        .build()
        .or_else(|_| builder.unicode(true).build());
    compiled.map_err(|error| crate::shown::line(&error.to_string(), limits::LINE_CHARS))
}

/// Ruby's `(?m)` is the dot's flag, which is `s` here; its `\<` and `\h` are a plain character and a hexadecimal digit.
fn translate(source: &str) -> String {
    let mut translated = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("(?") {
            let end = after
                .find(|letter: char| !letter.is_ascii_alphabetic() && letter != '-')
                .unwrap_or(after.len());
            let flags = &after[..end];
            let is_flags = !flags.is_empty() && after[end..].starts_with([')', ':']);
            translated.push_str("(?");
            if is_flags {
                translated.push_str(&flags.replace('m', "s"));
                rest = &after[end..];
            } else {
                rest = after;
            }
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        if letter != '\\' {
            translated.push(letter);
            continue;
        }
        let Some(quoted) = rest.chars().next() else {
            translated.push('\\');
            break;
        };
        rest = &rest[quoted.len_utf8()..];
        match quoted {
            '<' | '>' => translated.push(quoted),
            'h' => translated.push_str("[0-9a-fA-F]"),
            'Z' => translated.push_str("\\n?\\z"),
            quoted => translated.extend(['\\', quoted]),
        }
    }
    translated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_it_means_in_ruby() {
        for (pattern, flags, text, expected) in [
            ("^b$", "", "a\nb\nc", true),
            ("a.b", "", "a\nb", false),
            ("a.b", "REG_DOT_NEWLINE", "a\nb", true),
            ("(?m)a.b", "", "a\nb", true),
            ("(?im:A.b)", "", "a\nB", true),
            ("a\\<b", "", "a<b", true),
            ("^\\h+$", "", "beef", true),
            ("^\\w$", "", "é", false),
            ("\\Aa\\Z", "", "a\n", true),
            ("é.", "", "éx", true),
        ] {
            let compiled = compile(pattern, flags).unwrap();
            assert_eq!(compiled.is_match(text.as_bytes()), expected, "{pattern}");
        }
    }
}
