//! How long the first lines of a request may be. The server below would refuse more without a word of why, so it is
//! let read more than is taken, and what is too long is refused here, like any other request that does not fit.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::WebError;

/// Bytes of an address with its query.
pub const ADDRESS: usize = 8 * 1024;
/// How many headers, and how many bytes of names and values.
pub const HEADERS: usize = 64;
pub const HEADER_BYTES: usize = 16 * 1024;
/// What the server below reads before it gives up; of an address and of all headers together it reads more by itself.
pub const READ_HEADERS: usize = 512;
pub const READ_HEADER_BYTES: u32 = 64 * 1024;

pub async fn fits(request: Request, next: Next) -> Response {
    let address = request
        .uri()
        .path_and_query()
        .map_or(0, |whole| whole.as_str().len());
    if address > ADDRESS {
        return WebError::AddressTooLong.into_response();
    }
    if is_too_much(request.headers()) {
        return WebError::HeadersTooLarge.into_response();
    }
    next.run(request).await
}

fn is_too_much(headers: &HeaderMap) -> bool {
    let bytes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    headers.len() > HEADERS || bytes.sum::<usize>() > HEADER_BYTES
}
