//! The chunks of one image and of its index: fetched while they are wanted here, and given to others for as long as they
//! lie here.

use std::collections::BTreeSet;

use super::memory::Wanted;
use super::reusing::Reusing;
use super::{Base, Deed, Output, Updater};
use crate::bulk::{About, Answer, Question};
use crate::dice::Dice;
use crate::id::Digest;
use crate::install::{self, Act, Install, Mishap};
use crate::key::PeerKey;
use crate::message::Message;
use crate::spread::frame::Frame;
use crate::spread::image::{Image, ImageId};
use crate::spread::member::Member;
use crate::spread::{self, Part};
use crate::time::{Instant, Now};

#[derive(Debug, Default)]
pub(super) struct Fetching {
    image: Option<Share>,
    /// What lists the parts of the image.
    index: Option<Share>,
    whole: bool,
    pub reusing: Reusing,
}

/// What this member has and lacks of one file.
#[derive(Debug)]
struct Share {
    member: Member,
    /// Neighbours that fetch the same file, or have it.
    joined: BTreeSet<PeerKey>,
    /// Whether it is fetched, or only given to others.
    wanted: bool,
}

impl Fetching {
    pub fn is_of(&self, image: ImageId) -> bool {
        self.shares().any(|share| share.is_of(image))
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let machines = self.shares().map(|share| share.member.next_deadline());
        machines.chain([self.reusing.late()]).flatten().min()
    }

    /// Whether the last chunk has come since the last look.
    pub const fn take_whole(&mut self) -> bool {
        std::mem::replace(&mut self.whole, false)
    }

    /// Whether all of the index is here.
    pub fn is_listed(&self) -> bool {
        self.index.as_ref().is_some_and(Share::is_whole)
    }

    pub fn forget_index(&mut self) {
        self.index = None;
    }

    fn shares(&self) -> impl Iterator<Item = &Share> {
        [&self.image, &self.index].into_iter().flatten()
    }

    fn share(&mut self, image: ImageId) -> Option<&mut Share> {
        let shares = [&mut self.image, &mut self.index];
        shares
            .into_iter()
            .flatten()
            .find(|share| share.is_of(image))
    }

    fn wanted(&self) -> Vec<ImageId> {
        let wanted = self.shares().filter(|share| share.wanted);
        wanted.map(|share| share.member.image().id()).collect()
    }
}

impl Share {
    fn is_of(&self, image: ImageId) -> bool {
        self.member.image().id() == image
    }

    fn is_whole(&self) -> bool {
        self.member.held().is_all()
    }
}

impl Updater {
    /// Has the host look what is there of the image that is wanted.
    pub(super) fn open(&mut self, out: &mut Vec<Output>) {
        let Some(wanted) = self.memory.wanted() else {
            return;
        };
        let runs = self.install.as_ref().and_then(Install::running);
        out.extend(wanted.image().map(|image| {
            Output::Do(Deed::Open {
                target: wanted.target,
                image,
                base: runs.filter(|runs| wanted.index().is_some() && *runs != wanted.target),
            })
        }));
    }

    pub(super) fn opened(
        &mut self,
        target: Digest,
        chunks: Vec<u32>,
        base: Base,
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(image) = self.wanted(target).and_then(|wanted| wanted.image()) else {
            let failed = install::Input::Failed(Act::Fetch, Mishap::Image);
            return self.install(failed, dice, now, out);
        };
        self.fetching = Fetching::default();
        if self.would_reuse(image, &chunks, base) {
            return self.list(target, chunks, now, out);
        }
        self.fetch(image, &chunks, dice, now, out);
        self.open_index(target, out);
    }

    /// Fetches what is not there of the image, or gives what is there to others.
    pub(super) fn fetch(
        &mut self,
        image: Image,
        chunks: &[u32],
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let wanted = self.is_fetching();
        let share = self.share(image, chunks, wanted, dice);
        let whole = share.is_whole();
        if whole || wanted {
            self.fetching.whole = whole;
            self.fetching.image = Some(share);
            self.meet_all(image.id(), now, out);
        }
    }

    /// The host has a place for the index, and says what is there of it.
    pub(super) fn index_opened(
        &mut self,
        target: Digest,
        chunks: &[u32],
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(index) = self.wanted(target).and_then(|wanted| wanted.index()) else {
            return;
        };
        let wanted = self.fetching.reusing.lists();
        let share = self.share(index, chunks, wanted, dice);
        if share.is_whole() || wanted {
            self.fetching.index = Some(share);
        }
        if wanted {
            self.meet_all(index.id(), now, out);
        }
    }

    fn share(&self, image: Image, chunks: &[u32], wanted: bool, dice: &mut Dice) -> Share {
        let stored = chunks.iter().copied().filter(|at| *at < image.chunks());
        let seed = Dice::from_seed(dice.bytes());
        Share {
            member: Member::new(image, stored, self.rates, seed),
            joined: BTreeSet::new(),
            wanted,
        }
    }

