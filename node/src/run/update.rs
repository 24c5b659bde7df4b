//! Updates on this host: substreams, the chunks on the disk, the slots, and looks at neighbours on trial.

mod knock;
mod slots;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mesh::{Book, Ended, Event as MeshEvent, Handover, QuestionId};
use protocol::bulk::{About, Answer, Question};
use protocol::command::{CommandId, Outcome, Refusal};
use protocol::id::Digest;
use protocol::install::{self, Act, Mishap};
use protocol::key::PeerKey;
use protocol::node::{self, CommandTold};
use protocol::spread::Delivery;
use protocol::spread::frame;
use protocol::spread::image::{Image, ImageId, Piece};
use protocol::text;
use protocol::updater::{Base, Deed, Input, Output};
use tokio::sync::mpsc;
use tokio::task;
use tracing::{debug, info, warn};

use super::Shell;
use crate::bundle::{self, Bundle};
use crate::config::Updates as Config;
use crate::console;
use crate::install::chunks::{self, Chunks};
use crate::install::installer::Load;
use crate::install::reuse::{self, Sources};
use slots::Slots;

/// Ends of acts and looks that wait to be told.
const NEWS: usize = 64;

pub(super) struct Updates {
    /// Below it the chunks of images lie.
    dir: PathBuf,
    chunks: Option<Chunks>,
    /// What lists the parts of the image.
    index: Option<Chunks>,
    /// The image of this target lies beside the one that is fetched.
    base: Option<Digest>,
    /// Where what runs was unpacked.
    running: Option<PathBuf>,
    book: Book<About>,
    /// Where somebody at this device leaves a bundle, and whether it was handed to the machine in this life.
    bundle: PathBuf,
    handed: Handed,
    /// `None` where the host has no slots.
    slots: Option<Slots>,
    news: mpsc::Receiver<News>,
    teller: mpsc::Sender<News>,
}

/// A bundle is handed over once, and lies there until its image is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handed {
    Not,
    /// The file of this length was.
    Over(u64),
}

/// What others have found out for the loop.
pub(super) enum News {
    Input(node::Input),
    Opened(Chunks, Input),
    IndexOpened(Chunks, Input),
}

impl Updates {
    pub fn new(dir: &Path) -> Self {
        let (teller, news) = mpsc::channel(NEWS);
        Self {
            dir: dir.join("updates"),
            chunks: None,
            index: None,
            base: None,
            running: None,
            book: Book::default(),
            bundle: bundle::waiting(&console::folder(dir)),
            handed: Handed::Not,
            slots: None,
            news,
            teller,
        }
    }

    /// What comes next from slots, disks and looks.
    pub async fn next(&mut self) -> node::Input {
        match self.news.recv().await {
            Some(News::Input(input)) => input,
            Some(News::Opened(chunks, input)) => {
                self.chunks = Some(chunks);
                node::Input::Update(input)
            }
            Some(News::IndexOpened(chunks, input)) => {
                self.index = Some(chunks);
                node::Input::Update(input)
            }
            None => std::future::pending().await,
        }
    }

    /// What somebody at this device has left here since the last look.
    pub fn brought(&mut self) -> Option<node::Input> {
        let length = fs::metadata(&self.bundle).ok()?.len();
        if self.handed == Handed::Over(length) {
            return None;
        }
        self.handed = Handed::Over(length);
        match task::block_in_place(|| Bundle::open(&self.bundle)) {
            Ok(bundle) => {
                info!(path = %bundle.path, "an update was carried here");
                let (brought, path) = (bundle.brought(), bundle.path);
                Some(node::Input::Update(Input::Brought { brought, path }))
            }
            Err(error) => {
                warn!(%error, "a bundle is of no use");
                self.forget_bundle();
                None
            }
        }
    }

    pub fn forget_bundle(&mut self) {
        self.handed = Handed::Not;
        if let Err(error) = fs::remove_file(&self.bundle) {
            warn!(%error, "a bundle stays in the console's folder");
        }
    }

