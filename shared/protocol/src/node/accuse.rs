//! A witness's own word: whom it signs to be silent, whom it tells, and when it waits for more to say.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Deadline, Node, Output};
use crate::accusation::{Accusation, Silent};
use crate::evidence::Evidence;
use crate::id::DeviceId;
use crate::key::PeerKey;
use crate::limits;
use crate::message::Message;
use crate::record::Head;
use crate::signed::{Signed, Unchecked};
use crate::time::Now;

/// Accusations that come close together are made once.
const GATHER: Duration = Duration::from_millis(150);
/// So many whom others name make it worth waiting for more to say.
const CROWD: usize = 12;
/// How long an accusation waits for others in a storm: all who fell silent at once are probed within a beat.
const STORM: Duration = Duration::from_secs(6);
/// Between two accusations of one witness at least.
const PAUSE: Duration = Duration::from_secs(4);

impl Node {
    /// Signs what this witness holds against its subjects, and tells their other witnesses.
    pub(super) fn accusation_due(&mut self, now: Now, out: &mut Vec<Output>) {
        let Some(incarnation) = self.report.newest().map(|newest| newest.incarnation) else {
            return;
        };
        self.look_at_the_sky(now);
        if self.waits_for_more(now) {
            let at = now.monotonic + GATHER;
            return self.deadlines.hasten(Deadline::Accusation, at);
        }
        self.doubts.gathering = None;
        if self.has_nothing_to_add() {
            return;
        }
        let silent = self.doubts.accused.iter();
        let silent: Vec<Silent> = silent
            .map(|(&subject, &last)| Silent { subject, last })
            .take(limits::ACCUSED)
            .collect();
        let accusation = Accusation {
            witness: self.identity.device,
            number: self.doubts.next_number(incarnation),
            epoch: self.epoch(),
            log_size: self.ledger.roster().size(),
            time: now.wall,
            silent,
        };
        self.doubts.spoke = Some(now.monotonic);
        let signed = Signed::seal(accusation, self.identity.signer.as_ref());
        self.show_what_is_claimed(&signed, now, out);
        if self.doubts.weather.is_stormy(now.monotonic) {
            self.cry_out(signed, now, out);
        } else {
            self.tell_all_who_care(&signed, now, out);
            self.accused_by(signed, now, out);
        }
    }

    fn tell_all_who_care(&mut self, signed: &Signed<Accusation>, now: Now, out: &mut Vec<Output>) {
        let mut peers = self.co_witnesses(signed);
        // Whoever was told an accusation is told that it is over.
        if let Some(before) = self.silence.accusation(&self.identity.device) {
            peers.extend(self.co_witnesses(before));
        }
        self.doubts.told.clear();
        self.tell_co_witnesses(peers, signed, now, out);
    }

    /// In a storm a word goes along the tree, and to those only besides who were told the one before.
    fn cry_out(&mut self, signed: Signed<Accusation>, now: Now, out: &mut Vec<Output>) {
        self.doubts.told.retain(|peer| self.links.is_up(*peer));
        let told = self.doubts.told.iter();
        out.extend(told.map(|peer| accuse(*peer, &signed)));
        let piece = Evidence::from(&signed);
        self.accused_by(signed, now, out);
        self.spread(vec![piece], None, now, out);
        self.repeat_later(now);
    }

    /// A place far beyond what others were shown counts with its head only.
    fn show_what_is_claimed(&mut self, accusation: &Accusation, now: Now, out: &mut Vec<Output>) {
        let heads = accusation.silent.iter();
        let heads: Vec<Signed<Head>> = heads
            .filter_map(|silent| self.watch.head(&silent.subject))
            .filter(|head| self.silence.wants_to_see(head))
            .cloned()
            .collect();
        let pieces = heads.iter().map(Evidence::from).collect();
        for head in heads {
            self.silence.refute(head);
        }
        self.spread(pieces, None, now, out);
    }

    pub(super) fn tell_co_witnesses(
        &mut self,
        peers: BTreeSet<PeerKey>,
        signed: &Signed<Accusation>,
        now: Now,
        out: &mut Vec<Output>,
    ) {
        for peer in peers {
            self.doubts.pool(peer, now.monotonic);
            if self.links.is_up(peer) {
                self.doubts.told.insert(peer);
                out.push(accuse(peer, signed));
            }
        }
        self.deadlines.hasten(Deadline::Links, now.monotonic);
    }

