//! A coordinator over an older copy of its store: what the members hold of the identity log comes back before
//! anything is appended, and to a log of two versions nothing is appended any more.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::save::{Brought, Save};
use super::{Coordinator, Deadline, Event, Output};
use crate::catchup::{Catchup, Grown, Page, Turned};
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::roster::{ExtendError, Roster};
use crate::time::{Instant, Now};

/// How long after a start members are heard at most: longer than the longest pause between two of their dials.
const LISTENING: Duration = Duration::from_secs(90);

/// Whether the identity log may be appended to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogState {
    Open,
    /// After a start: most members, or a minute and a half, come first.
    Listening,
    /// Members have shown a head of this size, and the entries up to it are not here yet.
    Behind {
        size: u64,
    },
    /// The admission key has signed two versions of the log.
    Forked,
    /// The root has put another admission key into force than the one that is here.
    Superseded,
}

/// What is known of the members' copies.
#[derive(Debug)]
pub(super) struct Reunion {
    state: LogState,
    /// Members that hold no more than this coordinator, and how many of them are believed.
    heard: BTreeSet<DeviceId>,
    enough: usize,
    listens_until: Instant,
    catchup: Catchup,
}

impl Reunion {
    pub fn new(roster: &Roster, now: Instant) -> Self {
        let enough = half_of_members(roster);
        let state = if enough == 0 {
            LogState::Open
        } else {
            LogState::Listening
        };
        Self {
            state,
            heard: BTreeSet::new(),
            enough,
            listens_until: now + LISTENING,
            catchup: Catchup::default(),
        }
    }

    pub fn state(&self) -> LogState {
        self.state
    }

    pub fn next_look(&self) -> Option<Instant> {
        let listening = (self.state == LogState::Listening).then_some(self.listens_until);
        self.catchup.due().into_iter().chain(listening).min()
    }
}

impl Coordinator {
    /// Whether the identity log may be appended to.
    pub fn log_state(&self) -> LogState {
        match self.reunion.state() {
            LogState::Open if !self.holds_office() => LogState::Superseded,
            state => state,
        }
    }

    pub(super) fn greeted(
        &mut self,
        from: PeerKey,
        log_size: u64,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let size = self.roster.size();
        let device = self.roster.device(from);
        if let Some(known) = device.and_then(|device| self.devices.get_mut(&device)) {
            known.holds = log_size;
        }
        self.show_head(from, out);
        // A claim of more is worth nothing until a signed head shows it.
        if log_size <= size && self.log_state() == LogState::Listening {
            self.reunion.heard.extend(device);
            self.reunion_due(now, out);
        }
    }

    /// A head that this coordinator's own key has signed tells it what it may have forgotten.
    pub(super) fn log_shown(
        &mut self,
        from: PeerKey,
        head: &[u8],
        now: Now,
        out: &mut Vec<Output>,
    ) {
        if self.roster.head().is_some_and(|own| own.bytes() == head) {
            return;
        }
        let charter = self.roster.charter();
        let Some((head, key)) = charter.open_log_head(head, self.offices.verifier.as_ref()) else {
            return self.log_claimed(from, head, now, out);
        };
        if key != charter.admission {
            // Whoever slept through a rotation shows its last head; a thief of the former key may show any.
            return;
        }
        if let Some(proof) = self.roster.split_by(&head) {
            self.log_is(LogState::Forked, now, out);
            let brought = self.roster.device(from).map_or(Brought::Found, Brought::By);
            self.proven(&proof, brought, now, out);
        } else if head.size > self.roster.size() {
            self.reunion.catchup.note(from, head.size);
            self.log_is(LogState::Behind { size: head.size }, now, out);
            self.catch_up(now, out);
        }
    }

    /// A later charter may name the key: over a restored store the entries tell, with the charter among them.
    fn log_claimed(&mut self, from: PeerKey, head: &[u8], now: Now, out: &mut Vec<Output>) {
        match self.roster.claimed_size(head) {
            Some(size) => {
                self.reunion.catchup.claim(from, size);
                self.catch_up(now, out);
            }
            None => self.misbehaved(from, "a log head that does not check", out),
        }
    }

