//! RFC 5425, section 4.3: messages on a stream, each behind its length in octets and a space.

use thiserror::Error;

use crate::limits;

/// Digits of a length.
const DIGITS: usize = 7;

/// What one frame carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Message(Vec<u8>),
    /// A message of so many octets was passed over.
    TooLong(usize),
}

/// A stream that says no lengths is not read on: nothing tells where its next message begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    #[error("MSG-LEN: begin each message with its length in octets and a space (RFC 5425)")]
    Length,
    #[error("MSG-LEN: a message of more than a mebibyte is none")]
    Endless,
}

/// Frames out of pieces of a stream.
#[derive(Debug, Default)]
pub struct Frames {
    digits: usize,
    length: usize,
    message: Option<Message>,
}

#[derive(Debug)]
struct Message {
    length: usize,
    left: usize,
    bytes: Vec<u8>,
}

impl Frames {
    /// Reads a piece, and hands each frame that ends in it to `take`.
    pub fn feed(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(Frame),
    ) -> Result<(), FrameError> {
        while !piece.is_empty() {
            match &mut self.message {
                None => {
                    self.count(piece[0])?;
                    piece = &piece[1..];
                }
                Some(message) => {
                    let (here, rest) = piece.split_at(piece.len().min(message.left));
                    if message.length <= limits::LINE_BYTES {
                        message.bytes.extend_from_slice(here);
                    }
                    message.left -= here.len();
                    piece = rest;
                }
            }
            if let Some(whole) = self.message.take_if(|message| message.left == 0) {
                take(match whole.length <= limits::LINE_BYTES {
                    true => Frame::Message(whole.bytes),
                    false => Frame::TooLong(whole.length),
                });
            }
        }
        Ok(())
    }

    /// Whether the stream stands between two messages.
    pub fn is_between(&self) -> bool {
        self.message.is_none() && self.digits == 0
    }

    fn count(&mut self, byte: u8) -> Result<(), FrameError> {
        match byte {
            // The first digit is none, so that no length is written in two ways, and no message is empty.
            b'0' if self.digits == 0 => Err(FrameError::Length),
            b'0'..=b'9' if self.digits == DIGITS => Err(FrameError::Endless),
            b'0'..=b'9' => {
                self.digits += 1;
                self.length = self.length * 10 + usize::from(byte - b'0');
                Ok(())
            }
            b' ' if self.length > limits::FRAME_BYTES => Err(FrameError::Endless),
            b' ' if self.digits > 0 => {
                self.message = Some(Message {
                    length: self.length,
                    left: self.length,
                    bytes: Vec::new(),
                });
                (self.digits, self.length) = (0, 0);
                Ok(())
            }
            // Some write a line break behind each message that does not count (RFC 6587, section 3.4.1).
            b'\n' if self.digits == 0 => Ok(()),
            _ => Err(FrameError::Length),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<Frame>, FrameError> {
        let (mut frames, mut found) = (Frames::default(), Vec::new());
        for piece in pieces {
            frames.feed(piece, |frame| found.push(frame))?;
        }
        Ok(found)
    }

    fn message(text: &str) -> Frame {
        Frame::Message(text.as_bytes().to_vec())
    }

    #[test]
    fn messages_come_whole_however_they_are_cut() {
        let expected = vec![message("<1>1 a"), message("b\nc")];
        assert_eq!(read(&[b"6 <1>1 a3 b\nc"]), Ok(expected.clone()));
        assert_eq!(
            read(&[b"6", b" <1>", b"1 a", b"", b"\n3 b", b"\nc\n"]),
            Ok(expected)
        );
        let mut frames = Frames::default();
        assert!(frames.is_between());
        frames
            .feed(b"4 ab", |_| panic!("it is not whole"))
            .expect("it is one");
        assert!(!frames.is_between());
    }

    #[test]
    fn one_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let long = format!("9000 {}", "x".repeat(9_000));
        let found = read(&[long.as_bytes(), b"1 y"]);
        assert_eq!(found, Ok(vec![Frame::TooLong(9_000), message("y")]));
        let edge = format!("8192 {}", "x".repeat(8_192));
        assert!(matches!(
            read(&[edge.as_bytes()]).as_deref(),
            Ok([Frame::Message(_)])
        ));
    }

    #[test]
    fn a_stream_without_lengths_is_not_read_on() {
        for wrong in ["<38>1 - - - - - - a\n", "0 ", "01 a", " a", "-1 a", "7x"] {
            assert_eq!(
                read(&[wrong.as_bytes()]),
                Err(FrameError::Length),
                "{wrong}"
            );
        }
        assert_eq!(read(&[b"1048577 "]), Err(FrameError::Endless));
        assert_eq!(read(&[b"99999999"]), Err(FrameError::Endless));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_keep_more_than_a_message(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let mut frames = Frames::default();
            for piece in bytes.chunks(7) {
                let kept = |frame| if let Frame::Message(bytes) = frame { assert!(bytes.len() <= limits::LINE_BYTES) };
                if frames.feed(piece, kept).is_err() { break; }
            }
        }

        #[test]
        fn whatever_is_framed_comes_back(texts in proptest::collection::vec("[ -~\n]{1,40}", 1..9), cut in 1..30_usize) {
            let stream: String = texts.iter().map(|text| format!("{} {text}", text.len())).collect();
            let pieces: Vec<&[u8]> = stream.as_bytes().chunks(cut).collect();
            let expected = texts.iter().map(|text| message(text)).collect();
            prop_assert_eq!(read(&pieces), Ok(expected));
        }
    }
}
