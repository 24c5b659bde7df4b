//! The web side: pages for people and an interface for programs, over what the run loop shows.
//!
//! Nothing is decided here. Reads come from the newest snapshot and the store; whatever changes the
//! mesh goes to the run loop as an order; only logins and the audit trail are written directly.

pub mod ddi;
pub mod doors;
pub mod error;
pub mod metrics;

mod acts;
pub(crate) mod api;
mod appeal;
mod assets;
mod caller;
mod chronicle;
mod contact;
mod cors;
mod entrance;
mod events;
mod feed;
mod fleet;
mod forms;
mod frame;
mod gate;
pub mod head;
mod headers;
mod health;
pub(crate) mod known;
mod neighbours;
mod observations;
mod offers;
mod origin;
mod pace;
mod pages;
mod places;
mod rest;
mod risk;
mod seat;
pub(crate) mod session;
mod silence;
mod suspicion;
pub(crate) mod system;
mod tongue;
mod trail;
mod tuf;
mod upload;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::middleware::{from_fn, from_fn_with_state};
use language::present::{present, speaking};
use mesh::wall;
use protocol::coordinator::Event;
use protocol::id::{DeviceId, MeshId};
use protocol::text::Name;
use protocol::time::Timestamp;
use tokio::sync::{Mutex, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::bulletin::Bulletin;
use crate::command::Commands;
use crate::delivery::Delivery;
use crate::evidence::Documents;
use crate::factors::Demand;
use crate::jwt::TokenDesk;
use crate::live::{Live, LiveHandle};
use crate::logbook::Logbook;
use crate::mesh_name::MeshName;
use crate::orders::Orders;
use crate::passkeys::challenge::Challenges;
use crate::releases::Releases;
use crate::report::Reporter;
use crate::risk::Risk;
use crate::scans::Scans;
use crate::store::fault::ChangeError;
use crate::store::{Changes, Reader, Writer};
use error::WebError;
use metrics::Metrics;
use origin::RequestIds;
use session::limits::Limit;
use session::password::PasswordDesk;

pub(crate) use caller::AtTheConsole;
pub use caller::Need;
pub use session::password::{kept_form, takes_hash};
pub use session::{ABSOLUTE, COOKIE_NAME, IDLE};

/// Bytes of a request's body, whatever it carries.
const BODY: usize = 1024 * 1024;
/// Bytes of a form or a JSON document.
const DOCUMENT: usize = 64 * 1024;
/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of a form with files in it, and how long it may take to come and be answered.
const FILES: usize = 544 * 1024 * 1024;
const FILES_PATIENCE: Duration = Duration::from_secs(3600);

/// What the web side is given.
#[derive(Debug)]
pub struct Sources {
    pub live: LiveHandle,
    pub orders: Orders,
    pub events: broadcast::Sender<Event>,
    pub reader: Reader,
    pub writer: Writer,
    pub facts: MeshFacts,
    /// The run loop counts into the same ones.
    pub metrics: Arc<Metrics>,
    pub releases: Releases,
    pub logbook: Logbook,
    /// Alerts are read from its bulletin.
    pub delivery: Delivery,
    pub risk: Risk,
    pub scans: Scans,
    pub commands: Commands,
    pub reporter: Reporter,
    /// Where `oidc.toml` lies, if logins at a provider are wanted.
    pub home: Option<PathBuf>,
    /// By which requests are paced: wall time, but where a test wants it to stand still.
    pub clock: fn() -> Timestamp,
    /// Ends the event streams, so that the listener can stop.
    pub stopping: CancellationToken,
}

/// What is known of the mesh and of this coordinator.
#[derive(Debug, Clone)]
pub struct MeshFacts {
    pub id: MeshId,
    /// What people call the mesh.
    pub name: MeshName,
    /// The names under which people open the pages.
    pub names: BTreeSet<String>,
    /// Who has to show more than a password.
    pub second_factor: Demand,
    /// Where nodes reach the coordinator.
    pub address: String,
    pub started: Timestamp,
    pub version: &'static str,
    /// The store's file, to tell its size and the room beside it.
    pub store: Option<PathBuf>,
    /// What makes a proof verify elsewhere.
    pub documents: Arc<Documents>,
    /// Origins of other pages that may use the interface with a token.
    pub api_origins: Arc<[HeaderValue]>,
    /// Where weaknesses are reported.
    pub security_contact: Option<Arc<str>>,
    /// Whether everything in the store was invented.
    pub demonstration: bool,
}

/// Small handles to everything that handlers need.
#[derive(Debug, Clone)]
pub struct Web {
    live: LiveHandle,
    orders: Orders,
    events: broadcast::Sender<Event>,
    reader: Reader,
    writer: Writer,
    facts: Arc<MeshFacts>,
    metrics: Arc<Metrics>,
    releases: Releases,
    logbook: Logbook,
    delivery: Delivery,
    bulletin: Bulletin,
    risk: Risk,
    scans: Scans,
    commands: Commands,
    reporter: Reporter,
    guards: Arc<Guards>,
    notes: Arc<Notes>,
    feed: Arc<feed::Feed>,
    tokens: Arc<TokenDesk>,
    challenges: Arc<Challenges>,
    home: Option<Arc<PathBuf>>,
    stopping: CancellationToken,
}

/// What bounds what strangers can make us do.
#[derive(Debug)]
struct Guards {
    /// By which requests are paced.
    clock: fn() -> Timestamp,
    passwords: PasswordDesk,
    logins: entrance::Attempts,
    requests: gate::Requests,
    identities: Limit<Name>,
    devices: Limit<DeviceId>,
    /// Refusals that reach the log, so that nobody makes it grow at will.
    refusals: Limit<()>,
    streams: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    answers: api::idempotency::Answers,
    /// Of those who change something under a condition, one at a time.
    alone: Arc<Mutex<()>>,
}

/// What is remembered while the coordinator runs, and need not survive it.
#[derive(Debug, Default)]
struct Notes {
    flashes: frame::Flashes,
    offers: offers::Offers,
    oidc: crate::oidc::Logins,
    slips: pages::device_new::Slips,
    chronicle: chronicle::Chronicle,
    known: known::KnownDevices,
    verdict: pages::audit::LastVerdict,
    proposal: pages::rotation::Waiting,
}

impl Web {
    /// Begins to follow the mesh's events; needs a running tokio.
    pub fn new(sources: Sources) -> Self {
        let tokens = TokenDesk::new(&sources.reader.token_seed(), &sources.facts.id.to_string());
        let challenges = Challenges::begun(sources.reader.token_seed().as_slice(), wall());
        let web = Self {
            live: sources.live,
            orders: sources.orders,
            events: sources.events,
            reader: sources.reader,
            writer: sources.writer,
            facts: Arc::new(sources.facts),
            metrics: sources.metrics,
            releases: sources.releases,
            logbook: sources.logbook,
            bulletin: sources.delivery.bulletin().clone(),
            delivery: sources.delivery,
            risk: sources.risk,
            scans: sources.scans,
            commands: sources.commands,
            reporter: sources.reporter,
            guards: Arc::new(Guards {
                clock: sources.clock,
                passwords: PasswordDesk::default(),
                logins: entrance::Attempts::new(sources.clock),
                requests: gate::Requests::default(),
                identities: gate::accounts(),
                devices: gate::devices(),
                refusals: error::dress::refusals(),
                streams: Arc::new(Semaphore::new(events::STREAMS)),
                uploads: Arc::new(Semaphore::new(upload::AT_ONCE)),
                answers: api::idempotency::Answers::default(),
                alone: Arc::default(),
            }),
            notes: Arc::new(Notes::default()),
            feed: Arc::new(feed::Feed::begun(wall())),
            tokens: Arc::new(tokens),
            challenges: Arc::new(challenges),
            home: sources.home.map(Arc::new),
            stopping: sources.stopping,
        };
        // Ends with the token, or when the run loop drops its end of the channel.
        tokio::spawn(chronicle::follow(web.clone(), web.events.subscribe()));
        web
    }

    fn snapshot(&self) -> Arc<Live> {
        Arc::clone(&self.live.borrow())
    }

    /// Reads that may take a moment, beside the threads that answer, in the language of whoever asks.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, WebError> + Send + 'static,
    ) -> Result<T, WebError> {
        let (web, language) = (self.clone(), present());
        let done = tokio::task::spawn_blocking(move || speaking(language, || read(&web))).await;
        done.map_err(|_| WebError::Broken)?
    }

    /// One durable transaction.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Changes<'_>) -> Result<T, ChangeError> + Send + 'static,
    ) -> Result<T, WebError> {
        let writer = self.writer.clone();
        let done = tokio::task::spawn_blocking(move || writer.write(change)).await;
        Ok(done.map_err(|_| WebError::Broken)??)
    }
}

