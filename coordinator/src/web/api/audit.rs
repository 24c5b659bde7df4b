//! Who did what, whether the log is as it was written, and the log as a file.

use axum::extract::State as Handle;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::operation::Operation;
use super::{Listing, flaw, limit};
use crate::audit::{self, AuditAsked, AuditAskedError, EntryDocument, Format, VerdictDocument};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::forms::AskedFor;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuditQuery {
    limit: Option<usize>,
    cursor: Option<String>,
    actor: Option<String>,
    action: Option<String>,
    object: Option<String>,
    from: Option<String>,
    until: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "AuditExportQuery")]
pub struct ExportQuery {
    format: Format,
    actor: Option<String>,
    action: Option<String>,
    object: Option<String>,
    from: Option<String>,
    until: Option<String>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/audit", "Who did what, newest first.")
            .query::<AuditQuery>()
            .lists::<EntryDocument>(),
        Operation::get(
            "/api/v1/audit/verify",
            "Walks the whole log, and compares it with what gateways have countersigned.",
        )
        .gives::<VerdictDocument>(),
        Operation::get("/api/v1/audit/export", "The log as a file, newest first.")
            .query::<ExportQuery>()
            .file(&["application/jsonl", "text/csv"]),
    ]
}

impl From<AuditAskedError> for WebError {
    fn from(error: AuditAskedError) -> Self {
        flaw(error.field(), error)
    }
}

/// Newest first.
pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<AuditQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let asked = AuditAsked {
        actor: query.actor,
        action: query.action,
        object: query.object,
        from: query.from,
        until: query.until,
    };
    let sought = asked.sought()?;
    let found = web
        .read(move |web| Ok(web.reader.audit_search(&sought, before, limit)?))
        .await?;
    let next = found.next.map(|next| next.to_string());
    let link = next.as_ref().map(|next| next_page(&asked, next, limit));
    let listing = Listing {
        items: found.entries.iter().map(EntryDocument::of).collect(),
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

fn next_page(asked: &AuditAsked, cursor: &str, limit: usize) -> String {
    let sought = serde_urlencoded::to_string(asked).unwrap_or_default();
    let join = if sought.is_empty() { "" } else { "&" };
    format!("/api/v1/audit?cursor={cursor}&limit={limit}{join}{sought}")
}

/// Walks the whole log.
pub async fn verify(Handle(web): Handle<Web>) -> Result<Json<VerdictDocument>, WebError> {
    let check = web.read(|web| Ok(web.reader.audit_check()?)).await?;
    Ok(Json(VerdictDocument::of(&check)))
}

pub async fn export(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<ExportQuery>,
) -> Result<Response, WebError> {
    let format = query.format;
    let asked = AuditAsked {
        actor: query.actor,
        action: query.action,
        object: query.object,
        from: query.from,
        until: query.until,
    };
    let sought = asked.sought()?;
    let file = web
        .read(move |web| Ok(audit::export(&web.reader, &sought, format)?))
        .await?;
    let disposition = format!("attachment; filename=\"audit.{}\"", format.ending());
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, file).into_response())
}

fn cursor(text: &str) -> Result<u64, WebError> {
    text.parse()
        .map_err(|_| flaw("cursor", "take it from next_cursor of the page before"))
}
