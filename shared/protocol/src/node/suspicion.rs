//! What this witness saw of its subjects again and again, and the report that it signs of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::save::{Memory, Save};
use super::{Deadline, Node, Notice, Output};
use crate::evidence::Evidence;
use crate::id::{DeviceId, Epoch};
use crate::limits;
use crate::record::Position;
use crate::signed::{Signed, Unchecked};
use crate::silence::Changes;
use crate::suspicion::{self, Ground, Heard, Kin, Report, Suspect, Suspicion};
use crate::time::{Instant, Now, Timestamp};

/// What comes close together is reported at once.
const GATHER: Duration = Duration::from_secs(1);
/// A suspicion ends when nothing more was seen for this long.
const HOLD: Duration = Duration::from_secs(6 * 3600);
/// A device that was certified and answers within this time was there all along.
const PROMPT: Duration = Duration::from_secs(3);
/// Where more devices than these go down together it is a network that broke, and nobody lies.
const ALONE: usize = 2;
/// A certificate that is refuted counts once in this time: one quarrel is one sighting.
const APART: Duration = Duration::from_secs(60);
/// Devices that were accused falsely before it is a habit and not a broken path between two.
const VICTIMS: usize = 3;

/// Sightings, what follows from them, and what was last signed of that.
#[derive(Debug, Default)]
pub(super) struct Grounds {
    seen: BTreeMap<(DeviceId, Ground), Seen>,
    standing: BTreeMap<(DeviceId, Ground), Standing>,
    number: Option<Position>,
    spoke: Option<Instant>,
    /// Certificates that may be refuted yet: when each came, and whose word it was.
    certified: BTreeMap<DeviceId, (Instant, Vec<DeviceId>)>,
}

#[derive(Debug, Default)]
struct Seen {
    at: VecDeque<Instant>,
    /// Whom an accusation was about.
    victims: BTreeSet<DeviceId>,
}

#[derive(Debug, Clone, Copy)]
struct Standing {
    since: Timestamp,
    times: u32,
    until: Instant,
}

impl Grounds {
    /// What the last report says stands until nothing more was seen for a while; it takes a restart over.
    pub(super) fn recalled(report: Option<&Signed<Report>>, now: Instant) -> Self {
        let mut grounds = Self::default();
        let Some(report) = report else { return grounds };
        (grounds.number, grounds.spoke) = (Some(report.number), Some(now));
        for suspect in &report.suspects {
            let standing = Standing {
                since: suspect.since,
                times: suspect.times,
                until: now + HOLD,
            };
            let place = (suspect.subject, suspect.ground);
            grounds.standing.insert(place, standing);
        }
        grounds
    }

    /// Notes one sighting; says whether there is something to report.
    fn note(
        &mut self,
        subject: DeviceId,
        ground: Ground,
        victim: Option<DeviceId>,
        now: Now,
    ) -> bool {
        let threshold = ground.threshold();
        let seen = self.seen.entry((subject, ground)).or_default();
        seen.at
            .retain(|at| now.monotonic.since(*at) < threshold.within);
        if seen.at.is_empty() {
            seen.victims.clear();
        }
        seen.at.push_back(now.monotonic);
        if seen.at.len() > threshold.times {
            seen.at.pop_front();
        }
        if seen.victims.len() < VICTIMS {
            seen.victims.extend(victim);
        }
        let enough = seen.at.len() >= threshold.times;
        let habit = ground != Ground::Accusations || seen.victims.len() >= VICTIMS;
        let until = now.monotonic + HOLD;
        if let Some(standing) = self.standing.get_mut(&(subject, ground)) {
            standing.times = standing.times.saturating_add(1);
            standing.until = until;
            return false;
        }
        if enough && habit {
            let standing = Standing {
                since: now.wall,
                times: u32::try_from(threshold.times).unwrap_or(u32::MAX),
                until,
            };
            self.standing.insert((subject, ground), standing);
        }
        enough && habit
    }

    /// Whether this accuser's word was counted against it a moment ago.
    fn is_apart(&self, accuser: &DeviceId, now: Instant) -> bool {
        let seen = self.seen.get(&(*accuser, Ground::Accusations));
        let newest = seen.and_then(|seen| seen.at.back());
        newest.is_none_or(|newest| now.since(*newest) >= APART)
    }

