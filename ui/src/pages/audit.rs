//! Who did what, to what, and from where; and whether the chain of entries still holds.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::paging::{Paging, paging};
use crate::parts::quantity::count;
use crate::parts::text::{self, code, foreign, or_dash};
use crate::parts::time::{ago, stamp};

#[derive(Debug, Clone)]
pub struct AuditView {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    pub chain: ChainState,
    /// Cursor of this page, and of the next (older) one.
    pub after: Option<String>,
    pub next: Option<String>,
}

#[derive(Debug, Clone)]
pub struct AuditEntry {
    pub number: u64,
    pub at_ms: u64,
    pub actor: String,
    pub action: String,
    pub object: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
}

#[derive(Debug, Clone)]
pub enum ChainState {
    Holds {
        entries: u64,
        head: String,
        checked_ms: u64,
    },
    Broken {
        entry: u64,
        why: String,
    },
    NotChecked,
}

pub fn page(shell: &Shell, view: &AuditView) -> Markup {
    let head = Head {
        title: "Audit",
        nav: Some(Nav::Audit),
        liveness: Liveness::Still,
    };
    let first = view.after.as_ref().map(|_| links::audit(None));
    let next = view.next.as_ref().map(|after| links::audit(Some(after)));
    let body = html! {
        (heading(&html! { "Audit" }, &html! {}))
        (chain(shell, &view.chain))
        @if view.entries.is_empty() {
            (text::empty("No entries", "Every change that a person or a program makes is written here.", &html! {}))
        } @else {
            (table(view))
            (paging(&Paging { first, next }))
        }
    };
    shell_page(shell, &head, &body)
}

fn chain(shell: &Shell, chain: &ChainState) -> Markup {
    html! {
        @match chain {
            ChainState::Holds { entries, head, checked_ms } => div.notice.good {
                p { strong { "The chain holds." } " " (count(*entries)) " entries, checked " (ago(shell.now_ms, *checked_ms)) "." }
                p.quiet { "Newest hash " (code(head)) }
            },
            ChainState::Broken { entry, why } => div.notice.bad role="alert" {
                p { strong { "The chain is broken at entry " (count(*entry)) "." } " " (why) }
                p { "Entries from there on may have been changed. Keep a copy of the store before anything else." }
            },
            ChainState::NotChecked => p.notice.calm { "The chain has not been checked since the start." },
        }
    }
}

fn table(view: &AuditView) -> Markup {
    html! {
        table.cards.audit {
            thead { tr { th scope="col" { "Time (UTC)" } th scope="col" { "Actor" } th scope="col" { "Action" } th scope="col" { "Object" }
                th scope="col" { "Change" } th scope="col" { "Address" } th scope="col" { "Request" } } }
            tbody { @for entry in &view.entries { (row(entry)) } }
        }
    }
}

fn row(entry: &AuditEntry) -> Markup {
    html! {
        tr id={ "entry-" (entry.number) } {
            th scope="row" { (stamp(entry.at_ms)) }
            td data-label="Actor" { (foreign(&entry.actor)) }
            td data-label="Action" { strong { (entry.action) } }
            td data-label="Object" { (foreign(&entry.object)) }
            td data-label="Change" {
                @if entry.before.is_none() && entry.after.is_none() { "–" } @else {
                    @if let Some(before) = &entry.before { del { (foreign(before)) } " " }
                    @if let Some(after) = &entry.after { ins { (foreign(after)) } }
                }
            }
            td.mono data-label="Address" { (or_dash(entry.address.as_deref())) }
            td.mono data-label="Request" { (or_dash(entry.request_id.as_deref())) }
        }
    }
}
