//! Links whose two ends do not agree on what crossed them.

use axum::extract::State as Handle;
use axum::response::Response;
use protocol::accounts::Total;
use protocol::id::DeviceId;
use schemars::JsonSchema;
use serde::Serialize;

use super::operation::Operation;
use super::{Listing, instant};
use crate::live::Live;
use crate::store::observations::Seen;
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::Named;
use crate::web::observations;

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Observation")]
struct Item {
    sender: End,
    receiver: End,
    /// What the sender signed that it sent, and what the receiver signed that came.
    said: Amount,
    counted: Amount,
    difference: &'static str,
    says: String,
    first: String,
    time: String,
    times: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LinkEnd")]
struct End {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Amount {
    frames: u64,
    bytes: u64,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/observations",
            "Links whose two ends do not agree on what crossed them, newest first.",
        )
        .lists::<Item>(),
        Operation::get(
            "/api/v1/devices/{id}/observations",
            "Those of the links of one device.",
        )
        .lists::<Item>(),
    ]
}

/// Newest first.
pub async fn list(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let seen = web.read(|web| Ok(web.reader.observations()?)).await?;
    Ok(answer(&web, &seen))
}

/// Those of the links of one device.
pub async fn of(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let device = web.device(&device_id(&id)?)?.device;
    let seen = web.read(move |web| Ok(web.reader.observations_of(&device)?));
    Ok(answer(&web, &seen.await?))
}

fn answer(web: &Web, seen: &[Seen]) -> Response {
    let live = web.snapshot();
    Listing::whole(seen.iter().map(|seen| item(&live, seen)).collect()).answer(None)
}

fn item(live: &Live, seen: &Seen) -> Item {
    let end = |id: &DeviceId| End {
        id: id.to_string(),
        name: live.name(id),
    };
    let newest = &seen.newest;
    Item {
        sender: end(&newest.sender),
        receiver: end(&newest.receiver),
        said: amount(newest.said),
        counted: amount(newest.counted),
        difference: newest.difference.word(),
        says: observations::says(seen),
        first: instant(seen.first.as_millis()),
        time: instant(newest.at.as_millis()),
        times: seen.times,
    }
}

fn amount(total: Total) -> Amount {
    Amount {
        frames: total.frames,
        bytes: total.bytes,
    }
}
