//! What waits for signatures, for programs: looked at, signed, published, discarded.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Listing;
use super::operation::Operation;
use crate::releases::document::{ComparedDocument, DraftDocument};
use crate::web::Web;
use crate::web::acts::releases as acts;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, Named};
use crate::web::trail::Trail;

/// A signature, as `palisade-sign` writes it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// The public key that signed, in hexadecimal.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    key: String,
    #[schemars(regex(pattern = "^[0-9a-f]{128}$"))]
    signature: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/releases/drafts",
            "What waits for signatures: releases, settings, commands, signers.",
        )
        .lists::<DraftDocument>(),
        Operation::get(
            "/api/v1/releases/drafts/{id}",
            "One draft: what is to be signed, who has, who still has to, and how its release differs from the one before.",
        )
        .gives::<ComparedDocument>(),
        Operation::get(
            "/api/v1/releases/drafts/{id}/payload/{role}",
            "The bytes to sign.",
        )
        .file(&["application/octet-stream"]),
        Operation::post(
            "/api/v1/releases/drafts/{id}/signatures",
            "Put a signature to a draft.",
        )
        .takes::<SignatureFile>()
        .gives::<DraftDocument>(),
        Operation::post(
            "/api/v1/releases/drafts/{id}/publish",
            "Publish a draft that enough people have signed.",
        ),
        Operation::post("/api/v1/releases/drafts/{id}/discard", "Throw a draft away."),
    ]
}

pub async fn list(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let drafts = web.read(|web| Ok(web.releases.drafts()?)).await?;
    let drafts = drafts.iter();
    let drafts = drafts.map(|(draft, needs)| DraftDocument::of(draft, needs));
    Ok(Listing::whole(drafts.collect()).answer(None))
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let number = number(&id)?;
    let found = web
        .read(move |web| Ok(web.releases.compared(number)?))
        .await?;
    Ok(Json(found).into_response())
}

/// The bytes to sign. They hold no secret.
pub async fn payload(
    Handle(web): Handle<Web>,
    Named((id, role)): Named<(String, String)>,
) -> Result<Response, WebError> {
    let number = number(&id)?;
    let draft = web.read(move |web| Ok(web.releases.draft(number)?)).await?;
    let paper = draft.papers.iter().find(|paper| paper.role == role);
    let paper = paper.ok_or(WebError::NoSuch(
        "document in this draft: its papers name the roles that it has",
    ))?;
    let disposition = format!("attachment; filename=\"{}\"", paper.file_name(number));
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, paper.payload().to_vec()).into_response())
}

/// The draft as it is then.
pub async fn sign(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
    ApiJson(signature): ApiJson<SignatureFile>,
) -> Result<Response, WebError> {
    let number = number(&id)?;
    let file = serde_json::to_vec(&signature).expect("plain values always have a JSON form");
    acts::sign(&web, &trail, number, &file).await?;
    let shown = web
        .read(move |web| {
            let draft = web.releases.draft(number)?;
            Ok(DraftDocument::of(&draft, &web.releases.needs(&draft)?))
        })
        .await?;
    Ok(Json(shown).into_response())
}

pub async fn publish(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<StatusCode, WebError> {
    acts::publish(&web, &trail, number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn discard(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<StatusCode, WebError> {
    acts::discard(&web, &trail, number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What cannot be read as a number names nothing.
fn number(id: &str) -> Result<u64, WebError> {
    id.parse().map_err(|_| WebError::NoSuch("draft"))
}
