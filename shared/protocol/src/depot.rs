//! What the coordinator gives out of updates: files of the repository, and each chunk of an image about once.

use std::collections::{BTreeMap, BTreeSet};

use tuf_core::role::RoleName;

use crate::bulk::{About, Answer, File, Question};
use crate::dice::Dice;
use crate::key::PeerKey;
use crate::library::Held;
use crate::limits;
use crate::message::Message;
use crate::spread::frame::{Ask, Frame};
use crate::spread::image::{Image, ImageId};
use crate::spread::source::Source;
use crate::spread::{self, Config, Delivery, Part};
use crate::time::{Instant, Now};

/// What is published: all of it belongs together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    pub timestamp: Vec<u8>,
    pub files: Vec<Held>,
    /// Those that the files vouch for.
    pub images: Vec<Image>,
}

impl Published {
    /// An edition: every document under the same version.
    pub fn of(version: u64, mut documents: BTreeMap<String, Vec<u8>>, images: Vec<Image>) -> Self {
        let timestamp = documents.remove(RoleName::Timestamp.word());
        let files = documents.into_iter().map(|(role, bytes)| Held {
            role,
            version,
            bytes,
        });
        Self {
            timestamp: timestamp.unwrap_or_default(),
            files: files.collect(),
            images,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// From here on this is given out; the seed decides who gets which chunk first.
    Published {
        published: Published,
        seed: [u8; 32],
    },
    LinkUp {
        peer: PeerKey,
    },
    LinkDown {
        peer: PeerKey,
    },
    /// A member shows the newest timestamp that it holds.
    Timestamp {
        from: PeerKey,
        timestamp: Vec<u8>,
    },
    Chunks {
        from: PeerKey,
        image: ImageId,
        frame: Frame,
    },
    Asked {
        from: PeerKey,
        question: Question,
    },
    Withdrawn {
        from: PeerKey,
        about: About,
    },
    /// The answer to [`Output::Serve`].
    Served {
        to: PeerKey,
        image: ImageId,
        how: Delivery,
    },
    /// A member says that another sent it a wrong chunk.
    Named {
        peer: PeerKey,
        by: PeerKey,
        image: ImageId,
    },
    Tick,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Send {
        to: PeerKey,
        message: Message,
    },
    Answer {
        to: PeerKey,
        about: About,
        answer: Answer,
    },
    /// Read a chunk with its path, and answer this peer's question with it.
    Serve {
        to: PeerKey,
        image: ImageId,
        chunk: u32,
    },
}

#[derive(Debug)]
pub struct Depot {
    published: Published,
    dice: Dice,
    links: BTreeSet<PeerKey>,
    /// Images that somebody has fetched since this start, the last asked for at the end.
    sources: Vec<(ImageId, Source)>,
}

impl Default for Depot {
    fn default() -> Self {
        Self {
            published: Published::default(),
            dice: Dice::from_seed([0; 32]),
            links: BTreeSet::new(),
            sources: Vec::new(),
        }
    }
}

impl Depot {
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Published { published, seed } => self.publish(published, seed, &mut out),
            Input::LinkUp { peer } => {
                self.links.insert(peer);
                self.show(peer, &mut out);
            }
            Input::LinkDown { peer } => {
                self.links.remove(&peer);
                let left = spread::Input::Left { peer };
                self.all_sources(&left, now, &mut out);
            }
            Input::Timestamp { from, timestamp } if timestamp != self.published.timestamp => {
                self.show(from, &mut out);
            }
            Input::Timestamp { .. } => {}
            Input::Chunks { from, image, frame } => {
                self.chunks_frame(from, image, &frame, now, &mut out);
            }
            Input::Asked { from, question } => self.asked(from, question, now, &mut out),
            Input::Withdrawn { from, about } => {
                if let About::Image(image) = about {
                    self.source(image, spread::Input::Withdrawn { from }, now, &mut out);
                }
            }
            Input::Served { to, image, how } => {
                self.source(image, spread::Input::Served { to, how }, now, &mut out);
            }
            Input::Named { peer, by, image } => {
                self.source(image, spread::Input::Named { peer, by }, now, &mut out);
            }
            Input::Tick => self.all_sources(&spread::Input::Tick, now, &mut out),
        }
        out
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let sources = self.sources.iter();
        sources
            .filter_map(|(_, source)| source.next_deadline())
            .min()
    }

