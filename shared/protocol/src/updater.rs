//! A member's part in updates: it keeps the repository, fetches what it is ordered to run, and gives others what it has.
//!
//! Three machines of their own do the thinking: [`crate::library`] what is trusted, [`crate::install`] what is done on this
//! device, [`crate::spread`] who gives which chunk to whom. Here they are told of each other.

mod brought;
mod fetching;
mod input;
mod memory;
mod output;
mod reusing;
mod settings;
mod trial;

use std::collections::BTreeMap;

use crate::bulk::{About, Answer, Question};
use crate::dice::Dice;
use crate::id::Digest;
use crate::install::{self, Act, Found, Install, Mishap, Order, Reason, State, Step, Terms};
use crate::key::PeerKey;
use crate::library::{self, Library};
use crate::message::Message;
use crate::release::Release;
use crate::spread::{self, Part};
use crate::time::{Instant, Now};

pub use input::{Base, Input};
pub use memory::{Save, Saved, Wanted};
pub use output::{Deed, Notice, Output};

use fetching::Fetching;
use memory::Memory;

#[derive(Debug)]
pub struct Updater {
    /// `None` where the mesh has no root document, and so no repository.
    library: Option<Library>,
    root_version: u64,
    /// `None` where the host has no slots.
    install: Option<Install>,
    memory: Memory,
    fetching: Fetching,
    /// How many bytes of each file it moves in a second.
    rates: spread::Config,
    links: BTreeMap<PeerKey, Part>,
    /// When witnesses are asked for a look again.
    look: Option<Instant>,
}

impl Updater {
    /// Goes on with what was saved, under the root in force.
    pub fn new(root: Option<&tuf_core::root::Root>, saved: &Saved, now: Now) -> Self {
        let library = root.map(|root| {
            let (floors, files) = (saved.floors.as_deref(), saved.files.clone());
            Library::new(root.as_bytes().to_vec(), floors, files, now)
        });
        Self {
            library,
            root_version: root.map_or(0, tuf_core::root::Root::version),
            install: None,
            memory: Memory::recalled(saved.memory.as_deref()),
            fetching: Fetching::default(),
            rates: spread::Config::default(),
            links: BTreeMap::new(),
            look: None,
        }
    }

    /// From the next file on no more than this is moved in a second.
    pub const fn pace(&mut self, rates: spread::Config) {
        self.rates = rates;
    }

    /// The host has slots, and says what they hold.
    pub fn equip(&mut self, terms: Terms, found: Found, dice: &mut Dice, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        let (install, first) = Install::restore(terms, self.memory.install(), found, now);
        self.install = Some(install);
        self.installed(first, dice, now, &mut out);
        if !self.is_fetching() {
            self.open(&mut out);
        }
        out
    }

    pub fn handle(&mut self, input: Input, dice: &mut Dice, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::LinkUp { peer, part } => self.link_up(peer, part, now, &mut out),
            Input::LinkDown { peer } => self.link_down(peer, now, &mut out),
            Input::Timestamp { from, timestamp } => {
                let shown = |library: &mut Library| library.shown(from, &timestamp, now);
                self.with_library(shown, dice, now, &mut out);
            }
            Input::Chunks { from, image, frame } => {
                self.chunks_frame(from, image, frame, now, &mut out);
            }
            Input::Asked { from, question } => self.asked(from, question, now, &mut out),
            Input::Withdrawn { from, about } => {
                self.spread_of(about, spread::Input::Withdrawn { from }, now, &mut out);
            }
            Input::Answered {
                from,
                about,
                answer,
            } => self.answered(from, about, answer, dice, now, &mut out),
            Input::Served { to, image, how } => {
                let about = About::Image(image);
                self.spread_of(about, spread::Input::Served { to, how }, now, &mut out);
            }
            Input::Opened {
                target,
                chunks,
                base,
            } => self.opened(target, chunks, base, dice, now, &mut out),
            Input::IndexOpened { target, chunks } => {
                self.index_opened(target, &chunks, dice, now, &mut out);
            }
            Input::Reused { target, chunks } => self.reused(target, &chunks, dice, now, &mut out),
            Input::Stored { image, chunk } => {
                self.spread(image, spread::Input::Stored { chunk }, now, &mut out);
            }
            Input::Brought { brought, path } => self.brought(&brought, path, dice, now, &mut out),
            Input::Ordered(order) => self.ordered(order, dice, now, &mut out),
            Input::Install(input) => self.install(input, dice, now, &mut out),
            Input::Tick => self.tick(dice, now, &mut out),
        }
        self.settle(dice, now, &mut out);
        out
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn next_deadline(&self) -> Option<Instant> {
        let install = self.install.as_ref().and_then(Install::next_deadline);
        let library = self.library.as_ref().and_then(Library::next_deadline);
        let all = [install, library, self.fetching.next_deadline(), self.look];
        all.into_iter().flatten().min()
    }

