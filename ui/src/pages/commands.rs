//! Commands to devices: the list, one of them with every answer, and the form for another.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, LivePage};
use crate::live;
use crate::parts::form::{Field, Input, summary};
use crate::parts::sentence::{among, sentence};
use crate::parts::text::{DeviceRef, code, device_link, facts, foreign, told};

pub mod fields {
    pub const KIND: &str = "kind";
    pub const TO: &str = "to";
    pub const MINUTES: &str = "minutes";
    pub const SIGNED: &str = "signed";
}

#[derive(Debug, Clone)]
pub struct CommandRow {
    pub id: String,
    pub kind: String,
    pub to: String,
    pub given: String,
    pub until: String,
    pub by: String,
    pub signed_by: String,
    pub done: usize,
    pub devices: usize,
    pub ended: bool,
}

#[derive(Debug, Clone)]
pub struct CommandView {
    pub row: CommandRow,
    /// What administrators sign.
    pub draft: Option<u64>,
    pub answers: Vec<AnswerRow>,
}

#[derive(Debug, Clone)]
pub struct AnswerRow {
    pub device: DeviceRef,
    /// `open`, `silent`, `done`, `refused` or `failed`.
    pub state: String,
    pub why: Option<String>,
    pub at: Option<String>,
    /// What was done with what came of it.
    pub result: Option<String>,
    /// Whether that can be read.
    pub kept: bool,
}

#[derive(Debug, Clone, Default)]
pub struct NewCommandView {
    pub kind: Field,
    pub to: Field,
    pub minutes: Field,
    pub signed: Field,
}

/// A command as the page of a device shows it.
#[derive(Debug, Clone)]
pub struct OnDevice {
    pub id: String,
    pub kind: String,
    pub answer: AnswerRow,
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Devices),
        liveness: Liveness::Still,
    }
}

fn live_head(title: &str) -> Head<'_> {
    Head {
        liveness: Liveness::LiveOrReloaded,
        ..head(title)
    }
}

pub fn page(shell: &Shell, rows: &[CommandRow]) -> Markup {
    let actions = html! {
        @if shell.may_change() { a.button.primary href=(links::command_new(None)) { (say!("Command devices")) } }
    };
    let body = html! {
        (live::connect(&LivePage::Commands))
        (heading(&html! { (say!("Commands")) }, &actions))
        section.card #commands { (list(rows)) }
    };
    shell_page(shell, &live_head(say!("Commands")), &body)
}

/// Every live region of the list, as one message of its event stream.
pub fn live(rows: &[CommandRow]) -> Markup {
    live::partial("commands", &list(rows))
}

fn list(rows: &[CommandRow]) -> Markup {
    html! {
        @if rows.is_empty() {
            p { (say!("No device was told to do anything. A command restarts the service that a node runs, collects the node's log, or scans its subnets.")) }
        } @else {
            (table(rows))
        }
    }
}

/// What is to be done, of the words of the protocol.
fn kind(word: &str) -> &str {
    among!(word; "restart" as "command|restart", "logs" as "command|logs", "scan" as "command|scan", "wipe" as "command|wipe", "unknown" as "command|unknown")
}

/// What a device has made of it.
fn state(word: &str) -> &str {
    among!(word; "open" as "answer|open", "silent" as "answer|silent", "done" as "answer|done", "refused" as "answer|refused", "failed" as "answer|failed")
}

fn signer(word: &str) -> String {
    match word {
        "coordinator" => say!("the coordinator").to_owned(),
        "administrators" => say!("the administrators").to_owned(),
        other => other.to_owned(),
    }
}

fn table(rows: &[CommandRow]) -> Markup {
    html! {
        div.table-scroll tabindex="0" role="region" aria-label=(say!("Commands")) {
            table {
                thead { tr { th scope="col" { (say!("Command")) } th scope="col" { (say!("command|For")) } th scope="col" { (say!("command|Given")) } th scope="col" { (say!("By")) } th scope="col" { (say!("command|Done")) } } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { a href=(links::command(&row.id)) { (kind(&row.kind)) } }
                            td { (foreign(&row.to)) }
                            td { (row.given) }
                            td { (foreign(&row.by)) }
                            td { (say!("{part} of {whole}", part = row.done, whole = row.devices)) }
                        }
                    }
                }
            }
        }
    }
}

