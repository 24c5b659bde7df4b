//! Devices redeem one join line at a coordinator that loses power: the line admits one of them, once.
//!
//! The decisions are those of the shipped coordinator, which is started anew from its store for every event;
//! the model is the shell around it. What it has written is durable with the next commit, and nothing is
//! answered before; power may fail at every step, without limit.

mod desk;

use std::fmt;

use protocol::coordinator::save::TokenState;
use protocol::coordinator::{Input, Output};
use protocol::enrolment::EnrolAnswer;

use super::explore::{Claim, Rules, explore, refute};
use super::{Model, Weakening};
use desk::{Book, Desk};

pub const MODEL: Model = Model {
    name: "tokens",
    about: "one join line admits one device, and none after it was withdrawn or has expired",
    bounds: "one line that three devices hold, its withdrawal and its end; any number of power cuts, lost \
             answers and new tries",
    weakenings: &[
        Weakening::new("answer-first", || {
            refute(Office::with(Flaw::AnswersFirst), ONCE)
        }),
        Weakening::new("forgets-tokens", || {
            refute(Office::with(Flaw::ForgetsTokens), ONCE)
        }),
        Weakening::new("torn-commit", || {
            refute(Office::with(Flaw::TornCommit), NOT_IN_VAIN)
        }),
        Weakening::new("checked-at-hello", || {
            refute(Office::with(Flaw::ChecksAtHello), ONCE)
        }),
    ],
    explore: || explore(Office::with(Flaw::None)),
};

const ONCE: &str = "one join line admits one device";
const NOT_IN_VAIN: &str = "no line is spent for nobody";

const DEVICES: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// Answers leave before what they say is durable.
    AnswersFirst,
    /// What becomes of a join line is only in memory.
    ForgetsTokens,
    /// Each write becomes durable by itself.
    TornCommit,
    /// A line that was good when the device knocked is not looked at again.
    ChecksAtHello,
}

