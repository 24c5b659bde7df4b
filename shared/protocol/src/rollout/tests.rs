//! Rollouts over a few devices, told as stories, and a model that says what never happens.

mod model;
mod rig;

use std::time::Duration;

use super::*;
use crate::install::{Act, Mishap, Reason, State, Worry};
use rig::{Town, device, name};

fn unhealthy() -> State {
    State::RolledBack(Reason::Unhealthy)
}

#[test]
fn rings_follow_each_other_when_the_one_before_has_committed_and_was_looked_at() {
    let mut town = Town::of(
        20,
        vec![Reach::Count(2), Reach::Share(50), Reach::Share(100)],
    );
    town.start();
    assert_eq!(town.ordered.len(), 2);
    town.commit_all();
    assert_eq!(town.ordered.len(), 2, "it is looked at first");
    town.pass(3600);
    assert_eq!(town.ordered.len(), 10);
    town.commit_all();
    town.pass(3600);
    assert_eq!(town.ordered.len(), 20);
    town.commit_all();
    town.pass(3600);
    assert_eq!(*town.rollout.stage(), Stage::Finished);
    assert_eq!(town.said, []);
}

#[test]
fn one_failure_among_two_canaries_halts_it_and_says_who_saw_what() {
    let mut town = Town::of(20, vec![Reach::Count(2), Reach::Share(100)]);
    town.start();
    let seen = Reason::Seen(Worry::Port(23), vec![device(7), device(8)]);
    let bad = town.ordered[0].0;
    town.say(bad, State::Probation);
    town.say(bad, State::RolledBack(seen.clone()));
    assert_eq!(*town.rollout.stage(), Stage::Halted(Cause::Errors(0)));
    assert_eq!(town.said, [Standing::Halted]);
    let failures: Vec<_> = town.rollout.failures().collect();
    let fault = Fault::Ended(State::RolledBack(seen));
    assert_eq!(failures, [(&bad, &fault)]);
    town.commit_all();
    town.pass(100_000);
    assert_eq!(town.ordered.len(), 2, "nobody else was touched");
}

#[test]
fn a_step_counts_once_and_only_under_the_nonce_of_its_own_order() {
    let mut town = Town::of(4, vec![Reach::Count(2), Reach::Share(100)]);
    town.start();
    let (one, other) = (town.ordered[0].clone(), town.ordered[1].clone());
    let step = |nonce, state| Step {
        target: one.1.target,
        nonce,
        version: None,
        state,
    };
    let foreign = step(other.1.nonce, unhealthy());
    town.tell(Input::Stepped {
        device: one.0,
        step: foreign,
    });
    assert_eq!(town.rollout.failures().count(), 0);
    town.say(one.0, State::Committed);
    let before = town.rollout.clone();
    for state in [State::Committed, State::Fetched, unhealthy()] {
        town.say(one.0, state);
    }
    assert_eq!(town.rollout, before, "what is over is over");
}

#[test]
fn what_speaks_for_a_device_alone_is_set_aside_with_its_reason() {
    let mut town = Town::of(6, vec![Reach::Count(3), Reach::Share(100)]);
    town.start();
    let full = Reason::Failed(Act::Stage, Mishap::Space);
    let devices = town.devices_ordered();
    town.say(devices[0], State::Refused(full.clone()));
    town.say(devices[1], State::Committed);
    town.say(devices[2], State::Committed);
    assert_eq!(*town.rollout.stage(), Stage::Running);
    let entry = &town.rollout.entries()[&devices[0]];
    let apart = Progress::Apart(Exclusion::Declined(full));
    assert_eq!(entry.progress, apart);
    assert_eq!(town.rollout.tally(0).counted(), 2);
    town.pass(3600);
    assert_eq!(town.ordered.len(), 6);
}

#[test]
fn a_ring_in_which_nobody_could_try_it_opens_no_other() {
    let mut town = Town::of(6, vec![Reach::Count(1), Reach::Share(100)]);
    town.start();
    let full = Reason::Failed(Act::Stage, Mishap::Space);
    town.say(town.ordered[0].0, State::Refused(full));
    assert_eq!(*town.rollout.stage(), Stage::Halted(Cause::TooFew(0)));
    town.tell(Input::Resume);
    town.pass(3600);
    assert_eq!(town.ordered.len(), 6, "a person has let it pass");
    assert_eq!(town.said, [Standing::Halted, Standing::Lifted]);
}

