//! Alerts: how many wait, which they are, and under which filter.

use language::{Word, count, say, word};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter, LivePage, query};
use crate::live;
use crate::parts::paging::{Paging, paging};
use crate::parts::sentence::sentence;
use crate::parts::severity::{Severity, badge};
use crate::parts::text::{self, DeviceRef, device_link, foreign, in_english};
use crate::parts::time::ago;

pub mod one;
pub mod rules;

#[derive(Debug, Clone)]
pub struct AlertsView {
    /// Of those that are open, the gravest first.
    pub open: [(Severity, u64); 5],
    pub filter: AlertFilter,
    /// How many pass the filter.
    pub matching: u64,
    /// Seen last first.
    pub rows: Vec<AlertRow>,
    pub next: Option<String>,
    /// When anything was seen last, whatever became of it.
    pub last_ms: Option<u64>,
    /// Whether nobody outside is told of any alert.
    pub told_to_nobody: bool,
}

#[derive(Debug, Clone)]
pub struct AlertRow {
    pub number: u64,
    pub severity: Severity,
    pub title: String,
    pub says: String,
    /// Nothing for what concerns the mesh as a whole.
    pub device: Option<DeviceRef>,
    /// What it is about where that is no member: `mac:…` or `ip:…`.
    pub about: Option<String>,
    pub state: StateView,
    pub count: u32,
    pub first_ms: u64,
    pub last_ms: u64,
    pub incident: u64,
    pub seen_by: usize,
}

/// What people have said about an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateView {
    Open,
    Acknowledged,
    Assigned(String),
    Snoozed { until_ms: u64 },
    Closed,
    FalsePositive,
}

/// Words of the filter, with what they are called.
pub const STATES: [(&str, Word); 8] = [
    ("current", word!("alerts|Not over")),
    ("open", word!("alert|Open")),
    ("acknowledged", word!("alert|Acknowledged")),
    ("assigned", word!("alert|Assigned")),
    ("snoozed", word!("alert|Snoozed")),
    ("closed", word!("alert|Closed")),
    ("false_positive", word!("False positives")),
    ("all", word!("alerts|All")),
];

impl StateView {
    pub fn words(&self) -> Markup {
        html! {
            @match self {
                Self::Open => strong { (say!("alert|Open")) },
                Self::Acknowledged => (say!("alert|Acknowledged")),
                Self::Assigned(to) => (sentence!("Assigned to {name}", name = foreign(to)))
                Self::Snoozed { until_ms } => (sentence!("Snoozed until {when}", when = crate::parts::time::stamp(*until_ms)))
                Self::Closed => (say!("alert|Closed")),
                Self::FalsePositive => (say!("False positive")),
            }
        }
    }
}

