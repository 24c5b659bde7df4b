//! Traffic at a node: pages about profiles and alerts about what is strange go into the log, at a bounded pace; words of
//! people about profiles are checked and handed to the shell.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Node, Notice, Output};
use crate::alert::{Alarm, Matter};
use crate::flows::{Flows, HabitOrder, Strange};
use crate::key::PeerKey;
use crate::limits;
use crate::record::Flags;
use crate::statement::Statement;
use crate::time::{Instant, Now};

const MINUTE: Duration = Duration::from_secs(60);

/// What the shell has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowsTold {
    Page(Box<Flows>),
    Strange(Box<Strange>),
}

/// When the last pages were written and the last alerts raised.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pages: VecDeque<Instant>,
    strange: VecDeque<Instant>,
}

/// Whether there is room for one more within the minute.
fn has_room(times: &mut VecDeque<Instant>, most: usize, now: Instant) -> bool {
    while times.front().is_some_and(|at| now.since(*at) >= MINUTE) {
        times.pop_front();
    }
    let has_room = times.len() < most;
    if has_room {
        times.push_back(now);
    }
    has_room
}

impl Node {
    pub(super) fn flows_told(&mut self, told: FlowsTold, now: Now, out: &mut Vec<Output>) {
        if !self.report.may_sign() {
            return;
        }
        let at = now.monotonic;
        match told {
            FlowsTold::Page(page) => {
                if has_room(&mut self.pace.pages, limits::FLOW_PAGES_PER_MINUTE, at) {
                    self.record(Statement::Flows(page), Flags::NONE, now, out);
                }
            }
            FlowsTold::Strange(strange) => {
                if let Some(errand) = self.tripwire.errand_of(&strange.address, now) {
                    out.push(Output::Notice(Notice::Excused { scanner: errand }));
                    return;
                }
                if has_room(&mut self.pace.strange, limits::STRANGE_PER_MINUTE, at) {
                    let subject = self.identity.device;
                    let matter = Matter::Strange(Box::new(strange.fitted()));
                    self.raise(Alarm { subject, matter }, now, out);
                }
            }
        }
    }

    pub(super) fn habit_said(
        &mut self,
        from: PeerKey,
        order: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if !self.is_coordinator(from) {
            return self.misbehaved(
                from,
                "only the coordinator brings words about profiles",
                out,
            );
        }
        let (me, roster) = (self.identity.device, self.ledger.roster());
        let verifier = self.identity.verifier.as_ref();
        match HabitOrder::open(order, &me, roster, verifier, now.wall) {
            Ok(order) => out.push(Output::Habit(Box::new((*order).clone()))),
            Err(_) => self.misbehaved(from, "a word about a profile that does not hold", out),
        }
    }
}
