//! Who is told of alerts, by which route, and how that went.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, AlertFilter};
use crate::parts::text::{self, code, foreign, in_english, or_dash, told_or_dash, with_commands};
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
        title: say!("Delivery"),
        nav: Some(Nav::Alerts),
        liveness: Liveness::Still,
    };
    let actions =
        html! { a.button href=(links::alerts(&AlertFilter::default())) { (say!("Alerts")) } };
    let body = html! {
        (heading(&html! { (say!("Delivery")) }, &actions))
        @if let Some(error) = &view.error {
            div.notice.bad role="alert" {
                p { strong { (say!("The settings as they are now are not used.")) } " " (in_english(error)) }
                p { (say!("What was read before goes on.")) }
            }
        }
        @if !view.warnings.is_empty() {
            div.notice.notable { ul { @for warning in &view.warnings { li { (in_english(warning)) } } } }
        }
        (channels(shell, &view.channels))
        (routes(view))
        (letters(shell, &view.letters))
        p.quiet { (with_commands(say!("Channels and routes are written in `delivery.toml` beside the coordinator's settings; a change is taken up within seconds. Secrets stay in files of their own."))) }
    };
    shell_page(shell, &head, &body)
}

fn channels(shell: &Shell, rows: &[ChannelRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Channels")) }
            @if rows.is_empty() {
                p { (say!("There is none.")) }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { (say!("Channel")) } th scope="col" { (say!("delivery|To")) } th scope="col" { (say!("Last delivery")) }
                        th scope="col" { (say!("Last error")) } th scope="col" { (say!("letters|Waiting")) } th scope="col" { span.unseen { (say!("verb|Test")) } } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (foreign(&row.name)) " (" (row.kind) ")" }
                        td data-label=(say!("delivery|To")) { (foreign(&row.to)) }
                        td data-label=(say!("Last delivery")) { (ago_or(shell.now_ms, row.last_ms, say!("never"))) }
                        td data-label=(say!("Last error")) { (told_or_dash(row.error.as_deref())) }
                        td data-label=(say!("letters|Waiting")) { (row.waiting) }
                        td data-label=(say!("verb|Test")) {
                            @if shell.may_change() {
                                form method="post" action=(links::delivery_test(&row.name)) { button { (say!("Send a test")) } }
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
            h2 { (say!("Routes")) }
            @if view.routes.is_empty() {
                p { (say!("There is none: nobody is told.")) }
            } @else {
                table.cards {
                    thead { tr { th scope="col" { (say!("Route")) } th scope="col" { (say!("route|Takes")) } th scope="col" { (say!("When")) } th scope="col" { (say!("delivery|To")) } } }
                    tbody { @for row in &view.routes { tr {
                        th scope="row" { (foreign(&row.name)) }
                        td data-label=(say!("route|Takes")) { (row.takes) }
                        td data-label=(say!("When")) { (row.when) }
                        td data-label=(say!("delivery|To")) { (or_dash(Some(&row.to))) }
                    } } }
                }
            }
            @if let Some((hours, unless)) = &view.quiet {
                p.quiet { (say!("Quiet hours are {hours}: only {severity} alerts are told then, the rest when they are over.", hours = hours, severity = unless)) }
            }
        }
    }
}

fn letters(shell: &Shell, rows: &[LetterRow]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Letters")) }
            @if rows.is_empty() {
                (text::empty(say!("None yet"), say!("What was sent, and what could not be, is listed here."), &html! {}))
            } @else {
                table.cards {
                    thead { tr { th scope="col" { (say!("Subject")) } th scope="col" { (say!("Channel")) } th scope="col" { (say!("State")) }
                        th scope="col" { (say!("Written")) } th scope="col" { (say!("Error")) } } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (foreign(&row.subject)) }
                        td data-label=(say!("Channel")) { (code(&row.channel)) }
                        td data-label=(say!("State")) { (row.state) }
                        td data-label=(say!("Written")) { (ago(shell.now_ms, row.at_ms)) }
                        td data-label=(say!("Error")) { (told_or_dash(row.error.as_deref())) }
                    } } }
                }
            }
        }
    }
}
