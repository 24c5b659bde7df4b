//! The search: every state that a small world can reach, each once, and the shortest story of one that must not be.

use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;

use stateright::{Checker as _, Expectation, HasDiscoveries, Model as _, Path};

/// A small world: where it begins, what can happen in a state, and what is claimed of every state.
pub trait Rules: Debug + Send + Sync + Sized + 'static {
    type State: Debug + Clone + PartialEq + Hash + Send + Sync + 'static;
    /// Printed, an event is a line of the story.
    type Event: Display + Clone + PartialEq;

    fn start(&self) -> Self::State;

    fn events(&self, state: &Self::State, events: &mut Vec<Self::Event>);

    fn after(&self, state: &Self::State, event: &Self::Event) -> Self::State;

    /// One state for all that differ only in who is who. The claims must not tell them apart.
    fn canonical(&self, state: Self::State) -> Self::State {
        state
    }

    fn claims() -> Vec<Claim<Self>>;
}

/// Held by every state (`always`), or by one at least that can be reached (`sometimes`).
pub type Claim<R> = stateright::Property<World<R>>;

/// The rules as the checker sees them: canonical states only, and one claim or all.
#[derive(Debug)]
pub struct World<R> {
    rules: Arc<R>,
    only: Option<&'static str>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// States generated, each as often as an event led to it.
    pub states: usize,
    pub unique: usize,
    /// Events on the shortest way to the farthest state.
    pub depth: usize,
    pub broken: Vec<Broken>,
}

/// A claim that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub claim: &'static str,
    /// The events that lead to a state against the claim; none when no event leads to one that was claimed.
    pub story: Option<Vec<String>>,
}

/// Visits every state, or stops at the first against a claim and looks for the shortest way to one.
pub fn explore<R: Rules>(rules: R) -> Report {
    World::new(rules, None).explore()
}

/// The same, of one claim alone: what a broken rule must bring down.
pub fn refute<R: Rules>(rules: R, claim: &'static str) -> Report {
    World::new(rules, Some(claim)).explore()
}

type Steps<R> = Vec<(<R as Rules>::State, Option<<R as Rules>::Event>)>;

impl<R: Rules> World<R> {
    fn new(rules: R, only: Option<&'static str>) -> Self {
        let rules = Arc::new(rules);
        Self { rules, only }
    }

    fn claims(&self) -> Vec<Claim<R>> {
        let mut claims = R::claims();
        claims.retain(|claim| self.only.is_none_or(|only| only == claim.name));
        assert!(!claims.is_empty(), "a claim is named as the rules name it");
        claims
    }

    fn explore(&self) -> Report {
        let (mut report, mut counterexample) = self.search(None);
        let mut shortest = None;
        while let Some((claim, path)) = counterexample {
            counterexample = self.search(Some(path.len())).1;
            shortest = Some((claim, path));
        }
        if let Some((claim, path)) = shortest {
            report.broken = vec![Broken {
                claim,
                story: Some(self.story(path)),
            }];
        }
        report
    }

    /// One breadth-first search, for paths of fewer than so many states.
    fn search(&self, shorter_than: Option<usize>) -> (Report, Option<(&'static str, Steps<R>)>) {
        let builder = self.clone().checker();
        let builder = builder.finish_when(HasDiscoveries::AnyFailures);
        let builder = match shorter_than {
            Some(states) => builder.target_max_depth(states),
            None => builder,
        };
        let checker = builder.spawn_bfs().join();
        let found = checker.discoveries();
        let unreached = |claim: &Claim<R>| {
            claim.expectation == Expectation::Sometimes && !found.contains_key(claim.name)
        };
        let broken = self.claims().into_iter().filter(unreached);
        let report = Report {
            states: checker.state_count(),
            unique: checker.unique_state_count(),
            depth: checker.max_depth() - 1,
            broken: broken
                .map(|claim| Broken {
                    claim: claim.name,
                    story: None,
                })
                .collect(),
        };
        let broken = self
            .claims()
            .into_iter()
            .filter(|claim| claim.expectation == Expectation::Always)
            .find_map(|claim| Some((claim.name, found.get(claim.name)?.clone())));
        let broken = broken.map(|(claim, path)| (claim, Path::into_vec(path)));
        (report, broken)
    }

    /// The same events with everybody keeping his name, where canonical states exchange names.
    fn story(&self, path: Steps<R>) -> Vec<String> {
        let mut state = self.start();
        let mut lines = Vec::new();
        let mut events = Vec::new();
        for (next, _) in path.into_iter().skip(1) {
            events.clear();
            self.events(&state, &mut events);
            let (event, after) = events
                .iter()
                .map(|event| (event, self.after(&state, event)))
                .find(|(_, after)| self.canonical(after.clone()) == next)
                .expect("events do not depend on who is who, so one of them leads there");
            lines.push(event.to_string());
            state = after;
        }
        lines
    }
}

impl<R: Rules> stateright::Model for World<R> {
    type State = R::State;
    type Action = R::Event;

    fn init_states(&self) -> Vec<Self::State> {
        vec![self.canonical(self.start())]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        self.events(state, actions);
    }

    fn next_state(&self, state: &Self::State, event: Self::Action) -> Option<Self::State> {
        let next = self.canonical(self.after(state, &event));
        (next != *state).then_some(next)
    }

    fn properties(&self) -> Vec<Claim<R>> {
        self.claims()
    }
}

impl<R> Deref for World<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.rules
    }
}

impl<R> Clone for World<R> {
    fn clone(&self) -> Self {
        Self {
            rules: Arc::clone(&self.rules),
            only: self.only,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk that must not reach a number, on steps of one and of three.
    #[derive(Debug)]
    struct Walk {
        forbidden: u32,
    }

    impl Rules for Walk {
        type State = u32;
        type Event = u32;

        fn start(&self) -> u32 {
            0
        }

        fn events(&self, state: &u32, events: &mut Vec<u32>) {
            if *state < 20 {
                events.extend([1, 3]);
            }
        }

        fn after(&self, state: &u32, event: &u32) -> u32 {
            state + event
        }

        fn claims() -> Vec<Claim<Self>> {
            vec![
                Claim::<Self>::always("stays away", |walk, state| *state < walk.forbidden),
                Claim::<Self>::sometimes("gets far", |_, state| *state == 20),
                Claim::<Self>::sometimes("flies", |_, state| *state > 22),
            ]
        }
    }

    #[test]
    fn the_shortest_story_is_told() {
        let report = explore(Walk { forbidden: 7 });
        let story = report.broken[0].story.clone().expect("the walk gets there");
        assert_eq!(report.broken[0].claim, "stays away");
        assert_eq!(story.len(), 3, "{story:?}");
    }

    #[test]
    fn what_is_claimed_to_happen_and_never_does_is_broken_too() {
        let report = explore(Walk { forbidden: 100 });
        let never = Broken {
            claim: "flies",
            story: None,
        };
        assert_eq!(report.broken, [never]);
        assert_eq!((report.unique, report.depth), (23, 8));
    }

    #[test]
    fn one_claim_is_refuted_whatever_else_does_not_hold() {
        let report = refute(Walk { forbidden: 7 }, "flies");
        assert_eq!(report.broken[0].claim, "flies");
        assert_eq!(report.unique, 23);
    }
}
