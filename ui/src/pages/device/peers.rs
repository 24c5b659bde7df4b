//! The third tab of a device: who watches it, whom it watches, and whom it talks to.

use language::number::decimal;
use language::say;
use maud::{Markup, html};

use super::EvidenceKind;
use crate::layout::Shell;
use crate::pages::observations::{self, ObservationView};
use crate::parts::status::{Status, badge};
use crate::parts::text::{DeviceRef, device_link};
use crate::parts::time::ago_or;

#[derive(Debug, Clone, Default)]
pub struct PeersView {
    pub witnesses: Vec<Peer>,
    pub subjects: Vec<Peer>,
    /// Connections seen by either end.
    pub links: Vec<Peer>,
    /// Links of this device whose ends do not agree on what crossed them.
    pub observations: Vec<ObservationView>,
}

#[derive(Debug, Clone)]
pub struct Peer {
    pub device: DeviceRef,
    pub status: Status,
    pub heard_ms: Option<u64>,
    pub evidence: Option<EvidenceKind>,
    pub round_trip_ms: Option<f64>,
}

pub fn content(shell: &Shell, view: &PeersView) -> Markup {
    html! {
        (group(shell, "witnesses", say!("Witnesses"), say!("They watch this device and hold its log."), &view.witnesses))
        (group(shell, "subjects", say!("Subjects"), say!("This device watches them."), &view.subjects))
        (group(shell, "links", say!("Links"), say!("Connections that one or both ends report."), &view.links))
        (observations::card(shell, &view.observations))
    }
}

fn group(shell: &Shell, id: &str, title: &str, about: &str, peers: &[Peer]) -> Markup {
    html! {
        section.card aria-labelledby=(id) {
            h2 id=(id) { (title) span.quiet { (about) } }
            @if peers.is_empty() { p.quiet { (say!("None at present.")) } } @else {
                table.cards {
                    thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("Status")) } th scope="col" { (say!("Heard")) }
                        th scope="col" { (say!("Evidence")) } th.num scope="col" { (say!("Round trip")) } } }
                    tbody { @for peer in peers { (row(shell, peer)) } }
                }
            }
        }
    }
}

fn row(shell: &Shell, peer: &Peer) -> Markup {
    html! {
        tr {
            th scope="row" { (device_link(&peer.device)) }
            td data-label=(say!("Status")) { (badge(peer.status)) }
            td data-label=(say!("Heard")) { (ago_or(shell.now_ms, peer.heard_ms, say!("never"))) }
            td data-label=(say!("Evidence")) { (peer.evidence.map_or("–", EvidenceKind::words)) }
            td.num data-label=(say!("Round trip")) {
                @match peer.round_trip_ms { Some(ms) => (say!("{n} ms", n = decimal(ms, 1))), None => "–" }
            }
        }
    }
}