pub fn one_page(shell: &Shell, view: &CommandView) -> Markup {
    let row = &view.row;
    let body = html! {
        (live::connect(&LivePage::Command { id: &row.id }))
        (heading(&html! { (say!("Command: {kind}", kind = kind(&row.kind))) }, &html! { a.button href=(links::commands()) { (say!("Commands")) } }))
        section.card {
            (facts(vec![
                (say!("Id"), code(&row.id)),
                (say!("command|For"), foreign(&row.to)),
                (say!("command|Given"), sentence!("{when} by {who}", when = html! { (row.given) }, who = foreign(&row.by))),
                (say!("Nobody begins after"), html! { (row.until) }),
                (say!("Signed by"), signed_by(view)),
            ]))
        }
        section.card {
            h2 { (say!("Answers")) }
            div #answers { (answered(view)) }
            p.quiet { (say!("Each answer stands in the log that the device signs. What it sends was sealed by it and is opened here.")) }
        }
    };
    shell_page(shell, &live_head(say!("Command")), &body)
}

/// Every live region of one command, as one message of its event stream.
pub fn one_live(view: &CommandView) -> Markup {
    live::partial("answers", &answered(view))
}

fn answered(view: &CommandView) -> Markup {
    html! {
        @if view.answers.is_empty() {
            p { (say!("It speaks to no device.")) }
        } @else {
            (answers(view))
        }
    }
}

fn signed_by(view: &CommandView) -> Markup {
    html! {
        (signer(&view.row.signed_by))
        @if let Some(draft) = view.draft { (say!(": ")) a href=(links::draft(draft)) { (say!("draft {number}", number = draft)) } }
    }
}

fn answers(view: &CommandView) -> Markup {
    html! {
        div.table-scroll tabindex="0" role="region" aria-label=(say!("Answers")) {
            table {
                thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("Answer")) } th scope="col" { (say!("Why")) } th scope="col" { (say!("When")) } th scope="col" { (say!("Result")) } } }
                tbody {
                    @for answer in &view.answers {
                        tr {
                            th scope="row" { (device_link(&answer.device)) }
                            td { (state(&answer.state)) }
                            td { (told(answer.why.as_deref().unwrap_or_default())) }
                            td { (answer.at.as_deref().unwrap_or_default()) }
                            td { (result(&view.row.id, answer)) }
                        }
                    }
                }
            }
        }
    }
}

fn result(id: &str, answer: &AnswerRow) -> Markup {
    html! {
        @if answer.kept {
            a href=(links::command_result(id, &answer.device.id)) { (say!("Read it")) }
        } @else if let Some(note) = &answer.result {
            (foreign(note))
        }
    }
}

/// What the page of a device says of commands to it.
pub fn on_device(shell: &Shell, device: &str, commands: &[OnDevice]) -> Markup {
    html! {
        section.card aria-labelledby="commands-title" {
            h2 #commands-title { (say!("Commands")) }
            @if commands.is_empty() {
                p.quiet { (say!("It was told to do nothing lately.")) }
            } @else {
                ul {
                    @for command in commands {
                        li {
                            a href=(links::command(&command.id)) { (kind(&command.kind)) } (say!(": ")) (state(&command.answer.state))
                            @if let Some(why) = &command.answer.why { ", " (told(why)) }
                            " " (result(&command.id, &command.answer))
                        }
                    }
                }
            }
            @if shell.may_change() { p { a href=(links::command_new(Some(device))) { (say!("Command it")) } } }
        }
    }
}

pub fn new_page(shell: &Shell, view: &NewCommandView) -> Markup {
    let body = html! {
        (heading(&html! { (say!("Command devices")) }, &html! { a.button href=(links::commands()) { (say!("Commands")) } }))
        (summary(&[(fields::KIND, &view.kind), (fields::TO, &view.to), (fields::MINUTES, &view.minutes), (fields::SIGNED, &view.signed)]))
        section.card { (form(view)) }
    };
    shell_page(shell, &head(say!("Command devices")), &body)
}

fn form(view: &NewCommandView) -> Markup {
    let kind = Input::text(fields::KIND, say!("What")).hint(
        say!("`restart`: the service that the node runs from its slot. `logs`: the node's newest log lines. `scan`: the subnets it is in."),
    );
    let to = Input::text(fields::TO, say!("command|For")).hint(say!(
        "`class:camera`, `cell:NAME` or `device:ID`, with the id as the device page shows it."
    ));
    let minutes = Input::text(fields::MINUTES, say!("Minutes in which it may be begun"))
        .optional()
        .hint(say!(
            "1440 at most where the coordinator signs it, 30 days where administrators do."
        ));
    let signed = Input::text(fields::SIGNED, say!("Signed by")).hint(say!(
        "`coordinator`, where the settings of the devices let it; or `administrators`."
    ));
    html! {
        form.steps-form method="post" action=(links::commands()) {
            (kind.render(&view.kind))
            (to.render(&view.to))
            (minutes.render(&view.minutes))
            (signed.render(&view.signed))
            button.primary { (say!("Give the command")) }
            p.quiet { (say!("A device does it once and answers in its log. Devices are wiped where they are retired, with an administrator's key.")) }
        }
    }
}
