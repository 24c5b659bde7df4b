//! What is kept how long, everything of one device or person, and the erasure of a device.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::operation::Operation;
use super::{Listing, flaw, limit};
use crate::accounts::names::account_name;
use crate::privacy::export::{self, DeviceExport, PersonExport};
use crate::privacy::{self, KeptDocument};
use crate::web::acts::privacy as acts;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ExportQuery")]
pub struct ExportQuery {
    /// Records, or entries of the audit log, of one page.
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Erasure")]
pub struct EraseRequest {
    /// The name of the device, typed to be sure.
    name: String,
    why: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/retention",
            "What is kept how long, and what an erasure does to it.",
        )
        .lists::<KeptDocument>(),
        Operation::get(
            "/api/v1/devices/{id}/export",
            "Everything that is kept of a device.",
        )
        .query::<ExportQuery>()
        .gives::<DeviceExport>(),
        Operation::post(
            "/api/v1/devices/{id}/erase",
            "Destroy the key that opens what a retired device said.",
        )
        .takes::<EraseRequest>(),
        Operation::get(
            "/api/v1/people/{id}/export",
            "Everything that is kept of a person.",
        )
        .query::<ExportQuery>()
        .gives::<PersonExport>(),
    ]
}

pub async fn retention() -> Response {
    Listing::whole(privacy::document()).answer(None)
}

pub async fn device(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<ExportQuery>,
) -> Result<Response, WebError> {
    let device = device_id(&id)?;
    let limit = limit(query.limit)?;
    let after = query.cursor.as_deref().map(|text| {
        let found = export::position(text);
        found.ok_or_else(|| flaw("cursor", "take it from next_cursor of the page before"))
    });
    let after = after.transpose()?;
    web.device(&device)?;
    if after.is_none() {
        trail
            .note(&web, "device.export", &id, Change::default())
            .await?;
    }
    let read = web.read(move |web| {
        Ok(export::device(
            &web.reader,
            &device,
            after,
            (limit, wall()),
        )?)
    });
    Ok(Json(read.await?).into_response())
}

pub async fn person(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<ExportQuery>,
) -> Result<Response, WebError> {
    let name = account_name(&id).map_err(|_| WebError::NoSuch("operator"))?;
    let limit = limit(query.limit)?;
    let before = query.cursor.as_deref().map(str::parse::<u64>).transpose();
    let before =
        before.map_err(|_| flaw("cursor", "take it from next_cursor of the page before"))?;
    let sought = name.clone();
    let read = web.read(move |web| {
        Ok(export::person(
            &web.reader,
            &sought,
            before,
            (limit, wall()),
        )?)
    });
    let found = read.await?;
    if found.account.is_none() && found.did.is_empty() && before.is_none() {
        return Err(WebError::NoSuch("operator"));
    }
    if before.is_none() {
        trail
            .note(&web, "user.export", name.as_str(), Change::default())
            .await?;
    }
    Ok(Json(found).into_response())
}

pub async fn erase(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
    ApiJson(request): ApiJson<EraseRequest>,
) -> Result<StatusCode, WebError> {
    let device = device_id(&id)?;
    acts::erase(&web, &trail, &device, &request.name, &request.why).await?;
    Ok(StatusCode::NO_CONTENT)
}
