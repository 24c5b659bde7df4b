//! Controls of a standard: what this mesh shows for each, with the page that shows it, or what would meet it.

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
        title: "Compliance",
        nav: Some(Nav::Reports),
        liveness: Liveness::Still,
    };
    let met = view.rows.iter().filter(|row| row.shows.is_some()).count();
    let body = html! {
        (heading(&html! { "Compliance" }, &html! { a.button href=(links::reports()) { "Reports" } }))
        nav.tabs aria-label="Standards" {
            ul {
                @for framework in &view.frameworks {
                    li { a href=(links::compliance(framework.slug)) aria-current=[framework.chosen.then_some("page")] { (framework.name) } }
                }
            }
        }
        p { strong { (met) " of " (view.rows.len()) " controls of " (view.name) " show evidence." } " It is evidence for whoever audits, and no certificate." }
        table.cards {
            thead { tr { th scope="col" { "Control" } th scope="col" { "Title" } th scope="col" { "Stands" } th scope="col" { "Evidence, or what would meet it" } } }
            tbody {
                @for row in &view.rows {
                    tr {
                        th scope="row" { (row.id) }
                        td data-label="Title" { (row.title) }
                        @if let Some((figure, link)) = &row.shows {
                            td data-label="Stands" { strong { "✓ met" } }
                            td data-label="Evidence" { a href=(link) { (figure) } }
                        } @else {
                            td data-label="Stands" { "not met" }
                            td data-label="What would meet it" { (row.would.as_deref().unwrap_or_default()) }
                        }
                    }
                }
            }
        }
    };
    shell_page(shell, &head, &body)
}
