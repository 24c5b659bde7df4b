//! A certificate that a device is down is refuted by the device's next signed head, however many witnesses lie.
//!
//! The liars alone are a quorum here, so they certify whenever they like; all that holds them is that a
//! certificate names the newest head of its subject that the voters have seen, which only the subject signs.
//! Every head and certificate may reach anybody at any time and again later.

use std::fmt;

use protocol::limits::WITNESSES;
use protocol::quorum::liveness_quorum;
use protocol::record::{Incarnation, Position};

use super::explore::{Claim, Rules, explore, refute};
use super::{Model, Weakening};

pub const MODEL: Model = Model {
    name: "refutation",
    about: "nobody holds a live device down once its fresh head is everywhere; no old head revives a dead one",
    bounds: "8 witnesses of which 5 lie and certify alone, 2 observers; one head of the device's own \
             accord, one restart, one death, three certificates; any number of copies and delays",
    weakenings: &[
        Weakening::new("latest-wins", || {
            refute(Watch::with(Flaw::LatestWins), REFUTED)
        }),
        Weakening::new("any-head", || {
            refute(Watch::with(Flaw::AnyHead), STAYS_DOWN)
        }),
        Weakening::new("claimed-position", || {
            refute(Watch::with(Flaw::ClaimedPosition), REFUTED)
        }),
        Weakening::new("sequence-only", || {
            refute(Watch::with(Flaw::SequenceOnly), REFUTED)
        }),
        Weakening::new("no-answer", || refute(Watch::with(Flaw::NoAnswer), REFUTED)),
    ],
    explore: || explore(Watch::with(Flaw::None)),
};

const REFUTED: &str = "nobody holds a live device down once its fresh head is everywhere";
const STAYS_DOWN: &str = "no old head revives a dead device";

const OBSERVERS: usize = 2;
const LIARS: usize = 5;
const OWN_HEADS: u8 = 1;
const RESTARTS: u8 = 1;
const CERTIFICATES: usize = 3;

/// One subject, the liars among its witnesses, and those who believe what they can check.
#[derive(Debug)]
pub struct Watch {
    flaw: Flaw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// What arrives last counts, head or certificate.
    LatestWins,
    /// Any head refutes, not only one that is newer than what the certificate names.
    AnyHead,
    /// A certificate names whatever place its voters claim to have seen.
    ClaimedPosition,
    /// Sequences are compared without their incarnations.
    SequenceOnly,
    /// A device that is called down does not answer.
    NoAnswer,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    alive: bool,
    /// Everything that the subject has signed, in order.
    heads: Vec<Position>,
    own_heads: u8,
    restarts: u8,
    certificates: Vec<Certificate>,
    observers: Vec<Observer>,
}

/// The subject was silent after this head, as a quorum says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Certificate {
    silent_since: Position,
    /// Whether the subject has heard of it.
    answered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Observer {
    newest: Position,
    certified: Option<Position>,
    /// A bit for each certificate.
    heard: u8,
    down: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Speak,
    Restart,
    Die,
    Certify { silent_since: Position },
    Hear { certificate: usize },
    Head { observer: usize, head: Position },
    Certificate { observer: usize, certificate: usize },
}

impl Watch {
    fn with(flaw: Flaw) -> Self {
        Self { flaw }
    }

    /// Places at which the liars can certify the subject.
    fn certifiable(&self, state: &State) -> Vec<Position> {
        if liveness_quorum(WITNESSES).is_none_or(|quorum| LIARS < quorum) {
            return Vec::new();
        }
        let mut places = state.heads.clone();
        if self.flaw == Flaw::ClaimedPosition {
            places.push(Position::first(Incarnation(9)));
        }
        places.retain(|place| {
            let named = state.certificates.iter();
            named
                .map(|one| one.silent_since)
                .all(|known| known != *place)
        });
        places
    }

    /// Whether a head shows that its signer lived after the certified silence began.
    fn refutes(&self, head: Position, silent_since: Position) -> bool {
        match self.flaw {
            Flaw::SequenceOnly => head.sequence > silent_since.sequence,
            _ => head > silent_since,
        }
    }

    fn take_head(&self, observer: &mut Observer, head: Position) {
        observer.newest = observer.newest.max(head);
        observer.down = match self.flaw {
            Flaw::LatestWins | Flaw::AnyHead => false,
            _ => self.judges_down(observer),
        };
    }

    fn take_certificate(
        &self,
        observer: &mut Observer,
        certificate: usize,
        silent_since: Position,
    ) {
        observer.heard |= 1 << certificate;
        observer.certified = observer.certified.max(Some(silent_since));
        observer.down = match self.flaw {
            Flaw::LatestWins => true,
            _ => self.judges_down(observer),
        };
    }

    fn judges_down(&self, observer: &Observer) -> bool {
        let certified = observer.certified;
        certified.is_some_and(|silent_since| !self.refutes(observer.newest, silent_since))
    }

