//! Devices that run no node: registered with a key and a tag, and what they say of themselves.

use std::collections::BTreeMap;

use axum::extract::{Extension, State as Handle};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use protocol::id::DeviceId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::idempotency::ShownOnce;
use super::operation::Operation;
use super::{Listing, flaw};
use crate::keyed::{self, KeyedDocument, ReadingDocument, RegisterError};
use crate::logbook::document::LineDocument;
use crate::store::keyed::{Heard, Told};
use crate::web::acts::accounts as acts;
use crate::web::caller::{Caller, Reporter};
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{ApiJson, Named};
use crate::web::origin::Origin;
use crate::web::trail::Trail;
use crate::web::{Web, wall};

/// Readings that are shown beside a device.
const READINGS: usize = 100;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    name: String,
    #[serde(default = "other")]
    class: String,
}

fn other() -> String {
    "other".to_owned()
}

#[derive(Debug, Serialize, JsonSchema)]
struct Registered<'a> {
    id: String,
    /// The secret: it is in this answer and nowhere else.
    api_key: &'a str,
    /// What its sticker says.
    tag: String,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HeartbeatRequest {
    uptime_s: Option<u64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TelemetryRequest {
    #[serde(default)]
    uptime_s: Option<u64>,
    values: BTreeMap<String, f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "KeyedDeviceInFull")]
struct WithReadings {
    #[serde(flatten)]
    device: KeyedDocument,
    /// The newest first, as are the lines of its log.
    readings: Vec<ReadingDocument>,
    lines: Vec<LineDocument>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::post(
            "/devices/register",
            "Give a device without a node a key, and the tag for its sticker.",
        )
        .takes::<RegisterRequest>()
        .gives_as::<Registered<'_>>(StatusCode::CREATED),
        Operation::get("/api/v1/keyed-devices", "Devices with a key of their own.")
            .lists::<KeyedDocument>(),
        Operation::get(
            "/api/v1/keyed-devices/{id}",
            "One of them, with what it said.",
        )
        .gives::<WithReadings>(),
        Operation::post(
            "/api/v1/keyed-devices/{id}/{word}",
            "Rotate its key, or remove it.",
        )
        .gives_as::<Registered<'_>>(StatusCode::CREATED)
        .or_nothing(),
        Operation::post("/api/v1/self/heartbeat", "A device says that it lives.")
            .takes::<HeartbeatRequest>(),
        Operation::post("/api/v1/self/telemetry", "A device says how it is.")
            .takes::<TelemetryRequest>(),
    ]
}

pub async fn register(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(request): ApiJson<RegisterRequest>,
) -> Result<Response, WebError> {
    let made = keyed::register(&request.name, &request.class, &caller.name, wall());
    let made = made.map_err(|error| match error {
        RegisterError::Name(error) => flaw("/name", error),
        RegisterError::Class(error) => flaw("/class", error),
        RegisterError::Access(_) | RegisterError::Secret(_) => WebError::Broken,
    })?;
    acts::register(&web, &trail, &made).await?;
    Ok(registered(&web, made.device, &made.key))
}

fn registered(web: &Web, device: DeviceId, key: &str) -> Response {
    let registered = Registered {
        id: device.to_string(),
        api_key: key,
        tag: keyed::tag(&web.facts.id, &device),
    };
    (StatusCode::CREATED, Extension(ShownOnce), Json(registered)).into_response()
}

pub async fn list(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let all = web.read(|web| Ok(web.reader.keyed_devices()?)).await?;
    let document = |(device, kept): &(_, _)| KeyedDocument::of(&web.facts.id, device, kept, wall());
    Ok(Listing::whole(all.iter().map(document).collect()).answer(None))
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let device = device_id(&id)?;
    let shown = web
        .read(move |web| {
            let kept = web.reader.keyed_device(&device)?;
            let kept = kept.ok_or(WebError::NoSuch("device with a key"))?;
            let told = web.reader.keyed_readings(&device, READINGS)?;
            let lines = web.reader.log_lines(&device, None, READINGS)?;
            Ok(WithReadings {
                device: KeyedDocument::of(&web.facts.id, &device, &kept, wall()),
                readings: told.iter().map(ReadingDocument::of).collect(),
                lines: lines.iter().map(LineDocument::of).collect(),
            })
        })
        .await?;
    Ok(Json(shown).into_response())
}

pub async fn tell(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named((id, word)): Named<(String, String)>,
) -> Result<Response, WebError> {
    let device = device_id(&id)?;
    match word.as_str() {
        "rotate" => {
            let (key, _) = acts::rekey(&web, &trail, device).await?;
            Ok(registered(&web, device, &key))
        }
        "remove" => {
            acts::forget(&web, &trail, device).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(WebError::NoSuchPage),
    }
}

pub async fn heartbeat(
    Handle(web): Handle<Web>,
    Extension(reporter): Extension<Reporter>,
    origin: Origin,
    ApiJson(request): ApiJson<HeartbeatRequest>,
) -> Result<StatusCode, WebError> {
    let device = speaker(reporter)?;
    let heard = heard(&origin, request.uptime_s);
    web.change(move |changes| changes.hear_keyed(&device, heard))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn telemetry(
    Handle(web): Handle<Web>,
    Extension(reporter): Extension<Reporter>,
    origin: Origin,
    ApiJson(request): ApiJson<TelemetryRequest>,
) -> Result<StatusCode, WebError> {
    let device = speaker(reporter)?;
    let values = keyed::values(request.values.iter()).map_err(|error| flaw("/values", error))?;
    let heard = heard(&origin, request.uptime_s);
    let told = Told {
        received: heard.at,
        values,
    };
    web.change(move |changes| {
        changes.hear_keyed(&device, heard)?;
        changes.add_keyed_reading(&device, &told)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn speaker(reporter: Reporter) -> Result<DeviceId, WebError> {
    match reporter {
        Reporter::Keyed(device) => Ok(device),
        Reporter::Member(_) => Err(WebError::SignedOut),
    }
}

fn heard(origin: &Origin, uptime_s: Option<u64>) -> Heard {
    Heard {
        at: wall(),
        address: origin.address_name(),
        uptime_s,
    }
}