    fn open(&mut self, target: Digest, image: Image, base: Option<Digest>) {
        self.index = None;
        self.base = base;
        let sources = self.sources();
        let (dir, teller) = (self.dir.clone(), self.teller.clone());
        let bundle = self.bundle.clone();
        task::spawn_blocking(move || {
            let kept: Vec<Digest> = base.into_iter().chain([target]).collect();
            let cleared = chunks::keep_only(&dir, &kept);
            let opened = cleared.and_then(|()| Chunks::open(&dir, target, image));
            let news = match opened.map(|opened| carried(opened, &bundle, image)) {
                Ok((held, chunks)) => {
                    info!(%target, there = chunks.len(), of = image.chunks(), "chunks of an update");
                    let base = match base.is_some() && sources.is_any() {
                        true => Base::There,
                        false => Base::Nothing,
                    };
                    let opened = Input::Opened {
                        target,
                        chunks,
                        base,
                    };
                    News::Opened(held, opened)
                }
                Err(error) => {
                    warn!(%error, "no place for an update");
                    News::Input(failed(Act::Fetch, &error))
                }
            };
            teller.blocking_send(news).ok();
        });
    }

    fn open_index(&self, target: Digest, index: Image) {
        let (dir, teller) = (self.dir.clone(), self.teller.clone());
        task::spawn_blocking(move || match Chunks::open_index(&dir, target, index) {
            Ok((held, chunks)) => {
                let opened = Input::IndexOpened { target, chunks };
                teller.blocking_send(News::IndexOpened(held, opened)).ok();
            }
            // The image is fetched without it when it has not come in time.
            Err(error) => warn!(%error, "no place for the index of an update"),
        });
    }

    /// What runs, as far as it lies here.
    fn sources(&self) -> Sources {
        Sources {
            image: self.base.map(|base| chunks::image_file(&self.dir, base)),
            slot: self.running.clone(),
        }
    }

    fn reuse(&self, target: Digest, image: Image) {
        let (dir, teller, sources) = (self.dir.clone(), self.teller.clone(), self.sources());
        let index = self.index.as_ref().map(|index| index.file().to_owned());
        task::spawn_blocking(move || {
            let news = match Chunks::open(&dir, target, image) {
                Ok((held, before)) => {
                    let index = index.unwrap_or_default();
                    let made = reuse::make(&held, before.clone(), &index, &sources);
                    let chunks = made.unwrap_or_else(|error| {
                        warn!(%error, "nothing of what runs is used for the update");
                        before
                    });
                    info!(%target, there = chunks.len(), of = image.chunks(), "made of what runs");
                    // It has given what it could, and its room is wanted.
                    if let Err(error) = chunks::keep_only(&dir, &[target]) {
                        warn!(%error, "the image before cannot be removed");
                    }
                    News::Opened(held, Input::Reused { target, chunks })
                }
                Err(error) => News::Input(failed(Act::Fetch, &error)),
            };
            teller.blocking_send(news).ok();
        });
    }

    /// The place of an image or of its index.
    fn place(&self, image: ImageId) -> Option<&Chunks> {
        let places = [&self.chunks, &self.index];
        let mut places = places.into_iter().flatten();
        places.find(|place| place.image().id() == image)
    }

    fn store(&self, image: ImageId, chunk: u32, piece: &Piece) -> node::Input {
        let Some(chunks) = self.place(image) else {
            return failed(Act::Fetch, &io::ErrorKind::NotFound.into());
        };
        match task::block_in_place(|| chunks.write(chunk, piece)) {
            Ok(()) => {
                debug!(%image, chunk, "chunk stored");
                node::Input::Update(Input::Stored { image, chunk })
            }
            Err(error) => {
                warn!(%error, chunk, "a chunk cannot be written");
                failed(Act::Fetch, &error)
            }
        }
    }

