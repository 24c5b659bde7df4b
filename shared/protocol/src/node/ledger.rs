//! The node's copy of the identity log: fetched from whoever holds more of it, checked, passed on.

use std::sync::Arc;
use std::time::Duration;

use minicbor::bytes::ByteVec;

use super::save::Save;
use super::{Deadline, Node, Notice, Output, Parting};
use crate::key::PeerKey;
use crate::ledger::LogHead;
use crate::limits;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::roster::{ExtendError, Roster};
use crate::signed::Signed;
use crate::time::{Instant, Now};

/// How long one peer may take for its answer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

/// The roster, and the fetch that will extend it.
#[derive(Debug)]
pub(super) struct Ledger {
    roster: Arc<Roster>,
    fetch: Option<Fetch>,
}

/// One peer is sending its entries, page by page.
#[derive(Debug)]
struct Fetch {
    from: PeerKey,
    entries: Vec<Vec<u8>>,
    started: Instant,
}

impl Ledger {
    pub(super) fn new(roster: Arc<Roster>) -> Self {
        Self {
            roster,
            fetch: None,
        }
    }

    pub(super) fn roster(&self) -> &Arc<Roster> {
        &self.roster
    }

    fn is_fetching_from(&self, peer: PeerKey) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| fetch.from == peer)
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
    pub(super) fn greeted(
        &mut self,
        from: PeerKey,
        log_size: u64,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if log_size > self.ledger.roster.size() {
            self.fetch(from, now, out);
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
            Ok(head) if head.size > self.ledger.roster.size() => self.fetch(from, now, out),
            Ok(_) => {}
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
        index: u64,
        entries: Vec<ByteVec>,
        head: Option<ByteVec>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let size = self.ledger.roster.size();
        let Some(fetch) = self
            .ledger
            .fetch
            .as_mut()
            .filter(|fetch| fetch.from == from)
        else {
            return;
        };
        let expected = size + fetch.entries.len() as u64;
        let full = fetch.entries.len() + entries.len() > limits::LOG_ENTRIES;
        if index != expected || full || (entries.is_empty() && head.is_none()) {
            self.ledger.fetch = None;
            return;
        }
        fetch.entries.extend(entries.into_iter().map(Vec::from));
        fetch.started = now.monotonic;
        let next = size + fetch.entries.len() as u64;
        match head {
            Some(head) => self.conclude_fetch(&head, now, out),
            None => out.push(Output::Send {
                to: from,
                message: Message::LogRequest { from: next },
            }),
        }
    }

    pub(super) fn ledger_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let late = self
            .ledger
            .fetch
            .as_ref()
            .filter(|fetch| now.monotonic.since(fetch.started) >= FETCH_TIMEOUT);
        if let Some(peer) = late.map(|fetch| fetch.from) {
            self.ledger.fetch = None;
            out.push(Output::Disconnect {
                peer,
                why: Parting::Quiet,
            });
        } else if let Some(fetch) = &self.ledger.fetch {
            self.deadlines
                .set(Deadline::Ledger, fetch.started + FETCH_TIMEOUT);
        }
    }

    pub(super) fn forget_fetch(&mut self, peer: PeerKey) {
        if self.ledger.is_fetching_from(peer) {
            self.ledger.fetch = None;
        }
    }

    fn fetch(&mut self, from: PeerKey, now: Now, out: &mut Vec<Output>) {
        if self.ledger.fetch.is_some() {
            return;
        }
        self.ledger.fetch = Some(Fetch {
            from,
            entries: Vec::new(),
            started: now.monotonic,
        });
        self.deadlines
            .set(Deadline::Ledger, now.monotonic + FETCH_TIMEOUT);
        out.push(Output::Send {
            to: from,
            message: Message::LogRequest {
                from: self.ledger.roster.size(),
            },
        });
    }

    fn conclude_fetch(&mut self, head: &[u8], now: Now, out: &mut Vec<Output>) {
        let Some(fetch) = self.ledger.fetch.take() else {
            return;
        };
        let from = self.ledger.roster.size();
        match self
            .ledger
            .roster
            .extend(from, &fetch.entries, head, self.identity.verifier.as_ref())
        {
            Ok(roster) => {
                out.push(Output::Save(Save::Entries {
                    from,
                    entries: fetch.entries,
                    head: head.to_vec(),
                }));
                self.adopt(Arc::new(roster), fetch.from, now, out);
            }
            Err(ExtendError::Gap { .. }) => {}
            Err(_) => self.misbehaved(fetch.from, "an identity log that does not check", out),
        }
    }

    fn adopt(&mut self, roster: Arc<Roster>, from: PeerKey, now: Now, out: &mut Vec<Output>) {
        let members = roster.members().count();
        out.push(Output::Roster(Arc::clone(&roster)));
        out.push(Output::Notice(Notice::RosterGrown {
            size: roster.size(),
            members,
        }));
        self.ledger.roster = roster;
        self.watch
            .assign(&self.ledger.roster.rings().subjects(&self.identity.device));
        self.end_withdrawn_links(now, out);
        self.pass_on(from, out);
        if self.boot.is_some() {
            self.deadlines.hasten(Deadline::Boot, now.monotonic);
        }
        self.deadlines.hasten(Deadline::Links, now.monotonic);
    }

    /// Members are few, and so are entries: every growth goes to every neighbour once.
    fn pass_on(&self, from: PeerKey, out: &mut Vec<Output>) {
        let Some(head) = self.ledger.roster.head() else {
            return;
        };
        for peer in self
            .links
            .up()
            .filter(|peer| *peer != from && !self.is_coordinator(*peer))
        {
            out.push(Output::Send {
                to: peer,
                message: Message::LogGrown {
                    head: head.bytes().to_vec().into(),
                },
            });
        }
    }

    fn end_withdrawn_links(&self, now: Now, out: &mut Vec<Output>) {
        for peer in self.links.up() {
            if self.is_withdrawn(peer, now) {
                out.push(Output::Disconnect {
                    peer,
                    why: Parting::Refused(Refusal::Revoked),
                });
            }
        }
        let own = self.ledger.roster.member(&self.identity.device);
        if own.is_some_and(|member| member.is_withdrawn(now.wall)) {
            out.push(Output::Notice(Notice::Withdrawn));
        }
    }

    fn is_withdrawn(&self, peer: PeerKey, now: Now) -> bool {
        let member = self
            .device(peer)
            .and_then(|device| self.ledger.roster.member(&device).cloned());
        member.is_some_and(|member| member.is_withdrawn(now.wall))
    }
}
