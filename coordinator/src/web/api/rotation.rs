//! How far the last replacement of the admission key or the root has come.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Json, Response};
use protocol::coordinator::Replacement;
use schemars::JsonSchema;
use serde::Serialize;

use super::instant;
use super::operation::Operation;
use crate::web::Web;
use crate::web::error::WebError;

/// Without a charter that replaced another, everything but `charter` is missing.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Rotation")]
struct Shown {
    charter: u32,
    issued: Option<String>,
    /// Until when memberships by the former admission key open doors.
    overlap_until: Option<String>,
    members: Option<usize>,
    done: Option<usize>,
    stragglers: Vec<String>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/rotation",
            "The charter in force, and who does not hold it yet.",
        )
        .gives::<Shown>(),
    ]
}

pub async fn show(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let live = web.snapshot();
    let charter = live.roster.charter().version;
    Ok(Json(shown(charter, live.rotation.as_ref())).into_response())
}

fn shown(charter: u32, rotation: Option<&Replacement>) -> Shown {
    let time = |time: protocol::time::Timestamp| instant(time.as_millis());
    Shown {
        charter,
        issued: rotation.map(|rotation| time(rotation.issued)),
        overlap_until: rotation.and_then(|rotation| rotation.until).map(time),
        members: rotation.map(|rotation| rotation.members),
        done: rotation.map(|rotation| rotation.done),
        stragglers: rotation
            .map(|rotation| {
                rotation
                    .stragglers
                    .iter()
                    .map(ToString::to_string)
                    .collect()
            })
            .unwrap_or_default(),
    }
}
