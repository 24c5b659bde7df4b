//! Following the mesh: a stream of events (WHATWG HTML, server-sent events), or a WebSocket (RFC 6455).
//!
//! Both give the happenings of [`Feed`](crate::web::feed::Feed) in their order, each once, and end when the
//! credential that opened them ends.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Handle;
use axum::extract::ws::{Message as Frame, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, stream};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};

use super::flaw;
use super::operation::Operation;
use crate::web::caller::{Caller, Credential};
use crate::web::error::WebError;
use crate::web::feed::{Batch, Happening, Place};
use crate::web::forms::AskedFor;
use crate::web::{Web, gate, wall};

pub const EVENTS: &str = "/api/v1/events";
pub const SOCKET: &str = "/ws";

/// How long a stream says nothing before it shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Bytes of a frame that a client may send; nothing that it says is read.
const FRAME: usize = 4096;
/// How long a client may take to accept a frame.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FollowQuery {
    /// The `id` of the last happening that was seen; without it, what happens from now on.
    after: Option<String>,
}

/// Somebody who follows.
struct Follower {
    web: Web,
    caller: Caller,
    place: Place,
    _permit: OwnedSemaphorePermit,
}

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            EVENTS,
            "What happens in the mesh, as server-sent events; each has a happening as its data.",
        )
        .query::<FollowQuery>()
        .file(&["text/event-stream"]),
    ]
}

pub async fn events(
    Handle(web): Handle<Web>,
    caller: Caller,
    headers: HeaderMap,
    AskedFor(query): AskedFor<FollowQuery>,
) -> Result<Response, WebError> {
    let last = headers.get("last-event-id");
    let last = last.and_then(|last| last.to_str().ok()).map(str::to_owned);
    let follower = Follower::new(web, caller, query.after.or(last))?;
    let batches = stream::unfold(follower, |mut follower| async move {
        let happenings = follower.next().await?;
        Some((happenings, follower))
    });
    let messages = batches
        .flat_map(stream::iter)
        .map(|happening| Ok::<_, Infallible>(message(&happening)));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(messages).keep_alive(keep_alive).into_response())
}

fn message(happening: &Happening) -> Message {
    Message::default()
        .id(&happening.id)
        .event(happening.kind)
        .data(json(happening))
}

fn json(happening: &Happening) -> String {
    serde_json::to_string(happening).expect("plain values always have a JSON form")
}

/// A browser sends its cookie wherever a page asks for a socket, so the page must be ours.
pub async fn socket(
    Handle(web): Handle<Web>,
    caller: Caller,
    headers: HeaderMap,
    AskedFor(query): AskedFor<FollowQuery>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, WebError> {
    if !is_ours(&headers, &caller) {
        return Err(WebError::ForeignOrigin);
    }
    let upgrade = upgrade.map_err(|error| WebError::Unreadable(error.body_text()))?;
    let follower = Follower::new(web, caller, query.after)?;
    let upgrade = upgrade.max_message_size(FRAME).max_frame_size(FRAME);
    Ok(upgrade.on_upgrade(|socket| follow(socket, follower)))
}

fn is_ours(headers: &HeaderMap, caller: &Caller) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &axum::http::HeaderValue| value.to_str().ok())
    };
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin.strip_prefix("https://") == Some(host),
        (Some(_), None) => false,
        (None, _) => !matches!(caller.credential, Credential::Session(_)),
    }
}

async fn follow(mut socket: WebSocket, mut follower: Follower) {
    loop {
        let frames = tokio::select! {
            happenings = follower.next() => match happenings {
                Some(happenings) => happenings.iter().map(|one| Frame::Text(json(one).into())).collect(),
                None => break,
            },
            said = socket.recv() => match said {
                Some(Ok(Frame::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            () = sleep(KEEP_ALIVE) => vec![Frame::Ping(Default::default())],
        };
        for frame in frames {
            if !matches!(timeout(PATIENCE, socket.send(frame)).await, Ok(Ok(()))) {
                return;
            }
        }
    }
    // It ends in any case; that the client is told is a courtesy.
    let _ = timeout(PATIENCE, socket.send(Frame::Close(None))).await;
}

impl Follower {
    fn new(web: Web, caller: Caller, after: Option<String>) -> Result<Self, WebError> {
        let place = after.map(|text| text.parse::<Place>()).transpose();
        let place = place.map_err(|()| flaw("after", "take it from the id of a happening"))?;
        let permit = Arc::clone(&web.guards.streams)
            .try_acquire_owned()
            .map_err(|_| WebError::Busy)?;
        Ok(Self {
            place: place.unwrap_or_else(|| web.feed.end()),
            web,
            caller,
            _permit: permit,
        })
    }

    /// What came since, as soon as there is something; nothing when the stream ends.
    async fn next(&mut self) -> Option<Vec<Happening>> {
        let mut grown = self.web.feed.grown();
        let stopping = self.web.stopping.clone();
        loop {
            let Batch { happenings, place } = self.web.feed.after(self.place, wall());
            if !self.may_go_on().await {
                return None;
            }
            if !happenings.is_empty() {
                self.place = place;
                return Some(happenings);
            }
            tokio::select! {
                () = stopping.cancelled() => return None,
                changed = grown.changed() => changed.ok()?,
                () = sleep(KEEP_ALIVE) => {}
            }
        }
    }

    async fn may_go_on(&self) -> bool {
        let caller = self.caller.clone();
        let held = self
            .web
            .read(move |web| Ok(gate::holds(web, &caller)))
            .await;
        held.unwrap_or(false)
    }
}
