//! A request that is sent twice is carried out once: `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header, section 2).
//!
//! Answers are kept in memory for a day: after a restart of the coordinator a key is new again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::text::Name;
use protocol::time::Timestamp;

use super::flaw;
use crate::web::caller::Caller;
use crate::web::error::WebError;
use crate::web::{DOCUMENT, Web, wall};

const HEADER: &str = "idempotency-key";
const REPLAYED: &str = "idempotency-replayed";
/// Letters of a key.
const LETTERS: usize = 128;
/// Answers that are kept; the oldest goes for a new one.
const KEPT: usize = 1_000;
/// Bytes of an answer that is kept; larger ones are given once.
const ANSWER: usize = 64 * 1024;
const LIFE: Duration = Duration::from_secs(86_400);

/// Answers to requests that came with a key.
#[derive(Debug, Default)]
pub struct Answers(Mutex<BTreeMap<Key, Kept>>);

/// One person's key for one address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    account: Name,
    path: String,
    key: String,
}

#[derive(Debug, Clone)]
struct Kept {
    at: Timestamp,
    request: blake3::Hash,
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Stage {
    Running,
    Answered(Answer),
    /// There was a secret in the answer, which nobody keeps.
    Spent,
}

/// Marks an answer with a secret in it, which is in this answer and nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct ShownOnce;

#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// What is known of a key.
enum Known {
    New,
    Answered(Answer),
    /// The first request is not answered yet.
    Running,
    Spent,
    /// It came with another request.
    Other,
}

/// The layer of every door of the interface that changes something. It needs to know who asks.
pub async fn once(State(web): State<Web>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let key = match key(&parts) {
        Ok(Some(key)) => key,
        Ok(None) => return next.run(Request::from_parts(parts, body)).await,
        Err(error) => return error.into_response(),
    };
    let Ok(bytes) = to_bytes(body, DOCUMENT).await else {
        return WebError::TooLarge.into_response();
    };
    let hash = blake3::hash(&bytes);
    let request = Request::from_parts(parts, Body::from(bytes));
    Once(Some(key))
        .carry_out(&web, hash, next.run(request))
        .await
}

/// The key of a request whose body is too large to be held: its door reads it, and says itself what was asked.
#[derive(Debug)]
pub struct Once(Option<Key>);

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        key(parts).map(Self)
    }
}

impl Once {
    /// Carries out what was asked, unless it was before.
    pub async fn carry_out(
        self,
        web: &Web,
        request: blake3::Hash,
        act: impl Future<Output = Response>,
    ) -> Response {
        let Some(key) = self.0 else {
            return act.await;
        };
        let refused = match web.guards.answers.begin(&key, request, wall()) {
            Known::New => {
                let key = Some(key);
                let begun = Begun { web, key };
                return begun.ended(act.await).await;
            }
            Known::Answered(answer) => return answer.again(),
            Known::Running => {
                WebError::AlreadySo("the first request with this key is not answered yet")
            }
            Known::Spent => WebError::AlreadySo("it was carried out, and its secret is shown once"),
            Known::Other => flaw("Idempotency-Key", "it came with another request before"),
        };
        refused.into_response()
    }
}

fn key(parts: &Parts) -> Result<Option<Key>, WebError> {
    let (caller, shown) = (parts.extensions.get::<Caller>(), parts.headers.get(HEADER));
    let (Some(caller), Some(shown), &Method::POST) = (caller, shown, &parts.method) else {
        return Ok(None);
    };
    let key = readable(shown).ok_or_else(|| {
        flaw(
            "Idempotency-Key",
            format!("use 1 to {LETTERS} visible letters"),
        )
    })?;
    Ok(Some(Key {
        account: caller.account.clone(),
        path: parts.uri.path().to_owned(),
        key,
    }))
}

/// Forgets a request that was never answered, so that it can be sent again.
struct Begun<'a> {
    web: &'a Web,
    key: Option<Key>,
}

impl Begun<'_> {
    /// Keeps what was carried out; what failed may be tried again.
    async fn ended(mut self, response: Response) -> Response {
        if !response.status().is_success() {
            return response;
        }
        if response.extensions().get::<ShownOnce>().is_some() {
            if let Some(key) = self.key.take() {
                self.web.guards.answers.end(&key, Stage::Spent);
            }
            return response;
        }
        let (parts, body) = response.into_parts();
        let Ok(bytes) = to_bytes(body, ANSWER).await else {
            return WebError::Broken.into_response();
        };
        let answer = Answer {
            status: parts.status,
            headers: parts.headers.clone(),
            body: bytes.clone(),
        };
        if let Some(key) = self.key.take() {
            self.web.guards.answers.end(&key, Stage::Answered(answer));
        }
        Response::from_parts(parts, Body::from(bytes))
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.web.guards.answers.forget(key);
        }
    }
}

impl Answer {
    fn again(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        *response.headers_mut() = self.headers;
        let replayed = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, replayed);
        response
    }
}

impl Answers {
    fn begin(&self, key: &Key, request: blake3::Hash, now: Timestamp) -> Known {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, kept| now.since(kept.at) < LIFE);
        match all.get(key) {
            Some(kept) if kept.request != request => return Known::Other,
            Some(kept) => {
                return match &kept.stage {
                    Stage::Running => Known::Running,
                    Stage::Answered(answer) => Known::Answered(answer.clone()),
                    Stage::Spent => Known::Spent,
                };
            }
            None => {}
        }
        if all.len() >= KEPT {
            let oldest = all.iter().min_by_key(|(_, kept)| kept.at);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.map(|key| all.remove(&key));
        }
        let kept = Kept {
            at: now,
            request,
            stage: Stage::Running,
        };
        all.insert(key.clone(), kept);
        Known::New
    }

    fn end(&self, key: &Key, stage: Stage) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.get_mut(key) {
            kept.stage = stage;
        }
    }

    fn forget(&self, key: &Key) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(key);
    }
}

/// As a string of RFC 8941, in quotes, or bare as most send it.
fn readable(shown: &HeaderValue) -> Option<String> {
    let text = shown.to_str().ok()?;
    let bare = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    let fits =
        (1..=LETTERS).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        Key {
            account: Name::new("amina").expect("a name"),
            path: "/api/v1/tunings".to_owned(),
            key: number.to_string(),
        }
    }

    #[test]
    fn keys_are_kept_so_many_and_so_long() {
        let (answers, request) = (Answers::default(), blake3::hash(b"{}"));
        let at = |number: usize| Timestamp::from_millis(u64::try_from(number).expect("small"));
        for number in 0..=KEPT {
            let known = answers.begin(&key(number), request, at(number));
            assert!(matches!(known, Known::New), "{number}");
        }
        let again = |number, now| answers.begin(&key(number), request, now);
        assert!(matches!(again(KEPT, at(KEPT)), Known::Running));
        assert!(matches!(again(0, at(KEPT)), Known::New), "the oldest went");
        let tomorrow = at(KEPT).saturating_add(LIFE);
        assert!(matches!(again(KEPT, tomorrow), Known::New));
    }
}
