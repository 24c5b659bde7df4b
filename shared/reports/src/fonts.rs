//! The two faces that reports are set in, and how wide words are in them.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// What stands for a letter that the face does not have.
const UNKNOWN: char = '\u{25a1}';

/// One face.
pub(crate) struct Face {
    bytes: &'static [u8],
    pub(crate) font: Font,
    em: f32,
}

/// Words in a face: what is drawn, and what is read.
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
}

pub(crate) struct Faces {
    pub(crate) plain: Face,
    pub(crate) bold: Face,
}

impl Faces {
    pub(crate) fn load() -> Self {
        Self {
            plain: Face::of(dejavu::sans::regular()),
            bold: Face::of(dejavu::sans::bold()),
        }
    }
}

impl Face {
    fn of(bytes: &'static [u8]) -> Self {
        let font = Font::new(bytes.into(), 0).expect("the face is linked in, and tests read it");
        Self {
            bytes,
            em: font.units_per_em(),
            font,
        }
    }

    fn read(&self) -> FontRef<'static> {
        FontRef::new(self.bytes).expect("the face is linked in, and tests read it")
    }

    /// Glyphs of words, left to right; the widths are in parts of the size.
    pub(crate) fn run(&self, words: &str) -> Run {
        let face = self.read();
        let (letters, widths) = (
            face.charmap(),
            face.glyph_metrics(Size::unscaled(), LocationRef::default()),
        );
        let known = |letter: char| letters.map(letter).map(|glyph| (letter, glyph));
        let (mut text, mut glyphs) = (String::new(), Vec::new());
        for letter in words.chars() {
            let shown = if is_invisible(letter) {
                UNKNOWN
            } else {
                letter
            };
            let Some((letter, glyph)) = known(shown).or_else(|| known(UNKNOWN)) else {
                continue;
            };
            let from = text.len();
            text.push(letter);
            let width = widths.advance_width(glyph).unwrap_or_default() / self.em;
            let id = GlyphId::new(glyph.to_u32());
            glyphs.push(KrillaGlyph {
                glyph_id: id,
                text_range: from..text.len(),
                x_advance: width,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            });
        }
        Run { text, glyphs }
    }

    pub(crate) fn width(&self, words: &str, size: f32) -> f32 {
        let face = self.read();
        let (letters, widths) = (
            face.charmap(),
            face.glyph_metrics(Size::unscaled(), LocationRef::default()),
        );
        let known = |letter| letters.map(letter).or_else(|| letters.map(UNKNOWN));
        let letters = words.chars().filter_map(|letter| {
            let shown = if is_invisible(letter) {
                UNKNOWN
            } else {
                letter
            };
            widths.advance_width(known(shown)?)
        });
        letters.sum::<f32>() / self.em * size
    }

    /// Words broken into lines that fit. A word that does not fit is broken behind a sign within it, and anywhere only
    /// where no sign is near enough.
    pub(crate) fn lines(&self, words: &str, size: f32, width: f32) -> Vec<String> {
        let fits = |text: &str| self.width(text, size) <= width;
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in words.split_whitespace() {
            let joined = match line.is_empty() {
                true => word.to_owned(),
                false => format!("{line} {word}"),
            };
            if fits(&joined) {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for part in parts(word) {
                if fits(&format!("{line}{part}")) {
                    line.push_str(part);
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line = self.broken(part, size, width, &mut lines);
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    fn broken(&self, part: &str, size: f32, width: f32, lines: &mut Vec<String>) -> String {
        let (mut line, mut filled) = (String::new(), 0.0);
        for letter in part.chars() {
            let more = self.width(letter.encode_utf8(&mut [0; 4]), size);
            if filled + more > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                filled = 0.0;
            }
            line.push(letter);
            filled += more;
        }
        line
    }
}

/// Where a word may be broken without looking broken: behind the signs that join its parts.
pub(crate) fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split_inclusive(['/', '.', '-', '_', ':', ',', ';', '=', '@', '&', '?', '|'])
}

/// Letters that would turn or hide what stands beside them.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_faces_are_read_and_words_have_a_width() {
        let faces = Faces::load();
        for face in [&faces.plain, &faces.bold] {
            assert!(face.width("Palisade", 10.0) > 30.0);
            assert_eq!(face.run("aé✓").glyphs.len(), 3);
            assert_eq!(face.run("\u{202e}a").text, "\u{25a1}a");
        }
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let face = Faces::load().plain;
        let words = "a long word: pneumonoultramicroscopicsilicovolcanoconiosis and then some";
        let lines = face.lines(words, 9.0, 80.0);
        assert!(lines.iter().all(|line| face.width(line, 9.0) <= 80.0));
        assert_eq!(lines.concat().replace(' ', ""), words.replace(' ', ""));
        assert_eq!(face.lines("", 9.0, 80.0), [""]);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_behind_its_signs() {
        let face = Faces::load().plain;
        let room = face.width("delivery.settings.", 9.0);
        let lines = face.lines("by delivery.settings.channel-removed now", 9.0, room);
        let told = ["by", "delivery.settings.", "channel-", "removed now"];
        assert_eq!(lines, told);
    }
}
