//! The chunks of one image: fetched while it is wanted here, and given to others for as long as it lies here.

use std::collections::BTreeSet;

use super::{Deed, Output, Updater};
use crate::bulk::{About, Answer, Question};
use crate::dice::Dice;
use crate::id::Digest;
use crate::install::{self, Act, Mishap};
use crate::key::PeerKey;
use crate::message::Message;
use crate::spread::frame::Frame;
use crate::spread::image::ImageId;
use crate::spread::member::Member;
use crate::spread::{self, Config, Part};
use crate::time::{Instant, Now};

#[derive(Debug, Default)]
pub(super) struct Fetching {
    member: Option<Member>,
    /// Neighbours that fetch the same image, or have it.
    joined: BTreeSet<PeerKey>,
    whole: bool,
}

impl Fetching {
    pub fn is_of(&self, image: ImageId) -> bool {
        self.image() == Some(image)
    }

    pub fn image(&self) -> Option<ImageId> {
        self.member.as_ref().map(|member| member.image().id())
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.member.as_ref().and_then(Member::next_deadline)
    }

    /// Whether the last chunk has come since the last look.
    pub const fn take_whole(&mut self) -> bool {
        std::mem::replace(&mut self.whole, false)
    }
}

impl Updater {
    /// Has the host look what is there of the image that is wanted.
    pub(super) fn open(&mut self, out: &mut Vec<Output>) {
        let Some(wanted) = self.memory.wanted() else {
            return;
        };
        out.extend(wanted.image().map(|image| {
            Output::Do(Deed::Open {
                target: wanted.target,
                image,
            })
        }));
    }

    pub(super) fn opened(
        &mut self,
        target: Digest,
        chunks: &[u32],
        dice: &mut Dice,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let wanted = self
            .memory
            .wanted()
            .filter(|wanted| wanted.target == target);
        let Some(image) = wanted.and_then(|wanted| wanted.image()) else {
            let failed = install::Input::Failed(Act::Fetch, Mishap::Image);
            return self.install(failed, dice, now, out);
        };
        let stored = chunks.iter().copied().filter(|at| *at < image.chunks());
        let seed = Dice::from_seed(dice.bytes());
        let member = Member::new(image, stored, Config::default(), seed);
        let whole = member.held().len() == image.chunks();
        if !whole && !self.is_fetching() {
            return;
        }
        self.fetching = Fetching {
            member: Some(member),
            joined: BTreeSet::new(),
            whole,
        };
        for (peer, part) in self.links.clone() {
            self.meet(peer, part, now, out);
        }
    }

    /// Tells a peer that this image is fetched here; whoever has some of it says so.
    pub(super) fn meet(&mut self, peer: PeerKey, part: Part, now: Now, out: &mut Vec<Output>) {
        let Some(image) = self.fetching.image().filter(|_| self.is_fetching()) else {
            return;
        };
        out.push(tell(peer, image, Frame::Wanted));
        if part == Part::Source {
            self.spread(spread::Input::Joined { peer, part }, now, out);
        }
    }

    pub(super) fn part_from(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.fetching.joined.remove(&peer);
        self.spread(spread::Input::Left { peer }, now, out);
    }

    pub(super) fn chunks_frame(
        &mut self,
        from: PeerKey,
        image: ImageId,
        frame: Frame,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(&part) = self.links.get(&from).filter(|_| self.fetching.is_of(image)) else {
            return;
        };
        let asks = frame == Frame::Wanted;
        if part == Part::Neighbour && (self.fetching.joined.insert(from) || asks) {
            self.spread(spread::Input::Joined { peer: from, part }, now, out);
            self.admit_to_nothing(from, image, asks, out);
        }
        self.spread(spread::Input::Frame { from, frame }, now, out);
    }

    /// A map is what tells a newcomer that this neighbour takes part; the machine sends none that is empty.
    fn admit_to_nothing(&self, to: PeerKey, image: ImageId, asks: bool, out: &mut Vec<Output>) {
        let member = self.fetching.member.as_ref();
        let empty = member.filter(|member| asks && member.held().is_empty());
        out.extend(empty.map(|member| {
            let bits = member.held().to_bytes().into();
            tell(to, image, Frame::Map { bits })
        }));
    }

    /// What is about another image than the present one comes too late to matter.
    pub(super) fn spread_of(
        &mut self,
        about: About,
        input: spread::Input,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if matches!(about, About::Image(image) if self.fetching.is_of(image)) {
            self.spread(input, now, out);
        }
    }

    pub(super) fn spread(&mut self, input: spread::Input, now: Now, out: &mut Vec<Output>) {
        let Some(member) = &mut self.fetching.member else {
            return;
        };
        let image = member.image().id();
        let about = About::Image(image);
        for output in member.handle(input, now.monotonic) {
            out.push(match output {
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
                spread::Output::Store { chunk, piece } => Output::Do(Deed::Store { chunk, piece }),
                spread::Output::Expose { peer, fault } => Output::Expose { peer, image, fault },
                spread::Output::Whole => {
                    self.fetching.whole = true;
                    continue;
                }
            });
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

fn tell(to: PeerKey, image: ImageId, frame: Frame) -> Output {
    Output::Send {
        to,
        message: Message::Chunks { image, frame },
    }
}
