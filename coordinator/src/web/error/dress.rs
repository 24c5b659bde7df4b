//! Gives every failed answer its body: a problem document for programs, a page for people.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use language::{Language, present::present, written};
use schemars::JsonSchema;
use serde::Serialize;
use ui::pages::error::{self, ErrorView};

use super::WebError;
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::frame::Frame;
use crate::web::origin::{Hx, Origin};
use crate::web::session::limits::Limit;

/// Marks a failed answer whose body is meant as it is, such as a form with its errors.
#[derive(Debug, Clone, Copy)]
pub struct Dressed;

/// RFC 9457.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Part<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProblemPart")]
struct Part<'a> {
    /// Into the document (RFC 6901); empty where it is about all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    /// Of the query or the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    detail: &'a str,
}

/// The layer around everything that can fail.
pub async fn dress(State(web): State<Web>, request: Request, next: Next) -> Response {
    let origin = Origin::of(&request);
    let frame = Frame::of(&request);
    let door = Door::of(&request);
    let mut response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if failed {
        note(&web, (&origin, &door), &response);
    }
    if !failed || response.extensions().get::<Dressed>().is_some() {
        return response;
    }
    let error = response.extensions_mut().remove::<WebError>();
    let error = error.unwrap_or_else(|| WebError::of_status(status));
    let caller = response.extensions().get::<Caller>().cloned();
    let body = if origin.is_program() {
        problem(&error, &origin.request)
    } else {
        page(&web, &error, &origin, &frame.signed_in(caller.as_ref()))
    };
    with_headers(error, response.headers().get(ALLOW).cloned(), body)
}

/// The door that a request came to, by its pattern: what stands in the address may be a secret.
struct Door {
    method: Method,
    path: String,
}

impl Door {
    fn of(request: &Request) -> Self {
        let path = request.extensions().get::<MatchedPath>();
        Self {
            method: request.method().clone(),
            path: path.map_or("none", MatchedPath::as_str).to_owned(),
        }
    }
}

/// Refusals that reach the log at once, and how fast they come back.
pub fn refusals() -> Limit<()> {
    Limit::new(600, Duration::from_secs(1))
}

/// Who was refused what, and why, for whoever looks for attempts: of the request itself nothing is written down.
fn note(web: &Web, (origin, door): (&Origin, &Door), response: &Response) {
    if web.guards.refusals.take(&(), (web.guards.clock)()).is_err() {
        return;
    }
    let extensions = response.extensions();
    let error = extensions.get::<WebError>().cloned();
    let dressed = extensions.get::<Dressed>().is_some();
    let why = match error {
        Some(error) => error.word(),
        None if dressed => "form",
        None => WebError::of_status(response.status()).word(),
    };
    let actor = extensions
        .get::<Caller>()
        .map(|caller| caller.name.as_str());
    tracing::info!(
        request = origin.request,
        actor = actor.unwrap_or("nobody"),
        address = origin.address.map(tracing::field::display),
        method = %door.method,
        door = door.path,
        status = response.status().as_u16(),
        why,
        "refused"
    );
}

fn problem(error: &WebError, request_id: &str) -> Response {
    let status = error.status();
    let parts = error.flaws().iter().map(|flaw| {
        let place = flaw.place.as_str();
        let in_document = place.is_empty() || place.starts_with('/');
        Part {
            pointer: in_document.then_some(place),
            parameter: (!in_document).then_some(place),
            detail: &flaw.what,
        }
    });
    let problem = Problem {
        kind: format!("urn:palisade:problem:{}", error.word()),
        title: status.canonical_reason().unwrap_or("Failed"),
        status: status.as_u16(),
        detail: error.to_string(),
        request_id,
        errors: parts.collect(),
    };
    let json = serde_json::to_vec(&problem).expect("plain values always have a JSON form");
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(CONTENT_TYPE, kind)], Body::from(json)).into_response()
}

fn page(web: &Web, error: &WebError, origin: &Origin, frame: &Frame) -> Response {
    let mut view = ErrorView::for_status(error.status().as_u16(), Some(origin.request.clone()));
    if matches!(
        error,
        WebError::AlreadySo(_) | WebError::NoSuch(_) | WebError::Unready(_)
    ) {
        let said = sentence(&error.to_string());
        let known = written::now(&error.to_string()).is_some();
        match present() {
            Language::French if !known => view.detail = Some(said),
            Language::English | Language::French => view.why = said,
        }
    }
    let markup = match origin.hx {
        Hx::Partial => error::content(&view),
        Hx::Full => error::page(&web.shell(frame), &view),
    };
    (error.status(), Html(markup.into_string())).into_response()
}

fn with_headers(error: WebError, allow: Option<HeaderValue>, mut response: Response) -> Response {
    let wait = error.wait().map(|wait| wait.as_secs().max(1).into());
    let headers = response.headers_mut();
    if let Some(allow) = allow {
        headers.insert(ALLOW, allow);
    }
    if let Some(wait) = wait {
        headers.insert(RETRY_AFTER, wait);
    }
    if error.status() == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response.extensions_mut().insert(error);
    response
}
