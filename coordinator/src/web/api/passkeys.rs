//! One's own passkeys, for programs: listed, renamed, removed. Only a browser makes one, and only there one is used.

use axum::body::Bytes;
use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::Response;
use protocol::text::Name;
use protocol::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::{Listing, flaw, instant};
use crate::store::passkeys::{Passkey, PasskeyId};
use crate::web::Web;
use crate::web::acts::passkeys as acts;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::Named;
use crate::web::places::document;
use crate::web::trail::Trail;

/// What is told of one; its key is nobody's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Passkey")]
pub struct PasskeyDocument {
    pub id: String,
    pub name: String,
    /// The host name at which it works.
    pub site: String,
    pub created: String,
    pub last_used: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "PasskeyOrder")]
struct PasskeyRequest {
    name: Option<String>,
}

impl PasskeyDocument {
    pub fn of((id, passkey): &(PasskeyId, Passkey)) -> Self {
        Self {
            id: id.to_string(),
            name: passkey.name.to_string(),
            site: passkey.site.clone(),
            created: instant(passkey.created.as_millis()),
            last_used: passkey.used.map(Timestamp::as_millis).map(instant),
        }
    }
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/api/v1/account/passkeys",
            "One's own passkeys; a browser makes them, on the page of the account.",
        )
        .lists::<PasskeyDocument>(),
        Operation::post(
            "/api/v1/account/passkeys/{id}/{word}",
            "Rename a passkey, or remove it unless it is the only way into the account.",
        )
        .takes_where_wanted::<PasskeyRequest>(),
    ]
}

pub async fn list(Handle(web): Handle<Web>, caller: Caller) -> Result<Response, WebError> {
    let own = web
        .read(move |web| Ok(web.reader.passkeys_of(&caller.account)?))
        .await?;
    Ok(Listing::whole(own.iter().map(PasskeyDocument::of).collect()).answer(None))
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named((id, word)): Named<(String, String)>,
    body: Bytes,
) -> Result<StatusCode, WebError> {
    let id = PasskeyId::from_shown(&id).ok_or(WebError::NoSuch("passkey"))?;
    let by = (&caller, &trail);
    match word.as_str() {
        "rename" => {
            let request: PasskeyRequest = if body.is_empty() {
                PasskeyRequest::default()
            } else {
                document(&body)?
            };
            let name = Name::new(request.name.unwrap_or_default());
            let name = name.map_err(|error| flaw("/name", error))?;
            acts::rename(&web, by, id, name).await?;
        }
        "remove" => acts::remove(&web, by, id).await?,
        _ => return Err(WebError::NoSuchPage),
    }
    Ok(StatusCode::NO_CONTENT)
}
