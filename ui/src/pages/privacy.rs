//! What is kept how long and in which data class, and the form that erases what a retired device said.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, summary};
use crate::parts::sentence::among;
use crate::parts::text::{code, foreign, with_commands};

pub mod fields {
    pub const DEVICE: &str = "device";
    pub const NAME: &str = "name";
    pub const WHY: &str = "why";
}

#[derive(Debug, Clone)]
pub struct PrivacyView {
    pub rows: Vec<KeptRow>,
    /// Devices that do not belong to the mesh any more.
    pub retired: Vec<RetiredRow>,
    pub device: Field,
    pub name: Field,
    pub why: Field,
}

#[derive(Debug, Clone)]
pub struct KeptRow {
    pub what: &'static str,
    pub class: &'static str,
    pub kept: &'static str,
    pub erasure: String,
}

#[derive(Debug, Clone)]
pub struct RetiredRow {
    pub id: String,
    pub name: String,
    pub erased: bool,
}

pub fn page(shell: &Shell, view: &PrivacyView) -> Markup {
    let head = Head {
        title: say!("Data"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        (heading(&html! { (say!("Data")) }, &html! {}))
        (summary(&[(fields::DEVICE, &view.device), (fields::NAME, &view.name), (fields::WHY, &view.why)]))
        section.card {
            h2 { (say!("What is kept")) }
            table.cards {
                thead { tr { th scope="col" { (say!("privacy|What")) } th scope="col" { (say!("Class")) } th scope="col" { (say!("privacy|Kept")) } th scope="col" { (say!("When somebody is erased")) } } }
                tbody {
                    @for row in &view.rows {
                        tr {
                            th scope="row" { (row.what) }
                            td data-label=(say!("Class")) { (class(row.class)) }
                            td data-label=(say!("privacy|Kept")) { (row.kept) }
                            td data-label=(say!("When somebody is erased")) { (row.erasure) }
                        }
                    }
                }
            }
            p.quiet { (with_commands(say!("Everything of a device or a person as one document: `palisade-coordinator data device ID` and `data person NAME`. A person is erased by removing the account."))) }
        }
        section.card {
            h2 { (say!("Devices that were retired")) }
            (retired(&view.retired))
            @if shell.may_govern() && view.retired.iter().any(|row| !row.erased) { (form(view)) }
        }
    };
    shell_page(shell, &head, &body)
}

/// A data class of docs/protocol.md.
fn class(word: &'static str) -> &'static str {
    among!(word; "public" as "class|public", "internal" as "class|internal", "sensitive" as "class|sensitive", "highly_sensitive" as "class|highly sensitive")
}

fn retired(rows: &[RetiredRow]) -> Markup {
    if rows.is_empty() {
        return html! { p { (say!("None. Only a device that does not belong to the mesh any more can be erased.")) } };
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Device")) } th scope="col" { (say!("Id")) } th scope="col" { (say!("What it said")) } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (foreign(&row.name)) }
                        td data-label=(say!("Id")) { (code(&row.id)) }
                        td data-label=(say!("What it said")) { @if row.erased { (say!("erased: nobody can open it")) } @else { (say!("kept until its time")) } }
                    }
                }
            }
        }
    }
}

fn form(view: &PrivacyView) -> Markup {
    let device =
        Input::text(fields::DEVICE, say!("Id of the device")).hint(say!("As the table shows it."));
    let name = Input::text(fields::NAME, say!("Its name, to be sure"));
    let why = Input::text(fields::WHY, say!("Why")).hint(say!("It stands in the audit log."));
    html! {
        form.steps-form method="post" action=(links::privacy_erase()) {
            (device.render(&view.device))
            (name.render(&view.name))
            (why.render(&view.why))
            button.danger { (say!("Erase what it said")) }
            p.quiet { (say!("The key that opens its records is destroyed, and with it every copy of them; figures, lines and habits are removed. What it signed stays, so that the log still verifies. Backups from before hold the key.")) }
        }
    }
}
