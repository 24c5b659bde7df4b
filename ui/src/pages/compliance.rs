//! Controls of a standard: what this mesh shows for each, with the page that shows it, or what would meet it.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Nav, Shell, heading, page as shell_page};
use crate::links;

#[derive(Debug, Clone)]
pub struct ComplianceView {
    pub name: String,
    pub frameworks: Vec<FrameworkLink>,
    pub rows: Vec<ControlRow>,
}

#[derive(Debug, Clone)]
pub struct FrameworkLink {
    pub slug: &'static str,
    pub name: &'static str,
    pub chosen: bool,
}

#[derive(Debug, Clone)]
pub struct ControlRow {
    pub id: String,
    pub title: String,
    /// A figure, and the address of the page that shows it.
    pub shows: Option<(String, String)>,
    pub would: Option<String>,
}

pub fn page(shell: &Shell, view: &ComplianceView) -> Markup {
    let head = Head {
        title: say!("Compliance"),
        nav: Some(Nav::Reports),
        liveness: Liveness::Still,
    };
    let met = view.rows.iter().filter(|row| row.shows.is_some()).count();
    let body = html! {
        (heading(&html! { (say!("Compliance")) }, &html! { a.button href=(links::reports()) { (say!("Reports")) } }))
        nav.tabs aria-label=(say!("Standards")) {
            ul {
                @for framework in &view.frameworks {
                    li { a href=(links::compliance(framework.slug)) aria-current=[framework.chosen.then_some("page")] { (framework.name) } }
                }
            }
        }
        p {
            strong { (say!("{part} of {whole} controls of {standard} show evidence.", part = met, whole = view.rows.len(), standard = view.name)) }
            " " (say!("It is evidence for whoever audits, and no certificate."))
        }
        table.cards {
            thead { tr { th scope="col" { (say!("Control")) } th scope="col" { (say!("Title")) } th scope="col" { (say!("Stands")) } th scope="col" { (say!("Evidence, or what would meet it")) } } }
            tbody {
                @for row in &view.rows {
                    tr {
                        th scope="row" { (row.id) }
                        td data-label=(say!("Title")) { (row.title) }
                        @if let Some((figure, link)) = &row.shows {
                            td data-label=(say!("Stands")) { strong { "✓ " (say!("control|met")) } }
                            td data-label=(say!("Evidence")) { a href=(link) { (figure) } }
                        } @else {
                            td data-label=(say!("Stands")) { (say!("control|not met")) }
                            td data-label=(say!("What would meet it")) { (row.would.as_deref().unwrap_or_default()) }
                        }
                    }
                }
            }
        }
    };
    shell_page(shell, &head, &body)
}
