//! The files that pages load: named after their content, so that a browser keeps them for good.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::error::WebError;

pub async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, WebError> {
    let asset = ui::assets::by_file(&file).ok_or(WebError::NoSuchPage)?;
    let tag =
        HeaderValue::from_str(&format!("\"{}\"", asset.hash)).map_err(|_| WebError::Broken)?;
    let kept = [
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        (CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        (ETAG, tag.clone()),
    ];
    if headers.get(IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    Ok((kept, asset.bytes).into_response())
}
