//! What this node counts on each of its links, and what it signs of that once an hour.

use std::collections::BTreeMap;

use super::{Deadline, Node, Notice, Output};
use crate::accounts::{Account, Accounts, Mark, Received, Total};
use crate::cbor;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::record::{Flags, Position};
use crate::statement::Statement;
use crate::suspicion::Ground;
use crate::time::{Instant, Now};

/// The counts of this life.
#[derive(Debug, Default)]
pub(super) struct Books {
    books: BTreeMap<DeviceId, Book>,
    number: Option<Position>,
    /// Outputs of the present batch that are counted already.
    counted: usize,
}

/// One neighbour's.
#[derive(Debug, Default)]
struct Book {
    sent: Total,
    received: Total,
    breaks: u32,
    /// The neighbour's newest mark, and what had come from it by then.
    base: Option<Base>,
    /// What is not signed yet.
    open: Option<Received>,
    /// Whether anything was counted since the newest mark of this node.
    used: bool,
}

#[derive(Debug, Clone, Copy)]
struct Base {
    mark: Mark,
    received: Total,
    breaks: u32,
}

impl Books {
    fn book(&mut self, peer: DeviceId) -> Option<&mut Book> {
        if self.books.len() >= limits::ACCOUNTS_KEPT && !self.books.contains_key(&peer) {
            return None;
        }
        let book = self.books.entry(peer).or_default();
        book.used = true;
        Some(book)
    }

    /// Takes a neighbour's mark; returns what came since the one before.
    fn marked(&mut self, peer: DeviceId, mark: Mark) -> Option<Received> {
        let book = self.book(peer)?;
        let base = Base {
            mark,
            received: book.received,
            breaks: book.breaks,
        };
        let received = book.base.replace(base)?.until(&base)?;
        let open = book.open.take();
        let before = open.filter(|open| open.to == received.from);
        book.open = Some(before.map_or(received, |before| before.followed_by(received)));
        Some(received)
    }

    /// The next mark, and everything that is to be signed with it, by neighbours.
    fn close(&mut self, life: Position, is_up: impl Fn(&DeviceId) -> bool) -> Vec<Accounts> {
        let number = match self.number {
            Some(number) if number.incarnation == life.incarnation => number.next(),
            _ => Position::first(life.incarnation),
        };
        self.number = Some(number);
        self.books.retain(|peer, book| book.used || is_up(peer));
        let account = |(peer, book): (&DeviceId, &mut Book)| {
            book.used = false;
            let (sent, received) = (is_up(peer).then_some(book.sent), book.open.take());
            (sent.is_some() || received.is_some()).then_some(Account {
                peer: *peer,
                sent,
                received,
            })
        };
        let links: Vec<Account> = self.books.iter_mut().filter_map(account).collect();
        links
            .chunks(limits::ACCOUNTS_PER_RECORD)
            .map(|links| Accounts {
                number,
                links: links.to_vec(),
            })
            .collect()
    }
}

impl Base {
    /// What came between this mark and a later one; nothing where the sender has begun anew meanwhile.
    fn until(&self, later: &Self) -> Option<Received> {
        let (from, to) = (self.mark.number, later.mark.number);
        if from.incarnation != to.incarnation || from >= to {
            return None;
        }
        Some(Received {
            from,
            to,
            said: later.mark.sent.since(self.mark.sent)?,
            counted: later.received.since(self.received)?,
            breaks: later.breaks.saturating_sub(self.breaks),
        })
    }
}

impl Node {
    /// A fleet that starts at once does not sign its accounts at once: its ids spread them over the hour.
    pub(super) fn plan_accounts(&mut self, now: Instant) {
        let [high, low, ..] = *self.identity.device.as_bytes();
        let share = u32::from(u16::from_be_bytes([high, low]));
        let first = self.config.accounts / 2 + self.config.accounts / 2 * share / 65_536;
        self.deadlines.set(Deadline::Accounts, now + first);
    }

    /// Counts what goes out, each output once. Marks are no part of what they sum up.
    pub(super) fn count_sent(&mut self, out: &[Output]) {
        let from = std::mem::replace(&mut self.books.counted, out.len());
        for output in out.get(from..).unwrap_or_default() {
            if let Output::Send { to, message } = output
                && !matches!(message, Message::Mark { .. })
                && let Some(book) = self.book_of(*to)
            {
                book.sent.add(cbor::length(message));
            }
        }
    }

    /// The batch is complete: the next one is counted from its beginning.
    pub(super) fn count_batch(&mut self, out: &[Output]) {
        self.count_sent(out);
        self.books.counted = 0;
    }

    pub(super) fn count_received(&mut self, from: PeerKey, message: &Message) {
        if !matches!(message, Message::Mark { .. })
            && let Some(book) = self.book_of(from)
        {
            book.received.add(cbor::length(message));
        }
    }

    pub(super) fn count_break(&mut self, peer: PeerKey) {
        if let Some(book) = self.book_of(peer) {
            book.breaks = book.breaks.saturating_add(1);
        }
    }

    /// A neighbour says how much it has sent.
    pub(super) fn marked(&mut self, from: PeerKey, mark: Mark, now: Now, out: &mut Vec<Output>) {
        let Some(peer) = self.device(from) else {
            return self.misbehaved(from, "only members keep accounts", out);
        };
        let received = self.books.marked(peer, mark);
        if let Some(difference) = received.and_then(|received| received.difference()) {
            out.push(Output::Notice(Notice::Unequal { peer, difference }));
            self.sighted(peer, Ground::Accounts, now);
        }
    }

    /// Signs what was counted, then says to each neighbour what it was sent so far.
    pub(super) fn accounts_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.deadlines
            .set(Deadline::Accounts, now.monotonic + self.config.accounts);
        let Some(newest) = self.report.newest().filter(|_| self.boot.is_none()) else {
            return;
        };
        self.count_sent(out);
        let (roster, links) = (self.ledger.roster(), &self.links);
        let is_up = |device: &DeviceId| {
            let member = roster.member(device);
            member.is_some_and(|member| links.is_up(member.membership.key.peer()))
        };
        for accounts in self.books.close(newest, is_up) {
            let (marks, mut signed) = (self.marks(&accounts), Vec::new());
            let statement = Statement::Accounts(accounts);
            if self
                .record(statement, Flags::NONE, now, &mut signed)
                .is_some()
            {
                // Saved, then marked, and only then pushed: the mark does not count its own record.
                let is_save = |output: &Output| matches!(output, Output::Save(_));
                let (saves, pushes): (Vec<_>, Vec<_>) = signed.into_iter().partition(is_save);
                out.extend(saves.into_iter().chain(marks).chain(pushes));
            }
        }
    }

    fn marks(&self, accounts: &Accounts) -> Vec<Output> {
        let number = accounts.number;
        let mark = |account: &Account| {
            let (to, sent) = (self.peer(&account.peer)?, account.sent?);
            let message = Message::Mark {
                mark: Mark { number, sent },
            };
            Some(Output::Send { to, message })
        };
        accounts.links.iter().filter_map(mark).collect()
    }

    /// The coordinator keeps no log of its own: nobody could compare what it counts.
    fn book_of(&mut self, peer: PeerKey) -> Option<&mut Book> {
        let device = self.ledger.roster().device(peer)?;
        if self.is_linked(peer) {
            self.books.book(device)
        } else {
            None
        }
    }
}
