//! The event stream of a page: its live regions, sent anew when something happens to them.
//!
//! Each message carries every region of the page, so nothing needs to be repeated to a page that
//! was away, and a stream that falls behind loses nothing but time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Handle;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use language::Language;
use language::present::{Speaking, present};
use maud::Markup;
use protocol::coordinator::Event;
use protocol::id::DeviceId;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};
use ui::links::Range;
use ui::live::SIGNED_OUT;

use super::caller::{Caller, Credential};
use super::error::WebError;
use super::forms::AskedFor;
use super::frame::Frame;
use super::pages::alerts::PageQuery;
use super::pages::device::Open;
use super::pages::devices::ListQuery;
use super::pages::mesh::MeshQuery;
use super::pages::{
    alerts, commands, device, device_new, devices, mesh, overview, rollouts, rotation, scans,
    settings,
};
use super::{Web, session, wall};

/// Streams that may be open at once.
pub const STREAMS: usize = 256;
/// Messages of one stream are at least this far apart.
const APART: Duration = Duration::from_secs(1);
/// Ages are brought up to date this often even when nothing happens.
const AGEING: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long the run loop gets to publish what an event speaks of.
const PUBLISHING: Duration = Duration::from_secs(1);

/// Everything that the address of a stream can say; see [`ui::links::events`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StreamQuery {
    page: String,
    id: Option<String>,
    range: Option<String>,
    #[serde(flatten)]
    list: ListQuery,
    #[serde(flatten)]
    mesh: MeshQuery,
    #[serde(flatten)]
    alerts: PageQuery,
}

/// Which page the stream feeds.
#[derive(Debug, Clone)]
enum Fed {
    Overview,
    Devices(ListQuery),
    Join(String),
    Device(String, Open),
    Mesh(MeshQuery),
    Rotation,
    Rollouts,
    Rollout(String),
    Commands,
    Command(String),
    Scan(String),
    Settings,
    Alerts(PageQuery),
    Alert(String),
}

/// One open stream.
struct Stream {
    web: Web,
    frame: Frame,
    caller: Caller,
    /// What the page speaks: the stream runs on when its request is answered.
    language: Language,
    fed: Fed,
    events: Receiver<Event>,
    /// When the newest message was sent; nothing before the first.
    sent: Option<Instant>,
    state: Phase,
    _permit: OwnedSemaphorePermit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Over,
}

enum Woken {
    Refresh,
    Stop,
}

