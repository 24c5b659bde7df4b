//! Who did what.

use axum::extract::State as Handle;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::{Listing, flaw, instant, limit};
use crate::store::audit::AuditEntry;
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::forms::AskedFor;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuditQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct Item {
    number: u64,
    time: String,
    actor: String,
    action: String,
    object: String,
    before: Option<String>,
    after: Option<String>,
    address: Option<String>,
    request_id: Option<String>,
    digest: String,
    previous: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/audit", "Who did what, newest first.")
            .query::<AuditQuery>()
            .lists::<Item>(),
    ]
}

/// Newest first.
pub async fn list(
    Handle(web): Handle<Web>,
    AskedFor(query): AskedFor<AuditQuery>,
) -> Result<Response, WebError> {
    let limit = limit(query.limit)?;
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let page = web
        .read(move |web| Ok(web.reader.audit_page(before, limit)?))
        .await?;
    let last = page
        .last()
        .filter(|last| page.len() == limit && last.index > 0);
    let next = last.map(|last| last.index.to_string());
    let link = next
        .as_ref()
        .map(|next| format!("/api/v1/audit?cursor={next}&limit={limit}"));
    let listing = Listing {
        items: page.iter().map(item).collect(),
        next_cursor: next,
    };
    Ok(listing.answer(link.as_deref()))
}

fn item(entry: &AuditEntry) -> Item {
    let act = &entry.act;
    Item {
        number: entry.index + 1,
        time: instant(act.time.as_millis()),
        actor: act.actor.to_string(),
        action: act.action.to_string(),
        object: act.object.to_string(),
        before: act.before.as_ref().map(ToString::to_string),
        after: act.after.as_ref().map(ToString::to_string),
        address: act.address.as_ref().map(ToString::to_string),
        request_id: act.request.as_ref().map(ToString::to_string),
        digest: entry.digest.to_string(),
        previous: entry.previous.to_string(),
    }
}

fn cursor(text: &str) -> Result<u64, WebError> {
    text.parse()
        .map_err(|_| flaw("cursor", "take it from next_cursor of the page before"))
}
