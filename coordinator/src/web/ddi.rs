//! hawkBit's device interface (DDI), for devices that have no node: each sees what concerns itself, with its own token.

mod documents;
mod range;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Request, State};
use axum::http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next as Then};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use protocol::text::Name;
use protocol::time::Timestamp;
use serde::Deserialize;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::TraceLayer;

use super::gate::Requests;
use super::headers;
use super::origin::Origin;
use super::session::limits::neighbourhood;
use crate::ddi::feedback::{Feedback, FeedbackError, Subject};
use crate::ddi::visit::Next;
use crate::ddi::{Ddi, DdiError};
use crate::store::ddi::{Target, Words};
use documents::Links;

/// Bytes of what a device says at once.
const DOCUMENT: usize = 64 * 1024;
/// What is kept of what a device says of itself.
const ATTRIBUTES: usize = 32;
/// The one tenant there is, as hawkBit calls it by default.
const TENANT: &str = "default";

/// What every request is given.
#[derive(Debug, Clone)]
struct Door {
    ddi: Ddi,
    requests: Arc<Requests>,
    /// By which requests are paced.
    clock: fn() -> Timestamp,
}

/// The service of the listener for these devices.
pub fn router(ddi: Ddi, clock: fn() -> Timestamp) -> Router {
    let door = Door {
        ddi,
        requests: Arc::default(),
        clock,
    };
    Router::new()
        .route("/{tenant}/controller/v1/{id}", get(poll))
        .route("/{tenant}/controller/v1/{id}/configData", put(describe))
        .route(
            "/{tenant}/controller/v1/{id}/deploymentBase/{action}",
            get(deployment),
        )
        .route(
            "/{tenant}/controller/v1/{id}/deploymentBase/{action}/feedback",
            post(installed),
        )
        .route(
            "/{tenant}/controller/v1/{id}/cancelAction/{action}",
            get(cancellation),
        )
        .route(
            "/{tenant}/controller/v1/{id}/cancelAction/{action}/feedback",
            post(cancelled),
        )
        .route(
            "/{tenant}/controller/v1/{id}/softwaremodules/{action}/artifacts/{file}",
            get(artifact),
        )
        .layer(middleware::from_fn_with_state(door.clone(), pace))
        .layer(DefaultBodyLimit::max(DOCUMENT))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(headers::guard))
        .layer(TraceLayer::new_for_http().make_span_with(headers::span))
        .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION]))
        .with_state(door)
}