    pub fn library(&self) -> Option<&Library> {
        self.library.as_ref()
    }

    pub fn installing(&self) -> Option<&Install> {
        self.install.as_ref()
    }

    /// The mesh has another root.
    pub fn follow(&mut self, root: &tuf_core::root::Root, now: Now) {
        if root.version() == self.root_version {
            return;
        }
        self.root_version = root.version();
        match &mut self.library {
            Some(library) => library.follow(root.as_bytes(), now),
            none => {
                *none = Some(Library::new(
                    root.as_bytes().to_vec(),
                    None,
                    Vec::new(),
                    now,
                ));
            }
        }
    }

    /// How far the present update has come, or the last one.
    pub fn step(&self) -> Option<Step> {
        Some(self.install.as_ref()?.attempt()?.step())
    }

    fn link_up(&mut self, peer: PeerKey, part: Part, now: Now, out: &mut Vec<Output>) {
        self.links.insert(peer, part);
        self.show(peer, out);
        self.meet(peer, part, now, out);
    }

    fn link_down(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.links.remove(&peer);
        self.part_from(peer, now, out);
        if let Some(library) = &mut self.library {
            let left = library.left(peer, now);
            self.told_by_library(left, out);
        }
    }

    /// Shows a neighbour the newest timestamp of which everything is here.
    fn show(&self, to: PeerKey, out: &mut Vec<Output>) {
        let timestamp = self.library.as_ref().and_then(Library::timestamp);
        out.extend(timestamp.map(|timestamp| Output::Send {
            to,
            message: Message::Timestamp {
                timestamp: timestamp.to_vec().into(),
            },
        }));
    }

    fn asked(&mut self, from: PeerKey, question: Question, now: Now, out: &mut Vec<Output>) {
        let about = question.about();
        match question {
            Question::Chunk(ask) if self.fetching.is_of(ask.image) => {
                let want = ask.want;
                self.spread(ask.image, spread::Input::Asked { from, want }, now, out);
            }
            Question::Chunk(_) => out.push(Output::Answer {
                to: from,
                about,
                answer: Answer::nothing(about),
            }),
            Question::File(file) => {
                let held = self.library.as_ref().and_then(|held| held.file(&file));
                out.push(Output::Answer {
                    to: from,
                    about,
                    answer: Answer::File(held.map(<[u8]>::to_vec)),
                });
            }
        }
    }

    fn answered(
        &mut self,
        from: PeerKey,
        about: About,
        answer: Answer,
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        match answer {
            Answer::Chunk(answer) => {
                self.spread_of(about, spread::Input::Answered { from, answer }, now, out);
            }
            Answer::File(file) => {
                let taken = |library: &mut Library| library.answered(from, file.as_deref(), now);
                self.with_library(taken, dice, now, out);
            }
        }
    }

    /// Somebody who may do so orders a target. Where there are no slots that is said, so that nobody waits.
    fn ordered(&mut self, order: Order, dice: &mut Dice, now: Now, out: &mut Vec<Output>) {
        if self.install.is_some() {
            return self.install(install::Input::Ordered(order), dice, now, out);
        }
        out.push(Output::Say(Step {
            target: order.target,
            nonce: order.nonce,
            version: None,
            state: State::Refused(Reason::NoSlots),
        }));
    }

    fn install(&mut self, input: install::Input, dice: &mut Dice, now: Now, out: &mut Vec<Output>) {
        if let Some(install) = &mut self.install {
            let outputs = install.handle(input, now);
            self.installed(outputs, dice, now, out);
        }
    }