/// The coordinator's host, and those who hold the line.
#[derive(Debug)]
pub struct Office {
    desk: Desk,
    flaw: Flaw,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    book: Book,
    answers: Vec<Answer>,
    devices: [Device; DEVICES],
    withdrawal: Withdrawal,
    expired: bool,
    power_has_failed: bool,
    /// A device was admitted on a line that was no longer good.
    admitted_late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Answer {
    device: usize,
    welcome: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Device {
    Outside,
    /// Its handshake is complete: it has shown the secret of the line.
    AtTheDesk,
    Waiting,
    Member,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Withdrawal {
    No,
    Ordered,
    /// The operator was told that it stands.
    Confirmed,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Knock { device: usize },
    Ask { device: usize },
    Commit,
    Answer { device: usize },
    LoseAnswer { device: usize },
    PowerCut,
    Withdraw,
    Expire,
}

impl Office {
    fn with(flaw: Flaw) -> Self {
        Self {
            desk: Desk::new(),
            flaw,
        }
    }

    /// The listener looks the line up among what is durable.
    fn knock(&self, next: &mut State, device: usize) {
        let now = Desk::now(next.expired);
        let machine = self.desk.restarted(&next.book, now);
        next.devices[device] = match machine.usable_token(self.desk.token(), now.wall) {
            Ok(_) => Device::AtTheDesk,
            Err(_) => Device::Refused,
        };
    }

    fn ask(&self, next: &mut State, device: usize) {
        let warrant = match self.flaw {
            Flaw::ChecksAtHello => self.desk.approval(),
            _ => self.desk.line(),
        };
        let enrol = Input::Enrol(Box::new(self.desk.enrol(device, warrant)));
        for output in self.handle(next, enrol) {
            let Output::Enrolled { answer, .. } = output else {
                continue;
            };
            let welcome = matches!(answer, EnrolAnswer::Welcome(_));
            next.answers.push(Answer { device, welcome });
            next.admitted_late |= welcome && (next.expired || next.withdrawal != Withdrawal::No);
        }
        next.devices[device] = Device::Waiting;
    }

    /// The machine as memory has it: with the writes that are not durable yet.
    fn handle(&self, next: &mut State, input: Input) -> Vec<Output> {
        let now = Desk::now(next.expired);
        let mut machine = self.desk.running(&next.book, now);
        let outputs = machine.handle(input, now);
        let saves = outputs.iter().filter_map(|output| match output {
            Output::Save(save) => Some(save.clone()),
            _ => None,
        });
        next.book.write(saves);
        outputs
    }

    fn commit(&self, next: &mut State) {
        match self.flaw {
            Flaw::TornCommit => next.book.commit_one(),
            Flaw::ForgetsTokens => next.book.commit_but_tokens(),
            _ => next.book.commit(),
        }
        if next.book.is_clean() && next.withdrawal == Withdrawal::Ordered {
            next.withdrawal = Withdrawal::Confirmed;
        }
    }

    fn may_answer(&self, state: &State) -> bool {
        state.book.is_clean() || self.flaw == Flaw::AnswersFirst
    }
}

fn power_cut(next: &mut State) {
    next.power_has_failed = true;
    next.book.crash();
    next.answers.clear();
    for device in &mut next.devices {
        if matches!(device, Device::AtTheDesk | Device::Waiting) {
            *device = Device::Outside;
        }
    }
    if next.withdrawal == Withdrawal::Ordered {
        next.withdrawal = Withdrawal::No;
    }
}

impl State {
    fn members(&self) -> usize {
        let count = |device: &&Device| **device == Device::Member;
        self.devices.iter().filter(count).count()
    }

    fn spends_for_nobody(&self, token: protocol::enrolment::TokenId) -> bool {
        let used = matches!(self.book.state_of(token), Some(TokenState::Used { .. }));
        self.book.is_clean() && used && self.book.admitted_durably() == 0
    }
}

impl Rules for Office {
    type State = State;
    type Event = Event;

    fn start(&self) -> State {
        State {
            book: self.desk.opened(),
            answers: Vec::new(),
            devices: [Device::Outside; DEVICES],
            withdrawal: Withdrawal::No,
            expired: false,
            power_has_failed: false,
            admitted_late: false,
        }
    }

    fn events(&self, state: &State, events: &mut Vec<Event>) {
        for (device, phase) in state.devices.iter().enumerate() {
            match phase {
                Device::Outside => events.push(Event::Knock { device }),
                Device::AtTheDesk => events.push(Event::Ask { device }),
                Device::Waiting | Device::Member | Device::Refused => {}
            }
        }
        if !state.book.is_clean() {
            events.push(Event::Commit);
        }
        if let Some(answer) = state.answers.first().filter(|_| self.may_answer(state)) {
            let device = answer.device;
            events.extend([Event::Answer { device }, Event::LoseAnswer { device }]);
        }
        events.push(Event::PowerCut);
        if state.withdrawal == Withdrawal::No {
            events.push(Event::Withdraw);
        }
        if !state.expired {
            events.push(Event::Expire);
        }
    }

    fn after(&self, state: &State, event: &Event) -> State {
        let mut next = state.clone();
        match *event {
            Event::Knock { device } => self.knock(&mut next, device),
            Event::Ask { device } => self.ask(&mut next, device),
            Event::Commit => self.commit(&mut next),
            Event::Answer { device } => {
                next.devices[device] = match next.answers.remove(0).welcome {
                    true => Device::Member,
                    false => Device::Refused,
                };
            }
            Event::LoseAnswer { device } => {
                next.answers.remove(0);
                next.devices[device] = Device::Outside;
            }
            Event::PowerCut => power_cut(&mut next),
            Event::Withdraw => {
                self.handle(&mut next, self.desk.withdraw());
                next.withdrawal = Withdrawal::Ordered;
            }
            Event::Expire => next.expired = true,
        }
        next
    }

    fn claims() -> Vec<Claim<Self>> {
        vec![
            Claim::<Self>::always(ONCE, |_, state| {
                state.book.admitted() <= 1 && state.members() <= 1
            }),
            Claim::<Self>::always("whoever is welcomed is a member on the disk", |_, state| {
                state.members() <= state.book.admitted_durably()
            }),
            Claim::<Self>::always(NOT_IN_VAIN, |office, state| {
                !state.spends_for_nobody(office.desk.token())
            }),
            Claim::<Self>::always(
                "a line that was withdrawn or has expired admits nobody",
                |_, state| !state.admitted_late,
            ),
            Claim::<Self>::sometimes("a device gets in after the power has failed", |_, state| {
                state.power_has_failed && state.members() == 1
            }),
            Claim::<Self>::sometimes("one device gets in and another is refused", |_, state| {
                state.members() == 1 && state.devices.contains(&Device::Refused)
            }),
        ]
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Knock { device } => write!(f, "device {device} knocks with the line"),
            Self::Ask { device } => write!(f, "device {device} asks to be admitted"),
            Self::Commit => f.write_str("the store commits"),
            Self::Answer { device } => write!(f, "the answer reaches device {device}"),
            Self::LoseAnswer { device } => write!(f, "the answer to device {device} is lost"),
            Self::PowerCut => f.write_str("the coordinator's power fails and returns"),
            Self::Withdraw => f.write_str("the operator withdraws the line"),
            Self::Expire => f.write_str("the line's time is over"),
        }
    }
}
