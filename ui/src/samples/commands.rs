//! Commands that were given, and what devices make of them.

use maud::Markup;

use super::device_ref;
use crate::layout::Shell;
use crate::pages::commands::{self, AnswerRow, CommandRow, CommandView, NewCommandView, OnDevice};
use crate::parts::form::Field;

const ID: &str = "5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c";

pub fn pages(inside: &Shell) -> Vec<(&'static str, Markup)> {
    let wrong = NewCommandView {
        kind: Field::wrong("wash", "That cannot be commanded."),
        to: Field::wrong("class:robot", "No device is of this class."),
        minutes: Field::wrong("soon", "Write a number of minutes."),
        signed: Field::new("coordinator"),
    };
    let view = CommandView {
        row: row("logs", "class:camera"),
        draft: Some(4),
        answers: answers(),
    };
    let rows = [
        row("logs", "class:camera"),
        row("restart", "cell:<b>hall</b> 2"),
    ];
    vec![
        ("commands", commands::page(inside, &rows)),
        ("commands-none", commands::page(inside, &[])),
        ("command", commands::one_page(inside, &view)),
        (
            "command-new",
            commands::new_page(inside, &NewCommandView::default()),
        ),
        ("command-wrong", commands::new_page(inside, &wrong)),
    ]
}

fn row(kind: &str, to: &str) -> CommandRow {
    CommandRow {
        id: ID.to_owned(),
        kind: kind.to_owned(),
        to: to.to_owned(),
        given: "2026-11-28T10:00:00.000Z".to_owned(),
        until: "2026-11-28T10:10:00.000Z".to_owned(),
        by: "ada".to_owned(),
        signed_by: "administrators".to_owned(),
        done: 1,
        devices: 3,
        ended: false,
    }
}

fn answers() -> Vec<AnswerRow> {
    let answer = |number, state: &str, why: Option<&str>, kept: bool| AnswerRow {
        device: device_ref(number),
        state: state.to_owned(),
        why: why.map(str::to_owned),
        at: Some("2026-11-28T10:00:03.000Z".to_owned()),
        result: kept.then(|| "kept".to_owned()),
        kept,
    };
    vec![
        answer(2, "done", None, true),
        answer(
            3,
            "refused",
            Some("the device runs no service from a slot"),
            false,
        ),
        answer(9, "failed", Some("<i>no room</i>"), false),
    ]
}

/// As the page of a device shows them.
pub fn on_device() -> Vec<OnDevice> {
    let answers = answers().into_iter();
    answers
        .map(|answer| OnDevice {
            id: ID.to_owned(),
            kind: "logs".to_owned(),
            answer,
        })
        .collect()
}
