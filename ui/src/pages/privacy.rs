//! What is kept how long and in which data class, and the form that erases what a retired device said.

use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::form::{Field, Input, summary};
use crate::parts::text::{code, foreign};

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
        title: "Data",
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        (heading(&html! { "Data" }, &html! {}))
        (summary(&[(fields::DEVICE, &view.device), (fields::NAME, &view.name), (fields::WHY, &view.why)]))
        section.card {
            h2 { "What is kept" }
            table.cards {
                thead { tr { th scope="col" { "What" } th scope="col" { "Class" } th scope="col" { "Kept" } th scope="col" { "When somebody is erased" } } }
                tbody {
                    @for row in &view.rows {
                        tr {
                            th scope="row" { (row.what) }
                            td data-label="Class" { (row.class.replace('_', " ")) }
                            td data-label="Kept" { (row.kept) }
                            td data-label="When somebody is erased" { (row.erasure) }
                        }
                    }
                }
            }
            p.quiet { "Everything of a device or a person as one document: " (code("palisade-coordinator data device ID")) " and " (code("data person NAME")) ". A person is erased by removing the account." }
        }
        section.card {
            h2 { "Devices that were retired" }
            (retired(&view.retired))
            @if shell.may_govern() && view.retired.iter().any(|row| !row.erased) { (form(view)) }
        }
    };
    shell_page(shell, &head, &body)
}

fn retired(rows: &[RetiredRow]) -> Markup {
    if rows.is_empty() {
        return html! { p { "None. Only a device that does not belong to the mesh any more can be erased." } };
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { "Device" } th scope="col" { "Id" } th scope="col" { "What it said" } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (foreign(&row.name)) }
                        td data-label="Id" { (code(&row.id)) }
                        td data-label="What it said" { @if row.erased { "erased: nobody can open it" } @else { "kept until its time" } }
                    }
                }
            }
        }
    }
}

fn form(view: &PrivacyView) -> Markup {
    let device = Input::text(fields::DEVICE, "Id of the device").hint("As the table shows it.");
    let name = Input::text(fields::NAME, "Its name, to be sure");
    let why = Input::text(fields::WHY, "Why").hint("It stands in the audit log.");
    html! {
        form.steps-form method="post" action=(links::privacy_erase()) {
            (device.render(&view.device))
            (name.render(&view.name))
            (why.render(&view.why))
            button.danger { "Erase what it said" }
            p.quiet { "The key that opens its records is destroyed, and with it every copy of them; figures, lines and habits are removed. What it signed stays, so that the log still verifies. Backups from before hold the key." }
        }
    }
}
