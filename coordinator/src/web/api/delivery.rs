//! Who is told of alerts, and a message that tries a channel.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::operation::Operation;
use crate::delivery::Delivery;
use crate::delivery::document::DeliveryDocument;
use crate::web::Web;
use crate::web::acts::delivery as acts;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::trail::Trail;

/// What became of a test.
#[derive(Debug, Serialize, JsonSchema)]
struct Tried {
    taken: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn tried(error: Option<String>) -> Response {
    let taken = error.is_none();
    Json(Tried { taken, error }).into_response()
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/delivery",
            "Who is told of alerts, and how that went.",
        )
        .gives::<DeliveryDocument>(),
        Operation::post(
            "/api/v1/delivery/{id}/test",
            "Send a test to a channel, and wait.",
        )
        .gives::<Tried>(),
    ]
}

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
    let taken = acts::test(&web, &trail, &id).await?;
    Ok(tried(taken.err().map(|error| error.to_string())))
}
