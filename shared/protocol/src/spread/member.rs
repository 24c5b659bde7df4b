//! A device that fetches an image from its neighbours, and gives them what it has.

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
/// How long no neighbour has a chunk until the source is asked for it again.
const LONELY: Duration = Duration::from_millis(1500);
/// How long the source may take for a chunk that it was asked for by name.
const SOURCE_PATIENCE: Duration = Duration::from_secs(60);

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
            fetch: Fetch::new(image, held, config.fetch),
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

    /// Asks for as much as may be asked for at once.
    fn look(&mut self, now: Instant, out: &mut Vec<Output>) {
        if self.fetch.is_whole() {
            return;
        }
        while self.fetch.has_room() {
            let next = self.rarest(now).or_else(|| self.straggler(now));
            let Some((peer, chunk)) = next else { break };
            if !self.ask(peer, Some(chunk), now, out) {
                return;
            }
        }
        self.ask_origin(now, out);
    }

    fn ask(
        &mut self,
        to: PeerKey,
        chunk: Option<u32>,
        now: Instant,
        out: &mut Vec<Output>,
    ) -> bool {
        let patience = match self.fetch.ask(to, chunk, now) {
            Ok(patience) => patience,
            Err(at) => {
                self.deadlines.hasten(Due::Look, at);
                return false;
            }
        };
        let is_origin = self.origin.as_ref().is_some_and(|origin| origin.peer == to);
        match chunk {
            Some(_) if is_origin => self.deadlines.set(Due::Late(to), now + SOURCE_PATIENCE),
            Some(_) => self.deadlines.set(Due::Late(to), now + patience),
            None => {}
        }
        let want = match chunk {
            Some(chunk) => Want::Chunk { chunk },
            None => Want::Any {
                held: self.fetch.expected().to_bytes().into(),
            },
        };
        out.push(Output::Ask { to, want });
        true
    }

    /// Of two free neighbours the one that answered sooner, so that no queue grows while another is empty; and of what it
    /// has, the chunk that fewest have. The dice decide between equals, so that neighbours do not all ask for the same.
    fn rarest(&mut self, now: Instant) -> Option<(PeerKey, u32)> {
        let rested = self.neighbours.rested(now);
        let free = rested.filter(|(peer, has)| {
            !self.fetch.is_asked(peer) && self.fetch.open(has).next().is_some()
        });
        let free: Vec<PeerKey> = free.map(|(peer, _)| *peer).collect();
        let pair = [self.draw(&free)?, self.draw(&free)?];
        let peer = pair
            .into_iter()
            .min_by_key(|peer| self.neighbours.pace(peer))?;
        let mut fewest = u16::MAX;
        let mut equals = Vec::new();
        for chunk in self.fetch.open(self.neighbours.has(&peer)?) {
            let copies = self.neighbours.copies(chunk);
            if copies < fewest {
                fewest = copies;
                equals.clear();
            }
            if copies == fewest {
                equals.push((peer, chunk));
            }
        }
        self.draw(&equals)
    }

    /// Somebody else for a chunk that takes long, when nothing else is left to ask for.
    fn straggler(&mut self, now: Instant) -> Option<(PeerKey, u32)> {
        let mut others = Vec::new();
        for (asked, chunk, tardy) in self.fetch.stragglers() {
            if tardy > now {
                self.deadlines.hasten(Due::Look, tardy);
                continue;
            }
            let holders = self.neighbours.rested(now);
            let free = holders.filter(|(peer, has)| {
                **peer != asked && has.contains(chunk) && !self.fetch.is_asked(peer)
            });
            others.extend(free.map(|(peer, _)| (*peer, chunk)));
        }
        self.draw(&others)
    }

    fn ask_origin(&mut self, now: Instant, out: &mut Vec<Output>) {
        let Some(origin) = &self.origin else { return };
        let peer = origin.peer;
        if self.fetch.is_asked(&peer) || origin.rests > now {
            return;
        }
        if origin.stage == Stage::Handing {
            self.ask(peer, None, now, out);
        } else if let Some(chunk) = self.loneliest(now) {
            self.ask(peer, Some(chunk), now, out);
        }
    }

    /// A chunk that for a while no neighbour has had.
    fn loneliest(&mut self, now: Instant) -> Option<u32> {
        let lonely = self.fetch.unasked();
        let lonely: Vec<u32> = lonely
            .filter(|chunk| self.neighbours.copies(*chunk) == 0)
            .collect();
        let origin = self.origin.as_mut()?;
        if lonely.is_empty() {
            origin.lonely = None;
            return None;
        }
        let due = *origin.lonely.get_or_insert(now) + LONELY;
        if due > now {
            self.deadlines.hasten(Due::Look, due);
            return None;
        }
        self.draw(&lonely)
    }

    fn draw<T: Copy>(&mut self, equals: &[T]) -> Option<T> {
        match equals {
            [] => None,
            [one] => Some(*one),
            _ => Some(equals[self.dice.below(equals.len() as u64) as usize]),
        }
    }
}