    fn piece(&self, image: ImageId, chunk: u32) -> Option<Piece> {
        let chunks = self.place(image)?;
        match task::block_in_place(|| chunks.read(chunk)) {
            Ok(piece) => piece,
            Err(error) => {
                warn!(%error, chunk, "a chunk cannot be read");
                None
            }
        }
    }

    fn discard(&mut self, target: Digest) {
        (self.chunks, self.index) = (None, None);
        if let Err(error) = task::block_in_place(|| chunks::discard(&self.dir, target)) {
            warn!(%error, %target, "what was fetched cannot be removed");
        }
    }

    /// Has the slots do something, one after the other.
    fn act(&self, act: Act, image: install::Image) -> Option<node::Input> {
        let file = chunks::image_file(&self.dir, image.target);
        match &self.slots {
            Some(slots) => slots.order(act, Load { image, file }),
            None => Some(done(install::Input::Failed(act, Mishap::Slot))),
        }
    }

    /// A host without slots runs no service from one.
    pub fn restart(&self, command: CommandId) -> Option<node::Input> {
        match &self.slots {
            Some(slots) => slots.restart(command),
            None => Some(node::Input::Command(CommandTold::Ended {
                command,
                outcome: Outcome::Refused {
                    why: Refusal::NoService,
                },
            })),
        }
    }

    pub async fn end(&mut self) {
        if let Some(slots) = self.slots.take() {
            slots.end().await;
        }
    }
}

impl Shell {
    /// Finds the host's slots, and goes on where an update was.
    pub(super) async fn equip(&mut self, config: Option<&Config>) -> anyhow::Result<()> {
        let Some(config) = config else { return Ok(()) };
        let teller = self.updates.teller.clone();
        let (slots, standing) = Slots::begin(&self.dir, config, teller).await?;
        self.updates.slots = Some(slots);
        self.updates.running = slots::running(&self.dir, config);
        let version = standing
            .running
            .as_ref()
            .map_or("none of ours", |image| image.version.as_str());
        info!(runs = version, "slots");
        let now = self.now();
        self.core.pace_updates(config.rates);
        let outputs = self.core.equip(config.terms(), standing.found(), now);
        self.perform_all(outputs).await
    }

    pub(super) fn perform_update(&mut self, output: Output) -> Option<node::Input> {
        match output {
            Output::Ask { to, question } => {
                let id = self.mesh.ask(to.0, question.encode().into());
                let former = self.updates.book.asked(to.0, question.about(), id);
                former.inspect(|former| self.mesh.withdraw(*former));
                None
            }
            Output::Withdraw { to, about } => {
                let asked = self.updates.book.withdrawn(to.0, about);
                asked.inspect(|asked| self.mesh.withdraw(*asked));
                None
            }
            Output::Answer { to, about, answer } => {
                self.answer(to, about, &answer);
                None
            }
            Output::Do(deed) => self.deed(deed),
            other => {
                debug_assert!(false, "the machine does that itself: {other:?}");
                None
            }
        }
    }

    fn deed(&mut self, deed: Deed) -> Option<node::Input> {
        match deed {
            Deed::Open {
                target,
                image,
                base,
            } => self.updates.open(target, image, base),
            Deed::OpenIndex { target, index } => self.updates.open_index(target, index),
            Deed::Reuse { target, image } => self.updates.reuse(target, image),
            Deed::Store {
                image,
                chunk,
                piece,
            } => return Some(self.updates.store(image, chunk, &piece)),
            Deed::Serve { to, image, chunk } => {
                let about = About::Image(image);
                let answer = match self.updates.piece(image, chunk) {
                    Some(piece) => Answer::Chunk(frame::Answer::Chunk { chunk, piece }),
                    None => Answer::nothing(about),
                };
                if !self.answer(to, about, &answer) {
                    let how = Delivery::Failed;
                    return Some(node::Input::Update(Input::Served { to, image, how }));
                }
            }
            Deed::Act { act, image } => return self.updates.act(act, image),
            Deed::Discard(target) => self.updates.discard(target),
        }
        None
    }

