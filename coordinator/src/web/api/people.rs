//! People with an account, for programs.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State as Handle;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ui::links;

use super::idempotency::ShownOnce;
use super::operation::Operation;
use super::{Listing, flaw, instant};
use crate::accounts::names::{account_name, new_account_name};
use crate::accounts::{self, Link, Order, PersonDocument};
use crate::store::operators::{Role, RoleError};
use crate::web::acts::accounts as acts;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, Named};
use crate::web::places::document;
use crate::web::trail::Trail;
use crate::web::{Web, wall};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteRequest {
    name: String,
    role: String,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "PersonOrder")]
struct OrderRequest {
    role: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Invited {
    name: String,
    /// The secret is in it: it is in this answer and nowhere else.
    url: String,
    expires: String,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/people", "Everybody with an account, or invited.")
            .lists::<PersonDocument>(),
        Operation::post(
            "/api/v1/people",
            "Invite somebody by a link that is good once.",
        )
        .takes::<InviteRequest>()
        .gives_as::<Invited>(StatusCode::CREATED),
        Operation::post(
            "/api/v1/people/{id}/{word}",
            "Role, disable, enable, forget-code, forget-passkeys, remove, or reset, which answers with a link.",
        )
        .takes_where_wanted::<OrderRequest>()
        .gives_as::<Invited>(StatusCode::CREATED)
        .or_nothing(),
    ]
}

pub async fn list(Handle(web): Handle<Web>) -> Result<Response, WebError> {
    let people = web
        .read(|web| Ok(accounts::list(&web.reader, wall())?))
        .await?;
    Ok(Listing::whole(people).answer(None))
}

pub async fn invite(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    headers: HeaderMap,
    ApiJson(request): ApiJson<InviteRequest>,
) -> Result<Response, WebError> {
    let name = new_account_name(&request.name).map_err(|error| flaw("/name", error))?;
    let role: Role = request
        .role
        .parse()
        .map_err(|error: RoleError| flaw("/role", error))?;
    let link = acts::invite(&web, (&caller, &trail), name, Some(role)).await?;
    Ok(invited(&headers, &link))
}

fn invited(headers: &HeaderMap, link: &Link) -> Response {
    let invited = Invited {
        name: link.invitation.name.to_string(),
        url: acts::url(headers, &links::invited(&link.token)),
        expires: instant(link.invitation.expires.as_millis()),
    };
    (StatusCode::CREATED, Extension(ShownOnce), Json(invited)).into_response()
}

/// `reset` answers with a link, every other word with nothing.
pub async fn order(
    Handle(web): Handle<Web>,
    (caller, trail): (Caller, Trail),
    Named((name, word)): Named<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WebError> {
    let name = account_name(&name).map_err(|_| WebError::NoSuch("operator"))?;
    if word == "reset" {
        let link = acts::invite(&web, (&caller, &trail), name, None).await?;
        return Ok(invited(&headers, &link));
    }
    let request: OrderRequest = if body.is_empty() {
        OrderRequest::default()
    } else {
        document(&body)?
    };
    let order = Order::read(&word, request.role.as_deref());
    let order = order.map_err(|error| match error {
        accounts::OrderWordError::Word => WebError::NoSuchPage,
        accounts::OrderWordError::Role => flaw("/role", error),
    })?;
    acts::order(&web, &trail, name, order).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
