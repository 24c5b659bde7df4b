//! What pages and programs do to accounts, tokens and keys: each act once, with its entry in the audit trail.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use protocol::id::DeviceId;
use protocol::text::Name;
use zeroize::Zeroizing;

use crate::access::{self, AccessError, TokenTerms};
use crate::accounts::{Known, Link, Order};
use crate::keyed::{self, Registration};
use crate::store::api_tokens::ApiToken;
use crate::store::operators::Role;
use crate::store::secret_hash::SecretHash;
use crate::web::caller::{Caller, Credential};
use crate::web::error::WebError;
use crate::web::trail::{Change, Trail};
use crate::web::{Web, wall};

impl From<AccessError> for WebError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Change(error) => error.into(),
            AccessError::Secret(error) => {
                tracing::error!(%error, "no secret was made");
                Self::Broken
            }
            AccessError::Name(_) => Self::Broken,
        }
    }
}

/// Makes a link into an account that is to be made, or to another password.
pub async fn invite(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    name: Name,
    role: Option<Role>,
) -> Result<Link, WebError> {
    let link = Link::new(name, role, caller.name.clone())?;
    let known = Known::of(&web.reader, &link.invitation.name)?;
    let act = trail.act(
        link.action(),
        link.invitation.name.as_str(),
        Change::default(),
    );
    let writer = web.writer.clone();
    let done = tokio::task::spawn_blocking(move || {
        writer
            .write(|changes| link.keep(changes, known, act))
            .map(|()| link)
    });
    Ok(done.await.map_err(|_| WebError::Broken)??)
}

/// Carries an order about an account out.
pub async fn order(web: &Web, trail: &Trail, name: Name, order: Order) -> Result<(), WebError> {
    let before = web.reader.operator(&name)?.map(|operator| operator.role);
    let act = trail.act(order.action(), name.as_str(), Change::default());
    web.change(move |changes| order.carry_out(changes, &name, before, act))
        .await
}

/// The address of a link, as whoever asked reaches this coordinator.
pub fn url(headers: &HeaderMap, path: &str) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let plain = |host: &&str| {
        host.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || ".:-[]".contains(letter))
    };
    host.filter(plain)
        .map_or_else(|| path.to_owned(), |host| format!("https://{host}{path}"))
}

/// Makes a token. One token does not make another: what it was restricted to would be lost.
pub async fn make_token(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    terms: &TokenTerms,
) -> Result<(Zeroizing<String>, ApiToken), WebError> {
    not_by_token(caller)?;
    let secret = access::api_secret()?;
    let granted = terms.granted(caller.account.clone(), wall());
    let hash = SecretHash::of_api_token(secret.as_bytes());
    let words = terms.words();
    let change = Change {
        after: Some(&words),
        ..Change::default()
    };
    let act = trail.act("api_token.create", terms.name.as_str(), change);
    let kept = granted.clone();
    web.change(move |changes| {
        changes.add_api_token(&hash, &kept)?;
        changes.audit(act)
    })
    .await?;
    Ok((secret, granted))
}

/// The token that an id names, if the caller may speak about it: one's own, and an administrator's any.
pub fn token(web: &Web, caller: &Caller, id: &str) -> Result<(SecretHash, ApiToken), WebError> {
    let wanted = SecretHash::from_shown(id);
    let all = web.reader.api_tokens()?;
    let mut all = all.into_iter().filter(|(_, it)| is_for(caller, it));
    let found = all.find(|(hash, _)| Some(*hash) == wanted);
    found.ok_or(WebError::NoSuch("API token"))
}

/// Whether a token concerns somebody.
pub fn is_for(caller: &Caller, token: &ApiToken) -> bool {
    caller.role == Role::Admin || token.operator == caller.account
}

/// Gives a token another secret; the one before opens nothing any more.
pub async fn rotate_token(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    (hash, granted): (SecretHash, ApiToken),
) -> Result<(Zeroizing<String>, ApiToken), WebError> {
    not_by_token(caller)?;
    if granted.operator != caller.account {
        return Err(WebError::AlreadySo(
            "only whoever made a token is given its secret: revoke it instead",
        ));
    }
    let secret = access::api_secret()?;
    let next = ApiToken {
        used: None,
        ..granted
    };
    let new = SecretHash::of_api_token(secret.as_bytes());
    let act = trail.act("api_token.rotate", next.name.as_str(), Change::default());
    let kept = next.clone();
    web.change(move |changes| {
        changes.rotate_api_token(&hash, &new, &kept)?;
        changes.audit(act)
    })
    .await?;
    Ok((secret, next))
}

