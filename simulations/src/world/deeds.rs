//! What a node's shell does of what its machine asks for: the transaction first, then everything else in order.

use std::sync::Arc;

use protocol::command::Outcome;
use protocol::id::Digest;
use protocol::node::save::Save;
use protocol::node::{CommandAsked, CommandTold, Input, Linked, Notice, Output, Parting};
use protocol::roster::Roster;
use protocol::statement::host::WatchedFile;
use protocol::text::Path;

use super::fault::Fault;
use super::gate::Encoder;
use super::{Said, Sampling, World};
use crate::host::HostId;

/// How long the links of a device that wipes itself stand for what is queued.
const FLUSH_MS: u64 = 300;

/// Where a crash cuts a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    BeforeTheTransaction,
    /// After the transaction and so many of the other outputs.
    After(usize),
}

impl World {
    pub(super) fn perform(&mut self, place: usize, outputs: Vec<Output>) {
        if outputs.is_empty() {
            return;
        }
        let outputs = self.played(place, outputs);
        self.act(place, outputs);
    }

    /// The transaction first, then everything else in order, unless a crash cuts the batch.
    pub(super) fn act(&mut self, place: usize, outputs: Vec<Output>) {
        let (mut saves, mut others, mut roster) =
            (Vec::new(), Vec::with_capacity(outputs.len()), None);
        for output in outputs {
            match output {
                Output::Save(save) => saves.push(save),
                Output::Roster(snapshot) => {
                    roster = Some(Arc::clone(&snapshot));
                    others.push(Output::Roster(snapshot));
                }
                other => others.push(other),
            }
        }
        let doom = self.seats[place]
            .doom
            .filter(|_| saves.iter().any(|save| matches!(save, Save::Record { .. })));
        let cut = doom.map(|_| self.cut_of(others.len()));
        if cut != Some(Cut::BeforeTheTransaction) {
            self.commit(place, saves, roster.as_ref());
        }
        let performed = match cut {
            None => others.len(),
            Some(Cut::BeforeTheTransaction) => 0,
            Some(Cut::After(count)) => count,
        };
        let mut encoder = Encoder::default();
        for output in others.into_iter().take(performed) {
            self.perform_one(place, output, &mut encoder);
        }
        if let Some(doom) = doom {
            self.fall(HostId::node(place), doom);
        }
    }

    fn cut_of(&mut self, others: usize) -> Cut {
        match self.chance.below(others as u64 + 2).checked_sub(1) {
            None => Cut::BeforeTheTransaction,
            Some(performed) => Cut::After(performed as usize),
        }
    }

    fn commit(&mut self, place: usize, saves: Vec<Save>, roster: Option<&Arc<Roster>>) {
        if saves.is_empty() {
            return;
        }
        if self.trace.is_recording() {
            saves
                .iter()
                .for_each(|save| trace_save(&mut self.trace, save));
        }
        for mark in self.seats[place].disk.commit(saves, roster) {
            self.truth.saved(place, mark);
        }
    }

