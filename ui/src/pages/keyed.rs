//! Devices that run no node and speak with a key of their own: the list, one device with its sticker, and a key shown once.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::class::class;
use crate::parts::form::{Field, Input, summary};
use crate::parts::qr::qr;
use crate::parts::sentence::sentence;
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
        (heading(&html! { (say!("Devices with a key")) }, &html! {}))
        section.card {
            @if view.devices.is_empty() {
                (empty(say!("None yet"), say!("A device that can run no node can still say that it lives, with a key of its own and a script of a hundred lines."), &html! {}))
            } @else { (list(shell, &view.devices)) }
            p.quiet { (say!("What they say, nobody vouches for: no witness hears them.")) }
        }
        @if shell.may_change() { (form(view)) }
    };
    shell_page(shell, &head(say!("Devices with a key")), &body)
}

fn list(shell: &Shell, rows: &[KeyedRow]) -> Markup {
    html! {
        div.table-scroll tabindex="0" role="region" aria-label=(say!("Devices with a key")) {
            table.cards {
                thead { tr { th scope="col" { (say!("Name")) } th scope="col" { (say!("State")) } th scope="col" { (say!("Tag")) } th scope="col" { (say!("Class")) }
                    th scope="col" { (say!("Last heard")) } th scope="col" { (say!("Address")) } } }
                tbody { @for row in rows { tr {
                    th scope="row" { a href=(links::keyed_one(&row.id)) { (foreign(&row.name)) } }
                    td data-label=(say!("State")) { (badge(row.status)) }
                    td data-label=(say!("Tag")) { (code(&row.tag)) }
                    td data-label=(say!("Class")) { (class(&row.class)) }
                    td data-label=(say!("Last heard")) { (ago_or(shell.now_ms, row.heard_ms, say!("never"))) }
                    td data-label=(say!("Address")) { (or_dash(row.address.as_deref())) }
                } } }
            }
        }
    }
}

fn form(view: &KeyedView) -> Markup {
    html! {
        section.card {
            h2 { (say!("Register a device")) }
            (summary(&[(fields::NAME, &view.name), (fields::CLASS, &view.class)]))
            form.steps-form method="post" action=(links::keyed()) {
                (Input::text(fields::NAME, say!("Name")).render(&view.name))
                (Input::text(fields::CLASS, say!("Class")).hint(say!("Such as `sensor`, `camera` or `meter`.")).render(&view.class))
                button.primary { (say!("Register")) }
                p.quiet { (say!("Its key is shown once, beside the tag for its sticker.")) }
            }
        }
    }
}

pub fn one_page(shell: &Shell, view: &KeyedOneView) -> Markup {
    let device = &view.device;
    let body = html! {
        (heading(&html! { (foreign(&device.name)) }, &html! { a.button href=(links::keyed()) { (say!("Devices with a key")) } }))
        section.card {
            div.scan {
                (qr(&device.tag, say!("QR code of the tag")))
                (facts([
                    (say!("Tag"), code(&device.tag)),
                    (say!("State"), badge(device.status)),
                    (say!("Class"), class(&device.class)),
                    (say!("Last heard"), ago_or(shell.now_ms, device.heard_ms, say!("never"))),
                    (say!("Address"), or_dash(device.address.as_deref())),
                    (say!("Runs for"), match view.uptime_s { Some(uptime) => html! { (say!("{time}, by its own word", time = span(uptime.saturating_mul(1000)))) }, None => html! { span.quiet { (say!("unknown")) } } }),
                    (say!("Registered by"), foreign(&view.created_by)),
                    (say!("Key made"), ago(shell.now_ms, view.key_made_ms)),
                    (say!("Id"), code(&device.id)),
                ]))
            }
        }
        (readings(&view.readings))
        (logs(&view.logs))
        @if shell.may_change() {
            section.card.danger-zone {
                h2 { (say!("Key")) }
                form method="post" action=(links::keyed_one(&device.id)) {
                    button name=(fields::ORDER) value="rotate" { (say!("Give it another key")) }
                    button.danger name=(fields::ORDER) value="remove" { (say!("Forget the device")) }
                }
                p.quiet { (say!("The key until now works no more, at once.")) }
            }
        }
    };
    shell_page(shell, &head(&device.name), &body)
}

fn readings(rows: &[(u64, Vec<(String, f64)>)]) -> Markup {
    html! {
        section.card {
            h2 { (say!("What it says")) }
            @if rows.is_empty() { p { (say!("Nothing yet.")) } } @else {
                div.table-scroll tabindex="0" role="region" aria-label=(say!("What it says")) {
                    table {
                        thead { tr { th scope="col" { (say!("When")) } th scope="col" { (say!("Values")) } } }
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
            h2 { (say!("Log lines")) }
            @if rows.is_empty() { p { (say!("None yet.")) } } @else {
                div.table-scroll tabindex="0" role="region" aria-label=(say!("Log lines")) {
                    table {
                        thead { tr { th scope="col" { (say!("When")) } th scope="col" { (say!("Line")) } } }
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
            h1 { (sentence!("Key of {name}", name = foreign(&view.name))) }
            p { (say!("It is shown this once. Put it into a file on the device that only its script may read.")) }
            div.copy {
                pre #key tabindex="0" aria-label=(say!("Key")) { code { (view.key) } }
                button type="button" data-copy="key" data-copied=(say!("Copied")) hidden { (say!("Copy")) }
            }
            div.scan {
                (qr(&view.tag, say!("QR code of the tag")))
                div { p { (say!("On the sticker:")) } p { (code(&view.tag)) } p.quiet { (say!("The tag is no secret: it says which device this is.")) } }
            }
            p { a.button href=(links::keyed_one(&view.id)) { (say!("The device")) } }
        }
    };
    shell_page(shell, &head(say!("Key")), &body)
}
