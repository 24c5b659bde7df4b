//! What devices are to do, which of them do it, and the form that asks administrators to sign something else.

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
        @if shell.may_change() { a.button.primary href=(links::settings_new()) { "Other settings" } }
    };
    let body = html! {
        (live::connect(&LivePage::Settings))
        (heading(&html! { "Settings of devices" }, &actions))
        div #settings { (content(view)) }
    };
    shell_page(shell, &head("Settings of devices"), &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(view: &SettingsView) -> Markup {
    live::partial("settings", &content(view))
}

fn content(view: &SettingsView) -> Markup {
    html! {
        section.card {
            h2 { "Wanted" }
            @if view.wanted.is_empty() {
                p { "Nothing is set: every device does what is usual, a reading every 10 s and accounts every hour." }
            } @else {
                div.table-scroll tabindex="0" role="region" aria-label="Wanted" {
                    table {
                        thead { tr { th scope="col" { "For" } th scope="col" { "Wanted" } } }
                        tbody {
                            @for row in &view.wanted { tr { th scope="row" { (foreign(&row.scope)) } td { (row.words) } } }
                        }
                    }
                }
                p.quiet { "Administrators have signed this elsewhere. The most particular line decides, setting by setting." }
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
            span { (view.in_step) " of " (view.devices) " devices say that they do what is wanted." }
        }
    }
}

fn stragglers(rows: &[Straggler]) -> Markup {
    html! {
        section.card {
            h2 { "Not there yet" }
            div.table-scroll tabindex="0" role="region" aria-label="Not there yet" {
                table {
                    thead { tr { th scope="col" { "Device" } th scope="col" { "State" } th scope="col" { "Wanted" } th scope="col" { "Does" } } }
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
            p.quiet { "A device that is away hears of it from its neighbours when it comes back." }
        }
    }
}

pub fn new_page(shell: &Shell, view: &NewSettingsView) -> Markup {
    let head = Head {
        liveness: Liveness::Still,
        ..head("Other settings")
    };
    let body = html! {
        (heading(&html! { "Other settings" }, &html! { a.button href=(links::settings()) { "Settings" } }))
        (summary(&[(fields::SCOPE, &view.scope), (fields::RECORD, &view.record), (fields::ACCOUNTS, &view.accounts), (fields::ONLINE, &view.online)]))
        section.card { (form(view)) }
    };
    shell_page(shell, &head, &body)
}

fn form(view: &NewSettingsView) -> Markup {
    let scope = Input::text(fields::SCOPE, "For").hint(
        "fleet, class:camera, cell:NAME or device:ID, with the id as the device page shows it.",
    );
    let record = Input::text(fields::RECORD, "Seconds between two readings")
        .optional()
        .hint(
            "10 to 3600; as usual where it is left empty. Signs of life go on every five seconds.",
        );
    let accounts = Input::text(fields::ACCOUNTS, "Seconds between two accounts")
        .optional()
        .hint("600 to 86400; as usual where it is left empty.");
    let online = Input::text(fields::ONLINE, "Commands that the coordinator may sign")
        .optional()
        .hint("restart, logs, scan or none; restart and logs where it is left empty. Wiping always needs administrators.");
    html! {
        form.steps-form method="post" action=(links::settings()) {
            (scope.render(&view.scope))
            (record.render(&view.record))
            (accounts.render(&view.accounts))
            (online.render(&view.online))
            button.primary { "Prepare it" }
            p.quiet { "Nothing changes before administrators have signed it. Where everything is empty, what was said to this scope is taken back." }
        }
    }
}
