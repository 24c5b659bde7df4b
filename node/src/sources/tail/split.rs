//! Bytes as they are read, split into lines; a line of any length takes a bounded room.

/// Lines out of pieces.
#[derive(Debug)]
pub struct Split {
    most: usize,
    partial: Vec<u8>,
    /// Bytes since the end of the last line.
    open: u64,
}

impl Split {
    pub fn new(most: usize) -> Self {
        Self {
            most,
            partial: Vec::new(),
            open: 0,
        }
    }

    /// Bytes that belong to a line without an end.
    pub fn open(&self) -> u64 {
        self.open
    }

    /// Hands each line that ends in the piece to `line`, with how many bytes the log has gone on by it. Where that says
    /// no, nothing more is read.
    pub fn feed(&mut self, piece: &[u8], mut line: impl FnMut(String, u64) -> bool) -> bool {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.open += part.len() as u64;
            let (text, ends) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            let room = self.most - self.partial.len();
            self.partial
                .extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                let bytes = std::mem::take(&mut self.open);
                if !line(self.take(), bytes) {
                    return false;
                }
            }
        }
        true
    }

    /// What is there of a line that will not end: its file is gone.
    pub fn rest(&mut self) -> Option<String> {
        self.open = 0;
        Some(self.take()).filter(|text| !text.is_empty())
    }

    fn take(&mut self) -> String {
        let bytes = std::mem::take(&mut self.partial);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(&bytes);
        String::from_utf8_lossy(bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(most: usize, pieces: &[&[u8]]) -> (Vec<(String, u64)>, Split) {
        let (mut split, mut found) = (Split::new(most), Vec::new());
        for piece in pieces {
            split.feed(piece, |line, bytes| {
                found.push((line, bytes));
                true
            });
        }
        (found, split)
    }

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let (found, mut split) = lines(99, &[b"one\ntw", b"o\r", b"\n\nthr", b"ee"]);
        let expected = [("one", 4), ("two", 5), ("", 1)];
        assert_eq!(
            found,
            expected.map(|(line, bytes)| (line.to_owned(), bytes))
        );
        assert_eq!(split.open(), 5);
        assert_eq!(split.rest().as_deref(), Some("three"));
        assert_eq!((split.open(), split.rest()), (0, None));
    }

    #[test]
    fn a_line_of_any_length_takes_a_bounded_room_and_its_bytes_count() {
        let long = vec![b'x'; 1_000];
        let (found, split) = lines(10, &[&long, &long, b"\nnext\n", &long]);
        assert_eq!(found[0], ("x".repeat(10), 2_001));
        assert_eq!(found[1], ("next".to_owned(), 5));
        assert!(split.partial.capacity() < 100);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        let (found, _) = lines(99, &[b"a\xff\xfeb\n"]);
        assert_eq!(found[0].0, "a\u{fffd}\u{fffd}b");
    }
}
