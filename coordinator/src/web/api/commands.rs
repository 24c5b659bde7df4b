//! Commands for programs: given, listed, and what devices have answered.

use std::time::Duration;

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Json, Response};
use protocol::command::{By, CommandId, KindError};
use protocol::settings::ScopeError;
use schemars::JsonSchema;
use serde::Deserialize;

use super::operation::Operation;
use super::{Listing, flaw, limit};
use crate::command::document::{CommandDocument, signer};
use crate::command::{CommandWish, GiveError};
use crate::store::commands::Given;
use crate::web::Web;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::trail::{Change, Trail};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CommandsQuery {
    limit: Option<usize>,
}

/// What is to be done, and by whom.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandWishDocument {
    /// `restart`, `logs` or `scan`; wiping is ordered where devices are retired.
    kind: String,
    /// `class:camera`, `cell:NAME` or `device:ID`.
    to: String,
    /// How long it may be begun: ten minutes where nothing is said, a day where administrators sign.
    #[serde(default)]
    life_s: Option<u64>,
    /// `coordinator` where nothing is said; with `administrators` a draft is made for them.
    #[serde(default)]
    signed_by: Option<String>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/commands", "Commands, the newest first.")
            .query::<CommandsQuery>()
            .lists::<CommandDocument>(),
        Operation::get(
            "/api/v1/commands/{id}",
            "One command, and what each device has answered.",
        )
        .gives::<CommandDocument>(),
        Operation::post("/api/v1/commands", "Command devices to do something once.")
            .takes::<CommandWishDocument>()
            .gives_as::<CommandDocument>(StatusCode::ACCEPTED),
        Operation::get(
            "/api/v1/commands/{id}/results/{device}",
            "What came of a command on one device.",
        )
        .file(&["text/plain"]),
    ]
}

pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<CommandsQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let all = web.read(move |web| documents(web, limit)).await?;
    Ok(Listing::whole(all).answer(None))
}

pub fn documents(web: &Web, limit: usize) -> Result<Vec<CommandDocument>, WebError> {
    let all = web.reader.commands()?.into_iter().take(limit);
    all.map(|given| document(web, &given)).collect()
}

fn document(web: &Web, given: &Given) -> Result<CommandDocument, WebError> {
    Ok(CommandDocument::of(given, &web.reader, &web.snapshot())?)
}

/// One command by its id.
pub fn known(web: &Web, id: &str) -> Result<CommandDocument, WebError> {
    let given = web.reader.command(command_id(id)?)?;
    document(web, &given.ok_or(WebError::NoSuch("command"))?)
}

fn command_id(id: &str) -> Result<CommandId, WebError> {
    id.parse().map_err(|_| WebError::NoSuch("command"))
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let found = web.read(move |web| known(web, &id)).await?;
    Ok(Json(found).into_response())
}

pub async fn give(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(asked): ApiJson<CommandWishDocument>,
) -> Result<Response, WebError> {
    let kind = asked.kind.parse();
    let to = asked.to.parse();
    let by = asked.signed_by.as_deref().map_or(Some(By::Online), signer);
    let wish = CommandWish {
        kind: kind.map_err(|error: KindError| flaw("/kind", error))?,
        to: to.map_err(|error: ScopeError| flaw("/to", error))?,
        life: asked.life_s.map(Duration::from_secs),
        by: by.ok_or_else(|| flaw("/signed_by", "write coordinator or administrators"))?,
    };
    match given(&web, &caller, &trail, &wish).await? {
        Ok(given) => {
            let location = format!("/api/v1/commands/{}", given.id);
            let shown = web.read(move |web| document(web, &given)).await?;
            Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(shown)).into_response())
        }
        Err(error) => Err(flaw(place(&error), error)),
    }
}

/// Which part of a wish an error is about.
pub fn place(error: &GiveError) -> &'static str {
    match error {
        GiveError::Wipe | GiveError::NeedsSignatures { .. } => "/kind",
        GiveError::TooLong(_) => "/life_s",
        _ => "/to",
    }
}

/// The same for pages and programs: the outer error is ours, the inner one is of what was asked.
pub async fn given(
    web: &Web,
    caller: &Caller,
    trail: &Trail,
    wish: &CommandWish,
) -> Result<Result<Given, GiveError>, WebError> {
    let after = format!("signed by the {}", wish.by.word());
    let change = Change {
        after: Some(&after),
        ..Change::default()
    };
    let act = trail.act("command.give", &wish.words(), change);
    match web.commands.give(wish, caller.name.as_str(), act).await {
        Err(GiveError::Read(error)) => Err(error.into()),
        Err(GiveError::Change(error)) => Err(error.into()),
        other => Ok(other),
    }
}

pub async fn result(
    Handle(web): Handle<Web>,
    Named((id, device)): Named<(String, String)>,
) -> Result<Response, WebError> {
    let (id, device) = (command_id(&id)?, device_id(&device)?);
    let found = web
        .read(move |web| Ok(web.commands.result(id, &device)?))
        .await?;
    let found = found.ok_or(WebError::NoSuch("result"))?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], found).into_response())
}