/// The service of the people listener.
pub fn router(web: Web) -> Router {
    let routes = doors::open(&web)
        .fallback(no_such_page)
        .layer(DefaultBodyLimit::max(DOCUMENT))
        .layer(RequestBodyLimitLayer::new(BODY))
        .layer(from_fn(rest::read_first))
        .layer(timeout(PATIENCE));
    let uploads = doors::uploads(&web)
        .layer(DefaultBodyLimit::max(FILES))
        .layer(RequestBodyLimitLayer::new(FILES))
        .layer(from_fn(rest::read_first))
        .layer(timeout(FILES_PATIENCE));
    let routes = routes.merge(uploads).with_state(web.clone());
    let metrics = Arc::clone(&web.metrics);
    let catch = move |payload| {
        metrics.panicked();
        panicked(payload)
    };
    let origins = Arc::clone(&web.facts.api_origins);
    routes
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(Arc::clone(&origins), cors::let_in))
        .layer(from_fn_with_state(web.clone(), gate::pace))
        .layer(CatchPanicLayer::custom(catch))
        .layer(from_fn(head::fits))
        .layer(from_fn_with_state(web.clone(), error::dress::dress))
        .layer(from_fn(tongue::speak))
        .layer(from_fn_with_state(web, metrics::count))
        .layer(from_fn(headers::guard))
        .layer(cors::layer(&origins))
        .layer(CompressionLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(headers::span))
        .layer(SetSensitiveRequestHeadersLayer::new([
            AUTHORIZATION,
            COOKIE,
        ]))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(RequestIds))
}

fn timeout(patience: Duration) -> TimeoutLayer {
    TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, patience)
}

async fn no_such_page() -> WebError {
    WebError::NoSuchPage
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the payload over"
)]
fn panicked(payload: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let words = payload.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| payload.downcast_ref::<&str>().copied());
    tracing::error!(
        panic = words.unwrap_or("without words"),
        "a request panicked"
    );
    axum::response::IntoResponse::into_response(WebError::Broken)
}
