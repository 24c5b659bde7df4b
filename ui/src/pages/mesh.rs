//! The mesh as a map of what was observed, and as a table that says the same.

use language::{count, say};
use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, LivePage, MeshMode};
use crate::live;
use crate::pages::device::verdict::Standing;
use crate::parts::sentence::sentence;
use crate::parts::status::{Status, badge};
use crate::parts::text::{self, foreign};
use crate::parts::time::ago;

mod map;

/// Beyond this many nodes the map shows cells only.
pub const MAX_DRAWN_NODES: usize = 150;

#[derive(Debug, Clone)]
pub struct MeshView {
    pub mode: MeshMode,
    /// The one cell to show of a mesh too large to draw whole.
    pub cell: Option<String>,
    pub nodes: Vec<MeshNode>,
    /// Only what one end says of the other; never inferred.
    pub links: Vec<MeshLink>,
    /// How far the last replacement of the admission key or the root has come.
    pub rotation: Option<MeshRotation>,
}

#[derive(Debug, Clone)]
pub struct MeshRotation {
    pub charter: u32,
    pub members: usize,
    pub done: usize,
    /// Names of those that do not hold the charter and a new membership yet.
    pub stragglers: Vec<String>,
}

/// More names than these are counted, not listed.
const STRAGGLERS_NAMED: usize = 8;

#[derive(Debug, Clone)]
pub struct MeshNode {
    pub id: String,
    pub name: String,
    pub cell: String,
    pub status: Status,
    /// Our words on its silence, if it is silent.
    pub silence: Option<String>,
    /// Whether a certificate of its witnesses stands against it.
    pub standing: Standing,
}

#[derive(Debug, Clone)]
pub struct MeshLink {
    /// Ids of its ends.
    pub from: String,
    pub to: String,
    pub state: LinkState,
    /// When it was heard, or when its silence was signed.
    pub heard_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// One end heard the other lately.
    Heard,
    /// One end probed the other, heard nothing, and signed that.
    Unheard,
}

pub fn page(shell: &Shell, view: &MeshView) -> Markup {
    let head = Head {
        title: say!("Mesh"),
        nav: Some(Nav::Mesh),
        liveness: Liveness::Live,
    };
    let body = html! {
        (live::connect(&LivePage::Mesh { mode: view.mode, cell: view.cell.as_deref() }))
        (heading(&html! { (say!("Mesh")) @if let Some(cell) = &view.cell { ": " (foreign(cell)) } }, &switch(view)))
        div #mesh { (content(shell, view)) }
    };
    shell_page(shell, &head, &body)
}

/// Every live region of the page, as one message of its event stream.
pub fn live(shell: &Shell, view: &MeshView) -> Markup {
    live::partial("mesh", &content(shell, view))
}

pub fn content(shell: &Shell, view: &MeshView) -> Markup {
    let shown: Vec<_> = view
        .nodes
        .iter()
        .filter(|node| view.cell.as_ref().is_none_or(|cell| *cell == node.cell))
        .collect();
    if shown.is_empty() {
        let action = html! { @if shell.may_change() { a.button.primary href=(links::device_new()) { (say!("Add device")) } } };
        return text::empty(
            say!("No nodes yet"),
            say!(
                "Each device that joins takes its place here, with the links its neighbours report."
            ),
            &action,
        );
    }
    html! {
        @if shown.len() > 1 && !view.links.iter().any(|link| link.state == LinkState::Heard) {
            p.notice.notable { (say!("No line is drawn as heard: nobody has said lately that it heard anybody, or it has not reached the coordinator.")) }
        }
        @if let Some(rotation) = &view.rotation { (progress(rotation)) }
        @if let [only] = &shown[..] {
            p.notice.calm { (sentence!("Only {device} is here. Links appear once a second node joins: then each watches the other.", device = foreign(&only.name))) }
        }
        @match view.mode {
            MeshMode::Map => (map::map(view, &shown)),
            MeshMode::Table => (table(shell, view, &shown)),
        }
    }
}

fn progress(rotation: &MeshRotation) -> Markup {
    let named = rotation.stragglers.iter().take(STRAGGLERS_NAMED);
    let more = rotation.stragglers.len().saturating_sub(STRAGGLERS_NAMED);
    html! {
        p #rotation .notice.calm {
            (say!("Charter {number}: {some} of {all} devices hold it.", number = rotation.charter, some = rotation.done, all = rotation.members))
            @for (number, name) in named.enumerate() {
                @if number == 0 { " " (say!("Waiting for")) " " } @else { ", " } (foreign(name))
            }
            @if more > 0 { (count!(more, "one| and {n} more", "many| and {n} more")) }
            @if !rotation.stragglers.is_empty() { "." }
            " " a href=(links::rotation()) { (say!("Rotation")) }
        }
    }
}

fn switch(view: &MeshView) -> Markup {
    let cell = view.cell.as_deref();
    html! {
        @if cell.is_some() { a.button href=(links::mesh(view.mode, None)) { (say!("All cells")) } }
        nav.segments aria-label=(say!("View")) {
            @for (mode, name) in [(MeshMode::Map, say!("Map")), (MeshMode::Table, say!("Table"))] {
                a href=(links::mesh(mode, cell)) aria-current=[(mode == view.mode).then_some("true")] { (name) }
            }
        }
    }
}

fn table(shell: &Shell, view: &MeshView, shown: &[&MeshNode]) -> Markup {
    let names: BTreeMap<_, _> = view.nodes.iter().map(|node| (&node.id, node)).collect();
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Node")) } th scope="col" { (say!("Status")) } th scope="col" { (say!("Cell")) }
                th.num scope="col" { (say!("Links")) } th scope="col" { (say!("Neighbours")) } th scope="col" { (say!("Heard")) } } }
            tbody {
                @for node in shown {
                    @let ends = neighbours(view, &node.id);
                    tr id={ "node-" (node.id) } {
                        th scope="row" { a href=(links::device(&node.id)) { (foreign(&node.name)) } }
                        td data-label=(say!("Status")) {
                            (badge(node.status))
                            @if let Some(silence) = &node.silence { span.reason hx-ignore { (silence) } }
                        }
                        td data-label=(say!("Cell")) { (foreign(&node.cell)) }
                        td.num data-label=(say!("Links")) { (ends.len()) }
                        td.names data-label=(say!("Neighbours")) {
                            @for (number, (id, _)) in ends.iter().enumerate() {
                                @if number > 0 { ", " }
                                (foreign(names.get(id).map_or(id.as_str(), |node| &node.name)))
                            }
                            @if ends.is_empty() { "–" }
                        }
                        td data-label=(say!("Heard")) {
                            @match ends.iter().map(|(_, heard)| *heard).max() { Some(heard) => (ago(shell.now_ms, heard)), None => "–" }
                        }
                    }
                }
            }
        }
    }
}

fn neighbours<'a>(view: &'a MeshView, id: &str) -> Vec<(&'a String, u64)> {
    let heard = view
        .links
        .iter()
        .filter(|link| link.state == LinkState::Heard);
    let ends = heard.filter_map(|link| match (link.from == id, link.to == id) {
        (true, _) => Some((&link.to, link.heard_ms)),
        (_, true) => Some((&link.from, link.heard_ms)),
        _ => None,
    });
    let mut newest = BTreeMap::new();
    for (end, heard) in ends {
        let entry = newest.entry(end).or_insert(heard);
        *entry = heard.max(*entry);
    }
    newest.into_iter().collect()
}
