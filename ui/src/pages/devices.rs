//! The device list: counters that filter, a search, and a table that becomes cards on a phone.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, DeviceFilter, Direction, LivePage, SortKey, query};
use crate::live;
use crate::pages::neighbours::{NeighboursView, section};
use crate::parts::chips::{StatusCounts, chips, stale_chip};
use crate::parts::class::{class, class_name};
use crate::parts::groups::{self, Groups};
use crate::parts::paging::{Paging, paging};
use crate::parts::sentence::sentence;
use crate::parts::sparkline::sparkline;
use crate::parts::status::{Status, badge};
use crate::parts::text::{self, foreign, in_english, or_dash};
use crate::parts::time::ago_or;
use crate::parts::views;

/// A filter to begin with.
const EXAMPLE: &str = "class==camera && tag:floor2 && last_heard<5m";

#[derive(Debug, Clone)]
pub struct DevicesView {
    pub counts: StatusCounts,
    /// Devices whose metadata has ended, as they say.
    pub stale: u64,
    pub filter: DeviceFilter,
    /// Every class in use, for the filter.
    pub classes: Vec<String>,
    /// One page of at most a few dozen.
    pub rows: Vec<DeviceRow>,
    /// Devices that run no node.
    pub neighbours: NeighboursView,
    /// How many devices the filter lets through.
    pub matching: u64,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// What is wrong with the filter, and where.
    pub wrong: Option<String>,
    /// Filters that somebody has kept, by name.
    pub saved: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct DeviceRow {
    pub id: String,
    pub name: String,
    pub status: Status,
    /// Our words; why it is not simply online.
    pub reason: Option<String>,
    pub class: String,
    pub cell: String,
    pub groups: Groups,
    pub version: Option<String>,
    pub address: Option<String>,
    pub last_seen_ms: Option<u64>,
    /// The last hour, oldest first; `None` is a gap.
    pub cpu_percent: Vec<Option<f64>>,
}

pub fn page(shell: &Shell, view: &DevicesView) -> Markup {
    let head = Head {
        title: say!("Devices"),
        nav: Some(Nav::Devices),
        liveness: Liveness::Live,
    };
    let actions = html! {
        a.button href=(links::devices_csv(&view.filter)) { "CSV" }
        a.button href=(links::classes()) { (say!("Classes")) }
        a.button href=(links::commands()) { (say!("Commands")) }
        a.button href=(links::settings()) { (say!("Settings")) }
        @if shell.may_change() { a.button.primary href=(links::device_new()) { (say!("Add device")) } }
    };
    let body = html! {
        (heading(&html! { (say!("Devices")) }, &actions))
        div #chips { (all_chips(view)) }
        (filter_form(view))
        div #device-filter { (language_form(view)) }
        (views::chips(&view.saved, &offered(), language(view), filtered_by))
        @if shell.may_change() { (views::keep(links::device_views(), language(view))) }
        div #device-list { (list(shell, view)) }
    };
    shell_page(shell, &head, &body)
}

/// The answer to the filter form when htmx asks: the list, and the chips beside it.
pub fn filtered(shell: &Shell, view: &DevicesView) -> Markup {
    html! {
        (list(shell, view))
        (live::partial("chips", &all_chips(view)))
        (live::partial("device-filter", &language_form(view)))
    }
}

fn all_chips(view: &DevicesView) -> Markup {
    html! {
        (chips(&view.counts, &view.filter))
        (stale_chip(view.stale, &view.filter))
    }
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &DevicesView) -> Markup {
    html! {
        (live::partial("chips", &all_chips(view)))
        (live::partial("device-list", &list(shell, view)))
    }
}

/// Table or empty state, with the event stream of exactly this list.
pub fn list(shell: &Shell, view: &DevicesView) -> Markup {
    let first = view
        .filter
        .after
        .as_ref()
        .map(|_| links::devices(&view.filter.with_after(None)));
    let next = view
        .next
        .as_ref()
        .map(|after| links::devices(&view.filter.with_after(Some(after))));
    html! {
        (live::connect(&LivePage::Devices(&view.filter)))
        @if let Some(error) = &view.wrong {
            p.notice.bad role="alert" { (sentence!("The filter: {error}", error = in_english(error))) }
        } @else if view.rows.is_empty() && view.neighbours.matching > 0 {
        } @else if view.rows.is_empty() {
            (nothing(shell, view))
        } @else {
            table.cards {
                caption { (count!(view.matching, "{n} device", "{n} devices")) }
                thead {
                    tr {
                        (sortable(view, SortKey::Name, say!("Name")))
                        (sortable(view, SortKey::Status, say!("Status")))
                        th scope="col" { (say!("Class")) }
                        th scope="col" { (say!("Cell")) }
                        th scope="col" { (say!("Version")) }
                        th scope="col" { (say!("Address")) }
                        (sortable(view, SortKey::LastSeen, say!("Last seen")))
                        (sortable(view, SortKey::Cpu, say!("CPU, 1 h")))
                    }
                }
                tbody { @for row in &view.rows { (device_row(shell, row)) } }
            }
            (paging(&Paging { first, next }))
        }
        (section(shell, &view.neighbours))
    }
}

pub fn device_row(shell: &Shell, row: &DeviceRow) -> Markup {
    let target = match row.status {
        Status::Pending => links::approve(&row.id),
        _ => links::device(&row.id),
    };
    html! {
        tr id={ "device-" (row.id) } {
            th scope="row" { a href=(target) { (foreign(&row.name)) } (groups::line(&row.groups)) }
            td data-label=(say!("Status")) {
                (badge(row.status))
                @if let Some(reason) = &row.reason { span.reason hx-ignore { (reason) } }
            }
            td data-label=(say!("Class")) { (class(&row.class)) }
            td data-label=(say!("Cell")) { (foreign(&row.cell)) }
            td data-label=(say!("Version")) { (or_dash(row.version.as_deref())) }
            td.mono data-label=(say!("Address")) { (or_dash(row.address.as_deref())) }
            td data-label=(say!("Last seen")) { (ago_or(shell.now_ms, row.last_seen_ms, say!("never"))) }
            td data-label="CPU" { (sparkline("CPU", &row.cpu_percent)) }
        }
    }
}

fn sortable(view: &DevicesView, key: SortKey, name: &str) -> Markup {
    let sort = view.filter.sort;
    let order = (sort.key == key).then_some(match sort.direction {
        Direction::Ascending => "ascending",
        Direction::Descending => "descending",
    });
    html! {
        th scope="col" aria-sort=[order] {
            a.sort href=(links::devices(&view.filter.with_sort(sort.toggled(key)))) { (name) }
        }
    }
}

fn filter_form(view: &DevicesView) -> Markup {
    let filter = &view.filter;
    let url = links::devices(&DeviceFilter::default());
    let chosen = filter.class.as_deref().unwrap_or_default();
    html! {
        form.filter role="search" method="get" action=(url) hx-get=(url) hx-target="#device-list" hx-swap="innerMorph"
            hx-replace-url="true" hx-trigger="input delay:250ms, change, submit" hx-sync="this:replace" {
            @for (name, value) in filter.kept(&[query::SEARCH, query::CLASS]) { input type="hidden" name=(name) value=(value); }
            label {
                span.unseen { (say!("Search")) }
                input type="search" name=(query::SEARCH) value=(filter.search.as_deref().unwrap_or_default())
                    placeholder=(say!("Name, address, version")) autocomplete="off" spellcheck="false";
            }
            label {
                span.unseen { (say!("Class")) }
                select name=(query::CLASS) {
                    option value="" { (say!("All classes")) }
                    @for class in &view.classes { option value=(class) selected[class == chosen] { (class_name(class)) } }
                }
            }
            button { (say!("Search")) }
            @if filter.narrows() { a.button.plain href=(url) { (say!("Clear")) } }
        }
    }
}

/// The filter in the language that interface and command line share; it is sent by a key or a click, not while it is typed.
fn language_form(view: &DevicesView) -> Markup {
    let filter = &view.filter;
    let cleared = DeviceFilter {
        filter: None,
        ..filter.with_after(None)
    };
    html! {
        form.filter role="search" method="get" action=(links::devices(&DeviceFilter::default())) {
            @for (name, value) in filter.kept(&[query::FILTER]) { input type="hidden" name=(name) value=(value); }
            label.wide {
                span.unseen { (say!("Filter")) }
                input type="search" name=(query::FILTER) value=(language(view)) placeholder=(EXAMPLE)
                    aria-invalid=[view.wrong.as_ref().map(|_| "true")] autocomplete="off" autocapitalize="none" spellcheck="false";
            }
            button { (say!("Filter")) }
            @if filter.filter.is_some() { a.button.plain href=(links::devices(&cleared)) { (say!("Without filter")) } }
        }
    }
}

fn language(view: &DevicesView) -> &str {
    view.filter.filter.as_deref().unwrap_or_default()
}

fn filtered_by(text: &str) -> String {
    links::devices(&DeviceFilter {
        filter: Some(text.to_owned()),
        ..DeviceFilter::default()
    })
}

/// Filters that most people want.
fn offered() -> [(&'static str, &'static str); 3] {
    [
        (say!("Without a node"), "node==no"),
        (say!("With findings"), "findings>0"),
        (say!("Quiet for a day"), "last_heard>1d"),
    ]
}

fn nothing(shell: &Shell, view: &DevicesView) -> Markup {
    if view.filter.narrows() {
        let all = links::devices(&DeviceFilter::default());
        let action = html! { a.button href=(all) { (say!("Show all devices")) } };
        return text::empty(
            say!("No device matches"),
            say!("Nothing fits search, filter, class and status together."),
            &action,
        );
    }
    let detail = say!("Add the first one: a line to run on it, or a code to scan.");
    let action = html! {
        @if shell.may_change() {
            (super::device_new::form(&super::device_new::DeviceNewView::default()))
        } @else {
            p { (say!("Ask an operator to add one.")) }
        }
    };
    text::empty(say!("No devices yet"), detail, &action)
}
