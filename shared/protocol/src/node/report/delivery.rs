//! The way of a record to the coordinator: in order, once, as much as it takes at a time, and what is given up on the way.

use super::super::save::Save;
use super::super::{Node, Notice, Output};
use super::Collector;
use crate::key::PeerKey;
use crate::limits;
use crate::message::{Last, Message};
use crate::record::{Position, Record};
use crate::time::Now;

/// Of the records that wait, this part is given up at once when there are too many.
const GIVEN_UP_AT_ONCE: usize = 64;

impl Node {
    /// Sends a fresh record to the coordinator if it has everything before it.
    pub(super) fn follow(&mut self, record: &Record, out: &mut Vec<Output>) {
        if self.report.collector != Collector::Following {
            return;
        }
        if self.report.in_flight >= limits::RECORDS_IN_FLIGHT {
            self.report.collector = Collector::Loading;
            return;
        }
        self.report.sent = self.report.newest;
        self.report.in_flight += 1;
        out.push(Output::Send {
            to: self.coordinator(),
            message: Message::Record {
                record: record.clone(),
            },
        });
    }

    /// The coordinator says what it holds: everything after that is read and sent.
    pub(in crate::node) fn standing(
        &mut self,
        from: PeerKey,
        last: Option<Last>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if !self.is_coordinator(from) {
            return self.misbehaved(from, "only the coordinator says where it stands", out);
        }
        if last.is_some_and(|last| !self.is_believable(&last)) {
            return self.misbehaved(from, "names a start that cannot have been", out);
        }
        self.learn_standing(from, last, now);
        if let Some(last) = last {
            self.begin_behind(last, now, out);
        }
        self.report.sent = last.map(|last| last.position);
        self.report.in_flight = 0;
        if let Some(last) = last {
            self.take_acknowledgement(last.position, out);
        }
        self.load_more(out);
    }

    pub(in crate::node) fn acknowledged(
        &mut self,
        from: PeerKey,
        position: Position,
        out: &mut Vec<Output>,
    ) {
        if !self.is_coordinator(from) {
            return self.misbehaved(from, "only the coordinator acknowledges", out);
        }
        if self.report.newest.is_none_or(|newest| position > newest) {
            return self.misbehaved(from, "acknowledges what was never sent", out);
        }
        self.take_acknowledgement(position, out);
        if self.report.acknowledged == self.report.sent {
            self.report.in_flight = 0;
        }
        if self.report.collector == Collector::Loading && self.report.in_flight == 0 {
            self.load_more(out);
        }
    }

    pub(in crate::node) fn send_backlog(
        &mut self,
        records: Vec<(Position, Record)>,
        out: &mut Vec<Output>,
    ) {
        if self.report.collector != Collector::Loading {
            return;
        }
        if records.is_empty() && self.report.asked != self.report.newest {
            return self.load_more(out);
        }
        if records.is_empty() {
            self.report.collector = Collector::Following;
            out.push(Output::Notice(Notice::CaughtUp));
            return;
        }
        for (position, record) in records {
            self.report.sent = Some(position);
            self.report.in_flight += 1;
            out.push(Output::Send {
                to: self.coordinator(),
                message: Message::Record { record },
            });
        }
    }

    fn load_more(&mut self, out: &mut Vec<Output>) {
        self.report.collector = Collector::Loading;
        self.report.asked = self.report.newest;
        out.push(Output::Load {
            after: self.report.sent,
            limit: limits::RECORDS_PER_READ,
        });
    }

    fn take_acknowledgement(&mut self, position: Position, out: &mut Vec<Output>) {
        if self
            .report
            .acknowledged
            .is_none_or(|before| before < position)
        {
            self.report.acknowledged = Some(position);
            self.report.waiting.remove_up_to(position);
            out.push(Output::Save(Save::Acknowledged(position)));
        }
        self.stored_up_to(position, out);
    }

    /// Where more waits than is kept, the oldest go, some at a time; the coordinator will see the gap in the chain.
    pub(super) fn give_up_oldest(&mut self, out: &mut Vec<Output>) {
        let bound = self.config.waiting.clamp(1, limits::RECORDS_WAITING);
        let waiting = self.report.waiting.records();
        if waiting <= bound {
            return;
        }
        let records = waiting - (bound - bound / GIVEN_UP_AT_ONCE);
        if let Some(last) = self.report.waiting.oldest(records) {
            self.report.waiting.remove_up_to(last);
            out.push(Output::Save(Save::GivenUp(last)));
            out.push(Output::Notice(Notice::GivenUp { records, last }));
        }
    }

    /// This disk is an older copy, and the log has gone on without it: what it still keeps lies behind a place that is used.
    pub(in crate::node) fn give_up_behind(&mut self, passed: Position, out: &mut Vec<Output>) {
        let waiting = self.report.waiting.records();
        let Some(newest) = self.report.waiting.oldest(waiting) else {
            return;
        };
        self.report.waiting.remove_up_to(passed);
        let records = waiting - self.report.waiting.records();
        if records > 0 {
            let last = newest.min(passed);
            out.push(Output::Notice(Notice::Unplaced { records, last }));
        }
    }
}
