//! Letters that are to be sent, those that were, and those that nobody took.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use minicbor::{Decode, Encode};
use protocol::time::Timestamp;

use crate::letter::{Kind, Letter};
use crate::limits;
use crate::text::{Name, Says};

/// Waits between attempts; the last one is repeated until [`GIVE_UP`].
const WAITS: [u64; 6] = [5, 15, 60, 300, 900, 3_600];
/// A letter that nobody took for so long is given up.
pub const GIVE_UP: Duration = Duration::from_secs(86_400);

#[derive(Debug, Default)]
pub struct Outbox {
    entries: BTreeMap<u64, Entry>,
    last: u64,
    dirty: BTreeSet<u64>,
}

/// A letter and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Entry {
    #[n(0)]
    pub number: u64,
    #[n(1)]
    pub letter: Letter,
    #[n(2)]
    pub attempts: u32,
    #[n(3)]
    pub state: State,
    /// Why the newest attempt failed.
    #[n(4)]
    pub error: Option<Says>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum State {
    /// Until then.
    #[n(0)]
    Waiting(#[n(0)] Timestamp),
    #[n(1)]
    Sent(#[n(0)] Timestamp),
    #[n(2)]
    GivenUp(#[n(0)] Timestamp),
}

/// Whether another attempt could succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hope {
    Some,
    None,
}

/// What a channel has done lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing<'a> {
    pub sent: Option<Timestamp>,
    /// The newest failure that no success has followed.
    pub error: Option<&'a Says>,
    pub waiting: usize,
}

impl Outbox {
    pub fn restore(entries: Vec<Entry>) -> Self {
        let last = entries.iter().map(|entry| entry.number).max();
        Self {
            last: last.unwrap_or(0),
            entries: entries.into_iter().map(|it| (it.number, it)).collect(),
            dirty: BTreeSet::new(),
        }
    }

    /// Takes a letter, once; hands out its number.
    pub fn put(&mut self, letter: Letter) -> u64 {
        let known = self.entries.values().find(|it| it.letter.id == letter.id);
        if let Some(known) = known {
            return known.number;
        }
        self.make_room();
        self.last += 1;
        let entry = Entry {
            number: self.last,
            attempts: 0,
            state: State::Waiting(letter.at),
            error: None,
            letter,
        };
        self.dirty.insert(entry.number);
        self.entries.insert(entry.number, entry);
        self.last
    }

    /// Those that are to be tried at this moment, in their order.
    pub fn due(&self, now: Timestamp) -> Vec<Entry> {
        let due = |entry: &&Entry| matches!(entry.state, State::Waiting(until) if until <= now);
        self.entries.values().filter(due).cloned().collect()
    }

    /// Takes a letter out of what is due for an hour: whoever holds it sends it.
    pub fn hold(&mut self, number: u64) {
        if let Some(entry) = self.entries.get_mut(&number) {
            let hour = Duration::from_secs(3_600);
            entry.state = State::Waiting(entry.letter.at.saturating_add(hour));
            self.dirty.insert(number);
        }
    }

    pub fn sent(&mut self, number: u64, now: Timestamp) {
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.attempts = entry.attempts.saturating_add(1);
            entry.state = State::Sent(now);
            entry.error = None;
            self.dirty.insert(number);
        }
    }

    pub fn failed(&mut self, number: u64, error: Says, hope: Hope, now: Timestamp) {
        let Some(entry) = self.entries.get_mut(&number) else {
            return;
        };
        let wait = WAITS[(entry.attempts as usize).min(WAITS.len() - 1)];
        entry.attempts = entry.attempts.saturating_add(1);
        entry.error = Some(error);
        let is_late = now.since(entry.letter.at) >= GIVE_UP;
        entry.state = match hope {
            // Whoever tries a channel waits for the answer.
            _ if is_late || entry.letter.kind == Kind::Test => State::GivenUp(now),
            Hope::None => State::GivenUp(now),
            Hope::Some => State::Waiting(now.saturating_add(Duration::from_secs(wait))),
        };
        self.dirty.insert(number);
    }

    /// Letters to a channel that were written within a time; tests do not count.
    pub fn written_within(&self, channel: &Name, span: Duration, now: Timestamp) -> usize {
        let letters = self.entries.values().map(|entry| &entry.letter);
        letters
            .filter(|letter| letter.kind != Kind::Test && letter.channel == *channel)
            .filter(|letter| now.since(letter.at) < span)
            .count()
    }

    pub fn standing(&self, channel: &Name) -> Standing<'_> {
        let mut standing = Standing::default();
        for entry in self.entries.values() {
            if entry.letter.channel != *channel {
                continue;
            }
            match entry.state {
                State::Sent(at) => {
                    standing.sent = standing.sent.max(Some(at));
                    standing.error = None;
                }
                State::Waiting(_) => {
                    standing.waiting += 1;
                    standing.error = entry.error.as_ref().or(standing.error);
                }
                State::GivenUp(_) => standing.error = entry.error.as_ref(),
            }
        }
        standing
    }

    pub fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(&number)
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().rev()
    }

    /// Whether a letter of this kind was written to a channel since a moment.
    pub(crate) fn has_since(&self, channel: &Name, kind: Kind, since: Timestamp) -> bool {
        let mut letters = self.entries.values().map(|entry| &entry.letter);
        letters.any(|it| it.kind == kind && it.channel == *channel && it.at >= since)
    }

    pub fn prune(&mut self, now: Timestamp) {
        let old: Vec<u64> = self
            .entries
            .values()
            .filter(|entry| match entry.state {
                State::Waiting(_) => false,
                State::Sent(at) | State::GivenUp(at) => now.since(at) > limits::LETTER_KEPT,
            })
            .map(|entry| entry.number)
            .collect();
        for number in old {
            self.forget(number);
        }
    }

    /// What is done with goes before what waits, and the oldest first.
    fn make_room(&mut self) {
        if self.entries.len() < limits::LETTERS {
            return;
        }
        let waits = |entry: &Entry| matches!(entry.state, State::Waiting(_));
        let oldest = self
            .entries
            .values()
            .min_by_key(|it| (waits(it), it.number));
        if let Some(number) = oldest.map(|entry| entry.number) {
            self.forget(number);
        }
    }

    fn forget(&mut self, number: u64) {
        self.entries.remove(&number);
        self.dirty.insert(number);
    }

    /// Rows to write, and to remove where there is `None`.
    pub fn unstored(&self) -> Vec<(u64, Option<Entry>)> {
        let rows = self.dirty.iter();
        rows.map(|number| (*number, self.entries.get(number).cloned()))
            .collect()
    }

    /// Everything that [`Self::unstored`] handed out is durable.
    pub fn stored(&mut self) {
        self.dirty.clear();
    }
}
