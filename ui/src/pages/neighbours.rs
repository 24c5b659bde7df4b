//! Devices that run no node: their part of the device list, and the page of one of them.

use language::{count, say};
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::class::{class, class_name};
use crate::parts::groups::{self, Groups};
use crate::parts::sentence::sentence;
use crate::parts::status::{Status, badge};
use crate::parts::text::{DeviceRef, device_link, facts, foreign, or_dash, told};
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
    pub groups: Groups,
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
                caption { (count!(view.matching, "{n} device without a node", "{n} devices without a node")) }
                thead {
                    tr {
                        th scope="col" { (say!("Name")) } th scope="col" { (say!("Status")) } th scope="col" { (say!("Class")) }
                        th scope="col" { (say!("Vendor")) } th scope="col" { (say!("Address")) } th scope="col" { (say!("Guarded by")) }
                        th scope="col" { (say!("Last seen")) }
                    }
                }
                tbody { @for row in &view.rows { (neighbour_row(shell, row)) } }
            }
            @if unseen > 0 { p.quiet { (count!(unseen, "and {n} more: search for it, or choose a class.", "and {n} more: search for them, or choose a class.")) } }
        }
        (deaf(&view.deaf))
    }
}

fn neighbour_row(shell: &Shell, row: &NeighbourRow) -> Markup {
    html! {
        tr id={ "neighbour-" (row.mac.replace(':', "")) } {
            th scope="row" { a href=(links::neighbour(&row.mac)) { (foreign(&row.name)) } (groups::line(&row.groups)) }
            td data-label=(say!("Status")) { (state(row.state)) }
            td data-label=(say!("Class")) { (class(&row.class)) }
            td data-label=(say!("Vendor")) { (or_dash(row.vendor.as_deref())) }
            td.mono data-label=(say!("Address")) { (or_dash(row.address.as_deref())) }
            td data-label=(say!("Guarded by")) { (members(&row.guardians, say!("nobody"))) }
            td data-label=(say!("Last seen")) { (ago_or(shell.now_ms, row.last_ms, say!("never"))) }
        }
    }
}

fn state(state: NeighbourState) -> Markup {
    match state {
        NeighbourState::There => badge(Status::Online),
        NeighbourState::Gone => html! {
            (badge(Status::Silent)) span.reason hx-ignore { (say!("neither speaks nor answers")) }
        },
        NeighbourState::Unwatched => html! {
            (badge(Status::NeverHeard)) span.reason hx-ignore { (say!("nobody has written of it lately")) }
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
                summary { (count!(deaf.len(), "{n} node does not hear everything", "{n} nodes do not hear everything")) }
                ul {
                    @for one in deaf { li { (device_link(&one.member)) (say!(": ")) (one.says.join("; ")) "." } }
                }
            }
        }
    }
}

pub fn page(shell: &Shell, view: &NeighbourView) -> Markup {
    let head = Head {
        title: say!("Device without a node"),
        nav: Some(Nav::Devices),
        liveness: Liveness::LiveOrReloaded,
    };
    let all = links::devices(&links::DeviceFilter::default());
    let actions = html! {
        a.button href=(links::neighbour_profile(&view.row.mac)) { (say!("Traffic")) } " "
        a.button href=(all) { (say!("Devices")) }
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
            h2 { (say!("What is heard of it")) span.quiet { (say!("It runs no node: all of this is what it says of itself, and what others hear.")) } }
            @let [site, tags] = groups::facts(&row.mac, &row.groups, shell.may_change());
            (facts([
                (say!("Status"), state(row.state)),
                (say!("Class"), guess(view)),
                site,
                tags,
                (say!("Vendor"), or_dash(row.vendor.as_deref())),
                (say!("Names"), list(&view.names)),
                (say!("Addresses"), list(&view.addresses)),
                (say!("Hardware"), foreign(&row.mac)),
                (say!("Listens on"), list(&ports)),
                (say!("First heard"), ago_or(shell.now_ms, view.first_ms, say!("never"))),
                (say!("Last seen"), ago_or(shell.now_ms, row.last_ms, say!("never"))),
            ]))
            @if !view.claimed_by.is_empty() {
                p.reason role="status" {
                    (sentence!("{device} says that this hardware is its own, while others hear a device there: find out which of them is right.", device = members(&view.claimed_by, "")))
                }
            }
        }
    }
}

fn guess(view: &NeighbourView) -> Markup {
    html! {
        (class(&view.row.class))
        @if view.reasons.is_empty() {
            span.quiet { " " (say!("nothing tells what it is")) }
        } @else {
            span.quiet { " " (say!("a guess ({n} of 100):", n = view.confidence)) " " }
            @for (number, reason) in view.reasons.iter().enumerate() {
                @if number > 0 { "; " } (told(reason))
            }
        }
        @if !view.disputed.is_empty() {
            p.reason { (sentence!("Its hearers do not agree: {what}.", what = foreign(&view.disputed.join(", ")))) }
        }
    }
}

fn guarded(shell: &Shell, view: &NeighbourView) -> Markup {
    html! {
        section.card {
            h2 { (say!("Who hears and guards it")) }
            p { (sentence!("Guarded by {names}.", names = members(&view.row.guardians, say!("nobody at the moment")))) }
            div.table-scroll tabindex="0" role="region" aria-label=(say!("Who hears and guards it")) {
                table {
                    thead { tr {
                        th scope="col" { (say!("Node")) } th scope="col" { (say!("Takes it for")) } th scope="col" { (say!("At")) }
                        th scope="col" { (say!("Heard")) } th scope="col" { (say!("Newest line")) } th scope="col" { (say!("In its log")) }
                    } }
                    tbody {
                        @for word in &view.words {
                            tr {
                                th scope="row" { (device_link(&word.member)) }
                                td { (or_dash(word.class.as_deref().map(class_name))) }
                                td.mono { (or_dash(word.address.as_deref())) }
                                td { (ago_or(shell.now_ms, word.heard_ms, say!("was told of it"))) }
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
                h2 { (say!("What happened")) }
                ul {
                    @for event in events {
                        li {
                            (sentence!("{when}: {what}", when = ago_or(shell.now_ms, Some(event.at_ms), ""), what = told(&event.says)))
                            " " span.quiet { (sentence!("says {device}", device = device_link(&event.by))) }
                        }
                    }
                }
            }
        }
    }
}
