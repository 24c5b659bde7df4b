//! The end of a device: an administrator's order, a last statement, and then nothing is left.
//!
//! The order is an entry of the identity log and counts as nothing else: signed by an administrator whom the
//! charter names, for this very device, at the place where the log holds it. The device reads it in its own
//! copy of the log, or is shown it, with the proof, at a door where it is turned away.

use std::time::Duration;

use super::save::{Memory, Save};
use super::{Deadline, Node, Notice, Output};
use crate::key::PeerKey;
use crate::ledger::Withdrawal;
use crate::message::Message;
use crate::record::{Flags, Position, Record};
use crate::signed::Signed;
use crate::statement::{Farewell, Statement};
use crate::time::Now;

/// How long the last statement waits for the coordinator: then the order is carried out all the same.
const LAST_WORD: Duration = Duration::from_secs(120);

/// The order that a node has, and how far it has obeyed.
#[derive(Debug)]
pub(super) struct Retirement {
    order: Signed<Withdrawal>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// It may not sign yet.
    Ordered,
    /// This is its last statement.
    Said(Position, Box<Record>),
    /// The shell was told to wipe.
    Done,
}

impl Node {
    /// An order that was shown or written down in an earlier life.
    pub(super) fn recall_order(&mut self, memory: &Memory, now: Now, out: &mut Vec<Output>) {
        if let Some(order) = memory.order.as_deref().and_then(|order| self.opened(order)) {
            self.obey(order, now, out);
        }
        self.obey_the_log(now, out);
    }

    /// Looks whether the log orders this device to retire, after each growth and at each start.
    pub(super) fn obey_the_log(&mut self, now: Now, out: &mut Vec<Output>) {
        let member = self.ledger.roster().member(&self.identity.device);
        if let Some(order) = member.and_then(|member| member.order_to_retire().cloned()) {
            self.obey(order, now, out);
        }
    }

    /// Somebody has turned this device away, and says that it has to retire.
    pub(super) fn ordered(&mut self, by: PeerKey, shown: &[u8], now: Now, out: &mut Vec<Output>) {
        self.link_down(by, now, out);
        match self.opened(shown) {
            None => {
                let what = "an order to retire that does not check";
                out.push(Output::Notice(Notice::Misbehaviour { peer: by, what }));
            }
            Some(order) if self.retirement.is_none() => {
                out.push(Output::Save(Save::Order(shown.to_vec())));
                self.obey(order, now, out);
            }
            Some(_) => {}
        }
    }

    fn opened(&self, shown: &[u8]) -> Option<Signed<Withdrawal>> {
        let (device, verifier) = (&self.identity.device, self.identity.verifier.as_ref());
        let opened = self.ledger.roster().open_order(shown, device, verifier);
        opened.ok()
    }

    fn obey(&mut self, order: Signed<Withdrawal>, now: Now, out: &mut Vec<Output>) {
        if self.retirement.is_some() {
            return;
        }
        let stage = Stage::Ordered;
        self.retirement = Some(Retirement { order, stage });
        let patience = now.monotonic + LAST_WORD;
        self.deadlines.set(Deadline::Retirement, patience);
        out.push(Output::Notice(Notice::Retiring));
        self.say_the_last(now, out);
    }

    /// The last statement, as soon as this node may sign.
    pub(super) fn say_the_last(&mut self, now: Now, out: &mut Vec<Output>) {
        let ordered = self.retirement.as_ref();
        let ordered = ordered.is_some_and(|known| matches!(known.stage, Stage::Ordered));
        if !ordered || self.boot.is_some() {
            return;
        }
        self.watch.save_changed(out);
        let statement = Statement::Goodbye(Farewell::Retired);
        let flags = Flags::GOODBYE.with(Flags::RETIRED);
        let record = self.record(statement, flags, now, out);
        self.deadlines.clear(Deadline::Telemetry);
        self.deadlines.clear(Deadline::Push);
        if let (Some(record), Some(position)) = (record, self.report.newest()) {
            self.reach(Stage::Said(position, Box::new(record)));
        }
    }

    /// Another incarnation begins: what was said last in the one before was not the last.
    pub(super) fn unsay_the_last(&mut self) {
        if self.last_said().is_some() {
            self.reach(Stage::Ordered);
        }
    }

    /// Whether this device is on its way out: nobody but the coordinator has anything to do with it any more.
    pub(super) fn is_retiring(&self) -> bool {
        self.retirement.is_some()
    }

    /// Whether nothing more is recorded.
    pub(super) fn has_said_the_last(&self) -> bool {
        let known = self.retirement.as_ref();
        known.is_some_and(|known| !matches!(known.stage, Stage::Ordered))
    }

    /// The coordinator has stored the records up to a place.
    pub(super) fn stored_up_to(&mut self, stored: Position, out: &mut Vec<Output>) {
        if self.last_said().is_some_and(|(last, _)| stored >= last) {
            self.wipe(out);
        }
    }

    /// Nobody has taken the last statement in time. Where the coordinator is there and has too much to take
    /// before it, it gets this one out of turn.
    pub(super) fn retirement_due(&mut self, out: &mut Vec<Output>) {
        let to = self.coordinator();
        if let Some((_, record)) = self.last_said().filter(|_| self.links.is_up(to)) {
            let record = record.clone();
            let message = Message::Record { record };
            out.push(Output::Send { to, message });
        }
        self.wipe(out);
    }

    fn last_said(&self) -> Option<(Position, &Record)> {
        match &self.retirement.as_ref()?.stage {
            Stage::Said(position, record) => Some((*position, record)),
            Stage::Ordered | Stage::Done => None,
        }
    }

    fn reach(&mut self, stage: Stage) {
        if let Some(known) = &mut self.retirement {
            known.stage = stage;
        }
    }

    fn wipe(&mut self, out: &mut Vec<Output>) {
        let Some(known) = &mut self.retirement else {
            return;
        };
        known.stage = Stage::Done;
        let order = Box::new(Withdrawal::clone(&known.order));
        out.push(Output::Wipe { order });
    }
}
