//! Proofs that have convicted a device, in words and as files.

use axum::extract::State as Handle;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::operation::Operation;
use super::{Listing, instant};
use crate::evidence::{Kept, Signed};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::pages::evidence;

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Proof")]
struct Item {
    id: String,
    /// `null`: the admission key is convicted.
    device: Option<String>,
    name: Option<String>,
    kind: String,
    says: String,
    remedy: String,
    signed: Vec<Part>,
    bytes: usize,
    time: String,
    /// `null`: the coordinator found it itself.
    brought_by: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignedPart")]
struct Part {
    time: String,
    digest: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/evidence",
            "Every proof that has convicted somebody, newest first.",
        )
        .lists::<Item>(),
        Operation::get("/api/v1/evidence/{id}", "One proof.").gives::<Item>(),
        Operation::get(
            "/api/v1/evidence/{id}/file",
            "The file that `palisade-coordinator evidence verify` checks without network.",
        )
        .file(&["application/octet-stream"]),
    ]
}

/// Newest first; there is one for each convicted device at most.
pub async fn list(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let kept = web.read(evidence::kept).await?;
    Ok(Listing::whole(kept.into_iter().map(item).collect()).answer(None))
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let kept = web.read(move |web| {
        let stored = evidence::stored(web, &id)?;
        evidence::checked(&web.snapshot(), &stored)
    });
    Ok(Json(item(kept.await?)).into_response())
}

/// The file that verifies without network.
pub async fn file(web: Handle<Web>, id: Named<String>) -> Result<Response, WebError> {
    evidence::file(web, id).await
}

fn item(kept: Kept) -> Item {
    let finding = kept.finding;
    let part = |signed: Signed| Part {
        time: instant(signed.time_ms),
        digest: signed.digest,
    };
    Item {
        id: finding.id,
        device: finding.device,
        name: finding.name,
        kind: finding.kind,
        says: finding.says,
        remedy: finding.remedy,
        signed: finding.signed.into_iter().map(part).collect(),
        bytes: finding.bytes,
        time: instant(kept.at_ms),
        brought_by: kept.brought_by,
    }
}