    fn end_old(&mut self, now: Instant) {
        self.standing.retain(|_, standing| standing.until > now);
        self.seen.retain(|(_, ground), seen| {
            let within = ground.threshold().within;
            seen.at.back().is_some_and(|at| now.since(*at) < within)
        });
    }

    fn suspects(&self) -> Vec<Suspect> {
        let suspect = |(&(subject, ground), standing): (&(DeviceId, Ground), &Standing)| Suspect {
            subject,
            ground,
            since: standing.since,
            times: standing.times,
        };
        let standing = self.standing.iter().map(suspect);
        standing.take(limits::SUSPECTS).collect()
    }

    fn next_number(&mut self, life: Position) -> Position {
        let next = match self.number {
            Some(number) if number.incarnation == life.incarnation => number.next(),
            _ => Position::first(life.incarnation),
        };
        self.number = Some(next);
        next
    }
}

impl Node {
    /// Everybody's reports as this node knows them.
    pub fn suspicion(&self) -> &Suspicion {
        &self.suspicion
    }

    /// The last report of this node stands as if it had just been signed: a witness does not forget with its power.
    pub(super) fn recall_report(&mut self, memory: &Memory, now: Now, out: &mut Vec<Output>) {
        let report = memory.report.as_ref();
        let Some(report) = report.and_then(|bytes| self.open_report(bytes)) else {
            return;
        };
        self.grounds = Grounds::recalled(Some(&report), now.monotonic);
        let piece = piece(&report);
        if self.suspicion.take(report, now.wall) == Heard::Newer {
            self.spread(vec![piece], None, now, out);
        }
        self.deadlines
            .set(Deadline::Report, now.monotonic + suspicion::PAUSE);
    }

    /// Something was seen of a device. Only its witnesses have a word on it.
    pub(super) fn sighted(&mut self, subject: DeviceId, ground: Ground, now: Now) {
        if self.watch.watches(&subject) && self.grounds.note(subject, ground, None, now) {
            self.report_soon(now.monotonic);
        }
    }

    /// Whoever ends a link for what came over it has seen garbage.
    pub(super) fn sighted_garbage(&mut self, out: &[Output], now: Now) {
        let wrong = out.iter().filter_map(|output| match output {
            Output::Notice(Notice::Misbehaviour { peer, .. }) => self.device(*peer),
            _ => None,
        });
        for device in wrong.collect::<Vec<_>>() {
            self.sighted(device, Ground::Garbage, now);
            self.tried_by_garbage(&device, now);
        }
    }

    /// Whose word certified a device that answers at once has accused it falsely.
    pub(super) fn weigh_accusers(&mut self, changes: &Changes, now: Now) {
        let at = now.monotonic;
        let rings = self.ledger.roster().rings();
        let alone = changes.went_down.len() <= ALONE;
        self.grounds
            .certified
            .retain(|_, (since, _)| at.since(*since) < PROMPT);
        for device in changes.went_down.iter().filter(|_| alone) {
            let accusers = self.silence.accusers(device, rings);
            self.grounds.certified.insert(*device, (at, accusers));
        }
        let together = self.grounds.certified.len() > ALONE;
        for victim in &changes.came_back {
            let Some((_, accusers)) = self.grounds.certified.remove(victim) else {
                continue;
            };
            for accuser in accusers.into_iter().filter(|_| !together) {
                let apart = self.grounds.is_apart(&accuser, at);
                if self.watch.watches(&accuser)
                    && apart
                    && self
                        .grounds
                        .note(accuser, Ground::Accusations, Some(*victim), now)
                {
                    self.report_soon(at);
                }
            }
        }
    }

    /// Signs whom this witness suspects, if that is another than it last said.
    pub(super) fn report_due(&mut self, now: Now, out: &mut Vec<Output>) {
        self.deadlines
            .set(Deadline::Report, now.monotonic + suspicion::PAUSE);
        self.grounds.end_old(now.monotonic);
        let watch = &self.watch;
        self.grounds
            .standing
            .retain(|(subject, _), _| watch.watches(subject));
        let suspects = self.grounds.suspects();
        let me = self.identity.device;
        let said = self.suspicion.report(&me);
        let said = said.map_or(Vec::new(), |said| names(&said.suspects));
        let Some(life) = self.report.newest().filter(|_| self.boot.is_none()) else {
            return;
        };
        if said == names(&suspects) {
            return;
        }
        let report = Report {
            witness: me,
            number: self.grounds.next_number(life),
            epoch: Epoch::FROZEN,
            log_size: self.ledger.roster().size(),
            time: now.wall,
            kin: Kin::of(&self.host),
            suspects,
        };
        self.grounds.spoke = Some(now.monotonic);
        let report = Signed::seal(report, self.identity.signer.as_ref());
        out.push(Output::Save(Save::Report(report.bytes().to_vec())));
        self.reported(report, now, out);
    }

