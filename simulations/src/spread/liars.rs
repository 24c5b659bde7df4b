//! Liars: they say that they have everything, keep what they get, and send garbage.

use protocol::spread::chunks::Chunks;
use protocol::spread::frame::{Answer, Frame, Want};

use super::Spread;
use super::ways::Said;
use crate::host::HostId;

impl Spread {
    /// A liar says that it has everything, and takes from the coordinator what nobody has yet.
    pub(super) fn pretend(&mut self, liar: HostId, peer: HostId) {
        if peer == HostId::COORDINATOR {
            self.ask_as_if_new(liar);
        } else {
            let bits = Chunks::all(self.load.image.chunks()).to_bytes().into();
            self.say(liar, peer, Said::Frame(Frame::Map { bits }));
        }
    }

    /// A liar that got a chunk passes it to nobody, and asks for more.
    pub(super) fn take_and_keep(&mut self, liar: HostId, answer: &Answer) {
        if matches!(answer, Answer::Chunk { .. }) {
            self.ask_as_if_new(liar);
        } else {
            self.ask_for_anything(liar);
        }
    }

    pub(super) fn ask_for_anything(&mut self, liar: HostId) {
        let chunks = u64::from(self.load.image.chunks());
        let chunk = self.chance.below(chunks) as u32;
        self.ask(liar, HostId::COORDINATOR, Want::Chunk { chunk });
    }

    /// As one who has nothing, for whatever is next.
    fn ask_as_if_new(&mut self, liar: HostId) {
        let held = Chunks::none(self.load.image.chunks()).to_bytes().into();
        self.ask(liar, HostId::COORDINATOR, Want::Any { held });
    }
}
