//! An administrator revokes a device while the mesh is cut and the admission key is stolen: whoever has heard
//! of it never lets the device in again, and after the heal everybody has.
//!
//! The doors and the logs are those of the shipped roster. The thief of the admission key writes what he
//! likes into the identity log, shows two versions of it, suspends and renews, and signs revocations in the
//! administrator's place. Pages of the log reach anybody at any time; members give each other what they know
//! wherever the cut lets them.

mod archive;
mod log;

use std::fmt;

use super::explore::{Claim, Rules, explore, refute};
use super::{Model, Weakening};
use archive::Archive;
use log::{Entry, Log};

pub const MODEL: Model = Model {
    name: "revocation",
    about: "whoever has heard of a revocation never lets the device in again, and after a heal everybody has",
    bounds: "three members, one device, one administrator, a stolen admission key; two versions of the log with \
             two entries each behind the admission; three days, one cut at a time; any number of restarts",
    weakenings: &[
        Weakening::new("latest-wins", || {
            refute(Mesh::with(Flaw::LatestWins), STAYS_OUT)
        }),
        Weakening::new("suspension-overrides", || {
            refute(Mesh::with(Flaw::SuspensionOverrides), STAYS_OUT)
        }),
        Weakening::new("any-signature", || {
            refute(Mesh::with(Flaw::AnySignature), ONE_DAY)
        }),
        Weakening::new("log-only", || refute(Mesh::with(Flaw::LogOnly), SPREADS)),
        Weakening::new("volatile", || {
            refute(Mesh::with(Flaw::SavesNothing), STAYS_OUT)
        }),
        Weakening::new("id-only", || refute(Mesh::with(Flaw::IdOnly), STAYS_OUT)),
    ],
    explore: || explore(Mesh::with(Flaw::None)),
};

const STAYS_OUT: &str = "whoever has heard of the revocation never lets the device in";
const ONE_DAY: &str = "the admission key alone shuts nobody out for more than a day";
const SPREADS: &str = "after the heal everybody shuts the device out";

const MEMBERS: usize = 3;
const LAST_DAY: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// What arrives last about a device counts.
    LatestWins,
    /// A suspension in the log takes the place of a revocation.
    SuspensionOverrides,
    /// The admission key's signature is good under a revocation.
    AnySignature,
    /// Revocations travel in the log and in no other way.
    LogOnly,
    /// What was heard by gossip is only in memory.
    SavesNothing,
    /// A door looks at the id that is shown, and not at the key behind it.
    IdOnly,
}

