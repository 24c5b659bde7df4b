//! Comparisons that were made, and whose turn it is to make one.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::text::Name;

use super::Compared;
use crate::releases::contents::File;

/// Comparisons that are kept: as many as drafts may wait, and as many that people asked for.
const KEPT: usize = 32;

/// How long somebody waits for others' comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    UntilMade,
    AtMost(Duration),
}

/// Files never change under their hashes, and reading two images takes its time: what was made is kept, and one
/// comparison is made at a time, so that nobody who asks again and again has the disk for himself.
#[derive(Debug, Default)]
pub struct Comparisons {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    kept: VecDeque<(Pair, Outcome)>,
    making: Making,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Making {
    #[default]
    None,
    One,
}

/// What is compared: versions as they are called, images, and lists of parts.
type Pair = [(Name, [u8; 32], Option<[u8; 32]>); 2];
/// Files and parts.
type Outcome = (Compared<File>, Compared<String>);

impl Comparisons {
    /// What was made before, or what is made now; nothing where others' turn takes longer than is waited.
    pub fn of(&self, pair: Pair, wait: Wait, make: impl FnOnce() -> Outcome) -> Option<Outcome> {
        let turn = match self.turn(&pair, wait)? {
            Turn::Made(known) => return Some(known),
            Turn::Own(turn) => turn,
        };
        let made = make();
        turn.keep(pair, made.clone());
        Some(made)
    }

    fn turn(&self, pair: &Pair, wait: Wait) -> Option<Turn<'_>> {
        let others = |state: &mut State| state.making == Making::One && state.known(pair).is_none();
        let mut state = match wait {
            Wait::UntilMade => {
                let state = self.ended.wait_while(self.state(), others);
                state.unwrap_or_else(PoisonError::into_inner)
            }
            Wait::AtMost(patience) => {
                let waited = self
                    .ended
                    .wait_timeout_while(self.state(), patience, others);
                let (state, late) = waited.unwrap_or_else(PoisonError::into_inner);
                if late.timed_out() {
                    return None;
                }
                state
            }
        };
        if let Some(known) = state.known(pair) {
            return Some(Turn::Made(known.clone()));
        }
        state.making = Making::One;
        Some(Turn::Own(Own(self)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn known(&self, pair: &Pair) -> Option<&Outcome> {
        let known = self.kept.iter().find(|(known, _)| known == pair);
        known.map(|(_, outcome)| outcome)
    }
}

enum Turn<'a> {
    Made(Outcome),
    Own(Own<'a>),
}

/// The turn to make one; it ends however that ends.
struct Own<'a>(&'a Comparisons);

impl Own<'_> {
    fn keep(self, pair: Pair, made: Outcome) {
        let mut state = self.0.state();
        if state.kept.len() >= KEPT {
            state.kept.pop_front();
        }
        state.kept.push_back((pair, made));
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        self.0.state().making = Making::None;
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;
    use crate::releases::comparison::Unread;

    fn name(number: usize) -> Name {
        Name::new(number.to_string()).expect("a name")
    }

    fn pair(number: usize) -> Pair {
        let side = |number| (name(number), [0; 32], None);
        [side(0), side(number)]
    }

    fn outcome(number: usize) -> Outcome {
        let why = || Unread::NoList(name(number));
        (Compared::Not(why()), Compared::Not(why()))
    }

    #[test]
    fn what_was_compared_is_not_read_again_and_the_oldest_goes() {
        let (kept, mut made) = (Comparisons::default(), 0);
        let mut compare = |number: usize| {
            kept.of(pair(number), Wait::UntilMade, || {
                made += 1;
                outcome(number)
            });
            made
        };
        for number in 0..KEPT {
            assert_eq!((compare(number), compare(number)), (number + 1, number + 1));
        }
        assert_eq!((compare(KEPT), compare(1)), (KEPT + 1, KEPT + 1));
        assert_eq!(compare(0), KEPT + 2, "the oldest went");
    }

    #[test]
    fn whoever_does_not_wait_gets_what_is_known_and_makes_nothing_beside_another() {
        let kept = Comparisons::default();
        let now = Wait::AtMost(Duration::ZERO);
        kept.of(pair(1), Wait::UntilMade, || outcome(1));
        let (begun, begins) = channel();
        let (end, ends) = channel();
        let kept = &kept;
        thread::scope(|scope| {
            let slow = scope.spawn(move || {
                kept.of(pair(2), Wait::UntilMade, || {
                    begun.send(()).expect("it is waited for");
                    ends.recv().expect("it is ended");
                    outcome(2)
                })
            });
            begins.recv().expect("it begins");
            assert_eq!(kept.of(pair(1), now, || outcome(9)), Some(outcome(1)));
            assert_eq!(kept.of(pair(2), now, || outcome(9)), None);
            assert_eq!(kept.of(pair(3), now, || outcome(9)), None);
            end.send(()).expect("it listens");
            assert_eq!(slow.join().expect("it ends"), Some(outcome(2)));
        });
        assert_eq!(kept.of(pair(2), now, || outcome(9)), Some(outcome(2)));
    }

    #[test]
    fn a_comparison_that_breaks_leaves_the_turn_to_others() {
        let kept = Comparisons::default();
        let broken = || kept.of(pair(1), Wait::UntilMade, || panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(broken)).is_err());
        let next = kept.of(pair(1), Wait::AtMost(Duration::ZERO), || outcome(1));
        assert_eq!(next, Some(outcome(1)));
    }
}