    fn perform_one(&mut self, place: usize, output: Output, encoder: &mut Encoder) {
        let host = HostId::node(place);
        match output {
            Output::Save(_) => unreachable!("saves were taken out of the batch"),
            Output::Send { to, message } => {
                self.send(host, to, message, encoder);
            }
            Output::Sample => self.sample(place),
            Output::Load { after, limit } => {
                let records = self.seats[place].disk.read(after, limit);
                self.answers.push_back(Input::Backlog(records));
            }
            Output::Connect { peer, addresses } => self.dial(host, peer, &addresses),
            Output::Disconnect { peer, why } => {
                self.counts.broken += u64::from(why != Parting::NoSeat);
                if self.hang_up(host, peer).is_some() {
                    self.answers.push_back(Input::LinkDown { peer });
                }
            }
            Output::Deliver { id, .. } => {
                self.outside.push((self.now_ms, host, id));
                self.answers.push_back(Input::Delivered { id });
            }
            // What is queued still leaves; then the device is gone, and nothing starts it again.
            Output::Wipe { .. } => {
                let hosts = vec![host];
                self.plan(self.now_ms + FLUSH_MS, Fault::Die { hosts });
            }
            Output::Roster(roster) => {
                let seat = &mut self.seats[place];
                (seat.gate, seat.credentials) = (roster, None);
            }
            Output::Update(output) => self.update(place, output),
            Output::Look { to, listened, .. } => self.look(place, to, &listened),
            Output::Block { source, length } => {
                let until_ms = self.now_ms + length.as_millis() as u64;
                self.seats[place].filter.set(source, until_ms);
            }
            Output::Call { mac, means, .. } => self.call_device(place, mac, means),
            Output::Scan(_) | Output::Habit(_) | Output::Tailed { .. } => {}
            Output::Command(CommandAsked::Do { command, kind }) => {
                self.seats[place].commanded.push((command, kind));
                let outcome = Outcome::Done { result: None };
                let told = CommandTold::Ended { command, outcome };
                self.answers.push_back(Input::Command(told));
            }
            Output::Command(CommandAsked::Wanted { .. }) => {}
            Output::Notice(notice) => self.notice(place, notice),
        }
    }

    fn sample(&mut self, place: usize) {
        if self.sampling == Sampling::Off {
            return;
        }
        let seat = &mut self.seats[place];
        let profile = self.fleet.profile(&self.fleet.members[seat.member]);
        let uptime_s = (self.now_ms - seat.since_ms) / 1000;
        let first = std::mem::take(&mut seat.fresh);
        let mut reading = profile.reading(&mut seat.gauges, uptime_s, first);
        if seat.told.replace(seat.tampered) != Some(seat.tampered) {
            reading.files = Some(vec![watched_file(seat.tampered)]);
        }
        self.answers.push_back(Input::Reading(Box::new(reading)));
    }

    fn notice(&mut self, place: usize, notice: Notice) {
        self.trace.text(&notice);
        match &notice {
            Notice::Began {
                linked: Linked::Unlinked,
                ..
            } => self.counts.unlinked += 1,
            Notice::Misbehaviour { peer, .. } => {
                let wronged = self.host_of(HostId::node(place), *peer);
                self.counts.misbehaviour += u64::from(self.is_wronged(wronged, place));
            }
            Notice::Proven {
                device: Some(device),
                ..
            } => {
                let wronged = self.seat_of(*device).map(HostId::node);
                self.counts.equivocations += u64::from(self.is_wronged(wronged, place));
            }
            Notice::Unplaced { last, .. } => {
                let kept = self.seats[place].disk.kept_up_to(*last);
                self.truth.unplaced(place, kept);
            }
            _ => {}
        }
        self.said.push(Said::Node {
            seat: place,
            notice,
        });
    }

    /// Whether somebody honest says something bad of somebody honest.
    fn is_wronged(&self, subject: Option<HostId>, by: usize) -> bool {
        let honest = |host| self.model.is_honest(host);
        honest(HostId::node(by)) && subject.is_none_or(honest)
    }
}

/// The one file that a simulated host watches, after so many changes.
fn watched_file(changes: u64) -> WatchedFile {
    WatchedFile {
        path: Path::new("/etc/palisade/watched").expect("a short path"),
        digest: Some(Digest::of(
            "palisade-sim 2026 file",
            &[&changes.to_be_bytes()],
        )),
    }
}

fn trace_save(trace: &mut crate::trace::Trace, save: &Save) {
    match save {
        Save::Record { record, .. } => trace.bytes(&record.head),
        Save::Custody { record, .. } => trace.bytes(&record.head),
        Save::Witnessed { head, .. } => trace.bytes(head),
        Save::Contact { contact, .. } => trace.bytes(contact),
        Save::Conviction(proof) => trace.bytes(proof),
        other => trace.text(other),
    }
}
