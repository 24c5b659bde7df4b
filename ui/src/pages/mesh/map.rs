//! The drawing of the mesh: cells as blocks of nodes at places that depend on names alone, so the picture never jumps.

use language::{count, say};
use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::{LinkState, MAX_DRAWN_NODES, MeshNode, MeshView};
use crate::links::{self, MeshMode};
use crate::pages::device::verdict::Standing;
use crate::parts::status::{Status, glyph};

const PITCH_X: f64 = 104.0;
const PITCH_Y: f64 = 78.0;
const PADDING: f64 = 20.0;
const TITLE: f64 = 34.0;
const GAP: f64 = 26.0;
const SHEET: f64 = 1216.0;
const LABEL: usize = 14;

/// A cell and the box it occupies.
struct Block<'a> {
    cell: &'a str,
    nodes: Vec<&'a MeshNode>,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

struct Sheet<'a> {
    blocks: Vec<Block<'a>>,
    width: f64,
    height: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Nodes,
    CellsOnly,
}

pub fn map(view: &MeshView, shown: &[&MeshNode]) -> Markup {
    let detail = if shown.len() > MAX_DRAWN_NODES && view.cell.is_none() {
        Detail::CellsOnly
    } else {
        Detail::Nodes
    };
    let sheet = layout(shown, detail);
    let label = say!(
        "Map of {nodes} nodes in {cells} cells",
        nodes = shown.len(),
        cells = sheet.blocks.len()
    );
    let places = places(&sheet, detail);
    html! {
        div.map tabindex="0" role="region" aria-label=(say!("Map, scrolls")) {
            svg role="group" aria-label=(label) width=(sheet.width) height=(sheet.height) viewBox={ "0 0 " (sheet.width) " " (sheet.height) } {
                @for block in &sheet.blocks { (frame(block, detail)) }
                @if detail == Detail::Nodes { (edges(view, &places)) }
                @for block in &sheet.blocks {
                    @if detail == Detail::Nodes {
                        @for node in &block.nodes { (node_mark(node, places[node.id.as_str()])) }
                    } @else {
                        (cell_mark(block))
                    }
                }
            }
        }
        p.legend {
            @for status in Status::ALL { span { (crate::parts::status::icon(status)) (status.word()) } }
            @if detail == Detail::Nodes {
                span { (swatch("edge")) (say!("One heard the other within 30 s")) }
                span { (swatch("edge unheard")) (say!("A witness says it hears nothing")) }
                span {
                    svg.swatch viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" { circle.down cx="8" cy="8" r="7" {} }
                    (say!("Certified silent by its witnesses"))
                }
            } @else {
                span { (say!("Open a cell to see its nodes and links.")) }
            }
        }
    }
}

fn swatch(class: &str) -> Markup {
    html! {
        svg.swatch viewBox="0 0 18 4" width="18" height="4" aria-hidden="true" { path class=(class) d="M0 2h18" {} }
    }
}

fn layout<'a>(shown: &[&'a MeshNode], detail: Detail) -> Sheet<'a> {
    let mut cells: BTreeMap<&str, Vec<&MeshNode>> = BTreeMap::new();
    for node in shown {
        cells.entry(&node.cell).or_default().push(node);
    }
    let mut sheet = Sheet {
        blocks: Vec::new(),
        width: 0.0,
        height: 0.0,
    };
    let (mut x, mut y, mut shelf) = (0.0, 0.0, 0.0_f64);
    for (cell, mut nodes) in cells {
        nodes.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let (width, height) = size(nodes.len(), detail);
        if x > 0.0 && x + width > SHEET {
            (x, y, shelf) = (0.0, y + shelf + GAP, 0.0);
        }
        sheet.blocks.push(Block {
            cell,
            nodes,
            x,
            y,
            width,
            height,
        });
        (x, shelf) = (x + width + GAP, shelf.max(height));
        sheet.width = sheet.width.max(x - GAP);
        sheet.height = y + shelf;
    }
    sheet
}

fn size(nodes: usize, detail: Detail) -> (f64, f64) {
    if detail == Detail::CellsOnly {
        return (254.0, 108.0);
    }
    let (columns, rows) = grid(nodes);
    // Every second row stands half a step to the right, so that links of neighbours do not cover each other.
    let stagger = if rows > 1 { PITCH_X / 2.0 } else { 0.0 };
    (
        columns as f64 * PITCH_X + stagger + 2.0 * PADDING,
        TITLE + rows as f64 * PITCH_Y + PADDING,
    )
}

fn grid(nodes: usize) -> (usize, usize) {
    let columns = (nodes as f64)
        .sqrt()
        .mul_add(1.2, 0.5)
        .floor()
        .clamp(1.0, 10.0) as usize;
    let columns = columns.min(nodes.max(1));
    (columns, nodes.div_ceil(columns))
}

fn places<'a>(sheet: &Sheet<'a>, detail: Detail) -> BTreeMap<&'a str, (f64, f64)> {
    let mut places = BTreeMap::new();
    for block in &sheet.blocks {
        let (columns, _) = grid(block.nodes.len());
        for (number, node) in block.nodes.iter().enumerate() {
            let (column, row) = (number % columns, number / columns);
            let stagger = if row % 2 == 1 { PITCH_X / 2.0 } else { 0.0 };
            let place = match detail {
                Detail::Nodes => (
                    block.x + PADDING + (column as f64 + 0.5) * PITCH_X + stagger,
                    block.y + TITLE + (row as f64 + 0.4) * PITCH_Y,
                ),
                Detail::CellsOnly => (block.x + block.width / 2.0, block.y + block.height / 2.0),
            };
            places.insert(node.id.as_str(), place);
        }
    }
    places
}

