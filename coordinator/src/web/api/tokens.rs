//! Join strings for devices.

use std::time::Duration;

use axum::Extension;
use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::idempotency::ShownOnce;
use super::operation::Operation;
use super::{flaw, instant};
use crate::web::Web;
use crate::web::acts::{self, TOKEN_LIFE, Terms};
use crate::web::error::WebError;
use crate::web::forms::ApiJson;
use crate::web::pages::device_new::{new_name, public};
use crate::web::trail::Trail;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    name: String,
    class: String,
    cell: String,
    /// Seconds, an hour at most.
    #[serde(default)]
    life_s: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "JoinToken")]
struct Made<'a> {
    id: String,
    /// The secret: it is in this answer and nowhere else.
    join: &'a str,
    expires: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/v1/tokens", "Make a join string for a new device.")
            .takes::<TokenRequest>()
            .gives_as::<Made<'_>>(StatusCode::CREATED),
    ]
}

pub async fn make(
    Handle(web): Handle<Web>,
    trail: Trail,
    ApiJson(request): ApiJson<TokenRequest>,
) -> Result<Response, WebError> {
    let TokenRequest {
        name,
        class,
        cell,
        life_s,
    } = request;
    let life = life_s.map_or(TOKEN_LIFE, Duration::from_secs);
    if life.is_zero() || life > TOKEN_LIFE {
        return Err(flaw(
            "/life_s",
            format!("choose 1 to {}", TOKEN_LIFE.as_secs()),
        ));
    }
    let terms = Terms { name, class, cell }.check(life);
    let terms = terms
        .and_then(|terms| new_name(&web, terms))
        .map_err(WebError::Invalid)?;
    let issued = acts::make_token(&web, &trail, terms).await?;
    let made = Made {
        id: public(&issued.id),
        join: &issued.join,
        expires: instant(issued.expires.as_millis()),
    };
    Ok((StatusCode::CREATED, Extension(ShownOnce), Json(made)).into_response())
}
