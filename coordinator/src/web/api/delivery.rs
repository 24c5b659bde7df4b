//! Who is told of alerts, and a message that tries a channel.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;

use crate::delivery::document::DeliveryDocument;
use crate::delivery::{Delivery, TestError};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::trail::{Change, Trail};

pub async fn show(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    Ok(Json(web.read(|web| Ok(document(&web.delivery))).await?).into_response())
}

pub fn document(delivery: &Delivery) -> DeliveryDocument {
    DeliveryDocument::of(delivery)
}

/// Waits for the receiver's answer, and says whether it took the message.
pub async fn test(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    trail
        .note(&web, "delivery.test", &id, Change::default())
        .await?;
    match web.delivery.test(&id).await {
        Ok(()) => Ok(Json(json!({"taken": true})).into_response()),
        Err(TestError::NoSuchChannel(_)) => Err(WebError::NoSuch("channel")),
        Err(TestError::Change(error)) => Err(error.into()),
        Err(TestError::Send(error)) => {
            Ok(Json(json!({"taken": false, "error": error.to_string()})).into_response())
        }
    }
}