    fn answer(&self, state: &mut State, certificate: usize) {
        state.certificates[certificate].answered = true;
        let silent_since = state.certificates[certificate].silent_since;
        let newest = state.newest();
        if self.flaw != Flaw::NoAnswer && newest <= silent_since {
            state.heads.push(newest.next());
        }
    }
}

impl State {
    fn newest(&self) -> Position {
        *self
            .heads
            .last()
            .expect("the subject has signed its first head")
    }

    /// Everything new has arrived everywhere; only late copies still travel.
    fn is_at_rest(&self) -> bool {
        let all = (1 << self.certificates.len()) - 1;
        let told = |observer: &Observer| observer.newest == self.newest() && observer.heard == all;
        let answered = !self.alive || self.certificates.iter().all(|one| one.answered);
        answered && self.observers.iter().all(told)
    }
}

impl Rules for Watch {
    type State = State;
    type Event = Event;

    fn start(&self) -> State {
        let first = Position::default();
        let observer = Observer {
            newest: first,
            certified: None,
            heard: 0,
            down: false,
        };
        State {
            alive: true,
            heads: vec![first],
            own_heads: 0,
            restarts: 0,
            certificates: Vec::new(),
            observers: vec![observer; OBSERVERS],
        }
    }

    fn events(&self, state: &State, events: &mut Vec<Event>) {
        if state.alive {
            events.push(Event::Die);
            events.extend((state.own_heads < OWN_HEADS).then_some(Event::Speak));
            events.extend((state.restarts < RESTARTS).then_some(Event::Restart));
            let open = state
                .certificates
                .iter()
                .enumerate()
                .filter(|(_, one)| !one.answered);
            events.extend(open.map(|(certificate, _)| Event::Hear { certificate }));
        }
        if state.certificates.len() < CERTIFICATES {
            let places = self.certifiable(state).into_iter();
            events.extend(places.map(|silent_since| Event::Certify { silent_since }));
        }
        for observer in 0..state.observers.len() {
            let heads = state.heads.iter();
            events.extend(heads.map(|&head| Event::Head { observer, head }));
            let certificates = 0..state.certificates.len();
            events.extend(certificates.map(|certificate| Event::Certificate {
                observer,
                certificate,
            }));
        }
    }

    fn after(&self, state: &State, event: &Event) -> State {
        let mut next = state.clone();
        match *event {
            Event::Speak => {
                next.own_heads += 1;
                next.heads.push(state.newest().next());
            }
            Event::Restart => {
                next.restarts += 1;
                let incarnation = state.newest().incarnation.next();
                next.heads.push(Position::first(incarnation));
            }
            Event::Die => next.alive = false,
            Event::Certify { silent_since } => next.certificates.push(Certificate {
                silent_since,
                answered: false,
            }),
            Event::Hear { certificate } => self.answer(&mut next, certificate),
            Event::Head { observer, head } => self.take_head(&mut next.observers[observer], head),
            Event::Certificate {
                observer,
                certificate,
            } => {
                let silent_since = state.certificates[certificate].silent_since;
                self.take_certificate(&mut next.observers[observer], certificate, silent_since);
            }
        }
        next
    }

    fn canonical(&self, mut state: State) -> State {
        state.observers.sort_unstable();
        state
    }

    fn claims() -> Vec<Claim<Self>> {
        vec![
            Claim::<Self>::always(REFUTED, |_, state| {
                let down = state.observers.iter().any(|observer| observer.down);
                !(state.alive && state.is_at_rest() && down)
            }),
            Claim::<Self>::always(STAYS_DOWN, |_, state| {
                let certified = |one: &&Observer| one.certified >= Some(state.newest());
                let mut informed = state.observers.iter().filter(certified);
                state.alive || informed.all(|observer| observer.down)
            }),
            Claim::<Self>::sometimes("liars bring a live device down for a while", |_, state| {
                state.alive && state.observers.iter().any(|observer| observer.down)
            }),
            Claim::<Self>::sometimes("a dead device is down for everybody", |_, state| {
                !state.alive && state.observers.iter().all(|observer| observer.down)
            }),
        ]
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Speak => f.write_str("the device signs its next head"),
            Self::Restart => {
                f.write_str("the device restarts and signs the first head of its next incarnation")
            }
            Self::Die => f.write_str("the device dies"),
            Self::Certify { silent_since } => {
                write!(
                    f,
                    "the liars certify it silent since head {}",
                    Place(*silent_since)
                )
            }
            Self::Hear { certificate } => {
                write!(f, "the device hears of certificate {certificate}")
            }
            Self::Head { observer, head } => {
                write!(f, "head {} reaches observer {observer}", Place(*head))
            }
            Self::Certificate {
                observer,
                certificate,
            } => {
                write!(f, "certificate {certificate} reaches observer {observer}")
            }
        }
    }
}

struct Place(Position);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.incarnation.0, self.0.sequence)
    }
}
