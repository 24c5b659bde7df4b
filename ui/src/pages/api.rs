//! The interface for programs: every operation in a table, and a page that tries them.

use maud::{Markup, html};

use crate::assets;
use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::text::code;

#[derive(Debug, Clone)]
pub struct ApiView {
    /// In the order of their paths.
    pub operations: Vec<OperationRow>,
}

#[derive(Debug, Clone)]
pub struct OperationRow {
    pub method: String,
    pub path: String,
    pub summary: String,
    /// Which roles may, in a word of the documents.
    pub needs: String,
}

const TITLE: &str = "Interface for programs";

pub fn page(shell: &Shell, view: &ApiView) -> Markup {
    let head = Head {
        title: TITLE,
        nav: None,
        liveness: Liveness::Still,
    };
    let actions = html! {
        a.button href=(links::api_try()) { "Try it" }
        a.button href=(links::api_description()) download="openapi.json" { "OpenAPI 3.1" }
    };
    let body = html! {
        (heading(&html! { (TITLE) }, &actions))
        p { "JSON over this same address. Send " (code("Authorization: Bearer plsd_pat_…"))
            "; a token is made by " (code("palisade-coordinator token api NAME")) "." }
        table.cards {
            thead { tr { th scope="col" { "Operation" } th scope="col" { "What it does" } th scope="col" { "Needs" } } }
            tbody { @for row in &view.operations { (operation(row)) } }
        }
    };
    shell_page(shell, &head, &body)
}

fn operation(row: &OperationRow) -> Markup {
    html! {
        tr {
            th scope="row" data-label="Operation" { (code(&format!("{} {}", row.method, row.path))) }
            td data-label="What it does" { (row.summary) }
            td data-label="Needs" { (row.needs) }
        }
    }
}

/// Swagger UI, which is somebody else's and draws itself.
pub fn try_page(shell: &Shell) -> Markup {
    let head = Head {
        title: "Try the interface",
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        link rel="stylesheet" href=(assets::url(assets::SWAGGER_CSS));
        (heading(&html! { "Try the interface" }, &html! { a.button href=(links::api()) { "All operations" } }))
        p.notice.notable { "What you try here is done, with your rights." }
        noscript { p { "This page needs scripts. The " a href=(links::api()) { "list of operations" } " does not." } }
        div.foreign-ui #swagger-ui data-description=(links::api_description()) {}
        script src=(assets::url(assets::SWAGGER_JS)) {}
        script src=(assets::url(assets::API_DOCS_JS)) {}
    };
    shell_page(shell, &head, &body)
}
