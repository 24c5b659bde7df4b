//! The interface for programs: every operation in a table, and a page that tries them.

use language::say;
use maud::{Markup, html};

use crate::assets;
use crate::layout::{Head, Liveness, Shell, heading, page as shell_page};
use crate::links;
use crate::parts::sentence::sentence;
use crate::parts::text::{code, with_commands};

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

pub fn page(shell: &Shell, view: &ApiView) -> Markup {
    let head = Head {
        title: say!("Interface for programs"),
        nav: None,
        liveness: Liveness::Still,
    };
    let actions = html! {
        a.button href=(links::api_try()) { (say!("Try it")) }
        a.button href=(links::api_description()) download="openapi.json" { "OpenAPI 3.1" }
    };
    let body = html! {
        (heading(&html! { (say!("Interface for programs")) }, &actions))
        p { (with_commands(say!("JSON over this same address. Send `Authorization: Bearer plsd_pat_…`; a token is made by `palisade-coordinator token api NAME`."))) }
        table.cards {
            thead { tr { th scope="col" { (say!("Operation")) } th scope="col" { (say!("What it does")) } th scope="col" { (say!("Needs")) } } }
            tbody { @for row in &view.operations { (operation(row)) } }
        }
    };
    shell_page(shell, &head, &body)
}

/// What the description for programs says is English, on every page.
fn operation(row: &OperationRow) -> Markup {
    html! {
        tr {
            th scope="row" data-label=(say!("Operation")) { (code(&format!("{} {}", row.method, row.path))) }
            td data-label=(say!("What it does")) lang="en" { (row.summary) }
            td data-label=(say!("Needs")) lang="en" { (row.needs) }
        }
    }
}

/// Swagger UI, which is somebody else's and draws itself.
pub fn try_page(shell: &Shell) -> Markup {
    let head = Head {
        title: say!("Try the interface"),
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! {
        link rel="stylesheet" href=(assets::url(assets::SWAGGER_CSS));
        (heading(&html! { (say!("Try the interface")) }, &html! { a.button href=(links::api()) { (say!("All operations")) } }))
        p.notice.notable { (say!("What you try here is done, with your rights.")) }
        noscript { p { (sentence!("This page needs scripts. The {list} does not.", list = html! { a href=(links::api()) { (say!("list of operations")) } })) } }
        div.foreign-ui #swagger-ui data-description=(links::api_description()) {}
        script src=(assets::url(assets::SWAGGER_JS)) {}
        script src=(assets::url(assets::API_DOCS_JS)) {}
    };
    shell_page(shell, &head, &body)
}
