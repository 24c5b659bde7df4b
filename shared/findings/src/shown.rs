//! Text from outside as a person may be shown it: bounded, and without characters that steer a terminal or a page.

use std::fmt::Write;

/// One line of at most `limit` characters: blanks are single, control and steering characters are written as `\u{1b}`.
pub fn line(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut left = limit;
    for word in text.split_whitespace() {
        if !shown.is_empty() && !push(&mut shown, &mut left, ' ') {
            break;
        }
        if !word
            .chars()
            .all(|letter| push(&mut shown, &mut left, letter))
        {
            break;
        }
    }
    shown
}

/// Several lines of at most `limit` characters in all; only the line feed is kept of what controls.
pub fn block(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut left = limit;
    for letter in text.trim().chars() {
        let letter = match letter {
            '\r' => continue,
            '\t' => ' ',
            other => other,
        };
        if !push(&mut shown, &mut left, letter) {
            break;
        }
    }
    shown
}

/// Whether the character may change how text around it is drawn: control codes, and what turns or hides text.
pub fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Adds one character as it is shown; false when the place is used up, and then the text ends in an ellipsis.
fn push(shown: &mut String, left: &mut usize, letter: char) -> bool {
    let mut written = String::from(letter);
    if steers(letter) && letter != '\n' {
        written.clear();
        write!(written, "\\u{{{:x}}}", u32::from(letter)).expect("a string takes every character");
    }
    let length = written.chars().count();
    if length >= *left {
        if *left > 0 {
            shown.push('…');
        }
        *left = 0;
        return false;
    }
    *left -= length;
    shown.push_str(&written);
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_steers_a_terminal_or_turns_text_is_written_out() {
        assert_eq!(
            line("SSH\u{1b}[31m\u{202e}evil\0", 40),
            "SSH\\u{1b}[31m\\u{202e}evil\\u{0}"
        );
        assert_eq!(line("<b>bold</b>", 40), "<b>bold</b>");
        assert_eq!(block("a\r\nb\tc\u{7}", 40), "a\nb c\\u{7}");
    }

    #[test]
    fn a_long_text_ends_in_an_ellipsis() {
        assert_eq!(line("abcdef", 4), "abc…");
        assert_eq!(line("a   b\nc", 9), "a b c");
    }

    proptest! {
        #[test]
        fn nothing_shown_steers(text in any::<String>(), limit in 0_usize..80) {
            let shown = line(&text, limit);
            prop_assert!(!shown.chars().any(steers));
            prop_assert!(shown.chars().count() <= limit);
            prop_assert_eq!(line(&shown, limit), shown);
            prop_assert!(!block(&text, limit).chars().any(|letter| steers(letter) && letter != '\n'));
        }
    }
}
