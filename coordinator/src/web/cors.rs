//! Pages of other origins: none may ask, but those that `api_origins` lists, with a token and never with a session.
//!
//! A browser sends a token across origins only after it was told that it may (Fetch standard, "CORS-preflight"), so a
//! request with one is no forged form. Cookies are not allowed across origins at all.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, LOCATION, ORIGIN,
    RETRY_AFTER,
};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::CorsLayer;

/// For so long a browser need not ask again.
const REMEMBERED: Duration = Duration::from_secs(600);

/// What browsers are told.
pub fn layer(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_MATCH,
            IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([
            ETAG,
            LOCATION,
            RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(REMEMBERED)
}

/// A listed origin with a token is asked no more where it comes from.
pub async fn let_in(
    State(origins): State<Arc<[HeaderValue]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers_mut();
    let is_listed = headers
        .get(ORIGIN)
        .is_some_and(|origin| origins.contains(origin));
    let has_token = headers.get(AUTHORIZATION).is_some_and(|value| {
        let scheme = value.as_bytes().get(..7);
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
    });
    if is_listed && has_token {
        headers.remove(ORIGIN);
        headers.remove(HeaderName::from_static("sec-fetch-site"));
    }
    next.run(request).await
}
