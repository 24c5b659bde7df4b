//! Scans: what nodes were asked to look at, how far they are, and when they look again.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, LivePage};
use crate::live;
use crate::parts::form::{Field, Input, summary};
use crate::parts::quantity::count;
use crate::parts::sentence::{among, sentence};
use crate::parts::text::{self, foreign, told};
use crate::parts::time::{ago, until};

pub mod fields {
    pub const TARGETS: &str = "targets";
    pub const DEPTH: &str = "depth";
    pub const VIEWS: &str = "views";
    pub const CONFIRM: &str = "confirm";
    pub const EVERY: &str = "every";
    pub const SCHEDULE: &str = "schedule";
}

#[derive(Debug, Clone, Default)]
pub struct ScansView {
    /// The newest first.
    pub jobs: Vec<JobRow>,
    pub schedules: Vec<ScheduleRow>,
    /// Scans that were kept, the newest first.
    pub kept: Vec<KeptRow>,
}

#[derive(Debug, Clone, Default)]
pub struct JobRow {
    pub id: u64,
    pub asked_ms: u64,
    pub by: String,
    pub targets: String,
    pub state: String,
    pub over: bool,
}

#[derive(Debug, Clone, Default)]
pub struct ScheduleRow {
    pub id: u64,
    pub targets: String,
    pub every: String,
    pub next_ms: u64,
    pub trouble: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct KeptRow {
    pub number: u64,
    pub at_ms: u64,
    pub by: String,
    pub scanner: &'static str,
    pub hosts: u64,
    /// Why it is not the whole, if it is not.
    pub lacks: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct NewScanView {
    pub targets: Field,
    pub depth: Field,
    pub views: Field,
    pub confirm: Field,
    pub every: Field,
}

#[derive(Debug, Clone, Default)]
pub struct ScanView {
    pub id: u64,
    pub asked_ms: u64,
    pub by: String,
    pub targets: String,
    pub over: bool,
    pub errands: Vec<ErrandRow>,
    pub spared: Vec<(String, String)>,
}

#[derive(Debug, Clone, Default)]
pub struct ErrandRow {
    pub node: String,
    pub name: String,
    pub targets: String,
    pub state: &'static str,
    /// What the scanner does, or why it does nothing.
    pub detail: String,
    /// Hundredths of a percent of the phase, while it runs.
    pub done: Option<u16>,
    pub hosts: Option<u32>,
    pub since_ms: u64,
}

fn head(title: &str, liveness: Liveness) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Findings),
        liveness,
    }
}

pub fn page(shell: &Shell, view: &ScansView) -> Markup {
    let actions = html! {
        a.button href=(links::findings("", None)) { (say!("Findings")) }
        @if shell.may_change() { a.button.primary href=(links::scan_new(None)) { (say!("verb|Scan")) } }
    };
    let body = html! {
        (heading(&html! { (say!("Scans")) }, &actions))
        section.card { h2 { (say!("scans|Asked for")) } (jobs(shell, view)) }
        section.card { h2 { (say!("Again and again")) } (schedules(shell, view)) }
        section.card { h2 { (say!("scan|Kept")) } (kept(shell, view)) }
    };
    shell_page(shell, &head(say!("Scans"), Liveness::Still), &body)
}

fn jobs(shell: &Shell, view: &ScansView) -> Markup {
    if view.jobs.is_empty() {
        return text::empty(
            say!("No node was asked to scan yet"),
            say!(
                "The nearest node looks at a device or a network, slowly and without changing anything."
            ),
            &html! {},
        );
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Scan")) } th scope="col" { (say!("scan|Of")) } th scope="col" { (say!("State")) } th scope="col" { (say!("Asked")) } th scope="col" { (say!("By")) } } }
            tbody {
                @for job in &view.jobs {
                    tr {
                        th scope="row" { a href=(links::scan(job.id)) { (job.id) } }
                        td data-label=(say!("scan|Of")) { (foreign(&job.targets)) }
                        td data-label=(say!("State")) { @if job.over { (stage(&job.state)) } @else { strong { (stage(&job.state)) } } }
                        td data-label=(say!("Asked")) { (ago(shell.now_ms, job.asked_ms)) }
                        td data-label=(say!("By")) { (foreign(&job.by)) }
                    }
                }
            }
        }
    }
}

