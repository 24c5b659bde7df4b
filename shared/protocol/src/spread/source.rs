//! The coordinator's part: every chunk leaves it once, to whoever has been given least, before any leaves it twice.
//!
//! Members leave a question open with it and get what nobody has yet. When all is out, it says so to everybody, and is
//! then asked by name for what was lost with somebody who did not pass it on; many ask for the same chunk, and one gets it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::chunks::Chunks;
use super::frame::{Frame, Want};
use super::image::Image;
use super::serving::Serving;
use super::{Config, Delivery, Input, Output};
use crate::deadlines::Deadlines;
use crate::dice::Dice;
use crate::key::PeerKey;
use crate::time::Instant;

/// How long a chunk has to find its way from whoever got it to whoever asks for it.
const AGAIN: Duration = Duration::from_secs(2);
/// How long the source waits for somebody who lacks what is not out yet.
const IDLE: Duration = Duration::from_secs(2);
/// So many have to name a peer. Slander costs little: whoever is handed nothing gets everything from its neighbours.
const NAMERS: usize = 3;

#[derive(Debug)]
pub struct Source {
    image: Image,
    dice: Dice,
    deadlines: Deadlines<Due>,
    peers: BTreeSet<PeerKey>,
    serving: Serving,
    stage: Stage,
    /// Who asks for anything, and what it has.
    parked: BTreeMap<PeerKey, Chunks>,
    /// Who asks for which chunk, in the order of asking.
    wanted: VecDeque<(PeerKey, u32)>,
    /// Whom others have named for wrong chunks, and who those are.
    named: BTreeMap<PeerKey, BTreeSet<PeerKey>>,
    /// How many chunks each peer was handed.
    given: BTreeMap<PeerKey, u32>,
    /// Until when each chunk is on its way from neighbour to neighbour.
    travels: BTreeMap<u32, Instant>,
}

#[derive(Debug)]
enum Stage {
    /// Some chunks are not out yet.
    Handing {
        unsent: Chunks,
    },
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Serve,
    Open,
}

impl Source {
    pub fn new(image: Image, config: Config, dice: Dice) -> Self {
        Self {
            image,
            dice,
            deadlines: Deadlines::default(),
            peers: BTreeSet::new(),
            serving: Serving::new(image, config.serve),
            stage: Stage::Handing {
                unsent: Chunks::all(image.chunks()),
            },
            parked: BTreeMap::new(),
            wanted: VecDeque::new(),
            named: BTreeMap::new(),
            given: BTreeMap::new(),
            travels: BTreeMap::new(),
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Whether every chunk has left once.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open)
    }

