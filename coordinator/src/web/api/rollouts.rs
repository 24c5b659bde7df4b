//! Rollouts for programs: asked for, listed, and told to go on or to stop.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Json, Response};
use protocol::rollout::{RolloutId, Word};

use super::Listing;
use super::operation::Operation;
use crate::rollouts::document::RolloutDocument;
use crate::rollouts::wish::Wish;
use crate::web::Web;
use crate::web::acts::rollouts::{self as acts, Begin};
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, Named};
use crate::web::trail::Trail;

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/rollouts", "Every rollout, the newest first.")
            .lists::<RolloutDocument>(),
        Operation::get("/api/v1/rollouts/{id}", "One rollout.").gives::<RolloutDocument>(),
        Operation::post(
            "/api/v1/rollouts",
            "Plan a rollout, which waits for its start.",
        )
        .takes::<Wish>()
        .gives_as::<RolloutDocument>(StatusCode::CREATED),
        Operation::post("/updates/deploy", "Plan a rollout and start it.")
            .takes::<Wish>()
            .gives_as::<RolloutDocument>(StatusCode::CREATED),
        Operation::post(
            "/api/v1/rollouts/{id}/{word}",
            "Approve, start, pause, resume, abort or roll-back.",
        ),
    ]
}

pub async fn list(Handle(web): Handle<Web>) -> Response {
    let live = web.snapshot();
    let all = live.rollouts.iter();
    let all = all.map(|rollout| RolloutDocument::of(rollout, &live));
    Listing::whole(all.collect()).answer(None)
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let live = web.snapshot();
    let rollout = live.rollout(rollout_id(&id)?);
    let rollout = rollout.ok_or(WebError::NoSuch("rollout"))?;
    Ok(Json(RolloutDocument::of(rollout, &live)).into_response())
}

/// It waits for its start.
pub async fn plan(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(wish): ApiJson<Wish>,
) -> Result<Response, WebError> {
    let planned = acts::plan(&web, (&caller, &trail), wish, Begin::WhenTold).await?;
    Ok(created(planned))
}

/// It starts at once, unless a second person has to agree first.
pub async fn deploy(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(wish): ApiJson<Wish>,
) -> Result<Response, WebError> {
    let begin = if wish.second_person {
        Begin::WhenTold
    } else {
        Begin::AtOnce
    };
    let planned = acts::plan(&web, (&caller, &trail), wish, begin).await?;
    Ok(created(planned))
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named((id, word)): Named<(String, String)>,
) -> Result<StatusCode, WebError> {
    let (id, word) = (rollout_id(&id)?, word_of(&word)?);
    acts::tell(&web, (&caller, &trail), id, word).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn created(planned: RolloutDocument) -> Response {
    let location = format!("/api/v1/rollouts/{}", planned.id);
    (StatusCode::CREATED, [(LOCATION, location)], Json(planned)).into_response()
}

/// What cannot be read as a number names nothing.
pub fn rollout_id(text: &str) -> Result<RolloutId, WebError> {
    let number = text.parse().map(RolloutId);
    number.map_err(|_| WebError::NoSuch("rollout"))
}

pub fn word_of(text: &str) -> Result<Word, WebError> {
    let word = Word::ALL.into_iter().find(|word| word.word() == text);
    word.ok_or(WebError::NoSuchPage)
}
