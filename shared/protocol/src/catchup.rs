//! How a copy of the identity log catches up: from whoever has shown a longer one, and checked entry by entry.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use minicbor::bytes::ByteVec;

use crate::key::{PeerKey, Verifier};
use crate::limits;
use crate::message::Message;
use crate::roster::{Draft, ExtendError, Roster};
use crate::time::Instant;

/// How long one peer may take for a page: a revocation cannot wait for a coordinator that has just died.
const PATIENCE: Duration = Duration::from_secs(3);

/// Who has shown a longer log under the admission key, and the one that is sending it.
#[derive(Debug, Default)]
pub(crate) struct Catchup {
    shown: BTreeMap<PeerKey, u64>,
    /// Peers whose head this copy cannot check: asked when nobody has shown a good one.
    claims: BTreeMap<PeerKey, u64>,
    fetch: Option<Box<Fetch>>,
}

/// Nothing unchecked is held, and never more than the admission key has signed for.
#[derive(Debug)]
struct Fetch {
    from: PeerKey,
    shown: u64,
    base: u64,
    draft: Draft,
    since: Instant,
}

/// Entries from an index on, as a peer sent them.
#[derive(Debug)]
pub(crate) struct Page {
    pub from: u64,
    pub entries: Vec<ByteVec>,
    pub head: Option<ByteVec>,
}

/// What came of a page.
#[derive(Debug)]
pub(crate) enum Turned {
    /// Nobody waits for it.
    Unasked,
    /// It is good, and this asks for the next.
    More(Message),
    Whole(Box<Grown>),
    /// It does not continue what was sent before; somebody else may be asked.
    Useless,
    Wrong(ExtendError),
}

/// A longer log, checked to its end.
#[derive(Debug)]
pub(crate) struct Grown {
    pub from: u64,
    pub entries: Vec<Vec<u8>>,
    pub head: Vec<u8>,
    pub roster: Arc<Roster>,
}

impl Catchup {
    /// Notes that a peer has shown a signed head of this size.
    pub fn note(&mut self, peer: PeerKey, size: u64) {
        self.shown.insert(peer, size);
    }

    /// Notes that a peer has shown a head by a key that only a later charter can name.
    pub fn claim(&mut self, peer: PeerKey, size: u64) {
        self.claims.insert(peer, size);
    }

    /// The link to a peer has ended, or it is of no use.
    pub fn forget(&mut self, peer: PeerKey) {
        self.shown.remove(&peer);
        self.claims.remove(&peer);
        self.fetch.take_if(|fetch| fetch.from == peer);
    }

    /// The longest log that somebody has shown, if it is longer than this.
    pub fn ahead_of(&self, roster: &Roster) -> Option<u64> {
        let longest = self.shown.values().copied().max();
        longest.filter(|size| *size > roster.size())
    }

    pub fn is_fetching(&self) -> bool {
        self.fetch.is_some()
    }

    /// Whether somebody has shown more than this, or claims to have more.
    pub fn is_behind(&self, roster: &Roster) -> bool {
        let claimed = self.claims.values().any(|size| *size > roster.size());
        claimed || self.fetch.is_some() || self.ahead_of(roster).is_some()
    }

    /// Whom to ask for what, if somebody has more than this roster and nobody is sending.
    pub fn ask(&mut self, roster: &Roster, now: Instant) -> Option<(PeerKey, Message)> {
        self.shown.retain(|_, size| *size > roster.size());
        self.claims.retain(|_, size| *size > roster.size());
        if self.fetch.is_some() {
            return None;
        }
        let proven = self.shown.iter().max_by_key(|(_, size)| **size);
        let (from, shown) = match proven {
            Some((&from, &shown)) => (from, shown),
            // Each entry must be signed all the same, and the last of them covered.
            None => self.claims.pop_first()?,
        };
        self.fetch = Some(Box::new(Fetch {
            from,
            shown,
            base: roster.size(),
            draft: Draft::behind(roster),
            since: now,
        }));
        let from_here = Message::LogRequest {
            from: roster.size(),
        };
        Some((from, from_here))
    }

    /// Checks a page; whoever sent a bad one is not asked again until it shows another head.
    pub fn turn(
        &mut self,
        peer: PeerKey,
        page: Page,
        verifier: &dyn Verifier,
        now: Instant,
    ) -> Turned {
        let Some(mut fetch) = self.fetch.take_if(|fetch| fetch.from == peer) else {
            return Turned::Unasked;
        };
        // The log may have grown meanwhile: whoever sends more has shown the head of it first.
        let since = [self.shown.get(&peer), self.claims.get(&peer)];
        fetch.shown = since
            .into_iter()
            .flatten()
            .fold(fetch.shown, |shown, size| shown.max(*size));
        let turned = match fetch.turn(page, verifier, now) {
            Ok(Progress::More(fetch)) => {
                let next = fetch.draft.size();
                self.fetch = Some(fetch);
                return Turned::More(Message::LogRequest { from: next });
            }
            Ok(Progress::Whole(grown)) => Turned::Whole(grown),
            Err(ExtendError::Gap { .. }) => Turned::Useless,
            Err(error) => Turned::Wrong(error),
        };
        self.shown.remove(&peer);
        turned
    }

    /// The peer that has kept this copy waiting too long; it is forgotten.
    pub fn late(&mut self, now: Instant) -> Option<PeerKey> {
        let late = self.due().is_some_and(|due| due <= now);
        let peer = self.fetch.as_ref().filter(|_| late)?.from;
        self.forget(peer);
        Some(peer)
    }

    /// When to look whether somebody is late.
    pub fn due(&self) -> Option<Instant> {
        self.fetch.as_ref().map(|fetch| fetch.since + PATIENCE)
    }
}

enum Progress {
    More(Box<Fetch>),
    Whole(Box<Grown>),
}

impl Fetch {
    fn turn(
        mut self: Box<Self>,
        page: Page,
        verifier: &dyn Verifier,
        now: Instant,
    ) -> Result<Progress, ExtendError> {
        let expected = self.draft.size();
        let is_full = fills_a_frame(&page.entries);
        if page.from != expected || (page.head.is_none() && !is_full) {
            return Err(ExtendError::Gap {
                expected,
                found: page.from,
            });
        }
        for entry in &page.entries {
            self.draft.append(entry, verifier)?;
        }
        match page.head {
            Some(head) => self.conclude(head.into(), verifier),
            None if self.draft.size() >= self.shown => {
                Err(ExtendError::Uncovered { shown: self.shown })
            }
            None => {
                self.since = now;
                Ok(Progress::More(self))
            }
        }
    }

    fn conclude(
        self: Box<Self>,
        head: Vec<u8>,
        verifier: &dyn Verifier,
    ) -> Result<Progress, ExtendError> {
        let roster = self.draft.conclude(&head, verifier)?;
        let entries = roster.entries(self.base, limits::LOG_ENTRIES);
        Ok(Progress::Whole(Box::new(Grown {
            from: self.base,
            entries: entries.iter().map(|entry| entry.to_vec()).collect(),
            head,
            roster: Arc::new(roster),
        })))
    }
}

/// Nobody may drip: a page that is not the last holds as much as a page can.
fn fills_a_frame(entries: &[ByteVec]) -> bool {
    let weight: usize = entries.iter().map(|entry| entry.len()).sum();
    entries.len() == limits::ENTRIES_PER_FRAME || weight + limits::TRUST_BYTES > limits::PAGE_BYTES
}
