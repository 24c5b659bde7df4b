//! Reports that are kept, the form that makes one, and schedules.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::quantity::count;
use crate::parts::sentence::{among, sentence};
use crate::parts::text::{self, DeviceRef, code, device_link, foreign, with_commands};
use crate::parts::time::stamp;

pub mod fields {
    pub const KIND: &str = "kind";
    pub const FORMAT: &str = "format";
    pub const DEVICE: &str = "device";
    pub const EVERY: &str = "every";
}

#[derive(Debug, Clone)]
pub struct ReportsView {
    pub kinds: Vec<&'static str>,
    pub periods: Vec<&'static str>,
    /// For the report of one device.
    pub devices: Vec<DeviceRef>,
    /// The coordinator's key, in hexadecimal.
    pub key: String,
    /// The newest first.
    pub kept: Vec<KeptRow>,
    pub schedules: Vec<ScheduleRow>,
}

#[derive(Debug, Clone)]
pub struct KeptRow {
    pub number: u64,
    pub kind: &'static str,
    pub device: Option<DeviceRef>,
    pub format: &'static str,
    pub made_ms: u64,
    pub by: String,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Debug, Clone)]
pub struct ScheduleRow {
    pub number: u64,
    pub kind: &'static str,
    pub format: &'static str,
    pub every: &'static str,
    pub next_ms: u64,
}

pub fn page(shell: &Shell, view: &ReportsView) -> Markup {
    let head = Head {
        title: say!("Reports"),
        nav: Some(Nav::Reports),
        liveness: Liveness::Still,
    };
    let body = html! {
        (heading(&html! { (say!("Reports")) }, &html! { a.button href=(links::compliance("iso-27001")) { (say!("Compliance")) } }))
        @if shell.may_change() {
            section.card { h2 { (say!("Make one")) } (make(view)) }
        }
        @if view.kept.is_empty() {
            (text::empty(say!("No reports"), say!("A report is a PDF or a CSV of what is known at one moment, signed by this coordinator."), &html! {}))
        } @else { (kept(view)) }
        (schedules(shell, view))
        details {
            summary { (say!("How a report is verified")) }
            p { (with_commands(say!("Its last line holds the SHA-256 of everything before it, and this coordinator's signature over that. `palisade-coordinator report verify FILE` checks both, on any machine with `--key`:"))) }
            p { (code(&view.key)) }
        }
    };
    shell_page(shell, &head, &body)
}

/// A kind or a period, as the coordinator names them.
pub fn word(word: &str) -> &str {
    among!(word;
        "fleet" as "report|fleet", "device" as "report|device", "scan" as "report|scan", "incident" as "report|incident",
        "audit" as "report|audit", "compliance" as "report|compliance",
        "daily" as "report|daily", "weekly" as "report|weekly", "monthly" as "report|monthly")
}

fn choice(name: &str, label: &str, words: &[&str]) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) { @for one in words { option value=(one) { (word(one)) } } }
        }
    }
}

fn make(view: &ReportsView) -> Markup {
    html! {
        form.steps-form method="post" action=(links::reports()) {
            (choice(fields::KIND, say!("report|About"), &view.kinds))
            div.field {
                label for=(fields::DEVICE) { (say!("Device, of a device report")) }
                select id=(fields::DEVICE) name=(fields::DEVICE) {
                    option value="" { "–" }
                    @for device in &view.devices { option value=(device.id) { (foreign(&device.name)) } }
                }
            }
            (choice(fields::FORMAT, say!("report|As"), &["pdf", "csv"]))
            button.primary { (say!("Make the report")) }
        }
    }
}

fn kept(view: &ReportsView) -> Markup {
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Made (UTC)")) } th scope="col" { (say!("report|About")) } th scope="col" { (say!("By")) } th scope="col" { (say!("Bytes")) } th scope="col" { ("SHA-256") } th scope="col" { (say!("File")) } } }
            tbody {
                @for row in &view.kept {
                    tr {
                        th scope="row" { (stamp(row.made_ms)) }
                        td data-label=(say!("report|About")) { (word(row.kind)) @if let Some(device) = &row.device { " " (device_link(device)) } }
                        td data-label=(say!("By")) { (foreign(&row.by)) }
                        td data-label=(say!("Bytes")) { (count(row.bytes)) }
                        td data-label=("SHA-256") { (code(&row.sha256)) }
                        td data-label=(say!("File")) { a href=(links::report(row.number)) { (row.kind) "-" (row.number) "." (row.format) } }
                    }
                }
            }
        }
    }
}

fn schedules(shell: &Shell, view: &ReportsView) -> Markup {
    let kinds: Vec<&str> = view
        .kinds
        .iter()
        .copied()
        .filter(|kind| *kind != "device")
        .collect();
    html! {
        section.card {
            h2 { (say!("Schedules")) }
            @if view.schedules.is_empty() {
                p { (say!("No report is made by itself.")) }
            } @else {
                ul {
                    @for row in &view.schedules {
                        li {
                            (sentence!("{kind} as {format}, {often}, next {when}", kind = html! { (word(row.kind)) }, format = html! { (row.format) }, often = html! { (word(row.every)) }, when = stamp(row.next_ms))) " "
                            @if shell.may_change() {
                                form.inline method="post" action=(links::report_unschedule(row.number)) {
                                    button aria-label=(say!("Remove schedule {number}", number = row.number)) { (say!("Remove")) }
                                }
                            }
                        }
                    }
                }
            }
            @if shell.may_change() {
                form.steps-form method="post" action=(links::report_schedules()) {
                    div.field {
                        label for="schedule-kind" { (say!("report|About")) }
                        select id="schedule-kind" name=(fields::KIND) { @for kind in &kinds { option value=(kind) { (word(kind)) } } }
                    }
                    div.field {
                        label for="schedule-format" { (say!("report|As")) }
                        select id="schedule-format" name=(fields::FORMAT) { option value="pdf" { "pdf" } option value="csv" { "csv" } }
                    }
                    (choice(fields::EVERY, say!("How often"), &view.periods))
                    button { (say!("Make it again and again")) }
                }
            }
        }
    }
}
