//! What travels between hosts: short frames overtake, chunks wait at both ends for those before them.

use protocol::cbor;
use protocol::spread::frame::{Answer, Frame, Want};
use protocol::spread::image::Piece;

use super::{Event, Spread};
use crate::host::HostId;
use crate::network::wire;

/// Bytes around a frame, a question and an answer: which message it is, and of which image.
const FRAME_AROUND: usize = 14;
const ANSWER_AROUND: usize = 16;

#[derive(Debug)]
pub(super) enum Said {
    Frame(Frame),
    Ask { question: u64, want: Want },
    Withdraw { question: u64 },
    Answer { question: u64, answer: Answer },
}

impl Spread {
    pub(super) fn ask(&mut self, from: HostId, to: HostId, want: Want) {
        self.questions += 1;
        let question = self.questions;
        self.seats[from.index()].asking.insert(to, question);
        self.say(from, to, Said::Ask { question, want });
    }

    pub(super) fn answer_nothing(&mut self, from: HostId, to: HostId) {
        if let Some(question) = self.seats[from.index()].asked.remove(&to) {
            let answer = Answer::Nothing;
            self.say(from, to, Said::Answer { question, answer });
        }
    }

    /// Everything short: it does not wait behind chunks.
    pub(super) fn say(&mut self, from: HostId, to: HostId, said: Said) {
        let bytes = wire::frame_bytes(said.length());
        let way_ms = self.way_ms(from, to);
        let there_ms = self.rates.frame(from, to, bytes, self.now_ms, way_ms);
        self.post(from, to, said, there_ms);
    }

    /// A chunk: it waits at both ends for those before it.
    pub(super) fn give(&mut self, from: HostId, to: HostId, chunk: u32, piece: Piece) {
        let life = self.life(from);
        let Some(question) = self.seats[from.index()].asked.remove(&to) else {
            // The question was withdrawn: its stream is closed.
            return self.queue.push(
                self.now_ms,
                Event::Sent {
                    host: from,
                    life,
                    to,
                },
            );
        };
        let payload = piece.data.len() + 32 * piece.path.len() + ANSWER_AROUND;
        let way_ms = self.way_ms(from, to);
        let bytes = wire::frame_bytes(payload);
        self.chunks_sent += 1;
        let departure = self.rates.depart(from, bytes, self.now_ms, way_ms);
        self.queue.push(
            departure.left_ms,
            Event::Sent {
                host: from,
                life,
                to,
            },
        );
        let answer = Answer::Chunk { chunk, piece };
        let said = Said::Answer { question, answer };
        let lives = (self.life(from), self.life(to));
        let landing = Event::Land {
            from,
            to,
            lives,
            said,
            payload,
        };
        self.queue.push(departure.lands_ms, landing);
    }

    pub(super) fn land(&mut self, to: HostId, payload: usize, arrival: Event) {
        let there_ms = self.rates.land(to, wire::frame_bytes(payload), self.now_ms);
        self.rates
            .spent(to, wire::acknowledgement_bytes(payload), self.now_ms);
        self.queue.push(there_ms, arrival);
    }

    fn post(&mut self, from: HostId, to: HostId, said: Said, there_ms: u64) {
        let lives = (self.life(from), self.life(to));
        let last = self.last_ms.entry((from, to)).or_default();
        *last = there_ms.max(*last);
        self.queue.push(
            *last,
            Event::Arrive {
                from,
                to,
                lives,
                said,
            },
        );
    }
}

impl Said {
    /// Bytes of what travels, before the stream puts its own around it.
    fn length(&self) -> usize {
        match self {
            Self::Frame(frame) => cbor::length(frame) + FRAME_AROUND,
            Self::Ask { want, .. } => cbor::length(want) + FRAME_AROUND,
            Self::Withdraw { .. } => 0,
            Self::Answer { .. } => ANSWER_AROUND,
        }
    }
}
