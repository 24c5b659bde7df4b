//! A device that fetches an image from its neighbours, and gives them what it has.

mod asking;

use std::collections::BTreeSet;
use std::time::Duration;

use super::chunks::Chunks;
use super::fetch::Fetch;
use super::frame::{Answer, Frame, Want};
use super::image::{Image, Piece, Wrong};
use super::neighbours::Neighbours;
use super::serving::Serving;
use super::{Config, Fault, Input, Output, Part};
use crate::deadlines::Deadlines;
use crate::dice::Dice;
use crate::key::PeerKey;
use crate::limits;
use crate::time::Instant;

/// Chunks that come within this time are announced together.
const NEWS: Duration = Duration::from_millis(20);
/// How long a peer is left alone that answered with nothing, or not at all.
const REST: Duration = Duration::from_secs(1);
const LONG_REST: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Member {
    image: Image,
    dice: Dice,
    deadlines: Deadlines<Due>,
    neighbours: Neighbours,
    fetch: Fetch,
    serving: Serving,
    origin: Option<Origin>,
    /// Stored, and not announced yet.
    news: Vec<u32>,
    /// Who sent wrong chunks.
    wrong: BTreeSet<PeerKey>,
}

/// The source, as a member sees it.
#[derive(Debug)]
struct Origin {
    peer: PeerKey,
    stage: Stage,
    rests: Instant,
    /// Since when there are chunks that no neighbour has.
    lonely: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It hands out what nobody has yet, as it likes.
    Handing,
    /// Every chunk has left it once: it is asked by name, for what neighbours do not have.
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    News,
    Look,
    Serve,
    Late(PeerKey),
}

impl Member {
    /// Goes on with the chunks that are on the disk, checked and marked.
    pub fn new(
        image: Image,
        stored: impl IntoIterator<Item = u32>,
        config: Config,
        dice: Dice,
    ) -> Self {
        let mut held = Chunks::none(image.chunks());
        stored.into_iter().for_each(|chunk| held.insert(chunk));
        Self {
            image,
            dice,
            deadlines: Deadlines::default(),
            neighbours: Neighbours::new(image.chunks()),
            fetch: Fetch::new(image, held, config),
            serving: Serving::new(image, config.serve),
            origin: None,
            news: Vec::new(),
            wrong: BTreeSet::new(),
        }
    }

    pub fn image(&self) -> &Image {
        &self.image
    }

