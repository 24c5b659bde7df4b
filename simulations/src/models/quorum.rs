//! Witnesses judge one subject in one epoch, some of them lie: no two certificates contradict each other.
//!
//! A word once sent may reach anybody, at any time and any number of times, and never for certain: what was
//! sent is a set that only grows, and a certificate exists when somebody could hold enough of it. Power may
//! fail at every step, without limit. The counting is `protocol::quorum`.

use std::fmt;

use protocol::quorum::{suspect_quorum, votes};

use super::explore::{Claim, Rules, explore, refute};
use super::{Model, Weakening};

pub const MODEL: Model = Model {
    name: "quorum",
    about: "two certificates about one subject in one epoch never contradict each other",
    bounds: "8 witnesses of which 2 lie, 6 votes; one subject, one epoch, two contradictory words; \
             any number of power cuts, copies, delays and losses",
    weakenings: &[
        Weakening::new("volatile", || refute(Jury::full(Flaw::SavesNothing), AGREE)),
        Weakening::new("send-first", || refute(Jury::full(Flaw::SendsFirst), AGREE)),
        Weakening::new("repeats", || refute(Jury::full(Flaw::CountsRepeats), AGREE)),
        Weakening::new("strangers", || {
            refute(Jury::full(Flaw::CountsStrangers), AGREE)
        }),
        Weakening::new("quorum-5", || refute(Jury::with(5, 2), AGREE)),
        Weakening::new("quorum-4", || refute(Jury::with(4, 2), AGREE)),
        Weakening::new("quorum-7", || refute(Jury::with(7, 2), ENOUGH)),
        Weakening::new("four-liars", || refute(Jury::with(6, 4), AGREE)),
    ],
    explore: || explore(Jury::full(Flaw::None)),
};

const AGREE: &str = "two certificates never contradict each other";
const ENOUGH: &str = "the honest certify without the liars";

/// The witnesses of one subject; the liars have the last numbers, a stranger without a seat the one after.
#[derive(Debug)]
pub struct Jury {
    seats: Vec<usize>,
    liars: usize,
    quorum: usize,
    flaw: Flaw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// What a witness signed is only in its memory.
    SavesNothing,
    /// The word leaves before it is saved.
    SendsFirst,
    /// Two copies of one vote are two votes.
    CountsRepeats,
    /// Votes count whoever cast them.
    CountsStrangers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    Suspect,
    Clear,
}

/// Which of the two words somebody has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Sent {
    suspect: bool,
    clear: bool,
}

/// What a witness still has to do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
enum Outbox {
    #[default]
    Empty,
    SaveAndSend,
    Send,
    SendAndSave,
    Save,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Witness {
    memory: Option<Word>,
    disk: Option<Word>,
    outbox: Outbox,
    sent: Sent,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    honest: Vec<Witness>,
    liars: Vec<Sent>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Lie { liar: usize, word: Word },
    Judge { witness: usize, word: Word },
    Save { witness: usize, word: Word },
    Send { witness: usize, word: Word },
    PowerCut { witness: usize },
}

impl Jury {
    /// A jury of so many witnesses with the quorum that ships, and as many liars as it bears.
    pub fn of(witnesses: usize) -> Option<Self> {
        let quorum = suspect_quorum(witnesses)?;
        Some(Self {
            seats: (0..witnesses).collect(),
            liars: witnesses - quorum,
            quorum,
            flaw: Flaw::None,
        })
    }

    fn full(flaw: Flaw) -> Self {
        let jury = Self::of(protocol::limits::WITNESSES).expect("the full jury has a quorum");
        Self { flaw, ..jury }
    }

    fn with(quorum: usize, liars: usize) -> Self {
        Self {
            quorum,
            liars,
            ..Self::full(Flaw::None)
        }
    }

    fn honest(&self) -> usize {
        self.seats.len() - self.liars
    }

    /// Whether somebody could hold a certificate: everything sent has arrived, twice.
    fn certifies(&self, state: &State, word: Word) -> bool {
        let honest = state.honest.iter().map(|witness| witness.sent);
        let stranger = Sent {
            suspect: true,
            clear: true,
        };
        let sent = honest.chain(state.liars.iter().copied()).chain([stranger]);
        let signers = sent.enumerate().filter(|(_, sent)| sent.has(word));
        let arrived: Vec<usize> = signers.flat_map(|(signer, _)| [signer; 2]).collect();
        let counted = match self.flaw {
            Flaw::CountsRepeats => arrived
                .iter()
                .filter(|one| self.seats.contains(one))
                .count(),
            Flaw::CountsStrangers => votes(&arrived, &arrived),
            Flaw::None | Flaw::SavesNothing | Flaw::SendsFirst => votes(&self.seats, &arrived),
        };
        counted >= self.quorum
    }

