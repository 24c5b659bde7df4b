//! The interface for programs, version 1: JSON in, JSON or a problem document out.

pub mod access_tokens;
pub mod account;
pub mod alerts;
pub mod appeal;
pub mod audit;
pub mod auth;
pub mod bulletin;
pub mod classes;
pub mod commands;
pub mod conditional;
pub mod dashboard;
pub mod delivery;
pub mod devices;
pub mod drafts;
pub mod evidence;
pub mod follow;
pub mod idempotency;
pub mod keyed;
pub mod logs;
pub mod neighbours;
pub mod observations;
pub mod openapi;
pub mod operation;
pub mod passkeys;
pub mod people;
pub mod precondition;
pub mod privacy;
pub mod profiles;
pub mod records;
pub mod releases;
pub mod reports;
pub mod rollouts;
pub mod rotation;
pub mod scans;
pub mod settings;
pub mod silence;
pub mod suspicion;
pub mod system;
pub mod telemetry;
pub mod tokens;
pub mod traffic;
pub mod vulnerabilities;

use axum::http::HeaderValue;
use axum::http::header::LINK;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Serialize;

pub use super::error::dress::Problem;
use super::error::{Flaw, WebError};

/// Items of one page if nothing else is asked for.
const LIMIT: usize = 100;
/// Items of one page at most.
const LIMIT_AT_MOST: usize = 1_000;

/// One page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct Listing<T> {
    items: Vec<T>,
    /// For the parameter `cursor` of the next page.
    next_cursor: Option<String>,
}

impl<T: Serialize> Listing<T> {
    fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
        }
    }

    /// A page of a list that is counted from its start; the next one, from `next` on, is asked for in the same words.
    fn counted(
        items: Vec<T>,
        (next, limit): (Option<usize>, usize),
        path: &str,
        asked: Option<(&str, String)>,
    ) -> Response {
        let next = next.map(|next| next.to_string());
        let link = next.as_ref().map(|next| {
            let place = [("cursor", next.clone()), ("limit", limit.to_string())];
            let pairs: Vec<_> = place.into_iter().chain(asked).collect();
            let pairs = serde_urlencoded::to_string(pairs).unwrap_or_default();
            format!("{path}?{pairs}")
        });
        let listing = Self {
            items,
            next_cursor: next,
        };
        listing.answer(link.as_deref())
    }

    /// With the address of the next page in a `Link` header.
    fn answer(self, next: Option<&str>) -> Response {
        let link =
            next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok());
        let mut response = Json(self).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

/// Whether the address belongs to programs, and is described in OpenAPI.
pub fn serves(path: &str) -> bool {
    path.starts_with("/api/v1/")
        || [
            "/devices/register",
            "/logs/send",
            "/reports/generate",
            "/updates/deploy",
        ]
        .contains(&path)
}

/// RFC 3339 in UTC.
pub fn instant(millis: u64) -> String {
    let signed = i64::try_from(millis).unwrap_or_default();
    let instant = jiff::Timestamp::from_millisecond(signed).unwrap_or_default();
    format!("{instant:.3}")
}

fn limit(asked: Option<usize>) -> Result<usize, WebError> {
    match asked {
        None => Ok(LIMIT),
        Some(limit) if (1..=LIMIT_AT_MOST).contains(&limit) => Ok(limit),
        Some(_) => Err(flaw("limit", format!("choose 1 to {LIMIT_AT_MOST}"))),
    }
}

/// The place that a cursor of [`Listing::next_cursor`] names, where lists are cut by counting.
fn place(cursor: Option<&str>) -> Result<usize, WebError> {
    let place = cursor.map(str::parse::<usize>).transpose();
    let place = place.map_err(|_| flaw("cursor", "take it from next_cursor of the page before"));
    Ok(place?.unwrap_or(0))
}

fn flaw(place: &str, what: impl std::fmt::Display) -> WebError {
    WebError::Invalid(vec![Flaw::new(place, what)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc_with_milliseconds() {
        assert_eq!(instant(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(instant(1_795_254_000_120), "2026-11-21T09:40:00.120Z");
        assert_eq!(instant(u64::MAX), "1970-01-01T00:00:00.000Z");
    }
}