    pub fn held(&self) -> &Chunks {
        self.fetch.held()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    pub fn handle(&mut self, input: Input, now: Instant) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Joined { peer, part } => self.joined(peer, part, &mut out),
            Input::Left { peer } => self.left(&peer),
            Input::Frame { from, frame } => self.frame(from, &frame, &mut out),
            Input::Asked { from, want } => self.asked(from, &want, &mut out),
            Input::Withdrawn { from } => self.serving.withdraw(&from),
            Input::Answered { from, answer } => self.answered(from, answer, now, &mut out),
            Input::Stored { chunk } => self.stored(chunk, now, &mut out),
            Input::Served { to, .. } => drop(self.serving.end(&to)),
            Input::Named { .. } => {}
            Input::Tick => self.tick(now, &mut out),
        }
        self.serve(now, &mut out);
        self.look(now, &mut out);
        out
    }

    fn joined(&mut self, peer: PeerKey, part: Part, out: &mut Vec<Output>) {
        if self.wrong.contains(&peer) {
            return;
        }
        self.left(&peer);
        match part {
            Part::Neighbour => self.greet(peer, out),
            Part::Source => {
                self.origin = Some(Origin {
                    peer,
                    stage: Stage::Handing,
                    rests: Instant::default(),
                    lonely: None,
                });
            }
        }
    }

    fn greet(&mut self, peer: PeerKey, out: &mut Vec<Output>) {
        self.neighbours.add(peer);
        if !self.held().is_empty() {
            let bits = self.held().to_bytes().into();
            let frame = Frame::Map { bits };
            out.push(Output::Send { to: peer, frame });
        }
    }

    fn left(&mut self, peer: &PeerKey) {
        self.neighbours.remove(peer);
        self.origin.take_if(|origin| origin.peer == *peer);
        self.serving.withdraw(peer);
        self.serving.end(peer);
        self.fetch.give_up(peer);
        self.deadlines.clear(Due::Late(*peer));
    }

    fn frame(&mut self, from: PeerKey, frame: &Frame, out: &mut Vec<Output>) {
        if let Some(origin) = self.origin.as_mut().filter(|origin| origin.peer == from) {
            if matches!(frame, Frame::Map { .. }) {
                origin.stage = Stage::Open;
            }
        } else if self.neighbours.learn(&from, frame).is_err() {
            self.expose(from, Fault::Map, out);
        }
    }

    fn asked(&mut self, from: PeerKey, want: &Want, out: &mut Vec<Output>) {
        match want {
            Want::Chunk { chunk }
                if self.held().contains(*chunk) && self.neighbours.contains(&from) =>
            {
                self.serving.ask(from, *chunk);
            }
            _ => out.push(Output::Refuse { to: from }),
        }
    }

    fn answered(&mut self, from: PeerKey, answer: Answer, now: Instant, out: &mut Vec<Output>) {
        let Answer::Chunk { chunk, piece } = answer else {
            return self.unanswered(&from, now + REST);
        };
        self.deadlines.clear(Due::Late(from));
        let Some(asked) = self.fetch.end(&from) else {
            return;
        };
        match self.judge(asked.chunk, chunk, &piece) {
            Err(wrong) => self.expose(from, Fault::Chunk(wrong), out),
            Ok(()) if !self.fetch.lacks(chunk) => {}
            Ok(()) => {
                self.neighbours.praise(&from, now.since(asked.at));
                for other in self.fetch.store(chunk, asked, now) {
                    self.withdraw(other, out);
                }
                out.push(Output::Store { chunk, piece });
            }
        }
    }

    /// A good chunk in the place of another is as useless as a wrong one.
    fn judge(&self, asked: Option<u32>, chunk: u32, piece: &Piece) -> Result<(), Wrong> {
        self.image.check(asked.unwrap_or(chunk), piece)
    }

    fn stored(&mut self, chunk: u32, now: Instant, out: &mut Vec<Output>) {
        if self.fetch.is_whole() {
            return;
        }
        self.fetch.stored(chunk);
        self.news.push(chunk);
        self.deadlines.hasten(Due::News, now + NEWS);
        if self.news.len() == limits::CHUNKS_NAMED {
            self.tell(out);
        }
        if self.fetch.is_whole() {
            for peer in self.fetch.asked() {
                self.withdraw(peer, out);
            }
            out.push(Output::Whole);
        }
    }

    fn tick(&mut self, now: Instant, out: &mut Vec<Output>) {
        while let Some(due) = self.deadlines.pop(now) {
            match due {
                Due::News => self.tell(out),
                Due::Late(peer) => {
                    out.push(Output::Withdraw { to: peer });
                    self.unanswered(&peer, now + LONG_REST);
                }
                // Both are done after every input.
                Due::Look | Due::Serve => {}
            }
        }
    }

    /// Tells each neighbour what it is not known to have.
    fn tell(&mut self, out: &mut Vec<Output>) {
        self.deadlines.clear(Due::News);
        let news = std::mem::take(&mut self.news);
        for (&to, has) in self.neighbours.peers() {
            let chunks = news.iter().copied().filter(|chunk| !has.contains(*chunk));
            let chunks: Vec<u32> = chunks.collect();
            if !chunks.is_empty() {
                let frame = Frame::Holds { chunks };
                out.push(Output::Send { to, frame });
            }
        }
    }

    fn unanswered(&mut self, peer: &PeerKey, until: Instant) {
        self.deadlines.clear(Due::Late(*peer));
        let Some(asked) = self.fetch.give_up(peer) else {
            return;
        };
        if let Some(origin) = self.origin.as_mut().filter(|origin| origin.peer == *peer) {
            origin.rests = until;
        } else if let Some(chunk) = asked.chunk {
            self.neighbours.blame(peer, chunk, until);
        }
        self.deadlines.hasten(Due::Look, until);
    }

    fn withdraw(&mut self, peer: PeerKey, out: &mut Vec<Output>) {
        if self.fetch.give_up(&peer).is_some() {
            self.deadlines.clear(Due::Late(peer));
            out.push(Output::Withdraw { to: peer });
        }
    }

    fn expose(&mut self, peer: PeerKey, fault: Fault, out: &mut Vec<Output>) {
        self.left(&peer);
        if self.wrong.len() == limits::WRONG_PEERS {
            self.wrong.pop_first();
        }
        self.wrong.insert(peer);
        out.push(Output::Expose { peer, fault });
    }

    fn serve(&mut self, now: Instant, out: &mut Vec<Output>) {
        loop {
            let has = |peer: &PeerKey| self.neighbours.has(peer).map_or(0, Chunks::len);
            match self.serving.next(has, now) {
                Ok(Some((to, chunk))) => out.push(Output::Serve { to, chunk }),
                Ok(None) => return,
                Err(at) => return self.deadlines.hasten(Due::Serve, at),
            }
        }
    }
}
