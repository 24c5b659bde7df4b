//! Tokens for programs: made, listed, rotated and revoked.

use axum::Extension;
use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::idempotency::ShownOnce;
use super::operation::Operation;
use super::{Listing, flaw, instant};
use crate::access::{TermsError, TokenDocument, TokenTerms};
use crate::store::api_tokens::{ApiToken, Reach};
use crate::store::secret_hash::SecretHash;
use crate::web::Web;
use crate::web::acts::accounts as acts;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::forms::{ApiJson, Named};
use crate::web::trail::Trail;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AccessTokenRequest")]
pub struct TokenRequest {
    name: String,
    role: String,
    /// `all`, which it is where nothing is said, or `reading`.
    #[serde(default)]
    reach: Asked,
    #[serde(default)]
    areas: Vec<String>,
    #[serde(default)]
    days: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AskedReach")]
enum Asked {
    #[default]
    All,
    Reading,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccessToken")]
struct Made<'a> {
    id: String,
    /// The secret: it is in this answer and nowhere else.
    token: &'a str,
    expires: Option<String>,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/v1/access-tokens", "Tokens for programs, one's own.")
            .lists::<TokenDocument>(),
        Operation::post(
            "/api/v1/access-tokens",
            "Make a token; its secret is in this answer and nowhere else.",
        )
        .takes::<TokenRequest>()
        .gives_as::<Made<'_>>(StatusCode::CREATED),
        Operation::post(
            "/api/v1/access-tokens/{id}/{word}",
            "Rotate a token, or revoke it.",
        )
        .gives_as::<Made<'_>>(StatusCode::CREATED)
        .or_nothing(),
    ]
}

pub async fn list(Handle(web): Handle<Web>, caller: Caller) -> Result<Response, WebError> {
    let all = web
        .read(|web| Ok(web.reader.api_tokens()?))
        .await?
        .into_iter();
    let own = all.filter(|(_, token)| acts::is_for(&caller, token));
    let items = own.map(|(hash, token)| TokenDocument::of(&hash, &token));
    Ok(Listing::whole(items.collect()).answer(None))
}

pub async fn make(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    ApiJson(request): ApiJson<TokenRequest>,
) -> Result<Response, WebError> {
    let reach = match request.reach {
        Asked::All => None,
        Asked::Reading => Some(Reach::Reading),
    };
    let named = (request.name.as_str(), request.role.as_str());
    let terms = TokenTerms::new(named, reach, &request.areas, request.days, caller.role);
    let terms = terms.map_err(|error| flaw(place(&error), error))?;
    let (secret, granted) = acts::make_token(&web, (&caller, &trail), &terms).await?;
    Ok(made(&secret, &granted))
}

fn place(error: &TermsError) -> &'static str {
    match error {
        TermsError::Name(_) => "/name",
        TermsError::Role(_) | TermsError::Beyond => "/role",
        TermsError::Area(_) => "/areas",
        TermsError::Days => "/days",
    }
}

fn made(secret: &str, granted: &ApiToken) -> Response {
    let made = Made {
        id: SecretHash::of_api_token(secret.as_bytes()).shown(),
        token: secret,
        expires: granted.expires.map(|at| instant(at.as_millis())),
    };
    (StatusCode::CREATED, Extension(ShownOnce), Json(made)).into_response()
}

pub async fn tell(
    Handle(web): Handle<Web>,
    caller: Caller,
    trail: Trail,
    Named((id, word)): Named<(String, String)>,
) -> Result<Response, WebError> {
    let token = acts::token(&web, &caller, &id)?;
    match word.as_str() {
        "rotate" => {
            let (secret, granted) = acts::rotate_token(&web, (&caller, &trail), token).await?;
            Ok(made(&secret, &granted))
        }
        "revoke" => {
            acts::revoke_token(&web, &trail, token).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(WebError::NoSuchPage),
    }
}
