//! The audit trail of the web: who did what from where, written before it is done.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use protocol::text::{Line, Name, Path};

use super::caller::Caller;
use super::error::WebError;
use super::origin::Origin;
use super::{Web, wall};
use crate::store::audit::Act;

/// Whoever acts, and the request with which they do.
#[derive(Debug, Clone)]
pub struct Trail {
    actor: Name,
    address: Option<Name>,
    request: Option<Name>,
}

/// A change in words; secrets are never put into one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    pub before: Option<&'a str>,
    pub after: Option<&'a str>,
}

impl Trail {
    pub fn of(actor: &Name, origin: &Origin) -> Self {
        Self {
            actor: actor.clone(),
            address: origin.address_name(),
            request: origin.request_name(),
        }
    }

    pub fn act(&self, action: &'static str, object: &str, change: Change<'_>) -> Act {
        Act {
            time: wall(),
            actor: self.actor.clone(),
            action: Name::new(action).expect("actions are short words of ours"),
            object: Path::fitted(object).unwrap_or_else(nothing),
            before: change.before.and_then(Line::fitted),
            after: change.after.and_then(Line::fitted),
            address: self.address.clone(),
            request: self.request.clone(),
        }
    }

    /// Writes an entry; whatever it speaks of must not happen if this fails.
    pub async fn note(
        &self,
        web: &Web,
        action: &'static str,
        object: &str,
        change: Change<'_>,
    ) -> Result<(), WebError> {
        let act = self.act(action, object, change);
        web.change(move |changes| changes.audit(act)).await?;
        Ok(())
    }
}

fn nothing() -> Path {
    Path::new("none").expect("a short word is a path")
}

impl<S: Send + Sync> FromRequestParts<S> for Trail {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Ok(origin) = Origin::from_request_parts(parts, state).await;
        Ok(Self::of(&caller.name, &origin))
    }
}