fn frame(block: &Block<'_>, detail: Detail) -> Markup {
    html! {
        rect.cell x=(block.x + 0.5) y=(block.y + 0.5) width=(block.width - 1.0) height=(block.height - 1.0) rx="10" {}
        @if detail == Detail::Nodes {
            text.cell-name x=(block.x + PADDING) y=(block.y + 25.0) hx-ignore { (short(block.cell, 3 * LABEL)) }
        }
    }
}

fn edges(view: &MeshView, places: &BTreeMap<&str, (f64, f64)>) -> Markup {
    let mut drawn = BTreeSet::new();
    let mut lines = [String::new(), String::new()];
    // Of two words about one pair the worse is shown.
    let (unheard, heard): (Vec<_>, Vec<_>) = view
        .links
        .iter()
        .partition(|link| link.state == LinkState::Unheard);
    for link in unheard.into_iter().chain(heard) {
        let (Some(&a), Some(&b)) = (places.get(link.from.as_str()), places.get(link.to.as_str()))
        else {
            continue;
        };
        let ends = if link.from < link.to {
            (&link.from, &link.to)
        } else {
            (&link.to, &link.from)
        };
        if a != b && drawn.insert(ends) {
            lines[usize::from(link.state == LinkState::Unheard)].push_str(&bow(a, b));
        }
    }
    html! {
        path.edge d=(lines[0]) {}
        path.edge.unheard d=(lines[1]) {}
    }
}

/// A slightly bent line, so that a link past a node is told from a link to it.
fn bow(a: (f64, f64), b: (f64, f64)) -> String {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (x, y) = ((a.0 + b.0) / 2.0 - dy * 0.12, (a.1 + b.1) / 2.0 + dx * 0.12);
    format!("M{:.0} {:.0}Q{x:.0} {y:.0} {:.0} {:.0}", a.0, a.1, b.0, b.1)
}

fn node_mark(node: &MeshNode, (x, y): (f64, f64)) -> Markup {
    let shown = short(&node.name, LABEL);
    let silence = node.silence.as_ref();
    let state = silence.map_or_else(
        || node.status.word().to_owned(),
        |silence| format!("{}: {silence}", node.status.word()),
    );
    html! {
        a.node.(node.status.slug()) href=(links::device(&node.id)) aria-label={ (shown) ", " (state) } hx-ignore {
            title { (node.name) ", " (state) }
            rect.hit x=(x - 46.0) y=(y - 20.0) width="92" height="54" rx="8" {}
            circle.halo cx=(x) cy=(y) r="14" {}
            @if node.standing == Standing::Certified { circle.down cx=(x) cy=(y) r="16" {} }
            g transform={ "translate(" (x - 10.0) " " (y - 10.0) ") scale(1.25)" } { (glyph(node.status)) }
            text x=(x) y=(y + 28.0) text-anchor="middle" { (shown) }
        }
    }
}

fn cell_mark(block: &Block<'_>) -> Markup {
    let of = |status| {
        block
            .nodes
            .iter()
            .filter(|node| node.status == status)
            .count()
    };
    let nodes = count!(block.nodes.len(), "{n} node", "{n} nodes");
    let states = say!(
        "{online} online, {silent} silent",
        online = of(Status::Online) + of(Status::Degraded),
        silent = of(Status::Silent)
    );
    html! {
        a.node href=(links::mesh(MeshMode::Map, Some(block.cell))) hx-ignore {
            rect.hit x=(block.x) y=(block.y) width=(block.width) height=(block.height) rx="10" {}
            text.cell-name x=(block.x + PADDING) y=(block.y + 25.0) { (short(block.cell, 3 * LABEL)) }
            " "
            text.cell-count x=(block.x + PADDING) y=(block.y + 62.0) { (nodes) }
            " "
            text x=(block.x + PADDING) y=(block.y + 86.0) { (states) }
        }
    }
}

fn short(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: usize, cell: &str) -> MeshNode {
        MeshNode {
            id: id.to_string(),
            name: format!("node {id:03}"),
            cell: cell.into(),
            status: Status::Online,
            silence: None,
            standing: Standing::Open,
        }
    }

    #[test]
    fn no_two_nodes_share_a_place_and_all_lie_on_the_sheet() {
        let nodes: Vec<_> = (0..120)
            .map(|id| node(id, if id % 3 == 0 { "A" } else { "B" }))
            .collect();
        let shown: Vec<_> = nodes.iter().collect();
        let sheet = layout(&shown, Detail::Nodes);
        let places = places(&sheet, Detail::Nodes);
        let distinct: BTreeSet<_> = places.values().map(|(x, y)| format!("{x} {y}")).collect();
        assert_eq!(distinct.len(), 120);
        assert!(
            places
                .values()
                .all(|(x, y)| *x > 0.0 && *x < sheet.width && *y > 0.0 && *y < sheet.height)
        );
    }

    #[test]
    fn places_do_not_depend_on_the_order_of_arrival() {
        let nodes: Vec<_> = (0..20).map(|id| node(id, "A")).collect();
        let forward: Vec<_> = nodes.iter().collect();
        let backward: Vec<_> = nodes.iter().rev().collect();
        let place = |shown: &[&MeshNode]| {
            format!(
                "{:?}",
                places(&layout(shown, Detail::Nodes), Detail::Nodes).get("7")
            )
        };
        assert_eq!(place(&forward), place(&backward));
    }
}
