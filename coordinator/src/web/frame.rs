//! What stands around every page: the theme, who is signed in, and a message shown once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use ui::layout::{Flash, Shell, Theme, Tone};
use ui::links::route;

use super::caller::Caller;
use super::error::WebError;
use super::origin::Hx;
use super::session::cookie;
use super::{Web, wall};
use crate::store::secret_hash::SecretHash;

pub const THEME_COOKIE: &str = "__Host-palisade-theme";
/// Messages that wait to be shown at once.
const FLASHES: usize = 1_000;

/// Everything of a page's surroundings that its request decides.
#[derive(Debug, Clone)]
pub struct Frame {
    theme: Theme,
    path: String,
    pub caller: Option<Caller>,
    flash: Option<Flash>,
}

/// Messages for the next page of a session.
#[derive(Debug, Default)]
pub struct Flashes(Mutex<BTreeMap<SecretHash, Flash>>);

impl Flashes {
    pub fn put(&self, caller: &Caller, text: impl Into<String>) {
        let Some(session) = caller.session() else {
            return;
        };
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= FLASHES {
            waiting.pop_first();
        }
        let flash = Flash {
            tone: Tone::Good,
            text: text.into(),
        };
        waiting.insert(session, flash);
    }

    fn take(&self, caller: &Caller) -> Option<Flash> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(&caller.session()?)
    }
}

impl Frame {
    /// The frame of a page that nobody has to be signed in for.
    pub fn of(request: &Request) -> Self {
        Self::from_pieces(request.uri(), request.headers())
    }

    fn from_pieces(uri: &Uri, headers: &HeaderMap) -> Self {
        let theme = cookie(headers, THEME_COOKIE).map(Theme::parse);
        let path = uri.path_and_query().map(|path| path.as_str().to_owned());
        Self {
            theme: theme.unwrap_or_default(),
            path: path.unwrap_or_else(|| "/".to_owned()),
            caller: None,
            flash: None,
        }
    }

    pub fn signed_in(mut self, caller: Option<&Caller>) -> Self {
        self.caller = caller.cloned();
        self
    }
}

impl FromRequestParts<Web> for Frame {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, WebError> {
        let mut frame = Self::from_pieces(&parts.uri, &parts.headers);
        frame.caller = parts.extensions.get::<Caller>().cloned();
        // A region or a stream has no place for a message: it waits for a page.
        let whole = Hx::of(&parts.headers) == Hx::Full && parts.uri.path() != route::EVENTS;
        let caller = frame.caller.as_ref().filter(|_| whole);
        frame.flash = caller.and_then(|caller| web.notes.flashes.take(caller));
        Ok(frame)
    }
}

impl Web {
    pub fn shell(&self, frame: &Frame) -> Shell {
        Shell {
            mesh_name: self.facts.name.shown(),
            user: frame.caller.as_ref().map(Caller::shown),
            theme: frame.theme,
            flash: frame.flash.clone(),
            path: frame.path.clone(),
            now_ms: wall().as_millis(),
            demonstration: self.facts.demonstration,
        }
    }
}
