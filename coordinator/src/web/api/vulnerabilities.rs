//! Findings, scores and libraries for programs.

use std::collections::BTreeMap;

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use findings::filter::{FINDING_FIELDS, Filter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::{Listing, flaw, limit, place};
use crate::risk::decide::Asked;
use crate::risk::document::{
    DecisionDocument, FeedDocument, FindingDocument, LibraryDocument, OccurrenceDocument,
    ScoreDocument, libraries,
};
use crate::risk::{self, FLEET};
use crate::store::advice::Shelf;
use crate::web::Web;
use crate::web::acts::views as views_kept;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::pages::findings::decided;
use crate::web::trail::Trail;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    filter: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ViewsQuery {
    /// `findings` where it is not said.
    of: Shelf,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LibraryQuery {
    q: Option<String>,
}

/// One finding with a page of the devices that have it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FindingInFull")]
struct One {
    #[serde(flatten)]
    finding: FindingDocument,
    summary: String,
    aliases: Vec<String>,
    references: Vec<String>,
    decisions: Vec<DecisionDocument>,
    occurrences: Vec<OccurrenceDocument>,
    next_cursor: Option<String>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/vulnerabilities",
            "Findings, what is to be fixed first in front.",
        )
        .query::<ListQuery>()
        .lists::<FindingDocument>(),
        Operation::get(
            "/api/v1/vulnerabilities/{id}",
            "One finding, with the devices that have it.",
        )
        .query::<ListQuery>()
        .gives::<One>(),
        Operation::post(
            "/api/v1/vulnerabilities/{id}/decisions",
            "Accept it, or say that it does not apply.",
        )
        .takes::<Asked>(),
        Operation::get(
            "/api/v1/devices/{id}/findings",
            "What is found on one device.",
        )
        .query::<ListQuery>()
        .lists::<OccurrenceDocument>(),
        Operation::get(
            "/api/v1/devices/{id}/score",
            "The security score of a device.",
        )
        .gives::<ScoreDocument>(),
        Operation::get(
            "/api/v1/score",
            "The security score of the fleet; nothing while there is no device.",
        )
        .gives::<ScoreDocument>()
        .or_nothing(),
        Operation::get(
            "/api/v1/feed",
            "What is known about vulnerabilities, and how old that is.",
        )
        .gives::<FeedDocument>(),
        Operation::get(
            "/api/v1/libraries",
            "Which devices have a version of a component.",
        )
        .query::<LibraryQuery>()
        .lists::<LibraryDocument>(),
        Operation::get("/api/v1/views", "Filters that were kept, by name.")
            .query::<ViewsQuery>()
            .gives::<BTreeMap<String, String>>(),
        Operation::post(
            "/api/v1/views",
            "Keep a filter under a name, or forget it by an empty one.",
        )
        .takes::<ViewRequest>(),
        Operation::get(
            "/api/v1/vex",
            "All findings and decisions as a VEX document (CycloneDX 1.6).",
        )
        .file(&["application/vnd.cyclonedx+json"]),
    ]
}

pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let text = query.filter.clone().unwrap_or_default();
    let filter = Filter::parse(&text, FINDING_FIELDS).map_err(|error| flaw("filter", error))?;
    let index = web.risk.index();
    let page = index.page(&filter, query.cursor.as_deref(), limit);
    let next = page.items.last().filter(|_| page.more);
    let next = next.map(|(_, row)| row.id.clone());
    let items = page.items.iter();
    let items: Vec<_> = items
        .map(|(finding, row)| FindingDocument::of(finding, row))
        .collect();
    let link = next
        .as_ref()
        .map(|next| query.link("/api/v1/vulnerabilities", next));
    let listing = Listing {
        items,
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

pub async fn one(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let index = web.risk.index();
    let (finding, row) = index.find(&id).ok_or(WebError::NoSuch("finding"))?;
    let start = place(query.cursor.as_deref())?;
    let all = &finding.occurrences;
    let advisory = index.feed.catalogue.find(&id);
    let one = One {
        finding: FindingDocument::of(finding, row),
        summary: advisory
            .map(|advisory| advisory.summary.clone())
            .unwrap_or_default(),
        aliases: advisory
            .iter()
            .flat_map(|a| a.aliases.iter().cloned())
            .collect(),
        references: advisory
            .iter()
            .flat_map(|a| a.references.iter().cloned())
            .collect(),
        decisions: DecisionDocument::about(&index, &finding.subject),
        occurrences: all
            .iter()
            .skip(start)
            .take(limit)
            .map(|(found, state)| OccurrenceDocument::of(&index, found, state))
            .collect(),
        next_cursor: (start + limit < all.len()).then(|| (start + limit).to_string()),
    };
    Ok(Json(one).into_response())
}

pub async fn decide(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
    ApiJson(asked): ApiJson<Asked>,
) -> Result<StatusCode, WebError> {
    match decided(&web, &trail, &caller, id, asked).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(flaw(&format!("/{}", error.place()), error)),
    }
}

