//! Two people who change the same thing: with `If-Match` the second is told instead of overwriting the first
//! (RFC 9110, section 13.1.1).
//!
//! The tag is that of the document which the request changes: what `GET` gives at the same address, or at the nearest
//! one above it. Tags are compared weakly, although the RFC asks for more: they are made from the document, and only
//! its compression makes other bytes of it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Mutex;
use tower::ServiceExt as _;

use super::conditional::{are_tags, matches};
use crate::web::error::{Flaw, WebError};

/// What a door changes, and how it is read.
#[derive(Debug, Clone)]
pub struct Document {
    /// The address of the document, as its door has it.
    path: &'static str,
    read: Router,
    /// Between the comparison and the change nobody else who compares gets in.
    alone: Arc<Mutex<()>>,
}

impl Document {
    /// `read` answers `path` as whoever asks may see it.
    pub fn new(path: &'static str, read: Router, alone: Arc<Mutex<()>>) -> Self {
        Self { path, read, alone }
    }
}

/// The address of the document that a door changes, among those that can be read: its own, or the nearest above.
pub fn of(path: &str, reads: impl Fn(&str) -> Option<&'static str>) -> Option<&'static str> {
    let mut path = path;
    loop {
        if let Some(read) = reads(path) {
            return Some(read);
        }
        path = &path[..path.rfind('/')?];
    }
}

/// The layer of every door that changes what can be read.
pub async fn held(State(document): State<Document>, request: Request, next: Next) -> Response {
    let Some(shown) = request.headers().get(IF_MATCH).cloned() else {
        return next.run(request).await;
    };
    if !are_tags(&shown) {
        let what = "is neither * nor entity tags in quotes, as the header ETag gives them";
        return WebError::Invalid(vec![Flaw::new("If-Match", what)]).into_response();
    }
    let Some(asked) = document.request(&request) else {
        return next.run(request).await;
    };
    let alone = Arc::clone(&document.alone);
    let _alone = alone.lock().await;
    let Ok(read) = document.read.oneshot(asked).await;
    let tag = read.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
    match (read.status(), tag) {
        (StatusCode::OK, Some(tag)) if matches(&shown, tag) => next.run(request).await,
        // Whoever may not read it is told so by the reading; nothing is changed unseen.
        (status, _) if status.is_client_error() && status != StatusCode::NOT_FOUND => read,
        (status, _) if status.is_server_error() => read,
        _ => WebError::Changed.into_response(),
    }
}

impl Document {
    /// The same caller's question for the document.
    fn request(&self, request: &Request) -> Option<Request> {
        let depth = self.path.split('/').count();
        let path: Vec<&str> = request.uri().path().split('/').take(depth).collect();
        let mut asked = Request::new(Body::empty());
        *asked.method_mut() = Method::GET;
        *asked.uri_mut() = path.join("/").parse::<Uri>().ok()?;
        *asked.headers_mut() = request.headers().clone();
        for header in [IF_MATCH, CONTENT_TYPE, CONTENT_LENGTH, ACCEPT_ENCODING] {
            asked.headers_mut().remove(header);
        }
        *asked.extensions_mut() = request.extensions().clone();
        Some(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_a_door_is_the_nearest_that_can_be_read() {
        let all = ["/a/things", "/a/things/{id}"];
        let reads = |path: &str| all.into_iter().find(|read| *read == path);
        assert_eq!(of("/a/things/{id}/{word}", reads), Some("/a/things/{id}"));
        assert_eq!(of("/a/things", reads), Some("/a/things"));
        assert_eq!(of("/a/other/{id}", reads), None);
    }
}
