//! Updates in a world: substreams beside the links, and hosts with slots.

use protocol::bulk::{About, Answer, Question};
use protocol::coordinator;
use protocol::depot::{self, Published};
use protocol::install::{self, Terms};
use protocol::key::PeerKey;
use protocol::node;
use protocol::spread::image::{ImageId, Piece};
use protocol::spread::{Delivery, frame};
use protocol::text::Name;
use protocol::updater::{Base, Deed, Input, Output};

use super::World;
use super::event::Event;
use super::settings::Looks;
use crate::chance::seed_bytes;
use crate::host::HostId;
use crate::slots::{Firmware, MODEL, Nature, PRODUCT};

/// What a question or a short answer takes on its way.
const PASSING_MS: u64 = 30;
/// What a chunk takes: the way, and 64 KiB over a link of a MiB a second.
const CHUNK_MS: u64 = PASSING_MS + 62;

/// Something on a substream, or an answer of a host to its own machine.
#[derive(Debug)]
pub(super) struct Passing {
    to: HostId,
    /// Whose link has to stand when it arrives; nobody's for what a host tells itself.
    from: Option<HostId>,
    life: u32,
    told: Told,
}

#[derive(Debug)]
pub(super) enum Told {
    Node(node::Input),
    Coordinator(depot::Input),
}

impl World {
    /// From here on hosts have slots, at once and at each start.
    pub fn equip(&mut self, firmware: &[Firmware], terms: impl Fn(Terms) -> Terms) {
        let name = |text: &str| Name::new(text).expect("it fits");
        self.terms = Some(terms(Terms::of(name(PRODUCT), name(MODEL))));
        self.firmware = firmware.to_vec();
        for place in 0..self.seats.len() {
            self.equip_node(place);
            self.settle(place);
        }
    }

    /// Puts a version on a host by other means.
    pub fn preinstall(&mut self, place: usize, firmware: &Firmware) {
        self.seats[place].slots.runs = Some(firmware.target);
    }

    /// The coordinator gives this out from here on.
    pub fn publish(&mut self, published: Published) {
        let seed = seed_bytes(self.seed, "depot", self.now_ms);
        let input = depot::Input::Published { published, seed };
        self.tell_coordinator(coordinator::Input::Depot(input));
    }

    pub(super) fn equip_node(&mut self, place: usize) {
        let Some(terms) = self.terms.clone() else {
            return;
        };
        let seat = &self.seats[place];
        let (found, now) = (seat.slots.found(), self.clocks(seat.since_ms, seat.skew_ms));
        if let Some(machine) = &mut self.seats[place].machine {
            let outputs = machine.equip(terms, found, now);
            self.perform(place, outputs);
        }
        self.tell_ports(place);
    }

    /// What the host itself says that it listens on.
    fn tell_ports(&mut self, place: usize) {
        let ports = install::Input::Listening([22].into());
        self.pass_to_itself(place, Input::Install(ports));
    }

    pub(super) fn update(&mut self, place: usize, output: Output) {
        let host = HostId::node(place);
        let from = self.fleet.members[self.seats[place].member].key.peer();
        match output {
            Output::Ask { to, question } => self.ask(host, from, to, question),
            Output::Withdraw { to, about } => {
                let told = match self.is_coordinator(to) {
                    true => Told::Coordinator(depot::Input::Withdrawn { from, about }),
                    false => Told::Node(node::Input::Update(Input::Withdrawn { from, about })),
                };
                self.pass(host, to, PASSING_MS, told);
            }
            Output::Answer { to, about, answer } => self.answer(host, from, to, about, answer),
            Output::Do(deed) => self.deed(place, from, deed),
            other => unreachable!("the node does that itself: {other:?}"),
        }
    }

    fn ask(&mut self, host: HostId, from: PeerKey, to: PeerKey, question: Question) {
        if self
            .host_of(host, to)
            .is_none_or(|peer| !self.network.stands(host, peer))
        {
            let about = question.about();
            let input = Input::Answered {
                from: to,
                about,
                answer: Answer::nothing(about),
            };
            return self.pass_to_itself(host.index(), input);
        }
        let told = match self.is_coordinator(to) {
            true => Told::Coordinator(depot::Input::Asked { from, question }),
            false => Told::Node(node::Input::Update(Input::Asked { from, question })),
        };
        self.pass(host, to, PASSING_MS, told);
    }

    fn deed(&mut self, place: usize, me: PeerKey, deed: Deed) {
        let slots = &mut self.seats[place].slots;
        let input = match deed {
            Deed::Open { target, .. } => {
                let chunks = slots.open(target);
                Input::Opened {
                    target,
                    chunks,
                    base: Base::Nothing,
                }
            }
            Deed::Store {
                image,
                chunk,
                piece,
            } => {
                slots.store(chunk, piece);
                Input::Stored { image, chunk }
            }
            // Releases of a world say nothing of their parts, and its hosts have nothing to make chunks of.
            Deed::OpenIndex { target, .. } => Input::IndexOpened {
                target,
                chunks: Vec::new(),
            },
            Deed::Reuse { target, .. } => Input::Reused {
                target,
                chunks: Vec::new(),
            },
            Deed::Serve { to, image, chunk } => {
                let piece = slots.piece(chunk);
                let taken = self.serve(HostId::node(place), me, to, (image, chunk), piece);
                Input::Served {
                    to,
                    image,
                    how: taken,
                }
            }
            Deed::Act { act, image } => {
                let nature = nature(&self.firmware, image.target);
                let ended = self.seats[place].slots.perform(act, image.target, nature);
                Input::Install(match ended {
                    Ok(()) => install::Input::Done(act),
                    Err(mishap) => install::Input::Failed(act, mishap),
                })
            }
            Deed::Discard(target) => return slots.discard(target),
        };
        self.pass_to_itself(place, input);
        self.tell_ports(place);
    }

