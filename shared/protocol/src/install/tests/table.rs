//! Every state with every fault: the table is made from the enum, so that a new state asks for its row.

use std::iter::successors;

use super::super::*;
use super::rig::{Device, OLD, Shell, target};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The power goes, before the act that is due was done, or behind it.
    Kill,
    /// The act fails.
    Error,
    /// The act never ends.
    Hang,
    /// The power goes each time the state is reached again.
    Loop,
}

const FAULTS: [Fault; 4] = [Fault::Kill, Fault::Error, Fault::Hang, Fault::Loop];
/// More often than any state allows.
const LOOPS: usize = 130;

fn each() -> impl Iterator<Item = State> {
    successors(Some(State::Announced), |state| match state {
        State::Announced => Some(State::Trusted),
        State::Trusted => Some(State::Fetched),
        State::Fetched => Some(State::Installed),
        State::Installed => Some(State::Probation),
        State::Probation => Some(State::Committed),
        State::Committed => Some(State::RolledBack(Reason::Unhealthy)),
        State::RolledBack(_) => Some(State::Refused(Reason::BelowFloor)),
        State::Refused(_) => None,
    })
}

/// How the update has to end.
fn end_of(state: &State, fault: Fault) -> State {
    let failed = |act| Reason::Failed(act, Mishap::Io);
    match (state, fault) {
        (State::RolledBack(_) | State::Refused(_) | State::Committed, _) => state.clone(),
        (_, Fault::Kill) => State::Committed,
        (State::Announced, Fault::Error) => State::Refused(failed(Act::Verify)),
        (State::Announced, Fault::Hang) => State::Refused(Reason::Hung(Act::Verify)),
        (State::Trusted, Fault::Error) => State::Refused(failed(Act::Fetch)),
        (State::Trusted, Fault::Hang) => State::Refused(Reason::Hung(Act::Fetch)),
        (State::Fetched, Fault::Error) => State::Refused(failed(Act::Stage)),
        (State::Fetched, Fault::Hang) => State::Refused(Reason::Hung(Act::Stage)),
        (State::Installed, Fault::Error) => State::RolledBack(failed(Act::Switch)),
        (State::Installed, Fault::Hang) => State::RolledBack(Reason::Hung(Act::Switch)),
        (State::Probation, Fault::Error) => State::RolledBack(Reason::Unhealthy),
        (State::Probation, Fault::Hang) => State::RolledBack(Reason::Hung(Act::Check)),
        (State::Probation, Fault::Loop) => State::RolledBack(Reason::Restarts),
        (_, Fault::Loop) => State::Refused(Reason::Restarts),
    }
}

/// A device whose update has just reached a state.
fn at(state: &State) -> Device {
    let mut device = Device::new();
    match state {
        State::RolledBack(_) => device.shell.healthy = false,
        State::Refused(_) => device.offer(0),
        _ => {}
    }
    device.order(1);
    device.run_until(state);
    device
}

fn strike(device: &mut Device, state: &State, fault: Fault) {
    match fault {
        Fault::Kill => device.restart(),
        Fault::Error | Fault::Hang => {
            let shell = if fault == Fault::Error {
                Shell::Badly
            } else {
                Shell::Never
            };
            device.shell.at = Some((state.clone(), shell));
            device.run_for(Duration::from_secs(8 * 86_400));
            device.shell.at = None;
        }
        Fault::Loop => {
            for _ in 0..LOOPS {
                device.restart();
            }
        }
    }
}

fn ends_as_it_must(mut device: Device, state: &State, fault: Fault) {
    device.settle();
    let (end, row) = (end_of(state, fault), format!("{state:?} with {fault:?}"));
    assert_eq!(device.state(), &end, "{row}");
    let runs_new = device.runs() == target(2);
    assert_eq!(runs_new, end == State::Committed, "{row}");
    let floor = if runs_new { Counter(2) } else { OLD };
    assert_eq!(device.install.floor(), floor, "{row}");
    let order = device
        .install
        .attempt()
        .expect("there was one")
        .order()
        .clone();
    let mut course = Course::new(order);
    for step in &device.said {
        assert_eq!(course.take(step), Ok(()), "{row}: {step:?}");
    }
    assert_eq!(course.reached(), Some(&end), "{row}");
}

#[test]
fn every_state_survives_every_fault() {
    let mut rows = 0;
    for state in each() {
        for fault in FAULTS {
            let mut device = at(&state);
            strike(&mut device, &state, fault);
            ends_as_it_must(device, &state, fault);
            rows += 1;
        }
    }
    assert_eq!(rows, 32);
}

#[test]
fn an_act_that_was_done_but_not_told_is_found_again() {
    for state in each() {
        let mut device = at(&state);
        device.do_next();
        device.restart();
        ends_as_it_must(device, &state, Fault::Kill);
    }
}

#[test]
fn two_kills_in_any_two_states_change_nothing() {
    for first in each() {
        for second in each() {
            let mut device = at(&first);
            device.restart();
            while device.install.is_busy() && device.state() != &second {
                device.go_on();
            }
            device.do_next();
            device.restart();
            ends_as_it_must(device, &first, Fault::Kill);
        }
    }
}
