//! A device that asks to join without a line: compare the code it shows, then decide.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, page as shell_page};
use crate::links;
use crate::parts::alike::alike;
use crate::parts::form::{Field, Input, summary};
use crate::parts::sentence::sentence;
use crate::parts::status::{Status, badge};
use crate::parts::text::{DeviceRef, code, facts, foreign};
use crate::parts::time::ago;

pub mod fields {
    pub const NAME: &str = "name";
    pub const CLASS: &str = "class";
    pub const CELL: &str = "cell";
    pub const DECISION: &str = "decision";
    /// Values of `DECISION`.
    pub const APPROVE: &str = "approve";
    pub const REJECT: &str = "reject";
}

#[derive(Debug, Clone)]
pub struct PendingView {
    pub id: String,
    /// What the device calls itself; a claim.
    pub claimed_name: String,
    /// Members whose names look like that.
    pub alike: Vec<DeviceRef>,
    /// In groups, as the device shows it.
    pub code: String,
    pub address: String,
    pub requested_ms: u64,
    pub key_fingerprint: String,
    pub name: Field,
    pub class: Field,
    pub cell: Field,
    pub classes: Vec<String>,
    pub cells: Vec<String>,
}

pub fn page(shell: &Shell, view: &PendingView) -> Markup {
    let head = Head {
        title: say!("Approve device"),
        nav: Some(Nav::Devices),
        liveness: Liveness::Still,
    };
    let body = html! {
        section.card.narrow {
            h1 { (sentence!("Approve {name}?", name = foreign(&view.claimed_name))) }
            p { (sentence!("{state} asked {when} from {address}", state = badge(Status::Pending), when = ago(shell.now_ms, view.requested_ms), address = code(&view.address))) }
            p { (say!("Compare this code with the one on the device. If they differ, somebody stands between: reject.")) }
            p.compare aria-label=(say!("Code to compare")) { (view.code) }
            (facts([(say!("Key"), code(&view.key_fingerprint)), (say!("Calls itself"), foreign(&view.claimed_name))]))
            (alike(&view.alike))
            @if shell.may_change() { (decision(view)) } @else { p.quiet { (say!("An operator decides this.")) } }
        }
    };
    shell_page(shell, &head, &body)
}

fn decision(view: &PendingView) -> Markup {
    html! {
        (summary(&[(fields::NAME, &view.name), (fields::CLASS, &view.class), (fields::CELL, &view.cell)]))
        form method="post" action=(links::approve(&view.id)) {
            (Input::text(fields::NAME, say!("Name")).render(&view.name))
            (Input::text(fields::CLASS, say!("Class")).choices(&view.classes).render(&view.class))
            (Input::text(fields::CELL, say!("Cell")).choices(&view.cells).render(&view.cell))
            div.actions {
                button.primary name=(fields::DECISION) value=(fields::APPROVE) { (say!("The codes match: approve")) }
                button.danger name=(fields::DECISION) value=(fields::REJECT) formnovalidate { (say!("Reject")) }
            }
        }
    }
}