#[test]
fn who_never_answers_is_away_and_out_of_what_is_counted_until_it_is_back() {
    let mut town = Town::of(6, vec![Reach::Count(2), Reach::Share(100)]);
    town.start();
    let devices = town.devices_ordered();
    town.say(devices[0], State::Committed);
    town.pass(rig::PATIENCE_S);
    assert_eq!(town.rollout.tally(0).away, 1);
    assert!(town.rollout.due(&devices[1]).is_some(), "its order stands");
    town.pass(3600);
    assert_eq!(town.ordered.len(), 6);
    town.say(devices[1], State::Committed);
    assert_eq!(town.rollout.tally(0).committed, 2);
}

#[test]
fn who_falls_silent_on_probation_speaks_against_the_image() {
    let mut town = Town::of(6, vec![Reach::Count(2), Reach::Share(100)]);
    town.start();
    town.say(town.ordered[0].0, State::Probation);
    town.pass(rig::PATIENCE_S);
    assert_eq!(*town.rollout.stage(), Stage::Halted(Cause::Errors(0)));
    let lost: Vec<_> = town.rollout.failures().map(|(_, fault)| fault).collect();
    assert_eq!(lost, [&Fault::Lost]);
}

#[test]
fn the_four_eyes_rule_cannot_be_met_by_one_person() {
    let mut town = Town::of(4, vec![Reach::Share(100)]);
    town.ask_a_second_person();
    let (asked, other) = (town.rollout.plan().by.clone(), name("berta"));
    assert_eq!(
        town.rollout.judge(Word::Start, &asked),
        Err(Objection::Unapproved)
    );
    town.start();
    town.tell(Input::Approve { by: asked.clone() });
    town.start();
    assert_eq!(town.ordered, []);
    assert_eq!(
        town.rollout.judge(Word::Approve, &asked),
        Err(Objection::SamePerson(asked))
    );
    town.tell(Input::Approve { by: other });
    town.start();
    assert_eq!(town.ordered.len(), 4);
}

#[test]
fn a_pause_orders_nobody_and_a_failure_meanwhile_halts() {
    let mut town = Town::of(8, vec![Reach::Count(2), Reach::Share(100)]);
    town.start();
    town.tell(Input::Pause);
    assert!(town.rollout.all_due().next().is_none());
    town.commit_all();
    town.pass(7200);
    assert_eq!(town.ordered.len(), 2);
    town.tell(Input::Resume);
    assert_eq!(town.ordered.len(), 8, "it was looked at meanwhile");
    town.tell(Input::Pause);
    town.say(town.ordered[4].0, unhealthy());
    assert_eq!(*town.rollout.stage(), Stage::Halted(Cause::Errors(1)));
}

#[test]
fn going_back_halts_the_target_for_everybody_and_is_the_end() {
    let mut town = Town::of(4, vec![Reach::Count(2), Reach::Share(100)]);
    town.start();
    town.say(town.ordered[0].0, State::Committed);
    town.tell(Input::RollBack);
    assert_eq!(town.said, [Standing::Halted]);
    assert_eq!(town.rollout.kept(), 1, "its floor has risen");
    town.tell(Input::Resume);
    town.pass(100_000);
    assert_eq!(*town.rollout.stage(), Stage::RolledBack);
    assert_eq!(town.ordered.len(), 2);
}

