//! What the coordinator gives out of updates: the published files, and chunks of the images beside the store.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use mesh::{Book, Ended, Event as MeshEvent, Handover, QuestionId};
use protocol::bulk::{About, Answer, Question};
use protocol::coordinator::Input;
use protocol::depot::{self, Output, Published};
use protocol::key::PeerKey;
use protocol::library::Held;
use protocol::limits;
use protocol::release::{CHUNK_BYTES, IndexFile};
use protocol::spread::Delivery;
use protocol::spread::frame;
use protocol::spread::image::{Cut, Image, ImageId, Piece};
use tokio::sync::mpsc;
use tokio::task;
use tracing::{debug, info, warn};

use super::Shell;
use crate::releases::blobs::BlobError;
use crate::releases::firmware;
use crate::releases::roles::FIRMWARE;
use crate::releases::{ReleaseError, Releases};
use crate::secrets;
use crate::store::repository::TIMESTAMP;

/// Images whose hashes are computed and wait to be taken.
const CUTS: usize = 4;

/// The published images on the disk, and who waits for what.
pub(super) struct Depot {
    releases: Releases,
    book: Book<About>,
    /// The timestamp that was handed to the machine last.
    published: Option<u64>,
    images: BTreeMap<ImageId, Shelf>,
    cuts: mpsc::Receiver<(ImageId, io::Result<Cut>)>,
    cutter: mpsc::Sender<(ImageId, io::Result<Cut>)>,
}

/// One image or index: where it is, and what leads from each chunk to its root, once that is computed.
struct Shelf {
    sha256: [u8; 32],
    image: Image,
    cut: Cutting,
}

enum Cutting {
    NotYet,
    /// These wait for it.
    Begun(Vec<(PeerKey, u32)>),
    Done(Arc<Cut>),
}

impl Depot {
    pub fn new(releases: Releases) -> Self {
        let (cutter, cuts) = mpsc::channel(CUTS);
        Self {
            releases,
            book: Book::default(),
            published: None,
            images: BTreeMap::new(),
            cuts,
            cutter,
        }
    }

    /// What is published now, if it is another than before.
    pub fn news(&mut self) -> Result<Option<Input>, ReleaseError> {
        let Some((current, documents)) = self.releases.served_since(self.published)? else {
            return Ok(None);
        };
        let versions = current
            .roles
            .iter()
            .map(|(role, version)| (role.as_str(), *version));
        let versions = versions.chain([("snapshot", current.snapshot)]);
        let held = versions.filter_map(|(role, version)| {
            let bytes = documents.get(&format!("{version}.{role}.json"))?.clone();
            Some(Held {
                role: role.to_owned(),
                version,
                bytes,
            })
        });
        let files: Vec<Held> = held.collect();
        if let Some(long) = files
            .iter()
            .find(|file| file.bytes.len() > limits::METADATA_BYTES)
        {
            warn!(
                role = long.role,
                "too long to travel from device to device: renew fewer releases"
            );
        }
        self.shelve(&files);
        self.published = Some(current.timestamp);
        let published = Published {
            timestamp: documents.get(TIMESTAMP).cloned().unwrap_or_default(),
            files,
            images: self.images.values().map(|shelf| shelf.image).collect(),
        };
        info!(
            timestamp = current.timestamp,
            images = self.images.len(),
            "the repository is given out"
        );
        let seed = secrets::random().map_err(BlobError::from)?;
        Ok(Some(Input::Depot(depot::Input::Published {
            published,
            seed,
        })))
    }

    /// Images that are still vouched for keep what was computed of them.
    fn shelve(&mut self, files: &[Held]) {
        let role = files.iter().find(|file| file.role == FIRMWARE);
        let listed =
            role.and_then(|role| tuf_core::draft::targets::TargetsDraft::read(&role.bytes).ok());
        let releases = listed.map_or_else(Vec::new, |role| firmware::releases(&role));
        let mut before = std::mem::take(&mut self.images);
        for published in releases {
            let image = Image::of(&published.release).map(|image| (image, published.sha256));
            let index = published.release.index.as_ref();
            let index = index.and_then(IndexFile::image).zip(published.index);
            for (image, sha256) in image.into_iter().chain(index) {
                let fresh = || Shelf {
                    sha256,
                    image,
                    cut: Cutting::NotYet,
                };
                let shelf = before.remove(&image.id()).unwrap_or_else(fresh);
                self.images.insert(image.id(), shelf);
            }
        }
    }

    /// The next image whose hashes are computed, with those who wait.
    pub async fn cut(&mut self) -> Vec<(PeerKey, ImageId, u32)> {
        let Some((id, result)) = self.cuts.recv().await else {
            return std::future::pending().await;
        };
        let Some(shelf) = self.images.get_mut(&id) else {
            return Vec::new();
        };
        let cut = match result {
            Ok(cut) if cut.image() == Some(shelf.image) => Cutting::Done(Arc::new(cut)),
            Ok(_) => {
                warn!(image = %id, "the file of a release is not what was signed");
                Cutting::NotYet
            }
            Err(error) => {
                warn!(%error, image = %id, "the file of a release cannot be read");
                Cutting::NotYet
            }
        };
        match std::mem::replace(&mut shelf.cut, cut) {
            Cutting::Begun(waiting) => {
                let waiting = waiting.into_iter();
                waiting.map(|(to, chunk)| (to, id, chunk)).collect()
            }
            Cutting::NotYet | Cutting::Done(_) => Vec::new(),
        }
    }

