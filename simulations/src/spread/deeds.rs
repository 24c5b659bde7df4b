//! Between the machines and the rest: what reaches a host is told to its machine, and what that wants is done.

use protocol::spread::frame::{Answer, Frame, Want};
use protocol::spread::image::Piece;
use protocol::spread::{Input, Output};

use super::seat::{host, key};
use super::ways::Said;
use super::{Coordinator, Event, Spread};
use crate::host::HostId;
use crate::world::SpreadFlaw;

/// How long a disk takes to write a chunk, sync it and mark it.
const DISK_MS: u64 = 8;
/// How long a statement takes to the coordinator.
const RECORD_MS: u64 = 1_000;

impl Spread {
    pub(super) fn arrive(&mut self, from: HostId, to: HostId, said: Said) {
        let flaw = self.plan.flaw;
        match said {
            Said::Frame(_) if flaw == SpreadFlaw::Unannounced && from != HostId::COORDINATOR => {}
            Said::Frame(frame) if self.liars.contains(&to) => {
                // A liar goes on asking, for whatever the coordinator will send again.
                if from == HostId::COORDINATOR && matches!(frame, Frame::Map { .. }) {
                    self.ask_for_anything(to);
                }
            }
            Said::Frame(frame) => self.tell(
                to,
                Input::Frame {
                    from: key(from),
                    frame,
                },
            ),
            Said::Ask { question, want } => self.asked(from, to, question, want),
            Said::Withdraw { question } => {
                if self.seats[to.index()].asked.get(&from) == Some(&question) {
                    self.tell(to, Input::Withdrawn { from: key(from) });
                }
            }
            Said::Answer { question, answer } => self.answered(from, to, question, &answer),
        }
    }

    fn asked(&mut self, from: HostId, to: HostId, question: u64, want: Want) {
        self.seats[to.index()].asked.insert(from, question);
        match want {
            Want::Chunk { chunk } if self.liars.contains(&to) => {
                let piece = self.load.false_piece(chunk);
                self.give(to, from, chunk, piece);
            }
            want => self.tell(
                to,
                Input::Asked {
                    from: key(from),
                    want,
                },
            ),
        }
    }

    fn answered(&mut self, from: HostId, to: HostId, question: u64, answer: &Answer) {
        let seat = &mut self.seats[to.index()];
        if seat.asking.get(&from) != Some(&question) {
            // The stream of a question that was withdrawn is closed.
            return;
        }
        seat.asking.remove(&from);
        if self.liars.contains(&to) {
            return self.take_and_keep(to, answer);
        }
        let shown = match (answer, self.plan.flaw) {
            (Answer::Chunk { chunk, .. }, SpreadFlaw::Unchecked) => Answer::Chunk {
                chunk: *chunk,
                piece: self.load.piece(*chunk),
            },
            _ => answer.clone(),
        };
        let outputs = self.think(
            to,
            Input::Answered {
                from: key(from),
                answer: shown,
            },
        );
        for output in outputs {
            match (output, answer) {
                (Output::Store { chunk, .. }, Answer::Chunk { piece, .. }) => {
                    let piece = piece.clone();
                    self.perform(to, Output::Store { chunk, piece });
                }
                (output, _) => self.perform(to, output),
            }
        }
        self.wake(to);
    }

    pub(super) fn tell(&mut self, host: HostId, input: Input) {
        for output in self.think(host, input) {
            self.perform(host, output);
        }
        self.wake(host);
    }

    fn think(&mut self, host: HostId, input: Input) -> Vec<Output> {
        self.trace.event(self.now_ms, host.index(), 0);
        let outputs = self.seats[host.index()].mind.handle(input, self.now_ms);
        for output in &outputs {
            if !matches!(output, Output::Store { .. }) {
                self.trace.text(output);
            }
        }
        outputs
    }

    fn perform(&mut self, host_id: HostId, output: Output) {
        match output {
            Output::Send { to, frame } => self.say(host_id, host(to), Said::Frame(frame)),
            Output::Ask { to, want } => self.ask(host_id, host(to), want),
            Output::Withdraw { to } => {
                let to = host(to);
                if let Some(question) = self.seats[host_id.index()].asking.remove(&to) {
                    self.say(host_id, to, Said::Withdraw { question });
                }
            }
            Output::Serve { to, chunk } => {
                let piece = match self.seats[host_id.index()].disk.get(&chunk) {
                    Some(piece) => piece.clone(),
                    None => self.load.piece(chunk),
                };
                self.give(host_id, host(to), chunk, piece);
            }
            Output::Refuse { to } => self.answer_nothing(host_id, host(to)),
            Output::Store { chunk, piece } => self.store(host_id, chunk, piece),
            Output::Expose { peer, .. } => self.expose(host(peer), host_id),
            Output::Whole => self.whole(host_id),
        }
    }

    /// A statement goes to the coordinator with the next record.
    fn expose(&mut self, peer: HostId, by: HostId) {
        self.exposed.insert(peer);
        self.queue
            .push(self.now_ms + RECORD_MS, Event::Named { peer, by });
    }

    fn store(&mut self, host: HostId, chunk: u32, piece: Piece) {
        let seat = &mut self.seats[host.index()];
        if !seat.taken.insert(chunk) {
            seat.fetched_again += 1;
        }
        let life = seat.life;
        let stored = Event::Stored {
            host,
            life,
            chunk,
            piece,
        };
        self.queue.push(self.now_ms + DISK_MS, stored);
    }

    pub(super) fn stored(&mut self, host: HostId, chunk: u32, piece: Piece) {
        self.seats[host.index()].disk.insert(chunk, piece);
        self.tell(host, Input::Stored { chunk });
        self.out_there.insert(chunk);
        if self.one_copy_ms.is_none() && self.out_there.is_all() {
            self.one_copy_ms = Some(self.now_ms);
            if self.plan.coordinator == Coordinator::LeavesOneCopy {
                self.left_ms = Some(self.now_ms);
                self.leave(HostId::COORDINATOR);
            }
        }
    }

    pub(super) fn wake(&mut self, host: HostId) {
        let seat = &mut self.seats[host.index()];
        let Some(due) = seat.mind.next_deadline() else {
            return;
        };
        let due_ms = due.as_millis().max(self.now_ms + 1);
        if seat.wakes_ms.is_none_or(|wakes_ms| due_ms < wakes_ms) {
            seat.wakes_ms = Some(due_ms);
            self.queue.push(due_ms, Event::Wake { host });
        }
    }
}