#[derive(Debug)]
pub struct Mesh {
    archive: Archive,
    flaw: Flaw,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    day: u8,
    /// The versions of the log that the thief shows, the first of them also to begin with.
    logs: [Log; 2],
    /// The place of the log for which the administrator has signed.
    revoked_at: Option<u8>,
    members: [Member; MEMBERS],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Member {
    side: Side,
    log: Log,
    /// Whether its set of revocations, which only grows, holds the administrator's word.
    revocation: bool,
    heard: bool,
    /// What arrived last, where that matters.
    latest: Option<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Side {
    Near,
    Far,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Log { version: usize, entry: Entry },
    Page { member: usize, version: usize },
    Revoke { member: usize },
    Meet { from: usize, to: usize },
    Cut { member: usize },
    Heal,
    Restart { member: usize },
    NextDay,
}

impl Mesh {
    fn with(flaw: Flaw) -> Self {
        Self {
            archive: Archive::new(),
            flaw,
        }
    }

    /// What the thief can put behind a version of the log.
    fn entries(&self, state: &State, version: usize) -> Vec<Entry> {
        let log = &state.logs[version];
        if log.is_full() {
            return Vec::new();
        }
        let mut entries = vec![
            Entry::Renewal,
            Entry::Suspension { day: state.day },
            Entry::Forgery,
        ];
        if state.revoked_at == Some(log.len()) {
            entries.push(Entry::Revocation);
        }
        entries
    }

    fn takes_page(&self, member: &Member, page: &Log) -> bool {
        let trusting = self.flaw == Flaw::AnySignature && page.starts_with(&member.log);
        member.log.len() < page.len() && (trusting || self.archive.extends(&member.log, page))
    }

    fn take_page(&self, member: &mut Member, page: Log) {
        if self.flaw == Flaw::LatestWins {
            member.latest = page.last_word().or(member.latest);
        }
        member.log = page;
        member.heard |= page.has(Entry::Revocation);
    }

    fn take_revocation(&self, member: &mut Member) {
        if self.flaw == Flaw::LatestWins && !member.revocation {
            member.latest = Some(Entry::Revocation);
        }
        member.revocation = true;
        member.heard = true;
    }

    fn meet(&self, from: &Member, to: &mut Member) {
        if from.revocation {
            self.take_revocation(to);
        }
        if self.takes_page(to, &from.log) {
            self.take_page(to, from.log);
        }
    }

    fn after_meeting(&self, state: &State, from: usize, to: usize) -> Member {
        let mut informed = state.members[to];
        self.meet(&state.members[from], &mut informed);
        informed
    }

    /// Whether a member lets the device in, whatever it shows of what the thief has signed for it.
    fn lets_in(&self, state: &State, member: &Member) -> bool {
        let log = self.archive.honest_part(&member.log);
        let by_log = |log: &Log| self.archive.lets_in(log, &state.logs, state.day);
        let running = |day: u8| state.day <= day;
        match self.flaw {
            Flaw::LatestWins => match member.latest {
                Some(Entry::Revocation) => false,
                Some(Entry::Suspension { day }) => !running(day),
                _ => true,
            },
            Flaw::SuspensionOverrides => match member.log.suspension() {
                Some(day) => !running(day),
                None => !member.revocation && by_log(&log),
            },
            Flaw::AnySignature if member.log.has(Entry::Forgery) => false,
            Flaw::IdOnly => self.archive.opens_to_another_id(state.day),
            _ => !member.revocation && by_log(&log),
        }
    }

    /// All are together and have nothing left to tell each other.
    fn is_at_rest(&self, state: &State) -> bool {
        let together = state.members.iter().all(|member| member.side == Side::Near);
        let pairs = (0..MEMBERS).flat_map(|from| (0..MEMBERS).map(move |to| (from, to)));
        let mut others = pairs.filter(|(from, to)| from != to);
        let known = |(from, to)| self.after_meeting(state, from, to) == state.members[to];
        together && others.all(known) && self.log_is_read(state)
    }

    /// Where the log is all there is, its first version has to arrive before anything is claimed.
    fn log_is_read(&self, state: &State) -> bool {
        let mut members = state.members.iter();
        self.flaw != Flaw::LogOnly || !members.any(|member| self.takes_page(member, &state.logs[0]))
    }

    /// Who shuts the device out although no administrator has spoken and no suspension of his log runs.
    fn overreaches(&self, state: &State, member: &Member) -> bool {
        let suspended = member.log.suspension().is_some_and(|day| state.day <= day);
        state.revoked_at.is_none() && !suspended && !self.lets_in(state, member)
    }
}

impl Rules for Mesh {
    type State = State;
    type Event = Event;

    fn start(&self) -> State {
        let member = Member {
            side: Side::Near,
            log: Log::FIRST,
            revocation: false,
            heard: false,
            latest: None,
        };
        State {
            day: 0,
            logs: [Log::FIRST; 2],
            revoked_at: None,
            members: [member; MEMBERS],
        }
    }

    fn events(&self, state: &State, events: &mut Vec<Event>) {
        for version in 0..state.logs.len() {
            let entries = self.entries(state, version).into_iter();
            events.extend(entries.map(|entry| Event::Log { version, entry }));
        }
        for (member, known) in state.members.iter().enumerate() {
            let versions = 0..state.logs.len();
            let new = versions.filter(|&version| self.takes_page(known, &state.logs[version]));
            events.extend(new.map(|version| Event::Page { member, version }));
            let has_room = self.flaw != Flaw::LogOnly || !state.logs[0].is_full();
            let revocable = state.revoked_at.is_none() && has_room;
            events.extend(revocable.then_some(Event::Revoke { member }));
            events.extend((known.side == Side::Near).then_some(Event::Cut { member }));
            events.extend(known.revocation.then_some(Event::Restart { member }));
            let others = state.members.iter().enumerate();
            let near = others.filter(|(to, other)| *to != member && other.side == known.side);
            events.extend(near.map(|(to, _)| Event::Meet { from: member, to }));
        }
        events.push(Event::Heal);
        events.extend((state.day < LAST_DAY).then_some(Event::NextDay));
    }

    fn after(&self, state: &State, event: &Event) -> State {
        let mut next = state.clone();
        match *event {
            Event::Log { version, entry } => next.logs[version].push(entry),
            Event::Page { member, version } => {
                self.take_page(&mut next.members[member], state.logs[version]);
            }
            Event::Revoke { member } => {
                next.revoked_at = Some(state.logs[0].len());
                match self.flaw {
                    Flaw::LogOnly => next.logs[0].push(Entry::Revocation),
                    _ => self.take_revocation(&mut next.members[member]),
                }
            }
            Event::Meet { from, to } => next.members[to] = self.after_meeting(state, from, to),
            Event::Cut { member } => next.members[member].side = Side::Far,
            Event::Heal => next
                .members
                .iter_mut()
                .for_each(|member| member.side = Side::Near),
            Event::Restart { member } => {
                next.members[member].revocation = self.flaw != Flaw::SavesNothing;
            }
            Event::NextDay => next.day += 1,
        }
        next
    }

    fn canonical(&self, mut state: State) -> State {
        state.members.sort_unstable();
        state
    }

    fn claims() -> Vec<Claim<Self>> {
        vec![
            Claim::<Self>::always(STAYS_OUT, |mesh, state| {
                let mut informed = state.members.iter().filter(|member| member.heard);
                !informed.any(|member| mesh.lets_in(state, member))
            }),
            Claim::<Self>::always(ONE_DAY, |mesh, state| {
                !state
                    .members
                    .iter()
                    .any(|member| mesh.overreaches(state, member))
            }),
            Claim::<Self>::always(SPREADS, |mesh, state| {
                let spoken = state.revoked_at.is_some();
                let open = state
                    .members
                    .iter()
                    .any(|member| mesh.lets_in(state, member));
                !(spoken && mesh.is_at_rest(state) && open)
            }),
            Claim::<Self>::sometimes(
                "a cut keeps a revocation from some members",
                |mesh, state| {
                    let open = state
                        .members
                        .iter()
                        .any(|member| mesh.lets_in(state, member));
                    open && state.members.iter().any(|member| member.heard)
                },
            ),
            Claim::<Self>::sometimes("a suspended device is let in again", |mesh, state| {
                let over = |member: &Member| member.log.suspension().is_some();
                state
                    .members
                    .iter()
                    .any(|member| over(member) && mesh.lets_in(state, member))
            }),
            Claim::<Self>::sometimes(
                "members with two versions of the log all refuse",
                |mesh, state| {
                    let mut all = state.members.iter();
                    let forked = !state.members[0]
                        .log
                        .agrees_with(&state.members[MEMBERS - 1].log);
                    forked
                        && mesh.is_at_rest(state)
                        && all.all(|member| !mesh.lets_in(state, member))
                },
            ),
        ]
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log { version, entry } => {
                write!(
                    f,
                    "the thief puts {entry} into version {version} of the log"
                )
            }
            Self::Page { member, version } => {
                write!(f, "version {version} of the log reaches member {member}")
            }
            Self::Revoke { member } => {
                write!(
                    f,
                    "the administrator revokes the device, at member {member}"
                )
            }
            Self::Meet { from, to } => write!(f, "member {to} learns what member {from} knows"),
            Self::Cut { member } => write!(f, "member {member} is cut off to the far side"),
            Self::Heal => f.write_str("the cut heals"),
            Self::Restart { member } => write!(f, "member {member} restarts"),
            Self::NextDay => f.write_str("a day passes"),
        }
    }
}