pub async fn revoke_token(
    web: &Web,
    trail: &Trail,
    (hash, granted): (SecretHash, ApiToken),
) -> Result<(), WebError> {
    let act = trail.act("api_token.revoke", granted.name.as_str(), Change::default());
    web.change(move |changes| {
        changes.remove_api_token(&hash)?;
        changes.audit(act).map(drop)
    })
    .await
}

fn not_by_token(caller: &Caller) -> Result<(), WebError> {
    match caller.credential {
        Credential::Token(_) => Err(WebError::NotAllowed),
        Credential::Session(_) | Credential::Grant(_) | Credential::Console => Ok(()),
    }
}

/// Ends one of the caller's sessions or grants.
pub async fn end_session(
    web: &Web,
    (caller, trail): (&Caller, &Trail),
    id: &str,
) -> Result<(), WebError> {
    const NONE: WebError = WebError::NoSuch("session");
    let hash = SecretHash::from_shown(id).ok_or(NONE)?;
    let sessions = web.reader.sessions()?;
    let session = sessions
        .iter()
        .any(|(own, session)| *own == hash && session.operator == caller.account);
    let grants = web.reader.grants()?;
    let grant = grants
        .iter()
        .any(|(own, grant)| *own == hash && grant.operator == caller.account);
    if !session && !grant {
        return Err(NONE);
    }
    let act = trail.act("session.revoke", caller.account.as_str(), Change::default());
    web.change(move |changes| {
        if session {
            changes.close_session(&hash)?;
        } else {
            changes.close_grant(&hash)?;
        }
        changes.audit(act).map(drop)
    })
    .await
}

/// Ends all of the caller's sessions and grants but the present one.
pub async fn end_others(web: &Web, (caller, trail): (&Caller, &Trail)) -> Result<(), WebError> {
    let name = caller.account.clone();
    let kept = caller.session();
    let session = match kept {
        Some(hash) => web.reader.session(&hash, wall())?,
        None => None,
    };
    let change = Change {
        after: Some("all others"),
        ..Change::default()
    };
    let act = trail.act("session.revoke", name.as_str(), change);
    web.change(move |changes| {
        changes.close_sessions_of(&name)?;
        changes.close_grants_of(&name)?;
        if let (Some(hash), Some(session)) = (kept, session) {
            changes.open_session(&hash, &session)?;
        }
        changes.audit(act).map(drop)
    })
    .await
}

/// Keeps a device that was registered.
pub async fn register(
    web: &Web,
    trail: &Trail,
    registration: &Registration,
) -> Result<(), WebError> {
    let (device, kept) = (registration.device, registration.keyed.clone());
    let change = Change {
        after: Some(kept.name.as_str()),
        ..Change::default()
    };
    let act = trail.act("device_key.create", &device.to_string(), change);
    web.change(move |changes| {
        changes.add_keyed(&device, &kept)?;
        changes.audit(act).map(drop)
    })
    .await
}

/// Gives a device another key; the one before is refused at once.
pub async fn rekey(
    web: &Web,
    trail: &Trail,
    device: DeviceId,
) -> Result<(Zeroizing<String>, crate::store::keyed::Keyed), WebError> {
    let key = keyed::new_key()?;
    let hash = keyed::hash(&key);
    let act = trail.act("device_key.rotate", &device.to_string(), Change::default());
    let kept = web
        .change(move |changes| {
            let kept = changes.rekey(&device, &hash, wall())?;
            changes.audit(act)?;
            Ok(kept)
        })
        .await?;
    Ok((key, kept))
}

/// Forgets a device with a key.
pub async fn forget(web: &Web, trail: &Trail, device: DeviceId) -> Result<(), WebError> {
    let act = trail.act("device_key.remove", &device.to_string(), Change::default());
    web.change(move |changes| {
        changes.remove_keyed(&device)?;
        changes.audit(act).map(drop)
    })
    .await
}
