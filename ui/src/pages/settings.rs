//! What devices are to do, which of them do it, and the form that asks administrators to sign something else.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, LivePage};
use crate::live;
use crate::parts::form::{Field, Input, summary};
use crate::parts::status::{Status, badge, icon};
use crate::parts::text::{DeviceRef, device_link, foreign};

pub mod fields {
    pub const SCOPE: &str = "scope";
    pub const RECORD: &str = "record";
    pub const ACCOUNTS: &str = "accounts";
    pub const ONLINE: &str = "online";
}

#[derive(Debug, Clone)]
pub struct SettingsView {
    /// The least particular first.
    pub wanted: Vec<WantedRow>,
    pub devices: usize,
    pub in_step: usize,
    /// Those that do something else than what is wanted of them.
    pub stragglers: Vec<Straggler>,
}

#[derive(Debug, Clone)]
pub struct WantedRow {
    pub scope: String,
    pub words: String,
}

#[derive(Debug, Clone)]
pub struct Straggler {
    pub device: DeviceRef,
    pub online: bool,
    pub wanted: String,
    pub obeyed: String,
}

#[derive(Debug, Clone, Default)]
pub struct NewSettingsView {
    pub scope: Field,
    pub record: Field,
    pub accounts: Field,
    pub online: Field,
}

fn head(title: &str) -> Head<'_> {
    Head {
        title,
        nav: Some(Nav::Devices),
        liveness: Liveness::LiveOrReloaded,
    }
}

pub fn page(shell: &Shell, view: &SettingsView) -> Markup {
    let actions = html! {
        @if shell.may_change() { a.button.primary href=(links::settings_new()) { (say!("Other settings")) } }
    };
    let body = html! {
        (live::connect(&LivePage::Settings))
        (heading(&html! { (say!("Settings of devices")) }, &actions))
        div #settings { (content(view)) }
    };
    shell_page(shell, &head(say!("Settings of devices")), &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(view: &SettingsView) -> Markup {
    live::partial("settings", &content(view))
}

fn content(view: &SettingsView) -> Markup {
    html! {
        section.card {
            h2 { (say!("settings|Wanted")) }
            @if view.wanted.is_empty() {
                p { (say!("Nothing is set: every device does what is usual, a reading every 10 s and accounts every hour.")) }
            } @else {
                div.table-scroll tabindex="0" role="region" aria-label=(say!("settings|Wanted")) {
                    table {
                        thead { tr { th scope="col" { (say!("settings|For")) } th scope="col" { (say!("settings|Wanted")) } } }
                        tbody {
                            @for row in &view.wanted { tr { th scope="row" { (foreign(&row.scope)) } td { (row.words) } } }
                        }
                    }
                }
                p.quiet { (say!("Administrators have signed this elsewhere. The most particular line decides, setting by setting.")) }
            }
            (done(view))
        }
        @if !view.stragglers.is_empty() { (stragglers(&view.stragglers)) }
    }
}

fn done(view: &SettingsView) -> Markup {
    let waits = view.in_step < view.devices;
    html! {
        p.join-state.(if waits { "waiting" } else { "good" }) role="status" {
            @if waits { span.pulse aria-hidden="true" {} } @else { (icon(Status::Online)) }
            span { (say!("{part} of {whole} devices say that they do what is wanted.", part = view.in_step, whole = view.devices)) }
        }
    }
}

fn stragglers(rows: &[Straggler]) -> Markup {
    html! {
        section.card {
            h2 { (say!("Not there yet")) }
            div.table-scroll tabindex="0" role="region" aria-label=(say!("Not there yet")) {
                table {
                    thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("State")) } th scope="col" { (say!("settings|Wanted")) } th scope="col" { (say!("settings|Does")) } } }
                    tbody {
                        @for row in rows {
                            tr {
                                th scope="row" { (device_link(&row.device)) }
                                td { (badge(if row.online { Status::Online } else { Status::Silent })) }
                                td { (row.wanted) }
                                td { (row.obeyed) }
                            }
                        }
                    }
                }
            }
            p.quiet { (say!("A device that is away hears of it from its neighbours when it comes back.")) }
        }
    }
}

pub fn new_page(shell: &Shell, view: &NewSettingsView) -> Markup {
    let head = Head {
        liveness: Liveness::Still,
        ..head(say!("Other settings"))
    };
    let body = html! {
        (heading(&html! { (say!("Other settings")) }, &html! { a.button href=(links::settings()) { (say!("Settings")) } }))
        (summary(&[(fields::SCOPE, &view.scope), (fields::RECORD, &view.record), (fields::ACCOUNTS, &view.accounts), (fields::ONLINE, &view.online)]))
        section.card { (form(view)) }
    };
    shell_page(shell, &head, &body)
}

fn form(view: &NewSettingsView) -> Markup {
    let scope = Input::text(fields::SCOPE, say!("settings|For")).hint(
        say!("`fleet`, `class:camera`, `cell:NAME` or `device:ID`, with the id as the device page shows it."),
    );
    let record = Input::text(fields::RECORD, say!("Seconds between two readings"))
        .optional()
        .hint(say!(
            "10 to 3600; as usual where it is left empty. Signs of life go on every five seconds."
        ));
    let accounts = Input::text(fields::ACCOUNTS, say!("Seconds between two accounts"))
        .optional()
        .hint(say!("600 to 86400; as usual where it is left empty."));
    let online = Input::text(fields::ONLINE, say!("Commands that the coordinator may sign"))
        .optional()
        .hint(say!("`restart`, `logs`, `scan` or `none`; `restart` and `logs` where it is left empty. Wiping always needs administrators."));
    html! {
        form.steps-form method="post" action=(links::settings()) {
            (scope.render(&view.scope))
            (record.render(&view.record))
            (accounts.render(&view.accounts))
            (online.render(&view.online))
            button.primary { (say!("Prepare it")) }
            p.quiet { (say!("Nothing changes before administrators have signed it. Where everything is empty, what was said to this scope is taken back.")) }
        }
    }
}
