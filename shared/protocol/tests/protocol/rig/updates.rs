//! The hosts of a story's updates: substreams, chunks on a disk, and slots that do at once what they are asked.

use std::collections::{BTreeMap, BTreeSet};

use protocol::bulk::{About, Answer};
use protocol::coordinator;
use protocol::depot;
use protocol::id::Digest;
use protocol::install::{self, Act, Found, Mishap, Terms, Trial};
use protocol::key::PeerKey;
use protocol::node;
use protocol::release::CHUNK_BYTES;
use protocol::spread::Delivery;
use protocol::spread::frame;
use protocol::spread::image::Image;
use protocol::spread::image::{ImageId, Piece};
use protocol::spread::parts::{Cutter, Index};
use protocol::spread::reuse::Reuse;
use protocol::text::Path;
use protocol::updater::{Base, Deed, Input, Output};

use super::{Event, LATENCY, Mesh};
use crate::samples as sample;
use crate::samples::repository::{Firmware, Published};

/// A host with two slots.
#[derive(Default)]
pub struct Host {
    pub runs: Option<Digest>,
    before: Option<Digest>,
    staged: Option<Digest>,
    on_trial: bool,
    /// What lies on the disk of each image.
    pub chunks: BTreeMap<Digest, BTreeMap<u32, Piece>>,
    /// The same of their indices.
    indices: BTreeMap<Digest, BTreeMap<u32, Piece>>,
    open: Option<Digest>,
    open_index: Option<ImageId>,
    /// Whether the host can read what runs.
    pub base: Option<Vec<u8>>,
    /// Chunks of the image that were made of it.
    pub made: usize,
    /// Whether it serves bytes of its own making.
    pub lies: bool,
    /// Versions that are not healthy here, and those that open a port.
    pub sick: BTreeSet<Digest>,
    pub opens: BTreeMap<Digest, u16>,
    /// Whether the device's own list of ports is one that the new version has made up.
    pub hides_ports: bool,
    /// Chunks that came over a substream, and their bytes.
    pub fetched: usize,
    pub fetched_bytes: usize,
    pub acts: Vec<Act>,
}

/// What arrives over a substream, or from a host.
pub enum Told {
    Member(Input),
    Hub(depot::Input),
}

impl Host {
    fn perform(&mut self, act: Act, target: Digest) -> Result<(), Mishap> {
        self.acts.push(act);
        match act {
            Act::Stage => self.staged = Some(target),
            Act::Switch => {
                self.before = self.runs;
                self.runs = self.staged;
                self.on_trial = true;
            }
            Act::Check if self.sick.contains(&target) => return Err(Mishap::Program),
            Act::Commit => self.on_trial = false,
            Act::RollBack if self.on_trial => {
                self.runs = self.before;
                self.on_trial = false;
            }
            Act::Verify | Act::Fetch | Act::Check | Act::RollBack => {}
        }
        Ok(())
    }

    /// Ports that answer towards the network.
    pub fn listens(&self) -> BTreeSet<u16> {
        let opened = self.runs.and_then(|target| self.opens.get(&target));
        opened.copied().into_iter().collect()
    }

    /// What the device itself is told.
    fn told_to_listen(&self) -> BTreeSet<u16> {
        match self.hides_ports {
            true => BTreeSet::new(),
            false => self.listens(),
        }
    }

    fn found(&self) -> Found {
        Found {
            running: self.runs,
            trial: match self.on_trial {
                true => Trial::Open,
                false => Trial::Settled,
            },
        }
    }

    fn files(&mut self, image: ImageId) -> &mut BTreeMap<u32, Piece> {
        let target = self.open.expect("a place was opened before");
        let files = match self.open_index == Some(image) {
            true => &mut self.indices,
            false => &mut self.chunks,
        };
        files.entry(target).or_default()
    }

