//! Which links a node wants, how it finds their other ends, and when it gives one up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Deadline, Node, Notice, Output, Parting};
use crate::contact::Contact;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::rings::Rings;
use crate::signed::Signed;
use crate::text::Path;
use crate::time::{Instant, Now};

/// How often the wanted links are compared with those that stand.
const REVIEW: Duration = Duration::from_secs(15);
/// The first pause between two attempts to dial one peer.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Between which bounds the longest lies: it is the shorter the fewer are out of reach, since each attempt is also one
/// at finding out whether the way is open again.
const LONGEST_PAUSE: (Duration, Duration) = (Duration::from_secs(12), Duration::from_secs(60));
/// In the mean so long after any attempt the next is made, within these bounds.
const ANY_PAUSE: Duration = Duration::from_secs(6);
/// A side that said nothing for this long says that it is there.
const SPEAK_WITHIN: Duration = Duration::from_secs(60);
/// A link on which nothing was heard for this long is dead.
const QUIET: Duration = Duration::from_secs(150);

/// A coordinator that acknowledges nothing for as long as so many readings take is on the other end no longer: it
/// may have begun anew behind a cut, and its system would only say so to the next packet that arrives.
const UNACKNOWLEDGED: u32 = 4;

/// A link that stood for this long has proven that the peer can be reached.
const STEADY: Duration = Duration::from_secs(10);
/// A link this young is kept though it seems to have no use.
const SETTLING: Duration = Duration::from_secs(60);

/// The links that stand, and the attempts at those that do not.
#[derive(Debug, Default)]
pub(super) struct Links {
    up: BTreeMap<PeerKey, Link>,
    dials: BTreeMap<PeerKey, Dial>,
    pub(super) contacts: BTreeMap<DeviceId, Signed<Contact>>,
    discovered: BTreeMap<PeerKey, Vec<Path>>,
    pub(super) own: Option<Signed<Contact>>,
    /// Questions for contacts since the last answer.
    pub(super) asked: u32,
    /// Whose turn it is to be asked for contacts.
    pub(super) turn: u32,
    clock: Instant,
}

#[derive(Debug)]
struct Link {
    since: Instant,
    heard: Instant,
    spoke: Instant,
}

/// Whether a node knows where everybody is whom it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    All,
    NotAll,
}

/// Whether a contact says more than what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    News,
    Before,
}

#[derive(Debug)]
struct Dial {
    attempts: u32,
    next: Instant,
}

impl Links {
    pub(super) fn up(&self) -> impl Iterator<Item = PeerKey> + '_ {
        self.up.keys().copied()
    }

    pub(super) fn is_up(&self, peer: PeerKey) -> bool {
        self.up.contains_key(&peer)
    }

    /// How often somebody was dialled since a link to it last stood for long.
    pub(super) fn attempts(&self, peer: PeerKey) -> u32 {
        self.dials.get(&peer).map_or(0, |dial| dial.attempts)
    }

    /// When something was last heard on a link that stands.
    pub(super) fn last_heard(&self, peer: PeerKey) -> Option<Instant> {
        self.up.get(&peer).map(|link| link.heard)
    }

    /// Since when a link stands, and when something was last said on it.
    pub(super) fn stands(&self, peer: PeerKey) -> Option<(Instant, Instant)> {
        self.up.get(&peer).map(|link| (link.since, link.spoke))
    }

    pub(super) fn clock(&self) -> Instant {
        self.clock
    }

    /// What is said from here on is said at this moment.
    pub(super) fn clock_is(&mut self, now: Instant) {
        self.clock = now;
    }

    /// Members that were heard on the local network.
    pub(super) fn nearby(&self) -> impl Iterator<Item = PeerKey> + '_ {
        self.discovered.keys().copied()
    }

    /// Notes a sign of life; frames of links that do not stand are not looked at.
    pub(super) fn heard(&mut self, peer: PeerKey, now: Instant) -> bool {
        self.clock = now;
        self.up
            .get_mut(&peer)
            .map(|link| link.heard = now)
            .is_some()
    }

    pub(super) fn spoke(&mut self, peer: PeerKey) {
        let now = self.clock;
        if let Some(link) = self.up.get_mut(&peer) {
            link.spoke = now;
        }
    }

    pub(super) fn remember(&mut self, contact: Signed<Contact>) -> Heard {
        let newer = self
            .contacts
            .get(&contact.device)
            .is_none_or(|known| known.time < contact.time);
        let room = self.contacts.len() < limits::CONTACTS_KEPT
            || self.contacts.contains_key(&contact.device);
        if !(newer && room) {
            return Heard::Before;
        }
        self.contacts.insert(contact.device, contact);
        Heard::News
    }
}

