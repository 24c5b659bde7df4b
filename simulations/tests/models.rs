//! The small worlds as ordinary tests: those that a build without optimisation explores in a moment.
//! `ops/test` explores all of them, and every weakening.

use std::collections::HashSet;

use simulations::models::explore::{Report, Rules, explore};
use simulations::models::quorum::Jury;
use simulations::models::{self, Model};

fn model(name: &str) -> &'static Model {
    models::find(name).expect("the model is in the list")
}

fn weakened(name: &str, weakening: &str) -> Report {
    let mut known = model(name).weakenings.iter();
    let found = known.find(|known| known.name == weakening);
    (found.expect("the weakening is in the list").explore)()
}

#[test]
fn juries_of_every_size_bear_the_liars_that_their_quorum_leaves_room_for() {
    for witnesses in 3..=6 {
        let jury = Jury::of(witnesses).expect("three witnesses and more have a quorum");
        assert_eq!(explore(jury).broken, [], "{witnesses} witnesses");
    }
    assert!(Jury::of(2).is_none(), "two witnesses certify nothing");
}

/// The reduced search is only worth something if it leaves out nothing but names.
#[test]
fn every_state_has_its_like_among_the_canonical_ones() {
    let jury = Jury::of(4).expect("four witnesses have a quorum");
    let all = reachable(&jury);
    let alike: HashSet<_> = all
        .iter()
        .map(|state| jury.canonical(state.clone()))
        .collect();
    assert!(all.len() > 3 * alike.len());
    for state in &all {
        let onward = |state| -> HashSet<_> {
            after(&jury, &state)
                .map(|next| jury.canonical(next))
                .collect()
        };
        assert_eq!(onward(state.clone()), onward(jury.canonical(state.clone())));
    }
    let report = explore(Jury::of(4).expect("four witnesses have a quorum"));
    assert_eq!(report.unique, alike.len());
}

#[test]
fn a_join_line_admits_one_device_whenever_the_power_fails() {
    assert_eq!((model("tokens").explore)().broken, []);
}

#[test]
fn broken_rules_are_found_out() {
    let broken = [
        ("quorum", "repeats"),
        ("refutation", "latest-wins"),
        ("refutation", "any-head"),
        ("refutation", "sequence-only"),
        ("refutation", "no-answer"),
        ("tokens", "answer-first"),
        ("tokens", "forgets-tokens"),
        ("tokens", "torn-commit"),
        ("tokens", "checked-at-hello"),
        ("revocation", "suspension-overrides"),
        ("revocation", "any-signature"),
        ("revocation", "volatile"),
        ("revocation", "id-only"),
    ];
    for (name, weakening) in broken {
        let report = weakened(name, weakening);
        let story = report
            .broken
            .first()
            .and_then(|broken| broken.story.as_ref());
        assert!(story.is_some(), "{name} holds with {weakening}");
    }
}

/// A path through canonical states exchanges names; a story must not.
#[test]
fn a_story_keeps_everybodys_name() {
    let report = weakened("refutation", "any-head");
    let story = report.broken[0].story.clone().expect("a counterexample");
    let about: Vec<&String> = story
        .iter()
        .filter(|line| line.contains("observer"))
        .collect();
    assert_eq!(about.len(), 2, "{story:?}");
    let named = about[0].chars().last();
    assert!(
        about.iter().all(|line| line.chars().last() == named),
        "{story:?}"
    );
}

fn reachable<R: Rules>(rules: &R) -> HashSet<R::State>
where
    R::State: Eq,
{
    let mut known = HashSet::from([rules.start()]);
    let mut open = vec![rules.start()];
    while let Some(state) = open.pop() {
        for next in after(rules, &state) {
            if known.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    known
}

fn after<R: Rules>(rules: &R, state: &R::State) -> impl Iterator<Item = R::State> {
    let mut events = Vec::new();
    rules.events(state, &mut events);
    let after: Vec<R::State> = events
        .iter()
        .map(|event| rules.after(state, event))
        .collect();
    after.into_iter()
}