    fn publish(&mut self, published: Published, seed: [u8; 32], out: &mut Vec<Output>) {
        self.dice = Dice::from_seed(seed);
        let newer = published.timestamp != self.published.timestamp;
        self.published = published;
        let images = &self.published.images;
        self.sources
            .retain(|(id, _)| images.iter().any(|image| image.id() == *id));
        if newer {
            self.links.iter().for_each(|peer| self.show(*peer, out));
        }
    }

    fn show(&self, to: PeerKey, out: &mut Vec<Output>) {
        if !self.published.timestamp.is_empty() {
            let timestamp = self.published.timestamp.clone().into();
            let message = Message::Timestamp { timestamp };
            out.push(Output::Send { to, message });
        }
    }

    /// Whoever says that it fetches an image gets what nobody has yet.
    fn chunks_frame(
        &mut self,
        from: PeerKey,
        image: ImageId,
        frame: &Frame,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if *frame == Frame::Wanted && self.links.contains(&from) {
            self.prepare(image);
            let part = Part::Neighbour;
            self.source(image, spread::Input::Joined { peer: from, part }, now, out);
        }
    }

    fn prepare(&mut self, id: ImageId) {
        if let Some(place) = self.sources.iter().position(|(image, _)| *image == id) {
            let known = self.sources.remove(place);
            return self.sources.push(known);
        }
        let images = self.published.images.iter();
        if let Some(image) = images.copied().find(|image| image.id() == id) {
            let dice = Dice::from_seed(self.dice.bytes());
            if self.sources.len() == limits::SOURCES {
                self.sources.remove(0);
            }
            self.sources
                .push((id, Source::new(image, Config::default(), dice)));
        }
    }

    fn asked(&mut self, from: PeerKey, question: Question, now: Now, out: &mut Vec<Output>) {
        let about = question.about();
        match question {
            Question::File(file) => {
                let answer = Answer::File(self.file(&file).map(<[u8]>::to_vec));
                out.push(Output::Answer {
                    to: from,
                    about,
                    answer,
                });
            }
            Question::Chunk(Ask { image, want }) => {
                let asked = spread::Input::Asked { from, want };
                if !self.source(image, asked, now, out) {
                    let answer = Answer::nothing(about);
                    out.push(Output::Answer {
                        to: from,
                        about,
                        answer,
                    });
                }
            }
        }
    }

    fn file(&self, asked: &File) -> Option<&[u8]> {
        let mut files = self.published.files.iter();
        let found =
            files.find(|held| held.role == asked.role.as_str() && held.version == asked.version);
        found.map(|held| held.bytes.as_slice())
    }

    /// Whether there is such an image on its way out.
    fn source(
        &mut self,
        image: ImageId,
        input: spread::Input,
        now: Now,
        out: &mut Vec<Output>,
    ) -> bool {
        let mut sources = self.sources.iter_mut();
        let Some((_, source)) = sources.find(|(id, _)| *id == image) else {
            return false;
        };
        done(image, source.handle(input, now.monotonic), out);
        true
    }

    fn all_sources(&mut self, input: &spread::Input, now: Now, out: &mut Vec<Output>) {
        for (image, source) in &mut self.sources {
            done(*image, source.handle(input.clone(), now.monotonic), out);
        }
    }
}

fn done(image: ImageId, outputs: Vec<spread::Output>, out: &mut Vec<Output>) {
    let about = About::Image(image);
    out.extend(outputs.into_iter().filter_map(|output| match output {
        spread::Output::Send { to, frame } => Some(Output::Send {
            to,
            message: Message::Chunks { image, frame },
        }),
        spread::Output::Serve { to, chunk } => Some(Output::Serve { to, image, chunk }),
        spread::Output::Refuse { to } => Some(Output::Answer {
            to,
            about,
            answer: Answer::nothing(about),
        }),
        // The rest is asked for by members alone.
        spread::Output::Ask { .. }
        | spread::Output::Withdraw { .. }
        | spread::Output::Store { .. }
        | spread::Output::Expose { .. }
        | spread::Output::Whole => None,
    }));
}