impl Node {
    pub(super) fn link_up(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        if self.is_retiring() && !self.is_coordinator(peer) {
            let why = Parting::Refused(Refusal::Revoked);
            out.push(Output::Disconnect { peer, why });
        } else if self.has_to_wait(peer, now.monotonic) {
            self.wait_outside(peer, now, out);
        } else {
            self.let_in(peer, now, out);
        }
    }

    pub(super) fn let_in(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.links.up.insert(
            peer,
            Link {
                since: now.monotonic,
                heard: now.monotonic,
                spoke: now.monotonic,
            },
        );
        out.push(Output::Notice(Notice::LinkUp {
            peer,
            device: self.device(peer),
        }));
        out.push(Output::Send {
            to: peer,
            message: self.hello(),
        });
        if let Some(own) = &self.links.own {
            let contacts = vec![own.bytes().to_vec().into()];
            out.push(Output::Send {
                to: peer,
                message: Message::Contacts { contacts },
            });
        }
        self.ask_for_head(peer, out);
        self.show_newest_head(peer, out);
        self.repeat_accusation(peer, out);
        self.meet_neighbours(now);
        self.update_joins(peer, now, out);
        if self.is_coordinator(peer) {
            self.report.collector_greets();
            self.renew_if_due(now, out);
            self.ask_for_contacts(out);
            self.name_evidence(peer, out);
        }
    }

    /// A witness learns at once where this log stands, also when it was away.
    fn show_newest_head(&mut self, peer: PeerKey, out: &mut Vec<Output>) {
        let Some(head) = self.report.head_of_this_life().cloned() else {
            return;
        };
        if self.witness_peers().contains(&peer) {
            out.push(Output::Send {
                to: peer,
                message: Message::Head { head },
            });
        }
    }

    pub(super) fn link_down(&mut self, peer: PeerKey, now: Now, out: &mut Vec<Output>) {
        self.count_break(peer);
        let Some(link) = self.links.up.remove(&peer) else {
            if self.threshold.leaves(peer) {
                self.stop_catching_up_with(peer, now, out);
            }
            return self.dial_failed(peer, now);
        };
        // Two copies of one device take a link from each other: each pauses longer every time.
        if now.monotonic.since(link.since) >= STEADY {
            self.links.dials.remove(&peer);
        }
        self.update_leaves(peer, now, out);
        out.push(Output::Notice(Notice::LinkDown {
            peer,
            device: self.device(peer),
        }));
        self.stop_catching_up_with(peer, now, out);
        self.meet_neighbours(now);
        self.doubts.parted(&peer);
        self.stop_waiting_for(peer, now);
        if self.is_coordinator(peer) {
            self.report.collector_away();
        }
        self.deadlines
            .hasten(Deadline::Links, now.monotonic + FIRST_PAUSE);
    }

    fn dial_failed(&mut self, peer: PeerKey, now: Now) {
        if let Some(next) = self.links.dials.get(&peer).map(|dial| dial.next) {
            self.deadlines
                .hasten(Deadline::Links, next.max(now.monotonic));
        }
    }