    fn installed(
        &mut self,
        outputs: Vec<install::Output>,
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for output in outputs {
            match output {
                install::Output::Save(install) => {
                    self.memory.keep(install);
                    out.push(Output::Save(self.memory.save()));
                }
                install::Output::Say(step) => out.push(Output::Say(step)),
                install::Output::Act(Act::Verify) => self.verify(dice, now, out),
                install::Output::Act(Act::Fetch) => self.open(out),
                install::Output::Act(act) => self.act(act, out),
                install::Output::Discard(target) => self.discard(target, out),
                install::Output::Declined { order, why } => {
                    out.push(Output::Notice(Notice::Declined { order, why }));
                }
            }
        }
    }

    fn act(&self, act: Act, out: &mut Vec<Output>) {
        let attempt = self.install.as_ref().and_then(Install::attempt);
        let image = attempt.and_then(|attempt| attempt.image().cloned());
        out.extend(image.map(|image| Output::Do(Deed::Act { act, image })));
    }

    /// Looks the target up in the metadata. Where it is not listed, newer metadata may list it.
    fn verify(&mut self, dice: &mut Dice, now: Now, out: &mut Vec<Output>) {
        let attempt = self.install.as_ref().and_then(Install::attempt);
        let Some(path) = attempt.map(|attempt| attempt.order().path.clone()) else {
            return;
        };
        // What has ended is the base of nothing new: the order waits, as it does where nothing is here yet.
        let fresh = self.library.as_ref();
        let fresh = fresh.filter(|library| library.stale_since(now.wall).is_none());
        let Some(found) = fresh.and_then(|library| library.find(path.as_str())) else {
            return;
        };
        let input = match (found.hashes.sha256, Release::of(found)) {
            (Some(sha256), Ok(release)) => {
                let target = Digest::from_bytes(sha256);
                self.memory.want(Wanted::of(target, &release));
                install::Input::Trusted { target, release }
            }
            _ => install::Input::Failed(Act::Verify, Mishap::Image),
        };
        self.install(input, dice, now, out);
    }

    fn with_library(
        &mut self,
        told: impl FnOnce(&mut Library) -> Vec<library::Output>,
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(library) = &mut self.library else {
            return;
        };
        let outputs = told(library);
        let renewed = outputs
            .iter()
            .any(|output| matches!(output, library::Output::Renewed { .. }));
        self.told_by_library(outputs, out);
        let waits = self
            .step()
            .is_some_and(|step| step.state == State::Announced);
        if renewed && waits {
            self.verify(dice, now, out);
        }
    }

    fn told_by_library(&self, outputs: Vec<library::Output>, out: &mut Vec<Output>) {
        for output in outputs {
            match output {
                library::Output::Save(save) => out.push(Output::Save(Save::Library(save))),
                library::Output::Ask { to, file } => out.push(Output::Ask {
                    to,
                    question: Question::File(file),
                }),
                library::Output::Withdraw { to } => out.push(Output::Withdraw {
                    to,
                    about: About::Repository,
                }),
                library::Output::Show { to } => self.show(to, out),
                library::Output::Refused(refused) => out.push(Output::Refused(refused)),
                library::Output::Renewed { knowing } => {
                    let others = self.links.keys().filter(|peer| !knowing.contains(peer));
                    others.for_each(|peer| self.show(*peer, out));
                    out.push(Output::Notice(Notice::Renewed));
                }
            }
        }
    }

    fn tick(&mut self, dice: &mut Dice, now: Now, out: &mut Vec<Output>) {
        self.with_library(|library| library.tick(now), dice, now, out);
        self.install(install::Input::Tick, dice, now, out);
        self.spread_all(&spread::Input::Tick, now, out);
        self.give_up_index(dice, now, out);
        self.ask_for_looks(now, out);
    }

    /// What one machine has decided may be what another waits for.
    fn settle(&mut self, dice: &mut Dice, now: Now, out: &mut Vec<Output>) {
        self.reuse_when_listed(now, out);
        if self.fetching.take_whole() && self.is_fetching() {
            self.install(install::Input::Done(Act::Fetch), dice, now, out);
        }
        self.plan_looks(now);
    }

    fn is_fetching(&self) -> bool {
        self.install.as_ref().is_some_and(Install::fetches)
    }
}
