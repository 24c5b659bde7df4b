//! Releases for programs: which there are, how the repository stands, and an image that is brought.

use axum::extract::{Extension, State as Handle};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::idempotency::Once;
use super::operation::Operation;
use super::precondition::Condition;
use super::{Listing, limit, place};
use crate::releases::document::{DraftDocument, ReleaseDocument, RepositoryDocument};
use crate::web::Web;
use crate::web::acts::releases::Brought;
use crate::web::error::WebError;
use crate::web::forms::AskedFor;
use crate::web::trail::Trail;
use crate::web::upload::FileForm;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReleasesQuery {
    product: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/releases",
            "Releases that devices may take, by product, the newest first.",
        )
        .query::<ReleasesQuery>()
        .lists::<ReleaseDocument>(),
        Operation::post(
            "/api/v1/releases",
            "Bring an image: it becomes a draft, which is signed elsewhere.",
        )
        .takes_form::<Brought>()
        .gives_as::<DraftDocument>(StatusCode::CREATED),
        Operation::get(
            "/api/v1/repository",
            "Who signs what, and until when what is served holds.",
        )
        .gives::<RepositoryDocument>(),
    ]
}

pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<ReleasesQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let start = place(query.cursor.as_deref())?;
    let mut all = web.read(|web| Ok(web.releases.documents()?)).await?;
    all.retain(|one| {
        let asked = query.product.as_ref();
        asked.is_none_or(|product| *product == one.product)
    });
    let more = all.len() > start.saturating_add(limit);
    let items = all.into_iter().skip(start).take(limit).collect();
    let next = more.then(|| start + limit);
    let asked = query.product.map(|product| ("product", product));
    Ok(Listing::counted(
        items,
        (next, limit),
        "/api/v1/releases",
        asked,
    ))
}

pub async fn repository(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let status = web.read(|web| Ok(web.releases.status()?)).await?;
    Ok(Json(RepositoryDocument::of(&status)).into_response())
}

/// The image lies on the disk before anybody looks whether the request was carried out before, or whether its condition
/// holds: none of that is known sooner. What is not named by a draft then is not kept.
pub async fn prepare(
    Handle(web): Handle<Web>,
    trail: Trail,
    condition: Option<Extension<Condition>>,
    once: Once,
    mut form: FileForm,
) -> Result<Response, WebError> {
    let mut brought = Brought::default();
    let response = match brought.read(&web, &mut form).await {
        Ok(()) => {
            let act = drafted(&web, &trail, &brought, condition);
            once.carry_out(&web, brought.fingerprint(), act).await
        }
        Err(error) => error.into_response(),
    };
    brought.give_back(&web).await?;
    Ok(response)
}

async fn drafted(
    web: &Web,
    trail: &Trail,
    brought: &Brought,
    condition: Option<Extension<Condition>>,
) -> Response {
    let mut alone = None;
    if let Some(Extension(condition)) = condition {
        match condition.holds().await {
            Ok(guard) => alone = Some(guard),
            Err(response) => return *response,
        }
    }
    let made = created(web, trail, brought).await;
    drop(alone);
    made.unwrap_or_else(IntoResponse::into_response)
}

async fn created(web: &Web, trail: &Trail, brought: &Brought) -> Result<Response, WebError> {
    let draft = brought.draft(web, trail).await?;
    let location = format!("/api/v1/releases/drafts/{}", draft.number);
    let shown = web
        .read(move |web| Ok(DraftDocument::of(&draft, &web.releases.needs(&draft)?)))
        .await?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(shown)).into_response())
}