    pub(super) fn discovered(&mut self, peer: PeerKey, addresses: Vec<Path>, now: Now) {
        let ours = self.device(peer).is_some() || self.is_coordinator(peer);
        if ours && self.links.discovered.len() < limits::CONTACTS_KEPT {
            self.links.discovered.insert(peer, addresses);
            self.links.dials.remove(&peer);
            self.deadlines.hasten(Deadline::Links, now.monotonic);
        }
    }

    pub(super) fn links_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.links.clock = now.monotonic;
        self.deadlines
            .hasten(Deadline::Links, now.monotonic + REVIEW);
        self.seat(now);
        self.notice_a_cut(now.monotonic);
        self.end_useless_links(now, out);
        self.keep_alive(out);
        self.ask_neighbours(now, out);
        if self.dial_wanted(now, out) == Known::NotAll {
            self.ask_for_contacts(out);
            let pause = pause_after(self.links.asked, REVIEW);
            self.links.asked = self.links.asked.saturating_add(1);
            self.deadlines
                .hasten(Deadline::Links, now.monotonic + pause);
        }
        self.renew_if_due(now, out);
    }

    /// Those that this node dials: the coordinator, its witnesses, its overlay neighbours.
    pub(super) fn wanted(&self) -> BTreeSet<PeerKey> {
        if self.is_retiring() {
            return BTreeSet::from([self.coordinator()]);
        }
        let rings = self.ledger.roster().rings();
        let (me, down) = (&self.identity.device, self.silence.down());
        let mut devices = rings.seats(me, down);
        devices.extend(self.overlay());
        let ahead = self.ledger.roster().next_rings();
        if let Some(next) = ahead.filter(|_| self.dials_ahead(self.links.clock)) {
            devices.extend(next.seats(me, down));
            devices.extend(next.overlay(me, down));
        }
        let peers = devices.iter().filter_map(|device| self.peer(device));
        let pooled = self.doubts.pooled();
        let guard = self.guard_wants();
        let others = [self.coordinator()].into_iter().chain(pooled);
        peers.chain(others).chain(guard).collect()
    }

    /// Dials what is wanted and due; says whether the addresses of all are known.
    fn dial_wanted(&mut self, now: Now, out: &mut Vec<Output>) -> Known {
        let mut known = Known::All;
        let mut missing = self.wanted();
        missing.retain(|peer| !self.is_linked(*peer));
        let longest = longest_pause(missing.len());
        for peer in missing {
            let addresses = self.addresses(peer);
            if addresses.is_empty() {
                known = Known::NotAll;
                continue;
            }
            let dial = self.links.dials.get(&peer);
            let mut next = dial.map_or(now.monotonic, |dial| dial.next);
            if next <= now.monotonic {
                next = self.next_dial(peer, longest, now);
                out.push(Output::Connect { peer, addresses });
            }
            self.deadlines.hasten(Deadline::Links, next);
        }
        known
    }

    fn next_dial(&mut self, peer: PeerKey, longest: Duration, now: Now) -> Instant {
        let attempts = self.links.attempts(peer);
        let pause = pause_after(attempts, longest);
        let jitter = self.dice.below(1 + pause.as_millis() as u64 / 4);
        let next = now.monotonic + pause + Duration::from_millis(jitter);
        let attempts = attempts.saturating_add(1);
        self.links.dials.insert(peer, Dial { attempts, next });
        next
    }

    /// The way to one of them is open again, so that to the others may be: nobody waits for its next attempt.
    pub(super) fn dial_again_soon(&mut self, now: Now) {
        for peer in self.wanted() {
            let soon = now.monotonic
                + Duration::from_millis(self.dice.below(FIRST_PAUSE.as_millis() as u64));
            if let Some(dial) = self
                .links
                .dials
                .get_mut(&peer)
                .filter(|dial| dial.next > soon)
            {
                *dial = Dial {
                    attempts: 0,
                    next: soon,
                };
                self.deadlines.hasten(Deadline::Links, soon);
            }
        }
    }

    fn addresses(&self, peer: PeerKey) -> Vec<Path> {
        let heard = self
            .links
            .discovered
            .get(&peer)
            .cloned()
            .unwrap_or_default();
        if self.is_coordinator(peer) {
            let enrolled = self.identity.coordinator.iter().cloned();
            return enrolled.chain(heard).take(limits::ADDRESSES).collect();
        }
        let contact = self
            .device(peer)
            .and_then(|device| self.links.contacts.get(&device));
        let signed = contact
            .map(|contact| contact.addresses.clone())
            .unwrap_or_default();
        signed
            .into_iter()
            .chain(heard)
            .take(limits::ADDRESSES)
            .collect()
    }

    fn end_useless_links(&self, now: Now, out: &mut Vec<Output>) {
        let wanted = self.wanted();
        for (&peer, link) in &self.links.up {
            if now.monotonic.since(link.heard) >= self.quiet_at_most(peer) {
                out.push(Output::Disconnect {
                    peer,
                    why: Parting::Quiet,
                });
            } else if let Some(why) = self.grounds_to_part(peer, link, &wanted, now) {
                out.push(Output::Disconnect { peer, why });
            }
        }
    }

    fn quiet_at_most(&self, peer: PeerKey) -> Duration {
        if self.is_coordinator(peer) && self.report.awaits_receipt() {
            QUIET.min(self.config.telemetry * UNACKNOWLEDGED)
        } else {
            QUIET
        }
    }

    fn grounds_to_part(
        &self,
        peer: PeerKey,
        link: &Link,
        wanted: &BTreeSet<PeerKey>,
        now: Now,
    ) -> Option<Parting> {
        let device = self.device(peer)?;
        let member = self.ledger.roster().member(&device)?;
        if let Err(refusal) = self.ledger.roster().standing(member, now.wall) {
            return Some(Parting::Refused(refusal));
        }
        // The other side may know of a death that gives this one a seat.
        let young = now.monotonic.since(link.since) < SETTLING;
        let useful =
            young || wanted.contains(&peer) || self.is_charge(&device) || self.is_neighbour(peer);
        (!useful).then_some(Parting::NoSeat)
    }

    fn is_charge(&self, device: &DeviceId) -> bool {
        let rings = self.ledger.roster().rings();
        let down = self.silence.down();
        let (me, next) = (&self.identity.device, self.ledger.roster().next_rings());
        let soon = |next: &Rings| {
            next.seats(device, down).contains(me) || next.overlay(device, down).contains(me)
        };
        rings.seats(device, down).contains(me) || next.is_some_and(soon)
    }

    /// Witnesses hear from their subjects all the time; this keeps the other direction alive.
    fn keep_alive(&mut self, out: &mut Vec<Output>) {
        let Some(position) = self.report.newest() else {
            return;
        };
        let now = self.links.clock;
        for (&to, link) in &mut self.links.up {
            if now.since(link.spoke) >= SPEAK_WITHIN - REVIEW {
                link.spoke = now;
                out.push(Output::Send {
                    to,
                    message: Message::Beat { position },
                });
            }
        }
    }

    /// In the last third of its life a membership is renewed whenever the coordinator is there.
    fn renew_if_due(&self, now: Now, out: &mut Vec<Output>) {
        let Some(member) = self.ledger.roster().member(&self.identity.device) else {
            return;
        };
        let coordinator = self.coordinator();
        if now.wall >= member.membership.renews_from() && self.links.is_up(coordinator) {
            out.push(Output::Send {
                to: coordinator,
                message: Message::RenewRequest,
            });
        }
    }
}

fn pause_after(attempts: u32, longest: Duration) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << attempts.min(6))
        .min(longest)
}

fn longest_pause(missing: usize) -> Duration {
    let (least, most) = LONGEST_PAUSE;
    let missing = u32::try_from(missing).unwrap_or(u32::MAX);
    ANY_PAUSE.saturating_mul(missing).clamp(least, most)
}
