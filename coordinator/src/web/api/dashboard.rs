//! The counts of the first page.

use std::collections::BTreeMap;

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::instant;
use super::operation::Operation;
use crate::live::silence::Kind;
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::fleet::STATES;

#[derive(Debug, Serialize, JsonSchema)]
struct Dashboard {
    at: String,
    mesh_id: String,
    /// What people call it.
    mesh_name: String,
    version: &'static str,
    started: String,
    /// Whether everything was invented.
    demonstration: bool,
    /// Members by status.
    devices: BTreeMap<&'static str, usize>,
    /// Silent members, and those who said goodbye, by the kind of silence.
    silences: BTreeMap<&'static str, usize>,
    pending: usize,
    linked: usize,
    records_stored: u64,
    audit_entries: u64,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/dashboard/metrics", "The counts of the first page.")
            .gives::<Dashboard>(),
    ]
}

pub async fn show(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let counts = web.read(|web| Ok(web.reader.counts()?)).await?;
    let live = web.snapshot();
    let dashboard = Dashboard {
        at: instant(live.at.as_millis()),
        mesh_id: web.facts.id.to_string(),
        mesh_name: web.facts.name.shown(),
        version: web.facts.version,
        started: instant(web.facts.started.as_millis()),
        demonstration: web.facts.demonstration,
        devices: STATES
            .into_iter()
            .map(|state| (state.word(), live.count(state)))
            .collect(),
        silences: Kind::ALL
            .into_iter()
            .map(|kind| (kind.word(), live.count_silent(kind)))
            .collect(),
        pending: live.pending.len(),
        linked: live.devices.iter().filter(|device| device.linked).count(),
        records_stored: counts.records,
        audit_entries: counts.audit,
    };
    Ok(Json(dashboard).into_response())
}