    /// Checks a report; what is returned is news that may be passed on.
    pub(super) fn take_report(
        &mut self,
        piece: Evidence,
        now: Now,
        out: &mut Vec<Output>,
    ) -> Result<Option<Evidence>, &'static str> {
        let Evidence::Report(bytes) = &piece else {
            return Ok(None);
        };
        let Ok(unchecked) = Unchecked::<Report>::parse(bytes) else {
            return Err("a report that cannot be read");
        };
        if self
            .ledger
            .roster()
            .member(&unchecked.claim().witness)
            .is_none()
        {
            return Ok(None);
        }
        let Some(report) = self.open_report(bytes) else {
            return Err("a report that does not check");
        };
        Ok(self.hold(report, now, out).then_some(piece))
    }

    fn reported(&mut self, report: Signed<Report>, now: Now, out: &mut Vec<Output>) {
        let piece = piece(&report);
        if self.hold(report, now, out) {
            self.spread(vec![piece], None, now, out);
        }
    }

    /// Whether a report is news. Whoever it makes suspected, or clears, is told to people.
    fn hold(&mut self, report: Signed<Report>, now: Now, out: &mut Vec<Output>) -> bool {
        let witness = report.witness;
        if self.ledger.roster().is_convicted(&witness) {
            return false;
        }
        let before = self
            .suspicion
            .report(&witness)
            .map(|before| piece(before).id());
        let mut concerned: BTreeSet<DeviceId> = named_by(&report);
        concerned.extend(
            self.suspicion
                .report(&witness)
                .into_iter()
                .flat_map(named_by),
        );
        let suspected = |node: &Self| -> BTreeSet<DeviceId> {
            let roster = node.ledger.roster();
            let is = |device: &&DeviceId| node.suspicion.case(device, roster).is_suspected();
            concerned.iter().filter(is).copied().collect()
        };
        let earlier = suspected(self);
        if self.suspicion.take(report, now.wall) == Heard::Stale {
            return false;
        }
        if let Some(before) = before {
            self.gossip.forget(&before);
        }
        let later = suspected(self);
        self.summon(concerned.iter(), now, out);
        for &device in later.difference(&earlier) {
            let case = self.suspicion.case(&device, self.ledger.roster());
            let (votes, seats) = (case.votes, self.ledger.roster().rings().jury(&device));
            out.push(Output::Notice(Notice::Suspected {
                device,
                votes,
                seats,
            }));
        }
        for &device in earlier.difference(&later) {
            out.push(Output::Notice(Notice::Cleared { device }));
        }
        true
    }

    fn open_report(&self, bytes: &[u8]) -> Option<Signed<Report>> {
        let unchecked = Unchecked::<Report>::parse(bytes).ok()?;
        let roster = self.ledger.roster();
        let key = &roster.member(&unchecked.claim().witness)?.membership.key;
        if !unchecked.claim().is_well_formed() {
            return None;
        }
        unchecked.check(key, self.identity.verifier.as_ref()).ok()
    }

    fn report_soon(&mut self, now: Instant) {
        let pause = self.grounds.spoke.map(|spoke| spoke + suspicion::PAUSE);
        let soon = now + GATHER;
        let at = pause.map_or(soon, |pause| pause.max(soon));
        self.deadlines.hasten(Deadline::Report, at);
    }
}

fn piece(report: &Signed<Report>) -> Evidence {
    Evidence::Report(report.bytes().to_vec().into())
}

fn named_by(report: &Signed<Report>) -> BTreeSet<DeviceId> {
    let suspects = report.suspects.iter();
    suspects.map(|suspect| suspect.subject).collect()
}

/// What is said, without how often it was seen.
fn names(suspects: &[Suspect]) -> Vec<(DeviceId, Ground)> {
    let suspects = suspects.iter();
    suspects
        .map(|suspect| (suspect.subject, suspect.ground))
        .collect()
}
