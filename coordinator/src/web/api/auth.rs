//! Access tokens for a name and a password: fifteen minutes each, with refresh tokens that are good once.

use axum::extract::State as Handle;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use data_encoding::HEXLOWER;
use protocol::text::Name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::operation::Operation;
use crate::access;
use crate::jwt;
use crate::secrets::random;
use crate::store::grants::{Grant, Refresh};
use crate::store::operators::Role;
use crate::store::secret_hash::SecretHash;
use crate::web::entrance::{self, Shown};
use crate::web::error::WebError;
use crate::web::forms::ApiJson;
use crate::web::metrics::LoginOutcome;
use crate::web::origin::Origin;
use crate::web::session::password::Typed;
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

/// What refresh tokens begin with, so that scanners for leaked secrets find them.
const REFRESH_PREFIX: &str = "plsd_ref_";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    name: String,
    #[schemars(with = "String")]
    password: Typed,
    #[schemars(with = "Option<String>")]
    code: Option<Typed>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    #[schemars(with = "String")]
    refresh_token: Typed,
}

/// RFC 6749, 5.1.
#[derive(Serialize, JsonSchema)]
struct Granted<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    refresh_token: &'a str,
}

/// A refresh token: which chain it is of, and its own secret.
struct Chain {
    grant: SecretHash,
    token: SecretHash,
}

impl Chain {
    fn read(text: &str) -> Option<Self> {
        let (id, _) = text.strip_prefix(REFRESH_PREFIX)?.split_once('.')?;
        Some(Self {
            grant: SecretHash::of_grant(id.as_bytes()),
            token: SecretHash::of_refresh_token(text.as_bytes()),
        })
    }

    /// The next token of a chain.
    fn next(text: &str) -> Result<Zeroizing<String>, WebError> {
        let id = text.strip_prefix(REFRESH_PREFIX).unwrap_or_default();
        let (id, _) = id.split_once('.').unwrap_or_default();
        Self::under(id)
    }

    fn under(id: &str) -> Result<Zeroizing<String>, WebError> {
        let secret = access::secret(".")?;
        Ok(Zeroizing::new(format!(
            "{REFRESH_PREFIX}{id}{}",
            secret.as_str()
        )))
    }
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::post(
            "/api/v1/auth/token",
            "An access token for a name, a password and, where it is asked for, a code.",
        )
        .takes::<GrantRequest>()
        .gives::<Granted<'_>>(),
        Operation::post(
            "/api/v1/auth/refresh",
            "The next access token; a refresh token is good once.",
        )
        .takes::<RefreshRequest>()
        .gives::<Granted<'_>>(),
        Operation::post("/api/v1/auth/revoke", "End a chain of refresh tokens.")
            .takes::<RefreshRequest>(),
    ]
}

pub async fn grant(
    Handle(web): Handle<Web>,
    origin: Origin,
    ApiJson(request): ApiJson<GrantRequest>,
) -> Result<Response, WebError> {
    let shown = Shown {
        name: &request.name,
        password: request.password.as_str(),
        code: request.code.as_ref().map_or("", Typed::as_str),
    };
    let operator = entrance::identify(&web, &origin, &shown).await?;
    let (operator, with) = operator.ok_or(WebError::SignedOut)?;
    let id = access::secret("")?;
    let token = Chain::under(&id)?;
    let (grant, now) = (SecretHash::of_grant(id.as_bytes()), wall());
    let granted = Grant {
        operator: operator.name.clone(),
        created: now,
        seen: now,
        expires: now.saturating_add(jwt::GRANT),
        current: SecretHash::of_refresh_token(token.as_bytes()),
        address: origin.address_name(),
        agent: origin.agent.clone(),
    };
    let act = Trail::of(&operator.name, &origin).act(
        "grant.create",
        operator.name.as_str(),
        Change {
            before: None,
            after: with.words(),
        },
    );
    web.change(move |changes| {
        changes.open_grant(&grant, &granted)?;
        changes.audit(act)
    })
    .await?;
    web.metrics.login(LoginOutcome::Entered);
    answer(&web, (&operator.name, operator.role), &grant, &token)
}

fn answer(
    web: &Web,
    (name, role): (&Name, Role),
    grant: &SecretHash,
    refresh: &str,
) -> Result<Response, WebError> {
    let id: [u8; 16] = random().map_err(|_| WebError::Broken)?;
    let ids = (HEXLOWER.encode(&id), grant.shown());
    let said = (name.as_str(), role.word());
    let token = Zeroizing::new(web.tokens.write(&web.tokens.claims(said, ids, wall())));
    let granted = Granted {
        access_token: &token,
        token_type: "Bearer",
        expires_in: jwt::LIFE.as_secs(),
        refresh_token: refresh,
    };
    Ok(Json(granted).into_response())
}

/// The token that is shown is good once. Whoever shows it again, or an older one, ends the whole chain: either the program
/// or a thief holds a copy, and nobody can tell which.
pub async fn refresh(
    Handle(web): Handle<Web>,
    origin: Origin,
    ApiJson(request): ApiJson<RefreshRequest>,
) -> Result<Response, WebError> {
    let shown = request.refresh_token.as_str();
    let chain = Chain::read(shown).ok_or(WebError::SignedOut)?;
    let next = Chain::next(shown)?;
    let hash = SecretHash::of_refresh_token(next.as_bytes());
    let grant = chain.grant;
    let trail = origin.clone();
    let refreshed = web
        .change(move |changes| {
            let refreshed = changes.refresh_grant(&chain.grant, &chain.token, &hash, wall())?;
            if let Refresh::Reused(grant) = &refreshed {
                let name = &grant.operator;
                let act =
                    Trail::of(name, &trail).act("grant.reused", name.as_str(), Change::default());
                changes.audit(act)?;
            }
            Ok(refreshed)
        })
        .await?;
    let Refresh::Rotated(kept) = refreshed else {
        return Err(WebError::SignedOut);
    };
    let operator = web.reader.operator(&kept.operator)?;
    let barred = web.reader.barred(&kept.operator)?;
    let operator = operator.filter(|_| barred.is_none());
    let operator = operator.ok_or(WebError::SignedOut)?;
    answer(&web, (&operator.name, operator.role), &grant, &next)
}

/// RFC 7009: whether there was anything to end is not said.
pub async fn revoke(
    Handle(web): Handle<Web>,
    origin: Origin,
    ApiJson(request): ApiJson<RefreshRequest>,
) -> Result<StatusCode, WebError> {
    let Some(chain) = Chain::read(request.refresh_token.as_str()) else {
        return Ok(StatusCode::NO_CONTENT);
    };
    let Some(grant) = web.reader.grant(&chain.grant, wall())? else {
        return Ok(StatusCode::NO_CONTENT);
    };
    if grant.current != chain.token {
        return Ok(StatusCode::NO_CONTENT);
    }
    let name = &grant.operator;
    let act = Trail::of(name, &origin).act("grant.revoke", name.as_str(), Change::default());
    web.change(move |changes| {
        changes.close_grant(&chain.grant)?;
        changes.audit(act)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
