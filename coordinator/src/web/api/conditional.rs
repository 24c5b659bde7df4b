//! Answers that a program has already are not sent again: `ETag` and `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1.2).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;

use crate::web::error::WebError;

/// Bytes of an answer that is tagged; a page of a list has fewer.
const TAGGED: usize = 16 * 1024 * 1024;

/// The layer of every door of the interface: tags what is JSON, and says where nothing has changed.
pub async fn tag(request: Request, next: Next) -> Response {
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if !reading || response.status() != StatusCode::OK || !is_json(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, TAGGED).await else {
        return WebError::Broken.into_response();
    };
    let hash = blake3::hash(&bytes);
    // Weak, because compression changes the bytes of the same answer.
    let tag = format!("W/\"{}\"", HEXLOWER.encode(&hash.as_bytes()[..16]));
    let Ok(value) = HeaderValue::from_str(&tag) else {
        return WebError::Broken.into_response();
    };
    parts.headers.insert(ETAG, value);
    if known.is_some_and(|known| matches(&known, &tag)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}

/// A comparison of weak tags: what stands in front of the quotes does not count.
pub(super) fn matches(known: &HeaderValue, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let mut tags = known.to_str().unwrap_or_default().split(',');
    tags.any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
}

/// Whether a condition can be read at all: an asterisk, or entity tags (RFC 9110, section 8.8.3) in a list.
pub(super) fn are_tags(condition: &HeaderValue) -> bool {
    let Ok(mut rest) = condition.to_str().map(str::trim) else {
        return false;
    };
    if rest == "*" {
        return true;
    }
    loop {
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        let Some((opaque, behind)) = tag.strip_prefix('"').and_then(|tag| tag.split_once('"'))
        else {
            return false;
        };
        if !opaque.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        match behind.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return behind.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_an_asterisk_or_tags_in_quotes() {
        for read in ["*", "\"\"", "W/\"ab\"", "\"a\", W/\"b\" ,\"c,d\""] {
            assert!(are_tags(&HeaderValue::from_static(read)), "{read}");
        }
        for unread in [
            "",
            "{}",
            "ab",
            "W/",
            "\"a",
            "\"a\" \"b\"",
            "\"a\",",
            "\"a b\"",
            "*, \"a\"",
            "w/\"a\"",
        ] {
            assert!(!are_tags(&HeaderValue::from_static(unread)), "{unread}");
        }
    }

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let tag = "W/\"ab\"";
        for known in ["W/\"ab\"", "\"ab\"", "\"x\", W/\"ab\"", "*"] {
            assert!(matches(&HeaderValue::from_static(known), tag), "{known}");
        }
        for known in ["", "ab", "W/\"abc\"", "\"x\""] {
            assert!(!matches(&HeaderValue::from_static(known), tag), "{known}");
        }
    }
}
