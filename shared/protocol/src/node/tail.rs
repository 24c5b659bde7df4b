//! Log lines that leave this device: to the coordinator alone, and again until it has stored them.

use super::{Node, Output};
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::tail::{TailWord, Tailed};

impl Node {
    /// Without a link to the coordinator nothing leaves: the shell keeps the batch and says it again.
    pub(super) fn tail_told(&mut self, tailed: &Tailed, out: &mut Vec<Output>) {
        let to = self.coordinator();
        if tailed.lines.len() > limits::TAIL_BYTES || !self.links.up().any(|peer| peer == to) {
            return;
        }
        let batch = tailed.seal(&self.identity.data_key, self.dice.bytes());
        let word = TailWord::Batch { batch };
        out.push(Output::Send {
            to,
            message: Message::Tail { word },
        });
    }

    pub(super) fn tail_said(&mut self, from: PeerKey, word: &TailWord, out: &mut Vec<Output>) {
        match word {
            TailWord::Taken { number } if self.is_coordinator(from) => {
                out.push(Output::Tailed { number: *number });
            }
            TailWord::Taken { .. } => {
                self.misbehaved(from, "only the coordinator stores lines", out);
            }
            TailWord::Batch { .. } => self.misbehaved(from, "lines are not for members", out),
        }
    }
}