/// What is found on one device.
pub async fn of_device(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<ListQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let start = place(query.cursor.as_deref())?;
    let index = web.risk.index();
    if !index.devices.contains_key(&id) {
        return Err(WebError::NoSuch("device"));
    }
    let mut all = index.on_device(&id).skip(start);
    let items: Vec<_> = all
        .by_ref()
        .take(limit)
        .map(|(finding, place)| {
            let (found, state) = &finding.occurrences[place];
            OccurrenceDocument::of(&index, found, state)
        })
        .collect();
    let next = all.next().map(|_| (start + limit).to_string());
    let path = format!("/api/v1/devices/{id}/findings");
    let link = next.as_ref().map(|next| query.link(&path, next));
    let listing = Listing {
        items,
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

pub async fn score_of_device(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let score = web.read(move |web| score(web, &id)).await?;
    Ok(Json(score).into_response())
}

pub async fn score_of_fleet(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let found = web.read(|web| match score(web, FLEET) {
        Err(WebError::NoSuch(_)) => Ok(None),
        found => found.map(Some),
    });
    Ok(found.await?.map_or_else(
        || StatusCode::NO_CONTENT.into_response(),
        |score| Json(score).into_response(),
    ))
}

fn score(web: &Web, name: &str) -> Result<ScoreDocument, WebError> {
    let index = web.risk.index();
    let found = match name {
        FLEET => index.fleet.as_ref(),
        device => index.scores.get(device),
    };
    let found = found.ok_or(WebError::NoSuch("device"))?;
    Ok(ScoreDocument::of(found, &web.reader.score_trend(name)?))
}

pub async fn feed(Handle(web): Handle<Web>) -> Response {
    Json(FeedDocument::of(&web.risk.index(), risk::now())).into_response()
}

pub async fn where_is(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<LibraryQuery>,
) -> Result<Response, WebError> {
    let text = query.q.unwrap_or_default();
    if text.trim().is_empty() {
        return Err(flaw("q", "name a library, or a part of its name"));
    }
    let found: Vec<LibraryDocument> = web
        .read(move |web| Ok(libraries(&web.risk.index(), text.trim())))
        .await?;
    Ok(Listing::whole(found).answer(None))
}

/// Filters that were kept, by name.
pub async fn views(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<ViewsQuery>,
) -> Result<Response, WebError> {
    let read = move |web: &Web| Ok(web.reader.views(query.of)?);
    let views = web.read(read).await?;
    Ok(Json(views).into_response())
}

/// A filter under a name; an empty filter takes the name away.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewRequest {
    name: String,
    filter: String,
    /// `findings` where it is not said.
    #[serde(default)]
    of: Shelf,
}

pub async fn keep(
    Handle(web): Handle<Web>,
    trail: Trail,
    ApiJson(view): ApiJson<ViewRequest>,
) -> Result<StatusCode, WebError> {
    views_kept::keep(&web, &trail, view.of, &view.name, &view.filter).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All findings as a VEX document of CycloneDX.
pub async fn vex(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let document = web.read(|web| Ok(web.risk.vex())).await?;
    let kind = [(
        axum::http::header::CONTENT_TYPE,
        "application/vnd.cyclonedx+json",
    )];
    Ok((kind, document).into_response())
}

impl ListQuery {
    fn link(&self, path: &str, next: &str) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.filter.clone().map(|filter| ("filter", filter)));
        pairs.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        pairs.push(("cursor", next.to_owned()));
        let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        format!("{path}?{query}")
    }
}
