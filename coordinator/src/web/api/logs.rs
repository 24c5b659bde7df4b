//! Log lines: sent by devices or for them, and read back.

use axum::body::Bytes;
use axum::extract::{Extension, State as Handle};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use logs::line::Line;
use logs::{json, syslog};
use protocol::id::DeviceId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::{Listing, flaw, limit};
use crate::logbook::document::{LineDocument, RulesDocument};
use crate::web::caller::Reporter;
use crate::web::error::WebError;
use crate::web::fleet::device_id;
use crate::web::forms::{AskedFor, Named};
use crate::web::{Web, wall};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SendQuery {
    /// Whose lines they are, by id or by name. A device's own key says so itself.
    device: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinesQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Whose lines were taken, and how many.
#[derive(Debug, Serialize, JsonSchema)]
struct Taken {
    device: String,
    taken: usize,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::post(
            "/logs/send",
            "Take log lines of a device: all of them, or none.",
        )
        .query::<SendQuery>()
        .takes_text(&["application/x-ndjson", "application/json", "text/plain"])
        .gives_as::<Taken>(StatusCode::ACCEPTED),
        Operation::get(
            "/api/v1/devices/{id}/logs",
            "Log lines of a device, newest first.",
        )
        .query::<LinesQuery>()
        .lists::<LineDocument>(),
        Operation::get("/api/v1/rules", "Rules that read log lines.").gives::<RulesDocument>(),
    ]
}

/// Takes all lines of a request, or says what is wrong with one and takes none.
pub async fn send(
    Handle(web): Handle<Web>,
    reporter: Option<Extension<Reporter>>,
    AskedFor(query): AskedFor<SendQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebError> {
    let device = whose(&web, reporter.map(|Extension(reporter)| reporter), &query)?;
    let lines = parsed(&headers, &body)?;
    let taken = lines.len();
    web.read(move |web| Ok(web.logbook.take(device, &lines, wall())?))
        .await?;
    let device = device.to_string();
    let answer = Json(Taken { device, taken });
    Ok((StatusCode::ACCEPTED, answer).into_response())
}

fn whose(web: &Web, reporter: Option<Reporter>, query: &SendQuery) -> Result<DeviceId, WebError> {
    let live = web.snapshot();
    if let Some(reporter) = reporter {
        let (Reporter::Member(device) | Reporter::Keyed(device)) = reporter;
        let itself = query
            .device
            .as_ref()
            .is_none_or(|asked| *asked == device.to_string());
        if !itself {
            return Err(flaw("device", "the key is another device's"));
        }
        if matches!(reporter, Reporter::Keyed(_)) {
            return Ok(device);
        }
        // A device that was retired does not speak any more.
        return live
            .device(&device)
            .map(|_| device)
            .ok_or(WebError::SignedOut);
    }
    let asked = query.device.as_deref();
    let asked = asked.ok_or_else(|| flaw("device", "name the device whose lines they are"))?;
    let by_id = asked.parse::<DeviceId>().ok();
    let known = live
        .devices
        .iter()
        .find(|known| Some(known.device) == by_id || known.name.as_str() == asked);
    let known = known.ok_or_else(|| flaw("device", "there is no device of this id or name"))?;
    Ok(known.device)
}

fn parsed(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Line>, WebError> {
    const KINDS: &str = "application/x-ndjson, application/json or text/plain";
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    let text = std::str::from_utf8(body).map_err(|_| flaw("", "the lines are not UTF-8"))?;
    match kind {
        Some("application/x-ndjson" | "application/json" | "application/jsonl") => {
            json::parse(text).map_err(|error| flaw(&error.place, error.what))
        }
        Some("text/plain" | "application/syslog") => syslog::parse(text)
            .map_err(|error| flaw(&format!("/{}/{}", error.line - 1, error.field), error.what)),
        _ => Err(WebError::WrongMediaType(KINDS)),
    }
}

/// Newest first.
pub async fn list(
    Handle(web): Handle<Web>,
    Named(id): Named<String>,
    AskedFor(query): AskedFor<LinesQuery>,
) -> Result<Response, WebError> {
    let device = web.device(&device_id(&id)?)?.device;
    let limit = limit(query.limit)?;
    let before = query.cursor.as_deref().map(str::parse::<u64>);
    let before = before
        .transpose()
        .map_err(|_| flaw("cursor", "take it from next_cursor of the page before"))?;
    let lines = web
        .read(move |web| Ok(web.reader.log_lines(&device, before, limit)?))
        .await?;
    let last = lines
        .last()
        .filter(|last| lines.len() == limit && last.number > 0);
    let next = last.map(|last| last.number.to_string());
    let link = next
        .as_ref()
        .map(|next| format!("/api/v1/devices/{device}/logs?cursor={next}&limit={limit}"));
    let listing = Listing {
        items: lines.iter().map(LineDocument::of).collect(),
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

pub async fn rules(Handle(web): Handle<Web>) -> Response {
    Json(RulesDocument::of(&web.logbook)).into_response()
}