    /// `None` where it has to be computed first; then it is asked for again.
    fn piece(&mut self, to: PeerKey, id: ImageId, chunk: u32) -> Option<Option<Piece>> {
        let Some(shelf) = self.images.get_mut(&id) else {
            return Some(None);
        };
        let path = self.releases.blobs().path(&shelf.sha256);
        match &mut shelf.cut {
            Cutting::Done(cut) => {
                let length = usize::try_from(shelf.image.bytes_of(chunk)).ok()?;
                let read = || -> io::Result<Vec<u8>> {
                    let mut data = vec![0; length];
                    let offset = u64::from(chunk) * CHUNK_BYTES;
                    File::open(&path)?.read_exact_at(&mut data, offset)?;
                    Ok(data)
                };
                let data = task::block_in_place(read)
                    .inspect_err(|error| warn!(%error, "a chunk cannot be read"));
                let data = data.ok().map(Arc::from);
                Some(
                    data.zip(cut.path(chunk))
                        .map(|(data, path)| Piece { data, path }),
                )
            }
            Cutting::Begun(waiting) => {
                waiting.push((to, chunk));
                None
            }
            cutting @ Cutting::NotYet => {
                *cutting = Cutting::Begun(vec![(to, chunk)]);
                let cutter = self.cutter.clone();
                task::spawn_blocking(move || {
                    // Whoever waits for it has ended where nobody takes it.
                    cutter.blocking_send((id, cut(&path))).ok();
                });
                None
            }
        }
    }
}

fn cut(path: &std::path::Path) -> io::Result<Cut> {
    let (mut file, mut cut) = (File::open(path)?, Cut::default());
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES as usize);
        file.by_ref().take(CHUNK_BYTES).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(cut);
        }
        cut.push(&chunk);
    }
}

impl Shell {
    /// Looks whether something else is published, and says so to the machine.
    pub(super) fn look_at_repository(&mut self) -> Vec<Input> {
        match self.depot.news() {
            Ok(input) => input.into_iter().collect(),
            Err(error) => {
                warn!(%error, "the repository cannot be given out");
                Vec::new()
            }
        }
    }

    pub(super) fn perform_depot(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Answer { to, about, answer } => {
                self.answer_bulk(to, about, &answer);
                None
            }
            Output::Serve { to, image, chunk } => self.serve(to, image, chunk),
            Output::Send { to, message } => {
                self.send(to, &message);
                None
            }
        }
    }

    pub(super) fn serve(&mut self, to: PeerKey, image: ImageId, chunk: u32) -> Option<Input> {
        let piece = self.depot.piece(to, image, chunk)?;
        let about = About::Image(image);
        let answer = match piece {
            Some(piece) => Answer::Chunk(frame::Answer::Chunk { chunk, piece }),
            None => Answer::nothing(about),
        };
        let how = Delivery::Failed;
        let waits = self.answer_bulk(to, about, &answer);
        (!waits).then(|| Input::Depot(depot::Input::Served { to, image, how }))
    }

    fn answer_bulk(&mut self, to: PeerKey, about: About, answer: &Answer) -> bool {
        let question = self.depot.book.answering(to.0, about);
        question.inspect(|id| self.mesh.answer(*id, answer.encode().into()));
        question.is_some()
    }

    /// What happens on substreams, in the machine's words.
    pub(super) fn translate_bulk(&mut self, event: &MeshEvent) -> Option<Input> {
        let input = match event {
            MeshEvent::Asked { key, id, bytes } => match Question::decode(bytes) {
                Ok(question) => {
                    let former = self.depot.book.question(*key, question.about(), *id);
                    let nothing = Answer::nothing(question.about()).encode();
                    former.inspect(|former| self.mesh.answer(*former, nothing.into()));
                    let from = PeerKey(*key);
                    depot::Input::Asked { from, question }
                }
                Err(error) => {
                    debug!(peer = ?PeerKey(*key), %error, "a question that cannot be read");
                    self.mesh.disconnect(*key);
                    return None;
                }
            },
            MeshEvent::Withdrawn { id, .. } => self.question_ended(*id, Delivery::Failed)?,
            MeshEvent::Served { id, how, .. } => {
                let how = match how {
                    Handover::Taken => Delivery::Taken,
                    Handover::Failed => Delivery::Failed,
                };
                self.question_ended(*id, how)?
            }
            // The coordinator asks nobody.
            _ => return None,
        };
        Some(Input::Depot(input))
    }

    /// A peer's question is over: without an answer, or with one that was taken or not.
    fn question_ended(&mut self, id: QuestionId, how: Delivery) -> Option<depot::Input> {
        let (key, about, ended) = self.depot.book.ended(id)?;
        let peer = PeerKey(key);
        match (ended, about) {
            (Ended::Unanswered, about) => Some(depot::Input::Withdrawn { from: peer, about }),
            (Ended::Answered, About::Image(image)) => Some(depot::Input::Served {
                to: peer,
                image,
                how,
            }),
            (Ended::Answered, About::Repository) => None,
        }
    }
}