/// How far a node is with its part of a scan.
fn stage(word: &str) -> &str {
    among!(word;
        "ordered" as "scan|ordered", "running" as "scan|running", "fetching" as "scan|fetching", "finished" as "scan|finished",
        "refused" as "scan|refused", "failed" as "scan|failed", "cancelling" as "scan|cancelling", "cancelled" as "scan|cancelled",
        "expired" as "scan|expired", "over" as "scan|over")
}

fn schedules(shell: &Shell, view: &ScansView) -> Markup {
    if view.schedules.is_empty() {
        return html! { p.quiet { (say!("Nothing is scanned by itself.")) } };
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("scan|Of")) } th scope="col" { (say!("Every")) } th scope="col" { (say!("scan|Next")) } th scope="col" { (say!("Trouble")) } th scope="col" { span.unseen { (say!("Stop")) } } } }
            tbody {
                @for row in &view.schedules {
                    tr {
                        th scope="row" { (foreign(&row.targets)) }
                        td data-label=(say!("Every")) { (row.every) }
                        td data-label=(say!("scan|Next")) { (until(shell.now_ms, row.next_ms)) }
                        td data-label=(say!("Trouble")) { @match &row.trouble { Some(why) => (told(why)), None => span.quiet { (say!("none")) } } }
                        td data-label="" {
                            @if shell.may_change() {
                                form method="post" action=(links::schedules()) {
                                    input type="hidden" name=(fields::SCHEDULE) value=(row.id);
                                    button { (say!("Stop")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn kept(shell: &Shell, view: &ScansView) -> Markup {
    if view.kept.is_empty() {
        return html! { p.quiet { (say!("No scan was taken in.")) } };
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Number")) } th scope="col" { (say!("Scanner")) } th.num scope="col" { (say!("Hosts")) } th scope="col" { (say!("Taken in")) } th scope="col" { (say!("scan|From")) } } }
            tbody {
                @for row in &view.kept {
                    tr {
                        th scope="row" { (row.number) }
                        td data-label=(say!("Scanner")) { (row.scanner) @if let Some(lacks) = &row.lacks { span.reason { (told(lacks)) } } }
                        td.num data-label=(say!("Hosts")) { (count(row.hosts)) }
                        td data-label=(say!("Taken in")) { (ago(shell.now_ms, row.at_ms)) }
                        td data-label=(say!("scan|From")) { (foreign(&row.by)) }
                    }
                }
            }
        }
    }
}

pub fn new_page(shell: &Shell, view: &NewScanView) -> Markup {
    let wrong = [
        (fields::TARGETS, &view.targets),
        (fields::DEPTH, &view.depth),
        (fields::VIEWS, &view.views),
        (fields::CONFIRM, &view.confirm),
        (fields::EVERY, &view.every),
    ];
    let body = html! {
        (heading(&html! { (say!("verb|Scan")) }, &html! { a.button href=(links::scans()) { (say!("Scans")) } }))
        (summary(&wrong))
        section.card { (form(shell, view)) }
    };
    shell_page(shell, &head(say!("verb|Scan"), Liveness::Still), &body)
}

fn form(shell: &Shell, view: &NewScanView) -> Markup {
    let depths = ["known".to_owned(), "every".to_owned()];
    let counts = ["one".to_owned(), "two".to_owned()];
    let targets = Input::text(fields::TARGETS, say!("What"))
        .optional()
        .hint(say!("Ids of devices, addresses, or networks such as 10.0.0.0/24, with spaces between them. Empty for every device that is known."));
    let depth = Input::text(fields::DEPTH, say!("Ports"))
        .choices(&depths)
        .hint(say!("`known`: a hundred ports by which devices are managed and taken over. `every`: all of TCP, which takes hours."));
    let views = Input::text(fields::VIEWS, say!("Nodes that look"))
        .choices(&counts)
        .hint(say!(
            "`one`, or `two`: what is open to one and shut to the other is a finding of its own."
        ));
    let confirm = Input::text(fields::CONFIRM, say!("Name of a fragile device"))
        .optional()
        .hint(say!("Devices of the classes `plc` and `medical` are never scanned, unless an administrator types the name of the one that is meant."));
    let every = Input::text(fields::EVERY, say!("Again every so many hours"))
        .optional()
        .hint(say!("Empty for once."));
    html! {
        form.steps-form method="post" action=(links::scans()) {
            (targets.render(&view.targets))
            (depth.render(&view.depth))
            (views.render(&view.views))
            @if shell.may_govern() { (confirm.render(&view.confirm)) }
            (every.render(&view.every))
            button.primary { (say!("verb|Scan")) }
            p.quiet { (say!("A node in the same subnet connects to ports at a hundred packets a second at most and asks services for their version. It sends nothing that changes anything.")) }
        }
    }
}

pub fn one(shell: &Shell, view: &ScanView) -> Markup {
    let title = say!("Scan {number}", number = view.id);
    let liveness = match view.over {
        true => Liveness::Live,
        false => Liveness::LiveOrReloaded,
    };
    let body = html! {
        (live::connect(&LivePage::Scan { id: view.id }))
        (heading(&html! { (title) }, &html! { a.button href=(links::scans()) { (say!("Scans")) } a.button href=(links::findings("", None)) { (say!("Findings")) } }))
        div #scan { (content(shell, view)) }
    };
    shell_page(shell, &head(&title, liveness), &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &ScanView) -> Markup {
    live::partial("scan", &content(shell, view))
}

fn content(shell: &Shell, view: &ScanView) -> Markup {
    html! {
        section.card {
            h2 { (foreign(&view.targets)) }
            p.quiet { (sentence!("Asked for by {who}, {when}. It goes on when this page is left.", who = foreign(&view.by), when = ago(shell.now_ms, view.asked_ms))) }
            table.cards {
                thead { tr { th scope="col" { (say!("Node")) } th scope="col" { (say!("State")) } th scope="col" { (say!("scan|Does")) } th.num scope="col" { (say!("Hosts")) } th scope="col" { (say!("Since")) } } }
                tbody { @for row in &view.errands { (errand(shell, row)) } }
            }
            @if !view.over && shell.may_change() {
                form method="post" action=(links::scan_cancel(view.id)) { button.danger { (say!("Cancel")) } }
            }
        }
        @if !view.spared.is_empty() {
            section.card {
                h2 { (say!("Left alone")) }
                ul.events { @for (name, why) in &view.spared { li { span.bullet aria-hidden="true" {} span.what { (foreign(name)) (say!(": ")) (foreign(why)) } span {} } } }
            }
        }
    }
}

fn errand(shell: &Shell, row: &ErrandRow) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(links::device(&row.node)) { (foreign(&row.name)) } span.reason { (foreign(&row.targets)) } }
            td data-label=(say!("State")) { (stage(row.state)) }
            td data-label=(say!("scan|Does")) {
                (told(&row.detail))
                @if let Some(done) = row.done {
                    progress max="10000" value=(done) aria-label=(say!("Of this phase")) {}
                    span.reason { (say!("{percent} % of this phase", percent = done / 100)) }
                }
            }
            td.num data-label=(say!("Hosts")) { @match row.hosts { Some(hosts) => (count(hosts.into())), None => span.quiet { "–" } } }
            td data-label=(say!("Since")) { (ago(shell.now_ms, row.since_ms)) }
        }
    }
}