    /// Seats have passed on: whoever holds one now hears what those before it were told.
    pub(super) fn tell_successors(&mut self, now: Now, out: &mut Vec<Output>) {
        let stormy = self.doubts.weather.is_stormy(now.monotonic);
        if self.doubts.accused.is_empty() || stormy {
            return;
        }
        let own = self.silence.accusation(&self.identity.device).cloned();
        let Some(own) = own else { return };
        let mut peers = self.co_witnesses_of_open(&own);
        peers.retain(|peer| !self.doubts.told.contains(peer));
        if !peers.is_empty() {
            self.tell_co_witnesses(peers, &own, now, out);
        }
    }

    /// A link to a co-witness stands: it hears what it would have been told.
    pub(super) fn repeat_accusation(&mut self, peer: PeerKey, out: &mut Vec<Output>) {
        let own = self.silence.accusation(&self.identity.device);
        if let Some(own) = own.filter(|own| self.co_witnesses_of_open(own).contains(&peer)) {
            out.push(accuse(peer, own));
            self.doubts.told.insert(peer);
        }
    }

    fn co_witnesses(&self, accusation: &Accusation) -> BTreeSet<PeerKey> {
        self.witnesses_of(accusation.silent.iter())
    }

    /// The co-witnesses for those whom the words of all do not hold down yet.
    pub(super) fn co_witnesses_of_open(&self, accusation: &Accusation) -> BTreeSet<PeerKey> {
        let down = self.silence.down();
        let named = accusation.silent.iter();
        self.witnesses_of(named.filter(|silent| !down.contains(&silent.subject)))
    }

    fn witnesses_of<'s>(&self, named: impl Iterator<Item = &'s Silent>) -> BTreeSet<PeerKey> {
        let rings = self.ledger.roster().rings();
        let seats = named.flat_map(|silent| rings.seats(&silent.subject, self.silence.down()));
        seats
            .filter(|seat| *seat != self.identity.device)
            .filter_map(|seat| self.peer(&seat))
            .collect()
    }

    pub(super) fn accuse_soon(&mut self, now: Now) {
        let pause = self.doubts.spoke.map(|spoke| spoke + PAUSE);
        let soon = now.monotonic + GATHER;
        let at = pause.map_or(soon, |pause| pause.max(soon));
        self.deadlines.hasten(Deadline::Accusation, at);
    }

    /// When many fall silent at once, one word about all of them is worth waiting for.
    fn waits_for_more(&mut self, now: Now) -> bool {
        let open = self.quiet_subjects(now);
        let since = *self.doubts.gathering.get_or_insert(now.monotonic);
        let patient = now.monotonic.since(since) < STORM;
        let stormy = self.doubts.weather.is_stormy(now.monotonic);
        let storm = stormy || self.silence.accused() >= CROWD;
        open > 0 && storm && patient
    }

    /// Whether this witness takes nothing back, and the words of others hold down everybody whom it would name anew.
    fn has_nothing_to_add(&self) -> bool {
        let Some(own) = self.silence.accusation(&self.identity.device) else {
            return false;
        };
        let accused = &self.doubts.accused;
        let mut named = own.silent.iter();
        let mut fresh = accused.keys().filter(|subject| own.of(subject).is_none());
        named.all(|silent| accused.contains_key(&silent.subject))
            && fresh.all(|subject| {
                self.silence.down().contains(subject) && !self.silence.is_inherited(subject)
            })
    }

    /// The words of others are not enough any more, or not for long: this witness's own may be needed.
    pub(super) fn speak_for(&mut self, devices: &[DeviceId], now: Now) {
        let is_accused = |device: &DeviceId| self.doubts.accused.contains_key(device);
        if devices.iter().any(is_accused) {
            self.accuse_soon(now);
        }
    }

    pub(super) fn open_accusation(&self, bytes: &[u8]) -> Option<Signed<Accusation>> {
        let unchecked = Unchecked::<Accusation>::parse(bytes).ok()?;
        let roster = self.ledger.roster();
        let key = &roster.member(&unchecked.claim().witness)?.membership.key;
        if !unchecked.claim().is_well_formed() {
            return None;
        }
        unchecked.check(key, self.identity.verifier.as_ref()).ok()
    }
}

fn accuse(to: PeerKey, accusation: &Signed<Accusation>) -> Output {
    let accusation = accusation.bytes().to_vec().into();
    Output::Send {
        to,
        message: Message::Accuse { accusation },
    }
}
