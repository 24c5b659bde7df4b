//! Rollouts: one that goes on, one that was halted, and the form.

use maud::Markup;

use super::{HOSTILE, NOW_MS, device_ref};
use crate::layout::Shell;
use crate::pages::rollouts::asked::{self, NewRolloutView};
use crate::pages::rollouts::one::{
    self, Approval, AwayRow, ExcludedRow, FailureRow, RingRow, RolloutView, Word,
};
use crate::pages::rollouts::{self, RolloutRow, RolloutsView, State};
use crate::parts::form::Field;

const SHA256: &str = "b097d14729fc366afbe96d687549f1cc119939adeb85552b671ea97b04a9857a";

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let empty = RolloutsView {
        rollouts: Vec::new(),
    };
    vec![
        ("rollouts", rollouts::page(inside, &rollouts_view())),
        ("rollouts-empty", rollouts::page(inside, &empty)),
        ("rollout", one::page(inside, &rollout_view(State::Running))),
        (
            "rollout-halted",
            one::page(inside, &rollout_view(State::Halted)),
        ),
        ("rollout-new", asked::page(inside, &form(false))),
        ("rollout-wrong", asked::page(inside, &form(true))),
    ]
}

pub fn rollouts_view() -> RolloutsView {
    RolloutsView {
        rollouts: vec![row(State::Running), row(State::Halted), row(State::Planned)],
    }
}

fn row(state: State) -> RolloutRow {
    RolloutRow {
        id: 3,
        product: "camera".into(),
        version: HOSTILE.into(),
        state,
        made_ms: NOW_MS - 7_200_000,
        ring: 2,
        rings: 3,
        committed: 9,
        counted: 48,
    }
}

pub fn rollout_view(state: State) -> RolloutView {
    let is_halted = state == State::Halted;
    let ring = |reach: &str, counted, committed| RingRow {
        reach: reach.into(),
        counted,
        waiting: counted - committed,
        in_flight: 0,
        committed,
        failed: usize::from(is_halted),
        away: 1,
        excluded: 1,
        halting: 1,
        success_percent: 90,
        soak_ms: 3_600_000,
        settled_ms: (committed == counted).then_some(NOW_MS - 60_000),
    };
    let failure = FailureRow {
        device: device_ref(2),
        state: "rolled back".into(),
        says: HOSTILE.into(),
        witnesses: vec![device_ref(4), device_ref(5)],
    };
    RolloutView {
        row: row(state),
        path: "firmware/camera/2.1.0.img".into(),
        sha256: SHA256.into(),
        counter: 7,
        asked_by: "anna".into(),
        approval: Approval::Given("berta".into()),
        reason: is_halted.then(|| "1 of ring 1 failed, and 1 are too many".into()),
        rings: vec![
            ring("2 drawn", 2, 2),
            ring("up to 50 %", 22, 7),
            ring("up to 100 %", 24, 0),
        ],
        failures: is_halted.then_some(failure).into_iter().collect(),
        excluded: vec![ExcludedRow {
            device: device_ref(6),
            says: "the image is for other hardware".into(),
        }],
        away: vec![AwayRow {
            device: device_ref(7),
            since_ms: NOW_MS - 3_600_000,
            last: Some("fetched".into()),
        }],
        more: 12,
        words: match state {
            State::Halted => vec![Word::Resume, Word::Abort, Word::RollBack],
            _ => vec![Word::Pause, Word::Abort, Word::RollBack],
        },
    }
}

fn form(wrong: bool) -> NewRolloutView {
    let field = |value: &str, why: &str| match wrong {
        true => Field::wrong(value, why),
        false => Field::new(value),
    };
    NewRolloutView {
        releases: vec!["camera 2.1.0".into()],
        release: field("camera 2.1.0", "No release camera 2.1.0 is published."),
        canary: field("2", "No member is called 2."),
        shares: field("10, 50, 100", "Write percents with commas between them."),
        success: field("90", "Write a percent."),
        soak: field("60", "Write a number of minutes."),
        second_person: true,
    }
}