pub async fn stream(
    Handle(web): Handle<Web>,
    caller: Caller,
    frame: Frame,
    AskedFor(query): AskedFor<StreamQuery>,
) -> Result<Response, WebError> {
    let fed = query.fed().ok_or(WebError::NoSuchPage)?;
    let permit = Arc::clone(&web.guards.streams)
        .try_acquire_owned()
        .map_err(|_| WebError::Busy)?;
    let stream = Stream {
        events: web.events.subscribe(),
        web,
        frame,
        caller,
        language: present(),
        fed,
        sent: None,
        state: Phase::Running,
        _permit: permit,
    };
    // What cannot be drawn at all is an error of the request, not of a message in it.
    stream.markup().await?;
    let messages = stream::unfold(stream, |stream| async move {
        let (message, stream) = stream.next().await?;
        Some((Ok::<_, Infallible>(message), stream))
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(messages).keep_alive(keep_alive).into_response())
}

impl StreamQuery {
    fn fed(self) -> Option<Fed> {
        let range = self.range.as_deref().map(Range::parse).unwrap_or_default();
        Some(match self.page.as_str() {
            "overview" => Fed::Overview,
            "devices" => Fed::Devices(self.list),
            "join" => Fed::Join(self.id?),
            "device" => Fed::Device(self.id?, Open::Summary),
            "telemetry" => Fed::Device(self.id?, Open::Telemetry(range)),
            "peers" => Fed::Device(self.id?, Open::Peers),
            "mesh" => Fed::Mesh(self.mesh),
            "rotation" => Fed::Rotation,
            "rollouts" => Fed::Rollouts,
            "commands" => Fed::Commands,
            "command" => Fed::Command(self.id?),
            "settings" => Fed::Settings,
            "logs" => Fed::Device(self.id?, Open::Logs(None)),
            "alerts" => Fed::Alerts(self.alerts),
            "alert" => Fed::Alert(self.id?),
            "rollout" => Fed::Rollout(self.id?),
            "scan" => Fed::Scan(self.id?),
            _ => return None,
        })
    }
}

impl Fed {
    /// Whether an event changes what the page shows, beside the ages on it.
    fn concerns(&self, event: &Event) -> bool {
        match (self, event) {
            (_, Event::Renewed { .. }) => false,
            (Self::Device(id, _), Event::Collected { device }) => is(device, id),
            (Self::Join(_), Event::Collected { .. }) => false,
            (_, Event::Collected { .. }) => false,
            _ => true,
        }
    }
}

fn is(device: &DeviceId, id: &str) -> bool {
    id.parse() == Ok(*device)
}

impl Stream {
    async fn next(mut self) -> Option<(Message, Self)> {
        if self.state == Phase::Over {
            return None;
        }
        if self.sent.is_some() {
            match self.woken().await {
                Woken::Refresh => {}
                Woken::Stop => return None,
            }
        }
        if !self.may_go_on() {
            self.state = Phase::Over;
            let last = Message::default()
                .event(SIGNED_OUT)
                .data("the session is over");
            return Some((last, self));
        }
        let markup = Speaking::new(self.language, self.markup()).await.ok()?;
        self.sent = Some(Instant::now());
        Some((Message::default().data(markup.into_string()), self))
    }

    /// Waits until there is something to say, and a decent time has passed since the last word.
    async fn woken(&mut self) -> Woken {
        let sent = self.sent.unwrap_or_else(Instant::now);
        let stopping = self.web.stopping.clone();
        let wait = async {
            self.happened(sent + AGEING).await?;
            tokio::time::sleep_until(sent + APART).await;
            self.published().await
        };
        tokio::select! {
            () = stopping.cancelled() => Woken::Stop,
            waited = wait => if waited.is_some() { Woken::Refresh } else { Woken::Stop },
        }
    }

    /// Until an event concerns the page, or its ages are due; nothing once the run loop has ended.
    async fn happened(&mut self, due: Instant) -> Option<()> {
        loop {
            match timeout_at(due, self.events.recv()).await {
                Err(_) => return Some(()),
                Ok(Ok(event)) if !self.fed.concerns(&event) => {}
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => return Some(()),
                Ok(Err(RecvError::Closed)) => return None,
            }
        }
    }

    /// Until the snapshot that follows the event is there. Events that came before it are in it.
    async fn published(&mut self) -> Option<()> {
        self.events = self.events.resubscribe();
        let mut live = self.web.live.clone();
        live.mark_unchanged();
        match tokio::time::timeout(PUBLISHING, live.changed()).await {
            Ok(Ok(())) | Err(_) => Some(()),
            Ok(Err(_)) => None,
        }
    }

    fn may_go_on(&self) -> bool {
        match self.caller.credential {
            Credential::Session(hash) => {
                matches!(session::find(&self.web.reader, &hash, wall()), Ok(Some(_)))
            }
            Credential::Token(_) | Credential::Grant(_) | Credential::Console => false,
        }
    }

    async fn markup(&self) -> Result<Markup, WebError> {
        let (fed, frame, session) = (self.fed.clone(), self.frame.clone(), self.caller.session());
        let account = self.caller.account.clone();
        self.web
            .read(move |web| {
                let shell = web.shell(&frame);
                Ok(match fed {
                    Fed::Overview => ui::pages::overview::live(&shell, &overview::view(web)?),
                    Fed::Devices(query) => {
                        ui::pages::devices::live(&shell, &devices::view(web, query.filter())?)
                    }
                    Fed::Join(token) => {
                        let view = device_new::join_view(web, &token, session)?;
                        ui::pages::device_new::join_live(&shell, &view)
                    }
                    Fed::Device(id, open) => {
                        ui::pages::device::live(&shell, &device::view(web, &id, open)?)
                    }
                    Fed::Rotation => ui::pages::rotation::live(&shell, &rotation::view(web)),
                    Fed::Rollouts => ui::pages::rollouts::live(&shell, &rollouts::view(web)),
                    Fed::Rollout(id) => {
                        let view = rollouts::one_view(web, &id, &account)?;
                        ui::pages::rollouts::one::live(&shell, &view)
                    }
                    Fed::Commands => ui::pages::commands::live(&commands::rows(web)?),
                    Fed::Command(id) => {
                        ui::pages::commands::one_live(&commands::one_view(web, &id)?)
                    }
                    Fed::Alerts(query) => {
                        ui::pages::alerts::live(&shell, &alerts::view(web, query.filter())?)
                    }
                    Fed::Alert(id) => {
                        ui::pages::alerts::one::live(&shell, &alerts::one_view(web, &id)?)
                    }
                    Fed::Scan(id) => ui::pages::scans::live(&shell, &scans::one_view(web, &id)?),
                    Fed::Settings => ui::pages::settings::live(&settings::view(web)?),
                    Fed::Mesh(query) => ui::pages::mesh::live(&shell, &mesh::view(web, &query)),
                })
            })
            .await
    }
}
