//! Who is told of alerts, by which route, and how that went.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter};
use crate::parts::text::{self, code, foreign, or_dash};
use crate::parts::time::{ago, ago_or};

#[derive(Debug, Clone, Default)]
pub struct DeliveryView {
    /// Why the settings as they are now are not used.
    pub error: Option<String>,
    pub warnings: Vec<String>,
    pub channels: Vec<ChannelRow>,
    pub routes: Vec<RouteRow>,
    /// The hours, and what is told all the same.
    pub quiet: Option<(String, String)>,
    pub letters: Vec<LetterRow>,
}

#[derive(Debug, Clone)]
pub struct ChannelRow {
    pub name: String,
    pub kind: String,
    pub to: String,
    pub last_ms: Option<u64>,
    pub error: Option<String>,
    pub waiting: usize,
}

#[derive(Debug, Clone)]
pub struct RouteRow {
    pub name: String,
    pub takes: String,
    pub when: String,
    pub to: String,
}

#[derive(Debug, Clone)]
pub struct LetterRow {
    pub at_ms: u64,
    pub channel: String,
    pub subject: String,
    pub state: String,
    pub error: Option<String>,
}

pub fn page(shell: &Shell, view: &DeliveryView) -> Markup {
    let head = Head {
        title: "Delivery",
        nav: Some(Nav::Alerts),
        liveness: Liveness::Still,
    };
    let actions = html! { a.button href=(links::alerts(&AlertFilter::default())) { "Alerts" } };
    let body = html! {
        (heading(&html! { "Delivery" }, &actions))
        @if let Some(error) = &view.error {
            div.notice.bad role="alert" {
                p { strong { "The settings as they are now are not used." } " " (foreign(error)) }
                p { "What was read before goes on." }
            }
        }
        @if !view.warnings.is_empty() {
            div.notice.notable { ul { @for warning in &view.warnings { li { (foreign(warning)) } } } }
        }
        (channels(shell, &view.channels))
        (routes(view))
        (letters(shell, &view.letters))
        p.quiet { "Channels and routes are written in " code { "delivery.toml" } " beside the coordinator's settings; a change is taken up within seconds. Secrets stay in files of their own." }
    };
    shell_page(shell, &head, &body)
}

fn channels(shell: &Shell, rows: &[ChannelRow]) -> Markup {
    html! {
        section.card {
            h2 { "Channels" }
            @if rows.is_empty() {
                p { "There is none." }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { "Channel" } th scope="col" { "To" } th scope="col" { "Last delivery" }
                        th scope="col" { "Last error" } th scope="col" { "Waiting" } th scope="col" { span.unseen { "Test" } } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (foreign(&row.name)) " (" (row.kind) ")" }
                        td data-label="To" { (foreign(&row.to)) }
                        td data-label="Last delivery" { (ago_or(shell.now_ms, row.last_ms, "never")) }
                        td data-label="Last error" { (or_dash(row.error.as_deref())) }
                        td data-label="Waiting" { (row.waiting) }
                        td data-label="Test" {
                            @if shell.may_change() {
                                form method="post" action=(links::delivery_test(&row.name)) { button { "Send a test" } }
                            }
                        }
                    } } }
                }
            }
        }
    }
}

fn routes(view: &DeliveryView) -> Markup {
    html! {
        section.card {
            h2 { "Routes" }
            @if view.routes.is_empty() {
                p { "There is none: nobody is told." }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { "Route" } th scope="col" { "Takes" } th scope="col" { "When" } th scope="col" { "To" } } }
                    tbody { @for row in &view.routes { tr {
                        th scope="row" { (foreign(&row.name)) }
                        td data-label="Takes" { (row.takes) }
                        td data-label="When" { (row.when) }
                        td data-label="To" { (or_dash(Some(&row.to))) }
                    } } }
                }
            }
            @if let Some((hours, unless)) = &view.quiet {
                p.quiet { "Quiet hours are " (hours) ": only " (unless) " alerts are told then, the rest when they are over." }
            }
        }
    }
}

fn letters(shell: &Shell, rows: &[LetterRow]) -> Markup {
    html! {
        section.card {
            h2 { "Letters" }
            @if rows.is_empty() {
                (text::empty("None yet", "What was sent, and what could not be, is listed here.", &html! {}))
            } @else {
                table.cards {
                    thead { tr { th scope="col" { "Subject" } th scope="col" { "Channel" } th scope="col" { "State" }
                        th scope="col" { "Written" } th scope="col" { "Error" } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (foreign(&row.subject)) }
                        td data-label="Channel" { (code(&row.channel)) }
                        td data-label="State" { (row.state) }
                        td data-label="Written" { (ago(shell.now_ms, row.at_ms)) }
                        td data-label="Error" { (or_dash(row.error.as_deref())) }
                    } } }
                }
            }
        }
    }
}
