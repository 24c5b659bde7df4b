//! Words that strangers chose, made harmless: names end up on pages, in logs and in mails.

use crate::limits::TEXT_BYTES;

/// At most [`TEXT_BYTES`] of it, without control characters, direction marks and blanks around it.
pub fn plain(bytes: &[u8]) -> String {
    plain_within(bytes, TEXT_BYTES)
}

/// The same within another bound.
pub(crate) fn plain_within(bytes: &[u8], limit: usize) -> String {
    let shown = &bytes[..bytes.len().min(limit)];
    let mut text = String::new();
    for char in String::from_utf8_lossy(shown).chars() {
        let char = if is_hostile(char) { '\u{fffd}' } else { char };
        if text.len() + char.len_utf8() > limit {
            break;
        }
        text.push(char);
    }
    text.trim().to_owned()
}

/// What moves a cursor, hides text or turns its direction round (Unicode TR 36 §2.5).
fn is_hostile(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_turns_the_text_round() {
        assert_eq!(
            plain(b"  cam\x1b[2J\r\n01\0"),
            "cam\u{fffd}[2J\u{fffd}\u{fffd}01\u{fffd}"
        );
        assert_eq!(plain("a\u{202e}b\u{200b}".as_bytes()), "a\u{fffd}b\u{fffd}");
        assert_eq!(plain("Küche".as_bytes()), "Küche");
    }

    #[test]
    fn it_stays_within_its_bound() {
        assert!(plain(&[0xff; 1000]).len() <= TEXT_BYTES);
        assert_eq!(plain(&[b'a'; 1000]).len(), TEXT_BYTES);
    }
}