    pub(super) fn log_received(
        &mut self,
        from: PeerKey,
        page: Page,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        let verifier = self.offices.verifier.as_ref();
        match self
            .reunion
            .catchup
            .turn(from, page, verifier, now.monotonic)
        {
            Turned::Unasked => return,
            Turned::More(message) => out.push(Output::Send { to: from, message }),
            Turned::Whole(grown) => self.regain(*grown, now, out),
            Turned::Useless => {}
            Turned::Wrong(ExtendError::Forked) => self.log_is(LogState::Forked, now, out),
            Turned::Wrong(_) => {
                self.misbehaved(from, "an identity log that does not check", out);
            }
        }
        self.catch_up(now, out);
    }

    pub(super) fn reunion_due(&mut self, now: Now, out: &mut Vec<Output>) {
        if let Some(late) = self.reunion.catchup.late(now.monotonic) {
            self.misbehaved(late, "keeps entries of the identity log back", out);
        }
        let enough = self.reunion.heard.len() >= self.reunion.enough;
        let over = self.reunion.listens_until <= now.monotonic;
        let enough = enough && !self.reunion.catchup.is_fetching();
        if self.log_state() == LogState::Listening && (enough || over) {
            self.log_is(LogState::Open, now, out);
        }
        self.catch_up(now, out);
    }

    /// Somebody else may have what a peer that is gone was asked for.
    pub(super) fn no_longer_ask(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.reunion.catchup.forget(peer);
        self.catch_up(now, out);
    }

    fn catch_up(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.log_state() != LogState::Forked
            && let Some((to, message)) = self.reunion.catchup.ask(&self.roster, now.monotonic)
        {
            out.push(Output::Send { to, message });
        }
        match self.reunion.next_look() {
            Some(due) => self.deadlines.set(Deadline::Reunion, due),
            None => self.deadlines.clear(Deadline::Reunion),
        }
    }

    /// Takes back what was forgotten. The data keys of devices that were admitted since are lost.
    fn regain(&mut self, grown: Grown, now: Now, out: &mut Vec<Output>) {
        let entries = grown.entries.len();
        let roster = Arc::unwrap_or_clone(grown.roster).with_news_of(&self.roster);
        self.roster = Arc::new(roster);
        out.push(Output::Save(Save::Entries {
            from: grown.from,
            entries: grown.entries,
            head: grown.head,
        }));
        out.push(Output::Roster(Arc::clone(&self.roster)));
        out.push(Output::Event(Event::LogRegained { entries }));
        for member in self.roster.members() {
            let device = member.membership.device;
            if member.withdrawal.is_none() && !self.devices.contains_key(&device) {
                out.push(Output::Event(Event::KeyLost { device }));
            }
        }
        self.reunion.heard.clear();
        self.reunion.enough = half_of_members(&self.roster);
        let state = match self.reunion.catchup.ahead_of(&self.roster) {
            Some(size) => LogState::Behind { size },
            None => LogState::Listening,
        };
        self.log_is(state, now, out);
    }

    /// Two versions stay two versions; everything else can pass.
    fn log_is(&mut self, state: LogState, now: Now, out: &mut Vec<Output>) {
        let before = self.reunion.state;
        if before == state || before == LogState::Forked {
            return;
        }
        self.reunion.state = state;
        if state == LogState::Open {
            self.inherit(now, out);
            self.log_convictions(now, out);
            for deadline in [Deadline::Suspensions, Deadline::Reissue] {
                self.deadlines.hasten(deadline, now.monotonic);
            }
        }
        let state = self.log_state();
        out.push(Output::Event(Event::Log { state }));
    }

    fn misbehaved(&self, peer: PeerKey, what: &'static str, out: &mut Vec<Output>) {
        out.push(Output::Event(Event::Misbehaviour {
            device: self.roster.device(peer),
            what,
        }));
    }
}

fn half_of_members(roster: &Roster) -> usize {
    let members = roster.members();
    let seated = members.filter(|member| member.withdrawal.is_none());
    seated.count().div_ceil(2)
}
