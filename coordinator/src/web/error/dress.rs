//! Gives every failed answer its body: a problem document for programs, a page for people.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use language::{Language, present::present};
use schemars::JsonSchema;
use serde::Serialize;
use ui::pages::error::{self, ErrorView};

use super::WebError;
use crate::web::Web;
use crate::web::acts::sentence;
use crate::web::caller::Caller;
use crate::web::frame::Frame;
use crate::web::origin::{Hx, Origin};

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
    pointer: &'a str,
    detail: &'a str,
}

/// The layer around everything that can fail.
pub async fn dress(State(web): State<Web>, request: Request, next: Next) -> Response {
    let origin = Origin::of(&request);
    let frame = Frame::of(&request);
    let mut response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
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

fn problem(error: &WebError, request_id: &str) -> Response {
    let status = error.status();
    let parts = error.flaws().iter().map(|flaw| Part {
        pointer: &flaw.place,
        detail: &flaw.what,
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
        match present() {
            Language::English => view.why = said,
            Language::French => view.detail = Some(said),
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
