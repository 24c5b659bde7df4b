//! Proofs: the list, one of them, and the file that verifies elsewhere.

use axum::extract::State as Handle;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use protocol::id::Digest;
use ui::pages::evidence::{self, EvidenceView, ProofView, SignedPart};
use ui::parts::text::DeviceRef;

use super::device::named;
use super::html;
use crate::evidence::{Kept, file_name};
use crate::live::Live;
use crate::store::evidence::StoredProof;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::frame::Frame;
use crate::web::{Web, appeal, observations};

pub async fn show(Handle(web): Handle<Web>, frame: Frame) -> Result<Response, WebError> {
    let read = web.read(|web| Ok((kept(web)?, web.reader.observations()?)));
    let (kept, seen) = read.await?;
    let live = web.snapshot();
    let view = EvidenceView {
        proofs: kept.iter().map(|kept| view(&live, kept)).collect(),
        observations: seen
            .iter()
            .map(|seen| observations::view(&live, seen))
            .collect(),
        appeals: appeal::all(&live),
    };
    Ok(html(&evidence::page(&web.shell(&frame), &view)))
}

pub async fn one(
    Handle(web): Handle<Web>,
    frame: Frame,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let stored = web.read(move |web| stored(web, &id)).await?;
    let live = web.snapshot();
    let kept = checked(&live, &stored)?;
    let page = evidence::proof_page(&web.shell(&frame), &view(&live, &kept));
    Ok(html(&page))
}

/// The file, to be kept.
pub async fn file(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let stored = web.read(move |web| stored(web, &id)).await?;
    let name = file_name(&stored.digest);
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    let file = web.facts.documents.dossier(&web.snapshot().roster, &stored);
    Ok((headers, file).into_response())
}

/// Every proof, the newest first, each checked again.
pub fn kept(web: &Web) -> Result<Vec<Kept>, WebError> {
    let live = web.snapshot();
    let stored = web.reader.evidence()?;
    stored
        .iter()
        .rev()
        .map(|stored| checked(&live, stored))
        .collect()
}

pub fn stored(web: &Web, id: &str) -> Result<StoredProof, WebError> {
    let digest: Digest = id.parse().map_err(|_| WebError::NoSuchPage)?;
    web.reader.proof(&digest)?.ok_or(WebError::NoSuchPage)
}

pub fn checked(live: &Live, stored: &StoredProof) -> Result<Kept, WebError> {
    Kept::of(stored, live.roster.charter()).map_err(|error| {
        tracing::error!(%error, "a stored proof does not check");
        WebError::Broken
    })
}

fn view(live: &Live, kept: &Kept) -> ProofView {
    let finding = &kept.finding;
    let reference = |id: &String| match id.parse() {
        Ok(device) => named(live, &device),
        Err(_) => DeviceRef {
            id: id.clone(),
            name: id.clone(),
        },
    };
    ProofView {
        id: finding.id.clone(),
        at_ms: kept.at_ms,
        device: finding.device.as_ref().map(|id| DeviceRef {
            id: id.clone(),
            name: finding.name.clone().unwrap_or_else(|| id.clone()),
        }),
        says: finding.says.clone(),
        remedy: finding.remedy.clone(),
        brought_by: kept.brought_by.as_ref().map(reference),
        parts: finding
            .signed
            .iter()
            .map(|part| SignedPart {
                at_ms: part.time_ms,
                digest: part.digest.clone(),
            })
            .collect(),
        bytes: finding.bytes as u64,
    }
}
