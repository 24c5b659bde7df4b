//! How the coordinator itself is, for programs.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Json, Response};

use super::operation::Operation;
use crate::system::SystemDocument;
use crate::web::error::WebError;
use crate::web::{Web, system};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/system",
            "How the coordinator itself is, what to make of it, and what to do.",
        )
        .gives::<SystemDocument>(),
    ]
}

pub async fn show(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    Ok(Json(web.read(system::document).await?).into_response())
}