    /// Makes what it can of what runs.
    fn reuse(&mut self, target: Digest, image: Image) -> Vec<u32> {
        let index = self.indices.get(&target).into_iter().flatten();
        let bytes: Vec<u8> = index.flat_map(|(_, piece)| piece.data.to_vec()).collect();
        if let (Ok(index), Some(base)) = (Index::decode(image, &bytes), &self.base) {
            let mut reuse = Reuse::new(image, index);
            let mut file = vec![0; image.length() as usize];
            let mut put = |part: &[u8]| {
                for at in reuse.offer(part) {
                    file[at as usize..][..part.len()].copy_from_slice(part);
                }
            };
            let mut cutter = Cutter::default();
            cutter.push(base, &mut put);
            cutter.end(&mut put);
            let held = self.chunks.entry(target).or_default();
            let data = file.chunks(CHUNK_BYTES as usize);
            for (chunk, data) in (0..).zip(data) {
                if reuse.chunks().contains(&chunk)
                    && let Some(piece) = reuse.prove(chunk, data.into())
                {
                    held.insert(chunk, piece);
                    self.made += 1;
                }
            }
        }
        let held = self.chunks.get(&target).into_iter().flatten();
        held.map(|(chunk, _)| *chunk).collect()
    }

    fn piece(&mut self, image: ImageId, chunk: u32) -> Option<Piece> {
        let piece = self.files(image).get(&chunk)?.clone();
        let data = vec![0xbd; piece.data.len()].into();
        Some(match self.lies {
            true => Piece { data, ..piece },
            false => piece,
        })
    }
}

impl Mesh {
    /// A member's host has slots, and says so at each start.
    pub fn equip(&mut self, index: usize) {
        let terms = Terms::of(sample::name("camera"), sample::name("ipc-3"));
        let found = self.members[index].host.found();
        let now = self.now();
        if let Some(machine) = &mut self.members[index].machine {
            let outputs = machine.equip(terms, found, now);
            self.perform(index, outputs);
        }
        let ports = install::Input::Listening(self.members[index].host.told_to_listen());
        self.tell(index, node::Input::Update(Input::Install(ports)));
    }

    /// The coordinator publishes these releases.
    pub fn publish(&mut self, published: Published, firmware: &[Firmware]) {
        self.hub.firmware = firmware.to_vec();
        let input = depot::Input::Published {
            published,
            seed: [0x77; 32],
        };
        self.tell_hub(coordinator::Input::Depot(input));
    }

    pub(super) fn told(&mut self, at: PeerKey, told: Told) {
        match told {
            Told::Hub(input) => self.tell_hub(coordinator::Input::Depot(input)),
            Told::Member(input) => {
                if let Some(index) = self.index(at) {
                    self.tell(index, node::Input::Update(input));
                }
            }
        }
    }

    pub(super) fn perform_update(&mut self, index: usize, output: Output) {
        let me = self.members[index].peer();
        match output {
            Output::Ask { to, question } if to == self.hub.peer() => {
                self.pass(to, Told::Hub(depot::Input::Asked { from: me, question }));
            }
            Output::Ask { to, question } => {
                self.pass(to, Told::Member(Input::Asked { from: me, question }));
            }
            Output::Withdraw { to, about } if to == self.hub.peer() => {
                self.pass(to, Told::Hub(depot::Input::Withdrawn { from: me, about }));
            }
            Output::Withdraw { to, about } => {
                self.pass(to, Told::Member(Input::Withdrawn { from: me, about }));
            }
            Output::Answer { to, about, answer } => self.answer(me, to, about, answer),
            Output::Do(deed) => self.deed(index, deed),
            other => panic!("the node does that itself: {other:?}"),
        }
    }

