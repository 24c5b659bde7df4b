//! Paging by cursor: back to the start, or on to the next page.

use language::say;
use maud::{Markup, html};

/// Where the links of a page lead; a missing link is not shown.
#[derive(Debug)]
pub struct Paging {
    pub first: Option<String>,
    pub next: Option<String>,
}

pub fn paging(paging: &Paging) -> Markup {
    html! {
        @if paging.first.is_some() || paging.next.is_some() {
            nav.paging aria-label=(say!("Pages")) {
                @if let Some(url) = &paging.first { a.button href=(url) { (say!("First page")) } }
                @if let Some(url) = &paging.next { a.button href=(url) rel="next" { (say!("Next page")) } }
            }
        }
    }
}
