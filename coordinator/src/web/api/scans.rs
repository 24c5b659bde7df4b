//! Scans for programs: asked for, listed, cancelled, and what they found as it came.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::operation::Operation;
use super::{Listing, flaw, limit};
use crate::scans::document::{JobDocument, ScheduleDocument};
use crate::store::jobs::ScanWish;
use crate::web::Web;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::pages::scans::{Asked, asked, number, refused};
use crate::web::trail::{Change, Trail};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScansQuery {
    limit: Option<usize>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/scans", "Jobs, the newest first.")
            .query::<ScansQuery>()
            .lists::<JobDocument>(),
        Operation::get("/api/v1/scans/{id}", "One job.").gives::<JobDocument>(),
        Operation::post(
            "/api/v1/scans",
            "Have devices scanned by the nodes beside them.",
        )
        .takes::<ScanWish>()
        .gives_as::<JobDocument>(StatusCode::ACCEPTED),
        Operation::post("/api/v1/scans/{id}/cancel", "Stop a job."),
        Operation::get(
            "/api/v1/scans/schedules",
            "What is scanned again and again.",
        )
        .lists::<ScheduleDocument>(),
        Operation::get(
            "/api/v1/scans/kept/{id}",
            "The text of a scan, as the scanner wrote it.",
        )
        .file(&["application/xml"]),
    ]
}

pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<ScansQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let jobs = web.read(move |web| Ok(web.reader.jobs(limit)?)).await?;
    Ok(Listing::whole(jobs.iter().map(JobDocument::of).collect()).answer(None))
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let number = number(&id)?;
    let job = web.read(move |web| Ok(web.reader.job(number)?)).await?;
    let job = job.ok_or(WebError::NoSuch("scan"))?;
    Ok(Json(JobDocument::of(&job)).into_response())
}

pub async fn ask(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(wish): ApiJson<ScanWish>,
) -> Result<Response, WebError> {
    match asked(&web, &caller, &trail, wish, None).await? {
        Ok(Asked::Job(number)) => {
            let location = format!("/api/v1/scans/{number}");
            let job = web.read(move |web| Ok(web.reader.job(number)?)).await?;
            let job = job.as_ref().map(JobDocument::of);
            Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(job)).into_response())
        }
        Ok(Asked::Schedule) => Err(WebError::Broken),
        Err(error) => Err(flaw("/targets", error)),
    }
}

pub async fn cancel(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<StatusCode, WebError> {
    let number = number(&id)?;
    let act = trail.act("scan.cancel", &format!("scan {number}"), Change::default());
    let done = web
        .read(move |web| Ok(web.scans.cancel(number, act)))
        .await?;
    done.map_err(|error| refused(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn schedules(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let all = web.read(|web| Ok(web.reader.schedules()?)).await?;
    Ok(Listing::whole(all.iter().map(ScheduleDocument::of).collect()).answer(None))
}

/// The text of a kept scan, as the scanner wrote it.
pub async fn raw(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let number = number(&id)?;
    let raw = web
        .read(move |web| Ok(web.reader.scan_raw(number)?))
        .await?;
    let raw = raw.ok_or(WebError::NoSuch("scan"))?;
    Ok(([(CONTENT_TYPE, "application/xml")], raw).into_response())
}
