//! Whatever people and devices do, in whatever order: what never happens.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use super::rig::{self, Town, device};
use crate::install::{Reason, State, Worry};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Happening {
    Start,
    Pause,
    Resume,
    Abort,
    RollBack,
    Approve(bool),
    Joins(u8),
    Leaves(u8),
    IsHeld(u8),
    Says(u8, State),
    Passes(u64),
}

fn state() -> impl Strategy<Value = State> {
    prop::sample::select(vec![
        State::Announced,
        State::Fetched,
        State::Installed,
        State::Probation,
        State::Committed,
        State::Committed,
        State::RolledBack(Reason::Unhealthy),
        State::RolledBack(Reason::Halted),
        State::Refused(Reason::OtherHardware),
        State::RolledBack(Reason::Seen(Worry::Port(23), vec![device(1)])),
    ])
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        2 => Just(Happening::Start),
        1 => Just(Happening::Pause),
        3 => Just(Happening::Resume),
        1 => prop::sample::select(vec![Happening::Abort, Happening::RollBack]),
        1 => any::<bool>().prop_map(Happening::Approve),
        1 => (0u8..14).prop_map(Happening::Joins),
        1 => (0u8..14).prop_map(Happening::Leaves),
        1 => (0u8..14).prop_map(Happening::IsHeld),
        20 => (0u8..14, state()).prop_map(|(who, state)| Happening::Says(who, state)),
        4 => prop::sample::select(vec![1, 3_600, 86_400]).prop_map(Happening::Passes),
    ]
}

fn ring() -> impl Strategy<Value = Ring> {
    let reach = prop_oneof![
        (1u32..4).prop_map(Reach::Count),
        vec(0u8..14, 1..3).prop_map(|named| Reach::Named(named.into_iter().map(device).collect())),
    ];
    let errors = prop::option::of(1u32..4);
    (reach, prop::sample::select(vec![50, 90, 100]), errors).prop_map(|(reach, success, errors)| {
        Ring {
            success,
            errors,
            ..Ring::usual(reach)
        }
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let shares = prop::sample::select(vec![vec![], vec![100], vec![10, 50, 100], vec![50]]);
    let approval = prop::sample::select(vec![Approval::None, Approval::None, Approval::Second]);
    (vec(ring(), 1..3), shares, approval).prop_map(|(mut rings, shares, approval)| {
        rings.extend(
            shares
                .into_iter()
                .map(|share| Ring::usual(Reach::Share(share))),
        );
        Plan {
            approval,
            ..rig::plan(rings)
        }
    })
}

fn happens(town: &mut Town, happening: Happening) {
    let member = |number| move |candidate: &Candidate| candidate.device == device(number);
    match happening {
        Happening::Start => town.start(),
        Happening::Pause => town.tell(Input::Pause),
        Happening::Resume => town.tell(Input::Resume),
        Happening::Abort => town.tell(Input::Abort),
        Happening::RollBack => town.tell(Input::RollBack),
        Happening::Approve(same) => {
            let by = rig::name(if same { "anna" } else { "berta" });
            town.tell(Input::Approve { by });
        }
        Happening::Joins(number) => {
            if !town.fleet.iter().any(member(number)) {
                town.fleet.push(rig::candidate(number));
            }
            town.tell(Input::Members(town.fleet.clone()));
        }
        Happening::Leaves(number) => {
            town.fleet.retain(|candidate| !member(number)(candidate));
            town.tell(Input::Members(town.fleet.clone()));
        }
        Happening::IsHeld(number) => {
            for candidate in town.fleet.iter_mut().filter(|one| member(number)(one)) {
                candidate.liberty = Liberty::Quarantined;
            }
            town.tell(Input::Members(town.fleet.clone()));
        }
        Happening::Says(number, state) => town.say(device(number), state),
        Happening::Passes(seconds) => town.pass(seconds),
    }
}

/// Whether anybody may be ordered after a happening: nobody between a halt and the word of a person.
fn may_order(before: &Rollout, happening: &Happening) -> bool {
    match before.stage() {
        Stage::Running => true,
        Stage::Planned => matches!(happening, Happening::Start) && !before.lacks_approval(),
        Stage::Paused | Stage::Halted(_) => matches!(happening, Happening::Resume),
        Stage::Aborted | Stage::RolledBack | Stage::Finished => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_that_must_not_happen_does(plan in plan(), script in vec(happening(), 1..80)) {
        prop_assert_eq!(plan.check(), Ok(()));
        let mut town = Town::under(12, plan);
        for happening in script {
            let (before, told) = (town.rollout.clone(), town.ordered.len());
            let may = may_order(&before, &happening);
            happens(&mut town, happening.clone());
            let rollout = &town.rollout;
            let news = &town.ordered[told..];
            prop_assert!(news.is_empty() || may, "{:?} orders when {}", happening, before.stage().word());
            for (device, _) in news {
                let ring = rollout.entries()[device].ring;
                prop_assert!(ring.is_some_and(|ring| ring <= rollout.course().ring), "a ring ahead");
            }
            let devices: BTreeSet<_> = town.devices_ordered().into_iter().collect();
            prop_assert_eq!(devices.len(), town.ordered.len(), "a device is ordered twice");
            let in_open: usize = (0..=usize::from(rollout.course().ring)).map(|ring| rollout.tally(ring).all()).sum();
            prop_assert!(town.ordered.len() <= in_open, "more than the rings that are open");
            if !matches!(rollout.stage(), Stage::Running) {
                prop_assert!(rollout.all_due().next().is_none(), "an order stands when {}", rollout.stage().word());
            }
            prop_assert_eq!(&town.restarted(), rollout, "a restart finds something else");
            let halted = matches!(rollout.stage(), Stage::Halted(_) | Stage::RolledBack);
            if halted {
                prop_assert_eq!(town.said.last(), Some(&Standing::Halted));
            }
        }
    }
}
