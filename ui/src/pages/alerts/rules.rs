//! Rules: those that read log lines, files that hold none, and what people have tuned.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter};
use crate::parts::text::{code, foreign, or_dash};
use crate::parts::time::until;

#[derive(Debug, Clone, Default)]
pub struct RulesView {
    pub tunings: Vec<TuningRow>,
    pub rules: Vec<RuleRow>,
    /// Files that are not used, and why.
    pub refused: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct TuningRow {
    pub number: u64,
    pub rule: String,
    pub of: String,
    pub effect: String,
    pub why: String,
    pub by: String,
    pub until_ms: u64,
}

#[derive(Debug, Clone)]
pub struct RuleRow {
    pub name: String,
    pub title: String,
    pub severity: String,
    pub attack: Option<String>,
    /// What the rule reads: logs, or what the mesh itself says.
    pub source: &'static str,
}

pub fn page(shell: &Shell, view: &RulesView) -> Markup {
    let head = Head {
        title: "Rules",
        nav: Some(Nav::Alerts),
        liveness: Liveness::Still,
    };
    let actions = html! { a.button href=(links::alerts(&AlertFilter::default())) { "Alerts" } };
    let body = html! {
        (heading(&html! { "Rules" }, &actions))
        @if !view.refused.is_empty() {
            div.notice.bad role="alert" {
                p { "These files are not used:" }
                ul { @for (file, why) in &view.refused { li { (code(file)) ": " (foreign(why)) } } }
            }
        }
        (tunings(shell, &view.tunings))
        (rules(&view.rules))
    };
    shell_page(shell, &head, &body)
}

fn tunings(shell: &Shell, rows: &[TuningRow]) -> Markup {
    html! {
        section.card {
            h2 { "Tuned" }
            @if rows.is_empty() {
                p { "Every rule is as it came. An alert's page tunes its rule." }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { "Rule" } th scope="col" { "For" } th scope="col" { "Is" } th scope="col" { "Why" }
                        th scope="col" { "Ends" } th scope="col" { span.unseen { "Remove" } } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (code(&row.rule)) }
                        td data-label="For" { (foreign(&row.of)) }
                        td data-label="Is" { (row.effect) }
                        td data-label="Why" { (foreign(&row.why)) ", says " (foreign(&row.by)) }
                        td data-label="Ends" { (until(shell.now_ms, row.until_ms)) }
                        td data-label="Remove" {
                            @if shell.may_change() {
                                form method="post" action=(links::tuning_remove(row.number)) { button { "Remove" } }
                            }
                        }
                    } } }
                }
            }
        }
    }
}

fn rules(rows: &[RuleRow]) -> Markup {
    html! {
        section.card {
            h2 { "All rules" }
            table.cards {
                thead { tr { th scope="col" { "Name" } th scope="col" { "Says" } th scope="col" { "Severity" }
                    th scope="col" { "ATT&CK" } th scope="col" { "Reads" } } }
                tbody { @for row in rows { tr {
                    th scope="row" { (code(&row.name)) }
                    td data-label="Says" { (foreign(&row.title)) }
                    td data-label="Severity" { (row.severity) }
                    td data-label="ATT&CK" { (or_dash(row.attack.as_deref())) }
                    td data-label="Reads" { (row.source) }
                } } }
            }
            p.quiet { "Rules of your own that read log lines are files in the folder " code { "rules" } " beside the coordinator's settings." }
        }
    }
}
