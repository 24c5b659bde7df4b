//! Where somebody who found a weakness in this installation writes to: `security.txt`, RFC 9116.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::api::instant;
use super::error::WebError;
use super::{Web, wall};

pub const PATH: &str = "/.well-known/security.txt";
/// It is made anew at each request: whoever keeps a copy asks again by then.
const GOOD_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

pub async fn show(State(web): State<Web>) -> Result<Response, WebError> {
    let contact = web.facts.security_contact.as_deref();
    let contact = contact.ok_or(WebError::NoSuchPage)?;
    let expires = instant(wall().saturating_add(GOOD_FOR).as_millis());
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en, fr\n");
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