    fn deed(&mut self, index: usize, deed: Deed) {
        let me = self.members[index].peer();
        let host = &mut self.members[index].host;
        let input = match deed {
            Deed::Open { target, base, .. } => {
                host.open = Some(target);
                let held = host.chunks.get(&target);
                let chunks = held.map_or_else(Vec::new, |held| held.keys().copied().collect());
                let base = match base.and(host.base.as_ref()) {
                    Some(_) => Base::There,
                    None => Base::Nothing,
                };
                Input::Opened {
                    target,
                    chunks,
                    base,
                }
            }
            Deed::OpenIndex { target, index } => {
                host.open_index = Some(index.id());
                let held = host.indices.get(&target);
                let chunks = held.map_or_else(Vec::new, |held| held.keys().copied().collect());
                Input::IndexOpened { target, chunks }
            }
            Deed::Reuse { target, image } => {
                let chunks = host.reuse(target, image);
                Input::Reused { target, chunks }
            }
            Deed::Store {
                image,
                chunk,
                piece,
            } => {
                host.fetched += 1;
                host.fetched_bytes += piece.data.len();
                host.files(image).insert(chunk, piece);
                Input::Stored { image, chunk }
            }
            Deed::Serve { to, image, chunk } => {
                let piece = host.piece(image, chunk);
                return self.serve(me, to, image, chunk, piece);
            }
            Deed::Act { act, image } => Input::Install(match host.perform(act, image.target) {
                Ok(()) => install::Input::Done(act),
                Err(mishap) => install::Input::Failed(act, mishap),
            }),
            Deed::Discard(target) => {
                host.chunks.remove(&target);
                host.indices.remove(&target);
                return;
            }
        };
        self.pass(me, Told::Member(input));
        let ports = install::Input::Listening(self.members[index].host.told_to_listen());
        self.pass(me, Told::Member(Input::Install(ports)));
    }

    /// A witness tries the ports of a device.
    pub(super) fn look(&mut self, index: usize, to: PeerKey, _: &[Path], listened: &[u16]) {
        let host = self.index(to).map(|place| &self.members[place].host);
        let open = host.map(Host::listens).unwrap_or_default();
        let open = open.into_iter().filter(|port| !listened.contains(port));
        let open = open.collect();
        self.tell(index, node::Input::Looked { to, open });
    }

    pub(super) fn perform_depot(&mut self, output: depot::Output) {
        let hub = self.hub.peer();
        match output {
            depot::Output::Answer { to, about, answer } => self.answer(hub, to, about, answer),
            depot::Output::Serve { to, image, chunk } => {
                let firmware = self.hub.firmware.iter();
                let found = firmware
                    .clone()
                    .find(|firmware| firmware.image().id() == image);
                self.hub.given += 1;
                let piece = found.map(|firmware| firmware.piece(chunk));
                let piece = piece.or_else(|| {
                    let mut indices = firmware.filter_map(Firmware::index);
                    let index = indices.find(|index| index.image().id() == image)?;
                    Some(index.piece(chunk))
                });
                self.serve(hub, to, image, chunk, piece);
            }
            depot::Output::Send { .. } => unreachable!("the coordinator sends frames itself"),
        }
    }

    fn serve(
        &mut self,
        from: PeerKey,
        to: PeerKey,
        image: ImageId,
        chunk: u32,
        piece: Option<Piece>,
    ) {
        let how = match piece.is_some() && self.are_linked(from, to) {
            true => Delivery::Taken,
            false => Delivery::Failed,
        };
        let about = About::Image(image);
        let answer = match piece {
            Some(piece) => Answer::Chunk(frame::Answer::Chunk { chunk, piece }),
            None => Answer::nothing(about),
        };
        self.answer(from, to, about, answer);
        let served = match from == self.hub.peer() {
            true => Told::Hub(depot::Input::Served { to, image, how }),
            false => Told::Member(Input::Served { to, image, how }),
        };
        self.pass(from, served);
    }

    fn answer(&mut self, from: PeerKey, to: PeerKey, about: About, answer: Answer) {
        let input = Input::Answered {
            from,
            about,
            answer,
        };
        self.pass(to, Told::Member(input));
    }

    fn pass(&mut self, at: PeerKey, told: Told) {
        self.later(LATENCY, Event::Told { at, told });
    }
}
