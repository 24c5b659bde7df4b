//! Who did what, to what, and from where; and whether the chain of entries still holds.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AuditFilter, query, route};
use crate::parts::paging::{Paging, paging};
use crate::parts::quantity::count;
use crate::parts::sentence::sentence;
use crate::parts::text::{self, DeviceRef, code, device_link, foreign, or_dash, with_commands};
use crate::parts::time::{ago, stamp};

#[derive(Debug, Clone)]
pub struct AuditView {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    pub chain: ChainState,
    /// What gateways have countersigned.
    pub gateways: Vec<GatewayWord>,
    pub filter: AuditFilter,
    /// What is wrong with the filter.
    pub flaw: Option<String>,
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

/// One gateway's countersignature.
#[derive(Debug, Clone)]
pub struct GatewayWord {
    pub device: DeviceRef,
    pub at_ms: u64,
    pub entries: u64,
    /// What is wrong, where it has countersigned another log.
    pub disagrees: Option<String>,
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
        title: say!("Audit"),
        nav: Some(Nav::Audit),
        liveness: Liveness::Still,
    };
    let filter = &view.filter;
    let first = view.after.as_ref().map(|_| links::audit(filter, None));
    let next = view
        .next
        .as_ref()
        .map(|after| links::audit(filter, Some(after)));
    let actions = html! {
        a.button href=(links::audit_export(filter, "csv")) { "CSV" }
        a.button href=(links::audit_export(filter, "jsonl")) { (say!("JSON lines")) }
    };
    let body = html! {
        (heading(&html! { (say!("Audit")) }, &actions))
        (chain(shell, &view.chain))
        (countersigned(shell, &view.gateways))
        (filter_form(view))
        @if view.entries.is_empty() && (filter.narrows() || view.after.is_some()) {
            (text::empty(say!("No such entries"), say!("Nothing that was done fits what is sought on this page."), &html! {}))
            (paging(&Paging { first, next }))
        } @else if view.entries.is_empty() {
            (text::empty(say!("No entries"), say!("Every change that a person or a program makes is written here."), &html! {}))
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
                p { strong { (say!("The chain holds.")) } " " (sentence!("{number} entries, checked {when}.", number = html! { (count(*entries)) }, when = ago(shell.now_ms, *checked_ms))) }
                p.quiet { (say!("Newest hash")) " " (code(head)) }
            },
            ChainState::Broken { entry, why } => div.notice.bad role="alert" {
                p { strong { (say!("The chain is broken at entry {number}.", number = count(*entry))) } " " (why) }
                p { (say!("Entries from there on may have been changed. Keep a copy of the store before anything else.")) }
            },
            ChainState::NotChecked => p.notice.calm { (say!("The chain has not been checked since the start.")) },
        }
    }
}

fn countersigned(shell: &Shell, gateways: &[GatewayWord]) -> Markup {
    let wrong = gateways.iter().filter_map(|word| word.disagrees.as_ref());
    html! {
        @for says in wrong {
            div.notice.bad role="alert" {
                p { strong { (say!("A gateway has countersigned another log.")) } " " (says) }
                p { (say!("If a backup was restored, that is why. If not, somebody changed the store: keep a copy of it.")) }
            }
        }
        details {
            summary { (count!(gateways.len() as u64, "{n} countersigned by gateways", "many|{n} countersigned by gateways")) }
            @if gateways.is_empty() {
                p.quiet { (with_commands(say!("No gateway has countersigned the log: nobody but this machine vouches for its end. The root names gateways with `palisade-coordinator offices gateways`."))) }
            } @else {
                div.table-scroll tabindex="0" role="region" aria-label=(say!("Countersigned by gateways")) {
                    table {
                        thead { tr { th scope="col" { (say!("Gateway")) } th scope="col" { (say!("Entries")) } th scope="col" { (say!("When")) } th scope="col" { (say!("Log")) } } }
                        tbody {
                            @for word in gateways {
                                tr {
                                    th scope="row" { (device_link(&word.device)) }
                                    td { (count(word.entries)) }
                                    td { (ago(shell.now_ms, word.at_ms)) }
                                    td { @if word.disagrees.is_some() { strong { (say!("log|another")) } } @else { (say!("log|this one")) } }
                                }
                            }
                        }
                    }
                }
                p.quiet { (say!("Each says so in its own log, which this machine cannot write.")) }
            }
        }
    }
}

fn filter_form(view: &AuditView) -> Markup {
    let filter = &view.filter;
    let text = |name: &str, label: &str, value: &str| {
        html! {
            label {
                span.unseen { (label) }
                input type="search" name=(name) value=(value) placeholder=(label) autocomplete="off" spellcheck="false";
            }
        }
    };
    let day = |name: &str, label: &str, value: &str| {
        html! { label { (label) " " input type="date" name=(name) value=(value); } }
    };
    html! {
        form.filter role="search" method="get" action=(route::AUDIT) {
            (text(query::ACTOR, say!("audit|Who"), &filter.actor))
            (text(query::ACTION, say!("Action, as device."), &filter.action))
            (text(query::OBJECT, say!("On what"), &filter.object))
            (day(query::FROM, say!("audit|From"), &filter.from))
            (day(query::UNTIL, say!("audit|Until"), &filter.until))
            button { (say!("Filter")) }
            @if filter.narrows() { a.button.plain href=(links::audit(&AuditFilter::default(), None)) { (say!("Clear")) } }
        }
        @if let Some(flaw) = &view.flaw { p.error role="alert" { (flaw) } }
    }
}

fn table(view: &AuditView) -> Markup {
    html! {
        table.cards.audit {
            thead { tr { th scope="col" { (say!("Time (UTC)")) } th scope="col" { (say!("Actor")) } th scope="col" { (say!("Action")) } th scope="col" { (say!("Object")) }
                th scope="col" { (say!("Change")) } th scope="col" { (say!("Address")) } th scope="col" { (say!("Request")) } } }
            tbody { @for entry in &view.entries { (row(entry)) } }
        }
    }
}

fn row(entry: &AuditEntry) -> Markup {
    html! {
        tr id={ "entry-" (entry.number) } {
            th scope="row" { (stamp(entry.at_ms)) }
            td data-label=(say!("Actor")) { (foreign(&entry.actor)) }
            td data-label=(say!("Action")) { strong { (entry.action) } }
            td data-label=(say!("Object")) { (foreign(&entry.object)) }
            td data-label=(say!("Change")) {
                @if entry.before.is_none() && entry.after.is_none() { "–" } @else {
                    @if let Some(before) = &entry.before { del { (foreign(before)) } " " }
                    @if let Some(after) = &entry.after { ins { (foreign(after)) } }
                }
            }
            td.mono data-label=(say!("Address")) { (or_dash(entry.address.as_deref())) }
            td.mono data-label=(say!("Request")) { (or_dash(entry.request_id.as_deref())) }
        }
    }
}