/// Why a device is not answered as it asked.
#[derive(Debug)]
enum Refused {
    /// The token is not that of a device of this name.
    Unknown,
    NoSuch,
    /// What it speaks of has ended.
    Over,
    Unreadable,
    TooMany,
    Broken,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => (
                StatusCode::UNAUTHORIZED,
                [(WWW_AUTHENTICATE, "TargetToken")],
            )
                .into_response(),
            Self::NoSuch => StatusCode::NOT_FOUND.into_response(),
            Self::Over => StatusCode::GONE.into_response(),
            Self::Unreadable => StatusCode::BAD_REQUEST.into_response(),
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS.into_response(),
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl From<DdiError> for Refused {
    fn from(error: DdiError) -> Self {
        tracing::error!(%error, "a DDI device cannot be answered");
        Self::Broken
    }
}

impl From<FeedbackError> for Refused {
    fn from(error: FeedbackError) -> Self {
        match error {
            FeedbackError::NoSuchAction => Self::NoSuch,
            FeedbackError::Over => Self::Over,
            FeedbackError::Failed(error) => error.into(),
        }
    }
}

/// Keeps one address from taking the time of all, and from trying tokens without end.
async fn pace(State(door): State<Door>, request: Request, next: Then) -> Response {
    let address = neighbourhood(Origin::of(&request).address);
    match door.requests.take(&address, (door.clock)()) {
        Ok(()) => next.run(request).await,
        Err(_) => Refused::TooMany.into_response(),
    }
}

/// A device that has shown its token, and where its links lead.
struct Device {
    ddi: Ddi,
    name: Name,
    target: Target,
    links: Links,
}

#[derive(Deserialize)]
struct Place {
    tenant: String,
    id: String,
}

impl FromRequestParts<Door> for Device {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Refused> {
        let place = Path::<Place>::from_request_parts(parts, door).await;
        let Path(Place { tenant, id }) = place.map_err(|_| Refused::NoSuch)?;
        if !tenant.eq_ignore_ascii_case(TENANT) {
            return Err(Refused::NoSuch);
        }
        let token = token(&parts.headers).ok_or(Refused::Unknown)?;
        let ddi = door.ddi.clone();
        let admitted = ddi.admit(&id, token).map_err(DdiError::from)?;
        let (name, target) = admitted.ok_or(Refused::Unknown)?;
        let host = host(&parts.headers, &parts.uri).ok_or(Refused::Unreadable)?;
        let links = Links::new(&host, &tenant, &name);
        Ok(Self {
            ddi,
            name,
            target,
            links,
        })
    }
}

impl Device {
    /// Reads and writes of the store, beside the threads that answer.
    async fn work<T: Send + 'static, E: Into<Refused> + Send + 'static>(
        self,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<(Self, T), Refused> {
        let done = tokio::task::spawn_blocking(move || work(&self).map(|done| (self, done)));
        done.await.map_err(|_| Refused::Broken)?.map_err(Into::into)
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let shown = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = shown.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("TargetToken")
        .then_some(token.trim())
}

/// Where the device thinks that it is talking to: its links lead there again.
fn host(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = uri.authority().map(Authority::as_str);
    header.or(authority).map(ToOwned::to_owned)
}

async fn poll(device: Device) -> Result<Response, Refused> {
    let work = |device: &Device| device.ddi.next(&device.name, &device.target);
    let (device, next) = device.work(work).await?;
    Ok(documents::base(&device.links, &device.target, &next))
}

#[derive(Deserialize)]
struct Description {
    data: BTreeMap<String, String>,
}

async fn describe(
    device: Device,
    Json(description): Json<Description>,
) -> Result<StatusCode, Refused> {
    let data = description.data.into_iter().take(ATTRIBUTES);
    let data = data.filter_map(|(key, value)| Some((Name::fitted(&key)?, Words::fitted(&value)?)));
    let attributes = data.collect();
    let work = move |device: &Device| device.ddi.describe(&device.name, attributes);
    device.work(work).await?;
    Ok(StatusCode::OK)
}

#[derive(Deserialize)]
struct Numbered {
    action: u32,
}

async fn deployment(
    device: Device,
    Path(Numbered { action }): Path<Numbered>,
) -> Result<Response, Refused> {
    let work = move |device: &Device| device.ddi.look(&device.name, &device.target, action);
    let (device, action) = device.work(work).await?;
    let action = action.ok_or(Refused::NoSuch)?;
    Ok(documents::deployment(
        &device.links,
        &device.target,
        &action,
    ))
}

async fn installed(
    device: Device,
    Path(Numbered { action }): Path<Numbered>,
    Json(feedback): Json<Feedback>,
) -> Result<StatusCode, Refused> {
    heard(device, action, Subject::Installation, feedback).await
}

async fn cancellation(
    device: Device,
    Path(Numbered { action }): Path<Numbered>,
) -> Result<Response, Refused> {
    let work = |device: &Device| device.ddi.next(&device.name, &device.target);
    match device.work(work).await? {
        (_, Next::Cancel(number)) if number == action => Ok(documents::cancellation(number)),
        _ => Err(Refused::NoSuch),
    }
}

async fn cancelled(
    device: Device,
    Path(Numbered { action }): Path<Numbered>,
    Json(feedback): Json<Feedback>,
) -> Result<StatusCode, Refused> {
    heard(device, action, Subject::Cancellation, feedback).await
}

async fn heard(
    device: Device,
    action: u32,
    subject: Subject,
    feedback: Feedback,
) -> Result<StatusCode, Refused> {
    let work = move |device: &Device| device.ddi.take(&device.name, action, subject, &feedback);
    device.work(work).await?;
    Ok(StatusCode::OK)
}

#[derive(Deserialize)]
struct Wanted {
    action: u32,
    file: String,
}

async fn artifact(
    device: Device,
    Path(Wanted { action, file }): Path<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let plain = file
        .strip_suffix(documents::MD5_ENDING)
        .map(ToOwned::to_owned);
    let wants_sum = plain.is_some();
    let name = plain.unwrap_or(file);
    let work = move |device: &Device| device.ddi.file(&device.target, action, &name);
    let (_, found) = device.work(work).await?;
    let (action, path) = found.ok_or(Refused::NoSuch)?;
    if wants_sum {
        return Ok(documents::md5_sum(&action.artifact));
    }
    range::serve(&path, &action.artifact, &headers)
        .await
        .map_err(|error| {
            tracing::error!(%error, "the file of a release cannot be read");
            Refused::Broken
        })
}
