//! Why a request is not answered as asked; the one place where HTTP codes are chosen.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::coordinator::RolloutError;
use thiserror::Error;

use crate::orders::OrderError;
use crate::store::fault::{ChangeError, ReadError};

pub mod dress;

/// A request that fails, in words for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebError {
    #[error("log in, or send an API token that has not expired")]
    SignedOut,
    #[error("your role does not include this: ask an administrator")]
    NotAllowed,
    #[error("this account needs a second factor: add a passkey or an authenticator on its page")]
    FactorMissing,
    #[error("the request came from another site: open the page of this coordinator and try there")]
    ForeignOrigin,
    #[error("nothing is at this address")]
    NoSuchPage,
    #[error("there is no such {0}")]
    NoSuch(&'static str),
    #[error("this address does not take that method")]
    WrongMethod,
    #[error("the request cannot be read: {0}")]
    Unreadable(String),
    #[error("something in the query cannot be read")]
    Misasked(Vec<Flaw>),
    #[error("send the header Content-Type: {0}")]
    WrongMediaType(&'static str),
    #[error("the request is larger than allowed")]
    TooLarge,
    #[error(
        "the address is longer than {} bytes: ask for less in its query",
        super::head::ADDRESS
    )]
    AddressTooLong,
    #[error(
        "send {} headers at most, of {} bytes altogether",
        super::head::HEADERS,
        super::head::HEADER_BYTES
    )]
    HeadersTooLarge,
    #[error("something in the request does not fit")]
    Invalid(Vec<Flaw>),
    #[error("{0}")]
    AlreadySo(&'static str),
    #[error("it is not what If-Match names any more: read it anew, then decide again")]
    Changed,
    #[error("{0}")]
    NotYet(OrderError),
    /// The same of what people have to do first.
    #[error("{0}")]
    Unready(String),
    #[error("too many requests: wait {} s", wait.as_secs().max(1))]
    TooMany { wait: Duration },
    #[error("too much is going on at once: try again in a few seconds")]
    Busy,
    #[error("the coordinator is stopping: try again when it runs")]
    Stopping,
    #[error("the disk of the coordinator is full: make room, then try again")]
    DiskFull,
    #[error("the answer took too long")]
    Slow,
    #[error("the coordinator failed: look up the request id in its log")]
    Broken,
}

/// What is wrong with one part of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// A JSON pointer, or the name of a parameter.
    pub place: String,
    pub what: String,
}

impl Flaw {
    pub fn new(place: &str, what: impl fmt::Display) -> Self {
        Self {
            place: place.to_owned(),
            what: what.to_string(),
        }
    }
}

impl WebError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::ForeignOrigin | Self::FactorMissing => StatusCode::FORBIDDEN,
            Self::NoSuchPage | Self::NoSuch(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable(_) | Self::Misasked(_) => StatusCode::BAD_REQUEST,
            Self::WrongMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::AddressTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::AlreadySo(_) | Self::NotYet(_) | Self::Unready(_) => StatusCode::CONFLICT,
            Self::Changed => StatusCode::PRECONDITION_FAILED,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Stopping | Self::Slow => StatusCode::SERVICE_UNAVAILABLE,
            Self::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable last part of the problem's type.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed-out",
            Self::NotAllowed => "not-allowed",
            Self::ForeignOrigin => "foreign-origin",
            Self::FactorMissing => "second-factor-missing",
            Self::NoSuchPage => "no-such-page",
            Self::NoSuch(_) => "no-such-thing",
            Self::WrongMethod => "wrong-method",
            Self::Unreadable(_) | Self::Misasked(_) => "unreadable",
            Self::WrongMediaType(_) => "wrong-media-type",
            Self::TooLarge => "too-large",
            Self::AddressTooLong => "address-too-long",
            Self::HeadersTooLarge => "headers-too-large",
            Self::Invalid(_) => "invalid",
            Self::AlreadySo(_) => "already-so",
            Self::Changed => "changed",
            Self::NotYet(_) | Self::Unready(_) => "not-yet",
            Self::TooMany { .. } => "too-many-requests",
            Self::Busy => "busy",
            Self::Stopping => "stopping",
            Self::DiskFull => "disk-full",
            Self::Slow => "slow",
            Self::Broken => "broken",
        }
    }

    pub fn flaws(&self) -> &[Flaw] {
        match self {
            Self::Invalid(flaws) | Self::Misasked(flaws) => flaws,
            _ => &[],
        }
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooMany { wait } => Some(*wait),
            Self::Busy | Self::Stopping => Some(Duration::from_secs(2)),
            _ => None,
        }
    }

    /// What a bare status of a layer or of the router means.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::SignedOut,
            StatusCode::FORBIDDEN => Self::ForeignOrigin,
            StatusCode::NOT_FOUND => Self::NoSuchPage,
            StatusCode::METHOD_NOT_ALLOWED => Self::WrongMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::WrongMediaType("application/x-www-form-urlencoded")
            }
            StatusCode::UNPROCESSABLE_ENTITY => Self::Invalid(Vec::new()),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => Self::Slow,
            status if status.is_server_error() => Self::Broken,
            _ => Self::Unreadable("it is not what this address expects".to_owned()),
        }
    }
}

/// The answer carries the error itself; [`dress`] gives it a body for whoever asked.
impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ReadError> for WebError {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "the store cannot be read");
        Self::Broken
    }
}

impl From<ChangeError> for WebError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Full => Self::DiskFull,
            ChangeError::Exists(what) => Self::AlreadySo(what),
            ChangeError::LooksLike(_) => Self::Invalid(vec![Flaw::new("/name", error)]),
            ChangeError::Missing(what) => Self::NoSuch(what),
            ChangeError::TooMany(_) | ChangeError::Closed(_) => Self::Busy,
            ChangeError::LastWayIn(why) => Self::AlreadySo(why.now()),
            ChangeError::LastAdmin => Self::AlreadySo("nobody else is an administrator"),
            ChangeError::Damaged(what) => {
                tracing::error!(what, "the store is damaged");
                Self::Broken
            }
        }
    }
}

impl From<OrderError> for WebError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Stopping => Self::Stopping,
            OrderError::NoSuchDevice => Self::NoSuch("device"),
            OrderError::AlreadyRetired => Self::AlreadySo("the device is retired already"),
            OrderError::Rollout(RolloutError::NoSuch) => Self::NoSuch("rollout"),
            OrderError::Rollout(RolloutError::Plan(flaw)) => {
                Self::Invalid(vec![Flaw::new("", flaw)])
            }
            OrderError::LogNotOpen
            | OrderError::TooMany
            | OrderError::Rollout(_)
            | OrderError::Hold(_)
            | OrderError::Succession(_)
            | OrderError::NotWritten(_) => Self::NotYet(error),
            OrderError::NotHeld => Self::AlreadySo("the device is not in quarantine"),
            OrderError::Revocation(_) => Self::AlreadySo("no page revokes for good"),
            OrderError::NobodyWaits => Self::AlreadySo("nobody waits under that number any more"),
        }
    }
}
