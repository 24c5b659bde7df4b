//! One finding: what it is, which devices have it, and what was decided about it.

use language::{number::decimal, say};
use maud::{Markup, html};

use super::{DecisionForm, FindingRow, decision_form, fields, level, likelihood};
use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::class::class_name;
use crate::parts::form::summary;
use crate::parts::paging::{Paging, paging};
use crate::parts::quantity::count;
use crate::parts::text::{code, facts, foreign, in_english, or_dash};
use crate::parts::time::stamp;

#[derive(Debug, Clone)]
pub struct FindingView {
    pub row: FindingRow,
    pub summary: String,
    pub aliases: Vec<String>,
    pub references: Vec<String>,
    pub next_step: String,
    pub devices: Vec<AffectedRow>,
    pub after: Option<String>,
    pub next: Option<String>,
    pub decisions: Vec<DecisionRow>,
    pub form: DecisionForm,
    /// Words for why something is not affected.
    pub justifications: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct AffectedRow {
    pub device: String,
    pub name: String,
    pub class: String,
    pub place: String,
    pub evidence: String,
    pub confidence: &'static str,
    pub fixed_in: Option<String>,
    /// `open`, or how it was closed.
    pub state: &'static str,
    pub why: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct DecisionRow {
    pub verdict: &'static str,
    pub scope: String,
    pub reason: String,
    pub by: String,
    pub at_ms: u64,
    pub until: Option<String>,
    pub holds: bool,
}

pub fn page(shell: &Shell, view: &FindingView) -> Markup {
    let head = Head {
        title: &view.row.id,
        nav: Some(Nav::Findings),
        liveness: Liveness::Still,
    };
    let form = &view.form;
    let wrong = [
        (fields::VERDICT, &form.verdict),
        (fields::JUSTIFICATION, &form.justification),
        (fields::REASON, &form.reason),
        (fields::SCOPE, &form.scope),
        (fields::UNTIL, &form.until),
    ];
    let all = html! { a.button href=(links::findings("", None)) { (say!("All findings")) } };
    let body = html! {
        (heading(&foreign(&view.row.id), &all))
        (summary(&wrong))
        section.card { h2 { (foreign(&view.row.title)) } (what(view)) }
        section.card { h2 { (say!("Devices")) } (devices(view)) }
        section.card { h2 { (say!("Decisions")) } (decisions(view)) }
        @if shell.may_change() {
            section.card {
                h2 { (say!("Decide about it")) }
                (decision_form(&view.row.id, form, &view.justifications))
            }
        }
    };
    shell_page(shell, &head, &body)
}

fn what(view: &FindingView) -> Markup {
    let row = &view.row;
    let exploited = match &row.exploited {
        Some(day) => {
            html! { strong.bad-word { (say!("Yes")) } (say!(", since {day}", day = day)) @if row.ransomware { (say!(", also by ransomware")) } }
        }
        None => html! { (say!("not known")) },
    };
    let mut rows = vec![
        (say!("Exploited"), exploited),
        (say!("Likelihood"), likelihood(row.likelihood)),
        (say!("Reached from"), html! { (row.exposure) }),
        (
            say!("Severity"),
            html! { (level(row.level)) @if let Some(cvss) = row.cvss { ", CVSS " (decimal(cvss, 1)) } },
        ),
        (
            say!("Open on"),
            html! { (say!("{open} of {devices} devices that have it", open = count(row.open), devices = count(row.devices))) },
        ),
        (say!("Next step"), foreign(&view.next_step)),
    ];
    if let Some(due) = &row.due {
        rows.insert(1, (say!("To be fixed by"), html! { (due) }));
    }
    if !view.aliases.is_empty() {
        rows.push((say!("Also called"), foreign(&view.aliases.join(", "))));
    }
    html! {
        @if !view.summary.is_empty() { p { (in_english(&view.summary)) } }
        (facts(rows))
        @if !view.references.is_empty() {
            details { summary { (say!("References")) } ul { @for reference in &view.references { li { (code(reference)) } } } }
        }
    }
}

fn devices(view: &FindingView) -> Markup {
    let first = view.after.as_ref().map(|_| links::finding(&view.row.id));
    let next = view.next.as_ref();
    let next = next.map(|next| links::finding_after(&view.row.id, next));
    html! {
        table.cards {
            thead {
                tr {
                    th scope="col" { (say!("Device")) }
                    th scope="col" { (say!("State")) }
                    th scope="col" { (say!("Where")) }
                    th scope="col" { (say!("Seen")) }
                    th scope="col" { (say!("Known by")) }
                    th scope="col" { (say!("Fixed in")) }
                }
            }
            tbody {
                @for row in &view.devices {
                    tr {
                        th scope="row" { a href=(links::findings_on(&row.device)) { (foreign(&row.name)) } span.reason { (class_name(&row.class)) } }
                        td data-label=(say!("State")) { (state(row.state)) @if let Some(why) = &row.why { span.reason { (foreign(why)) } } }
                        td data-label=(say!("Where")) { (foreign(&row.place)) }
                        td data-label=(say!("Seen")) { (foreign(&row.evidence)) }
                        td data-label=(say!("Known by")) { (row.confidence) }
                        td data-label=(say!("Fixed in")) { (or_dash(row.fixed_in.as_deref())) }
                    }
                }
            }
        }
        (paging(&Paging { first, next }))
    }
}

/// Whether it is to be fixed, as a word.
pub(crate) fn state(word: &'static str) -> Markup {
    html! {
        @match word {
            "open" => strong.bad-word { (say!("finding|open")) },
            "not_affected" => (say!("not affected")),
            "closed_by_vendor" => (say!("closed by its maker")),
            "accepted" => (say!("finding|accepted")),
            other => (other),
        }
    }
}

fn decisions(view: &FindingView) -> Markup {
    html! {
        @if view.decisions.is_empty() {
            p.quiet { (say!("Nobody has decided anything about it.")) }
        } @else {
            div.table-scroll tabindex="0" role="region" aria-label=(say!("Decisions")) {
                table {
                    thead { tr { th scope="col" { (say!("Verdict")) } th scope="col" { (say!("For")) } th scope="col" { (say!("Why")) } th scope="col" { (say!("By")) } th scope="col" { (say!("When")) } th scope="col" { (say!("Until")) } } }
                    tbody {
                        @for row in &view.decisions {
                            tr {
                                th scope="row" { (state(row.verdict)) @if !row.holds { span.reason { (say!("has ended")) } } }
                                td { (foreign(&row.scope)) }
                                td { (foreign(&row.reason)) }
                                td { (foreign(&row.by)) }
                                td { (stamp(row.at_ms)) }
                                td { (row.until.as_deref().unwrap_or(say!("no end"))) }
                            }
                        }
                    }
                }
            }
        }
    }
}
