//! Alerts: how many wait, which they are, and under which filter.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter, LivePage, query};
use crate::live;
use crate::parts::paging::{Paging, paging};
use crate::parts::quantity::count;
use crate::parts::severity::{Severity, badge};
use crate::parts::text::{self, DeviceRef, device_link, foreign};
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
pub const STATES: [(&str, &str); 8] = [
    ("current", "Not over"),
    ("open", "Open"),
    ("acknowledged", "Acknowledged"),
    ("assigned", "Assigned"),
    ("snoozed", "Snoozed"),
    ("closed", "Closed"),
    ("false_positive", "False positives"),
    ("all", "All"),
];

impl StateView {
    pub fn words(&self) -> Markup {
        html! {
            @match self {
                Self::Open => strong { "Open" },
                Self::Acknowledged => "Acknowledged",
                Self::Assigned(to) => { "Assigned to " (foreign(to)) }
                Self::Snoozed { until_ms } => { "Snoozed until " (crate::parts::time::stamp(*until_ms)) }
                Self::Closed => "Closed",
                Self::FalsePositive => "False positive",
            }
        }
    }
}

pub fn page(shell: &Shell, view: &AlertsView) -> Markup {
    let head = Head {
        title: "Alerts",
        nav: Some(Nav::Alerts),
        liveness: Liveness::Live,
    };
    let actions = html! {
        a.button href=(links::rules()) { "Rules" }
        a.button href=(links::delivery()) { "Delivery" }
    };
    let body = html! {
        (live::connect(&LivePage::Alerts(&view.filter)))
        (heading(&html! { "Alerts" }, &actions))
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
            p.notice.notable { "Nobody outside is told of any alert: " a href=(links::delivery()) { "say who is" } "." }
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
                span.unseen { "State" }
                select name=(query::STATE) {
                    @for (word, label) in STATES { option value=(word) selected[word == state] { (label) } }
                }
            }
            label {
                span.unseen { "Severity" }
                select name=(query::SEVERITY) {
                    option value="" { "Any severity" }
                    @for severity in Severity::ALL {
                        option value=(severity.slug()) selected[severity.slug() == least] { (severity.word()) " and above" }
                    }
                }
            }
            @for (name, value) in filter.kept() { input type="hidden" name=(name) value=(value); }
            button { "Filter" }
            @if filter.narrows() { a.button.plain href=(links::alerts(&AlertFilter::default())) { "Clear" } }
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
            caption { (count(view.matching)) @if view.matching == 1 { " alert" } @else { " alerts" } }
            thead { tr { th scope="col" { "Alert" } th scope="col" { "Severity" } th scope="col" { "Device" }
                th scope="col" { "State" } th scope="col" { "Seen" } th scope="col" { "Last" } } }
            tbody { @for alert in &view.rows { (row(shell, alert)) } }
        }
        (paging(&Paging { first, next }))
    }
}

pub fn row(shell: &Shell, alert: &AlertRow) -> Markup {
    html! {
        tr id={ "alert-" (alert.number) } {
            th scope="row" {
                a href=(links::alert(alert.number)) { (foreign(&alert.title)) }
                span.reason hx-ignore { (alert.says) }
            }
            td data-label="Severity" { (badge(alert.severity)) }
            td data-label="Device" { (whose(alert)) }
            td data-label="State" { (alert.state.words()) }
            td data-label="Seen" { (times(alert.count)) }
            td data-label="Last" { (ago(shell.now_ms, alert.last_ms)) }
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
            (None, None, None) => "the mesh",
        }
    }
}

pub fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn nothing(shell: &Shell, view: &AlertsView) -> Markup {
    let all = html! { a.button href=(links::alerts(&AlertFilter::all())) { "Show all alerts" } };
    if view.filter.narrows() {
        return text::empty("No alert matches", "Nothing fits the filter.", &all);
    }
    let detail = html! {
        @match view.last_ms {
            Some(at) => p { "The last one was seen " (ago(shell.now_ms, at)) "." },
            None => p { "Nothing was seen since this coordinator was set up." },
        }
        (all)
    };
    text::empty("Quiet", "Nothing waits for anybody.", &detail)
}
