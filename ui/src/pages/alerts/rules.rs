//! Rules: those that read log lines, files that hold none, and what people have tuned.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter};
use crate::parts::sentence::sentence;
use crate::parts::text::{code, foreign, in_english, or_dash};
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
    /// Why it may never speak.
    pub warnings: Vec<String>,
}

pub fn page(shell: &Shell, view: &RulesView) -> Markup {
    let head = Head {
        title: say!("Rules"),
        nav: Some(Nav::Alerts),
        liveness: Liveness::Still,
    };
    let actions =
        html! { a.button href=(links::alerts(&AlertFilter::default())) { (say!("Alerts")) } };
    let body = html! {
        (heading(&html! { (say!("Rules")) }, &actions))
        @if !view.refused.is_empty() {
            div.notice.bad role="alert" {
                p { (say!("These files are not used:")) }
                ul { @for (file, why) in &view.refused { li { (code(file)) (say!(": ")) (foreign(why)) } } }
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
            h2 { (say!("Tuned")) }
            @if rows.is_empty() {
                p { (say!("Every rule is as it came. An alert's page tunes its rule.")) }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { (say!("Rule")) } th scope="col" { (say!("For")) } th scope="col" { (say!("Is")) } th scope="col" { (say!("Why")) }
                        th scope="col" { (say!("Ends")) } th scope="col" { span.unseen { (say!("Remove")) } } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (code(&row.rule)) }
                        td data-label=(say!("For")) { (foreign(&row.of)) }
                        td data-label=(say!("Is")) { (row.effect) }
                        td data-label=(say!("Why")) { (sentence!("{why}, says {name}", why = foreign(&row.why), name = foreign(&row.by))) }
                        td data-label=(say!("Ends")) { (until(shell.now_ms, row.until_ms)) }
                        td data-label=(say!("Remove")) {
                            @if shell.may_change() {
                                form method="post" action=(links::tuning_remove(row.number)) { button { (say!("Remove")) } }
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
            h2 { (say!("All rules")) }
            table.cards {
                thead { tr { th scope="col" { (say!("Name")) } th scope="col" { (say!("word|Says")) } th scope="col" { (say!("Severity")) }
                    th scope="col" { "ATT&CK" } th scope="col" { (say!("Reads")) } } }
                tbody { @for row in rows { tr {
                    th scope="row" { (code(&row.name)) }
                    td data-label=(say!("word|Says")) {
                        (in_english(&row.title))
                        @for warning in &row.warnings { p.notice.notable { (say!("It may never speak:")) " " (in_english(warning)) } }
                    }
                    td data-label=(say!("Severity")) { (row.severity) }
                    td data-label="ATT&CK" { (or_dash(row.attack.as_deref())) }
                    td data-label=(say!("Reads")) { (row.source) }
                } } }
            }
            p.quiet { (sentence!("Rules of your own that read log lines are files in the folder {folder} beside the coordinator's settings.", folder = html! { code { "rules" } })) }
        }
    }
}
