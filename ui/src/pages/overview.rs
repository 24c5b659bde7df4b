//! The first page: how many are well, what just happened, and how the coordinator itself is.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, Tone, heading, page as shell_page};
use crate::links::{self, AlertFilter, DeviceFilter, LivePage};
use crate::live;
use crate::pages::alerts::{AlertRow, times};
use crate::pages::findings::{self, FeedView, FindingRow};
use crate::parts::chips::{StatusCounts, chips};
use crate::parts::quantity::{bytes, count, tenths, usage};
use crate::parts::sentence::sentence;
use crate::parts::severity::badge;
use crate::parts::status::Status;
use crate::parts::text::{self, DeviceRef, code, device_link, facts, foreign, in_english};
use crate::parts::time::{ago, span};

#[derive(Debug, Clone)]
pub struct OverviewView {
    pub counts: StatusCounts,
    /// Until its three steps are done.
    pub onboarding: Option<Onboarding>,
    /// Newest first.
    pub events: Vec<Event>,
    pub alerts: AlertsCard,
    pub coordinator: CoordinatorFacts,
    /// Before anything was scanned or imported there is nothing to say.
    pub risk: Option<RiskCard>,
}

/// The score of the fleet, and what to fix first.
#[derive(Debug, Clone)]
pub struct RiskCard {
    pub tenths: u32,
    pub open: u64,
    /// The three parts that take the most away, or fewer.
    pub lost: Vec<(&'static str, u32)>,
    /// Five at most, the first in front.
    pub first: Vec<FindingRow>,
    pub feed: FeedView,
}

/// What waits for somebody to look at it.
#[derive(Debug, Clone, Default)]
pub struct AlertsCard {
    pub open: u64,
    /// The newest of them, the gravest first.
    pub rows: Vec<AlertRow>,
}

#[derive(Debug, Clone, Copy)]
pub struct Onboarding {
    pub device_added: Step,
    pub device_live: Step,
    pub silence_seen: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Open,
    Done,
}

#[derive(Debug, Clone)]
pub struct Event {
    pub at_ms: u64,
    pub tone: Tone,
    pub device: Option<DeviceRef>,
    /// After the name of the device: "went silent; 5 of 6 witnesses agree".
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct CoordinatorFacts {
    pub version: String,
    pub mesh_id: String,
    /// Where nodes reach it.
    pub address: String,
    pub started_ms: u64,
    pub nodes_connected: u64,
    pub records_stored: u64,
    pub store_bytes: u64,
    pub memory_bytes: Option<u64>,
    /// Used and total bytes of the disk that holds the store.
    pub disk: Option<(u64, u64)>,
}

pub fn page(shell: &Shell, view: &OverviewView) -> Markup {
    let head = Head {
        title: say!("Overview"),
        nav: Some(Nav::Overview),
        liveness: Liveness::Live,
    };
    let actions = html! {
        @if shell.may_change() { a.button.primary href=(links::device_new()) { (say!("Add device")) } }
    };
    let body = html! {
        (live::connect(&LivePage::Overview))
        (heading(&html! { (say!("Overview")) }, &actions))
        div #chips { (chips(&view.counts, &DeviceFilter::default())) }
        div #onboarding { (onboarding(view)) }
        section.card aria-labelledby="alerts-title" {
            h2 #alerts-title { (say!("Security")) }
            div #alerts { (alerts(shell, &view.alerts)) }
        }
        div #risk { (risk(view)) }
        div.columns {
            section.card aria-labelledby="events-title" {
                h2 #events-title { (say!("Latest events")) }
                div #events { (events(shell, view)) }
            }
            section.card aria-labelledby="coordinator-title" {
                h2 #coordinator-title { (say!("Coordinator")) }
                div #coordinator { (coordinator(shell, view)) }
                p { a href=(links::system()) { (say!("What to make of it")) } }
            }
        }
    };
    shell_page(shell, &head, &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &OverviewView) -> Markup {
    html! {
        (live::partial("chips", &chips(&view.counts, &DeviceFilter::default())))
        (live::partial("onboarding", &onboarding(view)))
        (live::partial("alerts", &alerts(shell, &view.alerts)))
        (live::partial("risk", &risk(view)))
        (live::partial("events", &events(shell, view)))
        (live::partial("coordinator", &coordinator(shell, view)))
    }
}

pub fn onboarding(view: &OverviewView) -> Markup {
    let Some(onboarding) = &view.onboarding else {
        return html! {};
    };
    let silent = links::devices_with_status(Status::Silent.slug());
    html! {
        section.card.onboarding aria-labelledby="onboarding-title" {
            h2 #onboarding-title { (say!("Three steps to see it work")) }
            ol.steps {
                (step(onboarding.device_added, say!("Add a device"), &html! {
                    (sentence!("Run one line on any Linux box. {link}.", link = html! { a href=(links::device_new()) { (say!("Make the line")) } }))
                }))
                (step(onboarding.device_live, say!("See it live"), &html! {
                    (sentence!("It appears under {link} within seconds.", link = html! { a href=(links::devices(&DeviceFilter::default())) { (say!("Devices")) } }))
                }))
                (step(onboarding.silence_seen, say!("Stop it and watch"), &html! {
                    (sentence!("End the program on that box: its neighbours call it {link} within 15 s, and say who heard it last.", link = html! { a href=(silent) { (say!("silent")) } }))
                }))
            }
        }
    }
}

/// What waits for somebody to look at it.
pub fn alerts(shell: &Shell, card: &AlertsCard) -> Markup {
    if card.rows.is_empty() {
        return html! { p { (say!("Nothing waits for anybody.")) " " a href=(links::alerts(&AlertFilter::all())) { (say!("All alerts")) } } };
    }
    html! {
        ul.events {
            @for alert in &card.rows {
                li {
                    (badge(alert.severity))
                    span.what {
                        @if let Some(device) = &alert.device { (device_link(device)) (say!(": ")) }
                        a href=(links::alert(alert.number)) { (in_english(&alert.title)) }
                        @if alert.count > 1 { ", " (times(alert.count)) }
                    }
                    (ago(shell.now_ms, alert.last_ms))
                }
            }
        }
        p { a href=(links::alerts(&AlertFilter::default())) { (count!(card.open, "one alert|{n} open", "alerts|{n} open")) } }
    }
}

/// The score with what lowers it most, and what to fix first.
pub fn risk(view: &OverviewView) -> Markup {
    let Some(risk) = &view.risk else {
        return html! {};
    };
    let all = links::findings("state==open", None);
    html! {
        section.card aria-labelledby="risk-title" {
            h2 #risk-title { (say!("Fix first")) a href=(all) { (count!(risk.open, "{n} open finding", "{n} open findings")) } }
            p.score {
                (sentence!("{score} of 100", score = html! { strong { (tenths(risk.tenths)) } }))
                @for (part, lost) in &risk.lost { " · " (part) " −" (tenths(*lost)) }
            }
            @if risk.first.is_empty() {
                p.quiet { (say!("Nothing that is known is open.")) }
            } @else {
                ul.events {
                    @for row in &risk.first {
                        li.(if row.exploited.is_some() { Tone::Bad.slug() } else { Tone::Notice.slug() }) {
                            span.bullet aria-hidden="true" {}
                            span.what {
                                a href=(links::finding(&row.id)) { (foreign(&row.id)) } " "
                                @if row.exploited.is_some() { (say!("exploited elsewhere")) ", " }
                                (findings::level_word(row.level)) " · " (foreign(&row.title))
                            }
                            span { (count!(row.open, "{n} device", "{n} devices")) }
                        }
                    }
                }
            }
            (findings::feed(&risk.feed))
        }
    }
}

pub fn events(shell: &Shell, view: &OverviewView) -> Markup {
    if view.events.is_empty() {
        return text::empty(
            say!("Quiet so far"),
            say!("Joins, silences and changes appear here."),
            &html! {},
        );
    }
    html! {
        ul.events {
            @for event in &view.events {
                li.(event.tone.slug()) {
                    span.bullet aria-hidden="true" {}
                    span.what {
                        @if let Some(device) = &event.device { (device_link(device)) " " }
                        (foreign(&event.text))
                    }
                    (ago(shell.now_ms, event.at_ms))
                }
            }
        }
    }
}

pub fn coordinator(shell: &Shell, view: &OverviewView) -> Markup {
    let coordinator = &view.coordinator;
    let mut rows = vec![
        (
            say!("Nodes connected"),
            html! { (count(coordinator.nodes_connected)) },
        ),
        (
            say!("Records stored"),
            html! { (count(coordinator.records_stored)) },
        ),
        (
            say!("Store"),
            html! { (bytes(coordinator.store_bytes as f64)) },
        ),
    ];
    if let Some((used, total)) = coordinator.disk {
        rows.push((say!("Disk"), usage(say!("Disk used"), used, total)));
    }
    if let Some(memory) = coordinator.memory_bytes {
        rows.push((say!("Memory"), html! { (bytes(memory as f64)) }));
    }
    rows.extend([
        (
            say!("Up for"),
            html! { (span(shell.now_ms.saturating_sub(coordinator.started_ms))) },
        ),
        (say!("Address"), code(&coordinator.address)),
        (say!("Mesh id"), code(&coordinator.mesh_id)),
        (say!("Version"), html! { (coordinator.version) }),
    ]);
    facts(rows)
}

fn step(state: Step, title: &str, detail: &Markup) -> Markup {
    let done = state == Step::Done;
    html! {
        li.done[done] {
            span.step-title { (title) @if done { span.tick { (say!("Done")) } } }
            span.step-detail { (detail) }
        }
    }
}
