//! Devices that run no node and speak with a key of their own: the list, one device with its sticker, and a key shown once.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, summary};
use crate::parts::qr::qr;
use crate::parts::status::{Status, badge};
use crate::parts::text::{code, empty, facts, foreign, or_dash};
use crate::parts::time::{ago, ago_or, span, stamp};

pub mod fields {
    pub const NAME: &str = "name";
    pub const CLASS: &str = "class";
    pub const ORDER: &str = "order";
}

#[derive(Debug, Clone, Default)]
pub struct KeyedView {
    pub devices: Vec<KeyedRow>,
    pub name: Field,
    pub class: Field,
}

#[derive(Debug, Clone)]
pub struct KeyedRow {
    pub id: String,
    pub name: String,
    pub class: String,
    /// What the sticker says.
    pub tag: String,
    pub status: Status,
    pub heard_ms: Option<u64>,
    pub address: Option<String>,
}

#[derive(Debug, Clone)]
pub struct KeyedOneView {
    pub device: KeyedRow,
    pub created_by: String,
    pub key_made_ms: u64,
    pub uptime_s: Option<u64>,
    /// The newest first.
    pub readings: Vec<(u64, Vec<(String, f64)>)>,
    pub logs: Vec<(u64, String)>,
}

/// A key that is shown this once.
#[derive(Debug, Clone)]
pub struct KeyView {
    pub id: String,
    pub name: String,
    pub tag: String,
    pub key: String,
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Devices),
        liveness: Liveness::Still,
    }
}

pub fn page(shell: &Shell, view: &KeyedView) -> Markup {
    let body = html! {
        (heading(&html! { "Devices with a key" }, &html! {}))
        section.card {
            @if view.devices.is_empty() {
                (empty("None yet", "A device that can run no node can still say that it lives, with a key of its own and a script of a hundred lines.", &html! {}))
            } @else { (list(shell, &view.devices)) }
            p.quiet { "What they say, nobody vouches for: no witness hears them." }
        }
        @if shell.may_change() { (form(view)) }
    };
    shell_page(shell, &head("Devices with a key"), &body)
}

fn list(shell: &Shell, rows: &[KeyedRow]) -> Markup {
    html! {
        div.table-scroll tabindex="0" role="region" aria-label="Devices with a key" {
            table.cards {
                thead { tr { th scope="col" { "Name" } th scope="col" { "State" } th scope="col" { "Tag" } th scope="col" { "Class" }
                    th scope="col" { "Last heard" } th scope="col" { "Address" } } }
                tbody { @for row in rows { tr {
                    th scope="row" { a href=(links::keyed_one(&row.id)) { (foreign(&row.name)) } }
                    td data-label="State" { (badge(row.status)) }
                    td data-label="Tag" { (code(&row.tag)) }
                    td data-label="Class" { (foreign(&row.class)) }
                    td data-label="Last heard" { (ago_or(shell.now_ms, row.heard_ms, "never")) }
                    td data-label="Address" { (or_dash(row.address.as_deref())) }
                } } }
            }
        }
    }
}

fn form(view: &KeyedView) -> Markup {
    html! {
        section.card {
            h2 { "Register a device" }
            (summary(&[(fields::NAME, &view.name), (fields::CLASS, &view.class)]))
            form.steps-form method="post" action=(links::keyed()) {
                (Input::text(fields::NAME, "Name").render(&view.name))
                (Input::text(fields::CLASS, "Class").hint("Such as sensor, camera or meter.").render(&view.class))
                button.primary { "Register" }
                p.quiet { "Its key is shown once, beside the tag for its sticker." }
            }
        }
    }
}

pub fn one_page(shell: &Shell, view: &KeyedOneView) -> Markup {
    let device = &view.device;
    let body = html! {
        (heading(&html! { (foreign(&device.name)) }, &html! { a.button href=(links::keyed()) { "Devices with a key" } }))
        section.card {
            div.scan {
                (qr(&device.tag, "QR code of the tag"))
                (facts([
                    ("Tag", code(&device.tag)),
                    ("State", badge(device.status)),
                    ("Class", foreign(&device.class)),
                    ("Last heard", ago_or(shell.now_ms, device.heard_ms, "never")),
                    ("Address", or_dash(device.address.as_deref())),
                    ("Runs for", match view.uptime_s { Some(uptime) => html! { (span(uptime.saturating_mul(1000))) ", by its own word" }, None => html! { span.quiet { "unknown" } } }),
                    ("Registered by", foreign(&view.created_by)),
                    ("Key made", ago(shell.now_ms, view.key_made_ms)),
                    ("Id", code(&device.id)),
                ]))
            }
        }
        (readings(&view.readings))
        (logs(&view.logs))
        @if shell.may_change() {
            section.card.danger-zone {
                h2 { "Key" }
                form method="post" action=(links::keyed_one(&device.id)) {
                    button name=(fields::ORDER) value="rotate" { "Give it another key" }
                    button.danger name=(fields::ORDER) value="remove" { "Forget the device" }
                }
                p.quiet { "The key until now works no more, at once." }
            }
        }
    };
    shell_page(shell, &head(&device.name), &body)
}

fn readings(rows: &[(u64, Vec<(String, f64)>)]) -> Markup {
    html! {
        section.card {
            h2 { "What it says" }
            @if rows.is_empty() { p { "Nothing yet." } } @else {
                div.table-scroll tabindex="0" role="region" aria-label="What it says" {
                    table {
                        thead { tr { th scope="col" { "When" } th scope="col" { "Values" } } }
                        tbody { @for (at, values) in rows { tr {
                            th scope="row" { (stamp(*at)) }
                            td { @for (number, (name, value)) in values.iter().enumerate() {
                                @if number > 0 { ", " } (foreign(name)) " " (value) } }
                        } } }
                    }
                }
            }
        }
    }
}

fn logs(rows: &[(u64, String)]) -> Markup {
    html! {
        section.card {
            h2 { "Log lines" }
            @if rows.is_empty() { p { "None yet." } } @else {
                div.table-scroll tabindex="0" role="region" aria-label="Log lines" {
                    table {
                        thead { tr { th scope="col" { "When" } th scope="col" { "Line" } } }
                        tbody { @for (at, line) in rows { tr { th scope="row" { (stamp(*at)) } td { (foreign(line)) } } } }
                    }
                }
            }
        }
    }
}

pub fn key_page(shell: &Shell, view: &KeyView) -> Markup {
    let body = html! {
        section.card {
            h1 { "Key of " (foreign(&view.name)) }
            p { "It is shown this once. Put it into a file on the device that only its script may read." }
            div.copy {
                pre #key tabindex="0" aria-label="Key" { code { (view.key) } }
                button type="button" data-copy="key" hidden { "Copy" }
            }
            div.scan {
                (qr(&view.tag, "QR code of the tag"))
                div { p { "On the sticker:" } p { (code(&view.tag)) } p.quiet { "The tag is no secret: it says which device this is." } }
            }
            p { a.button href=(links::keyed_one(&view.id)) { "The device" } }
        }
    };
    shell_page(shell, &head("Key"), &body)
}
