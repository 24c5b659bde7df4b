//! Devices that run no node: their part of the device list, and the page of one of them.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::quantity::count;
use crate::parts::status::{Status, badge};
use crate::parts::text::{DeviceRef, device_link, facts, foreign, or_dash};
use crate::parts::time::ago_or;

/// Their part of the list.
#[derive(Debug, Clone, Default)]
pub struct NeighboursView {
    pub rows: Vec<NeighbourRow>,
    /// How many there are, the ones that are not drawn included.
    pub matching: u64,
    pub deaf: Vec<Deaf>,
}

#[derive(Debug, Clone)]
pub struct NeighbourRow {
    pub mac: String,
    pub name: String,
    pub state: NeighbourState,
    pub class: String,
    pub vendor: Option<String>,
    pub address: Option<String>,
    pub guardians: Vec<DeviceRef>,
    pub last_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeighbourState {
    There,
    Gone,
    /// Nobody has written of it lately.
    Unwatched,
}

/// A member that cannot hear everything, and what to do about it.
#[derive(Debug, Clone)]
pub struct Deaf {
    pub member: DeviceRef,
    /// Our words.
    pub says: Vec<String>,
}

/// The page of one.
#[derive(Debug, Clone)]
pub struct NeighbourView {
    pub row: NeighbourRow,
    pub names: Vec<String>,
    pub addresses: Vec<String>,
    pub ports: Vec<u16>,
    pub reasons: Vec<String>,
    pub confidence: u8,
    /// Other classes that members guess.
    pub disputed: Vec<String>,
    pub first_ms: Option<u64>,
    pub claimed_by: Vec<DeviceRef>,
    pub words: Vec<WordRow>,
    pub events: Vec<EventRow>,
    /// Of those that hear it.
    pub deaf: Vec<Deaf>,
}

/// What one member says.
#[derive(Debug, Clone)]
pub struct WordRow {
    pub member: DeviceRef,
    pub class: Option<String>,
    pub address: Option<String>,
    pub heard_ms: Option<u64>,
    /// Our words: until when it answers for the device, and how it met it.
    pub line: Option<String>,
    /// Where that stands in its log.
    pub place: Option<String>,
}

#[derive(Debug, Clone)]
pub struct EventRow {
    pub at_ms: u64,
    pub by: DeviceRef,
    /// Our words with addresses in them.
    pub says: String,
}

/// Beside the members in the device list; nothing where nobody hears any.
pub fn section(shell: &Shell, view: &NeighboursView) -> Markup {
    let unseen = view.matching.saturating_sub(view.rows.len() as u64);
    html! {
        @if view.matching > 0 {
            table.cards {
                caption { (count(view.matching)) @if view.matching == 1 { " device" } @else { " devices" } " without a node" }
                thead {
                    tr {
                        th scope="col" { "Name" } th scope="col" { "Status" } th scope="col" { "Class" }
                        th scope="col" { "Vendor" } th scope="col" { "Address" } th scope="col" { "Guarded by" }
                        th scope="col" { "Last seen" }
                    }
                }
                tbody { @for row in &view.rows { (neighbour_row(shell, row)) } }
            }
            @if unseen > 0 { p.quiet { "and " (count(unseen)) " more: search for them, or choose a class." } }
        }
        (deaf(&view.deaf))
    }
}

fn neighbour_row(shell: &Shell, row: &NeighbourRow) -> Markup {
    html! {
        tr id={ "neighbour-" (row.mac.replace(':', "")) } {
            th scope="row" { a href=(links::neighbour(&row.mac)) { (foreign(&row.name)) } }
            td data-label="Status" { (state(row.state)) }
            td data-label="Class" { (foreign(&row.class)) }
            td data-label="Vendor" { (or_dash(row.vendor.as_deref())) }
            td.mono data-label="Address" { (or_dash(row.address.as_deref())) }
            td data-label="Guarded by" { (members(&row.guardians, "nobody")) }
            td data-label="Last seen" { (ago_or(shell.now_ms, row.last_ms, "never")) }
        }
    }
}

fn state(state: NeighbourState) -> Markup {
    match state {
        NeighbourState::There => badge(Status::Online),
        NeighbourState::Gone => html! {
            (badge(Status::Silent)) span.reason hx-ignore { "neither speaks nor answers" }
        },
        NeighbourState::Unwatched => html! {
            (badge(Status::NeverHeard)) span.reason hx-ignore { "nobody has written of it lately" }
        },
    }
}

fn members(members: &[DeviceRef], nobody: &str) -> Markup {
    html! {
        @if members.is_empty() { span.quiet { (nobody) } }
        @for (place, member) in members.iter().enumerate() {
            @if place > 0 { ", " }
            (device_link(member))
        }
    }
}

fn deaf(deaf: &[Deaf]) -> Markup {
    html! {
        @if !deaf.is_empty() {
            details {
                summary { (count(deaf.len() as u64)) @if deaf.len() == 1 { " node does" } @else { " nodes do" } " not hear everything" }
                ul {
                    @for one in deaf { li { (device_link(&one.member)) ": " (one.says.join("; ")) "." } }
                }
            }
        }
    }
}

pub fn page(shell: &Shell, view: &NeighbourView) -> Markup {
    let head = Head {
        title: "Device without a node",
        nav: Some(Nav::Devices),
        liveness: Liveness::LiveOrReloaded,
    };
    let all = links::devices(&links::DeviceFilter::default());
    let actions = html! {
        a.button href=(links::neighbour_profile(&view.row.mac)) { "Traffic" } " "
        a.button href=(all) { "Devices" }
    };
    let body = html! {
        (heading(&foreign(&view.row.name), &actions))
        (known(shell, view))
        (guarded(shell, view))
        (events(shell, &view.events))
        (deaf(&view.deaf))
    };
    shell_page(shell, &head, &body)
}

fn known(shell: &Shell, view: &NeighbourView) -> Markup {
    let row = &view.row;
    let list = |texts: &[String]| html! { (or_dash(Some(&texts.join(", ")))) };
    let ports: Vec<String> = view.ports.iter().map(ToString::to_string).collect();
    html! {
        section.card {
            h2 { "What is heard of it" span.quiet { "It runs no node: all of this is what it says of itself, and what others hear." } }
            (facts([
                ("Status", state(row.state)),
                ("Class", guess(view)),
                ("Vendor", or_dash(row.vendor.as_deref())),
                ("Names", list(&view.names)),
                ("Addresses", list(&view.addresses)),
                ("Hardware", foreign(&row.mac)),
                ("Listens on", list(&ports)),
                ("First heard", ago_or(shell.now_ms, view.first_ms, "never")),
                ("Last seen", ago_or(shell.now_ms, row.last_ms, "never")),
            ]))
            @if !view.claimed_by.is_empty() {
                p.reason role="status" {
                    (members(&view.claimed_by, "")) " says that this hardware is its own, while others hear a device there: "
                    "find out which of them is right."
                }
            }
        }
    }
}

fn guess(view: &NeighbourView) -> Markup {
    html! {
        (foreign(&view.row.class))
        @if view.reasons.is_empty() {
            span.quiet { " nothing tells what it is" }
        } @else {
            span.quiet { " a guess (" (view.confidence) " of 100): " }
            (foreign(&view.reasons.join("; ")))
        }
        @if !view.disputed.is_empty() {
            p.reason { "Its hearers do not agree: " (foreign(&view.disputed.join(", "))) "." }
        }
    }
}

fn guarded(shell: &Shell, view: &NeighbourView) -> Markup {
    html! {
        section.card {
            h2 { "Who hears and guards it" }
            p { "Guarded by " (members(&view.row.guardians, "nobody at the moment")) "." }
            div.table-scroll tabindex="0" role="region" aria-label="Who hears and guards it" {
                table {
                    thead { tr {
                        th scope="col" { "Node" } th scope="col" { "Takes it for" } th scope="col" { "At" }
                        th scope="col" { "Heard" } th scope="col" { "Newest line" } th scope="col" { "In its log" }
                    } }
                    tbody {
                        @for word in &view.words {
                            tr {
                                th scope="row" { (device_link(&word.member)) }
                                td { (or_dash(word.class.as_deref())) }
                                td.mono { (or_dash(word.address.as_deref())) }
                                td { (ago_or(shell.now_ms, word.heard_ms, "was told of it")) }
                                td { (or_dash(word.line.as_deref())) }
                                td.mono { (or_dash(word.place.as_deref())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn events(shell: &Shell, events: &[EventRow]) -> Markup {
    html! {
        @if !events.is_empty() {
            section.card {
                h2 { "What happened" }
                ul {
                    @for event in events {
                        li {
                            (ago_or(shell.now_ms, Some(event.at_ms), "")) ": " (foreign(&event.says))
                            " " span.quiet { "says " (device_link(&event.by)) }
                        }
                    }
                }
            }
        }
    }
}