    /// Says whether the peer still waits for it.
    fn answer(&mut self, to: PeerKey, about: About, answer: &Answer) -> bool {
        let question = self.updates.book.answering(to.0, about);
        question.inspect(|id| self.mesh.answer(*id, answer.encode().into()));
        question.is_some()
    }

    /// A device on trial wants to be looked at.
    pub(super) fn look(&self, to: PeerKey, addresses: &[text::Path], listened: &[u16]) {
        let teller = self.updates.teller.clone();
        let look = knock::look(addresses, listened);
        tokio::spawn(async move {
            let open = look.await;
            let news = News::Input(node::Input::Looked { to, open });
            teller.send(news).await.ok();
        });
    }

    /// What happens on substreams, in the machine's words.
    pub(super) fn translate_bulk(&mut self, event: MeshEvent) -> Option<node::Input> {
        let input = match event {
            MeshEvent::Asked { key, id, bytes } => match Question::decode(&bytes) {
                Ok(question) => {
                    let former = self.updates.book.question(key, question.about(), id);
                    let nothing = Answer::nothing(question.about()).encode();
                    former.inspect(|former| self.mesh.answer(*former, nothing.into()));
                    let from = PeerKey(key);
                    Input::Asked { from, question }
                }
                Err(error) => {
                    warn!(peer = ?PeerKey(key), %error, "a question that cannot be read");
                    self.mesh.disconnect(key);
                    return None;
                }
            },
            MeshEvent::Answered { id, answer, .. } => {
                let (key, about) = self.updates.book.answered(id)?;
                let answer = answer.map(|bytes| Answer::decode(about, &bytes));
                let answer = answer.and_then(|answer| {
                    answer
                        .inspect_err(|error| {
                            debug!(peer = ?PeerKey(key), %error, "an answer that cannot be read");
                        })
                        .ok()
                });
                Input::Answered {
                    from: PeerKey(key),
                    about,
                    answer: answer.unwrap_or_else(|| Answer::nothing(about)),
                }
            }
            MeshEvent::Withdrawn { id, .. } => self.question_ended(id, Delivery::Failed)?,
            MeshEvent::Served { id, how, .. } => self.question_ended(id, delivery(how))?,
            _ => return None,
        };
        Some(node::Input::Update(input))
    }

    /// A peer's question is over: without an answer, or with one that was taken or not.
    fn question_ended(&mut self, id: QuestionId, how: Delivery) -> Option<Input> {
        let (key, about, ended) = self.updates.book.ended(id)?;
        let peer = PeerKey(key);
        match (ended, about) {
            (Ended::Unanswered, about) => Some(Input::Withdrawn { from: peer, about }),
            (Ended::Answered, About::Image(image)) => Some(Input::Served {
                to: peer,
                image,
                how,
            }),
            (Ended::Answered, About::Repository) => None,
        }
    }
}

const fn delivery(how: Handover) -> Delivery {
    match how {
        Handover::Taken => Delivery::Taken,
        Handover::Failed => Delivery::Failed,
    }
}

/// Of the image that lies in a bundle, what is not here yet; after that the bundle is of no more use.
fn carried((held, there): (Chunks, Vec<u32>), bundle: &Path, image: Image) -> (Chunks, Vec<u32>) {
    if !bundle.exists() {
        return (held, there);
    }
    let poured = Bundle::open(bundle)
        .map_err(io::Error::other)
        .and_then(|bundle| bundle.pour(&held, image));
    let chunks = match poured {
        Ok(chunks) if chunks.is_empty() => return (held, there),
        Ok(chunks) => chunks,
        Err(error) => {
            warn!(%error, "the image of a bundle cannot be taken over");
            there
        }
    };
    if let Err(error) = fs::remove_file(bundle) {
        warn!(%error, "a bundle stays in the console's folder");
    }
    (held, chunks)
}

fn done(input: install::Input) -> node::Input {
    node::Input::Update(Input::Install(input))
}

fn failed(act: Act, error: &io::Error) -> node::Input {
    done(install::Input::Failed(act, crate::install::mishap(error)))
}