    /// A witness tries the ports of a device on trial.
    pub(super) fn look(&mut self, place: usize, to: PeerKey, listened: &[u16]) {
        let host = self.host_of(HostId::node(place), to).and_then(HostId::seat);
        let runs = host.and_then(|seat| self.seats[seat].slots.runs);
        let open = match runs.map(|target| nature(&self.firmware, target)) {
            Some(Nature::Lying(port))
                if !listened.contains(&port) && self.sabotage.looks == Looks::Honest =>
            {
                vec![port]
            }
            _ => Vec::new(),
        };
        let input = node::Input::Looked { to, open };
        let told = Told::Node(input);
        self.pass_later(HostId::node(place), None, PASSING_MS, told);
    }

    pub(super) fn give_out(&mut self, output: depot::Output) {
        let me = self.fleet.charter.coordinator.peer();
        match output {
            depot::Output::Answer { to, about, answer } => {
                self.answer(HostId::COORDINATOR, me, to, about, answer);
            }
            depot::Output::Serve { to, image, chunk } => {
                let mut firmware = self.firmware.iter();
                let found = firmware.find(|firmware| firmware.image().id() == image);
                let piece = found.and_then(|firmware| firmware.piece(chunk));
                let how = self.serve(HostId::COORDINATOR, me, to, (image, chunk), piece);
                let served = depot::Input::Served { to, image, how };
                let told = Told::Coordinator(served);
                self.pass_later(HostId::COORDINATOR, None, PASSING_MS, told);
            }
            depot::Output::Send { .. } => unreachable!("the machine sends frames itself"),
        }
    }

    fn serve(
        &mut self,
        host: HostId,
        me: PeerKey,
        to: PeerKey,
        (image, chunk): (ImageId, u32),
        piece: Option<Piece>,
    ) -> Delivery {
        let how = match piece {
            Some(_) => Delivery::Taken,
            None => Delivery::Failed,
        };
        let about = About::Image(image);
        let answer = match piece {
            Some(piece) => Answer::Chunk(frame::Answer::Chunk { chunk, piece }),
            None => Answer::nothing(about),
        };
        self.answer(host, me, to, about, answer);
        how
    }

    fn answer(&mut self, host: HostId, from: PeerKey, to: PeerKey, about: About, answer: Answer) {
        let delay = match answer {
            Answer::Chunk(frame::Answer::Chunk { .. }) => CHUNK_MS,
            _ => PASSING_MS,
        };
        let input = Input::Answered {
            from,
            about,
            answer,
        };
        let told = Told::Node(node::Input::Update(input));
        self.pass(host, to, delay, told);
    }

    fn pass(&mut self, from: HostId, to: PeerKey, delay_ms: u64, told: Told) {
        if let Some(host) = self.host_of(from, to) {
            self.pass_later(host, Some(from), delay_ms, told);
        }
    }

    fn pass_to_itself(&mut self, place: usize, input: Input) {
        let told = Told::Node(node::Input::Update(input));
        self.pass_later(HostId::node(place), None, 1, told);
    }

    pub(super) fn pass_later(
        &mut self,
        to: HostId,
        from: Option<HostId>,
        delay_ms: u64,
        told: Told,
    ) {
        let life = to
            .seat()
            .map_or(self.centre.life, |seat| self.seats[seat].life);
        let passing = Passing {
            to,
            from,
            life,
            told,
        };
        let at_ms = self.now_ms + delay_ms;
        self.queue.push(at_ms, Event::Bulk(Box::new(passing)));
    }

    pub(super) fn passed(&mut self, passing: Passing) {
        let Passing {
            to,
            from,
            life,
            told,
        } = passing;
        if from.is_some_and(|from| !self.network.stands(to, from)) {
            return;
        }
        match (told, to.seat()) {
            (Told::Coordinator(input), None) if life == self.centre.life => {
                self.tell_coordinator(coordinator::Input::Depot(input));
            }
            (Told::Node(input), Some(seat)) if life == self.seats[seat].life => {
                self.tell_node(seat, input);
            }
            _ => {}
        }
    }

    fn is_coordinator(&self, peer: PeerKey) -> bool {
        self.fleet.charter.coordinator.peer() == peer
    }
}

fn nature(firmware: &[Firmware], target: protocol::id::Digest) -> Nature {
    let mut firmware = firmware.iter();
    let found = firmware.find(|firmware| firmware.target == target);
    found.map_or(Nature::Good, |firmware| firmware.nature)
}