pub fn page(shell: &Shell, view: &AlertsView) -> Markup {
    let head = Head {
        title: say!("Alerts"),
        nav: Some(Nav::Alerts),
        liveness: Liveness::Live,
    };
    let actions = html! {
        a.button href=(links::rules()) { (say!("Rules")) }
        a.button href=(links::delivery()) { (say!("Delivery")) }
    };
    let body = html! {
        (live::connect(&LivePage::Alerts(&view.filter)))
        (heading(&html! { (say!("Alerts")) }, &actions))
        div #alert-chips { (chips(view)) }
        (filter_form(view))
        div #alert-list { (list(shell, view)) }
    };
    shell_page(shell, &head, &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &AlertsView) -> Markup {
    html! {
        (live::partial("alert-chips", &chips(view)))
        (live::partial("alert-list", &list(shell, view)))
    }
}

fn chips(view: &AlertsView) -> Markup {
    html! {
        ul.chips {
            @for (severity, open) in view.open {
                li {
                    a.chip.severity.(severity.slug()).zero[open == 0] href=(links::alerts(&AlertFilter::open(severity.slug()))) {
                        (badge(severity))
                        span.count { (open) }
                    }
                }
            }
        }
        @if view.told_to_nobody {
            p.notice.notable { (sentence!("Nobody outside is told of any alert: {link}.", link = html! { a href=(links::delivery()) { (say!("say who is")) } })) }
        }
    }
}

fn filter_form(view: &AlertsView) -> Markup {
    let filter = &view.filter;
    let state = filter.state.as_deref().unwrap_or("current");
    let least = filter.severity.as_deref().unwrap_or_default();
    html! {
        form.filter role="search" method="get" action=(links::alerts(&AlertFilter::default())) {
            label {
                span.unseen { (say!("State")) }
                select name=(query::STATE) {
                    @for (word, label) in STATES { option value=(word) selected[word == state] { (label.now()) } }
                }
            }
            label {
                span.unseen { (say!("Severity")) }
                select name=(query::SEVERITY) {
                    option value="" { (say!("Any severity")) }
                    @for severity in Severity::ALL {
                        option value=(severity.slug()) selected[severity.slug() == least] { (say!("{severity} and above", severity = severity.word())) }
                    }
                }
            }
            @for (name, value) in filter.kept() { input type="hidden" name=(name) value=(value); }
            button { (say!("Filter")) }
            @if filter.narrows() { a.button.plain href=(links::alerts(&AlertFilter::default())) { (say!("Clear")) } }
        }
    }
}

fn list(shell: &Shell, view: &AlertsView) -> Markup {
    if view.rows.is_empty() {
        return nothing(shell, view);
    }
    let first = view.filter.after.as_ref();
    let first = first.map(|_| links::alerts(&view.filter.with_after(None)));
    let next = view.next.as_deref();
    let next = next.map(|after| links::alerts(&view.filter.with_after(Some(after))));
    html! {
        table.cards {
            caption { (count!(view.matching, "{n} alert", "{n} alerts")) }
            thead { tr { th scope="col" { (say!("Alert")) } th scope="col" { (say!("Severity")) } th scope="col" { (say!("Device")) }
                th scope="col" { (say!("State")) } th scope="col" { (say!("Seen")) } th scope="col" { (say!("Last")) } } }
            tbody { @for alert in &view.rows { (row(shell, alert)) } }
        }
        (paging(&Paging { first, next }))
    }
}

pub fn row(shell: &Shell, alert: &AlertRow) -> Markup {
    html! {
        tr id={ "alert-" (alert.number) } {
            th scope="row" {
                a href=(links::alert(alert.number)) { (in_english(&alert.title)) }
                span.reason hx-ignore { (alert.says) }
            }
            td data-label=(say!("Severity")) { (badge(alert.severity)) }
            td data-label=(say!("Device")) { (whose(alert)) }
            td data-label=(say!("State")) { (alert.state.words()) }
            td data-label=(say!("Seen")) { (times(alert.count)) }
            td data-label=(say!("Last")) { (ago(shell.now_ms, alert.last_ms)) }
        }
    }
}

pub fn whose(alert: &AlertRow) -> Markup {
    let hardware = alert
        .about
        .as_deref()
        .and_then(|about| about.strip_prefix("mac:"));
    html! {
        @match (&alert.device, hardware, &alert.about) {
            (Some(device), ..) => (device_link(device)),
            (None, Some(mac), _) => a href=(links::neighbour_profile(mac)) { (foreign(mac)) },
            (None, None, Some(about)) => (foreign(about)),
            (None, None, None) => (say!("the mesh")),
        }
    }
}

pub fn times(count: u32) -> String {
    match count {
        1 => say!("once").to_owned(),
        _ => count!(count, "{n} time", "{n} times"),
    }
}

fn nothing(shell: &Shell, view: &AlertsView) -> Markup {
    let all =
        html! { a.button href=(links::alerts(&AlertFilter::all())) { (say!("Show all alerts")) } };
    if view.filter.narrows() {
        return text::empty(
            say!("No alert matches"),
            say!("Nothing fits the filter."),
            &all,
        );
    }
    let detail = html! {
        @match view.last_ms {
            Some(at) => p { (sentence!("The last one was seen {when}.", when = ago(shell.now_ms, at))) },
            None => p { (say!("Nothing was seen since this coordinator was set up.")) },
        }
        (all)
    };
    text::empty(say!("Quiet"), say!("Nothing waits for anybody."), &detail)
}
