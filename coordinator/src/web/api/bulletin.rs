//! Alerts, incidents and tunings for programs.

use alerts::book::Cursor;
use alerts::filter::{Filter, Shown};
use alerts::severity::SeverityError;
use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use protocol::id::DeviceId;
use protocol::text::Name;
use schemars::JsonSchema;
use serde::Deserialize;

use super::operation::Operation;
use super::{Listing, flaw, limit};
use crate::bulletin::document::{AlertDocument, IncidentDocument, TuningDocument};
use crate::bulletin::sight::Sight;
use crate::bulletin::wish::{ActWish, TuneWish};
use crate::web::acts::alerts as acts;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, AskedFor, Named};
use crate::web::trail::Trail;
use crate::web::{Web, wall};

/// Incidents that are listed.
const INCIDENTS: usize = 100;

#[derive(Debug, Default, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsQuery {
    pub state: Option<String>,
    pub severity: Option<String>,
    pub device: Option<String>,
    pub rule: Option<String>,
    pub incident: Option<String>,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

impl AlertsQuery {
    /// What is asked for, or which parameter says nothing.
    pub fn filter(&self) -> Result<Filter, WebError> {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let states = Shown::parse(self.state.as_deref().unwrap_or_default());
        let severity = text(&self.severity).map(|word| word.parse()).transpose();
        let device = text(&self.device)
            .map(|id| id.parse::<DeviceId>())
            .transpose();
        let rule = text(&self.rule).map(Name::new).transpose();
        let incident = text(&self.incident)
            .map(|number| number.parse())
            .transpose();
        Ok(Filter {
            states: states.ok_or_else(|| {
                flaw("state", "write current, all, open, acknowledged, assigned, snoozed, closed or false_positive")
            })?,
            severity: severity.map_err(|error: SeverityError| flaw("severity", error))?,
            device: device.map_err(|_| flaw("device", "this is no id of a device"))?,
            rule: rule.map_err(|error| flaw("rule", error))?,
            incident: incident.map_err(|_| flaw("incident", "write a number"))?,
        })
    }

    fn next(&self, cursor: &str, limit: usize) -> String {
        let mut pairs = vec![("cursor", cursor.to_owned()), ("limit", limit.to_string())];
        for (name, value) in [
            ("state", &self.state),
            ("severity", &self.severity),
            ("device", &self.device),
            ("rule", &self.rule),
            ("incident", &self.incident),
        ] {
            pairs.extend(value.clone().map(|value| (name, value)));
        }
        let pairs = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("/api/v1/alerts?{pairs}")
    }
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/alerts", "Alerts, seen last first.")
            .query::<AlertsQuery>()
            .lists::<AlertDocument>(),
        Operation::get("/api/v1/alerts/{id}", "One alert.").gives::<AlertDocument>(),
        Operation::post(
            "/api/v1/alerts/{id}/{word}",
            "Acknowledge, assign, snooze, close, false_positive or reopen; answers with the alert as it is then.",
        )
        .takes::<ActWish>()
        .gives::<AlertDocument>(),
        Operation::get("/api/v1/incidents", "The newest incidents.").lists::<IncidentDocument>(),
        Operation::get("/api/v1/tunings", "What rules were told to do otherwise.")
            .lists::<TuningDocument>(),
        Operation::post("/api/v1/tunings", "Tune a rule.")
            .takes::<TuneWish>()
            .gives_as::<TuningDocument>(StatusCode::CREATED),
        Operation::post("/api/v1/tunings/{id}/remove", "Let a rule do as usual again.")
            .gives::<TuningDocument>(),
    ]
}

/// Seen last first.
pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<AlertsQuery>,
) -> Result<Response, WebError> {
    let (filter, limit) = (query.filter()?, limit(query.limit)?);
    let after = query.cursor.as_deref().map(cursor).transpose()?;
    let (live, now) = (web.snapshot(), wall());
    let (mut items, next) = web.bulletin.look(|pages| {
        let page = pages.book.page(&filter, after, limit + 1, now);
        let next = page.get(limit).and_then(|_| page.get(limit - 1));
        let next = next.map(|last| Cursor::of(last).to_string());
        let shown = page.iter().take(limit);
        let items: Vec<_> = shown
            .map(|alert| AlertDocument::of(alert, &pages.book, &live, now))
            .collect();
        (items, next)
    });
    let items = web
        .read(move |web| {
            Sight::new(&web.reader).complete(&mut items)?;
            Ok(items)
        })
        .await?;
    let link = next.as_ref().map(|next| query.next(next, limit));
    let listing = Listing {
        items,
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

pub async fn one(Handle(web): Handle<Web>, Named(id): Named<String>) -> Result<Response, WebError> {
    let number = number(&id)?;
    let told = web.read(move |web| document(web, number)).await?;
    Ok(Json(told).into_response())
}

pub fn document(web: &Web, number: u64) -> Result<AlertDocument, WebError> {
    let (live, now) = (web.snapshot(), wall());
    let found = web.bulletin.look(|pages| {
        let alert = pages.book.alert(number)?;
        Some(AlertDocument::of(alert, &pages.book, &live, now))
    });
    let mut told = found.ok_or(WebError::NoSuch("alert"))?;
    Sight::new(&web.reader).complete([&mut told])?;
    Ok(told)
}

pub async fn act(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named((id, word)): Named<(String, String)>,
    ApiJson(wish): ApiJson<ActWish>,
) -> Result<Response, WebError> {
    let number = number(&id)?;
    acts::act(&web, &trail, (number, &word), &wish, &caller.name).await?;
    let told = web.read(move |web| document(web, number)).await?;
    Ok(Json(told).into_response())
}

/// The newest first.
pub async fn incidents(Handle(web): Handle<Web>) -> Response {
    let live = web.snapshot();
    let items = web.bulletin.look(|pages| {
        let newest = pages.book.incidents().rev().take(INCIDENTS);
        newest
            .map(|incident| IncidentDocument::of(incident, &live))
            .collect()
    });
    Listing::<IncidentDocument>::whole(items).answer(None)
}

pub async fn tunings(Handle(web): Handle<Web>) -> Response {
    let items = web.bulletin.look(|pages| {
        let all = pages.book.tunings().iter();
        all.map(TuningDocument::of).collect()
    });
    Listing::<TuningDocument>::whole(items).answer(None)
}

pub async fn tune(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(wish): ApiJson<TuneWish>,
) -> Result<Response, WebError> {
    let tuning = acts::tune(&web, &trail, &wish, &caller.name).await?;
    let document = Json(TuningDocument::of(&tuning));
    Ok((StatusCode::CREATED, document).into_response())
}

pub async fn untune(
    Handle(web): Handle<Web>,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<Response, WebError> {
    let tuning = acts::untune(&web, &trail, number(&id)?).await?;
    Ok(Json(TuningDocument::of(&tuning)).into_response())
}

pub fn number(id: &str) -> Result<u64, WebError> {
    id.parse().map_err(|_| WebError::NoSuchPage)
}

pub fn cursor(text: &str) -> Result<Cursor, WebError> {
    Cursor::parse(text).ok_or_else(|| flaw("cursor", "take it from next_cursor of the page before"))
}