    pub fn handle(&mut self, input: Input, now: Instant) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Joined { peer, .. } => self.joined(peer, &mut out),
            Input::Left { peer } => self.left(&peer),
            Input::Asked { from, want } => self.asked(from, want, &mut out),
            Input::Withdrawn { from } => self.withdraw(&from),
            Input::Served { to, how } => self.served(&to, how),
            Input::Named { peer, by } => self.named(peer, by),
            Input::Tick => self.tick(now, &mut out),
            // It has everything, and listens to nobody about what they have.
            Input::Frame { .. } | Input::Answered { .. } | Input::Stored { .. } => {}
        }
        self.hand_out(now, &mut out);
        out
    }

    fn joined(&mut self, peer: PeerKey, out: &mut Vec<Output>) {
        self.left(&peer);
        self.peers.insert(peer);
        if self.is_open() {
            out.push(self.all_is_out(peer));
        }
    }

    fn left(&mut self, peer: &PeerKey) {
        self.peers.remove(peer);
        self.withdraw(peer);
        self.served(peer, Delivery::Failed);
    }

    fn asked(&mut self, from: PeerKey, want: Want, out: &mut Vec<Output>) {
        self.withdraw(&from);
        if !self.peers.contains(&from) || self.is_avoided(&from) {
            return out.push(Output::Refuse { to: from });
        }
        match (want, &self.stage) {
            (Want::Any { held }, Stage::Handing { .. }) => {
                match Chunks::from_bytes(self.image.chunks(), &held) {
                    Some(held) => drop(self.parked.insert(from, held)),
                    None => out.push(Output::Refuse { to: from }),
                }
            }
            (Want::Chunk { chunk }, Stage::Open) if chunk < self.image.chunks() => {
                self.wanted.push_back((from, chunk));
            }
            _ => out.push(Output::Refuse { to: from }),
        }
    }

    /// Whoever sends wrong chunks does not pass right ones on.
    fn named(&mut self, peer: PeerKey, by: PeerKey) {
        if !self.peers.contains(&peer) || !self.peers.contains(&by) {
            return;
        }
        let namers = self.named.entry(peer).or_default();
        if namers.len() < NAMERS {
            namers.insert(by);
        }
        if namers.len() == NAMERS {
            self.withdraw(&peer);
        }
    }

    fn is_avoided(&self, peer: &PeerKey) -> bool {
        self.named
            .get(peer)
            .is_some_and(|namers| namers.len() == NAMERS)
    }

    fn withdraw(&mut self, peer: &PeerKey) {
        self.parked.remove(peer);
        self.wanted.retain(|(wants, _)| wants != peer);
        self.serving.withdraw(peer);
    }

    /// What did not get through is not out.
    fn served(&mut self, to: &PeerKey, how: Delivery) {
        let chunk = self.serving.end(to);
        if let (Some(chunk), Delivery::Failed) = (chunk, how) {
            self.travels.remove(&chunk);
            if let Stage::Handing { unsent } = &mut self.stage {
                unsent.insert(chunk);
            }
        }
    }

    fn tick(&mut self, now: Instant, out: &mut Vec<Output>) {
        while let Some(due) = self.deadlines.pop(now) {
            if due == Due::Open {
                self.open(out);
            }
        }
    }

    fn hand_out(&mut self, now: Instant, out: &mut Vec<Output>) {
        while self.serving.has_room() {
            if self.serving.waiting() == 0 && !self.choose(now, out) {
                return;
            }
            match self.serving.next(|_| 0, now) {
                Ok(Some((to, chunk))) => out.push(Output::Serve { to, chunk }),
                Ok(None) => return,
                Err(at) => return self.deadlines.hasten(Due::Serve, at),
            }
        }
    }

    /// Puts the next chunk for somebody in line, if there is one.
    fn choose(&mut self, now: Instant, out: &mut Vec<Output>) -> bool {
        let chosen = match &self.stage {
            Stage::Handing { .. } => self.first_copy(now, out),
            Stage::Open => self.lost_chunk(now),
        };
        let Some((peer, chunk)) = chosen else {
            return false;
        };
        *self.given.entry(peer).or_default() += 1;
        self.travels.insert(chunk, now + AGAIN);
        self.serving.ask(peer, chunk);
        true
    }

    fn first_copy(&mut self, now: Instant, out: &mut Vec<Output>) -> Option<(PeerKey, u32)> {
        let Stage::Handing { unsent } = &mut self.stage else {
            return None;
        };
        if unsent.is_empty() {
            if self.serving.is_idle() {
                self.open(out);
            }
            return None;
        }
        let nothing = Chunks::none(self.image.chunks());
        let given = |peer: &PeerKey| self.given.get(peer).copied().unwrap_or(0);
        let mut useful: Vec<PeerKey> = Vec::new();
        let mut least = u32::MAX;
        for (peer, held) in &self.parked {
            if given(peer) <= least && unsent.outside(held, &nothing).next().is_some() {
                if given(peer) < least {
                    least = given(peer);
                    useful.clear();
                }
                useful.push(*peer);
            }
        }
        if useful.is_empty() {
            // Whoever asks has all that is not out yet, so it is out.
            if !self.parked.is_empty() && self.serving.is_idle() {
                self.deadlines.hasten(Due::Open, now + IDLE);
            }
            return None;
        }
        self.deadlines.clear(Due::Open);
        let peer = useful[self.dice.below(useful.len() as u64) as usize];
        let held = self.parked.remove(&peer)?;
        let lacks: Vec<u32> = unsent.outside(&held, &nothing).collect();
        let chunk = lacks[self.dice.below(lacks.len() as u64) as usize];
        unsent.remove(chunk);
        Some((peer, chunk))
    }

    fn lost_chunk(&mut self, now: Instant) -> Option<(PeerKey, u32)> {
        self.travels.retain(|_, until| *until > now);
        let lost = self.wanted.iter().enumerate();
        let lost = lost.filter(|(_, (_, chunk))| !self.travels.contains_key(chunk));
        let given = |peer: &PeerKey| self.given.get(peer).copied().unwrap_or(0);
        match lost.min_by_key(|(_, (peer, _))| given(peer)) {
            Some((place, _)) => self.wanted.remove(place),
            None => {
                let wanted = self.wanted.iter();
                let soonest = wanted
                    .filter_map(|(_, chunk)| self.travels.get(chunk))
                    .min();
                if let Some(at) = soonest {
                    self.deadlines.hasten(Due::Serve, *at);
                }
                None
            }
        }
    }

    fn open(&mut self, out: &mut Vec<Output>) {
        self.stage = Stage::Open;
        self.deadlines.clear(Due::Open);
        for peer in &self.peers {
            out.push(self.all_is_out(*peer));
        }
        let parked = std::mem::take(&mut self.parked);
        out.extend(parked.into_keys().map(|to| Output::Refuse { to }));
    }

    fn all_is_out(&self, to: PeerKey) -> Output {
        let bits = Chunks::all(self.image.chunks()).to_bytes().into();
        let frame = Frame::Map { bits };
        Output::Send { to, frame }
    }
}
