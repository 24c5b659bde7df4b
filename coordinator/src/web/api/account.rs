//! One's own sessions and grants, for programs.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use ui::pages::account::SessionKind;

use super::operation::Operation;
use super::{Listing, instant};
use crate::web::Web;
use crate::web::acts::accounts as acts;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::pages::account::view;
use crate::web::trail::Trail;

#[derive(Debug, Serialize, JsonSchema)]
struct SessionDocument {
    id: String,
    kind: &'static str,
    address: Option<String>,
    agent: Option<String>,
    began: String,
    last_seen: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/account/sessions", "One's own sessions and grants.")
            .lists::<SessionDocument>(),
        Operation::post(
            "/api/v1/account/sessions/{id}/revoke",
            "End a session, or `others`.",
        ),
    ]
}

pub async fn sessions(Handle(web): Handle<Web>, caller: Caller) -> Result<Response, WebError> {
    let rows = web.read(move |web| view(web, &caller)).await?.sessions;
    let items = rows.into_iter().map(|row| SessionDocument {
        id: row.id,
        kind: match row.kind {
            SessionKind::This => "this",
            SessionKind::Browser => "browser",
            SessionKind::Program => "program",
        },
        address: row.address,
        agent: row.agent,
        began: instant(row.began_ms),
        last_seen: instant(row.seen_ms),
    });
    Ok(Listing::whole(items.collect()).answer(None))
}

/// `others` instead of an id ends all but the present one.
pub async fn revoke(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named(id): Named<String>,
) -> Result<StatusCode, WebError> {
    let by = (&caller, &trail);
    if id == "others" {
        acts::end_others(&web, by).await?;
    } else {
        acts::end_session(&web, by, &id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
