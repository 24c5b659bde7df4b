//! A rotation before, while and after it happens.

use maud::Markup;

use super::{NOW_MS, device_ref, status};
use crate::layout::Shell;
use crate::pages::rotation::{self, Progress, ProposedView, ReplaceView, RotationView, Straggler};
use crate::parts::form::Field;

const DAY_MS: u64 = 86_400_000;

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let first = RotationView {
        charter: 1,
        progress: None,
    };
    vec![
        ("rotation", rotation::page(inside, &rotation_view(&[2, 9]))),
        ("rotation-done", rotation::page(inside, &rotation_view(&[]))),
        ("rotation-none", rotation::page(inside, &first)),
        ("rotation-new", rotation::replace_page(inside, &blank())),
        ("rotation-wrong", rotation::replace_page(inside, &wrong())),
    ]
}

pub fn rotation_view(waiting: &[usize]) -> RotationView {
    let straggler = |&number: &usize| Straggler {
        device: device_ref(number),
        status: status(number),
        heard_ms: (number != 9).then_some(NOW_MS - 7_200_000),
    };
    RotationView {
        charter: 2,
        progress: Some(Progress {
            issued_ms: NOW_MS - 40_000,
            until_ms: Some(NOW_MS + 30 * DAY_MS),
            members: 48,
            done: 48 - waiting.len(),
            stragglers: waiting.iter().map(straggler).collect(),
        }),
    }
}

fn blank() -> ReplaceView {
    ReplaceView {
        charter: 1,
        days: Field::new("30"),
        proposed: None,
        documents: Field::default(),
        confirm: Field::default(),
    }
}

fn wrong() -> ReplaceView {
    ReplaceView {
        days: Field::wrong("1000", "Choose 1 to 365 days."),
        proposed: Some(ProposedView {
            charter: 2,
            made_ms: NOW_MS - 90_000,
            file: "charter-2.proposal".into(),
        }),
        documents: Field::wrong("glkBWIf", "The documents are not whole."),
        confirm: Field::wrong("riverside", "Type the whole name: Riverside workshop."),
        ..blank()
    }
}