    /// What a witness begins when it judges: the whole of the rule that one word is saved, then sent.
    fn judge(&self, witness: &mut Witness, word: Word) {
        let known = witness.memory == Some(word);
        witness.memory = Some(word);
        witness.outbox = match self.flaw {
            _ if known => Outbox::Send,
            Flaw::SavesNothing => Outbox::Send,
            Flaw::SendsFirst => Outbox::SendAndSave,
            _ => Outbox::SaveAndSend,
        };
    }
}

impl Rules for Jury {
    type State = State;
    type Event = Event;

    fn start(&self) -> State {
        State {
            honest: vec![Witness::default(); self.honest()],
            liars: vec![Sent::default(); self.liars],
        }
    }

    fn events(&self, state: &State, events: &mut Vec<Event>) {
        let untouched = state.honest.iter().all(|one| *one == Witness::default());
        if untouched {
            // Nothing that a liar says changes what others do, so all lies may as well come first.
            for (index, sent) in state.liars.iter().enumerate() {
                let liar = self.honest() + index;
                let new = Word::BOTH.into_iter().filter(|word| !sent.has(*word));
                events.extend(new.map(|word| Event::Lie { liar, word }));
            }
        }
        for (index, witness) in state.honest.iter().enumerate() {
            witness.events(index, events);
        }
    }

    fn after(&self, state: &State, event: &Event) -> State {
        let mut next = state.clone();
        match *event {
            Event::Lie { liar, word } => next.liars[liar - self.honest()].add(word),
            Event::Judge { witness, word } => self.judge(&mut next.honest[witness], word),
            Event::Save { witness, word } => next.honest[witness].save(word),
            Event::Send { witness, word } => next.honest[witness].send(word),
            Event::PowerCut { witness } => next.honest[witness].restart(),
        }
        next
    }

    fn canonical(&self, mut state: State) -> State {
        state.honest.sort_unstable();
        state.liars.sort_unstable();
        state
    }

    fn claims() -> Vec<Claim<Self>> {
        vec![
            Claim::<Self>::always(AGREE, |jury, state| {
                !(jury.certifies(state, Word::Suspect) && jury.certifies(state, Word::Clear))
            }),
            Claim::<Self>::sometimes(ENOUGH, |jury, state| {
                let silent = state.liars.iter().all(|sent| *sent == Sent::default());
                silent && jury.certifies(state, Word::Suspect)
            }),
        ]
    }
}

impl Witness {
    fn events(&self, witness: usize, events: &mut Vec<Event>) {
        match (self.memory, self.outbox) {
            (None, _) => events.extend(Word::BOTH.map(|word| Event::Judge { witness, word })),
            (Some(word), Outbox::Empty) if !self.sent.has(word) => {
                events.push(Event::Judge { witness, word });
            }
            (Some(_), Outbox::Empty) => {}
            (Some(word), Outbox::SaveAndSend | Outbox::Save) => {
                events.push(Event::Save { witness, word });
            }
            (Some(word), Outbox::Send | Outbox::SendAndSave) => {
                events.push(Event::Send { witness, word });
            }
        }
        events.push(Event::PowerCut { witness });
    }

    fn save(&mut self, word: Word) {
        self.disk = Some(word);
        self.outbox = match self.outbox {
            Outbox::SaveAndSend => Outbox::Send,
            _ => Outbox::Empty,
        };
    }

    fn send(&mut self, word: Word) {
        self.sent.add(word);
        self.outbox = match self.outbox {
            Outbox::SendAndSave => Outbox::Save,
            _ => Outbox::Empty,
        };
    }

    fn restart(&mut self) {
        self.memory = self.disk;
        self.outbox = Outbox::Empty;
    }
}

impl Word {
    const BOTH: [Self; 2] = [Self::Suspect, Self::Clear];
}

impl Sent {
    const fn has(self, word: Word) -> bool {
        match word {
            Word::Suspect => self.suspect,
            Word::Clear => self.clear,
        }
    }

    const fn add(&mut self, word: Word) {
        match word {
            Word::Suspect => self.suspect = true,
            Word::Clear => self.clear = true,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Suspect => "SUSPECT",
            Self::Clear => "CLEAR",
        })
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lie { liar, word } => write!(f, "liar {liar} signs {word} and sends it"),
            Self::Judge { witness, word } => write!(f, "witness {witness} judges {word}"),
            Self::Save { witness, word } => {
                write!(f, "witness {witness} saves that it signed {word}")
            }
            Self::Send { witness, word } => write!(f, "witness {witness} sends {word}"),
            Self::PowerCut { witness } => {
                write!(f, "the power of witness {witness} fails and returns")
            }
        }
    }
}
