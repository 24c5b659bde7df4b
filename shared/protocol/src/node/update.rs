//! The node's part in updates: the machine of [`crate::updater`] between links, log, witnesses and host.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::save::Save;
use super::{Node, Notice, Output};
use crate::alert::{Alarm, Matter};
use crate::bulk::Answer;
use crate::id::Digest;
use crate::install::{self, Found, Order, Sight, Step, Terms, View, Viewer};
use crate::key::PeerKey;
use crate::message::Message;
use crate::record::Flags;
use crate::spread::image::ImageId;
use crate::spread::{self, Fault, Part};
use crate::statement::Statement;
use crate::statement::host::{Port, Reach, Transport};
use crate::time::{Instant, Now, Timestamp};
use crate::updater::{self, Input, Updater};

/// A witness looks at one device no more often than this.
const LOOK_PAUSE: Duration = Duration::from_secs(5);

/// Where Linux begins to choose ports for clients.
const CLIENTS: u16 = 32_768;

/// The machine, and what is around it.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) machine: Updater,
    /// Said when this life may sign.
    unsaid: Vec<Step>,
    /// Ports on which this device listens towards the network, as they were last told.
    listening: Option<BTreeSet<u16>>,
    /// Whom this witness looked at, and when last.
    looks: BTreeMap<PeerKey, Instant>,
    /// Since when the repository is stale, as it was told.
    stale: Option<Timestamp>,
}

impl Update {
    pub fn new(machine: Updater) -> Self {
        Self {
            machine,
            unsaid: Vec::new(),
            listening: None,
            looks: BTreeMap::new(),
            stale: None,
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.machine.next_deadline()
    }
}

impl Node {
    /// The host has slots for updates. What was interrupted goes on.
    pub fn equip(&mut self, terms: Terms, found: Found, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        let outputs = self.update.machine.equip(terms, found, &mut self.dice, now);
        // A power cut may have come between a step's save and its place in the log: it is said again.
        self.update.unsaid.extend(self.update.machine.step());
        self.updated(outputs, now, &mut out);
        if let Some(numbers) = self.update.listening.clone() {
            let input = Input::Install(install::Input::Listening(numbers));
            self.update(input, now, &mut out);
        }
        self.tick(now, &mut out);
        out
    }

    /// No more chunks than this are moved in a second; for what is opened from here on.
    pub const fn pace_updates(&mut self, rates: spread::Config) {
        self.update.machine.pace(rates);
    }

    /// What this node knows of updates.
    pub fn updater(&self) -> &Updater {
        &self.update.machine
    }

    pub(super) fn update(&mut self, input: Input, now: Now, out: &mut Vec<Output>) {
        let outputs = self.update.machine.handle(input, &mut self.dice, now);
        self.updated(outputs, now, out);
    }

    pub(super) fn update_joins(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        let part = match self.is_coordinator(peer) {
            true => Part::Source,
            false => Part::Neighbour,
        };
        self.update(Input::LinkUp { peer, part }, now, out);
    }

    pub(super) fn update_leaves(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.update.looks.remove(&peer);
        self.update(Input::LinkDown { peer }, now, out);
    }

    /// What came over a substream or from the host; of strangers nothing is taken.
    pub(super) fn update_told(&mut self, input: Input, now: Now, out: &mut Vec<Output>) {
        match &input {
            Input::Asked { from, question } if !self.links.is_up(*from) => {
                let (to, about) = (*from, question.about());
                let answer = Answer::nothing(about);
                out.push(Output::Update(updater::Output::Answer {
                    to,
                    about,
                    answer,
                }));
            }
            _ => self.update(input, now, out),
        }
    }

    pub(super) fn order_received(
        &mut self,
        from: PeerKey,
        order: Order,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.is_coordinator(from) {
            let target = order.target;
            self.update(Input::Ordered(order), now, out);
            if self.halted(&target) {
                self.update_halts(&target, now, out);
            }
        } else {
            self.misbehaved(from, "only the coordinator orders an update", out);
        }
    }

    /// Ports of the reading, where it lists them.
    pub(super) fn compare_ports(
        &mut self,
        ports: Option<&Vec<Port>>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(ports) = ports else { return };
        let outward = ports
            .iter()
            .filter(|port| port.reach == Reach::Network && is_service(port));
        let numbers: BTreeSet<u16> = outward.map(|port| port.number).collect();
        self.update.listening = Some(numbers.clone());
        let input = Input::Install(install::Input::Listening(numbers));
        self.update(input, now, out);
    }

    /// A device on trial wants to be looked at: the host tries the ports that a device should not begin to open.
    pub(super) fn look_wanted(
        &mut self,
        from: PeerKey,
        listened: Vec<u16>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Some(device) = self.device(from) else {
            return;
        };
        let last = self.update.looks.insert(from, now.monotonic);
        if last.is_some_and(|last| now.monotonic.since(last) < LOOK_PAUSE) {
            return;
        }
        let contact = self.links.contacts.get(&device);
        out.push(Output::Look {
            to: from,
            addresses: contact.map_or_else(Vec::new, |contact| contact.addresses.clone()),
            listened,
        });
    }