#[test]
fn who_does_not_match_is_left_out_with_a_reason() {
    let canary = vec![device(0), device(1), device(77)];
    let mut town = Town::of(8, vec![Reach::Named(canary), Reach::Share(60)]);
    town.fleet[1].liberty = Liberty::Quarantined;
    town.fleet[2].model = Model::Told(name("other"));
    town.fleet[3].model = Model::Unheard;
    town.fleet[4].running = Some(town.rollout.plan().image.target);
    town.fleet[7].product = Some(name("gate"));
    town.start();
    let why = |number| match &town.rollout.entries()[&device(number)].progress {
        Progress::Apart(why) => why.word(),
        other => other.word(),
    };
    let reasons: Vec<_> = [0, 1, 2, 3, 4, 7, 77].into_iter().map(why).collect();
    let expected = [
        "ordered",
        "quarantined",
        "other_hardware",
        "unheard",
        "already_runs",
        "other_product",
        "not_member",
    ];
    assert_eq!(reasons, expected);
    let beyond = town
        .rollout
        .entries()
        .values()
        .filter(|entry| entry.progress == Progress::Apart(Exclusion::BeyondRings));
    assert_eq!(beyond.count(), 1, "three match, and sixty percent are two");
}

#[test]
fn newcomers_get_a_place_in_the_last_ring_and_leavers_are_counted_no_more() {
    let mut town = Town::of(4, vec![Reach::Count(2), Reach::Share(100)]);
    town.start();
    let gone = town.ordered[0].0;
    town.fleet.retain(|candidate| candidate.device != gone);
    town.fleet.push(rig::candidate(9));
    town.tell(Input::Members(town.fleet.clone()));
    assert_eq!(town.rollout.tally(0).counted(), 1);
    assert_eq!(town.rollout.entries()[&device(9)].ring, Some(1));
    town.commit_all();
    town.pass(3600);
    assert!(town.devices_ordered().contains(&device(9)));
    town.fleet.push(rig::candidate(10));
    town.tell(Input::Members(town.fleet.clone()));
    assert!(
        town.devices_ordered().contains(&device(10)),
        "the ring is open"
    );
}

#[test]
fn a_rollout_for_nobody_ends_at_once_and_says_why() {
    let mut town = Town::of(3, vec![Reach::Count(1), Reach::Share(100)]);
    for candidate in &mut town.fleet {
        candidate.model = Model::Unheard;
    }
    town.start();
    assert_eq!(*town.rollout.stage(), Stage::Finished);
    assert_eq!(town.rollout.entries().len(), 3);
}

#[test]
fn larger_rings_bear_one_failure_in_twenty() {
    let ring = Ring::usual(Reach::Share(100));
    let halting: Vec<usize> = [1, 2, 20, 21, 200]
        .map(|devices| ring.halting(devices))
        .into();
    assert_eq!(halting, [1, 1, 1, 2, 10]);
    assert_eq!(ring.soak(), Duration::from_secs(3600));
}

#[test]
fn plans_that_cannot_be_are_named() {
    let town = Town::of(1, vec![Reach::Share(100)]);
    let plan = town.rollout.plan().clone();
    let check = |rings: Vec<Ring>| {
        Plan {
            rings,
            ..plan.clone()
        }
        .check()
    };
    let shares = |shares: &[u8]| {
        let reaches = shares.iter().map(|share| Ring::usual(Reach::Share(*share)));
        check(reaches.collect())
    };
    assert_eq!(shares(&[1, 10, 100]), Ok(()));
    assert_eq!(shares(&[10, 10]), Err(PlanError::Share(2)));
    assert_eq!(shares(&[101]), Err(PlanError::Share(1)));
    assert_eq!(shares(&[]), Err(PlanError::Rings));
    assert_eq!(
        check(vec![Ring::usual(Reach::Count(0))]),
        Err(PlanError::Count(1))
    );
    assert_eq!(
        check(vec![Ring::usual(Reach::Named(vec![]))]),
        Err(PlanError::Named(1))
    );
    let ring = Ring {
        success: 0,
        ..Ring::usual(Reach::Count(1))
    };
    assert_eq!(check(vec![ring]), Err(PlanError::Success(1)));
    let ring = Ring {
        errors: Some(0),
        ..Ring::usual(Reach::Count(1))
    };
    assert_eq!(check(vec![ring]), Err(PlanError::Errors(1)));
    let hasty = Plan {
        patience_s: 5,
        ..plan.clone()
    };
    assert_eq!(hasty.check(), Err(PlanError::Patience));
}
