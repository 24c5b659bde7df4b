//! Where a library is: every version of every component whose name has the text, and who has it.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links::{self, query};
use crate::parts::quantity::count;
use crate::parts::text::{self, DeviceRef, foreign};

#[derive(Debug, Clone, Default)]
pub struct LibrariesView {
    pub text: String,
    pub rows: Vec<LibraryRow>,
}

#[derive(Debug, Clone, Default)]
pub struct LibraryRow {
    pub component: String,
    pub version: String,
    pub owners: u64,
    /// The first of them.
    pub first: Vec<DeviceRef>,
}

pub fn page(shell: &Shell, view: &LibrariesView) -> Markup {
    let head = Head {
        title: say!("Libraries"),
        nav: Some(Nav::Findings),
        liveness: Liveness::Still,
    };
    let body = html! {
        (heading(&html! { (say!("Where is a library?")) }, &html! { a.button href=(links::findings("", None)) { (say!("Findings")) } }))
        form.filter role="search" method="get" action=(links::libraries("")) {
            label {
                span.unseen { (say!("Library")) }
                input type="search" name=(query::SEARCH) value=(view.text) placeholder="log4j" autocomplete="off" spellcheck="false";
            }
            button { (say!("Search")) }
        }
        @if !view.text.is_empty() { (found(view)) }
    };
    shell_page(shell, &head, &body)
}

fn found(view: &LibrariesView) -> Markup {
    if view.rows.is_empty() {
        return text::empty(
            say!("Nobody has it"),
            say!("No bill of materials names it. Devices without a bill are not counted."),
            &html! {},
        );
    }
    html! {
        table.cards {
            thead { tr { th scope="col" { (say!("Component")) } th scope="col" { (say!("Version")) } th.num scope="col" { (say!("Devices")) } th scope="col" { (say!("Among them")) } } }
            tbody {
                @for row in &view.rows {
                    tr {
                        th scope="row" { (foreign(&row.component)) }
                        td data-label=(say!("Version")) { (foreign(&row.version)) }
                        td.num data-label=(say!("Devices")) { (count(row.owners)) }
                        td data-label=(say!("Among them")) {
                            @for (number, owner) in row.first.iter().enumerate() {
                                @if number > 0 { ", " }
                                a href=(links::findings_on(&owner.id)) { (foreign(&owner.name)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