    /// What this witness saw; that it was asked over the link is a sign of life by itself.
    pub(super) fn looked(&mut self, to: PeerKey, open: &[u16], out: &mut Vec<Output>) {
        if !self.links.is_up(to) {
            return;
        }
        let worries = open
            .iter()
            .map(|port| Sight::Worries(install::Worry::Port(*port)));
        for sight in worries.take(1).chain([Sight::Answers]) {
            let message = Message::Looked { sight };
            out.push(Output::Send { to, message });
        }
    }

    pub(super) fn seen_by(&mut self, from: PeerKey, sight: Sight, now: Now, out: &mut Vec<Output>) {
        let witnesses = self.witness_peers();
        let device = self.device(from).filter(|_| witnesses.contains(&from));
        if let Some(witness) = device {
            let by = Viewer::Witness(witness);
            let view = install::Input::Viewed(View { by, sight });
            self.update(Input::Install(view), now, out);
        }
    }

    /// The rollout of this target was halted.
    pub(super) fn update_halts(&mut self, target: &Digest, now: Now, out: &mut Vec<Output>) {
        let machine = &self.update.machine;
        let attempt = machine.installing().and_then(install::Install::attempt);
        if attempt.is_some_and(|attempt| attempt.order().target == *target) {
            self.update(Input::Install(install::Input::Halted), now, out);
        }
    }

    /// Since when the repository here is stale, if it is.
    pub(super) fn stale(&self) -> Option<Timestamp> {
        self.update.stale
    }

    pub(super) fn update_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let trust = self.ledger.roster().trust();
        if let Some(root) = trust.root() {
            self.update.machine.follow(root, now);
        }
        let due = self.update.machine.next_deadline();
        if due.is_some_and(|due| due <= now.monotonic) {
            self.update(Input::Tick, now, out);
        }
        let stale = self.update.machine.stale_since(now.wall);
        if stale != self.update.stale {
            self.update.stale = stale;
            self.note_staleness();
            out.extend(stale.map(|since| Output::Notice(Notice::Stale { since })));
        }
        if self.report.may_sign() {
            for step in std::mem::take(&mut self.update.unsaid) {
                self.record(Statement::Install(step), Flags::NONE, now, out);
            }
            self.say_obeyed(now, out);
            self.say_answers(now, out);
            self.say_touches(now, out);
        }
    }

    pub(super) fn updated(
        &mut self,
        outputs: Vec<updater::Output>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for output in outputs {
            match output {
                updater::Output::Save(save) => out.push(Output::Save(Save::Update(save))),
                updater::Output::Send { to, message } => out.push(Output::Send { to, message }),
                updater::Output::Say(step) => self.say_step(step, now, out),
                updater::Output::Look { listened } => self.ask_witnesses(&listened, out),
                updater::Output::Expose { peer, image, fault } => {
                    self.expose(peer, image, fault, now, out);
                }
                updater::Output::Obey(obeyed) => self.settle_into(obeyed, now, out),
                updater::Output::Refused(refused) => self.refuse(refused, now, out),
                updater::Output::Notice(notice) => {
                    let renewed = notice == updater::Notice::Renewed;
                    out.push(Output::Notice(Notice::Update(notice)));
                    if renewed {
                        self.heed(now, out);
                    }
                }
                host => out.push(Output::Update(host)),
            }
        }
    }

    fn say_step(&mut self, step: Step, now: Now, out: &mut Vec<Output>) {
        if self.report.may_sign() {
            self.record(Statement::Install(step), Flags::NONE, now, out);
        } else {
            self.update.unsaid.push(step);
        }
    }

    fn ask_witnesses(&mut self, listened: &[u16], out: &mut Vec<Output>) {
        for to in self.witness_peers() {
            if self.links.is_up(to) {
                let listened = listened.to_vec();
                let message = Message::LookWanted { listened };
                out.push(Output::Send { to, message });
            }
        }
    }

    /// Whoever sends wrong bytes is named in this device's log, and before everybody.
    fn expose(
        &mut self,
        peer: PeerKey,
        image: ImageId,
        fault: Fault,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let Fault::Chunk(wrong) = fault else {
            return self.misbehaved(peer, "a map of chunks that the image does not have", out);
        };
        let Some(subject) = self.device(peer) else {
            return;
        };
        let matter = Matter::WrongChunk {
            image,
            chunk: wrong.chunk,
            found: wrong.found,
        };
        self.raise(Alarm { subject, matter }, now, out);
    }
}

/// A client that waits for a datagram listens on a port that the system chose: such ports come and go, and are no service.
const fn is_service(port: &Port) -> bool {
    match port.transport {
        Transport::Tcp => true,
        Transport::Udp => port.number < CLIENTS,
    }
}
