//! Who somebody is that shows a passkey: a key that no other site gets an answer from, and a finger, a face or a PIN.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use protocol::text::Name;

use super::{note_refusal, wall};
use crate::passkeys::challenge::Act;
use crate::passkeys::{Answer, PasskeyError, Proof, Site};
use crate::store::operators::Operator;
use crate::store::passkeys::{Counted, Passkey, PasskeyId};
use crate::web::Web;
use crate::web::error::WebError;
use crate::web::metrics::LoginOutcome;
use crate::web::origin::Origin;
use crate::web::trail::{Change, Trail};

/// The site at which somebody asks; nothing where no passkey works, as at an address.
#[derive(Debug, Clone)]
pub struct AtSite(pub Option<Site>);

impl FromRequestParts<Web> for AtSite {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        // HTTP/2 has the host in the address of the request.
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| parts.uri.authority().map(Authority::as_str));
        Ok(Self(host.and_then(|host| Site::of(host, &web.facts.names))))
    }
}

/// The operator whose passkey it is. One that nobody has, one of another site, a wrong or repeated answer, and an account
/// that is shut look the same from outside.
pub async fn identify(
    web: &Web,
    (origin, site): (&Origin, &Site),
    (answer, browser): (&str, &str),
) -> Result<Option<Operator>, WebError> {
    let attempts = &web.guards.logins;
    attempts
        .pace(origin)
        .inspect_err(|_| web.metrics.login(LoginOutcome::Paced))?;
    let known = judge(web, site, answer, (Act::Enter, browser))?;
    let operator = match &known {
        Some(known) => web.reader.operator(&known.passkey.operator)?,
        None => None,
    };
    let (Some(known), Some(operator)) = (known, operator) else {
        return refused(web, origin, None).await;
    };
    if web.reader.barred(&operator.name)?.is_some() {
        return refused(web, origin, Some(&operator)).await;
    }
    match count_on(web, origin, &known).await? {
        Counted::On => {
            attempts.welcome(&operator.name, origin);
            Ok(Some(operator))
        }
        Counted::Back { .. } => refused(web, origin, Some(&operator)).await,
    }
}

/// Whether a passkey of this very person was shown in their session.
pub async fn is_shown(
    web: &Web,
    (origin, site): (&Origin, &Site),
    (name, session): (&Name, &str),
    answer: &str,
) -> Result<bool, WebError> {
    web.guards.logins.pace(origin)?;
    let known = judge(web, site, answer, (Act::Prove, session))?;
    match known.filter(|known| known.passkey.operator == *name) {
        Some(known) => Ok(count_on(web, origin, &known).await? == Counted::On),
        None => Ok(false),
    }
}

/// A passkey of ours, and the good answer that was given with it.
struct Known {
    id: PasskeyId,
    passkey: Passkey,
    proof: Proof,
}

fn judge(web: &Web, site: &Site, answer: &str, by: (Act, &str)) -> Result<Option<Known>, WebError> {
    let read = Answer::read(answer);
    let found = match &read {
        Ok(answer) => {
            let id = PasskeyId::of(answer.id.as_slice());
            web.reader.passkey(&id)?.map(|passkey| (id, passkey))
        }
        Err(_) => None,
    };
    let judged = match (read, found) {
        (Ok(answer), Some((id, passkey))) => {
            held(web, site, (&answer, &passkey), by).map(|proof| Some(Known { id, passkey, proof }))
        }
        (Ok(_), None) => Ok(None),
        (Err(error), _) => Err(error),
    };
    Ok(judged.unwrap_or_else(|error| {
        tracing::debug!(%error, "a passkey is refused");
        None
    }))
}

/// The challenge is used up last, and only by a good answer: nobody else's can be spoilt.
fn held(
    web: &Web,
    site: &Site,
    (answer, passkey): (&Answer, &Passkey),
    by: (Act, &str),
) -> Result<Proof, PasskeyError> {
    if passkey.site != site.name {
        return Err(PasskeyError::Site);
    }
    answer.is_of(&passkey.user)?;
    let proof = answer.verify(site, &passkey.key)?;
    web.challenges.use_up(&proof.challenge, by, wall())?;
    Ok(proof)
}

/// Notes the use. An authenticator that counts back has a copy: that is an entry of its own in the audit log.
async fn count_on(web: &Web, origin: &Origin, known: &Known) -> Result<Counted, WebError> {
    let (id, count) = (known.id, known.proof.count);
    let counted = web
        .change(move |changes| changes.use_passkey(&id, count, wall()))
        .await?;
    if let Counted::Back { from } = counted {
        let (owner, name) = (&known.passkey.operator, &known.passkey.name);
        tracing::warn!(%owner, passkey = %name, from, to = count, "a passkey counts back: a copy of it is about");
        let (from, to) = (from.to_string(), count.to_string());
        let change = Change {
            before: Some(&from),
            after: Some(&to),
        };
        Trail::of(owner, origin)
            .note(web, "user.passkey_copied", name.as_str(), change)
            .await?;
    }
    Ok(counted)
}

async fn refused(
    web: &Web,
    origin: &Origin,
    operator: Option<&Operator>,
) -> Result<Option<Operator>, WebError> {
    note_refusal(web, origin, operator).await?;
    Ok(None)
}
