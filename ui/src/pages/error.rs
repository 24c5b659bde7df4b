//! What a person sees when a request fails: what happened, why, and what to do next.

use language::say;
use maud::{Markup, html};

use crate::layout::{Head, Liveness, Shell, page as shell_page};
use crate::links;
use crate::parts::sentence::sentence;
use crate::parts::text::{code, in_english};

#[derive(Debug, Clone)]
pub struct ErrorView {
    pub status: u16,
    pub what: String,
    pub why: String,
    pub next_step: String,
    /// What exactly, where only English has words for it.
    pub detail: Option<String>,
    pub request_id: Option<String>,
}

impl ErrorView {
    /// The usual words for a status; callers that know more replace them.
    pub fn for_status(status: u16, request_id: Option<String>) -> Self {
        let (what, why, next_step) = match status {
            401 => (
                say!("You are not logged in"),
                say!("Your session has ended or never began."),
                say!("Log in and try again."),
            ),
            403 => (
                say!("Not allowed"),
                say!("Your role does not include this, or the request came from another site."),
                say!("Ask an administrator, or open the page afresh and try again."),
            ),
            404 => (
                say!("Not found"),
                say!("Nothing is at this address; it may have been removed."),
                say!("Check the address, or start from the overview."),
            ),
            409 => (
                say!("Somebody was faster"),
                say!("This has changed since you opened the page."),
                say!("Go back, reload, and look at the present state before you try again."),
            ),
            422 => (
                say!("Not accepted"),
                say!("Something in the form does not fit."),
                say!("Go back and correct the marked fields."),
            ),
            429 => (
                say!("Too many attempts"),
                say!("Requests from your address come faster than allowed."),
                say!("Wait a minute and try again."),
            ),
            400..=499 => (
                say!("Not understood"),
                say!("The request is not one that this address takes."),
                say!("Go back, reload the page, and try again."),
            ),
            _ => (
                say!("Something went wrong here"),
                say!("The coordinator failed to answer; the fault is not yours."),
                say!("Try again. If it happens twice, look up the request id in the log."),
            ),
        };
        Self {
            status,
            what: what.into(),
            why: why.into(),
            next_step: next_step.into(),
            detail: None,
            request_id,
        }
    }
}

pub fn page(shell: &Shell, view: &ErrorView) -> Markup {
    let head = Head {
        title: &view.what,
        nav: None,
        liveness: Liveness::Still,
    };
    let body = html! { section.card.narrow { (content(view)) } };
    shell_page(shell, &head, &body)
}

/// The same without the shell, for an answer to htmx.
pub fn content(view: &ErrorView) -> Markup {
    html! {
        p.error-code { (view.status) }
        h1 { (view.what) }
        p { (view.why) }
        @if let Some(detail) = &view.detail { p { (in_english(detail)) } }
        p { (view.next_step) }
        p { a.button href=(links::overview()) { (say!("Overview")) } }
        @if let Some(id) = &view.request_id { p.quiet { (sentence!("Request {id}", id = code(id))) } }
    }
}
