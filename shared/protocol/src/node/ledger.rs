//! The node's copy of the identity log: fetched from whoever has shown more of it, checked, passed on.

use std::sync::Arc;

use super::convict::{self, Known};
use super::evidence::send;
use super::save::Save;
use super::{Deadline, Node, Notice, Output, Parting};
use crate::catchup::{Catchup, Page, Turned};
use crate::cosign::Cosigned;
use crate::gossip::{self, Post};
use crate::id::Digest;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::proof::Proof;
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

    /// The same log, and more of it seen by gateways.
    pub(super) fn seen(&mut self, roster: Arc<Roster>) {
        self.roster = roster;
    }

    /// Whether somebody has shown, or claims to have, more of the log.
    pub(super) fn is_behind(&self) -> bool {
        self.catchup.is_behind(&self.roster)
    }

    /// The same log, and one conviction more.
    pub(super) fn convicted(&mut self, roster: Arc<Roster>) {
        self.roster = roster;
    }
}

/// One page of a log, as an answer to whoever asks for entries from `from` on.
pub(crate) fn page(roster: &Roster, from: u64) -> Message {
    let entries = room(roster.entries(from, limits::ENTRIES_PER_FRAME));
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

/// Whether a page carries the head that covers it. Before any other the head is shown anew: the log may have grown.
pub(crate) fn is_last(page: &Message) -> bool {
    matches!(page, Message::LogEntries { head: Some(_), .. })
}

/// Those of the entries that fit into one page.
fn room(entries: &[Arc<[u8]>]) -> &[Arc<[u8]>] {
    let weights = entries.iter().scan(0, |sum, entry| {
        *sum += entry.len();
        Some(*sum)
    });
    let fitting = weights.take_while(|sum| *sum <= limits::PAGE_BYTES).count();
    &entries[..fitting]
}

/// Whoever begins with the first entry knows nobody's word on the log: without it nobody has a seat there.
pub(crate) fn coverage(roster: &Roster, to: PeerKey, from: u64) -> impl Iterator<Item = Post> {
    let asked = roster.cosigned().filter(|_| from == 0);
    gossip::frames(to, asked.map(Cosigned::evidence)).into_iter()
}

impl Node {
    /// Whoever comes is shown the head of this log: it may hold less of it, or another version. The
    /// coordinator is shown what it once signed. Who has named the same head has shown it.
    pub(super) fn greeted(&mut self, from: PeerKey, named: Option<Digest>, out: &mut Vec<Output>) {
        let own = self.ledger.roster.head().map(Signed::digest);
        if own.is_some() && own == named {
            self.threshold.shows(from);
        } else {
            self.show_head(from, out);
        }
    }

    /// The first word on a link.
    pub(super) fn hello(&self) -> Message {
        let roster = &self.ledger.roster;
        Message::Hello {
            log_size: roster.size(),
            head: roster.head().map(Signed::digest),
        }
    }

    pub(super) fn log_grown(
        &mut self,
        from: PeerKey,
        head: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self
            .ledger
            .roster
            .head()
            .is_some_and(|own| own.bytes() == head)
        {
            return;
        }
        let roster = &self.ledger.roster;
        match roster
            .charter()
            .open_log_head(head, self.identity.verifier.as_ref())
        {
            Some((head, key)) if key == roster.charter().admission => {
                if let Some(proof) = roster.split_by(&head) {
                    return self.log_is_split(proof, Some(from), now, out);
                }
                self.ledger.catchup.note(from, head.size);
            }
            // Whoever slept through a rotation has nothing new to show.
            Some(_) => {}
            None => match roster.claimed_size(head) {
                Some(size) => self.ledger.catchup.claim(from, size),
                None => return self.misbehaved(from, "a log head that does not check", out),
            },
        }
        self.catch_up(now, out);
    }

    /// Two versions of the log: everybody hears of it, and first of all whoever holds the other one.
    pub(super) fn log_is_split(
        &mut self,
        proof: Proof,
        by: Option<PeerKey>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let found = convict::piece(&proof);
        if let Some(to) = by.filter(|peer| self.is_linked(*peer)) {
            let evidence = vec![found.clone()];
            let message = Message::Gossip { evidence };
            out.push(Output::Send { to, message });
        }
        if self.convict(proof, now, out) == Known::New {
            self.spread(vec![found], by, now, out);
        }
    }

    pub(super) fn log_requested(&self, from: PeerKey, index: u64, out: &mut Vec<Output>) {
        if index < self.ledger.roster.size() {
            let message = page(&self.ledger.roster, index);
            if !is_last(&message) {
                self.show_head(from, out);
            }
            out.push(Output::Send { to: from, message });
            out.extend(coverage(&self.ledger.roster, from, index).map(send));
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
        let late = self.ledger.catchup.late(now.monotonic);
        self.catch_up(now, out);
        // Where nobody else has shown more, a new link makes this one show it again.
        if let Some(peer) = late.filter(|_| self.ledger.catchup.due().is_none()) {
            out.push(Output::Disconnect {
                peer,
                why: Parting::Quiet,
            });
        }
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

    /// The coordinator still collects when its log is another version, and people still look there. Where
    /// it is proven that there are two, whoever holds the other one is not to blame.
    fn log_refused(&self, from: PeerKey, error: &ExtendError, out: &mut Vec<Output>) {
        let excused = self.is_coordinator(from) || self.ledger.roster.is_split();
        if *error == ExtendError::Forked && excused {
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
        // Somebody may have been convicted or cosigned while the entries were on their way.
        let roster = Arc::unwrap_or_clone(roster).with_news_of(&self.ledger.roster);
        let roster = Arc::new(roster);
        for device in roster.convictions().filter_map(|proof| proof.convicts()) {
            self.silence.bury(device);
        }
        let members = roster.members().count();
        let news = self.concerns_us(&roster);
        out.push(Output::Roster(Arc::clone(&roster)));
        out.push(Output::Notice(Notice::RosterGrown {
            size: roster.size(),
            members,
        }));
        let seen = roster.covered() > self.ledger.roster.covered();
        self.ledger.roster = roster;
        let roster = Arc::clone(&self.ledger.roster);
        if seen && roster.cosigned().next().is_some() {
            self.save_coverage(out);
        }
        self.compare_cosigned(now, out);
        self.cosign_soon(now.monotonic);
        self.silence
            .retain(|device| roster.member(device).is_some());
        self.suspicion
            .retain(|device| roster.member(device).is_some());
        self.reseat(now);
        self.end_withdrawn_links(now, out);
        self.pass_on(from, out);
        self.obey_the_log(now, out);
        if news {
            self.say_what_we_hold(out);
        }
        if self.boot.is_some() {
            self.deadlines.hasten(Deadline::Boot, now.monotonic);
        }
        self.deadlines.hasten(Deadline::Links, now.monotonic);
    }

    /// Whether a longer log has another charter, or another membership of this device.
    fn concerns_us(&self, roster: &Roster) -> bool {
        let before = &self.ledger.roster;
        let place = |roster: &Roster| {
            let own = roster.member(&self.identity.device)?;
            Some(own.membership.log_index)
        };
        roster.in_force_from() != before.in_force_from() || place(roster) != place(before)
    }

    /// The coordinator counts who holds a new charter.
    fn say_what_we_hold(&self, out: &mut Vec<Output>) {
        let to = self.coordinator();
        if self.links.is_up(to) {
            out.push(Output::Send {
                to,
                message: self.hello(),
            });
        }
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
        for peer in self.links.up().chain(self.threshold.guests()) {
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

    pub(super) fn is_withdrawn(&self, peer: PeerKey, now: Now) -> bool {
        self.device(peer)
            .is_some_and(|device| self.ledger.roster.shuts_out(&device, now.wall))
    }
}
