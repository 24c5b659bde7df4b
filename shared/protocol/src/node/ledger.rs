//! The node's copy of the identity log: fetched from whoever has shown more of it, checked, passed on.

use std::sync::Arc;

use super::save::Save;
use super::{Deadline, Node, Notice, Output, Parting};
use crate::catchup::{Catchup, Page, Turned};
use crate::key::PeerKey;
use crate::ledger::LogHead;
use crate::limits;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::roster::{ExtendError, Roster};
use crate::signed::Signed;
use crate::time::Now;

/// The roster, and how it catches up.
#[derive(Debug)]
pub(super) struct Ledger {
    roster: Arc<Roster>,
    catchup: Catchup,
}

impl Ledger {
    pub(super) fn new(roster: Arc<Roster>) -> Self {
        Self {
            roster,
            catchup: Catchup::default(),
        }
    }

    pub(super) fn roster(&self) -> &Arc<Roster> {
        &self.roster
    }

    /// The same log, and one conviction more.
    pub(super) fn convicted(&mut self, roster: Arc<Roster>) {
        self.roster = roster;
    }
}

/// One page of a log, as an answer to whoever asks for entries from `from` on.
pub(crate) fn page(roster: &Roster, from: u64) -> Message {
    let entries = roster.entries(from, limits::ENTRIES_PER_FRAME);
    let last = from + entries.len() as u64 >= roster.size();
    let head = roster
        .head()
        .filter(|_| last)
        .map(|head| head.bytes().to_vec().into());
    Message::LogEntries {
        from,
        entries: entries.iter().map(|entry| entry.to_vec().into()).collect(),
        head,
    }
}

impl Node {
    /// Whoever holds less of the log is shown that there is more, and the coordinator is shown what it once
    /// signed: over a restored store it may hold less, or another version.
    pub(super) fn greeted(&self, from: PeerKey, log_size: u64, out: &mut Vec<Output>) {
        if log_size < self.ledger.roster.size() || self.is_coordinator(from) {
            self.show_head(from, out);
        }
    }

    pub(super) fn log_grown(
        &mut self,
        from: PeerKey,
        head: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let admission = &self.ledger.roster.charter().admission;
        match Signed::<LogHead>::open(head, admission, self.identity.verifier.as_ref()) {
            Ok(head) => {
                self.ledger.catchup.note(from, head.size);
                self.catch_up(now, out);
            }
            Err(_) => self.misbehaved(from, "a log head that does not check", out),
        }
    }

    pub(super) fn log_requested(&self, from: PeerKey, index: u64, out: &mut Vec<Output>) {
        if index < self.ledger.roster.size() {
            out.push(Output::Send {
                to: from,
                message: page(&self.ledger.roster, index),
            });
        }
    }

    pub(super) fn log_received(
        &mut self,
        from: PeerKey,
        page: Page,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let verifier = self.identity.verifier.as_ref();
        let turned = self
            .ledger
            .catchup
            .turn(from, page, verifier, now.monotonic);
        match turned {
            Turned::Unasked => return,
            Turned::More(message) => out.push(Output::Send { to: from, message }),
            Turned::Whole(grown) => {
                out.push(Output::Save(Save::Entries {
                    from: grown.from,
                    entries: grown.entries,
                    head: grown.head,
                }));
                self.adopt(grown.roster, from, now, out);
            }
            Turned::Useless => {}
            Turned::Wrong(error) => self.log_refused(from, &error, out),
        }
        self.catch_up(now, out);
    }

    pub(super) fn ledger_due(&mut self, now: Now, out: &mut Vec<Output>) {
        if let Some(peer) = self.ledger.catchup.late(now.monotonic) {
            out.push(Output::Disconnect {
                peer,
                why: Parting::Quiet,
            });
        }
        self.catch_up(now, out);
    }

    pub(super) fn stop_catching_up_with(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.ledger.catchup.forget(peer);
        self.catch_up(now, out);
    }

    /// Asks whoever has shown more, and makes sure that a page which does not come is noticed.
    fn catch_up(&mut self, now: Now, out: &mut Vec<Output>) {
        if let Some((to, message)) = self.ledger.catchup.ask(&self.ledger.roster, now.monotonic) {
            out.push(Output::Send { to, message });
        }
        match self.ledger.catchup.due() {
            Some(due) => self.deadlines.set(Deadline::Ledger, due),
            None => self.deadlines.clear(Deadline::Ledger),
        }
    }

    /// The coordinator still collects when its log is another version, and people still look there.
    fn log_refused(&self, from: PeerKey, error: &ExtendError, out: &mut Vec<Output>) {
        if *error == ExtendError::Forked && self.is_coordinator(from) {
            let what = "another version of the identity log";
            out.push(Output::Notice(Notice::Misbehaviour { peer: from, what }));
        } else {
            self.misbehaved(from, "an identity log that does not check", out);
        }
    }

    fn show_head(&self, to: PeerKey, out: &mut Vec<Output>) {
        if let Some(head) = self.ledger.roster.head() {
            out.push(Output::Send {
                to,
                message: Message::LogGrown {
                    head: head.bytes().to_vec().into(),
                },
            });
        }
    }

    fn adopt(&mut self, roster: Arc<Roster>, from: PeerKey, now: Now, out: &mut Vec<Output>) {
        // Somebody may have been convicted while the entries were on their way.
        let roster = Arc::unwrap_or_clone(roster).with_convictions_of(&self.ledger.roster);
        let roster = Arc::new(roster);
        for device in roster.convictions().filter_map(|proof| proof.convicts()) {
            self.silence.bury(device);
        }
        let members = roster.members().count();
        out.push(Output::Roster(Arc::clone(&roster)));
        out.push(Output::Notice(Notice::RosterGrown {
            size: roster.size(),
            members,
        }));
        self.ledger.roster = roster;
        let roster = Arc::clone(&self.ledger.roster);
        self.silence
            .retain(|device| roster.member(device).is_some());
        self.suspicion
            .retain(|device| roster.member(device).is_some());
        self.reseat(now);
        self.end_withdrawn_links(now, out);
        self.pass_on(from, out);
        if self.boot.is_some() {
            self.deadlines.hasten(Deadline::Boot, now.monotonic);
        }
        self.deadlines.hasten(Deadline::Links, now.monotonic);
    }

    /// Members are few, and so are entries: every growth goes to every neighbour once.
    fn pass_on(&self, from: PeerKey, out: &mut Vec<Output>) {
        for peer in self.links.up() {
            if peer != from && !self.is_coordinator(peer) {
                self.show_head(peer, out);
            }
        }
    }

    pub(super) fn end_withdrawn_links(&self, now: Now, out: &mut Vec<Output>) {
        for peer in self.links.up() {
            if self.is_withdrawn(peer, now) {
                out.push(Output::Disconnect {
                    peer,
                    why: Parting::Refused(Refusal::Revoked),
                });
            }
        }
        if self
            .ledger
            .roster
            .shuts_out(&self.identity.device, now.wall)
        {
            out.push(Output::Notice(Notice::Withdrawn));
        }
    }

    fn is_withdrawn(&self, peer: PeerKey, now: Now) -> bool {
        self.device(peer)
            .is_some_and(|device| self.ledger.roster.shuts_out(&device, now.wall))
    }
}
