//! The repository as any client of The Update Framework reads it: what is signed is for everybody, and nothing else is served.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;

use super::Web;
use super::error::WebError;
use crate::store::repository::TIMESTAMP;

/// A document of the repository, exactly as it was signed.
pub async fn document(
    State(web): State<Web>,
    Path(file): Path<String>,
) -> Result<Response, WebError> {
    if !file.ends_with(".json") {
        return Err(WebError::NoSuchPage);
    }
    let kept = if file == TIMESTAMP {
        "no-store"
    } else {
        "no-cache"
    };
    let document = web
        .read(move |web| Ok(web.reader.repository_document(&file)?))
        .await?
        .ok_or(WebError::NoSuchPage)?;
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, kept)];
    Ok((headers, document).into_response())
}

/// A file that a published role vouches for, by its path with the hash before the name.
pub async fn target(
    State(web): State<Web>,
    Path(path): Path<String>,
) -> Result<Response, WebError> {
    let found = web.read(move |web| Ok(web.releases.served(&path)?)).await?;
    let (place, length) = found.ok_or(WebError::NoSuchPage)?;
    let file = tokio::fs::File::open(place).await;
    let file = file.map_err(|_| WebError::NoSuchPage)?;
    // Packing hundreds of megabytes again costs more than it saves, and hides the length.
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (CONTENT_ENCODING, HeaderValue::from_static("identity")),
        (CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}