    fn wanted(&self, target: Digest) -> Option<Wanted> {
        let wanted = self.memory.wanted();
        wanted.filter(|wanted| wanted.target == target)
    }

    fn meet_all(&mut self, image: ImageId, now: Now, out: &mut Vec<Output>) {
        for (peer, part) in self.links.clone() {
            self.meet_about(image, peer, part, now, out);
        }
    }

    /// Tells a peer what is fetched here; whoever has some of it says so.
    pub(super) fn meet(&mut self, peer: PeerKey, part: Part, now: Now, out: &mut Vec<Output>) {
        for image in self.fetching.wanted() {
            self.meet_about(image, peer, part, now, out);
        }
    }

    fn meet_about(
        &mut self,
        image: ImageId,
        peer: PeerKey,
        part: Part,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if !self.is_fetching() {
            return;
        }
        out.push(tell(peer, image, Frame::Wanted));
        if part == Part::Source {
            self.spread(image, spread::Input::Joined { peer, part }, now, out);
        }
    }

    pub(super) fn part_from(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        let shares = [&mut self.fetching.image, &mut self.fetching.index];
        for share in shares.into_iter().flatten() {
            share.joined.remove(&peer);
        }
        self.spread_all(&spread::Input::Left { peer }, now, out);
    }

    pub(super) fn chunks_frame(
        &mut self,
        from: PeerKey,
        image: ImageId,
        frame: Frame,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let part = self.links.get(&from).copied();
        let (Some(part), Some(share)) = (part, self.fetching.share(image)) else {
            return;
        };
        let asks = frame == Frame::Wanted;
        if part == Part::Neighbour && (share.joined.insert(from) || asks) {
            // A map is what tells a newcomer that this neighbour takes part; the machine sends none that is empty.
            let held = share.member.held();
            let empty = (asks && held.is_empty()).then(|| held.to_bytes().into());
            self.spread(image, spread::Input::Joined { peer: from, part }, now, out);
            out.extend(empty.map(|bits| tell(from, image, Frame::Map { bits })));
        }
        self.spread(image, spread::Input::Frame { from, frame }, now, out);
    }

    /// What is about another image than the present ones comes too late to matter.
    pub(super) fn spread_of(
        &mut self,
        about: About,
        input: spread::Input,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if let About::Image(image) = about {
            self.spread(image, input, now, out);
        }
    }

    pub(super) fn spread_all(&mut self, input: &spread::Input, now: Now, out: &mut Vec<Output>) {
        let shares = self.fetching.shares();
        let images: Vec<ImageId> = shares.map(|share| share.member.image().id()).collect();
        for image in images {
            self.spread(image, input.clone(), now, out);
        }
    }

    pub(super) fn spread(
        &mut self,
        image: ImageId,
        input: spread::Input,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(share) = self.fetching.share(image) else {
            return;
        };
        let outputs = share.member.handle(input, now.monotonic);
        for output in outputs {
            match output {
                // That the index is whole is seen when all else is done.
                spread::Output::Whole => {
                    let of_image = self.fetching.image.as_ref();
                    self.fetching.whole |= of_image.is_some_and(|share| share.is_of(image));
                }
                other => out.extend(told(image, other)),
            }
        }
    }

    pub(super) fn discard(&mut self, target: Digest, out: &mut Vec<Output>) {
        if self.memory.forget(target) {
            self.fetching = Fetching::default();
            out.push(Output::Save(self.memory.save()));
        }
        out.push(Output::Do(Deed::Discard(target)));
    }
}

/// What a machine wants to be done about its file.
fn told(image: ImageId, output: spread::Output) -> Option<Output> {
    let about = About::Image(image);
    Some(match output {
        spread::Output::Send { to, frame } => tell(to, image, frame),
        spread::Output::Ask { to, want } => Output::Ask {
            to,
            question: Question::of_chunk(image, want),
        },
        spread::Output::Withdraw { to } => Output::Withdraw { to, about },
        spread::Output::Serve { to, chunk } => Output::Do(Deed::Serve { to, image, chunk }),
        spread::Output::Refuse { to } => Output::Answer {
            to,
            about,
            answer: Answer::nothing(about),
        },
        spread::Output::Store { chunk, piece } => Output::Do(Deed::Store {
            image,
            chunk,
            piece,
        }),
        spread::Output::Expose { peer, fault } => Output::Expose { peer, image, fault },
        spread::Output::Whole => return None,
    })
}

fn tell(to: PeerKey, image: ImageId, frame: Frame) -> Output {
    Output::Send {
        to,
        message: Message::Chunks { image, frame },
    }
}
