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
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tower::ServiceExt as _;

use super::conditional::{are_tags, matches};
use crate::web::error::{Flaw, WebError};
use crate::web::origin;

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

/// What a request says of the document that it changes.
#[derive(Debug, Clone)]
pub struct Condition {
    document: Document,
    shown: HeaderValue,
    /// The same caller's question for the document.
    asked: Parts,
}

/// The layer of every door that changes what can be read.
pub async fn held(State(document): State<Document>, request: Request, next: Next) -> Response {
    let condition = match document.condition(&request) {
        Ok(Some(condition)) => condition,
        Ok(None) => return next.run(request).await,
        Err(error) => return error.into_response(),
    };
    match condition.holds().await {
        Ok(_alone) => next.run(request).await,
        Err(refused) => *refused,
    }
}

/// The same for a door that takes long to read what was sent: it looks itself, once it has.
pub async fn handed(
    State(document): State<Document>,
    mut request: Request,
    next: Next,
) -> Response {
    match document.condition(&request) {
        Ok(Some(condition)) => drop(request.extensions_mut().insert(condition)),
        Ok(None) => {}
        Err(error) => return error.into_response(),
    }
    next.run(request).await
}

impl Condition {
    /// As long as what is handed out lives, nobody else who compares changes anything.
    pub async fn holds(self) -> Result<OwnedMutexGuard<()>, Box<Response>> {
        let alone = Arc::clone(&self.document.alone).lock_owned().await;
        let asked = Request::from_parts(self.asked, Body::empty());
        let Ok(read) = self.document.read.oneshot(asked).await;
        let tag = read.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        match (read.status(), tag) {
            (StatusCode::OK, Some(tag)) if matches(&self.shown, tag) => Ok(alone),
            // Whoever may not read it is told so by the reading; nothing is changed unseen.
            (status, _) if status.is_client_error() && status != StatusCode::NOT_FOUND => {
                Err(Box::new(read))
            }
            (status, _) if status.is_server_error() => Err(Box::new(read)),
            _ => Err(Box::new(WebError::Changed.into_response())),
        }
    }
}

impl Document {
    /// Nothing where the request comes without one.
    fn condition(&self, request: &Request) -> Result<Option<Condition>, WebError> {
        let Some(shown) = request.headers().get(IF_MATCH) else {
            return Ok(None);
        };
        if !are_tags(shown) {
            let what = "is neither * nor entity tags in quotes, as the header ETag gives them";
            return Err(WebError::Invalid(vec![Flaw::new("If-Match", what)]));
        }
        Ok(self.question(request).map(|asked| Condition {
            document: self.clone(),
            shown: shown.clone(),
            asked,
        }))
    }

    fn question(&self, request: &Request) -> Option<Parts> {
        let depth = self.path.split('/').count();
        let path: Vec<&str> = request.uri().path().split('/').take(depth).collect();
        let (mut asked, ()) = axum::http::Request::new(()).into_parts();
        asked.method = Method::GET;
        asked.uri = path.join("/").parse::<Uri>().ok()?;
        asked.headers = request.headers().clone();
        for header in [IF_MATCH, CONTENT_TYPE, CONTENT_LENGTH, ACCEPT_ENCODING] {
            asked.headers.remove(header);
        }
        asked.extensions = origin::carried(request.extensions());
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
